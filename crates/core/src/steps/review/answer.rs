//! What a line typed about faces means, in the terminal and on the page alike.
//!
//! | typed | means |
//! |---|---|
//! | nothing | decide later |
//! | `Ada Lovelace` | this is Ada Lovelace |
//! | `:x 3 7-9` | take faces 3, 7, 8 and 9 out, and ask again |
//! | `:x 3 7-9 Ada Lovelace` | take those out, the others are Ada Lovelace |
//! | `:i` | strangers: never ask about them again |
//! | `:n` | these are not faces |
//! | `:u` | undo the last decision |
//! | `:d` | go on to the next threshold: stricter groups |
//! | `:q` | save and leave |
//! | `:rest` | all that is left are strangers |
//! | `:?`, `?`, `help` | help |
//!
//! Where the question is whether they are a certain person, `y` or `yes` is that person's name, and
//! `n` or `no` says that they are not; everything else means the same.
//!
//! Numbers after `:x` go on as long as a word looks like numbers; what follows is the name, so
//! `:x 3 2Pac` takes face 3 out and names the rest 2Pac. A name that begins with a plain number is
//! typed on its own, as the answer to the next question.
//!
//! [`Typed::parse`] depends on nothing but the line and what was shown, so that a page whose list is
//! minutes old gives an answer the meaning it had when the list was drawn.

use std::collections::BTreeSet;

use crate::{
    naming::{Name, name::NameError},
    programs::Program,
    store::Decision,
    text::is_dash,
};

/// What was shown when a line was typed.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// How many faces; they are numbered from 1.
    pub faces: usize,
    /// The numbers of those that were taken out before, by earlier lines or by clicks.
    pub out: &'a BTreeSet<usize>,
    /// The person the question was about ("Is this Ada?"); `None` for "Who is this?".
    pub person: Option<&'a Name>,
    /// Whether `:x` picks the faces to decide about, as on a person's page: it may pick all.
    pub picking: bool,
    /// Whether there is a next threshold to go down to. A page has none.
    pub next_threshold: bool,
}

/// What a typed line means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Typed {
    /// Nothing yet: ask again in another run.
    Later,
    /// Decide about the faces that are not `out`.
    Decide {
        /// What they are.
        decision: Decision,
        /// The numbers of all faces that are out, earlier ones included; never all faces.
        out: BTreeSet<usize>,
    },
    /// Ask again without these faces, earlier ones included; never none, never all.
    TakeOut(BTreeSet<usize>),
    /// Not the person the question was about: none of the faces, those taken out included.
    No,
    /// Undo the last decision.
    Undo,
    /// Leave the rest of this threshold for later and go on with the next.
    NextThreshold,
    /// Leave; everything is saved already.
    Quit,
    /// All faces that are left are strangers: to be confirmed.
    Rest,
    /// Show [`help`](super::help).
    Help,
}

/// Why a line was not understood; nothing was decided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// No such command.
    #[error("there is no command {0:?}; :? shows what can be typed")]
    Command(String),
    /// More than the command takes.
    #[error("nothing may follow {command}, found {rest:?}")]
    Rest {
        /// The command as typed.
        command: String,
        /// What followed it.
        rest: String,
    },
    /// `:d` at the last threshold.
    #[error(
        "there are no stricter groups to go on to; :d is for `{} sweep`",
        Program::ClusterFaces
    )]
    NoNextThreshold,
    /// `:x` alone.
    #[error("say which faces to take out, as in :x 3 7-9; they are numbered 1 to {faces}")]
    NoFaces {
        /// How many faces were shown.
        faces: usize,
    },
    /// A number that no face has.
    #[error("there is no face {number}: the faces are numbered 1 to {faces}")]
    NoFace {
        /// The number as typed.
        number: String,
        /// How many faces were shown.
        faces: usize,
    },
    /// A face that was taken out before.
    #[error("face {0} has been taken out already")]
    AlreadyOut(usize),
    /// Looks like numbers but is not.
    #[error("{0:?} is not a number or range of faces such as 3 or 7-9")]
    Range(String),
    /// From a higher number to a lower one.
    #[error("the range {first}-{last} runs backwards: write {last}-{first}")]
    Backwards {
        /// The number before the dash.
        first: usize,
        /// The number after it.
        last: usize,
    },
    /// Nothing would be left.
    #[error(
        "that takes out all {faces} faces; Enter leaves them for later, :i are strangers, :n not faces"
    )]
    All {
        /// How many faces were shown.
        faces: usize,
    },
    /// Nothing would be left of those that may be the person's.
    #[error("that takes out every face; n says that they are not {person}")]
    AllNotTheirs {
        /// The person.
        person: String,
    },
    /// A row that is not there.
    #[error("there is no row {number}: the rows are numbered 1 to {rows}")]
    NoRow {
        /// The number as typed.
        number: String,
        /// How many rows were shown.
        rows: usize,
    },
    /// Not about a row.
    #[error("say which row, as in 3 Ada; numbers alone are the rows that are wrong, found {0:?}")]
    Row(String),
    /// A command that a screen of rows does not have.
    #[error(
        "{0:?} is for a single question; here type the numbers of the rows that are wrong, or 3 Ada"
    )]
    NotForScreens(String),
    /// A name on a screen of faces that are not one person's.
    #[error("say which faces, as in 3 7-9 {0}; they are numbered 1 to {1}")]
    WhichFaces(String, usize),
    /// Faces on such a screen without a name.
    #[error("say who they are, as in {0} Ada")]
    WhoAreThey(String),
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Typed {
    /// Reads `line`, typed about the faces in `asked`.
    ///
    /// # Errors
    /// Where it is not an answer: each [`AnswerError`] says what was found and what is expected.
    pub fn parse(line: &str, asked: &Asked<'_>) -> Result<Self, AnswerError> {
        let line = line.trim();
        let decide = |decision| Self::Decide {
            decision,
            out: asked.out.clone(),
        };
        if line.is_empty() {
            return Ok(Self::Later);
        }
        if asked.person.is_some() && is_no(line) {
            return Ok(Self::No);
        }
        if line == "?" || line.eq_ignore_ascii_case("help") {
            return Ok(Self::Help);
        }
        if !line.starts_with(':') {
            return Ok(decide(Decision::Named(asked.name(line)?)));
        }
        let (command, rest) = match line.split_once(char::is_whitespace) {
            Some((command, rest)) => (command, rest.trim_start()),
            None => (line, ""),
        };
        let answer = match command.to_lowercase().as_str() {
            ":x" => return take_out(rest, asked),
            ":i" => decide(Decision::Ignored),
            ":n" => decide(Decision::NotAFace),
            // As on screens; so is Enter.
            ":l" => Self::Later,
            ":u" => Self::Undo,
            ":d" if asked.next_threshold => Self::NextThreshold,
            ":d" => return Err(AnswerError::NoNextThreshold),
            ":q" => Self::Quit,
            ":rest" => Self::Rest,
            ":?" | ":h" | ":help" => Self::Help,
            _ => return Err(AnswerError::Command(command.to_owned())),
        };
        if rest.is_empty() {
            Ok(answer)
        } else {
            Err(AnswerError::Rest {
                command: command.to_owned(),
                rest: rest.to_owned(),
            })
        }
    }
}

