//! A picture file in the terminal: kitty's, iTerm2's or sixel graphics where the terminal has them,
//! half blocks in colour elsewhere.
//!
//! What the terminal can do is asked of it once, by viuer: one that answers nothing at all would be
//! waited for, so a `TERM` of `dumb`, or none, is not asked.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use image::ImageReader;

mod faces;

use self::faces::{Cause, ROWS_BELOW};
pub use self::faces::{Grid, Tile};

/// A terminal's cell is about twice as high as it is wide.
const PROPORTION: f64 = 2.0;

/// No fewer pixels of the picture to a cell's width: a single face need not fill the screen.
const LEAST_PIXELS: f64 = 4.0;

/// A picture that cannot be shown: no reason to end a program.
#[derive(Debug, thiserror::Error)]
#[error("cannot {what} the picture {path}: {source}", path = path.display())]
pub struct PictureError {
    path: PathBuf,
    what: &'static str,
    source: Cause,
}

/// What a terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    /// Pictures, as files have them.
    Graphics,
    /// Half blocks in colour: a few faces at once.
    Blocks(Grid),
}

/// Whether a picture was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It was.
    Yes,
    /// Standard output is not a terminal, or one for text only: nothing was written.
    NoTerminal,
}

/// Shows the JPEG or PNG file at `path` below the cursor, as large as fits the terminal with room for
/// a question; nothing where standard output is not a terminal.
///
/// # Errors
/// Where the file cannot be read or is not one of those pictures, or the terminal cannot be written to; the
/// error names the file.
pub fn show(path: &Path) -> Result<Shown, PictureError> {
    if is_text_only() {
        return Ok(Shown::NoTerminal);
    }
    fn cannot<E: Into<Cause>>(what: &'static str, path: &Path) -> impl FnOnce(E) -> PictureError {
        move |error| PictureError {
            path: path.to_owned(),
            what,
            source: error.into(),
        }
    }
    let picture = ImageReader::open(path)
        .and_then(ImageReader::with_guessed_format)
        .map_err(cannot("read", path))?
        .decode()
        .map_err(cannot("decode", path))?;

    let (sixel, _) = graphics();
    let (columns, rows) = viuer::terminal_size();
    let (width, height) = cells(
        (picture.width(), picture.height()),
        (columns.into(), rows.into()),
    );
    let config = viuer::Config {
        absolute_offset: false,
        width: Some(width),
        height: Some(height),
        ..viuer::Config::default()
    };
    viuer::print(&picture, &config).map_err(|error| cannot("show", path)(error.to_string()))?;
    if sixel {
        // The cursor stays in the last row of a sixel picture; after the others it is below.
        writeln!(io::stdout()).map_err(cannot("show", path))?;
    }
    Ok(Shown::Yes)
}

/// What the terminal can show; `None` where standard output is not a terminal, or one for text only.
#[must_use]
pub fn medium() -> Option<Medium> {
    if is_text_only() {
        return None;
    }
    let (columns, rows) = viuer::terminal_size();
    Some(match graphics() {
        (true, _) | (_, true) => Medium::Graphics,
        _ => Medium::Blocks(Grid::of((columns.into(), rows.into()))),
    })
}

/// Shows faces below the cursor in half blocks, their labels below them.
///
/// # Errors
/// Where the terminal cannot be written to; the error names `path`, the file that has them all.
pub(crate) fn show_faces(tiles: &[Tile], grid: Grid, path: &Path) -> Result<(), PictureError> {
    faces::draw(tiles, grid).map_err(|source| PictureError {
        path: path.to_owned(),
        what: "show",
        source,
    })
}

/// Opens a picture in the desktop's own program; `false` where there is no desktop.
#[must_use]
pub fn open(path: &Path) -> bool {
    let has_desktop = ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if !has_desktop && !cfg!(target_os = "macos") {
        return false;
    }
    let Ok(path) = std::path::absolute(path) else {
        return false;
    };
    webbrowser::open(&format!("file://{}", path.display())).is_ok()
}

fn is_text_only() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb")
        || !io::stdout().is_terminal()
}

/// Whether the terminal has sixel graphics, and whether it has other ones.
fn graphics() -> (bool, bool) {
    with_silent_keyboard(|| {
        // Asks for what viuer remembers, and will want to know.
        let sixel = viuer::is_sixel_supported();
        let other = !sixel
            && (viuer::is_iterm_supported()
                || viuer::get_kitty_support() != viuer::KittySupport::None);
        (sixel, other)
    })
}

/// Runs `ask` while the terminal does not echo what it gets: the answers of the terminal itself would
/// stand above the picture.
fn with_silent_keyboard<T>(ask: impl FnOnce() -> T) -> T {
    // Where that fails, an echo is all the harm.
    let silent = crossterm::terminal::enable_raw_mode().is_ok();
    let answer = ask();
    if silent {
        drop(crossterm::terminal::disable_raw_mode());
    }
    answer
}

/// How many cells, across and down, a picture of some pixels gets in a terminal of some cells.
fn cells((width, height): (u32, u32), (columns, rows): (u32, u32)) -> (u32, u32) {
    let columns = columns.max(1);
    // Half of a low terminal, if the question does not leave that much.
    let rows = rows.saturating_sub(ROWS_BELOW).max(rows / 2).max(1);
    let (width, height) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let pixels = (width / f64::from(columns))
        .max(height / f64::from(rows) / PROPORTION)
        .max(LEAST_PIXELS);
    let across = (width / pixels).round().clamp(1.0, f64::from(columns));
    let down = (height / pixels / PROPORTION)
        .round()
        .clamp(1.0, f64::from(rows));
    (across as u32, down as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_fit_the_terminal_and_keep_their_proportion() {
        struct Case {
            pixels: (u32, u32),
            terminal: (u32, u32),
            cells: (u32, u32),
        }
        let cases = [
            // A montage of 48: as wide as the terminal, or as high as leaves room.
            Case {
                pixels: (1060, 832),
                terminal: (80, 60),
                cells: (80, 31),
            },
            Case {
                pixels: (1060, 832),
                terminal: (80, 24),
                cells: (36, 14),
            },
            Case {
                pixels: (1060, 832),
                terminal: (200, 60),
                cells: (127, 50),
            },
            // One face.
            Case {
                pixels: (136, 136),
                terminal: (200, 60),
                cells: (34, 17),
            },
            // A low terminal, a narrow one, none at all, and strange pictures.
            Case {
                pixels: (136, 136),
                terminal: (80, 8),
                cells: (8, 4),
            },
            Case {
                pixels: (1060, 832),
                terminal: (5, 60),
                cells: (5, 2),
            },
            Case {
                pixels: (1060, 832),
                terminal: (0, 0),
                cells: (1, 1),
            },
            Case {
                pixels: (10_000, 1),
                terminal: (80, 24),
                cells: (80, 1),
            },
            Case {
                pixels: (0, 0),
                terminal: (80, 24),
                cells: (1, 1),
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|case| {
                (
                    case.pixels,
                    case.terminal,
                    cells(case.pixels, case.terminal),
                    case.cells,
                )
            })
            .filter(|(_, _, found, expected)| found != expected)
            .collect();
        assert!(
            wrong.is_empty(),
            "(pixels, terminal, found, expected): {wrong:#?}"
        );
    }
}
