//! A name that nobody has yet, and that may not be meant: what it looks like instead.

use std::fmt;

use super::answer::{is_no, is_yes};
use crate::{
    naming::Name,
    store::PersonRow,
    text::{count, plain as without_accents},
};

/// Why a new name may be a slip of the keyboard. Displayed, it is a question whose answer is yes or no.
///
/// A page asks [`Slip::of`] before it decides, shows the question with two buttons, and decides at a yes. A script is not
/// asked: it has one line for each question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// The name as it was typed.
    pub name: Name,
    /// What it may have been meant for.
    pub why: SlipReason,
}

/// What a name may have been meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlipReason {
    /// A command without its colon, such as `q`, `x 3 4` or `undo`; the command.
    Command(&'static str),
    /// `y` or `no`: the answer to another question.
    YesOrNo,
    /// Digits only.
    Digits,
    /// A person's name but for accents.
    Accents(Known),
    /// The beginning of a person's name, or a word of it; or the other way round.
    Part(Known),
    /// A person's name but for a letter or two.
    Near(Known),
    /// The question was about a person, and nobody has this name.
    NotKnown,
}

/// A person that a name is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The person's name.
    pub name: String,
    /// How many faces they have.
    pub faces: u64,
}

/// Words for commands, and the command.
const COMMANDS: &[(&str, &str)] = &[
    ("q", ":q"),
    ("quit", ":q"),
    ("exit", ":q"),
    ("u", ":u"),
    ("undo", ":u"),
    ("i", ":i"),
    ("ignore", ":i"),
    ("stranger", ":i"),
    ("strangers", ":i"),
    ("x", ":x"),
    ("d", ":d"),
    ("down", ":d"),
    ("rest", ":rest"),
    ("m", ":m"),
    ("more", ":m"),
    ("later", "Enter"),
    ("skip", "Enter"),
    ("none", ":n"),
    ("not a face", ":n"),
    ("not faces", ":n"),
];

impl Slip {
    /// Whether `name` may be a slip where these people have names. Never where one of them has this name, in any case.
    /// `about_person` says that the question was whether they are a certain person.
    #[must_use]
    pub fn of(name: &Name, people: &[PersonRow], about_person: bool) -> Option<Self> {
        let key = name.key();
        let known: Vec<(String, &PersonRow)> = people
            .iter()
            .filter_map(|row| Some((Name::new(&row.name).ok()?.key(), row)))
            .collect();
        if known.iter().any(|(other, _)| *other == key) {
            return None;
        }
        let why = slip(&key, &known).or_else(|| about_person.then_some(SlipReason::NotKnown))?;
        Some(Self {
            name: name.clone(),
            why,
        })
    }
}

fn slip(key: &str, known: &[(String, &PersonRow)]) -> Option<SlipReason> {
    if is_yes(key) || is_no(key) {
        return Some(SlipReason::YesOrNo);
    }
    if let Some(command) = command(key) {
        return Some(SlipReason::Command(command));
    }
    if key.chars().all(|c| c.is_numeric() || c.is_whitespace()) {
        return Some(SlipReason::Digits);
    }
    let most = |found: Vec<&PersonRow>| {
        let row = found.into_iter().max_by_key(|row| row.faces)?;
        Some(Known {
            name: row.name.clone(),
            faces: row.faces,
        })
    };
    let like = |is_like: &dyn Fn(&str) -> bool| {
        let rows = known.iter().filter(|(other, _)| is_like(other));
        most(rows.map(|(_, row)| *row).collect())
    };
    let plain = without_accents(key);
    let same = |other: &str| without_accents(other) == plain;
    let part = |other: &str| is_part(&plain, &without_accents(other));
    let near = |other: &str| is_near(&plain, &without_accents(other));
    like(&same)
        .map(SlipReason::Accents)
        .or_else(|| like(&near).map(SlipReason::Near))
        .or_else(|| like(&part).map(SlipReason::Part))
}

/// The command that a text without a colon may be meant for: its word alone, or its letter with numbers after it.
fn command(key: &str) -> Option<&'static str> {
    let whole = COMMANDS.iter().find(|(word, _)| *word == key);
    if let Some((_, command)) = whole {
        return Some(command);
    }
    let (first, rest) = key.split_once(' ')?;
    let numbers = rest
        .chars()
        .all(|c| c.is_ascii_digit() || " ,-".contains(c));
    let begins = COMMANDS.iter().find(|(word, _)| *word == first);
    // `x 3 4 ada` takes out and names.
    let takes_out = first == "x" && rest.starts_with(|c: char| c.is_ascii_digit());
    begins
        .filter(|_| numbers || takes_out)
        .map(|(_, command)| *command)
}

