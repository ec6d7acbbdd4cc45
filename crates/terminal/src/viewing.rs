//! What a person sees of a question at the terminal: its picture, or as many faces at a time as the terminal can show.

use std::path::{Path, PathBuf};

use crate::{
    exit::Failure,
    picture::{self, Grid, Medium, PictureError, Tile},
};
use flickr_faces::{
    programs::Program,
    steps::{
        StepError,
        naming::{Member, Room, Session},
        review::{MOST_TILES, Shown, ShownRow},
    },
    store::FaceId,
};

/// What is on the screen.
#[derive(Debug)]
pub struct Viewing {
    medium: Option<Medium>,
    /// Says a sentence to the person.
    say: fn(&str),
    /// Where pictures are written.
    folder: PathBuf,
    shown: Option<Shown>,
    page: usize,
    path: PathBuf,
    /// Whether it was said that this terminal shows little.
    explained: bool,
}

impl Viewing {
    /// Says sentences by `say` and writes pictures to `folder`. `medium` is what the terminal shows; `None` for
    /// sentences only.
    pub fn new(medium: Option<Medium>, say: fn(&str), folder: PathBuf) -> Self {
        Self {
            medium,
            say,
            folder,
            shown: None,
            page: 0,
            path: PathBuf::new(),
            explained: false,
        }
    }

    /// How much of a screen of rows can be seen at once.
    pub fn room(&self) -> Room {
        match self.medium {
            Some(Medium::Blocks(grid)) => Room {
                across: grid.across().saturating_sub(1).max(1),
                lines: grid.down(),
            },
            _ => Room::default(),
        }
    }

    /// Shows a new question.
    ///
    /// # Errors
    /// Where the store cannot be read or the picture's file cannot be written.
    pub async fn show(&mut self, session: &Session, shown: Shown) -> Result<(), Failure> {
        self.path = self.folder.join(shown.file_name());
        self.page = 0;
        self.shown = Some(shown);
        self.draw(session).await
    }

