//! One person is in a photo once: clusters that hold two faces of one photo are taken apart.
//!
//! Within such a cluster the edges are gone through from the shortest to the longest, and the parts
//! that an edge links become one, unless they share a photo: Kruskal's algorithm for the minimum
//! spanning forest (J. B. Kruskal, Proceedings of the AMS 7, 1956) with a constraint. Faces that are
//! surely one person's find each other first, and a long edge cannot join what two short ones have
//! shown to be two people.

use std::collections::{HashMap, HashSet};

use super::Graph;
use super::whispers::renumber;

/// Splits the clusters of `labels` until no two faces of a photo share a label; `photos` is the photo
/// of each face, by any number. Clusters without such faces stay as they are.
///
/// Labels are 0, 1, ... in order of appearance. Time: sorting the edges of the clusters that are taken
/// apart.
///
/// # Panics
/// Where `labels` or `photos` are not as many as the faces of `graph`.
#[must_use]
pub(super) fn split(graph: &Graph, labels: &[u32], photos: &[u32]) -> Vec<u32> {
    assert_eq!(labels.len(), graph.len(), "one label a face");
    assert_eq!(photos.len(), graph.len(), "one photo a face");
    let torn = conflicted(labels, photos);
    let mut parts = Parts::new(photos, |face| torn.contains(&labels[face]));
    let mut edges: Vec<(f32, u32, u32)> = Vec::new();
    for face in (0..graph.len()).filter(|&face| torn.contains(&labels[face])) {
        let inner = graph
            .edges_of(face)
            .filter(|&(other, _)| face < other as usize && labels[other as usize] == labels[face]);
        edges.extend(inner.map(|(other, distance)| (distance, face as u32, other)));
    }
    edges.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    for (_, a, b) in edges {
        parts.join(a, b);
    }
    // A torn cluster's parts are called by their roots, the whole ones by one of their faces.
    let mut whole: HashMap<u32, u32> = HashMap::new();
    let named = (0..graph.len() as u32).map(|face| {
        let label = labels[face as usize];
        if torn.contains(&label) {
            parts.root(face)
        } else {
            *whole.entry(label).or_insert(face)
        }
    });
    renumber(named.collect())
}

/// The labels that two faces of one photo have.
pub(super) fn conflicted(labels: &[u32], photos: &[u32]) -> HashSet<u32> {
    let twice = twice(labels, photos);
    twice.into_iter().map(|(label, _)| label).collect()
}

/// The photos that are twice, or more often, in a label: (label, photo), ascending.
pub(super) fn twice(labels: &[u32], photos: &[u32]) -> Vec<(u32, u32)> {
    let mut seen: Vec<(u32, u32)> = labels.iter().copied().zip(photos.iter().copied()).collect();
    seen.sort_unstable();
    seen.chunk_by(|a, b| a == b)
        .filter(|faces| faces.len() > 1)
        .map(|faces| faces[0])
        .collect()
}

/// Disjoint sets of faces, each with its photos.
struct Parts {
    parent: Vec<u32>,
    /// Photos of a root's faces; empty for all others.
    photos: Vec<HashSet<u32>>,
    /// Roots that share a photo: they only grow, so they always will.
    apart: HashSet<(u32, u32)>,
}

impl Parts {
    /// Each face by itself; photos are kept of those that `matters`.
    fn new(photos: &[u32], matters: impl Fn(usize) -> bool) -> Self {
        let own = |(face, &photo): (usize, &u32)| {
            let mut own = HashSet::new();
            if matters(face) {
                own.insert(photo);
            }
            own
        };
        Self {
            parent: (0..photos.len() as u32).collect(),
            photos: photos.iter().enumerate().map(own).collect(),
            apart: HashSet::new(),
        }
    }

    fn root(&mut self, mut face: u32) -> u32 {
        while self.parent[face as usize] != face {
            let next = self.parent[self.parent[face as usize] as usize];
            self.parent[face as usize] = next;
            face = next;
        }
        face
    }

    /// Makes the parts of two faces one, where they share no photo.
    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        let pair = (a.min(b), a.max(b));
        if a == b || self.apart.contains(&pair) {
            return;
        }
        let size = |root: u32| self.photos[root as usize].len();
        // The smaller is looked up in the larger and added to it; of equals the lower root stays.
        let (large, small) = match size(pair.0) >= size(pair.1) {
            true => pair,
            false => (pair.1, pair.0),
        };
        let added = std::mem::take(&mut self.photos[small as usize]);
        if added.is_disjoint(&self.photos[large as usize]) {
            self.photos[large as usize].extend(added);
            self.parent[small as usize] = large;
        } else {
            self.photos[small as usize] = added;
            self.apart.insert(pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::tests::graph;
    use super::*;

    #[test]
    fn short_edges_win_and_no_part_shows_a_photo_twice() {
        struct Case {
            why: &'static str,
            edges: &'static [(u32, u32, f32)],
            photos: &'static [u32],
            parts: &'static [u32],
        }
        let cases = [
            Case {
                why: "two people, linked by one long edge, twice in a photo together",
                edges: &[(0, 1, 0.2), (2, 3, 0.2), (1, 2, 0.5)],
                photos: &[1, 2, 2, 1],
                parts: &[0, 0, 1, 1],
            },
            Case {
                why: "the nearer of two faces of a photo stays",
                edges: &[(0, 1, 0.4), (0, 2, 0.3), (1, 2, 0.1)],
                photos: &[5, 7, 7],
                parts: &[0, 1, 0],
            },
            Case {
                why: "of equally near ones the lower",
                edges: &[(0, 1, 0.3), (0, 2, 0.3), (1, 2, 0.3)],
                photos: &[5, 7, 7],
                parts: &[0, 0, 1],
            },
            Case {
                why: "no two faces of a photo: the cluster stays whole, linked or not",
                edges: &[(0, 1, 0.3)],
                photos: &[1, 2, 3],
                parts: &[0, 0, 0],
            },
            Case {
                why: "all of one photo",
                edges: &[(0, 1, 0.3), (0, 2, 0.3), (1, 2, 0.3)],
                photos: &[4, 4, 4],
                parts: &[0, 1, 2],
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| {
                let graph = graph(case.photos.len(), case.edges);
                split(&graph, &vec![9; case.photos.len()], case.photos) != case.parts
            })
            .map(|case| case.why)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn other_clusters_are_left_alone() {
        let graph = graph(5, &[(0, 1, 0.2), (1, 2, 0.2), (3, 4, 0.2), (2, 3, 0.1)]);
        // 0, 1 and 2 hold photo 8 twice; 3 and 4 do not, and the edge between 2 and 3 is none of a
        // cluster.
        let labels = split(&graph, &[6, 6, 6, 2, 2], &[8, 9, 8, 8, 9]);
        assert_eq!(labels, [0, 0, 1, 2, 2]);
    }
}
