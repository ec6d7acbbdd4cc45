//! Which faces are near each other: all pairs of descriptors below a threshold.
//!
//! The pairs are those of dlib's Python binding (`chinese_whispers_clustering` in its
//! `tools/python/src/face_recognition.cpp`): the 64-bit Euclidean distance is strictly below the
//! threshold as a 32-bit number. The binding links each face with itself too; here that edge is left
//! out, and [`whisper`](super::whisper) counts it.
//!
//! Distances are rounded down to 32 bits, so that a graph that was searched once at a large threshold
//! tells the edges of every lower one ([`Graph::below`]), as exactly as a search would.
//!
//! Every face is compared with every other, n² / 2 times 128 differences: this is where the time of
//! clustering goes, and the one place to make it faster.

use rayon::prelude::*;

use super::DIMENSIONS;
use super::distance::distance;

/// Faces that one task compares with all that follow them.
const ROWS: usize = 64;

/// Descriptors that stay in the processor's cache while a task's rows go over them: 32 KiB.
const COLUMNS: usize = 64;

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
    pub fn below(&self, threshold: f32) -> Self {
        self.rebuilt(self.len(), |face, row| {
            row.extend(self.edges_of(face).filter(|&(_, d)| d < threshold));
        })
    }

    /// Some of the faces and the edges between them. Face `faces[i]` is called `i` there.
    ///
    /// # Panics
    /// Where one of `faces` is not in the graph, or is given twice.
    #[must_use]
    pub fn of(&self, faces: &[u32]) -> Self {
        const ABSENT: u32 = u32::MAX;
        let mut called = vec![ABSENT; self.len()];
        for (new, &old) in faces.iter().enumerate() {
            let slot = &mut called[old as usize];
            assert_eq!(*slot, ABSENT, "face {old} is given twice");
            *slot = new as u32;
        }
        let in_order = faces.is_sorted();
        self.rebuilt(faces.len(), |new, row| {
            row.extend(
                self.edges_of(faces[new] as usize)
                    .map(|(old, distance)| (called[old as usize], distance))
                    .filter(|&(new, _)| new != ABSENT),
            );
            if !in_order {
                row.sort_unstable_by_key(|&(new, _)| new);
            }
        })
    }

    /// The graph of `count` faces whose edges `row` puts, ascending, into an empty list.
    fn rebuilt(&self, count: usize, row: impl Fn(usize, &mut Vec<(u32, f32)>)) -> Self {
        let mut graph = Self {
            offsets: Vec::with_capacity(count + 1),
            targets: Vec::new(),
            distances: Vec::new(),
        };
        graph.offsets.push(0);
        let mut edges = Vec::new();
        for face in 0..count {
            row(face, &mut edges);
            graph
                .targets
                .extend(edges.iter().map(|&(target, _)| target));
            graph.distances.extend(edges.iter().map(|&(_, d)| d));
            graph.offsets.push(graph.targets.len());
            edges.clear();
        }
        graph
    }

    /// The graph of the edges `rows[i]`: (j, distance) with j above i, ascending.
    fn from_upper(rows: &[Vec<(u32, f32)>]) -> Self {
        let mut offsets = vec![0; rows.len() + 1];
        for (i, row) in rows.iter().enumerate() {
            offsets[i + 1] += row.len();
            for &(j, _) in row {
                offsets[j as usize + 1] += 1;
            }
        }
        for i in 0..rows.len() {
            offsets[i + 1] += offsets[i];
        }

        let edges = offsets.last().copied().unwrap_or(0);
        let (mut targets, mut distances) = (vec![0; edges], vec![0.0; edges]);
        let mut next = offsets.clone();
        let mut put = |from: usize, to: usize, distance: f32| {
            targets[next[from]] = to as u32;
            distances[next[from]] = distance;
            next[from] += 1;
        };
        // Rows in ascending order put a face's lower neighbours before its higher ones.
        for (i, row) in rows.iter().enumerate() {
            for &(j, distance) in row {
                put(i, j as usize, distance);
                put(j as usize, i, distance);
            }
        }
        Self {
            offsets,
            targets,
            distances,
        }
    }
}

/// Links every two of `descriptors` whose Euclidean distance is strictly below `threshold`.
///
/// On all cores of rayon's current pool; the result does not depend on how many there are. A
/// descriptor that holds NaN or an infinity gets no neighbours, nor does any at a threshold that is
/// not above zero. Memory: 16 bytes an edge, and as much again for a moment.
///
/// # Panics
/// Above 2³² descriptors, which would fill 2 TiB.
#[must_use]
pub fn neighbours(descriptors: &[[f32; DIMENSIONS]], threshold: f32) -> Graph {
    assert!(
        u32::try_from(descriptors.len()).is_ok(),
        "faces are numbered in 32 bits"
    );
    let blocks: Vec<Vec<Vec<(u32, f32)>>> = (0..descriptors.len().div_ceil(ROWS))
        .into_par_iter()
        // The first blocks have the most to compare: small tasks share them out evenly.
        .with_max_len(1)
        .map(|block| upper_rows(descriptors, block * ROWS, threshold))
        .collect();
    let rows: Vec<_> = blocks.into_iter().flatten().collect();
    Graph::from_upper(&rows)
}

