//! Faces in a terminal that has no graphics: each as many half blocks as a face needs to be known by, its number
//! below it as text.

use std::{
    error::Error,
    io::{self, Write},
};

use image::{RgbImage, imageops};

use crate::text::{cut, width};

/// Why something cannot be shown.
pub(super) type Cause = Box<dyn Error + Send + Sync>;

/// Rows left free below the picture for the question and its suggestions.
pub(super) const ROWS_BELOW: u32 = 10;

/// Pixels a side, two of them in a cell's height. With fewer, faces are not told apart.
const LEAST_SIDE: u32 = 24;
/// More shows no more of a crop.
const MOST_SIDE: u32 = 48;
/// Between two tiles, in columns.
const GAP: u32 = 2;

/// Tiles of one size: as many as a terminal has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    side: u32,
    across: u32,
    down: u32,
}

/// A face to draw.
#[derive(Debug, Clone)]
pub struct Tile {
    /// What stands below it.
    pub label: String,
    /// Its picture, a JPEG; what cannot be decoded is grey.
    pub jpeg: Vec<u8>,
}

impl Grid {
    /// For a terminal of some cells, with room for a question: as many faces as can be told apart, and these as large
    /// as there is room.
    pub(super) fn of((columns, rows): (u32, u32)) -> Self {
        let rows = rows.saturating_sub(ROWS_BELOW);
        // A row of tiles has a row of numbers below.
        let down = |side: u32| (rows / (side / 2 + 1)).max(1);
        let across = |side: u32| (columns / (side + GAP)).max(1);
        let is_high_enough = |side: &u32| *side == LEAST_SIDE || side / 2 < rows;
        let side = (LEAST_SIDE..=MOST_SIDE)
            .step_by(2)
            .filter(is_high_enough)
            .filter(|&side| across(side) * down(side) == across(LEAST_SIDE) * down(LEAST_SIDE))
            .max()
            .unwrap_or(LEAST_SIDE);
        Self {
            side: side.min(columns.max(2)),
            across: across(side),
            down: down(side),
        }
    }

    /// Faces that stand side by side.
    #[must_use]
    pub fn across(self) -> usize {
        self.across as usize
    }

    /// Rows of faces.
    #[must_use]
    pub fn down(self) -> usize {
        self.down as usize
    }

    /// What is shown at once of several `lines`: as many of the first of each as there is room for, each line in rows of its
    /// own where there are rows for all.
    #[must_use]
    pub fn chosen<T>(self, lines: Vec<Vec<T>>) -> Vec<Vec<T>> {
        let count = lines.len().max(1);
        let down = self.down() / count;
        if down == 0 {
            let most = (self.across() / count).max(1);
            let some = lines
                .into_iter()
                .flat_map(|line| line.into_iter().take(most));
            return vec![some.collect()];
        }
        let most = down * self.across();
        let some = lines
            .into_iter()
            .map(|line| line.into_iter().take(most).collect());
        some.collect()
    }

    /// How many faces are shown at once.
    #[must_use]
    pub fn faces(self) -> usize {
        (self.across * self.down) as usize
    }
}

/// Draws faces below the cursor, from left to right.
pub(super) fn draw(tiles: &[Tile], grid: Grid) -> Result<(), Cause> {
    for row in tiles.chunks(grid.across as usize) {
        let strip = strip(row, grid.side);
        let config = viuer::Config {
            absolute_offset: false,
            width: Some(strip.width()),
            height: Some(grid.side / 2),
            use_kitty: false,
            use_iterm: false,
            use_sixel: false,
            ..viuer::Config::default()
        };
        viuer::print(&strip.into(), &config).map_err(|error| error.to_string())?;
        writeln!(io::stdout(), "{}", labels(row, grid.side))?;
    }
    Ok(())
}

fn strip(tiles: &[Tile], side: u32) -> RgbImage {
    let count = u32::try_from(tiles.len()).unwrap_or(1);
    let width = (count * (side + GAP)).saturating_sub(GAP);
    let mut strip = RgbImage::new(width.max(1), side);
    for (place, tile) in (0..).zip(tiles) {
        let face = image::load_from_memory_with_format(&tile.jpeg, image::ImageFormat::Jpeg);
        let face = match face {
            Ok(face) => face
                .resize_to_fill(side, side, imageops::FilterType::CatmullRom)
                .into_rgb8(),
            Err(_) => RgbImage::from_pixel(side, side, image::Rgb([96; 3])),
        };
        imageops::replace(&mut strip, &face, i64::from(place * (side + GAP)), 0);
    }
    strip
}

/// Each label in the middle below its tile.
fn labels(tiles: &[Tile], side: u32) -> String {
    let (side, gap) = (side as usize, GAP as usize);
    let mut line = String::new();
    for tile in tiles {
        let label = cut(&tile.label, side);
        let space = side.saturating_sub(width(&label));
        let before = space / 2;
        line += &format!(
            "{:before$}{label}{:after$}",
            "",
            "",
            after = space - before + gap
        );
    }
    line.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_large_enough_and_leave_room_for_the_question() {
        // Terminal; side, across, down.
        let cases = [
            ((80, 24), (24, 3, 1)),
            ((100, 40), (28, 3, 2)),
            ((120, 30), (28, 4, 1)),
            ((200, 60), (26, 7, 3)),
            ((20, 10), (20, 1, 1)),
            ((0, 0), (2, 1, 1)),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(terminal, expected)| (terminal, Grid::of(terminal), expected))
            .filter(|&(_, grid, expected)| (grid.side, grid.across, grid.down) != expected)
            .collect();
        assert!(wrong.is_empty(), "(terminal, found, expected): {wrong:#?}");
    }

    #[test]
    fn lines_share_the_room() {
        let lines = || vec![vec!["a1", "a2", "a3", "a4"], vec!["b1", "b2"]];
        let chosen = |terminal| Grid::of(terminal).chosen(lines());
        // Three in a row: one of each. Two rows: one each. Three of four: one each.
        assert_eq!(chosen((80, 24)), [["a1", "b1"]]);
        assert_eq!(
            chosen((100, 40)),
            [vec!["a1", "a2", "a3"], vec!["b1", "b2"]]
        );
        assert_eq!(chosen((200, 60)), lines());
        assert_eq!(chosen((20, 10)), [["a1", "b1"]]);
    }

    #[test]
    fn a_damaged_crop_is_grey_and_numbers_stand_below() {
        let tiles = ["7", "12"].map(|label| Tile {
            label: label.to_owned(),
            jpeg: b"no JPEG".to_vec(),
        });
        let strip = strip(&tiles, 24);
        assert_eq!(strip.dimensions(), (50, 24));
        assert_eq!(strip.get_pixel(0, 0).0, [96; 3]);
        assert_eq!(strip.get_pixel(24, 0).0, [0; 3]);
        let line = format!("{:^24}  {:^24}", "7", "12");
        assert_eq!(labels(&tiles, 24), line.trim_end());
        // One that is longer than its tile moves no other.
        let named = ["Grace Brewster Hopper", "山田"].map(|label| Tile {
            label: label.to_owned(),
            jpeg: Vec::new(),
        });
        assert_eq!(labels(&named, 12), "Grace Brews…      山田");
    }
}
