//! A file's pixels.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use image::RgbImage;
use image::metadata::Orientation;

use super::colour::{self, Stored};
use super::error::Failure;
use super::limits::Limits;
use super::sniff::begins;
use super::{Kind, PhotoError, jpeg, png, sniff};

/// The pixels of a JPEG or PNG file: 8-bit sRGB, EXIF orientation applied.
///
/// Those of [`decode_as_stored`], but for a file whose ICC profile says that its colours are others than sRGB's, such as
/// Display P3, Adobe RGB or ProPhoto RGB: they are converted.
///
/// # Errors
/// The file cannot be read, is something else, is cut off, damaged, or larger than `limits`.
pub fn decode(path: &Path, limits: &Limits) -> Result<RgbImage, PhotoError> {
    let Stored { mut image, profile } = stored(path, limits)?;
    if let Some(profile) = profile {
        colour::to_srgb(&mut image, &profile);
    }
    Ok(image)
}

/// The pixels of a JPEG or PNG file: 8-bit RGB of whatever colours it means, EXIF orientation applied.
///
/// As Pillow's `convert("RGB")` does: alpha is dropped, not blended; grey is repeated in three
/// channels; of 16 bits the upper 8 are kept; CMYK is converted.
///
/// # Errors
/// Those of [`decode`].
pub fn decode_as_stored(path: &Path, limits: &Limits) -> Result<RgbImage, PhotoError> {
    stored(path, limits).map(|stored| stored.image)
}

fn stored(path: &Path, limits: &Limits) -> Result<Stored, PhotoError> {
    let bytes = read(path, limits)?;
    let stored = match sniff(&bytes) {
        Kind::Jpeg => jpeg::decode(&bytes, limits),
        Kind::Png => png::decode(&bytes, limits),
        kind => {
            return Err(PhotoError::NotAPhoto {
                path: path.to_owned(),
                kind,
                begins: begins(&bytes),
            });
        }
    };
    let path = path.to_owned();
    stored.map_err(|failure| match failure {
        Failure::CutOff(what) => PhotoError::CutOff { path, what },
        Failure::Damaged(reason) => PhotoError::Damaged { path, reason },
        Failure::TooLarge(width, height) => PhotoError::TooLarge {
            path,
            found: format!("{width}x{height} pixels"),
            limit: format!("{} pixels", limits.max_pixels),
        },
    })
}

/// Checks that a file is a JPEG or PNG that decodes, and says how large it is: `(width, height)`
/// with the EXIF orientation applied. Decodes all of it.
///
/// # Errors
/// Those of [`decode`].
pub fn check(path: &Path, limits: &Limits) -> Result<(u32, u32), PhotoError> {
    decode_as_stored(path, limits).map(|image| image.dimensions())
}

/// By how many degrees a JPEG or PNG file says that it is to be turned clockwise: 0 where it says nothing. `None` where
/// it is to be mirrored.
///
/// # Errors
/// The file cannot be read.
pub fn exif_rotation(path: &Path, limits: &Limits) -> Result<Option<u16>, PhotoError> {
    let bytes = read(path, limits)?;
    let orientation = match sniff(&bytes) {
        Kind::Png => png::orientation(&bytes),
        _ => jpeg::orientation(&bytes),
    };
    Ok(match orientation {
        None | Some(Orientation::NoTransforms) => Some(0),
        Some(Orientation::Rotate90) => Some(90),
        Some(Orientation::Rotate180) => Some(180),
        Some(Orientation::Rotate270) => Some(270),
        Some(_) => None,
    })
}

fn read(path: &Path, limits: &Limits) -> Result<Vec<u8>, PhotoError> {
    let failed = |source| PhotoError::Io {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    File::open(path)
        .map_err(failed)?
        .take(limits.max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limits.max_bytes {
        return Err(PhotoError::TooLarge {
            path: path.to_owned(),
            found: format!("more than {} bytes", limits.max_bytes),
            limit: format!("{} bytes", limits.max_bytes),
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
