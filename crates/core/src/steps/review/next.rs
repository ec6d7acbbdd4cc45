//! What a review asks next, what it waits for, and what it has counted.

use std::collections::BTreeSet;

use super::{
    event::Event,
    question::{Question, Shown},
};
use crate::{ids::JournalId, naming::Name, store::FaceId};

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
#[derive(Debug, Clone, PartialEq, Eq)]
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
    Name(Name, BTreeSet<usize>),
    /// These faces were rejected as this person before.
    Force(Shown, Name, Vec<FaceId>),
}

/// An answer that can be undone.
#[derive(Debug, Clone)]
pub(super) struct Done {
    pub entry: JournalId,
    pub what: String,
    pub question: Question,
    /// The counters before it.
    pub before: Counters,
}

impl Confirm {
    pub(super) fn prompt(&self) -> Prompt {
        let (text, keys) = match self {
            Self::Name(name, _) => (
                format!("No one is called {name} yet. Is that the name? [y/N]"),
                "Enter is no, and asks again",
            ),
            Self::Force(_, name, faces) => {
                let them = if faces.len() == 1 { "it" } else { "them" };
                (format!("Name {them} {name} anyway? [y/N]"), "Enter is no")
            }
        };
        Prompt {
            text,
            keys: keys.to_owned(),
            names: Vec::new(),
        }
    }
}
