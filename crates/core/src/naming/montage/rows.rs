//! A screen of rows: on the left faces of somebody who is known, on the right those that may be the same person's.

use image::{RgbImage, imageops};

use super::{
    grid::GAP,
    text,
    tile::{self, BACKGROUND, TILE, Tile},
};

/// A row to draw: its number, and the JPEG files on both sides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    /// What is typed to mean the row.
    pub number: usize,
    /// The faces on the left.
    pub known: &'a [Vec<u8>],
    /// The faces on the right, which have numbers of their own from 1.
    pub asked: &'a [Vec<u8>],
}

/// Faces on the left.
pub(crate) const KNOWN: usize = 3;

/// Between the sides, in pixels.
const BETWEEN: u32 = TILE / 4;

/// Room for a row's number, in pixels.
const NUMBER: u32 = TILE / 2;

/// Draws rows below each other, [`KNOWN`] faces and `across` others in a line; a row with more goes on in the next line.
#[must_use]
pub(crate) fn draw(rows: &[Row<'_>], across: usize) -> RgbImage {
    let across = across.max(1);
    let lines = |row: &Row<'_>| row.asked.len().div_ceil(across).max(1) as u32;
    let height: u32 = rows.iter().map(lines).sum::<u32>() * (TILE + GAP) + GAP;
    let place = |tiles: usize| tiles as u32 * (TILE + GAP);
    let right = NUMBER + place(KNOWN) + BETWEEN;
    let mut picture = RgbImage::from_pixel(right + place(across) + GAP, height, BACKGROUND);
    let mut top = GAP;
    for row in rows {
        let middle = top + (TILE - text::height()) / 2;
        text::draw(&mut picture, &row.number.to_string(), GAP, middle);
        for (index, jpeg) in row.known.iter().take(KNOWN).enumerate() {
            let left = NUMBER + place(index);
            imageops::replace(&mut picture, &tile::plain(jpeg), left.into(), top.into());
        }
        for (index, jpeg) in row.asked.iter().enumerate() {
            let left = right + place(index % across);
            let top = top + place(index / across);
            let number = index + 1;
            // One face is the row: it needs no number.
            let face = match row.asked.len() {
                1 => tile::plain(jpeg),
                _ => tile::draw(&Tile {
                    number,
                    odd: false,
                    jpeg,
                }),
            };
            imageops::replace(&mut picture, &face, left.into(), top.into());
        }
        top += lines(row) * (TILE + GAP);
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::encode;
    use image::Rgb;

    #[test]
    fn known_faces_stand_left_and_asked_ones_right() {
        let jpeg = |colour| encode(&RgbImage::from_pixel(64, 64, Rgb(colour)), 95).unwrap();
        let (red, blue, green) = (jpeg([200, 0, 0]), jpeg([0, 0, 200]), jpeg([0, 200, 0]));
        let (known, five, one) = (vec![red], vec![blue; 5], vec![green]);
        let rows = [
            Row {
                number: 1,
                known: &known,
                asked: &five,
            },
            Row {
                number: 2,
                known: &known,
                asked: &one,
            },
        ];
        let picture = draw(&rows, 4);
        // Five faces take two lines of four.
        assert_eq!(picture.height(), 3 * (TILE + GAP) + GAP);
        let middle = |left: u32, line: u32| {
            let top = GAP + line * (TILE + GAP) + TILE / 2;
            let pixel = picture.get_pixel(left + TILE / 2, top).0;
            pixel.map(|channel| channel > 100)
        };
        let right = NUMBER + KNOWN as u32 * (TILE + GAP) + BETWEEN;
        let (is_red, is_green, is_blue) = (
            [true, false, false],
            [false, true, false],
            [false, false, true],
        );
        let found = [
            middle(NUMBER, 0),
            middle(right, 0),
            middle(right, 1),
            middle(NUMBER, 2),
            middle(right, 2),
        ];
        assert_eq!(found, [is_red, is_blue, is_blue, is_red, is_green]);
        // Nothing is known twice, and the line after the fifth face is empty.
        assert_eq!(middle(NUMBER, 1), [false; 3]);
        assert_eq!(middle(right + TILE + GAP, 1), [false; 3]);
    }
}
