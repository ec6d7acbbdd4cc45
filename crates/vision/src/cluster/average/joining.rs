//! The joins within one component, the nearest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::members::{Near, Photos};
use crate::cluster::{point::Point, sums::Sums};

/// What is added to the squared distance of two single faces. Measured: docs/decisions/clustering.md.
pub(super) const SINGLES: f64 = 0.04;

impl Sums {
    /// By which pairs of groups join, the lowest first: the mean of the squared distances of all pairs, with
    /// [`SINGLES`] added between two single faces.
    fn height(&self, other: &Self) -> f64 {
        let singles = self.is_single() && other.is_single();
        self.distance(other) + if singles { SINGLES } else { 0.0 }
    }
}

/// Two groups that become one, named by one of the faces of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Join {
    pub(super) a: u32,
    pub(super) b: u32,
    /// As [`Sums::height`] has it.
    pub(super) height: f64,
}

/// The nearest group that one has found, as it was then.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Nearest {
    height: f64,
    group: u32,
    other: u32,
    /// How often each of the two had joined.
    versions: (u32, u32),
}

impl Eq for Nearest {}

impl PartialOrd for Nearest {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// By height, then by number.
impl Ord for Nearest {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let numbers = |nearest: &Self| (nearest.group, nearest.other);
        (self.height.total_cmp(&other.height)).then_with(|| numbers(self).cmp(&numbers(other)))
    }
}

/// The joins of a component's faces below `limit`, in their order; by the faces' places in `component`.
///
/// Each group notes the one that is nearest to it. The pair that is nearest of all is noted by the one of the two
/// that was made last, since it looked at all there were; a note whose other group has joined meanwhile is no longer
/// true, and its group looks again when the note's turn comes. (D. Müllner, Modern hierarchical,
/// agglomerative clustering algorithms, 2011, §3.1, the generic algorithm: it holds for any measure.)
pub(super) fn joins<P: Point>(
    component: &[u32],
    faces: &[P],
    near: Near,
    photos: Option<Photos>,
    limit: f64,
) -> Vec<Join> {
    let groups = component
        .iter()
        .map(|&face| Some(Sums::of(&faces[face as usize])));
    let mut groups = Groups {
        sums: groups.collect(),
        versions: vec![0; component.len()],
        near,
        photos,
        limit,
    };
    let notes = (0..component.len() as u32).filter_map(|group| groups.nearest(group));
    let mut notes: BinaryHeap<Reverse<Nearest>> = notes.map(Reverse).collect();
    let mut joins = Vec::new();
    while let Some(Reverse(nearest)) = notes.pop() {
        let Nearest { group, other, .. } = nearest;
        if groups.versions[group as usize] != nearest.versions.0 {
            // It has joined, and noted its nearest again if it is still there.
            continue;
        }
        if groups.versions[other as usize] != nearest.versions.1 {
            notes.extend(groups.nearest(group).map(Reverse));
            continue;
        }
        let (kept, gone) = (group.min(other), group.max(other));
        groups.join(kept, gone);
        joins.push(Join {
            a: kept,
            b: gone,
            height: nearest.height,
        });
        notes.extend(groups.nearest(kept).map(Reverse));
    }
    joins
}

struct Groups {
    /// `None` where a group has become a part of another.
    sums: Vec<Option<Sums>>,
    versions: Vec<u32>,
    near: Near,
    photos: Option<Photos>,
    limit: f64,
}

impl Groups {
    /// What is nearest to `group` below the limit; of equally near ones the lowest.
    fn nearest(&mut self, group: u32) -> Option<Nearest> {
        let own = self.sums[group as usize].as_ref()?;
        let (sums, photos) = (&self.sums, self.photos.as_ref());
        let others = self.near.of(group).iter().copied();
        let found = others
            .filter_map(|other| {
                let height = own.height(sums[other as usize].as_ref()?);
                (height < self.limit).then_some((height, other))
            })
            .filter(|&(_, other)| photos.is_none_or(|photos| !photos.are_apart(group, other)))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (height, other) = found?;
        let version = |group: u32| self.versions[group as usize];
        Some(Nearest {
            height,
            group,
            other,
            versions: (version(group), version(other)),
        })
    }

    /// Makes `gone` a part of `kept`.
    fn join(&mut self, kept: u32, gone: u32) {
        let added = self.sums[gone as usize].take();
        if let (Some(sums), Some(added)) = (&mut self.sums[kept as usize], added) {
            sums.add(&added);
        }
        self.near.join(kept, gone);
        if let Some(photos) = &mut self.photos {
            photos.join(kept, gone);
        }
        self.versions[kept as usize] += 1;
        self.versions[gone as usize] += 1;
    }
}