    /// Shows it again, as after help has pushed it away.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn again(&self, session: &Session) -> Result<(), Failure> {
        match self.medium {
            Some(_) => self.pictures(session).await,
            None => Ok(()),
        }
    }

    /// What can be typed about the picture, after what can be typed about its faces.
    pub fn keys(&self) -> String {
        let more = if self.has_more() {
            ", :m = more faces"
        } else {
            ""
        };
        let open = if self.medium.is_some() {
            ", :o = open the picture"
        } else {
            ""
        };
        format!("{more}{open}")
    }

    /// The same as lines of the help.
    pub fn help(&self) -> String {
        let more = "\n:m              more faces, where not all are shown";
        let open = "\n:o              open the picture on the desktop";
        let more = if self.has_more() { more } else { "" };
        let open = if self.medium.is_some() { open } else { "" };
        format!("{more}{open}")
    }

    /// Carries out a line about the picture; `false` where it is about something else.
    ///
    /// # Errors
    /// As for [`Self::show`].
    pub async fn command(&mut self, session: &Session, line: &str) -> Result<bool, Failure> {
        match line.trim() {
            ":m" if self.has_more() => {
                self.page += 1;
                self.draw(session).await?;
            }
            ":m" if self.shown.is_some() => (self.say)("There are no more faces to show."),
            ":o" if self.shown.is_some() => match picture::open(&self.path) {
                true => (self.say)(&format!("Opened {}.", self.path.display())),
                false => (self.say)(&format!(
                    "There is no desktop here to open {} on; `{} web` shows the faces in a browser.",
                    self.path.display(),
                    Program::ClusterFaces
                )),
            },
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Faces to be seen at once.
    fn most(&self) -> usize {
        match self.medium {
            Some(Medium::Blocks(grid)) => grid.faces().saturating_sub(self.samples().len()).max(1),
            _ => MOST_TILES,
        }
    }

    /// Faces of the person beside those that are asked about.
    fn samples(&self) -> &[FaceId] {
        let samples = self.shown.as_ref().map_or(&[][..], Shown::samples);
        match self.medium {
            Some(Medium::Blocks(grid)) => &samples[..samples.len().min(grid.across().div_ceil(3))],
            _ => samples,
        }
    }

    fn has_more(&self) -> bool {
        self.shown
            .as_ref()
            .is_some_and(|shown| shown.rows().is_empty() && shown.left().count() > self.most())
    }

    /// The heading, and what can be seen.
    async fn draw(&mut self, session: &Session) -> Result<(), Failure> {
        let Some(shown) = &self.shown else {
            return Ok(());
        };
        if self.page == 0 {
            (self.say)(&format!("\n{}   {}", shown.title(), self.path.display()));
            let notes = shown.notes();
            if !notes.is_empty() {
                (self.say)(&notes.join(" "));
            }
            let numbered = shown.numbered();
            if !numbered.is_empty() {
                (self.say)(&numbered.join("\n"));
            }
        }
        // There the faces are drawn one by one, and the file keeps all of them.
        let is_coarse = matches!(self.medium, Some(Medium::Blocks(_)));
        if is_coarse && self.has_more() && !self.explained {
            self.explained = true;
            (self.say)(&format!(
                "This terminal shows a few faces at a time: :m shows more, :o opens all as one picture, and \
                 `{} web` shows them in a browser.",
                Program::ClusterFaces
            ));
        }
        if !is_coarse || self.page == 0 {
            self.write(session).await?;
        }
        self.pictures(session).await
    }

    /// Writes the picture's file, with the faces of this page.
    async fn write(&self, session: &Session) -> Result<(), Failure> {
        let Some(shown) = &self.shown else {
            return Ok(());
        };
        let rows = shown.rows();
        if rows.is_empty() {
            let faces: Vec<_> = match self.page {
                // Which of them are shown is decided there, and how many are not.
                0 => shown.left().collect(),
                page => shown.page(page, MOST_TILES),
            };
            session.montage(&faces, shown.samples(), &self.path).await?;
        } else {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|row| (row.number, row.known, row.asked))
                .collect();
            session.rows_montage(&rows, &self.path).await?;
        }
        Ok(())
    }

    async fn pictures(&self, session: &Session) -> Result<(), Failure> {
        let (Some(medium), Some(shown)) = (self.medium, &self.shown) else {
            return Ok(());
        };
        let drawn = match medium {
            Medium::Graphics => picture::show(&self.path).map(|_| ()),
            Medium::Blocks(grid) => {
                let lines = match shown.rows() {
                    rows if rows.is_empty() => vec![self.faces(shown)],
                    rows => {
                        let across = self.room().across;
                        rows.iter().flat_map(|row| row_lines(row, across)).collect()
                    }
                };
                let crops = async |ids: &[FaceId]| session.crops(ids).await;
                show_lines(lines, grid, &self.path, crops).await?
            }
        };
        if let Err(error) = drawn {
            tracing::warn!("the picture cannot be shown here: {error}");
        }
        if self.has_more() {
            let (all, most) = (shown.left().count(), self.most());
            let pages = all.div_ceil(most);
            (self.say)(&format!("Page {} of {pages}.", self.page % pages + 1));
        }
        Ok(())
    }

    /// The faces of this page with their numbers, after some of the person.
    fn faces(&self, shown: &Shown) -> Vec<(String, FaceId)> {
        let known = self.samples().iter().cloned();
        let known = known.map(|id| ("known".to_owned(), id));
        let page = shown.page(self.page, self.most());
        let asked = page
            .into_iter()
            .map(|(number, face)| (label(number, face), face.id.clone()));
        known.chain(asked).collect()
    }
}

