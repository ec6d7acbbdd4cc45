//! The graph of neighbours: all pairs of faces below a threshold.
//!
//! The pairs are those of dlib's Python binding (`chinese_whispers_clustering` in its
//! `tools/python/src/face_recognition.cpp`): the 64-bit Euclidean distance is strictly below the
//! threshold as a 32-bit number. The binding links each face with itself too; here that edge is left
//! out, and [`whisper`](super::whisper) counts it.
//!
//! Distances are rounded down to 32 bits, so that a graph that was searched once at a large threshold
//! tells the edges of every lower one ([`Graph::below`]), as exactly as a search would.

use rayon::prelude::*;

/// A pair of faces, `from` below `to`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) distance: f32,
}

/// Faces whose rows one task puts in order.
const ROWS: usize = 4096;

/// An undirected graph of faces, as compressed sparse rows; each edge is stored at both its ends.
///
/// The neighbours of face `i` are `targets[offsets[i]..offsets[i + 1]]` in ascending order, their
/// distances stand at the same places of `distances`. No face is its own neighbour.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// Where each face's neighbours begin: one more than there are faces, ascending from 0.
    pub offsets: Vec<usize>,
    /// The neighbours, by index into the descriptors.
    pub targets: Vec<u32>,
    /// The Euclidean distance to each, in 64 bits, rounded down to 32: below a threshold of 32 bits
    /// exactly where the distance itself is.
    pub distances: Vec<f32>,
    /// Where memory did not hold all edges: none shorter than this is missing. Else infinite.
    pub whole_below: f32,
}

impl Graph {
    /// How many faces there are, with neighbours or without.
    #[must_use]
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is no face at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The neighbours of face `face`, ascending.
    ///
    /// # Panics
    /// Where there is no such face.
    #[must_use]
    pub fn neighbours_of(&self, face: usize) -> &[u32] {
        &self.targets[self.offsets[face]..self.offsets[face + 1]]
    }

    /// The neighbours of face `face`, ascending, with their distances.
    ///
    /// # Panics
    /// Where there is no such face.
    pub fn edges_of(&self, face: usize) -> impl ExactSizeIterator<Item = (u32, f32)> {
        let row = self.offsets[face]..self.offsets[face + 1];
        let distances = self.distances[row.clone()].iter();
        self.targets[row].iter().copied().zip(distances.copied())
    }

    /// The same faces, and of the edges those strictly below `threshold`: what a search at this
    /// threshold would give, where this graph was searched at no lower one.
    #[must_use]
    pub fn filter_below(&self, threshold: f32) -> Self {
        let filtered = Self::rebuilt(self.len(), self.targets.len(), |face, row| {
            row.extend(self.edges_of(face).filter(|&(_, d)| d < threshold));
        });
        Self {
            whole_below: self.whole_to(threshold),
            ..filtered
        }
    }

    /// Some of the faces and the edges between them. Face `faces[i]` is called `i` there.
    ///
    /// # Panics
    /// Where one of `faces` is not in the graph, or is given twice.
    #[must_use]
    pub fn subgraph(&self, faces: &[u32]) -> Self {
        self.subgraph_below(faces, f32::INFINITY)
    }

    /// The same with the edges strictly below `threshold` only.
    ///
    /// # Panics
    /// As [`Self::subgraph`].
    #[must_use]
    pub fn subgraph_below(&self, faces: &[u32], threshold: f32) -> Self {
        const ABSENT: u32 = u32::MAX;
        let mut called = vec![ABSENT; self.len()];
        for (new, &old) in faces.iter().enumerate() {
            let slot = &mut called[old as usize];
            assert_eq!(*slot, ABSENT, "face {old} is given twice");
            *slot = new as u32;
        }
        let in_order = faces.is_sorted();
        let degree = |&face: &u32| self.neighbours_of(face as usize).len();
        let edges = faces.iter().map(degree).sum();
        let part = Self::rebuilt(faces.len(), edges, |new, row| {
            row.extend(
                self.edges_of(faces[new] as usize)
                    .filter(|&(_, distance)| distance < threshold)
                    .map(|(old, distance)| (called[old as usize], distance))
                    .filter(|&(new, _)| new != ABSENT),
            );
            if !in_order {
                row.sort_unstable_by_key(|&(new, _)| new);
            }
        });
        Self {
            whole_below: self.whole_to(threshold),
            ..part
        }
    }

