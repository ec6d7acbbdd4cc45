//! A cluster as one picture: its faces as numbered tiles, so that a person sees at a glance whether
//! it is one person, and can say which faces do not belong.
//!
//! Drawing and the file on disk; which faces there are, and in which order, is decided before.
//! The same tiles give the same picture on every machine.

mod grid;
pub(crate) mod rows;
mod text;
mod tile;

use std::io;
use std::path::{Path, PathBuf};

use image::RgbImage;
use image::imageops;

use crate::files::{Access, write_atomically};
use crate::photo::encode;
use grid::Grid;
use tile::BACKGROUND;
pub(crate) use tile::Tile;

/// The most tiles; more are too small to tell apart on a screen.
pub const MOST_TILES: usize = 48;

/// The most faces of a person beside those that may be theirs.
pub(crate) const MOST_BESIDE: usize = 6;

/// Height of the line below the tiles, in pixels.
const LINE: u32 = 36;

/// JPEG quality of 100: faces stay clear, and 48 of them take a few hundred kilobytes.
const QUALITY: u8 = 90;

/// Why a montage could not be saved.
#[derive(Debug, thiserror::Error)]
pub enum MontageError {
    /// The JPEG encoder refused the picture.
    #[error("cannot make a JPEG of the montage {path}")]
    Encode {
        /// The file that was to be.
        path: PathBuf,
        /// What the encoder said.
        source: image::ImageError,
    },
    /// The file could not be written; what was there before still is.
    #[error("cannot write the montage {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Which of `faces` faces a montage shows, by index: all, or [`MOST_TILES`] evenly spaced from the
/// first to the last. Of faces in the order of
/// [`most_typical_first`](crate::cluster::most_typical_first) these are some of every kind, the
/// most typical and the least typical one among them.
#[must_use]
pub(crate) fn shown(faces: usize) -> Vec<usize> {
    spread(faces, MOST_TILES)
}

/// As [`shown`], with `most` tiles.
pub(crate) fn spread(faces: usize, most: usize) -> Vec<usize> {
    if faces <= most {
        return (0..faces).collect();
    }
    (0..most)
        .map(|tile| tile * (faces - 1) / (most - 1).max(1))
        .collect()
}

/// Draws `tiles` in a grid near 3:2, left to right and top to bottom, each with its number in a
/// corner; below them, where `more` is not zero, how many faces are not shown.
///
/// A crop that is not a JPEG, is damaged, or is over 4096 pixels wide or high becomes a grey tile with
/// its number. Tiles beyond [`MOST_TILES`] are not drawn but counted with `more`.
#[must_use]
pub(crate) fn draw(tiles: &[Tile<'_>], more: usize) -> RgbImage {
    let drawn = &tiles[..tiles.len().min(MOST_TILES)];
    let more = more + (tiles.len() - drawn.len());
    let grid = Grid::of(drawn.len());
    let (width, height) = grid.size();
    let line = if more == 0 { 0 } else { LINE };
    let mut picture = RgbImage::from_pixel(width, height + line, BACKGROUND);
    for (index, tile) in drawn.iter().enumerate() {
        let (left, top) = grid.corner(index);
        imageops::replace(&mut picture, &tile::draw(tile), left.into(), top.into());
    }
    if more > 0 {
        let text = format!("and {more} more");
        text::draw_centred(&mut picture, &text, height - grid::GAP, LINE);
    }
    picture
}

/// Draws a row of faces of a person who has a name, and below it, as [`draw`] does, faces that may be
/// the same person's. More than [`MOST_BESIDE`] of the first are not drawn.
#[must_use]
pub(crate) fn draw_beside(known: &[&[u8]], tiles: &[Tile<'_>], more: usize) -> RgbImage {
    let asked = draw(tiles, more);
    let known = &known[..known.len().min(MOST_BESIDE)];
    let (row_width, row_height) = Grid::row(known.len()).size();
    let width = asked.width().max(row_width).max(grid::LEAST_WIDTH);
    let height = LINE + row_height + LINE + asked.height();
    let mut picture = RgbImage::from_pixel(width, height, BACKGROUND);
    let middle = |height: u32| height + (LINE - text::height()) / 2;
    text::draw(&mut picture, "known:", grid::GAP, middle(0));
    for (index, jpeg) in known.iter().enumerate() {
        let (left, top) = Grid::row(known.len()).corner(index);
        imageops::replace(
            &mut picture,
            &tile::plain(jpeg),
            left.into(),
            (LINE + top).into(),
        );
    }
    text::draw(
        &mut picture,
        "the same person?",
        grid::GAP,
        middle(LINE + row_height),
    );
    imageops::replace(&mut picture, &asked, 0, (2 * LINE + row_height).into());
    picture
}

/// Saves `picture` as a JPEG file at `path`, mode 0600, in one step.
///
/// # Errors
/// Where the file cannot be written; its folder must be there.
pub(crate) fn save(picture: &RgbImage, path: &Path) -> Result<(), MontageError> {
    let jpeg = encode(picture, QUALITY).map_err(|source| MontageError::Encode {
        path: path.to_owned(),
        source,
    })?;
    write_atomically(path, &jpeg, Access::Private).map_err(|error| MontageError::Write {
        path: path.to_owned(),
        source: error.source,
    })
}

/// The name of a montage's file: threshold, number of the cluster in its run, size of the cluster,
/// as in `0.60-0001-37-faces.jpg`. Sorted by name, the files of a run are in the order of the
/// questions.
#[must_use]
pub(crate) fn file_name(threshold: f32, cluster: usize, faces: usize) -> String {
    named(threshold, &format!("{cluster:04}"), faces)
}

/// The name of the file that asks whether faces are a person's, as in
/// `0.60-suggestion-0001-3-faces.jpg`.
#[must_use]
pub(crate) fn suggestion_file_name(threshold: f32, suggestion: usize, faces: usize) -> String {
    named(threshold, &format!("suggestion-{suggestion:04}"), faces)
}

/// The name of the file of a screen of `kind`, as in `0.60-known-0001-31-faces.jpg`.
#[must_use]
pub(crate) fn screen_file_name(threshold: f32, kind: &str, screen: usize, faces: usize) -> String {
    named(threshold, &format!("{kind}-{screen:04}"), faces)
}

fn named(threshold: f32, what: &str, faces: usize) -> String {
    // Two digits, or as many as it takes to tell 0.575 from 0.57.
    let exact = threshold.to_string();
    let digits = exact
        .split_once('.')
        .map_or(0, |(_, digits)| digits.len())
        .max(2);
    let noun = if faces == 1 { "face" } else { "faces" };
    format!("{threshold:.digits$}-{what}-{faces}-{noun}.jpg")
}

#[cfg(test)]
mod tests;
