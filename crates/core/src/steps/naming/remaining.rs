//! What is left: how much is named, who may be known, and the faces of groups too small for a question.

use std::sync::Arc;

use super::{
    Session, StepError, View,
    library::{Known, Library},
    likeness::by_likeness,
    members::Member,
};
use crate::{
    boxed,
    steps::blocking::blocking,
    store::FaceState,
    text::{count, grouped},
};

/// Where the faces stand that can be compared and are good enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Remaining {
    /// Those that have a name.
    pub named: usize,
    /// Those without a decision.
    pub left: usize,
    /// How many of these look a little like someone who has a name.
    pub perhaps_known: usize,
}

impl Remaining {
    /// `2,300 faces have names. 976 faces remain, 94 of them perhaps people you know.`
    #[must_use]
    pub fn words(&self) -> String {
        let has = if self.named == 1 {
            "has a name"
        } else {
            "have names"
        };
        let named = format!("{} {has}.", count(self.named, "face", "faces"));
        let remain = if self.left == 1 { "remains" } else { "remain" };
        match (self.left, self.perhaps_known) {
            (0, _) => format!("{named} None remains."),
            (left, 0) => format!("{named} {} {remain}.", count(left, "face", "faces")),
            (left, known) => format!(
                "{named} {} {remain}, {} of them perhaps people you know.",
                count(left, "face", "faces"),
                grouped(known)
            ),
        }
    }
}

impl Session {
    /// What is left at this moment. A page says it beside its last questions, with a button that gives all of
    /// [`View::clusters`] to [`Session::decide`] as strangers.
    #[must_use]
    pub fn remaining(&self) -> Remaining {
        let (library, known) = (&*self.0.library, self.known());
        let mut remaining = Remaining::default();
        for (face, state) in known.states.iter().enumerate() {
            match state {
                _ if library.refused[face].is_some() => {}
                FaceState::Named(_) => remaining.named += 1,
                FaceState::Unnamed => {
                    remaining.left += 1;
                    remaining.perhaps_known += usize::from(is_near_someone(library, &known, face));
                }
                FaceState::Ignored | FaceState::NotAFace => {}
            }
        }
        remaining
    }

    /// The faces of the groups of `view` that are too small for a question of their own, those that are like each other
    /// beside each other.
    ///
    /// # Errors
    /// Where the task breaks off.
    #[boxed]
    pub async fn singles(&self, view: &Arc<View>) -> Result<Vec<Member>, StepError> {
        let (library, view) = (Arc::clone(&self.0.library), Arc::clone(view));
        blocking("ordering the faces", move || by_likeness(&library, &view)).await
    }
}

/// A face may be known where any of its neighbours has a name that it was not denied: the graph holds only faces that are
/// near.
fn is_near_someone(library: &Library, known: &Known, face: usize) -> bool {
    let graph = &library.graph;
    let near = &graph.targets[graph.offsets[face]..graph.offsets[face + 1]];
    near.iter()
        .any(|&other| match known.states[other as usize] {
            FaceState::Named(person) => {
                library.refused[other as usize].is_none()
                    && !known.rejected.contains(&(face as u32, person))
            }
            _ => false,
        })
}