/// Whether one is the beginning of the other, or a word of it: of a letter only where it is a word.
fn is_part(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let is_word = long.split_whitespace().any(|word| word == short);
    let begins = short.chars().count() >= 2 && long.starts_with(short);
    short != long && (is_word || begins)
}

/// Whether they differ by a letter or two: by one where the shorter has four letters or more, by two where it has eight.
/// Shorter names differ by so little often enough, as Ana and Ada do.
fn is_near(a: &str, b: &str) -> bool {
    let length = a.chars().count().min(b.chars().count());
    let most = match length {
        0..=3 => return false,
        4..=7 => 1,
        _ => 2,
    };
    strsim::osa_distance(a, b) <= most
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        let there_is = |f: &mut fmt::Formatter<'_>, known: &Known| {
            let faces = count(known.faces, "face", "faces");
            write!(
                f,
                "There is {} ({faces}). Is {name} somebody else?",
                known.name
            )
        };
        match &self.why {
            SlipReason::Command("Enter") => {
                write!(f, "Enter leaves them for later. Is {name} really a name?")
            }
            SlipReason::Command(command) => {
                write!(f, "The command is {command}. Is {name} really a name?")
            }
            SlipReason::YesOrNo | SlipReason::NotKnown => {
                write!(f, "No one is called {name} yet. Is that the name?")
            }
            SlipReason::Digits => write!(f, "That is a number. Is {name} really a name?"),
            SlipReason::Accents(known) | SlipReason::Part(known) | SlipReason::Near(known) => {
                there_is(f, known)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::PersonId;

    fn people(names: &[&str]) -> Vec<PersonRow> {
        let row = |(id, name): (i64, &&str)| PersonRow {
            id: PersonId(id),
            name: (*name).to_owned(),
            tag: None,
            never_write: false,
            nsid: None,
            faces: 12,
            photos: 12,
        };
        (1..).zip(names).map(row).collect()
    }

    #[test]
    fn a_name_that_may_be_a_slip_is_asked_about() {
        let known = people(&[
            "Ada Lovelace",
            "Zoë",
            "Bob",
            "María Muñoz",
            "Grace Hopper",
            "Ann",
        ]);
        let cases = [
            ("Eve", None),
            ("eve adams", None),
            // As known, in any case.
            ("ada lovelace", None),
            ("ZOË", None),
            ("q", Some("The command is :q. Is q really a name?")),
            ("x 3 4", Some("The command is :x. Is x 3 4 really a name?")),
            (
                "x 3 Ada",
                Some("The command is :x. Is x 3 Ada really a name?"),
            ),
            ("Undo", Some("The command is :u. Is Undo really a name?")),
            (
                "later",
                Some("Enter leaves them for later. Is later really a name?"),
            ),
            ("7", Some("That is a number. Is 7 really a name?")),
            ("50 Cent", None),
            ("yes", Some("No one is called yes yet. Is that the name?")),
            (
                "Zoe",
                Some("There is Zoë (12 faces). Is Zoe somebody else?"),
            ),
            (
                "Ada",
                Some("There is Ada Lovelace (12 faces). Is Ada somebody else?"),
            ),
            (
                "Lovelace",
                Some("There is Ada Lovelace (12 faces). Is Lovelace somebody else?"),
            ),
            (
                "Ada Lovelance",
                Some("There is Ada Lovelace (12 faces). Is Ada Lovelance somebody else?"),
            ),
            (
                "Maria Munos",
                Some("There is María Muñoz (12 faces). Is Maria Munos somebody else?"),
            ),
            (
                "Grace Hopper-Murray",
                Some("There is Grace Hopper (12 faces). Is Grace Hopper-Murray somebody else?"),
            ),
            // Short names differ by a letter often enough.
            ("Rob", None),
            ("Amy", None),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(text, expected)| {
                let slip = Slip::of(&Name::new(text).unwrap(), &known, false);
                (text, slip.map(|slip| slip.to_string()), expected)
            })
            .filter(|(_, found, expected)| found.as_deref() != *expected)
            .collect();
        assert!(wrong.is_empty(), "(typed, found, expected): {wrong:#?}");
        let asked_about = Slip::of(&Name::new("Eve").unwrap(), &known, true);
        assert_eq!(asked_about.map(|slip| slip.why), Some(SlipReason::NotKnown));
    }
}
