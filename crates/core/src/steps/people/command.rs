//! What a line typed at the prompt about people means.

use std::str::FromStr;

use super::{Change, PeopleError};
use crate::ids::JournalId;

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Nothing was typed.
    Nothing,
    /// Show the person of this name, or of this number in the list.
    Show(String),
    /// Change something; the text is as for
    /// [`People::change_in_one`](super::People::change_in_one).
    Change(Change, String),
    /// Split a person, at a threshold where one was typed. An empty name stands for the person shown
    /// last.
    Split(String, Option<f32>),
    /// List the newest decisions: this many.
    Journal(u32),
    /// Undo this entry of the journal, or the last decision.
    Undo(Option<JournalId>),
    /// List everyone, or those of whose name this is a part.
    List(String),
    /// Show [`Command::HELP`].
    Help,
    /// Leave.
    Quit,
}

impl Command {
    /// The line under the question.
    pub const KEYS: &str = "a name or number shows the faces, :r rename, :m merge, :s split, :x take back, :t tag, \
                            :w write, :f Flickr member, :j journal, :u undo, :l list or find, :q leave, :? help";

    /// What can be typed, a line each.
    pub const HELP: &str = "\
Ada                     show Ada's faces, numbered; or type a number of the list
:r Ada = Ada Lovelace   give Ada another name
:m Bob B = Bob          the faces of Bob B are Bob's: one person
:s Ada 0.4              split Ada's faces at 0.4, and say who each part is
:x Ada = 3 7-9          faces 3, 7, 8 and 9 are not Ada's; or face or photo ids
:t Ada = ada l          write the tag \"ada l\" for Ada; nothing after =: the name
:w Ada = no             write nothing of Ada to Flickr; yes: after all
:f Ada = 12345678@N00   Ada is this member of Flickr; nothing after =: none
:j 50                   list the last 50 decisions, with their numbers
:u 17                   undo decision 17; without a number the last one
:l                      list everyone, those with most faces first
:l ada                  list those with \"ada\" in their name
:q                      leave; everything is saved already
:?                      this help
Without \"Ada =\" a command is about the person shown last.";
}

/// How many decisions `:j` lists.
const ENTRIES: u32 = 20;

impl FromStr for Command {
    type Err = PeopleError;

    fn from_str(line: &str) -> Result<Self, PeopleError> {
        let line = line.trim();
        if !line.starts_with(':') {
            return Ok(match line {
                "" => Self::Nothing,
                name => Self::Show(name.to_owned()),
            });
        }
        let (command, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim();
        let change = |change| Self::Change(change, rest.to_owned());
        let alone = |alone| match rest {
            "" => Ok(alone),
            rest => Err(PeopleError::Rest {
                command: command.to_owned(),
                rest: rest.to_owned(),
            }),
        };
        Ok(match command.to_lowercase().as_str() {
            ":r" => change(Change::Rename),
            ":m" => change(Change::Merge),
            ":x" => change(Change::TakeBack),
            ":t" => change(Change::Tag),
            ":w" => change(Change::Write),
            ":f" => change(Change::Nsid),
            ":s" => {
                let (name, last) = rest.rsplit_once(char::is_whitespace).unwrap_or(("", rest));
                let threshold = last.parse().ok().filter(|t| *t > 0.0 && *t <= 1.0);
                let name = if threshold.is_some() { name } else { rest };
                Self::Split(name.trim_end_matches('=').trim().to_owned(), threshold)
            }
            ":j" => Self::Journal(number(rest, "how many decisions to list")?.unwrap_or(ENTRIES)),
            ":u" => Self::Undo(number(rest, "the number of a decision, as :j lists them")?),
            ":l" => Self::List(rest.to_owned()),
            ":?" => alone(Self::Help)?,
            ":q" => alone(Self::Quit)?,
            _ => return Err(PeopleError::Command(command.to_owned())),
        })
    }
}

/// A number, or nothing.
fn number<T: FromStr>(text: &str, expected: &'static str) -> Result<Option<T>, PeopleError> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| PeopleError::Expected {
            found: text.to_owned(),
            expected,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_understood() {
        let split = |name: &str, threshold| Command::Split(name.to_owned(), threshold);
        let cases = [
            ("", Ok(Command::Nothing)),
            (" Ada ", Ok(Command::Show("Ada".to_owned()))),
            (
                ":R Ada = Ada B",
                Ok(Command::Change(Change::Rename, "Ada = Ada B".to_owned())),
            ),
            (
                ":x 3",
                Ok(Command::Change(Change::TakeBack, "3".to_owned())),
            ),
            (":s", Ok(split("", None))),
            (":s 0.4", Ok(split("", Some(0.4)))),
            (":s Ada B = 0.4", Ok(split("Ada B", Some(0.4)))),
            (":s Ada 7", Ok(split("Ada 7", None))),
            (":j", Ok(Command::Journal(20))),
            (":u 17", Ok(Command::Undo("17".parse().ok()))),
            (":u", Ok(Command::Undo(None))),
            (":l", Ok(Command::List(String::new()))),
            (":L zoe b", Ok(Command::List("zoe b".to_owned()))),
            (":q", Ok(Command::Quit)),
            (":q now", Err("nothing may follow :q, found \"now\"")),
            (":j x", Err("\"x\": expected how many decisions to list")),
            (
                ":z",
                Err("there is no command \":z\"; :? shows what can be typed"),
            ),
        ];
        for (line, expected) in cases {
            let found = line.parse::<Command>().map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{line}");
        }
    }
}
