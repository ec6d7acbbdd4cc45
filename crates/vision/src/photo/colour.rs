//! Photos whose colours are not sRGB's: Display P3 of telephones, Adobe RGB and ProPhoto RGB of cameras and of programs
//! for them. What they give in docs/detection.md.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use image::RgbImage;
use moxcms::{
    ColorProfile, DataColorSpace, Layout, RenderingIntent, Transform8BitExecutor, TransformOptions,
};

/// By how many of 255 levels a profile may change colours at the most and still be taken for sRGB: its curve is written
/// in many ways, some of them near it only.
const SAME: u8 = 4;

/// Levels of each channel among the colours by which a profile is known.
const LEVELS: [u8; 5] = [0, 64, 128, 192, 255];

/// Pixels that are converted at a time: their other copy is to stay small.
const AT_ONCE: usize = 1 << 16;

/// Pixels as a file has them, and what it says of their colours.
pub(super) struct Stored {
    pub(super) image: RgbImage,
    /// The file's ICC profile, where its pixels are red, green and blue.
    pub(super) profile: Option<Vec<u8>>,
}

/// Converts pixels whose colours are those of an ICC profile to sRGB, with white staying white (ICC.1:2022,
/// media-relative colorimetric). They stay as they are, to the last bit, where the profile is sRGB's, is damaged, or is
/// none of three primaries and their curves, as scanners' and printers' are.
pub(super) fn to_srgb(image: &mut RgbImage, profile: &[u8]) {
    // It is data from outside, and its reader has a bug or other.
    let converted = catch_unwind(AssertUnwindSafe(|| {
        let transform = transform(profile)?;
        let mut buffer = vec![0; 3 * AT_ONCE];
        for pixels in image.chunks_mut(buffer.len()) {
            let buffer = &mut buffer[..pixels.len()];
            transform.transform(pixels, buffer).ok()?;
            pixels.copy_from_slice(buffer);
        }
        Some(())
    }));
    if !matches!(converted, Ok(Some(()))) {
        tracing::debug!("an ICC profile of {} bytes is not used", profile.len());
    }
}

/// How pixels are converted; `None` where they are not to be.
fn transform(profile: &[u8]) -> Option<Arc<Transform8BitExecutor>> {
    let profile = ColorProfile::new_from_slice(profile).ok()?;
    if profile.color_space != DataColorSpace::Rgb || !profile.is_matrix_shaper() {
        return None;
    }
    let options = TransformOptions {
        rendering_intent: RenderingIntent::RelativeColorimetric,
        ..TransformOptions::default()
    };
    let srgb = ColorProfile::new_srgb();
    let transform = profile
        .create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options)
        .ok()?;
    let colours: Vec<u8> = LEVELS
        .into_iter()
        .flat_map(|red| LEVELS.map(|green| LEVELS.map(|blue| [red, green, blue])))
        .flatten()
        .flatten()
        .collect();
    let mut converted = vec![0; colours.len()];
    transform.transform(&colours, &mut converted).ok()?;
    let pairs = || colours.chunks_exact(3).zip(converted.chunks_exact(3));
    let is_sane = pairs().all(|(from, to)| {
        let is_grey = from.iter().all(|level| *level == from[0]);
        !is_grey || is_grey_as(from[0], to)
    });
    let changes = pairs().any(|(from, to)| {
        let mut levels = from.iter().zip(to);
        levels.any(|(from, to)| from.abs_diff(*to) > SAME)
    });
    (is_sane && changes).then_some(transform)
}