impl Asked<'_> {
    /// The name that a text stands for: `y` is the person's the question was about.
    fn name(&self, text: &str) -> Result<Name, NameError> {
        match self.person {
            Some(person) if is_yes(text) => Ok(person.clone()),
            _ => Name::new(text),
        }
    }

    /// Whether `name` may be a slip of the keyboard: one that answers another question, or, where
    /// the question was about a person, one that none of the `known` people has.
    /// [`Slip`](super::Slip) knows of more slips, and says why.
    #[must_use]
    pub fn is_doubtful(&self, name: &Name, known: &[String]) -> bool {
        let key = name.key();
        let is_known = |known: &String| Name::new(known).is_ok_and(|known| known.key() == key);
        (self.person.is_some() || is_yes(&key) || is_no(&key)) && !known.iter().any(is_known)
    }
}

/// Whether a line is a yes.
#[must_use]
pub fn is_yes(text: &str) -> bool {
    ["y", "yes"].contains(&text.trim().to_lowercase().as_str())
}

pub(super) fn is_no(text: &str) -> bool {
    ["n", "no"].contains(&text.trim().to_lowercase().as_str())
}

/// Reads what follows `:x`: numbers and ranges, then perhaps a name.
fn take_out(text: &str, asked: &Asked<'_>) -> Result<Typed, AnswerError> {
    let faces = asked.faces;
    let mut numbers = BTreeSet::new();
    let mut rest = text;
    while looks_like_numbers(rest) {
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        for range in word.split(',').filter(|range| !range.is_empty()) {
            let (first, last) = parse_range(range, faces)?;
            numbers.extend(first..=last);
        }
        rest = after.trim_start();
    }
    if numbers.is_empty() {
        return Err(AnswerError::NoFaces { faces });
    }
    if let Some(&number) = numbers.intersection(asked.out).next() {
        return Err(AnswerError::AlreadyOut(number));
    }
    let out: BTreeSet<usize> = numbers.union(asked.out).copied().collect();
    if out.len() >= faces && !asked.picking {
        return Err(match asked.person {
            Some(person) => AnswerError::AllNotTheirs {
                person: person.to_string(),
            },
            None => AnswerError::All { faces },
        });
    }
    if rest.is_empty() {
        return Ok(Typed::TakeOut(out));
    }
    let decision = Decision::Named(asked.name(rest)?);
    Ok(Typed::Decide { decision, out })
}

/// Whether the next word is made of digits, dashes and commas, so that a mistyped range is an error
/// and not a person's name.
pub(super) fn looks_like_numbers(text: &str) -> bool {
    let word = text.split(char::is_whitespace).next().unwrap_or("");
    !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_digit() || is_dash(c) || c == ',')
}

/// `3` or `7-9`, both ends included and within 1 to `faces`.
pub(super) fn parse_range(text: &str, faces: usize) -> Result<(usize, usize), AnswerError> {
    let number = |digits: &str| {
        if digits.is_empty() || digits.contains(is_dash) {
            return Err(AnswerError::Range(text.to_owned()));
        }
        // What does not fit a usize is not a face either.
        digits
            .parse()
            .ok()
            .filter(|number| (1..=faces).contains(number))
            .ok_or_else(|| AnswerError::NoFace {
                number: digits.to_owned(),
                faces,
            })
    };
    let (first, last) = match text.split_once(is_dash) {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    if first > last {
        return Err(AnswerError::Backwards { first, last });
    }
    Ok((first, last))
}

#[cfg(test)]
mod tests;
