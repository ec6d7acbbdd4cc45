//! Rows of a screen that are somebody else. What was said of them waits for the answer to the screen: all of it is one entry of
//! the journal, as on the page.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    steps::naming::{RowAnswer, Suggestion},
    store::{Decision, FaceId},
};

/// What a row of a screen was said to be instead of the person whom it suggests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead {
    /// A name, strangers, or not faces.
    pub decision: Decision,
    /// The faces that are.
    pub faces: Vec<FaceId>,
    /// The row's other faces, which are neither.
    pub others: Vec<FaceId>,
    /// Whether that holds for faces, too, that were said not to be this person before.
    pub force: bool,
}

impl Instead {
    /// `Eve`, `strangers`.
    pub(super) fn words(&self) -> &str {
        match &self.decision {
            Decision::Named(name) => name.as_str(),
            Decision::Ignored => "strangers",
            Decision::NotAFace => "not faces",
        }
    }

    /// As an answer about its row, of which the faces with these numbers are neither.
    pub(super) fn answers(&self, row: &Suggestion, neither: &BTreeSet<usize>) -> Vec<RowAnswer> {
        let is_neither = |face: &FaceId| {
            let mut numbered = (1..).zip(&row.faces);
            self.others.contains(face)
                || numbered.any(|(number, member)| member.id == *face && neither.contains(&number))
        };
        let faces = row.faces.iter().map(|face| face.id.clone());
        let (others, faces): (Vec<_>, Vec<_>) = faces.partition(is_neither);
        let said = RowAnswer {
            person: row.person,
            theirs: Vec::new(),
            not_theirs: faces,
            instead: Some(self.decision.clone()),
            force: self.force,
        };
        let others = RowAnswer {
            not_theirs: others,
            instead: None,
            ..said.clone()
        };
        let answers = [said, others].into_iter();
        answers.filter(|row| !row.not_theirs.is_empty()).collect()
    }
}

/// What was said of these rows before the question was asked again, by their numbers of now.
pub(super) fn said_of(rows: &[Suggestion], said: &[Instead]) -> BTreeMap<usize, Instead> {
    let of_row = |row: &Suggestion| {
        let is_here = |said: &&Instead| {
            let mut faces = said.faces.iter();
            faces.any(|face| row.faces.iter().any(|member| member.id == *face))
        };
        said.iter().find(is_here).cloned()
    };
    (1..)
        .zip(rows)
        .filter_map(|(number, row)| Some((number, of_row(row)?)))
        .collect()
}
