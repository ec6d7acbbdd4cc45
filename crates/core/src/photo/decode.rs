//! A file's pixels.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageError, ImageResult, Rgb, RgbImage};

use super::sniff::begins;
use super::{Kind, PhotoError, sniff, whole};

/// What a file may have at most, against files made to fill the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pixels of the picture: width times height.
    pub max_pixels: u64,
    /// Bytes of the file.
    pub max_bytes: u64,
}

impl Limits {
    /// The decoder's own memory: its output in the widest form (16-bit RGBA) and as much again.
    fn max_alloc(self) -> u64 {
        self.max_pixels.saturating_mul(16).saturating_add(1 << 20)
    }
}

impl Default for Limits {
    /// 100 megapixels, 400 MB: more than any camera's photo at a size that Flickr serves.
    fn default() -> Self {
        Self {
            max_pixels: 100_000_000,
            max_bytes: 400_000_000,
        }
    }
}

/// The pixels of a JPEG or PNG file: 8-bit RGB, EXIF orientation applied.
///
/// As Pillow's `convert("RGB")` does: alpha is dropped, not blended; grey is repeated in three
/// channels; of 16 bits the upper 8 are kept; CMYK is converted.
///
/// # Errors
/// The file cannot be read, is something else, is cut off, damaged, or larger than `limits`.
pub fn decode(path: &Path, limits: &Limits) -> Result<RgbImage, PhotoError> {
    let bytes = read(path, limits)?;
    let damaged = |error: ImageError| PhotoError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let kind = sniff(&bytes);
    let complete = match kind {
        Kind::Jpeg => whole::jpeg(&bytes),
        Kind::Png => whole::png(&bytes),
        Kind::Gif | Kind::Html | Kind::Empty | Kind::Other => {
            return Err(PhotoError::NotAPhoto {
                path: path.to_owned(),
                kind,
                begins: begins(&bytes),
            });
        }
    };
    complete.map_err(|what| PhotoError::CutOff {
        path: path.to_owned(),
        what,
    })?;
    let decoder: Box<dyn ImageDecoder + '_> = if kind == Kind::Jpeg {
        Box::new(JpegDecoder::new(Cursor::new(&bytes)).map_err(damaged)?)
    } else {
        let limits = image_limits(limits);
        Box::new(PngDecoder::with_limits(Cursor::new(&bytes), limits).map_err(damaged)?)
    };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(PhotoError::TooLarge {
            path: path.to_owned(),
            found: format!("{width}x{height} pixels"),
            limit: format!("{} pixels", limits.max_pixels),
        });
    }
    pixels(decoder, limits).map_err(damaged)
}

/// Checks that a file is a JPEG or PNG that decodes, and says how large it is: `(width, height)`
/// with the EXIF orientation applied. Decodes all of it.
///
/// # Errors
/// Those of [`decode`].
pub fn check(path: &Path, limits: &Limits) -> Result<(u32, u32), PhotoError> {
    decode(path, limits).map(|image| image.dimensions())
}

fn image_limits(limits: &Limits) -> image::Limits {
    let mut image_limits = image::Limits::no_limits();
    image_limits.max_alloc = Some(limits.max_alloc());
    image_limits
}

fn pixels(mut decoder: Box<dyn ImageDecoder + '_>, limits: &Limits) -> ImageResult<RgbImage> {
    decoder.set_limits(image_limits(limits))?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from(rgb8(DynamicImage::from_decoder(decoder)?));
    image.apply_orientation(orientation);
    Ok(image.into_rgb8())
}

/// 8-bit RGB of any image; `image` itself would round 16 bits to 8 where Pillow cuts.
fn rgb8(image: DynamicImage) -> RgbImage {
    match image {
        DynamicImage::ImageLuma16(_)
        | DynamicImage::ImageLumaA16(_)
        | DynamicImage::ImageRgb16(_)
        | DynamicImage::ImageRgba16(_) => {
            let wide = image.into_rgb16();
            ImageBuffer::from_fn(wide.width(), wide.height(), |x, y| {
                Rgb(wide.get_pixel(x, y).0.map(|value| (value >> 8) as u8))
            })
        }
        image => image.into_rgb8(),
    }
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
