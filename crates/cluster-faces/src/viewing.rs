//! What a person sees of a question at the terminal: its picture, or as many faces at a time as the terminal can show.

use std::path::PathBuf;

use flickr_faces::{
    programs::Program,
    steps::{
        naming::{Room, Session},
        review::{MOST_TILES, Shown, ShownRow},
    },
    store::FaceId,
};
use flickr_faces_terminal::{
    exit::Failure,
    picture::{self, Medium, Tile},
};

use crate::{cli::Pictures, context::Context};

/// What is on the screen.
#[derive(Debug)]
pub(crate) struct Viewing {
    medium: Option<Medium>,
    shown: Option<Shown>,
    page: usize,
    path: PathBuf,
    /// Whether it was said that this terminal shows little.
    explained: bool,
}

impl Viewing {
    pub(crate) fn new(context: &Context, Pictures { no_pictures }: Pictures) -> Self {
        let wanted = !no_pictures && !context.json;
        Self {
            medium: wanted.then(picture::medium).flatten(),
            shown: None,
            page: 0,
            path: PathBuf::new(),
            explained: false,
        }
    }

    /// How much of a screen of rows can be seen at once.
    pub(crate) fn room(&self) -> Room {
        match self.medium {
            Some(Medium::Blocks(grid)) => Room {
                across: grid.across().saturating_sub(1).max(1),
                lines: grid.down(),
            },
            _ => Room::default(),
        }
    }

    /// Shows a new question.
    pub(crate) async fn show(
        &mut self,
        context: &Context,
        session: &Session,
        shown: Shown,
    ) -> Result<(), Failure> {
        self.path = context.config.results.join(shown.file_name());
        self.page = 0;
        self.shown = Some(shown);
        self.draw(context, session).await
    }

    /// Shows it again, as after help has pushed it away.
    pub(crate) async fn again(&self, context: &Context, session: &Session) -> Result<(), Failure> {
        match self.medium {
            Some(_) => self.pictures(context, session).await,
            None => Ok(()),
        }
    }

    /// What can be typed about the picture, after what can be typed about its faces.
    pub(crate) fn keys(&self) -> String {
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
    pub(crate) fn help(&self) -> String {
        let more = "\n:m              more faces, where not all are shown";
        let open = "\n:o              open the picture on the desktop";
        let more = if self.has_more() { more } else { "" };
        let open = if self.medium.is_some() { open } else { "" };
        format!("{more}{open}")
    }

    /// Carries out a line about the picture; `false` where it is about something else.
    pub(crate) async fn command(
        &mut self,
        context: &Context,
        session: &Session,
        line: &str,
    ) -> Result<bool, Failure> {
        match line.trim() {
            ":m" if self.has_more() => {
                self.page += 1;
                self.draw(context, session).await?;
            }
            ":m" if self.shown.is_some() => context.say("There are no more faces to show."),
            ":o" if self.shown.is_some() => {
                match picture::open(&self.path) {
                    true => context.say(&format!("Opened {}.", self.path.display())),
                    false => context.say(&format!(
                        "There is no desktop here to open {} on; `{} web` shows the faces in a browser.",
                        self.path.display(),
                        Program::ClusterFaces
                    )),
                }
            }
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
    async fn draw(&mut self, context: &Context, session: &Session) -> Result<(), Failure> {
        let Some(shown) = &self.shown else {
            return Ok(());
        };
        if self.page == 0 {
            context.say(&format!("\n{}   {}", shown.title(), self.path.display()));
            let notes = shown.notes();
            if !notes.is_empty() {
                context.say(&notes.join(" "));
            }
            let numbered = shown.numbered();
            if !numbered.is_empty() {
                context.say(&numbered.join("\n"));
            }
        }
        // There the faces are drawn one by one, and the file keeps all of them.
        let is_coarse = matches!(self.medium, Some(Medium::Blocks(_)));
        if is_coarse && self.has_more() && !self.explained {
            self.explained = true;
            context.say(&format!(
                "This terminal shows a few faces at a time: :m shows more, :o opens all as one picture, and \
                 `{} web` shows them in a browser.",
                Program::ClusterFaces
            ));
        }
        if !is_coarse || self.page == 0 {
            self.write(session).await?;
        }
        self.pictures(context, session).await
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
            let faces: Vec<_> = faces
                .into_iter()
                .map(|(number, face)| (number, face.id.clone()))
                .collect();
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

    async fn pictures(&self, context: &Context, session: &Session) -> Result<(), Failure> {
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
                let mut drawn = Ok(());
                for line in lines {
                    let (labels, ids): (Vec<String>, Vec<FaceId>) = line.into_iter().unzip();
                    let crops = session.crops(&ids).await?;
                    let tiles = labels.into_iter().zip(crops);
                    let tiles: Vec<_> = tiles.map(|(label, jpeg)| Tile { label, jpeg }).collect();
                    drawn = drawn.and(picture::show_faces(&tiles, grid, &self.path));
                }
                drawn
            }
        };
        if let Err(error) = drawn {
            tracing::warn!("the picture cannot be shown here: {error}");
        }
        if self.has_more() {
            let (all, most) = (shown.left().count(), self.most());
            let pages = all.div_ceil(most);
            context.say(&format!("Page {} of {pages}.", self.page % pages + 1));
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
            .map(|(number, face)| (number.to_string(), face.id.clone()));
        known.chain(asked).collect()
    }
}

/// The lines of a row: a known face at the left of each, then those that are asked about.
fn row_lines(row: &ShownRow, across: usize) -> Vec<Vec<(String, FaceId)>> {
    let asked: Vec<_> = (1..)
        .zip(&row.asked)
        .map(|(number, id)| (format!("{}.{number}", row.number), id.clone()))
        .collect();
    let lines = asked.chunks(across).zip(row.known.iter().cycle());
    lines
        .map(|(asked, known)| {
            let known = (format!("{} known", row.number), known.clone());
            std::iter::once(known)
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
            known: vec![face(1), face(2)],
            asked: (3..8).map(face).collect(),
        };
        let found = row_lines(&row, 2);
        let expected = [
            vec![("2 known", 1), ("2.1", 3), ("2.2", 4)],
            vec![("2 known", 2), ("2.3", 5), ("2.4", 6)],
            vec![("2 known", 1), ("2.5", 7)],
        ];
        let expected = expected.map(|line| {
            let tiles = line.into_iter();
            tiles
                .map(|(label, photo)| (label.to_owned(), face(photo)))
                .collect::<Vec<_>>()
        });
        assert_eq!(found, expected);
    }
}
