//! The prompt of `people`.

use flickr_faces::steps::{
    StepError,
    people::{Change, PeopleError},
};
use flickr_faces_terminal::{exit::Exit, prompt::Reply};

use super::{PeopleSession, messages, say_undone};
use crate::cli::threshold;

/// The line under the question.
const KEYS: &str = "a name or number shows the faces, :r rename, :m merge, :s split, :x take back, :t tag, \
                    :w write, :f Flickr member, :j journal, :u undo, :l list, :q leave, :? help";

/// What can be typed, for `:?`.
const HELP: &str = "\
Ada                     show Ada's faces, with their numbers; a number of the list does the same
:r Ada = Ada Lovelace   give Ada another name
:m Bob B = Bob          the faces of Bob B are Bob's: one person
:s Ada 0.4              split Ada's faces at 0.4, and say who each part is
:x Ada = 3 7-9          faces 3, 7, 8 and 9 are not Ada's; face and photo ids will do
:t Ada = ada l          write the tag \"ada l\" for Ada; with nothing after =, the name
:w Ada = no             write nothing of Ada to Flickr; yes: after all
:f Ada = 12345678@N00   Ada is this member of Flickr; with nothing after =, none
:j 50                   list the last 50 decisions, with their numbers
:u 17                   undo decision 17; without a number the last one
:l                      list everyone
:q                      leave; everything is saved already
:?                      this help
Without \"Ada =\" a command is about the person shown last.";

impl PeopleSession<'_> {
    /// Asks until the person leaves.
    pub(super) async fn menu(&mut self) -> anyhow::Result<Exit> {
        self.list().await?;
        if self.people.list().await?.is_empty() && self.people.journal(1).await?.is_empty() {
            return Ok(Exit::Done);
        }
        loop {
            let line = match self.line("People:", KEYS).await? {
                Reply::Line(line) => line,
                Reply::End => return Ok(Exit::Done),
                Reply::Interrupted => return Ok(Exit::Stopped),
            };
            match self.command(line.trim()).await {
                Ok(Some(exit)) => return Ok(exit),
                Ok(None) => {}
                Err(error) => self.refuse(&line, error)?,
            }
        }
    }

    /// Does what a line says; the exit where it was the last.
    async fn command(&mut self, line: &str) -> anyhow::Result<Option<Exit>> {
        if !line.starts_with(':') {
            if !line.is_empty() {
                self.show_one(line).await?;
            }
            return Ok(None);
        }
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let change = match (command.to_lowercase().as_str(), rest) {
            (":q" | ":?" | ":l", rest) if !rest.is_empty() => {
                let (command, rest) = (command.to_owned(), rest.to_owned());
                return refused(PeopleError::Rest { command, rest });
            }
            (":q", _) => return Ok(Some(Exit::Done)),
            (":?", _) => {
                self.context.say(HELP);
                return Ok(None);
            }
            (":l", _) => {
                self.list().await?;
                return Ok(None);
            }
            (":s", _) => return self.split_command(rest).await,
            (":j", _) => {
                let most = number(rest, "how many decisions to list")?.unwrap_or(20);
                let entries = self.people.journal(most).await?;
                self.context.say(&messages::journal(&entries));
                return Ok(None);
            }
            (":u", _) => {
                let entry = number(rest, "the number of a decision, as :j lists them")?;
                let (undone, saved) = self.people.undo(entry).await?;
                say_undone(self.context, &undone, &saved);
                return Ok(None);
            }
            (":r", _) => Change::Rename,
            (":m", _) => Change::Merge,
            (":x", _) => Change::TakeBack,
            (":t", _) => Change::Tag,
            (":w", _) => Change::Write,
            (":f", _) => Change::Nsid,
            _ => return refused(PeopleError::Command(command.to_owned())),
        };
        let shown = self.shown.as_ref();
        let done = self.people.change_in_one(change, rest, shown).await?;
        if matches!(change, Change::Rename | Change::Merge) {
            self.shown = None;
        }
        self.tell(&done);
        Ok(None)
    }

    /// Shows the person of that name, or of that number in the list.
    async fn show_one(&mut self, text: &str) -> anyhow::Result<()> {
        let place = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let person = match (self.people.find(text).await, place) {
            (Ok(person), _) => person,
            (Err(error), Some(place)) => {
                let people = self.people.list().await?;
                people.get(place).cloned().ok_or(error)?
            }
            (Err(error), None) => return Err(error.into()),
        };
        self.show(person).await
    }

    /// `Ada 0.4`, `Ada`, `0.4` or nothing.
    async fn split_command(&mut self, text: &str) -> anyhow::Result<Option<Exit>> {
        let mut by = self.splitting.by(&self.context.config);
        let (name, last) = text.rsplit_once(char::is_whitespace).unwrap_or(("", text));
        let name = match threshold(last) {
            Ok(threshold) => {
                by.threshold = threshold;
                name
            }
            Err(_) => text,
        };
        let name = match (name.trim_end_matches('=').trim(), &self.shown) {
            ("", Some(shown)) => shown.name.clone(),
            ("", None) => {
                let (found, expected) = (text.to_owned(), "a name, as in :s Ada 0.4");
                return refused(PeopleError::Expected { found, expected });
            }
            (name, _) => name.to_owned(),
        };
        let person = self.people.find(&name).await?;
        let exit = self.split(person, by, &[]).await?;
        Ok((exit == Exit::Stopped).then_some(exit))
    }
}

/// A number, or nothing.
fn number<T: std::str::FromStr>(text: &str, expected: &'static str) -> anyhow::Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => {
            let found = text.to_owned();
            refused(PeopleError::Expected { found, expected })
        }
    }
}

fn refused<T>(error: PeopleError) -> anyhow::Result<T> {
    Err(StepError::from(error).into())
}
