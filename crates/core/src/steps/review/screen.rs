//! What a line typed about a screen of rows or pairs means.
//!
//! | typed | means |
//! |---|---|
//! | nothing, or `y` | all of them are right |
//! | `3 7` | all but rows 3 and 7 |
//! | `3.2 7` | all but face 2 of row 3, and row 7 |
//! | `3?` | all but row 3, about which nothing is said |
//! | `3 Ada Lovelace` | row 3 is Ada Lovelace, which is decided with the other rows |
//! | `n` | none of them is right |
//! | `:l` | all of them later |
//! | `:u`, `:d`, `:q`, `:?`, `:rest` | as everywhere |

use std::collections::{BTreeMap, BTreeSet};

use super::answer::{AnswerError, Asked, Typed, is_no, is_yes};
use crate::{naming::Name, store::Decision, text::is_dash};

/// What a line about a screen means. Rows and their faces have numbers from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedScreen {
    /// All rows are right, but for these.
    All(Exceptions),
    /// One row is somebody else; nothing is said about the others yet.
    Row(usize, Decision),
    /// Nothing is said about any of them.
    Later,
    /// A command that means the same at each question.
    Command(Typed),
}

/// What is not right on a screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Rows that are wrong.
    pub wrong: BTreeSet<usize>,
    /// Faces that are wrong in rows that are right else.
    pub faces: BTreeMap<usize, BTreeSet<usize>>,
    /// Rows about which nothing is said.
    pub unsure: BTreeSet<usize>,
}

impl TypedScreen {
    /// Reads `line`, typed about rows with these numbers of faces; pairs have none that could be told apart. A page with
    /// rows to click needs none of it: it gives [`RowAnswer`](crate::steps::naming::RowAnswer)s.
    ///
    /// # Errors
    /// Where it is not an answer.
    pub fn parse(line: &str, rows: &[usize], next_threshold: bool) -> Result<Self, AnswerError> {
        let line = line.trim();
        if line.is_empty() || is_yes(line) {
            return Ok(Self::All(Exceptions::default()));
        }
        if is_no(line) {
            return Ok(Self::All(Exceptions {
                wrong: (1..=rows.len()).collect(),
                ..Exceptions::default()
            }));
        }
        if [":l", "later", "l"].contains(&line.to_lowercase().as_str()) {
            return Ok(Self::Later);
        }
        if line.starts_with([':', '?']) || line.eq_ignore_ascii_case("help") {
            return Self::command(line, rows.len(), next_threshold);
        }
        if let Some((first, rest)) = line.split_once(char::is_whitespace)
            && let Ok(row) = first.parse::<usize>()
            && !rest.trim_start().starts_with(|c: char| c.is_ascii_digit())
        {
            row_number(first, rows.len())?;
            let decision = match rest.trim() {
                ":i" => Decision::Ignored,
                ":n" => Decision::NotAFace,
                name => Decision::Named(Name::new(name)?),
            };
            return Ok(Self::Row(row, decision));
        }
        exceptions(line, rows).map(Self::All)
    }

    fn command(line: &str, rows: usize, next_threshold: bool) -> Result<Self, AnswerError> {
        let asked = Asked {
            faces: rows,
            out: &BTreeSet::new(),
            person: None,
            picking: false,
            next_threshold,
        };
        match Typed::parse(line, &asked)? {
            Typed::Decide { .. } | Typed::TakeOut(_) | Typed::Later | Typed::No => {
                Err(AnswerError::NotForScreens(line.to_owned()))
            }
            typed => Ok(Self::Command(typed)),
        }
    }
}

