//! The joins within one component, the nearest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{
    heights::{Heights, of_faces_at_least},
    members::{Near, Photos},
};
use crate::cluster::{Graph, point::Point};

/// Two groups that become one, named by one of the faces of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Join {
    pub(super) a: u32,
    pub(super) b: u32,
    /// As [`Heights::between`] has it.
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

/// The joins of a component's faces below `threshold`, in their order; by the faces' places in `component`.
///
/// Each group notes the one that is nearest to it. The pair that is nearest of all is noted by the one of the two
/// that was made last, since it looked at all there were; a note whose other group has joined meanwhile is no longer
/// true, and its group looks again when the note's turn comes. (D. Müllner, Modern hierarchical,
/// agglomerative clustering algorithms, 2011, §3.1, the generic algorithm: it holds for any measure.)
pub(super) fn joins<P: Point>(
    graph: &Graph,
    component: &[u32],
    faces: &[P],
    photos: Option<Photos>,
    threshold: f32,
) -> Vec<Join> {
    let mut groups = Groups {
        heights: Heights::new(component, faces),
        versions: vec![0; component.len()],
        near: Near::new(graph, component, threshold),
        photos,
        limit: f64::from(threshold) * f64::from(threshold),
    };
    let notes = (0..).zip(component).filter_map(|(group, &face)| {
        let near = graph.edges_of(face as usize);
        let near = near.filter(|&(_, distance)| distance < threshold);
        groups.nearest_of(group, near.map(|(_, distance)| of_faces_at_least(distance)))
    });
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

struct Groups<'a, P> {
    heights: Heights<'a, P>,
    /// How often each has joined.
    versions: Vec<u32>,
    near: Near,
    photos: Option<Photos>,
    limit: f64,
}

impl<P: Point> Groups<'_, P> {
    /// What is nearest to `group` below the limit; of equally near ones the lowest.
    fn nearest(&mut self, group: u32) -> Option<Nearest> {
        self.near.renew(group);
        let others = self.near.of(group).iter();
        self.nearest_of(
            group,
            others.map(|&other| self.heights.at_least(group, other)),
        )
    }

    /// The same, with what the height to each of its neighbours is not below.
    fn nearest_of(&self, group: u32, at_least: impl Iterator<Item = f64>) -> Option<Nearest> {
        let photos = self.photos.as_ref();
        let mut found: Option<(f64, u32)> = None;
        for (&other, at_least) in self.near.of(group).iter().zip(at_least) {
            if at_least > found.map_or(self.limit, |(height, _)| height) {
                continue;
            }
            let height = self.heights.between(group, other);
            let is_nearer = found.map_or(height < self.limit, |nearest| (height, other) < nearest);
            if is_nearer && photos.is_none_or(|photos| !photos.are_apart(group, other)) {
                found = Some((height, other));
            }
        }
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
        self.heights.join(kept, gone);
        self.near.join(kept, gone);
        if let Some(photos) = &mut self.photos {
            photos.join(kept, gone);
        }
        self.versions[kept as usize] += 1;
        self.versions[gone as usize] += 1;
    }
}
