//! Chinese whispers: every face takes the label that most of its neighbours have, until none changes.
//!
//! C. Biemann, "Chinese Whispers: an efficient graph clustering algorithm and its application to
//! natural language processing problems", TextGraphs 2006, as in dlib's `chinese_whispers.h`:
//!
//! - every face begins with a label of its own, its number;
//! - a visited face takes the label with the most votes of its neighbours and itself. Every vote
//!   counts one: dlib's Python binding hands over no distances, and links each face with itself;
//! - of labels with equal votes the lowest wins (dlib walks a sorted map and wants strictly more).
//!
//! dlib visits 100 n faces drawn at random, with repetition. [`chinese_whispers`] visits all faces
//! in a new random order again and again, and stops after a pass that changed nothing: then no
//! further visit, in any order, changes anything. Such a pass comes: since the own label has a vote,
//! every change adds at least one edge whose two ends have the same label.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::Graph;

/// The most visits to each face: dlib's `num_iterations`.
pub const PASSES: usize = 100;

/// Groups the faces of `graph`; the same groups for the same graph and `seed`, on every machine.
///
/// Gives each face a label; faces with equal labels are a cluster. Labels are 0, 1, ... in the order
/// in which they first appear. A face without neighbours is alone.
#[must_use]
pub fn chinese_whispers(graph: &Graph, seed: u64) -> Vec<u32> {
    // Not rand's default generator: that one may change between versions, ChaCha may not.
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<u32> = (0..graph.len() as u32).collect();
    let mut circle = Circle::new(graph);
    for _ in 0..PASSES {
        order.shuffle(&mut random);
        let mut changed = false;
        for &face in &order {
            changed |= circle.visit(face);
        }
        if !changed {
            break;
        }
    }
    circle.into_labels()
}

/// Groups the faces of `graph` by the given visits, in their order; labels as of
/// [`chinese_whispers`].
///
/// With the visits that dlib makes, the labels are dlib's.
///
/// # Panics
/// Where a visit is to no face of the graph.
#[must_use]
pub fn whisper(graph: &Graph, visits: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut circle = Circle::new(graph);
    for face in visits {
        circle.visit(face);
    }
    circle.into_labels()
}

/// The faces and the labels they have at the moment.
struct Circle<'a> {
    graph: &'a Graph,
    labels: Vec<u32>,
    /// Votes for each label: all zero between visits, so that a visit costs its neighbours only.
    votes: Vec<u32>,
    candidates: Vec<u32>,
}

impl<'a> Circle<'a> {
    fn new(graph: &'a Graph) -> Self {
        let count = graph.len();
        Self {
            graph,
            labels: (0..count as u32).collect(),
            votes: vec![0; count],
            candidates: Vec::new(),
        }
    }

    /// Lets `face` take the label with the most votes; says whether that is another than before.
    fn visit(&mut self, face: u32) -> bool {
        let own = self.labels[face as usize];
        let heard = self.graph.neighbours_of(face as usize).iter();
        for label in heard
            .map(|&neighbour| self.labels[neighbour as usize])
            .chain([own])
        {
            let votes = &mut self.votes[label as usize];
            if *votes == 0 {
                self.candidates.push(label);
            }
            *votes += 1;
        }
        let mut best = (0, own);
        for label in self.candidates.drain(..) {
            let votes = std::mem::take(&mut self.votes[label as usize]);
            if votes > best.0 || (votes == best.0 && label < best.1) {
                best = (votes, label);
            }
        }
        self.labels[face as usize] = best.1;
        best.1 != own
    }

    fn into_labels(self) -> Vec<u32> {
        renumber(self.labels)
    }
}

/// Labels, each of them the number of a face, renumbered 0, 1, ... in order of appearance.
pub(super) fn renumber(mut labels: Vec<u32>) -> Vec<u32> {
    let mut renumbered = vec![None; labels.len()];
    let mut next = 0;
    for label in &mut labels {
        *label = *renumbered[*label as usize].get_or_insert_with(|| {
            next += 1;
            next - 1
        });
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The graph of `count` faces with the given edges, all of distance 0.5.
    fn graph(count: usize, edges: &[(u32, u32)]) -> Graph {
        let edges: Vec<_> = edges.iter().map(|&(a, b)| (a, b, 0.5)).collect();
        super::super::graph::tests::graph(count, &edges)
    }

    #[test]
    fn of_equal_votes_the_lowest_label_wins() {
        // 2 hears 2, 0 and 1, one vote each.
        assert_eq!(whisper(&graph(3, &[(0, 2), (1, 2)]), [2]), [0, 1, 0]);
        // 0 hears 0, 1 and 2: its own is the lowest.
        assert_eq!(whisper(&graph(3, &[(0, 1), (0, 2)]), [0]), [0, 1, 2]);
    }

    #[test]
    fn most_votes_win_over_the_lowest_label() {
        // After 4 took 3's label, 5 hears 3 twice, 0 once and its own once.
        let graph = graph(6, &[(3, 4), (0, 5), (3, 5), (4, 5)]);
        assert_eq!(whisper(&graph, [4, 5]), [0, 1, 2, 3, 3, 3]);
    }

    #[test]
    fn each_face_has_a_vote_for_its_own_label() {
        // 1 took 0's label. 0 hears only 2 else: own 0 (own and 1's votes) beats 2.
        let graph = graph(3, &[(0, 1), (0, 2)]);
        assert_eq!(whisper(&graph, [1, 0, 2]), [0, 0, 0]);
        // Without the own vote, 1 would take 2's label here instead of the lowest of 0, 1, 2.
        assert_eq!(whisper(&self::graph(3, &[(1, 2)]), [1]), [0, 1, 2]);
    }

    #[test]
    fn two_groups_with_a_bridge_stay_two() {
        let group = |first: u32| {
            (first..first + 6).flat_map(move |a| (a + 1..first + 6).map(move |b| (a, b)))
        };
        let mut edges: Vec<_> = group(0).chain(group(6)).collect();
        edges.push((5, 6));
        let graph = graph(12, &edges);
        let two = [0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
        let apart = (0..100)
            .filter(|&seed| chinese_whispers(&graph, seed) == two)
            .count();
        assert!(apart >= 90, "two groups for {apart} of 100 seeds");
    }

    #[test]
    fn faces_without_neighbours_are_alone_and_no_faces_are_no_labels() {
        assert_eq!(chinese_whispers(&graph(3, &[]), 1), [0, 1, 2]);
        assert!(chinese_whispers(&graph(0, &[]), 1).is_empty());
    }
}
