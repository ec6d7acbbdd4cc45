//! The joins within one component, the nearest first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::{
    heights::Heights,
    near::{Near, Neighbour, rounded_up},
    photos::Photos,
};
use crate::cluster::{Graph, point::Point};

/// Two groups that become one, named by one of the faces of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Join {
    pub(super) a: u32,
    pub(super) b: u32,
    /// The mean of the squared distances of all their pairs, and what is [added](Heights::added) to it.
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
    places: &[u32],
    faces: &[P],
    photos: Option<Photos>,
    threshold: f32,
) -> Vec<Join> {
    let heights = Heights::new(component, faces);
    let mut groups = Groups {
        rounding: heights.rounding(),
        heights,
        versions: vec![0; component.len()],
        near: Near::new(graph, component, places, threshold),
        photos,
        limit: f64::from(threshold) * f64::from(threshold),
    };
    let first = |candidates: &mut Vec<(f64, usize)>, face: u32| {
        let mut near: Vec<Neighbour> = groups.near.of_face(face).collect();
        groups.nearest_of(face, &mut near, candidates)
    };
    let faces = (0..component.len() as u32).into_par_iter();
    let notes: Vec<Nearest> = faces.map_init(Vec::new, first).flatten().collect();
    let mut notes: BinaryHeap<Reverse<Nearest>> = notes.into_iter().map(Reverse).collect();
    let mut joins = Vec::new();
    let mut candidates = Vec::new();
    while let Some(Reverse(nearest)) = notes.pop() {
        let Nearest { group, other, .. } = nearest;
        if groups.versions[group as usize] != nearest.versions.0 {
            // It has joined, and noted its nearest again if it is still there.
            continue;
        }
        if groups.versions[other as usize] != nearest.versions.1 {
            notes.extend(groups.nearest(group, &mut candidates).map(Reverse));
            continue;
        }
        let (kept, gone) = (group.min(other), group.max(other));
        groups.join(kept, gone);
        joins.push(Join {
            a: kept,
            b: gone,
            height: nearest.height,
        });
        notes.extend(groups.nearest(kept, &mut candidates).map(Reverse));
    }
    joins
}

struct Groups<'a, P> {
    heights: Heights<'a, P>,
    /// More than the rounding of any height.
    rounding: f64,
    /// How often each has joined.
    versions: Vec<u32>,
    near: Near<'a>,
    photos: Option<Photos>,
    limit: f64,
}

impl<P: Point> Groups<'_, P> {
    /// What is nearest to `group` below the limit; of equally near ones the lowest.
    fn nearest(&mut self, group: u32, candidates: &mut Vec<(f64, usize)>) -> Option<Nearest> {
        let mut near = self.near.take(group);
        let nearest = self.nearest_of(group, &mut near, candidates);
        self.near.give_back(group, near);
        nearest
    }

    /// The same of its neighbours `near`, of which it notes what it finds. The most promising ones come first, so that few are
    /// looked at.
    fn nearest_of(
        &self,
        group: u32,
        near: &mut [Neighbour],
        candidates: &mut Vec<(f64, usize)>,
    ) -> Option<Nearest> {
        let (limit, whole) = (self.limit, self.near.whole());
        candidates.clear();
        candidates.extend(near.iter().enumerate().map(|(place, neighbour)| {
            let pairs = self.heights.pairs(group, neighbour.group);
            let mean = whole - f64::from(neighbour.below) / pairs - self.rounding;
            (mean + self.heights.added(pairs), place)
        }));
        let mut found: Option<(f64, u32)> = None;
        let mut look = |at_least: f64, place: usize, found: &mut Option<(f64, u32)>| {
            if at_least > found.map_or(limit, |(height, _)| height) {
                return;
            }
            let Neighbour {
                group: other,
                below,
            } = &mut near[place];
            let pairs = self.heights.pairs(group, *other);
            let mean = self.heights.mean(group, *other);
            *below = below.min(rounded_up((whole - mean + self.rounding) * pairs));
            if whole == limit && mean >= whole + self.rounding {
                *below = Neighbour::FORGOTTEN;
            }
            let height = mean + self.heights.added(pairs);
            if found.map_or(height < limit, |nearest| (height, *other) < nearest) {
                if (self.photos.as_ref()).is_some_and(|photos| photos.are_apart(group, *other)) {
                    // They will always be.
                    *below = Neighbour::FORGOTTEN;
                } else {
                    *found = Some((height, *other));
                }
            }
        };
        let first = candidates
            .iter()
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .copied();
        if let Some((at_least, place)) = first {
            look(at_least, place, &mut found);
            let most = found.map_or(limit, |(height, _)| height);
            candidates.retain(|&(at_least, other)| at_least <= most && other != place);
            candidates.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
            for &(at_least, place) in &*candidates {
                look(at_least, place, &mut found);
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
