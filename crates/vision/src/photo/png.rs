//! A PNG's pixels, by `image`.

use std::borrow::Cow;
use std::io::Cursor;

use image::codecs::png::PngDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageBuffer, ImageDecoder, ImageError, Rgb, RgbImage};

use super::colour::Stored;
use super::error::Failure;
use super::exif;
use super::limits::Limits;

/// The last chunk: no content, its name and its checksum (PNG specification, 11.2.5).
const END: &[u8] = b"\0\0\0\0IEND\xae\x42\x60\x82";

/// Bytes before the first chunk.
const SIGNATURE: usize = 8;

/// 8-bit RGB, EXIF orientation applied.
pub(super) fn decode(bytes: &[u8], limits: &Limits) -> Result<Stored, Failure> {
    let whole = with_end(bytes).map_err(Failure::CutOff)?;
    let damaged = |error: ImageError| Failure::Damaged(format!("a PNG: {error}"));
    let mut decoder =
        PngDecoder::with_limits(Cursor::new(&*whole), limits.for_decoder()).map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits.max_pixels {
        return Err(Failure::TooLarge(width, height));
    }
    decoder.set_limits(limits.for_decoder()).map_err(damaged)?;
    // A damaged one is none.
    let profile = decoder.icc_profile().ok().flatten();
    let image = DynamicImage::from_decoder(decoder).map_err(damaged)?;
    let profile = profile.filter(|_| image.color().has_color());
    let mut image = DynamicImage::from(rgb8(image));
    if let Some(orientation) = orientation(&whole) {
        image.apply_orientation(orientation);
    }
    Ok(Stored {
        image: image.into_rgb8(),
        profile,
    })
}

/// How it says that it is to be turned to be shown.
pub(super) fn orientation(bytes: &[u8]) -> Option<Orientation> {
    exif::orientation_of_png(chunks(bytes).map_while(Result::ok))
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

/// The file with its end chunk, which some programs leave out: where all else is there, so is the picture.
///
/// # Errors
/// What is missing, for a message.
fn with_end(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let mut has_data = false;
    for chunk in chunks(bytes) {
        match &chunk?.0 {
            b"IEND" => return Ok(Cow::Borrowed(bytes)),
            b"IDAT" => has_data = true,
            _ => {}
        }
    }
    if !has_data {
        return Err(format!("no IDAT chunk in {} bytes", bytes.len()));
    }
    Ok(Cow::Owned([bytes, END].concat()))
}

/// Names and contents of the chunks, up to the end chunk (PNG specification, 5.3); an error where one reaches
/// past the end of the file.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = Result<([u8; 4], &[u8]), String>> {
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let at = bytes.len() - rest.len();
        let &[a, b, c, d, e, f, g, h, ref after @ ..] = rest else {
            let cut = format!("{} bytes of a chunk at byte {at}", rest.len());
            return (!std::mem::take(&mut rest).is_empty()).then_some(Err(cut));
        };
        let (length, name) = (u32::from_be_bytes([a, b, c, d]) as usize, [e, f, g, h]);
        let Some((content, after)) = after
            .split_at_checked(length)
            .filter(|(_, after)| after.len() >= 4)
        else {
            rest = &[];
            return Some(Err(format!(
                "chunk {} at byte {at} ends at byte {}, the file at {}",
                name.escape_ascii(),
                at.saturating_add(length).saturating_add(12),
                bytes.len()
            )));
        };
        // The checksum follows; nothing follows the end chunk.
        rest = if name == *b"IEND" { &[] } else { &after[4..] };
        Some(Ok((name, content)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(name: &[u8; 4], length: usize) -> Vec<u8> {
        let mut bytes = (length as u32).to_be_bytes().to_vec();
        bytes.extend(name);
        bytes.extend(vec![0; length + 4]);
        bytes
    }

    #[test]
    fn a_png_needs_its_chunks_but_not_its_end() {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        bytes.extend(chunk(b"IHDR", 13));
        let header = bytes.len();
        bytes.extend(chunk(b"IDAT", 40));
        let data = bytes.len();
        bytes.extend(chunk(b"IEND", 0));
        assert_eq!(with_end(&bytes).unwrap(), bytes);
        for length in 8..bytes.len() {
            let whole = with_end(&bytes[..length]);
            assert_eq!(whole.is_ok(), length == data, "cut after {length} bytes");
        }
        assert_eq!(with_end(&bytes[..data]).unwrap().len(), bytes.len());
        assert_eq!(
            with_end(&bytes[..header]).unwrap_err(),
            "no IDAT chunk in 33 bytes"
        );
        bytes.extend(b"more");
        assert_eq!(with_end(&bytes).unwrap(), bytes);
    }
}
