//! DBSCAN: clusters grow through the faces that have many neighbours.
//!
//! M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm for discovering clusters in
//! large spatial databases with noise", KDD 1996:
//!
//! - a face with at least `min_samples` faces within the threshold, itself among them, is a core;
//! - cores that are neighbours are of one cluster;
//! - a face that is no core belongs to the cluster of a core that is its neighbour, if it has one. The
//!   paper leaves open which where there are several: here it is the nearest, of equally near ones the
//!   one with the lowest number, so that the order of visits decides nothing;
//! - all others are noise: here, each is a cluster of its own.

use super::Graph;
use super::whispers::renumber;

/// Groups the faces of `graph`: a label for each, 0, 1, ... in order of appearance; faces with equal
/// labels are a cluster. With `min_samples` of 2 or less these are the connected components.
#[must_use]
pub fn dbscan(graph: &Graph, min_samples: usize) -> Vec<u32> {
    let is_core = |face: usize| graph.neighbours_of(face).len() + 1 >= min_samples;
    let mut labels: Vec<u32> = (0..graph.len() as u32).collect();
    let mut reached = vec![false; graph.len()];
    let mut open = Vec::new();
    for first in 0..graph.len() {
        if reached[first] || !is_core(first) {
            continue;
        }
        reached[first] = true;
        open.push(first);
        while let Some(face) = open.pop() {
            labels[face] = first as u32;
            for &other in graph.neighbours_of(face) {
                let other = other as usize;
                if !reached[other] && is_core(other) {
                    reached[other] = true;
                    open.push(other);
                }
            }
        }
    }
    for face in (0..graph.len()).filter(|&face| !is_core(face)) {
        let nearest = graph
            .edges_of(face)
            .filter(|&(other, _)| is_core(other as usize))
            // The first of equals, which is the one with the lowest number.
            .min_by(|(_, a), (_, b)| a.total_cmp(b));
        if let Some((core, _)) = nearest {
            labels[face] = labels[core as usize];
        }
    }
    renumber(labels)
}

#[cfg(test)]
mod tests {
    use super::super::graph::tests::{descriptors, graph};
    use super::super::neighbours;
    use super::*;
    use proptest::prelude::*;

    /// The definitions of the paper, by their words: density-reachability as a closure over all
    /// pairs. Cluster of each face by its lowest core; `None` for noise.
    fn by_the_definition(graph: &Graph, min_samples: usize) -> Vec<Option<usize>> {
        let n = graph.len();
        let near = |p: usize, q: usize| p == q || graph.neighbours_of(p).contains(&(q as u32));
        let core: Vec<bool> = (0..n)
            .map(|p| (0..n).filter(|&q| near(p, q)).count() >= min_samples)
            .collect();
        // Directly density-reachable from core to core, closed by Warshall's algorithm.
        let mut reach: Vec<Vec<bool>> = (0..n)
            .map(|p| (0..n).map(|q| core[p] && core[q] && near(p, q)).collect())
            .collect();
        for k in 0..n {
            for p in 0..n {
                for q in 0..n {
                    reach[p][q] |= reach[p][k] && reach[k][q];
                }
            }
        }
        let lowest = |p: usize| (0..n).find(|&q| reach[p][q]);
        (0..n)
            .map(|p| {
                if core[p] {
                    return lowest(p);
                }
                let mut cores: Vec<(f32, u32)> = graph
                    .edges_of(p)
                    .filter(|&(q, _)| core[q as usize])
                    .map(|(q, distance)| (distance, q))
                    .collect();
                cores.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                lowest(cores.first()?.1 as usize)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn clusters_are_those_of_the_definition(
            points in prop::collection::vec((-2.0_f32..2.0, -2.0_f32..2.0), 0..60),
            threshold in 0.05_f32..0.8,
            min_samples in 1_usize..8,
        ) {
            let graph = neighbours(&descriptors(&points), threshold);
            let labels = dbscan(&graph, min_samples);
            let truth = by_the_definition(&graph, min_samples);
            for p in 0..points.len() {
                for q in 0..p {
                    let together = truth[p].is_some() && truth[p] == truth[q];
                    prop_assert_eq!(labels[p] == labels[q], together, "{} and {}", p, q);
                }
            }
        }
    }

    #[test]
    fn a_border_face_goes_to_the_nearest_core() {
        // Two triangles, 0 1 2 and 4 5 6, and 3 on the border of both, nearer to the second.
        let triangle = |a, b, c| [(a, b, 0.3), (a, c, 0.3), (b, c, 0.3)];
        let mut edges = [triangle(0, 1, 2), triangle(4, 5, 6)].concat();
        edges.extend([(2, 3, 0.5), (3, 4, 0.4)]);
        let labels = dbscan(&graph(7, &edges), 4);
        assert_eq!(labels, [0, 0, 0, 1, 1, 1, 1], "2 and 4 alone are cores");
        edges[7].2 = 0.5;
        let labels = dbscan(&graph(7, &edges), 4);
        assert_eq!(labels, [0, 0, 0, 0, 1, 1, 1], "equally near: the lowest");
    }

    #[test]
    fn noise_is_alone_and_no_faces_are_no_labels() {
        let pair = graph(3, &[(0, 1, 0.2)]);
        assert_eq!(dbscan(&pair, 3), [0, 1, 2]);
        assert_eq!(dbscan(&pair, 2), [0, 0, 1]);
        assert!(dbscan(&graph(0, &[]), 3).is_empty());
    }
}
