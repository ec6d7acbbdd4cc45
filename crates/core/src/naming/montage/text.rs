//! Numbers and one line of words on a picture.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, ScaleFont, point};
use image::{Rgb, RgbImage};

/// Height of the letters, from the top of the highest to the bottom of the lowest, in pixels.
const SIZE: f32 = 22.0;

const INK: Rgb<u8> = Rgb([255, 255, 255]);

/// Hack (MIT and Bitstream Vera licences): made for digits that are told apart at a glance.
static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(epaint_default_fonts::HACK_REGULAR)
        .expect("the font is part of the program")
});

/// The glyphs of `text` side by side, the first at 0, the tops of the highest at 0, and their width
/// in pixels.
fn glyphs(text: &str) -> (Vec<Glyph>, f32) {
    let font = FONT.as_scaled(SIZE);
    let mut right = 0.0;
    let mut glyphs = Vec::new();
    for letter in text.chars() {
        let mut glyph = font.scaled_glyph(letter);
        glyph.position = point(right, font.ascent());
        right += font.h_advance(glyph.id);
        glyphs.push(glyph);
    }
    (glyphs, right)
}

/// Width of `text` in pixels, rounded up.
pub(super) fn width(text: &str) -> u32 {
    glyphs(text).1.ceil() as u32
}

/// Height of any line, in pixels, rounded up.
pub(super) fn height() -> u32 {
    FONT.as_scaled(SIZE).height().ceil() as u32
}

/// Draws `text` in white with its corner at `left`, `top`; what lies outside is cut off.
pub(super) fn draw(picture: &mut RgbImage, text: &str, left: u32, top: u32) {
    for glyph in glyphs(text).0 {
        let Some(outline) = FONT.outline_glyph(glyph) else {
            continue;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|x, y, coverage| {
            let x = i64::from(left) + corner.x as i64 + i64::from(x);
            let y = i64::from(top) + corner.y as i64 + i64::from(y);
            let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
                return;
            };
            if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
                for (channel, ink) in pixel.0.iter_mut().zip(INK.0) {
                    let mixed = f32::from(*channel) * (1.0 - coverage) + f32::from(ink) * coverage;
                    // A cast to u8 stops at 0 and 255.
                    *channel = mixed.round() as u8;
                }
            }
        });
    }
}

/// Draws `text` in the middle of the band of `band` pixels below `top`.
pub(super) fn draw_centred(picture: &mut RgbImage, text: &str, top: u32, band: u32) {
    let left = picture.width().saturating_sub(width(text)) / 2;
    draw(picture, text, left, top + band.saturating_sub(height()) / 2);
}