fn exceptions(line: &str, rows: &[usize]) -> Result<Exceptions, AnswerError> {
    let mut found = Exceptions::default();
    let words = line.split(|c: char| c.is_whitespace() || c == ',');
    for word in words.filter(|word| !word.is_empty()) {
        if let Some(row) = word.strip_suffix('?') {
            found.unsure.insert(row_number(row, rows.len())?);
        } else if let Some((row, faces)) = word.split_once('.') {
            let row = row_number(row, rows.len())?;
            let (first, last) = range(faces, rows[row - 1])?;
            found.faces.entry(row).or_default().extend(first..=last);
        } else {
            let (first, last) = range(word, rows.len())?;
            found.wrong.extend(first..=last);
        }
    }
    // Where every face of a row is wrong, the row is.
    let whole = found
        .faces
        .iter()
        .filter(|(row, faces)| faces.len() >= rows[**row - 1]);
    let whole: Vec<usize> = whole.map(|(row, _)| *row).collect();
    found.wrong.extend(whole);
    found.faces.retain(|row, _| !found.wrong.contains(row));
    Ok(found)
}

fn row_number(text: &str, rows: usize) -> Result<usize, AnswerError> {
    range(text, rows).map(|(first, _)| first)
}

/// `3` or `3-5`, within 1 to `most`.
fn range(text: &str, most: usize) -> Result<(usize, usize), AnswerError> {
    let number = |digits: &str| -> Result<usize, AnswerError> {
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AnswerError::Row(text.to_owned()));
        }
        let number = digits.parse().ok();
        number
            .filter(|number| (1..=most).contains(number))
            .ok_or_else(|| AnswerError::NoRow {
                number: digits.to_owned(),
                rows: most,
            })
    };
    let (first, last) = match text.split_once(is_dash) {
        Some((first, last)) => (number(first)?, number(last)?),
        None => (number(text)?, number(text)?),
    };
    match first <= last {
        true => Ok((first, last)),
        false => Err(AnswerError::Backwards { first, last }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_to_a_screen_of_three_rows() {
        let all = |wrong: &[usize], faces: &[(usize, &[usize])], unsure: &[usize]| {
            Ok(TypedScreen::All(Exceptions {
                wrong: wrong.iter().copied().collect(),
                faces: faces
                    .iter()
                    .map(|(row, faces)| (*row, faces.iter().copied().collect()))
                    .collect(),
                unsure: unsure.iter().copied().collect(),
            }))
        };
        let row = |row, name: &str| {
            Ok(TypedScreen::Row(
                row,
                Decision::Named(Name::new(name).unwrap()),
            ))
        };
        let command = |typed| Ok(TypedScreen::Command(typed));
        let cases = [
            ("", all(&[], &[], &[])),
            (" Y ", all(&[], &[], &[])),
            ("n", all(&[1, 2, 3], &[], &[])),
            ("2", all(&[2], &[], &[])),
            ("1 3", all(&[1, 3], &[], &[])),
            ("1-2,3", all(&[1, 2, 3], &[], &[])),
            ("3.2", all(&[], &[(3, &[2])], &[])),
            ("3.2-4 1", all(&[1], &[(3, &[2, 3, 4])], &[])),
            // Row 2 has one face.
            ("2.1", all(&[2], &[], &[])),
            ("2? 1", all(&[1], &[], &[2])),
            ("2 Ada Lovelace", row(2, "Ada Lovelace")),
            ("2 :i", Ok(TypedScreen::Row(2, Decision::Ignored))),
            (":l", Ok(TypedScreen::Later)),
            (":u", command(Typed::Undo)),
            (":q", command(Typed::Quit)),
            ("?", command(Typed::Help)),
            ("help", command(Typed::Help)),
            ("4", Err("there is no row 4: the rows are numbered 1 to 3")),
            (
                "4 Ada",
                Err("there is no row 4: the rows are numbered 1 to 3"),
            ),
            (
                "3.6",
                Err("there is no row 6: the rows are numbered 1 to 5"),
            ),
            (
                "Ada",
                Err(
                    "say which row, as in 3 Ada; numbers alone are the rows that are wrong, found \"Ada\"",
                ),
            ),
            (
                ":x 1",
                Err(
                    "\":x 1\" is for a single question; here type the numbers of the rows that are wrong, or 3 Ada",
                ),
            ),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(line, expected)| {
                let found = TypedScreen::parse(line, &[2, 1, 5], false);
                (
                    line,
                    found.map_err(|error| error.to_string()),
                    expected.map_err(str::to_owned),
                )
            })
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
    }
}
