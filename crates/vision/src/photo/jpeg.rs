//! A JPEG's pixels, byte for byte those of libjpeg-turbo with its defaults (the accurate integer
//! transform, smooth chroma), which is what Pillow and dlib work on.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::codecs::jpeg::JpegDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, RgbImage};
use libjpeg_turbo_rs::{JpegError, PixelFormat, decompress_to};

use super::colour::Stored;
use super::error::Failure;
use super::exif;
use super::jpeg_cmyk;
use super::jpeg_scans::{Segments, Structure};
use super::limits::Limits;

/// 8-bit RGB, EXIF orientation applied.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored, Failure> {
    let structure = Structure::of(bytes).map_err(Failure::CutOff)?;
    let (width, height) = (structure.width, structure.height);
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(Failure::TooLarge(width, height));
    }
    // A header alone could claim 100 million pixels, and have memory set aside for them.
    let least = least_bytes(width, height);
    if (bytes.len() as u64) < least {
        return Err(Failure::Damaged(format!(
            "{width}x{height} pixels in {} bytes, expected {least} at least",
            bytes.len()
        )));
    }
    let Stored { image, profile } = match structure.components {
        4 => Stored {
            image: four_components(bytes, limits, u64::from(width) * u64::from(height))?,
            profile: None, // of inks
        },
        _ => three_components(bytes, structure)?,
    };
    let mut image = DynamicImage::from(image);
    if let Some(orientation) = orientation(bytes) {
        image.apply_orientation(orientation);
    }
    Ok(Stored {
        image: image.into_rgb8(),
        profile,
    })
}

/// How it says that it is to be turned to be shown.
pub(super) fn orientation(bytes: &[u8]) -> Option<Orientation> {
    exif::orientation_of_jpeg(Segments::new(bytes))
}

/// Fewer bytes than a JPEG of this size can have: each block of 8x8 pixels takes a bit at least, the shortest code of
/// its mean (ITU-T T.81, F.1.2.1). Half of that, to be on the safe side; real encoders write ten times as much for a
/// picture of one colour.
pub(super) fn least_bytes(width: u32, height: u32) -> u64 {
    u64::from(width).div_ceil(8) * u64::from(height).div_ceil(8) / 16
}

/// Grey, too. Nothing is filled in: what lacks a part is an error.
fn three_components(bytes: &[u8], structure: Structure) -> Result<Stored, Failure> {
    let decoded = catch_unwind(AssertUnwindSafe(|| decompress_to(bytes, PixelFormat::Rgb)));
    let image = match decoded {
        Ok(Ok(image)) => image,
        Ok(Err(JpegError::UnexpectedEof)) => {
            return Err(ends_early());
        }
        Ok(Err(error)) => {
            let what = structure.process();
            return Err(Failure::Damaged(format!("{what}: {error}")));
        }
        Err(_) => {
            return Err(Failure::Damaged(format!(
                "{}: its decoder failed",
                structure.process()
            )));
        }
    };
    let sides = [image.width, image.height].map(|side| u32::try_from(side).unwrap_or(0));
    let [width, height] = sides;
    let pixels = RgbImage::from_raw(width, height, image.data).ok_or_else(|| {
        Failure::Damaged(format!(
            "{}: not as many pixels as {width}x{height}",
            structure.process()
        ))
    })?;
    let profile = image.icc_profile.filter(|_| structure.components == 3);
    Ok(Stored {
        image: pixels,
        profile,
    })
}

fn ends_early() -> Failure {
    Failure::CutOff("the picture's data ends before its last pixel".to_owned())
}

/// CMYK and YCCK, rare in photos: the common form of YCCK exactly, others by `image`.
fn four_components(bytes: &[u8], limits: &Limits, pixels: u64) -> Result<RgbImage, Failure> {
    let ycck = catch_unwind(AssertUnwindSafe(|| jpeg_cmyk::ycck(bytes, pixels)));
    match ycck {
        Ok(Ok(Some(image))) => return Ok(image),
        Ok(Err(JpegError::UnexpectedEof)) => return Err(ends_early()),
        _ => {}
    }
    let damaged = |error: image::ImageError| Failure::Damaged(format!("a JPEG in CMYK: {error}"));
    let mut decoder = JpegDecoder::new(Cursor::new(bytes)).map_err(damaged)?;
    decoder.set_limits(limits.for_decoder()).map_err(damaged)?;
    let image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    Ok(image.into_rgb8())
}
