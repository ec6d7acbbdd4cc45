//! Which faces are near each other: all pairs of descriptors below a threshold.
//!
//! The pairs are those of dlib's Python binding (`chinese_whispers_clustering` in its
//! `tools/python/src/face_recognition.cpp`): the 64-bit Euclidean distance is strictly below the
//! threshold as a 32-bit number. The binding links each face with itself too; here that edge is left
//! out, and [`whisper`](super::whisper) counts it.
//!
//! Every face is compared with every other, n² / 2 times 128 differences: this is where the time of
//! clustering goes, and the one place to make it faster.

use rayon::prelude::*;

use super::DIMENSIONS;
use super::distance::Limit;

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
    /// The Euclidean distance to each, below the threshold up to rounding to 32 bits.
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
    let Some(limit) = Limit::below(threshold) else {
        return Graph::from_upper(&vec![Vec::new(); descriptors.len()]);
    };
    let blocks: Vec<Vec<Vec<(u32, f32)>>> = (0..descriptors.len().div_ceil(ROWS))
        .into_par_iter()
        // The first blocks have the most to compare: small tasks share them out evenly.
        .with_max_len(1)
        .map(|block| upper_rows(descriptors, block * ROWS, &limit))
        .collect();
    let rows: Vec<_> = blocks.into_iter().flatten().collect();
    Graph::from_upper(&rows)
}

/// For each of the faces `first` to `first + ROWS`: its neighbours with higher numbers.
fn upper_rows(
    descriptors: &[[f32; DIMENSIONS]],
    first: usize,
    limit: &Limit,
) -> Vec<Vec<(u32, f32)>> {
    let last = descriptors.len().min(first + ROWS);
    let mut rows = vec![Vec::new(); last - first];
    for start in (first..descriptors.len()).step_by(COLUMNS) {
        let end = descriptors.len().min(start + COLUMNS);
        for (row, i) in rows.iter_mut().zip(first..last) {
            let from = start.max(i + 1).min(end);
            for (j, other) in (from..end).zip(&descriptors[from..end]) {
                if let Some(distance) = limit.distance(&descriptors[i], other) {
                    row.push((j as u32, distance));
                }
            }
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::distance::exact;
    use super::*;
    use proptest::prelude::*;

    /// Points of a plane, spread over the dimensions, so that some are near and some are not.
    fn descriptors(points: &[(f32, f32)]) -> Vec<[f32; DIMENSIONS]> {
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
                    prop_assert!((distance - truth).abs() <= 1e-5 * truth, "{distance} {truth}");
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
