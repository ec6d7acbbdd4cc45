//! What is left: how much is named, who may be known, and the faces of groups too small for a question.

use std::collections::HashSet;

use super::{
    Session, StepError, View,
    library::{Known, Library},
    members::Member,
};
use crate::{
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
    pub async fn singles(&self, view: &std::sync::Arc<View>) -> Result<Vec<Member>, StepError> {
        let (library, view) = (
            std::sync::Arc::clone(&self.0.library),
            std::sync::Arc::clone(view),
        );
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

/// From a face always on to the nearest that is not in the list yet; where there is none, to the next group, the largest
/// first. Members of one group follow each other.
fn by_likeness(library: &Library, view: &View) -> Vec<Member> {
    let small = &view.clusters[view.asked().len()..];
    let groups: Vec<Vec<u32>> = small
        .iter()
        .map(|cluster| {
            let numbers = cluster
                .faces
                .iter()
                .filter_map(|face| library.number(&face.id));
            numbers.collect()
        })
        .collect();
    let mut group_of: std::collections::HashMap<u32, usize> = std::collections::HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        group_of.extend(group.iter().map(|&face| (face, index)));
    }
    let graph = &library.graph;
    let mut taken: HashSet<usize> = HashSet::new();
    let mut order: Vec<Member> = Vec::new();
    for start in 0..groups.len() {
        let mut at = start;
        while taken.insert(at) {
            order.extend(small[at].faces.iter().cloned());
            let nearest = groups[at]
                .iter()
                .flat_map(|&face| {
                    let edges = graph.offsets[face as usize]..graph.offsets[face as usize + 1];
                    edges.map(|edge| (graph.distances[edge], graph.targets[edge]))
                })
                .filter_map(|(distance, other)| Some((distance, *group_of.get(&other)?)))
                .filter(|(_, group)| !taken.contains(group))
                .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            match nearest {
                Some((_, group)) => at = group,
                None => break,
            }
        }
    }
    order
}
