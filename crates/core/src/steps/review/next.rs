//! What a review asks next, what it waits for, and what it has counted.

use super::{
    event::Event,
    question::{Question, Shown},
    slip::Slip,
};
use crate::{
    ids::JournalId,
    naming::Name,
    steps::naming::{Answer, twice_words},
    store::{Decision, FaceId},
    text::{count, grouped},
};

/// What a review did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Clusters answered with a name, strangers or not faces.
    pub clusters: u64,
    /// Suggestions answered, no among them.
    pub suggestions: u64,
    /// Faces that got a name.
    pub named: u64,
    /// Faces that were said to be strangers' or not faces.
    pub others: u64,
    /// Faces that were said not to be the person suggested.
    pub rejected: u64,
    /// Pairs that were said to be one person.
    pub merged: u64,
}

/// How a review ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was no face to ask about.
    NothingToAsk,
    /// Everything was asked.
    Through,
    /// The person left.
    Left,
}

impl Counters {
    /// Faces that were decided about.
    #[must_use]
    pub fn decided(&self) -> u64 {
        self.named + self.others
    }
}

/// What comes next.
#[derive(Debug, Clone)]
pub enum Next {
    /// Tell this, then go on.
    Tell(Event),
    /// Ask this, then give the line to [`Review::answer`](super::Review::answer).
    Ask(Prompt),
    /// That was all.
    End(Outcome),
}

/// A line to ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prompt {
    /// The question.
    pub text: String,
    /// What can be typed, separated by commas.
    pub keys: String,
    /// Names to offer for completion.
    pub names: Vec<String>,
}

/// An answer that waits for a yes.
#[derive(Debug, Clone)]
pub(super) enum Confirm {
    /// The name may be a slip.
    Slip(Proposal, Slip),
    /// The name would make someone twice in these faces' photos.
    Twice(Proposal, Vec<FaceId>),
    /// These faces were rejected as this person before.
    Force(Shown, Name, Vec<FaceId>),
    /// These faces of a row were rejected as this person before.
    Rejected(Proposal, Vec<FaceId>),
    /// These faces, all that are left, are strangers'.
    Rest(Shown, Vec<FaceId>),
}

/// Which part of its question an answer is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    All,
    /// Some faces: the others are asked about again.
    Faces,
    /// This row of a screen: it waits for the answer about the others.
    Row(usize),
}

/// An answer that is not carried out yet.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    pub shown: Shown,
    pub answer: Answer,
    pub part: Part,
}

/// An answer that can be undone.
#[derive(Debug, Clone)]
pub(super) struct Done {
    /// Its entry in the journal.
    pub entry: JournalId,
    pub what: String,
    pub question: Question,
    /// The counters before it.
    pub before: Counters,
}

impl Confirm {
    /// The faces that a yes would decide about.
    pub(super) fn faces(&self) -> &[FaceId] {
        match self {
            Self::Slip(proposal, _) | Self::Twice(proposal, _) | Self::Rejected(proposal, _) => {
                &proposal.answer.faces
            }
            Self::Force(_, _, faces) | Self::Rest(_, faces) => faces,
        }
    }

    /// The question that its answer was typed at.
    pub(super) fn shown(&self) -> &Shown {
        match self {
            Self::Slip(Proposal { shown, .. }, _)
            | Self::Twice(Proposal { shown, .. }, _)
            | Self::Rejected(Proposal { shown, .. }, _)
            | Self::Force(shown, ..)
            | Self::Rest(shown, _) => shown,
        }
    }

    pub(super) fn prompt(&self) -> Prompt {
        let (text, keys) = match self {
            Self::Slip(_, slip) => (format!("{slip} [y/N]"), "y = yes, Enter = no: ask again"),
            Self::Twice(proposal, twice) => {
                let (Decision::Named(name), faces) =
                    (&proposal.answer.decision, proposal.answer.faces.len())
                else {
                    return Prompt::default();
                };
                let all = match twice.len() == faces {
                    true => {
                        "y = yes: ask again without the name, n = no: name them, Enter = ask again"
                    }
                    false => "y = yes, n = no: name all of them, Enter = ask again",
                };
                let text = twice_words(name, twice.len(), faces);
                (format!("{text} [y/n]"), all)
            }
            Self::Force(_, name, faces) => {
                let them = if faces.len() == 1 { "it" } else { "them" };
                (
                    format!("Name {them} {name} anyway? [y/N]"),
                    "y = yes, Enter = no",
                )
            }
            Self::Rejected(proposal, faces) => {
                let Decision::Named(name) = &proposal.answer.decision else {
                    return Prompt::default();
                };
                (
                    rejected_words(name, faces.len(), proposal.answer.faces.len()),
                    "y = yes, Enter = no",
                )
            }
            Self::Rest(_, faces) => (
                format!(
                    "All that is left, {}, are strangers? [y/N]",
                    count(faces.len(), "face", "faces")
                ),
                "y = yes, Enter = no: ask again",
            ),
        };
        Prompt {
            text,
            keys: keys.to_owned(),
            names: Vec::new(),
        }
    }
}

/// `2 of these faces were said not to be Ada before. Name them Ada anyway? [y/N]`
fn rejected_words(name: &Name, rejected: usize, faces: usize) -> String {
    let (which, it) = match (rejected, faces) {
        (_, 1) => ("This face was".to_owned(), "it"),
        (1, _) => ("1 of these faces was".to_owned(), "it"),
        (rejected, faces) if rejected == faces => ("These faces were".to_owned(), "them"),
        (rejected, _) => (format!("{} of these faces were", grouped(rejected)), "them"),
    };
    format!("{which} said not to be {name} before. Name {it} {name} anyway? [y/N]")
}
