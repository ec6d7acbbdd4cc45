//! What is looked at before anything is changed: the list, a person's faces, two people beside each other.

use std::path::PathBuf;

use flickr_faces::{
    steps::{
        StepError,
        people::{Sides, in_a_line},
        review::is_yes,
    },
    store::{FaceId, PersonRow},
    text::grouped,
};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    output,
    picture::{self, Medium},
    prompt::Reply,
    text::rows,
    viewing::show_lines,
};
use serde_json::{Value, json};

use super::{PeopleSession, faces, messages, person};

/// Rows that a page of the list leaves free: for its heading, for how many are left, and for the question with its keys.
const ROWS_BESIDE: usize = 7;

impl PeopleSession<'_> {
    /// Lists everyone, or those with `word` in their name; to a person at the prompt as many as the terminal shows.
    pub(super) async fn list(&mut self, word: &str) -> Result<(), StepError> {
        let mut listed = self.people.listed(word).await?;
        if self.context.json {
            listed.sort_by_key(|row| row.person.name.to_lowercase());
            let people: Value = listed.iter().map(|row| person(&row.person)).collect();
            let taken_over = self.context.taken_over.as_ref().map(|taken| taken.entry);
            output::json(&json!({"people": people, "taken_over": taken_over}));
        } else if listed.is_empty() {
            self.context.say(&messages::nobody(word));
        } else {
            self.more = listed;
            self.list_more();
        }
        Ok(())
    }

    /// The next of those that are listed; nothing where there are no more.
    pub(super) fn list_more(&mut self) {
        let most = match (self.is_prompt, rows()) {
            (true, Some(rows)) => rows.saturating_sub(ROWS_BESIDE).max(1),
            _ => usize::MAX,
        };
        let rest = self.more.split_off(most.min(self.more.len()));
        let page = std::mem::replace(&mut self.more, rest);
        if !page.is_empty() {
            self.context.say(&messages::list(&page));
        }
        if !self.more.is_empty() {
            let more = grouped(self.more.len());
            let text = format!("{more} more: Enter lists them, `:l ada` finds a name.");
            self.context.say(&text);
        }
    }

    /// Shows all of a person's faces.
    pub(super) async fn show(&mut self, who: PersonRow) -> Result<(), StepError> {
        let theirs = self.people.faces(&who).await?;
        let folder = &self.context.config.results;
        let files = self.people.pictures(&who, None, &theirs, folder).await?;
        if self.context.json {
            let mut about = person(&who);
            about["face_list"] = faces(&theirs);
            about["pictures"] = json!(files);
            output::json(&about);
        } else {
            self.context.say(&in_a_line(&who));
            let numbered = (1_usize..).zip(&theirs);
            let numbered = numbered.map(|(number, face)| (number.to_string(), face.id.clone()));
            self.show_faces(&files, vec![numbered.collect()]).await?;
            if !self.asker.is_interactive() {
                for (number, face) in (1_u64..).zip(&theirs) {
                    self.context
                        .say(&format!("{number:>5}  {}  photo {}", face.id, face.photo));
                }
            }
        }
        self.shown = Some(who);
        Ok(())
    }

    /// Shows pictures; where the terminal shows a few faces only, the first of each of `lines` instead.
    pub(super) async fn show_faces(
        &self,
        files: &[PathBuf],
        lines: Vec<Vec<(String, FaceId)>>,
    ) -> Result<(), StepError> {
        for file in files {
            self.context.say(&format!("  {}", file.display()));
        }
        let shown = match (self.context.medium(self.splitting.pictures), files) {
            (None, _) | (_, []) => Ok(()),
            (Some(Medium::Graphics), files) => files
                .iter()
                .try_for_each(|file| picture::show(file).map(|_| ())),
            (Some(Medium::Blocks(grid)), [first, ..]) => {
                let crops = async |ids: &[FaceId]| self.people.crops(ids).await;
                show_lines(grid.chosen(lines), grid, first, crops).await?
            }
        };
        if let Err(error) = shown {
            tracing::warn!("the picture cannot be shown here: {error}");
        }
        Ok(())
    }

    /// Shows two people and asks whether they are one; with what the program ends where they are not. A script is not
    /// asked.
    pub(super) async fn stops_merge(
        &mut self,
        from: &PersonRow,
        into: &PersonRow,
    ) -> Result<Option<Exit>, Failure> {
        let is_asked = self.asks_first && self.asker.is_interactive() && !self.context.json;
        if !is_asked || from.id == into.id {
            return Ok(None);
        }
        let sides = self.people.sides(from, into).await?;
        self.show_sides(&sides).await?;
        let question = format!("Is {} the same person as {}?", from.name, into.name);
        let keys = format!(
            "y = yes: all these faces are {} from now on, Enter = no",
            into.name
        );
        match self.line(&question, &keys).await? {
            Reply::Line(line) if is_yes(&line) => Ok(None),
            Reply::Interrupted => Ok(Some(Exit::Stopped)),
            Reply::Line(_) | Reply::End => {
                self.context.say("They stay two people.");
                Ok(Some(Exit::Done))
            }
        }
    }

    async fn show_sides(&self, sides: &Sides) -> Result<(), StepError> {
        self.context.say(&sides.words().join("\n"));
        let name = format!(
            "same-person-{:04}-{:04}.jpg",
            sides.from.0.id.0, sides.into.0.id.0
        );
        let path = self.context.config.results.join(name);
        self.people.sides_montage(sides, &path).await?;
        let line = |(row, faces): &(PersonRow, Vec<FaceId>)| {
            let faces = faces.iter().cloned();
            faces.map(|face| (row.name.clone(), face)).collect()
        };
        let lines = vec![line(&sides.from), line(&sides.into)];
        self.show_faces(&[path], lines).await
    }
}
