//! Splitting a person: their faces at a stricter threshold, and who each part is.

use flickr_faces::{
    steps::{
        StepError,
        people::{Part, Split, SplitBy, SplitEvent},
    },
    store::PersonRow,
    text::count,
};
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    output,
    prompt::Reply,
};
use serde_json::{Value, json};

use super::{PeopleSession, faces, person, say_undone};

impl PeopleSession<'_> {
    /// Splits a person by parts with names, `NUMBER=NAME`; asks nothing.
    pub(super) async fn name_parts(
        &self,
        who: &PersonRow,
        by: SplitBy,
        named: &[String],
    ) -> Result<(), StepError> {
        let named = self.people.name_parts(who, by, named).await?;
        if self.context.json {
            let entries = named.iter().map(
                |(number, done)| json!({"part": number, "entry": done.entry, "what": done.what}),
            );
            let entries: Value = entries.collect();
            let tags = &self.context.config.tags;
            output::json(&json!({"split": entries, "tags": tags}));
        } else {
            named.iter().for_each(|(_, done)| self.tell(done));
        }
        Ok(())
    }

    /// Asks who each of a person's `parts` at `threshold` is.
    pub(super) async fn split(
        &mut self,
        who: PersonRow,
        threshold: f32,
        parts: Vec<Part>,
    ) -> Result<Exit, Failure> {
        let name = who.name.clone();
        if self.context.json {
            self.list_parts(&who, threshold, &parts).await?;
            return Ok(Exit::Done);
        }
        if let [only] = parts.as_slice() {
            let faces = count(only.faces.len(), "face", "faces");
            self.context.say(&format!(
                "At {threshold} all {faces} of {name} are still one part; try a lower threshold."
            ));
            return Ok(Exit::Done);
        }
        let of = parts.len();
        self.context.say(&format!(
            "At {threshold} the {} of {name} fall into {}.",
            count(who.faces, "face", "faces"),
            count(of, "part", "parts")
        ));
        let mut split = Split::new(self.people.clone(), who.clone(), parts);
        let mut is_shown = false;
        while let Some((number, part)) = split.part() {
            if !is_shown {
                self.show_part(&who, number, of, part).await?;
            }
            let question = format!("Who is this, if not {name}?");
            let line = match self.line(&question, Split::KEYS).await? {
                Reply::Line(line) => line,
                Reply::End => break,
                Reply::Interrupted => return Ok(Exit::Stopped),
            };
            let event = match split.answer(&line).await {
                Ok(event) => event,
                Err(error) => {
                    self.refuse(&line, error)?;
                    is_shown = true;
                    continue;
                }
            };
            is_shown = matches!(event, SplitEvent::Help | SplitEvent::NothingToUndo);
            match event {
                SplitEvent::Stays => {}
                SplitEvent::Done(done) => self.tell(&done),
                SplitEvent::Undone(undone, saved) => say_undone(self.context, &undone, &saved),
                SplitEvent::NothingToUndo => self.context.say("Nothing to undo in this split."),
                SplitEvent::Help => self.context.say(Split::HELP),
                SplitEvent::Left => break,
            }
        }
        Ok(Exit::Done)
    }

    async fn list_parts(
        &self,
        who: &PersonRow,
        threshold: f32,
        parts: &[Part],
    ) -> Result<(), StepError> {
        let folder = &self.context.config.results;
        let mut listed = Vec::new();
        for (number, part) in (1..).zip(parts) {
            let files = (self.people.pictures(who, Some(number), &part.faces, folder)).await?;
            listed.push(json!({
                "part": number, "faces": faces(&part.faces), "alone": part.alone, "pictures": files,
            }));
        }
        let mut about = person(who);
        about["threshold"] = json!(threshold);
        about["parts"] = listed.into();
        output::json(&about);
        Ok(())
    }

    async fn show_part(
        &self,
        who: &PersonRow,
        number: usize,
        of: usize,
        part: &Part,
    ) -> Result<(), StepError> {
        let folder = &self.context.config.results;
        let files = (self.people.pictures(who, Some(number), &part.faces, folder)).await?;
        let faces = count(part.faces.len(), "face", "faces");
        let alone = if part.alone {
            ", each like no other"
        } else {
            ""
        };
        self.context
            .say(&format!("\nPart {number} of {of}: {faces}{alone}"));
        let numbered = (1_usize..).zip(&part.faces);
        let numbered = numbered.map(|(number, face)| (number.to_string(), face.id.clone()));
        self.show_faces(&files, vec![numbered.collect()]).await
    }
}
