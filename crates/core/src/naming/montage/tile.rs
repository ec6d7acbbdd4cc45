//! One face with its number.

use std::io::Cursor;

use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageReader, Limits, Rgb, RgbImage, imageops};

use super::text;

/// Behind and between the tiles.
pub(super) const BACKGROUND: Rgb<u8> = Rgb([32, 32, 32]);

/// A face to draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tile<'a> {
    /// What its badge says, and what a person types to mean it.
    pub number: usize,
    /// Whether it may not belong to the others: a frame says so.
    pub odd: bool,
    /// The face, cut out of its photo, as a JPEG file.
    pub jpeg: &'a [u8],
}

/// Width and height of a tile, in pixels.
pub(super) const TILE: u32 = 128;

/// The tile of a face that cannot be shown.
const DAMAGED: Rgb<u8> = Rgb([128, 128, 128]);

/// Crops are a few hundred pixels wide; a file that claims more than this is not read.
const MOST_PIXELS: u32 = 4096;

/// Around a face that may not belong.
const ODD: Rgb<u8> = Rgb([255, 140, 0]);

/// How wide that is, in pixels.
const FRAME: u32 = 5;

/// Draws the face as large as fits, in the middle, and its number in the upper left corner.
pub(super) fn draw(tile: &Tile<'_>) -> RgbImage {
    let mut picture = plain(tile.jpeg);
    if tile.odd {
        for (x, y, pixel) in picture.enumerate_pixels_mut() {
            let inside = FRAME..TILE - FRAME;
            if !inside.contains(&x) || !inside.contains(&y) {
                *pixel = ODD;
            }
        }
    }
    badge(&mut picture, &tile.number.to_string());
    picture
}

/// Draws a face without a number.
pub(super) fn plain(jpeg: &[u8]) -> RgbImage {
    match decode(jpeg).as_ref().and_then(fit) {
        Some(face) => {
            let mut picture = RgbImage::from_pixel(TILE, TILE, BACKGROUND);
            let (left, top) = ((TILE - face.width()) / 2, (TILE - face.height()) / 2);
            imageops::replace(&mut picture, &face, left.into(), top.into());
            picture
        }
        None => RgbImage::from_pixel(TILE, TILE, DAMAGED),
    }
}

fn decode(jpeg: &[u8]) -> Option<DynamicImage> {
    let mut reader = ImageReader::with_format(Cursor::new(jpeg), ImageFormat::Jpeg);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MOST_PIXELS);
    limits.max_image_height = Some(MOST_PIXELS);
    reader.limits(limits);
    reader.decode().ok()
}

/// Scales `face` so that its longer side is [`TILE`] pixels.
fn fit(face: &DynamicImage) -> Option<RgbImage> {
    let longer = face.width().max(face.height());
    let scaled = |side: u32| {
        (side * TILE + longer / 2)
            .checked_div(longer)
            .map(|side| side.max(1))
    };
    let (width, height) = (scaled(face.width())?, scaled(face.height())?);
    let fitted = face.resize_exact(width, height, FilterType::Lanczos3);
    Some(fitted.into_rgb8())
}

/// Darkens the upper left corner and writes `number` on it.
fn badge(picture: &mut RgbImage, number: &str) {
    const MARGIN: u32 = 5;
    let width = (text::width(number) + 2 * MARGIN).min(TILE);
    let height = text::height();
    for y in 0..height {
        for x in 0..width {
            // A quarter of the face's light shines through.
            if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                pixel.0 = pixel.0.map(|channel| channel / 4);
            }
        }
    }
    text::draw(picture, number, MARGIN, 0);
}
