//! Pixels as a JPEG.

use image::{ImageResult, RgbImage, codecs::jpeg::JpegEncoder};

/// A JPEG of a quality from 1 to 100; contains no metadata.
///
/// # Errors
/// The picture has no pixels, or more than 65,535 on a side.
pub fn encode(picture: &RgbImage, quality: u8) -> ImageResult<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(picture)?;
    Ok(jpeg)
}
