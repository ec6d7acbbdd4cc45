//! The prompt of `people`.

use flickr_faces::steps::{
    StepError,
    people::{Change, Command, Part, PeopleError},
};
use flickr_faces::store::PersonRow;
use flickr_faces_terminal::{
    exit::{Exit, Failure},
    prompt::Reply,
};

use super::{PeopleSession, messages, say_undone};

/// What follows a line.
enum Then {
    /// The next question.
    Ask,
    /// The parts of a person at a threshold, to ask about.
    Split(PersonRow, f32, Vec<Part>),
    /// Whether two people are one, to ask about.
    Merge(PersonRow, PersonRow),
    /// The end.
    Leave,
}

impl PeopleSession<'_> {
    /// Asks until the person leaves.
    pub(super) async fn menu(&mut self) -> Result<Exit, Failure> {
        self.is_prompt = self.asker.is_interactive();
        self.list("").await?;
        if self.people.list().await?.is_empty() && self.people.journal(1).await?.is_empty() {
            return Ok(Exit::Done);
        }
        loop {
            let line = match self.line("People:", Command::KEYS).await? {
                Reply::Line(line) => line,
                Reply::End => return Ok(Exit::Done),
                Reply::Interrupted => return Ok(Exit::Stopped),
            };
            match self.command(&line).await {
                Ok(Then::Ask) => {}
                Ok(Then::Split(person, threshold, parts)) => {
                    if self.split(person, threshold, parts).await? == Exit::Stopped {
                        return Ok(Exit::Stopped);
                    }
                }
                Ok(Then::Merge(from, into)) => match self.stops_merge(&from, &into).await? {
                    Some(Exit::Stopped) => return Ok(Exit::Stopped),
                    Some(_) => {}
                    None => match self.people.change(Change::Merge, &from, &into.name).await {
                        Ok(done) => {
                            self.shown = None;
                            self.tell(&done);
                        }
                        Err(error) => self.refuse(&line, error)?,
                    },
                },
                Ok(Then::Leave) => return Ok(Exit::Done),
                Err(error) => self.refuse(&line, error)?,
            }
        }
    }

    /// Does what a line says.
    async fn command(&mut self, line: &str) -> Result<Then, StepError> {
        match line.parse()? {
            Command::Nothing => self.list_more(),
            Command::Show(who) => {
                let person = self.people.find_or_number(&who).await?;
                self.show(person).await?;
            }
            Command::Change(change, text) => {
                let shown = self.shown.as_ref();
                let (person, text) = self.people.whom(change, &text, shown).await?;
                if change == Change::Merge {
                    let into = self.people.find(text).await?;
                    return Ok(Then::Merge(person, into));
                }
                let done = self.people.change(change, &person, text).await?;
                if change == Change::Rename {
                    self.shown = None;
                }
                self.tell(&done);
            }
            Command::Split(name, threshold) => {
                let name = match (name.as_str(), &self.shown) {
                    ("", Some(shown)) => shown.name.clone(),
                    ("", None) => {
                        let expected = "a name, as in :s Ada 0.4";
                        let found = line.to_owned();
                        return Err(PeopleError::Expected { found, expected }.into());
                    }
                    _ => name,
                };
                let mut by = self.splitting.by(&self.context.config);
                by.threshold = threshold.unwrap_or(by.threshold);
                let person = self.people.find(&name).await?;
                let parts = self.people.parts(&person, by).await?;
                return Ok(Then::Split(person, by.threshold, parts));
            }
            Command::Journal(most) => {
                let entries = self.people.journal(most).await?;
                self.context.say(&messages::journal(&entries));
            }
            Command::Undo(entry) => {
                let (undone, saved) = self.people.undo(entry).await?;
                say_undone(self.context, &undone, &saved);
            }
            Command::List(word) => self.list(&word).await?,
            Command::Help => self.context.say(Command::HELP),
            Command::Quit => return Ok(Then::Leave),
        }
        Ok(Then::Ask)
    }
}
