//! What a review knows of groups without a name: that two are one person, and which faces were taken out. The store has no
//! place for it, since groups are made anew from the faces each time: it holds as long as the review.

use std::collections::{HashMap, HashSet};

use crate::{steps::naming::Member, store::FaceId};

/// Two groups that are one person: a face of each.
pub(super) type Joined = (FaceId, FaceId);

/// Faces that an answer left without a decision, and those that were taken out of them.
#[derive(Debug, Clone)]
pub(super) struct Apart {
    pub kept: HashSet<FaceId>,
    pub out: HashSet<FaceId>,
}

/// Joins the groups of faces that are the same person, and orders them, the largest first.
pub(super) fn join(groups: Vec<Vec<Member>>, joined: &[Joined]) -> Vec<Vec<Member>> {
    if joined.is_empty() {
        return groups;
    }
    let mut group_of: HashMap<&FaceId, usize> = HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        group_of.extend(group.iter().map(|face| (&face.id, index)));
    }
    // The first group of each that are one.
    let mut first: Vec<usize> = (0..groups.len()).collect();
    for (one, other) in joined {
        if let (Some(&one), Some(&other)) = (group_of.get(one), group_of.get(other)) {
            let (one, other) = (first[one], first[other]);
            let (to, from) = (one.min(other), one.max(other));
            first
                .iter_mut()
                .filter(|first| **first == from)
                .for_each(|first| *first = to);
        }
    }
    let mut whole: Vec<Vec<Member>> = vec![Vec::new(); groups.len()];
    for (group, first) in groups.into_iter().zip(first) {
        whole[first].extend(group);
    }
    whole.retain(|group| !group.is_empty());
    whole.sort_by_key(|group| std::cmp::Reverse(group.len()));
    whole
}
