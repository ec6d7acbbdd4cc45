//! What a person types about a cluster, and what it means.
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
//! | `:d` | go down to the next threshold |
//! | `:q` | save and leave |
//! | `:?` | help |
//!
//! Where it is asked whether they are somebody's, `y` or `yes` is that name, and `n` or `no` says
//! that it is not; everything else means the same.
//!
//! Numbers after `:x` go on as far as they look like numbers; what follows is the name. A name that
//! begins with a number is typed on its own, as the answer to the next question.
//!
//! What is then done with the faces is not decided here.

use std::collections::BTreeSet;

use super::name::{Name, NameError};

/// What a person decided about a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Nothing yet: ask again in another run.
    Later,
    /// All faces are of this person.
    Name(Name),
    /// Some faces do not belong.
    TakeOut {
        /// Their numbers on the montage, from 1; never none, never all.
        faces: BTreeSet<usize>,
        /// Who the others are, where it was said in the same line.
        name: Option<Name>,
    },
    /// People who get no name.
    Strangers,
    /// The detector was wrong.
    NotFaces,
    /// Not the person that was asked about.
    No,
    /// Take back the last decision.
    Undo,
    /// Leave the rest of this threshold for later and go on with the next.
    Down,
    /// Save and leave.
    Quit,
    /// Show [`HELP`].
    Help,
}

/// What can be typed about a cluster, for `:?`.
pub const HELP: &str = "\
Enter           decide later
Ada Lovelace    the name of the person on all these faces
:x 3 7-9        take faces 3, 7, 8 and 9 out
:x 3 7-9 Ada    take them out, the others are Ada
:i              strangers: do not ask about them again
:n              not faces
:u              undo the last answer
:q              save and leave
:?              this help";

/// What can be typed where it is asked whether faces are somebody's.
pub const HELP_PERSON: &str = "\
y               yes, all these faces are this person's
n               no: this person is not suggested for them again
Enter           decide later
:x 3 7-9        take faces 3, 7, 8 and 9 out: they are not this person's
:x 3 7-9 y      take them out, the others are this person's
Ada Lovelace    it is Ada Lovelace, who has a name already
:i              strangers: do not ask about them again
:n              not faces
:u              undo the last answer
:q              save and leave
:?              this help";

/// A line more where there is a next threshold.
pub const HELP_DOWN: &str = "\
:d              go down to the next threshold, the rest here is for later";

/// Why an answer was not understood; nothing was decided.
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
    /// `:x` alone.
    #[error("say which faces to take out, as in :x 3 7-9; they are numbered 1 to {faces}")]
    NoFaces {
        /// How many faces the montage shows.
        faces: usize,
    },
    /// A number that no face has.
    #[error("there is no face {number}: the faces are numbered 1 to {faces}")]
    NoFace {
        /// The number as typed.
        number: String,
        /// How many faces the montage shows.
        faces: usize,
    },
    /// Looks like numbers but is none.
    #[error("{0:?} is no number or range of faces such as 3 or 7-9")]
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
        /// How many faces the montage shows.
        faces: usize,
    },
    /// Nothing would be left of those that may be somebody's.
    #[error("that takes out every face; n says that they are not {person}")]
    AllNotTheirs {
        /// Whose they may be.
        person: String,
    },
    /// A name that cannot be one.
    #[error(transparent)]
    Name(#[from] NameError),
}

