//! What was said of two groups without a name, and which groups of today stand for them.
//!
//! The groups of today are others: one of today stands for one of then where at least half of its faces were in that, or half
//! of that one's faces are in it. A face or two may have been wrong there.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::{SaidOfFace, Side};

/// What was said of two groups; their faces by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The faces of the left one, and of the right one.
    pub sides: [BTreeSet<u32>; 2],
    /// Whether they are one person's.
    pub is_same: bool,
}

impl Said {
    /// Takes over what is said of a face, whose number is `face`.
    pub(super) fn add(all: &mut BTreeMap<i64, Self>, said: &SaidOfFace, face: u32) {
        let one = all.entry(said.said).or_default();
        one.is_same = said.is_same;
        one.sides[usize::from(said.side == Side::Right)].insert(face);
    }

    /// Forgets what was said of a face under this number.
    pub(super) fn remove(all: &mut BTreeMap<i64, Self>, number: i64, face: u32) {
        let Some(said) = all.get_mut(&number) else {
            return;
        };
        for side in &mut said.sides {
            side.remove(&face);
        }
        if said.sides.iter().all(BTreeSet::is_empty) {
            all.remove(&number);
        }
    }
}

/// How often each group is there.
pub(super) fn counted<G: Ord>(groups: impl IntoIterator<Item = G>) -> BTreeMap<G, usize> {
    let mut counts = BTreeMap::new();
    for group in groups {
        *counts.entry(group).or_default() += 1;
    }
    counts
}

/// The groups that stand for one of which something was said, given how many of its faces are in each, and how large each is.
pub(super) fn stand_for<G: Ord + Copy>(
    counts: &BTreeMap<G, usize>,
    size: impl Fn(G) -> usize,
) -> Vec<G> {
    let all: usize = counts.values().sum();
    let standing = counts.iter().filter(|&(&group, &faces)| {
        let is_most_of_it = 2 * faces >= size(group);
        is_most_of_it || 2 * faces >= all
    });
    standing.map(|(group, _)| *group).collect()
}