/// Shows lines of labelled faces in half blocks, whose pictures `crops` gives. The inner error is the terminal's; it
/// names `path`, the file that has them all.
///
/// # Errors
/// Where `crops` fails.
pub async fn show_lines(
    lines: Vec<Vec<(String, FaceId)>>,
    grid: Grid,
    path: &Path,
    crops: impl AsyncFn(&[FaceId]) -> Result<Vec<Vec<u8>>, StepError>,
) -> Result<Result<(), PictureError>, StepError> {
    let mut shown = Ok(());
    for line in lines {
        let (labels, ids): (Vec<String>, Vec<FaceId>) = line.into_iter().unzip();
        let tiles = labels.into_iter().zip(crops(&ids).await?);
        let tiles: Vec<_> = tiles.map(|(label, jpeg)| Tile { label, jpeg }).collect();
        shown = shown.and(picture::show_faces(&tiles, grid, path));
    }
    Ok(shown)
}

/// A face's number, marked where it may not belong to the others.
fn label(number: usize, face: &Member) -> String {
    match face.outlier {
        true => format!("{number} odd"),
        false => number.to_string(),
    }
}

/// The lines of a row: a known face at the left of each, then those that are asked about. A pair is one line of both sides.
fn row_lines(row: &ShownRow, across: usize) -> Vec<Vec<(String, FaceId)>> {
    let called = |name: &str, id: &FaceId| (format!("{} {name}", row.number), id.clone());
    if let Some(right) = &row.right {
        let all = across + 1;
        // Half of the line each, or what the other side leaves.
        let most = (all / 2).max(all.saturating_sub(row.asked.len()));
        let left = row.known.iter().take(most).map(|id| called(&row.left, id));
        let left: Vec<_> = left.collect();
        let rest = all.saturating_sub(left.len());
        let right = row.asked.iter().take(rest).map(|id| called(right, id));
        return vec![left.into_iter().chain(right).collect()];
    }
    let asked: Vec<_> = (1..)
        .zip(&row.asked)
        .map(|(number, id)| (format!("{}.{number}", row.number), id.clone()))
        .collect();
    let lines = asked.chunks(across).zip(row.known.iter().cycle());
    lines
        .map(|(asked, known)| {
            std::iter::once(called(&row.left, known))
                .chain(asked.iter().cloned())
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use flickr_faces::store::PhotoId;

    fn face(photo: u32) -> FaceId {
        FaceId::new(&PhotoId::new(&photo.to_string()).unwrap(), 0)
    }

    #[test]
    fn each_line_of_a_row_begins_with_a_known_face() {
        let row = ShownRow {
            number: 2,
            text: "Ada: 5 faces".to_owned(),
            left: "Ada".to_owned(),
            right: None,
            known: vec![face(1), face(2)],
            asked: (3..8).map(face).collect(),
        };
        let found = row_lines(&row, 2);
        let expected = [
            vec![("2 Ada", 1), ("2.1", 3), ("2.2", 4)],
            vec![("2 Ada", 2), ("2.3", 5), ("2.4", 6)],
            vec![("2 Ada", 1), ("2.5", 7)],
        ];
        let expected = expected.map(|line| {
            let tiles = line.into_iter();
            tiles
                .map(|(label, photo)| (label.to_owned(), face(photo)))
                .collect::<Vec<_>>()
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_pair_is_a_line_of_both_sides() {
        let pair = |known: u32, asked: u32| ShownRow {
            number: 3,
            text: String::new(),
            left: "Ada".to_owned(),
            right: Some("right".to_owned()),
            known: (0..known).map(face).collect(),
            asked: (0..asked).map(face).collect(),
        };
        let (ada, right) = ("3 Ada", "3 right");
        // Known faces, asked ones, room for one less than a line holds.
        let cases = [
            ((5, 5, 3), vec![ada, ada, right, right]),
            ((5, 5, 2), vec![ada, right, right]),
            ((1, 5, 3), vec![ada, right, right, right]),
            ((5, 1, 3), vec![ada, ada, ada, right]),
            ((1, 1, 3), vec![ada, right]),
            ((5, 5, 1), vec![ada, right]),
        ];
        for ((known, asked, across), expected) in cases {
            let lines = row_lines(&pair(known, asked), across);
            let labels = lines.concat().into_iter().map(|(label, _)| label);
            assert_eq!(
                labels.collect::<Vec<_>>(),
                expected,
                "{known} {asked} {across}"
            );
        }
    }
}