    /// Of the edges below `threshold`: below what length all are there.
    fn whole_to(&self, threshold: f32) -> f32 {
        match threshold <= self.whole_below {
            true => f32::INFINITY,
            false => self.whole_below,
        }
    }

    /// Each edge once, from its lower face.
    pub(super) fn edges(&self) -> impl Iterator<Item = Edge> {
        (0..self.len() as u32).flat_map(move |from| {
            let higher = self
                .edges_of(from as usize)
                .filter(move |&(to, _)| to > from);
            higher.map(move |(to, distance)| Edge { from, to, distance })
        })
    }

    /// The graph of `count` faces with at most `edges` entries whose neighbours `row` puts, ascending,
    /// into an empty list.
    fn rebuilt(
        count: usize,
        edges: usize,
        mut row: impl FnMut(usize, &mut Vec<(u32, f32)>),
    ) -> Self {
        let mut graph = Self {
            offsets: Vec::with_capacity(count + 1),
            targets: Vec::with_capacity(edges),
            distances: Vec::with_capacity(edges),
            whole_below: f32::INFINITY,
        };
        graph.offsets.push(0);
        let mut neighbours = Vec::new();
        for face in 0..count {
            row(face, &mut neighbours);
            graph.targets.extend(neighbours.iter().map(|&(to, _)| to));
            graph.distances.extend(neighbours.iter().map(|&(_, d)| d));
            graph.offsets.push(graph.targets.len());
            neighbours.clear();
        }
        graph.targets.shrink_to_fit();
        graph.distances.shrink_to_fit();
        graph
    }

    /// The graph of `count` faces with the edges of `lists`, each there once, in any order. Lists are
    /// dropped as they are taken over.
    pub(super) fn of_edges(count: usize, lists: Vec<Vec<Edge>>) -> Self {
        let mut offsets = vec![0; count + 1];
        for edge in lists.iter().flatten() {
            offsets[edge.from as usize + 1] += 1;
            offsets[edge.to as usize + 1] += 1;
        }
        for face in 0..count {
            offsets[face + 1] += offsets[face];
        }
        let entries = offsets[count];
        let mut graph = Self {
            targets: vec![0; entries],
            distances: vec![0.0; entries],
            whole_below: f32::INFINITY,
            offsets,
        };
        let mut next = graph.offsets.clone();
        let mut put = |from: u32, to: u32, distance: f32| {
            let next = &mut next[from as usize];
            graph.targets[*next] = to;
            graph.distances[*next] = distance;
            *next += 1;
        };
        for edge in lists.into_iter().flatten() {
            put(edge.from, edge.to, edge.distance);
            put(edge.to, edge.from, edge.distance);
        }
        graph.sort_rows();
        graph
    }