/// For each of the faces `first` to `first + ROWS`: its neighbours with higher numbers.
fn upper_rows(
    descriptors: &[[f32; DIMENSIONS]],
    first: usize,
    threshold: f32,
) -> Vec<Vec<(u32, f32)>> {
    let last = descriptors.len().min(first + ROWS);
    let mut rows = vec![Vec::new(); last - first];
    for start in (first..descriptors.len()).step_by(COLUMNS) {
        let end = descriptors.len().min(start + COLUMNS);
        for (row, i) in rows.iter_mut().zip(first..last) {
            let from = start.max(i + 1).min(end);
            for (j, other) in (from..end).zip(&descriptors[from..end]) {
                let distance = distance(&descriptors[i], other);
                if distance < threshold {
                    row.push((j as u32, distance));
                }
            }
        }
    }
    rows
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::distance::exact;
    use super::*;
    use proptest::prelude::*;

    /// The graph of `count` faces with the given edges.
    pub(in super::super) fn graph(count: usize, edges: &[(u32, u32, f32)]) -> Graph {
        let mut rows = vec![Vec::new(); count];
        for &(a, b, distance) in edges {
            rows[a.min(b) as usize].push((a.max(b), distance));
        }
        for row in &mut rows {
            row.sort_by_key(|&(b, _)| b);
        }
        Graph::from_upper(&rows)
    }

    /// Points of a plane, spread over the dimensions, so that some are near and some are not.
    pub(in super::super) fn descriptors(points: &[(f32, f32)]) -> Vec<[f32; DIMENSIONS]> {
        let spread = |&(x, y): &(f32, f32)| {
            std::array::from_fn(|i| if i % 2 == 0 { x / 8.0 } else { y / 8.0 })
        };
        points.iter().map(spread).collect()
    }

    /// The definition, edge by edge.
    fn plainly(descriptors: &[[f32; DIMENSIONS]], threshold: f32) -> Vec<(usize, u32)> {
        let all = 0..descriptors.len();
        all.clone()
            .flat_map(|i| all.clone().map(move |j| (i, j)))
            .filter(|&(i, j)| i != j)
            .filter(|&(i, j)| exact(&descriptors[i], &descriptors[j]) < f64::from(threshold))
            .map(|(i, j)| (i, j as u32))
            .collect()
    }

    fn edges(graph: &Graph) -> Vec<(usize, u32)> {
        (0..graph.len())
            .flat_map(|i| graph.neighbours_of(i).iter().map(move |&j| (i, j)))
            .collect()
    }

    fn on_threads(threads: usize, descriptors: &[[f32; DIMENSIONS]], threshold: f32) -> Graph {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| neighbours(descriptors, threshold))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn edges_are_those_of_the_definition_on_any_number_of_threads(
            points in prop::collection::vec((-2.0_f32..2.0, -2.0_f32..2.0), 0..200),
            threshold in 0.05_f32..1.5,
        ) {
            let descriptors = descriptors(&points);
            let graph = on_threads(1, &descriptors, threshold);
            prop_assert_eq!(edges(&graph), plainly(&descriptors, threshold));
            prop_assert_eq!(&on_threads(3, &descriptors, threshold), &graph);
            for i in 0..graph.len() {
                for (&j, &distance) in
                    graph.neighbours_of(i).iter().zip(&graph.distances[graph.offsets[i]..])
                {
                    let truth = exact(&descriptors[i], &descriptors[j as usize]) as f32;
                    prop_assert!(distance == truth || distance.next_up() == truth);
                }
            }
        }

        #[test]
        fn another_order_of_the_faces_gives_the_same_edges(
            (points, order) in prop::collection::vec((-2.0_f32..2.0, -2.0_f32..2.0), 1..120)
                .prop_flat_map(|points| {
                    let order: Vec<usize> = (0..points.len()).collect();
                    (Just(points), Just(order).prop_shuffle())
                }),
        ) {
            let descriptors = descriptors(&points);
            let moved: Vec<_> = order.iter().map(|&i| descriptors[i]).collect();
            let mut back: Vec<_> = edges(&neighbours(&moved, 0.6))
                .into_iter()
                .map(|(i, j)| (order[i], order[j as usize] as u32))
                .collect();
            back.sort_unstable();
            prop_assert_eq!(back, edges(&neighbours(&descriptors, 0.6)));
        }
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
            prop_assert_eq!(widest.below(threshold), neighbours(&descriptors, threshold));
            // A distance itself as the threshold: the edge that has it is not below it.
            for &distance in widest.distances.iter().take(8) {
                prop_assert_eq!(widest.below(distance), neighbours(&descriptors, distance));
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
            let of = neighbours(&descriptors, 0.6).of(&chosen);
            prop_assert_eq!(of, neighbours(&part, 0.6));
        }
    }

    #[test]
    fn what_is_no_number_has_no_neighbours() {
        let mut faces = vec![[0.1; DIMENSIONS]; 5];
        faces[1][3] = f32::NAN;
        faces[2][0] = f32::INFINITY;
        faces[3][127] = f32::NEG_INFINITY;
        let graph = neighbours(&faces, f32::MAX);
        assert_eq!(edges(&graph), [(0, 4), (4, 0)]);
    }

    #[test]
    fn no_faces_and_one_face_have_no_edges() {
        assert!(neighbours(&[], 0.6).is_empty());
        let one = neighbours(&[[0.0; DIMENSIONS]], 0.6);
        assert_eq!((one.len(), one.targets.len()), (1, 0));
    }
}