impl Answer {
    /// Reads `line`, typed about a montage that numbers its faces from 1 to `faces`.
    ///
    /// # Errors
    /// Where it is no answer: each [`AnswerError`] says what was found and what is expected.
    pub fn parse(line: &str, faces: usize) -> Result<Self, AnswerError> {
        let line = line.trim();
        if line.is_empty() {
            return Ok(Self::Later);
        }
        if !line.starts_with(':') {
            return Ok(Self::Name(Name::new(line)?));
        }
        let (command, rest) = match line.split_once(char::is_whitespace) {
            Some((command, rest)) => (command, rest.trim_start()),
            None => (line, ""),
        };
        let answer = match command.to_lowercase().as_str() {
            ":x" => return take_out(rest, faces),
            ":i" => Self::Strangers,
            ":n" => Self::NotFaces,
            ":u" => Self::Undo,
            ":d" => Self::Down,
            ":q" => Self::Quit,
            ":?" => Self::Help,
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

impl Answer {
    /// Reads `line`, typed where it was asked whether `faces` faces are those of `person`.
    ///
    /// # Errors
    /// As of [`Self::parse`].
    pub fn parse_about(line: &str, faces: usize, person: &Name) -> Result<Self, AnswerError> {
        let word = line.trim().to_lowercase();
        if is_yes(&word) {
            return Ok(Self::Name(person.clone()));
        }
        if matches!(word.as_str(), "n" | "no") {
            return Ok(Self::No);
        }
        match Self::parse(line, faces) {
            Ok(Self::TakeOut { faces, name }) => Ok(Self::TakeOut {
                faces,
                name: name.map(|name| {
                    if is_yes(&name.key()) {
                        person.clone()
                    } else {
                        name
                    }
                }),
            }),
            Err(AnswerError::All { .. }) => Err(AnswerError::AllNotTheirs {
                person: person.to_string(),
            }),
            other => other,
        }
    }
}

fn is_yes(word: &str) -> bool {
    matches!(word, "y" | "yes")
}

/// Reads what follows `:x`: numbers and ranges, then perhaps a name.
fn take_out(text: &str, faces: usize) -> Result<Answer, AnswerError> {
    let mut out = BTreeSet::new();
    let mut rest = text;
    while looks_like_numbers(rest) {
        let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        for range in word.split(',').filter(|range| !range.is_empty()) {
            let (first, last) = parse_range(range, faces)?;
            out.extend(first..=last);
        }
        rest = after.trim_start();
    }
    if out.is_empty() {
        return Err(AnswerError::NoFaces { faces });
    }
    if out.len() >= faces {
        return Err(AnswerError::All { faces });
    }
    let name = if rest.is_empty() {
        None
    } else {
        Some(Name::new(rest)?)
    };
    Ok(Answer::TakeOut { faces: out, name })
}

/// Whether the next word is made of digits, dashes and commas, so that a mistyped range is an error
/// and not the name of a person.
fn looks_like_numbers(text: &str) -> bool {
    let word = text.split(char::is_whitespace).next().unwrap_or("");
    !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_ascii_digit() || is_dash(c) || c == ',')
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2014}' | '\u{2212}')
}

/// `3` or `7-9`, both ends included and within 1 to `faces`.
fn parse_range(text: &str, faces: usize) -> Result<(usize, usize), AnswerError> {
    let number = |digits: &str| {
        if digits.is_empty() || digits.contains(is_dash) {
            return Err(AnswerError::Range(text.to_owned()));
        }
        // What does not fit a usize is no face either.
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn without(faces: &[usize], of: Option<&str>) -> Answer {
        Answer::TakeOut {
            faces: faces.iter().copied().collect(),
            name: of.map(name),
        }
    }

    #[test]
    fn answers_to_a_montage_of_nine() {
        let cases = [
            ("", Answer::Later),
            ("  \t", Answer::Later),
            ("Ada Lovelace", Answer::Name(name("Ada Lovelace"))),
            (" ada  lovelace \r\n", Answer::Name(name("ada lovelace"))),
            ("3", Answer::Name(name("3"))),
            ("50 Cent", Answer::Name(name("50 Cent"))),
            ("x 3", Answer::Name(name("x 3"))),
            (":i", Answer::Strangers),
            (":N ", Answer::NotFaces),
            (":u", Answer::Undo),
            (":d", Answer::Down),
            ("y", Answer::Name(name("y"))),
            (":q", Answer::Quit),
            (":?", Answer::Help),
            (":x 3", without(&[3], None)),
            (":x 3 7-9", without(&[3, 7, 8, 9], None)),
            (":X\t9,3-4 , 3", without(&[3, 4, 9], None)),
            (":x 7\u{2013}9", without(&[7, 8, 9], None)),
            (":x 4-4", without(&[4], None)),
            (
                ":x 1-8 Ada Lovelace",
                without(&[1, 2, 3, 4, 5, 6, 7, 8], Some("Ada Lovelace")),
            ),
            (
                ":x 3 7-9   Ada 2 Lovelace",
                without(&[3, 7, 8, 9], Some("Ada 2 Lovelace")),
            ),
            (":x 3 2Pac", without(&[3], Some("2Pac"))),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(line, answer)| (line, Answer::parse(line, 9), answer))
            .filter(|(_, found, answer)| found.as_ref() != Ok(answer))
            .collect();
        assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
    }

    #[test]
    fn what_is_no_answer_says_what_is_expected() {
        let all = "that takes out all 9 faces; Enter leaves them for later, :i are strangers, :n not faces";
        let which = "say which faces to take out, as in :x 3 7-9; they are numbered 1 to 9";
        let cases = [
            (
                ":z",
                "there is no command \":z\"; :? shows what can be typed",
            ),
            (":", "there is no command \":\"; :? shows what can be typed"),
            (
                ":x3",
                "there is no command \":x3\"; :? shows what can be typed",
            ),
            (":q now", "nothing may follow :q, found \"now\""),
            (":x", which),
            (":x Ada", which),
            (":x ,", which),
            (
                ":x 12",
                "there is no face 12: the faces are numbered 1 to 9",
            ),
            (":x 0", "there is no face 0: the faces are numbered 1 to 9"),
            (
                ":x 3 50 Cent",
                "there is no face 50: the faces are numbered 1 to 9",
            ),
            (
                ":x 99999999999999999999999",
                "there is no face 99999999999999999999999: the faces are numbered 1 to 9",
            ),
            (
                ":x 8-10",
                "there is no face 10: the faces are numbered 1 to 9",
            ),
            (":x 9-7", "the range 9-7 runs backwards: write 7-9"),
            (
                ":x 3-",
                "\"3-\" is no number or range of faces such as 3 or 7-9",
            ),
            (
                ":x -3",
                "\"-3\" is no number or range of faces such as 3 or 7-9",
            ),
            (
                ":x 1-2-3",
                "\"1-2-3\" is no number or range of faces such as 3 or 7-9",
            ),
            (":x 1-9", all),
            (":x 1-9 Ada", all),
            (":x 3 :i", "a name cannot begin with a colon: \":i\""),
            (
                "...",
                "a name needs a letter or a digit, or Flickr cannot keep it as a tag: \"...\"",
            ),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(line, why)| (line, Answer::parse(line, 9).map_err(|e| e.to_string()), why))
            .filter(|(_, found, why)| found != &Err((*why).to_owned()))
            .collect();
        assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
    }

    #[test]
    fn answers_to_is_this_ada() {
        let ada = name("Ada Lovelace");
        let cases = [
            ("", Ok(Answer::Later)),
            ("y", Ok(Answer::Name(ada.clone()))),
            (" YES ", Ok(Answer::Name(ada.clone()))),
            ("n", Ok(Answer::No)),
            ("No", Ok(Answer::No)),
            ("Nora", Ok(Answer::Name(name("Nora")))),
            (":n", Ok(Answer::NotFaces)),
            (":x 2", Ok(without(&[2], None))),
            (":x 2 y", Ok(without(&[2], Some("Ada Lovelace")))),
            (":x 2 Yes", Ok(without(&[2], Some("Ada Lovelace")))),
            (":x 2 Nora", Ok(without(&[2], Some("Nora")))),
            (
                ":x 1-3",
                Err("that takes out every face; n says that they are not Ada Lovelace"),
            ),
            (
                ":x 4",
                Err("there is no face 4: the faces are numbered 1 to 3"),
            ),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(line, expected)| {
                let found = Answer::parse_about(line, 3, &ada).map_err(|error| error.to_string());
                (line, found, expected.map_err(str::to_owned))
            })
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
    }

    #[test]
    fn help_names_every_command() {
        let commands = [":x", ":i", ":n", ":u", ":q", ":?"];
        for (help, more) in [
            (HELP, &["Enter"][..]),
            (HELP_PERSON, &["Enter", "y ", "n "]),
        ] {
            for command in commands.iter().chain(more) {
                assert!(
                    help.lines().any(|line| line.starts_with(command)),
                    "{command} is missing in {help}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_takes_out_faces_that_are_there(
            line in "(:x )?[0-9, a:x-]{0,12}|\\PC{0,20}",
            faces in 0_usize..60,
        ) {
            if let Ok(Answer::TakeOut { faces: out, .. }) = Answer::parse(&line, faces) {
                prop_assert!(!out.is_empty() && out.len() < faces);
                prop_assert!(out.iter().all(|face| (1..=faces).contains(face)));
            }
        }
    }
}
