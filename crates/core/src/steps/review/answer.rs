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
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Name::new(text).unwrap()
    }

    fn named(text: &str) -> Typed {
        without(&[], Some(text))
    }

    fn without(faces: &[usize], of: Option<&str>) -> Typed {
        let out = faces.iter().copied().collect();
        match of {
            Some(of) => Typed::Decide {
                decision: Decision::Named(name(of)),
                out,
            },
            None => Typed::TakeOut(out),
        }
    }

    fn all(decision: Decision) -> Typed {
        Typed::Decide {
            decision,
            out: BTreeSet::new(),
        }
    }

    /// Reads a line about faces of which none is out.
    fn parse(line: &str, faces: usize, person: Option<&Name>) -> Result<Typed, AnswerError> {
        let asked = Asked {
            faces,
            out: &BTreeSet::new(),
            person,
            picking: false,
            next_threshold: true,
        };
        Typed::parse(line, &asked)
    }

    #[test]
    fn answers_to_a_montage_of_nine() {
        let cases = [
            ("", Typed::Later),
            ("  \t", Typed::Later),
            ("Ada Lovelace", named("Ada Lovelace")),
            (" ada  lovelace \r\n", named("ada lovelace")),
            ("3", named("3")),
            ("50 Cent", named("50 Cent")),
            ("x 3", named("x 3")),
            (":i", all(Decision::Ignored)),
            (":N ", all(Decision::NotAFace)),
            (":u", Typed::Undo),
            (":d", Typed::NextThreshold),
            (":l", Typed::Later),
            ("y", named("y")),
            (":q", Typed::Quit),
            (":?", Typed::Help),
            ("?", Typed::Help),
            ("Help", Typed::Help),
            (":rest", Typed::Rest),
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
            .map(|(line, answer)| (line, parse(line, 9, None), answer))
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
                "\"3-\" is not a number or range of faces such as 3 or 7-9",
            ),
            (
                ":x -3",
                "\"-3\" is not a number or range of faces such as 3 or 7-9",
            ),
            (
                ":x 1-2-3",
                "\"1-2-3\" is not a number or range of faces such as 3 or 7-9",
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
            .map(|(line, why)| (line, parse(line, 9, None).map_err(|e| e.to_string()), why))
            .filter(|(_, found, why)| found != &Err((*why).to_owned()))
            .collect();
        assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
    }

    #[test]
    fn answers_to_is_this_ada() {
        let ada = name("Ada Lovelace");
        let cases = [
            ("", Ok(Typed::Later)),
            ("y", Ok(named("Ada Lovelace"))),
            (" YES ", Ok(named("Ada Lovelace"))),
            ("n", Ok(Typed::No)),
            ("No", Ok(Typed::No)),
            ("Nora", Ok(named("Nora"))),
            (":n", Ok(all(Decision::NotAFace))),
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
                let found = parse(line, 3, Some(&ada)).map_err(|error| error.to_string());
                (line, found, expected.map_err(str::to_owned))
            })
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
    }

    #[test]
    fn faces_taken_out_before_stay_out() {
        let before = BTreeSet::from([2, 3]);
        let asked = Asked {
            faces: 4,
            out: &before,
            person: None,
            picking: false,
            next_threshold: false,
        };
        let cases = [
            ("Ada", Ok(without(&[2, 3], Some("Ada")))),
            (":x 1", Ok(without(&[1, 2, 3], None))),
            (":x 4 Ada", Ok(without(&[2, 3, 4], Some("Ada")))),
            (":x 2 Ada", Err("face 2 has been taken out already")),
            (
                ":x 1 4",
                Err(
                    "that takes out all 4 faces; Enter leaves them for later, :i are strangers, :n not faces",
                ),
            ),
            (
                ":d",
                Err("there are no stricter groups to go on to; :d is for `cluster-faces sweep`"),
            ),
        ];
        for (line, expected) in cases {
            let found = Typed::parse(line, &asked).map_err(|error| error.to_string());
            assert_eq!(found, expected.map_err(str::to_owned), "{line}");
        }
    }

    #[test]
    fn where_faces_are_picked_all_may_be() {
        let asked = Asked {
            faces: 2,
            out: &BTreeSet::new(),
            person: None,
            picking: true,
            next_threshold: false,
        };
        assert_eq!(
            Typed::parse(":x 1-2 Ada", &asked),
            Ok(without(&[1, 2], Some("Ada")))
        );
    }

    #[test]
    fn a_name_may_be_a_slip() {
        let ada = name("Ada");
        let known = ["Ada".to_owned(), "No".to_owned()];
        // The name, who was asked about, whether it is doubtful.
        let cases = [
            ("Eve", None, false),
            ("yes", None, true),
            ("NO", None, false),
            ("Eve", Some(&ada), true),
            ("ada", Some(&ada), false),
        ];
        for (text, person, doubtful) in cases {
            let asked = Asked {
                faces: 1,
                out: &BTreeSet::new(),
                person,
                picking: false,
                next_threshold: false,
            };
            assert_eq!(
                asked.is_doubtful(&name(text), &known),
                doubtful,
                "{text} {person:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_takes_out_faces_that_are_there(
            line in "(:x )?[0-9, a:x-]{0,12}|\\PC{0,20}",
            faces in 0_usize..60,
        ) {
            if let Ok(Typed::TakeOut(out)) = parse(&line, faces, None) {
                prop_assert!(!out.is_empty() && out.len() < faces);
                prop_assert!(out.iter().all(|face| (1..=faces).contains(face)));
            }
        }
    }
}
