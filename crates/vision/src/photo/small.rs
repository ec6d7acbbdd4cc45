//! A photo made small, for lists.

use std::path::Path;

use image::imageops;

use super::{Limits, PhotoError, decode, encode};

const QUALITY: u8 = 82;

/// The photo in a file as a JPEG whose longer side is `side` pixels, or as it is where that is shorter.
/// EXIF orientation applied; contains no metadata.
///
/// # Errors
/// As [`decode`].
pub fn small(path: &Path, limits: &Limits, side: u32) -> Result<Vec<u8>, PhotoError> {
    let photo = decode(path, limits)?;
    let longest = u64::from(photo.width().max(photo.height()).max(1));
    let scaled = |length: u32| {
        let length = u64::from(length) * longest.min(u64::from(side)) / longest;
        length.max(1) as u32
    };
    let (width, height) = (scaled(photo.width()), scaled(photo.height()));
    // Three times as fast as `imageops::resize`, and a list shows dozens at once.
    let small = imageops::thumbnail(&photo, width, height);
    encode(&small, QUALITY).map_err(|error| PhotoError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use image::{Rgb, RgbImage};
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn the_longer_side_is_bounded_and_the_shape_kept() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("1.png");
        for (size, expected) in [
            ((1024, 768), (360, 270)),
            ((600, 1200), (180, 360)),
            ((100, 80), (100, 80)),
            ((2000, 1), (360, 1)),
            ((360, 361), (359, 360)),
        ] {
            let green = Rgb([20, 200, 40]);
            let photo = RgbImage::from_pixel(size.0, size.1, green);
            photo.save(&file).unwrap();
            let jpeg = small(&file, &Limits::default(), 360).unwrap();
            assert!(jpeg.starts_with(&[0xFF, 0xD8]), "{size:?}");
            let small = image::load_from_memory(&jpeg).unwrap().into_rgb8();
            assert_eq!(small.dimensions(), expected, "{size:?}");
            let near = |pixel: &Rgb<u8>| (0..3).all(|at| pixel[at].abs_diff(green[at]) < 8);
            assert!(small.pixels().all(near), "{size:?}");
        }
        fs::write(&file, b"no photo").unwrap();
        let error = small(&file, &Limits::default(), 360).unwrap_err();
        assert!(matches!(error, PhotoError::NotAPhoto { .. }), "{error}");
    }
}