    /// The rows in parts for one task each: the first face of each part, and where its rows lie in the lists.
    fn parts(&mut self) -> Vec<Part<'_>> {
        let (mut targets, mut distances) = (&mut self.targets[..], &mut self.distances[..]);
        let mut parts = Vec::new();
        for (first, rows) in (0..).step_by(ROWS).zip(self.offsets[1..].chunks(ROWS)) {
            let begin = self.offsets[first];
            let length = rows[rows.len() - 1] - begin;
            let (part, rest) = targets.split_at_mut(length);
            let (part_distances, rest_distances) = distances.split_at_mut(length);
            parts.push(Part {
                first,
                begin,
                ends: rows,
                targets: part,
                distances: part_distances,
            });
            (targets, distances) = (rest, rest_distances);
        }
        parts
    }

    /// Puts each face's neighbours in ascending order.
    fn sort_rows(&mut self) {
        self.parts().into_par_iter().for_each(|part| {
            let mut sorted: Vec<(u32, f32)> = Vec::new();
            let mut begin = 0;
            for end in part.ends.iter().map(|end| end - part.begin) {
                let (to, distance) = (
                    &mut part.targets[begin..end],
                    &mut part.distances[begin..end],
                );
                if !to.is_sorted() {
                    sorted.clear();
                    sorted.extend(to.iter().copied().zip(distance.iter().copied()));
                    sorted.sort_unstable_by_key(|&(to, _)| to);
                    for ((to, distance), &(target, d)) in to.iter_mut().zip(distance).zip(&sorted) {
                        (*to, *distance) = (target, d);
                    }
                }
                begin = end;
            }
        });
    }

    /// Leaves out the edges that are not `kept`, which decides alike from both ends; the distance of the shortest of these.
    pub(super) fn retain(&mut self, kept: impl Fn(usize, (u32, f32)) -> bool + Sync) -> f32 {
        let parts: Vec<(Vec<usize>, f32)> = self
            .parts()
            .into_par_iter()
            .map(|part| {
                let (mut begin, mut next) = (0, 0);
                let mut shortest = f32::INFINITY;
                let mut lengths = Vec::with_capacity(part.ends.len());
                for (face, end) in (part.first..).zip(part.ends) {
                    let before = next;
                    for at in begin..end - part.begin {
                        let edge = (part.targets[at], part.distances[at]);
                        if kept(face, edge) {
                            (part.targets[next], part.distances[next]) = edge;
                            next += 1;
                        } else {
                            shortest = shortest.min(edge.1);
                        }
                    }
                    begin = end - part.begin;
                    lengths.push(next - before);
                }
                (lengths, shortest)
            })
            .collect();
        // Each part's edges are at its beginning now.
        let (mut face, mut next) = (0, 0);
        let mut shortest = f32::INFINITY;
        for (lengths, shortest_here) in parts {
            let from = self.offsets[face];
            let begin = next;
            for length in lengths {
                self.offsets[face] = next;
                next += length;
                face += 1;
            }
            self.targets.copy_within(from..from + (next - begin), begin);
            self.distances
                .copy_within(from..from + (next - begin), begin);
            shortest = shortest.min(shortest_here);
        }
        self.offsets[face] = next;
        self.targets.truncate(next);
        self.targets.shrink_to_fit();
        self.distances.truncate(next);
        self.distances.shrink_to_fit();
        shortest
    }
}

/// Rows that one task has.
struct Part<'a> {
    /// Their first face.
    first: usize,
    /// Where they begin in the graph's lists ...
    begin: usize,
    /// ... and where each ends.
    ends: &'a [usize],
    targets: &'a mut [u32],
    distances: &'a mut [f32],
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{DIMENSIONS, neighbours};
    use super::*;
    use proptest::prelude::*;

    /// The graph of `count` faces with the given edges.
    pub(in super::super) fn graph(count: usize, edges: &[(u32, u32, f32)]) -> Graph {
        let edge = |&(a, b, distance): &(u32, u32, f32)| Edge {
            from: a.min(b),
            to: a.max(b),
            distance,
        };
        Graph::of_edges(count, vec![edges.iter().map(edge).collect()])
    }

    /// Points of a plane, spread over the dimensions, so that some are near and some are not.
    pub(in super::super) fn descriptors(points: &[(f32, f32)]) -> Vec<[f32; DIMENSIONS]> {
        let spread = |&(x, y): &(f32, f32)| {
            std::array::from_fn(|i| if i % 2 == 0 { x / 8.0 } else { y / 8.0 })
        };
        points.iter().map(spread).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn a_lower_threshold_is_a_filter(
            points in prop::collection::vec((-2.0_f32..2.0, -2.0_f32..2.0), 0..120),
            threshold in 0.0_f32..1.5,
        ) {
            let descriptors = descriptors(&points);
            let widest = neighbours(&descriptors, 1.5);
            prop_assert_eq!(widest.filter_below(threshold), neighbours(&descriptors, threshold));
            // A distance itself as the threshold: the edge that has it is not below it.
            for &distance in widest.distances.iter().take(8) {
                prop_assert_eq!(widest.filter_below(distance), neighbours(&descriptors, distance));
            }
        }

        #[test]
        fn a_part_is_what_a_search_among_its_faces_gives(
            (points, chosen) in prop::collection::vec((-2.0_f32..2.0, -2.0_f32..2.0), 0..80)
                .prop_flat_map(|points| {
                    let all: Vec<u32> = (0..points.len() as u32).collect();
                    let most = all.len();
                    (Just(points), Just(all).prop_shuffle(), 0..=most)
                })
                .prop_map(|(points, mut order, most)| {
                    order.truncate(most);
                    (points, order)
                }),
        ) {
            let descriptors = descriptors(&points);
            let part: Vec<_> = chosen.iter().map(|&face| descriptors[face as usize]).collect();
            let of = neighbours(&descriptors, 0.6).subgraph(&chosen);
            prop_assert_eq!(of, neighbours(&part, 0.6));
        }
    }
}
