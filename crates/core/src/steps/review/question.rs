//! A question about faces: who are these, or are they this person?

use std::collections::BTreeSet;

use super::answer::Asked;
use crate::{
    naming::{Name, montage},
    steps::naming::{Member, Session, Suggestion},
    store::{FaceId, FaceState},
    text::count,
};

/// A question that can be asked, and asked again when its answer is undone.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Faces closer than this were linked.
    pub threshold: f32,
    /// Its place among its kind at this threshold, from 1.
    pub number: usize,
    /// How many of its kind there are.
    pub of: usize,
    /// The faces, and whether they may be a person's.
    pub about: About,
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    /// Faces that look like each other.
    Cluster(Vec<Member>),
    /// Faces that may be a person's.
    Person(Suggestion),
}

impl Question {
    /// The faces, whatever was decided since.
    #[must_use]
    pub fn faces(&self) -> &[Member] {
        match &self.about {
            About::Cluster(faces) => faces,
            About::Person(suggestion) => &suggestion.faces,
        }
    }

    /// The faces that still have no decision.
    pub(super) fn open(&self, session: &Session) -> Vec<Member> {
        match &self.about {
            About::Cluster(faces) => faces
                .iter()
                .filter(|face| session.state(&face.id) == Some(FaceState::Unnamed))
                .cloned()
                .collect(),
            About::Person(suggestion) => session.still_open(suggestion),
        }
    }

    /// `Is this Ada?`
    pub(super) fn prompt(&self) -> String {
        match &self.about {
            About::Cluster(_) => "Who is this?".to_owned(),
            About::Person(suggestion) => format!("Is this {}?", suggestion.name),
        }
    }
}

/// A question as it is shown, and what was taken out of it so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The question.
    pub question: Question,
    /// The faces that had no decision when it was first shown; a face's number is its place, from 1.
    pub faces: Vec<Member>,
    /// The numbers of those that were taken out.
    pub out: BTreeSet<usize>,
    /// How many more answers cover most of the faces: `12 more answers cover 80%`. May be empty.
    pub progress_hint: String,
}

impl Shown {
    /// The faces that an answer is about, with their numbers.
    pub fn left(&self) -> impl Iterator<Item = (usize, &Member)> {
        (1..)
            .zip(&self.faces)
            .filter(|(number, _)| !self.out.contains(number))
    }

    /// The ids of the faces that are taken out, or of those that are not.
    pub(super) fn ids(&self, out: bool) -> Vec<FaceId> {
        (1..)
            .zip(&self.faces)
            .filter(|(number, _)| self.out.contains(number) == out)
            .map(|(_, face)| face.id.clone())
            .collect()
    }

    /// Faces of the person to show beside those that are asked about.
    #[must_use]
    pub fn samples(&self) -> &[FaceId] {
        match &self.question.about {
            About::Cluster(_) => &[],
            About::Person(suggestion) => &suggestion.samples,
        }
    }

    /// The name of the file for its montage.
    #[must_use]
    pub fn file_name(&self) -> String {
        let Question {
            threshold, number, ..
        } = self.question;
        let faces = self.left().count();
        match self.question.about {
            About::Cluster(_) => montage::file_name(threshold, number, faces),
            About::Person(_) => montage::suggestion_file_name(threshold, number, faces),
        }
    }

    /// `Cluster 2 of 7: 12 faces`.
    #[must_use]
    pub fn title(&self) -> String {
        let Question { number, of, .. } = self.question;
        let kind = match self.question.about {
            About::Cluster(_) => "Cluster",
            About::Person(_) => "Suggestion",
        };
        let faces = count(self.left().count(), "face", "faces");
        format!("{kind} {number} of {of}: {faces}")
    }

    /// Why it is asked, which faces are the odd ones, and how far it is to the end: a sentence each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let About::Person(suggestion) = &self.question.about {
            notes.push(suggestion.reason());
        }
        let odd = self.left().filter(|(_, face)| face.outlier);
        let odd: Vec<_> = odd.map(|(number, _)| number.to_string()).collect();
        if !odd.is_empty() {
            notes.push(format!("Least like the others: {}.", odd.join(" ")));
        }
        if !self.progress_hint.is_empty() {
            notes.push(format!("{}.", self.progress_hint));
        }
        notes
    }

    /// What a line typed now is about. `person` is the one asked about, as they are called now.
    pub(super) fn asked<'a>(&'a self, person: Option<&'a Name>, next_threshold: bool) -> Asked<'a> {
        Asked {
            faces: self.faces.len(),
            out: &self.out,
            person,
            picking: false,
            next_threshold,
        }
    }
}
