//! What a line typed about faces of groups too small for a question of their own means: there numbers choose whom a name
//! is for.

use std::collections::BTreeSet;

use super::answer::{AnswerError, Asked, Typed, looks_like_numbers, parse_range};
use crate::{naming::Name, store::Decision};

/// What a line about single faces means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypedSingles {
    /// These faces, by number from 1, are this; the others are asked about again.
    Picked(BTreeSet<usize>, Decision),
    /// What it means at each question.
    Other(Typed),
}

impl TypedSingles {
    /// Reads `line`, typed about the faces in `asked`: `3 7-9 Ada`, or a command. A page with faces to click needs none of
    /// it.
    ///
    /// # Errors
    /// Where it is not an answer.
    pub fn parse(line: &str, asked: &Asked<'_>) -> Result<Self, AnswerError> {
        let line = line.trim();
        let (mut picked, mut rest) = (BTreeSet::new(), line);
        while looks_like_numbers(rest) {
            let (word, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            for range in word.split(',').filter(|range| !range.is_empty()) {
                let (first, last) = parse_range(range, asked.faces)?;
                picked.extend(first..=last);
            }
            rest = after.trim_start();
        }
        if picked.is_empty() {
            return match Typed::parse(line, asked)? {
                Typed::Decide {
                    decision: Decision::Named(name),
                    ..
                } if asked.faces > 1 => Err(AnswerError::WhichFaces(name.to_string(), asked.faces)),
                typed => Ok(Self::Other(typed)),
            };
        }
        if let Some(&number) = picked.intersection(asked.out).next() {
            return Err(AnswerError::AlreadyOut(number));
        }
        let decision = match rest {
            "" => return Err(AnswerError::WhoAreThey(line.to_owned())),
            ":i" => Decision::Ignored,
            ":n" => Decision::NotAFace,
            name => Decision::Named(Name::new(name)?),
        };
        Ok(Self::Picked(picked, decision))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_choose_whom_a_name_is_for() {
        let asked = Asked {
            faces: 9,
            out: &BTreeSet::from([4]),
            person: None,
            picking: false,
            next_threshold: false,
        };
        let ada = |faces: &[usize]| {
            let name = Decision::Named(Name::new("Ada").unwrap());
            Ok(TypedSingles::Picked(faces.iter().copied().collect(), name))
        };
        let cases = [
            ("3 7-9 Ada", ada(&[3, 7, 8, 9])),
            ("1,2 Ada", ada(&[1, 2])),
            ("", Ok(TypedSingles::Other(Typed::Later))),
            (":u", Ok(TypedSingles::Other(Typed::Undo))),
            (
                "Ada",
                Err("say which faces, as in 3 7-9 Ada; they are numbered 1 to 9"),
            ),
            ("3 7", Err("say who they are, as in 3 7 Ada")),
            ("4 Ada", Err("face 4 has been taken out already")),
            (
                "10 Ada",
                Err("there is no face 10: the faces are numbered 1 to 9"),
            ),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(line, expected)| {
                let found = TypedSingles::parse(line, &asked).map_err(|error| error.to_string());
                (line, found, expected.map_err(str::to_owned))
            })
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(line, found, expected): {wrong:#?}");
    }
}
