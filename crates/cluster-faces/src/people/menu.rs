//! The prompt of `people`.

use flickr_faces::steps::{
    StepError,
    people::{Change, Command, PeopleError},
};
use flickr_faces_terminal::{exit::Exit, prompt::Reply};

use super::{PeopleSession, messages, say_undone};

impl PeopleSession<'_> {
    /// Asks until the person leaves.
    pub(super) async fn menu(&mut self) -> anyhow::Result<Exit> {
        self.list().await?;
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
                Ok(Some(exit)) => return Ok(exit),
                Ok(None) => {}
                Err(error) => self.refuse(&line, error)?,
            }
        }
    }

    /// Does what a line says; the exit where it was the last.
    async fn command(&mut self, line: &str) -> anyhow::Result<Option<Exit>> {
        match line.parse().map_err(StepError::from)? {
            Command::Nothing => {}
            Command::Show(who) => {
                let person = self.people.find_or_number(&who).await?;
                self.show(person).await?;
            }
            Command::Change(change, text) => {
                let shown = self.shown.as_ref();
                let done = self.people.change_in_one(change, &text, shown).await?;
                if matches!(change, Change::Rename | Change::Merge) {
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
                        let error = PeopleError::Expected { found, expected };
                        return Err(StepError::from(error).into());
                    }
                    _ => name,
                };
                let mut by = self.splitting.by(&self.context.config);
                by.threshold = threshold.unwrap_or(by.threshold);
                let person = self.people.find(&name).await?;
                let exit = self.split(person, by, &[]).await?;
                return Ok((exit == Exit::Stopped).then_some(exit));
            }
            Command::Journal(most) => {
                let entries = self.people.journal(most).await?;
                self.context.say(&messages::journal(&entries));
            }
            Command::Undo(entry) => {
                let (undone, saved) = self.people.undo(entry).await?;
                say_undone(self.context, &undone, &saved);
            }
            Command::List => self.list().await?,
            Command::Help => self.context.say(Command::HELP),
            Command::Quit => return Ok(Some(Exit::Done)),
        }
        Ok(None)
    }
}