/// Whether a grey of the level `from` has become a grey, black and white themselves.
fn is_grey_as(from: u8, to: &[u8]) -> bool {
    let near = |level: &u8| to.iter().all(|other| level.abs_diff(*other) <= SAME);
    let ends = from != 0 && from != 255;
    to.iter().all(near) && (ends || from.abs_diff(to[0]) <= SAME)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use image::codecs::{jpeg::JpegEncoder, png::PngEncoder};
    use image::{GrayImage, ImageEncoder, Rgb};
    use rand::{Rng, RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::photo::{Limits, decode, decode_as_stored};

    /// sRGB's red in each space, by the primaries of its standard.
    fn reds() -> [(&'static str, ColorProfile, [u8; 3]); 3] {
        [
            ("Display P3", ColorProfile::new_display_p3(), [234, 51, 35]),
            ("Adobe RGB", ColorProfile::new_adobe_rgb(), [219, 0, 0]),
            (
                "ProPhoto RGB",
                ColorProfile::new_pro_photo_rgb(),
                [179, 70, 26],
            ),
        ]
    }

    fn jpeg(image: &RgbImage, profile: Option<Vec<u8>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
        if let Some(profile) = profile {
            encoder.set_icc_profile(profile).unwrap();
        }
        encoder.encode_image(image).unwrap();
        bytes
    }

    fn png(image: &RgbImage, profile: Vec<u8>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_icc_profile(profile).unwrap();
        let (width, height) = image.dimensions();
        let colours = image::ExtendedColorType::Rgb8;
        encoder
            .write_image(image.as_raw(), width, height, colours)
            .unwrap();
        bytes
    }

    /// Converted, and as stored.
    fn both(bytes: &[u8]) -> [RgbImage; 2] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo");
        std::fs::write(&path, bytes).unwrap();
        let by = |decode: fn(&Path, &Limits) -> _| -> RgbImage {
            let image: Result<_, crate::photo::PhotoError> = decode(&path, &Limits::default());
            image.unwrap()
        };
        [by(decode), by(decode_as_stored)]
    }

    /// Colours of all kinds.
    fn picture() -> RgbImage {
        RgbImage::from_fn(64, 48, |x, y| {
            Rgb([(x * 4) as u8, (y * 5) as u8, ((x + y) * 2) as u8])
        })
    }

    #[test]
    fn a_colour_is_the_same_in_each_space() {
        for (name, profile, red) in reds() {
            let image = RgbImage::from_pixel(24, 16, Rgb(red));
            let profile = profile.encode().unwrap();
            for bytes in [jpeg(&image, Some(profile.clone())), png(&image, profile)] {
                let [found, _] = both(&bytes);
                let [r, g, b] = found.get_pixel(12, 8).0;
                assert!(r >= 250 && g <= 12 && b <= 12, "{name}: {r} {g} {b}");
            }
        }
    }

    #[test]
    fn greys_keep_their_tint_and_white_its_brightness() {
        for (name, profile, _) in reds() {
            for level in [0, 40, 128, 200, 255] {
                let mut image = RgbImage::from_pixel(1, 1, Rgb([level; 3]));
                to_srgb(&mut image, &profile.encode().unwrap());
                let found = image.get_pixel(0, 0).0;
                assert!(is_grey_as(level, &found), "{name}: {level} is {found:?}");
            }
        }
    }

    #[test]
    fn what_is_srgb_or_says_nothing_stays_exact() {
        let image = picture();
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        for profile in [None, Some(srgb)] {
            let [found, stored] = both(&jpeg(&image, profile));
            assert_eq!(found, stored);
        }
    }

    #[test]
    fn a_profile_of_another_kind_or_a_damaged_one_is_not_used() {
        let p3 = ColorProfile::new_display_p3().encode().unwrap();
        let grey = ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
        // A profile without one of its primaries' curves.
        let at = p3.windows(4).position(|tag| tag == b"gTRC").unwrap();
        let mut lacking = p3.clone();
        lacking[at..at + 4].copy_from_slice(b"none");
        for profile in [Vec::new(), p3[..p3.len() / 3].to_vec(), grey, lacking] {
            let mut image = picture();
            to_srgb(&mut image, &profile);
            assert_eq!(image, picture(), "{} bytes", profile.len());
        }
        // A grey picture has no colours to convert.
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new(&mut bytes);
        encoder.set_icc_profile(p3).unwrap();
        let grey = GrayImage::from_fn(20, 20, |x, y| [(x * y / 2) as u8].into());
        encoder.encode_image(&grey).unwrap();
        let [found, stored] = both(&bytes);
        assert_eq!(found, stored);
    }

    /// Profiles of more than 65,519 bytes are in several segments (ICC.1:2022, B.4).
    #[test]
    fn a_profile_in_several_segments_is_read() {
        let mut profile = ColorProfile::new_display_p3().encode().unwrap();
        profile.resize(150_000, 0);
        let length = (profile.len() as u32).to_be_bytes();
        profile[..4].copy_from_slice(&length);
        let bytes = jpeg(&picture(), Some(profile));
        let segments = bytes.windows(11).filter(|name| name == b"ICC_PROFILE");
        assert_eq!(segments.count(), 3);
        let [found, stored] = both(&bytes);
        assert_ne!(found, stored);
    }

    #[test]
    fn damage_is_no_error_and_no_panic() {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        for (_, profile, _) in reds() {
            let whole = profile.encode().unwrap();
            for _ in 0..1000 {
                let mut bytes = whole.clone();
                for _ in 0..random.random_range(1..6) {
                    let at = random.random_range(0..bytes.len());
                    bytes[at] = random.next_u32() as u8;
                }
                let mut image = picture();
                to_srgb(&mut image, &bytes);
                assert_eq!(image.dimensions(), picture().dimensions());
            }
        }
    }
}
