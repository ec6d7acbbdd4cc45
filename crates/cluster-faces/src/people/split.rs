//! Splitting a person: their faces at a stricter threshold, and whose each part is.

use flickr_faces::{
    naming::Name,
    steps::people::{Part, PeopleError},
    store::{Decision, JournalId, PersonRow},
};
use flickr_faces_terminal::{
    exit::{BadAnswer, Exit},
    prompt::Reply,
    text::count,
};
use serde_json::json;

use super::{
    Desk,
    ask::problem,
    change::{self, name},
    faces, person,
};

/// The line under the question.
const KEYS: &str = "Enter the same person, a name, :x take back, :i strangers, :n not faces, :u undo, \
                    :q leave, :? help";

/// What can be typed, for `:?`.
const HELP: &str = "\
Enter           these faces stay as they are
Ada Lovelace    the name of the person on all these faces
:x              take them back: they wait for a name again
:i              strangers: do not ask about them again
:n              not faces
:u              undo the last answer
:q              leave; everything is saved already
:?              this help";

/// What was answered about a part.
enum Answer {
    Stays,
    Is(Decision),
    TakeBack,
    Undo,
    Leave,
    Help,
}

impl Answer {
    fn parse(line: &str) -> anyhow::Result<Self> {
        Ok(match line.trim().to_lowercase().as_str() {
            "" => Self::Stays,
            ":x" => Self::TakeBack,
            ":i" => Self::Is(Decision::Ignored),
            ":n" => Self::Is(Decision::NotAFace),
            ":u" => Self::Undo,
            ":q" => Self::Leave,
            ":?" => Self::Help,
            command if command.starts_with(':') => {
                return Err(BadAnswer(format!(
                    "there is no command {:?}; :? shows what can be typed",
                    line.trim()
                ))
                .into());
            }
            _ => Self::Is(Decision::Named(name(line)?)),
        })
    }
}

impl Desk<'_> {
    /// Splits a person: `given` are parts with names, `NUMBER=NAME`; where there are none, asks.
    pub(super) async fn split(
        &mut self,
        who: &PersonRow,
        threshold: f32,
        given: &[String],
    ) -> anyhow::Result<Exit> {
        let given: Vec<(usize, Name)> = (given.iter())
            .map(|part| change::part(part))
            .collect::<anyhow::Result<_>>()?;
        let parts = self.people.parts(who, threshold, self.grouping).await?;
        for (part, _) in &given {
            if !(1..=parts.len()).contains(part) {
                let (part, name, parts) = (*part, who.name.clone(), parts.len());
                let error = PeopleError::NoPart {
                    part,
                    threshold,
                    name,
                    parts,
                };
                return Err(flickr_faces::steps::StepError::from(error).into());
            }
        }
        if self.json && given.is_empty() {
            return self.list_parts(who, threshold, &parts).await;
        }
        let mut entries = Vec::new();
        if !given.is_empty() {
            for (number, name) in given {
                let Some(part) = parts.get(number - 1) else {
                    continue;
                };
                let decision = Decision::Named(name);
                let done = self.people.split_off(who, part, &decision).await?;
                entries.push(json!({"part": number, "entry": done.entry, "what": done.what}));
                if !self.json {
                    self.tell(&done);
                }
            }
            if self.json {
                self.print(json!({"split": entries, "tags": self.config.tags}));
            }
            return Ok(Exit::Done);
        }
        if let [only] = parts.as_slice() {
            let faces = count(only.faces.len() as u64, "face", "faces");
            self.say(&format!(
                "At {threshold} all {faces} of {} are still one part; try a lower threshold.",
                who.name
            ));
            return Ok(Exit::Done);
        }
        self.say(&format!(
            "At {threshold} the {} of {} fall into {}.",
            count(who.faces, "face", "faces"),
            who.name,
            count(parts.len() as u64, "part", "parts")
        ));
        self.ask_parts(who, &parts).await
    }

    async fn list_parts(
        &self,
        who: &PersonRow,
        threshold: f32,
        parts: &[Part],
    ) -> anyhow::Result<Exit> {
        let mut listed = Vec::new();
        for (number, part) in (1..).zip(parts) {
            let folder = &self.config.results;
            let files = (self.people.pictures(who, Some(number), &part.faces, folder)).await?;
            listed.push(json!({
                "part": number, "faces": faces(&part.faces), "alone": part.alone, "pictures": files,
            }));
        }
        let mut about = person(who);
        about["threshold"] = json!(threshold);
        about["parts"] = listed.into();
        self.print(about);
        Ok(Exit::Done)
    }

    async fn ask_parts(&mut self, who: &PersonRow, parts: &[Part]) -> anyhow::Result<Exit> {
        let mut decided: Vec<(JournalId, usize)> = Vec::new();
        let mut next = 0;
        let mut shown = None;
        while let Some(part) = parts.get(next) {
            if shown != Some(next) {
                self.show_part(who, next + 1, parts.len(), part).await?;
                shown = Some(next);
            }
            let question = format!("Who is this, if not {}?", who.name);
            let line = match self.line(&question, KEYS).await? {
                Reply::Line(line) => line,
                Reply::End => return Ok(Exit::Done),
                Reply::Interrupted => return Ok(Exit::Stopped),
            };
            let answered = match Answer::parse(&line) {
                Ok(Answer::Stays) => {
                    next += 1;
                    continue;
                }
                Ok(Answer::Leave) => return Ok(Exit::Done),
                Ok(Answer::Help) => {
                    self.say(HELP);
                    continue;
                }
                Ok(Answer::Undo) => {
                    match decided.pop() {
                        Some((entry, part)) => {
                            let (undone, saved) = self.people.undo(Some(entry)).await?;
                            self.tell_undone(&undone, &saved);
                            (next, shown) = (part, None);
                        }
                        None => self.say("There is nothing to undo in this split."),
                    }
                    continue;
                }
                Ok(Answer::Is(decision)) => self.people.split_off(who, part, &decision).await,
                Ok(Answer::TakeBack) => {
                    let ids: Vec<_> = part.faces.iter().map(|face| face.id.to_string()).collect();
                    self.people.take_back(who, &ids.join(" ")).await
                }
                Err(error) => {
                    self.refuse(&line, &problem(error)?)?;
                    continue;
                }
            };
            match answered {
                Ok(done) => {
                    self.tell(&done);
                    decided.push((done.entry, next));
                    next += 1;
                }
                Err(error) => self.refuse(&line, &problem(error.into())?)?,
            }
        }
        Ok(Exit::Done)
    }

    async fn show_part(
        &self,
        who: &PersonRow,
        number: usize,
        of: usize,
        part: &Part,
    ) -> anyhow::Result<()> {
        let folder = &self.config.results;
        let files = (self.people.pictures(who, Some(number), &part.faces, folder)).await?;
        let faces = count(part.faces.len() as u64, "face", "faces");
        let alone = if part.alone {
            ", each like no other"
        } else {
            ""
        };
        self.say(&format!("\nPart {number} of {of}: {faces}{alone}"));
        self.show_files(&files);
        Ok(())
    }
}
