//! Average linkage: groups join, the nearest first, while the mean of the squared distances of all
//! their pairs is below the threshold's square.
//!
//! One odd pair joins nothing, as it does by single links, so that a cluster does not grow into its
//! neighbours when a library does. (R. Sokal and C. Michener, A statistical method for evaluating
//! systematic relationships, 1958: UPGMA, here of squared distances.)
//!
//! For squared distances the mean over pairs needs [sums](super::sums) alone.
//!
//! A mean below a limit has a pair below it. So of groups that share no edge of the graph of near
//! pairs none can join, and the components of that graph are worked on by themselves, in parallel. Two
//! faces of one photo are kept apart while groups join, unless they are so near that the photo shows one person twice.
//!
//! Two single faces need to be nearer than the threshold by [`SINGLES`](heights::SINGLES): of all pairs of faces the nearest are
//! the most likely to be near by accident, and a wrong pair goes on to draw others in.

mod heights;
mod joining;
mod near;
mod parts;
mod photos;

use rayon::prelude::*;

pub use self::photos::SAME_PERSON;
use self::{joining::Join, parts::Parts};
use super::{Graph, point::Point, whispers::renumber};

/// All joins below a threshold, from which the clusters at every lower one follow.
#[derive(Debug, Clone)]
pub(super) struct Linkage {
    count: usize,
    /// Of each component, in the order in which they are made.
    joins: Vec<Vec<Join>>,
}

impl Linkage {
    /// Joins the `faces` of `graph`, which was searched at `threshold` or above; where `photos` are given,
    /// two faces of one photo are kept apart.
    ///
    /// # Panics
    /// Where there is not a face, and a photo, for each of the graph's.
    pub(super) fn new<P: Point>(
        graph: &Graph,
        faces: &[P],
        photos: Option<&[u32]>,
        threshold: f32,
    ) -> Self {
        assert_eq!(faces.len(), graph.len(), "one face for each of the graph's");
        assert!(
            photos.is_none_or(|photos| photos.len() == graph.len()),
            "one photo a face"
        );
        let components = components(graph, threshold);
        let mut places = vec![0; graph.len()];
        for component in &components {
            for (place, &face) in (0..).zip(component) {
                places[face as usize] = place;
            }
        }
        let joins = components
            .into_par_iter()
            // They are of very different sizes: each is handed out by itself.
            .with_max_len(1)
            .map(|component| {
                let photos =
                    photos.map(|photos| photos::Photos::new(graph, &component, &places, photos));
                let mut joins =
                    joining::joins(graph, &component, &places, faces, photos, threshold);
                for join in &mut joins {
                    (join.a, join.b) = (component[join.a as usize], component[join.b as usize]);
                }
                joins
            });
        Self {
            count: graph.len(),
            joins: joins.collect(),
        }
    }

    /// The clusters at a threshold, at most the one it was made for: labels 0, 1, ... in order of
    /// appearance.
    pub(super) fn labels(&self, threshold: f32) -> Vec<u32> {
        let limit = f64::from(threshold) * f64::from(threshold);
        let mut parts = Parts::new(self.count);
        for joins in &self.joins {
            // Heights do not only rise: the joins end where the nearest pair is beyond the limit.
            for join in joins.iter().take_while(|join| join.height < limit) {
                parts.join(join.a, join.b);
            }
        }
        renumber(
            (0..self.count as u32)
                .map(|face| parts.root(face))
                .collect(),
        )
    }
}

/// Groups the `faces` of `graph` by average linkage: a label for each, 0, 1, ... in order of
/// appearance.
///
/// `graph` was searched at `threshold` or above. Where `photos`, the photo of each face by any number,
/// are given, two faces of one photo are never in one group unless they, or others of that photo between them, are
/// nearer than 0.40 (as far as `graph` was searched): then it shows one person twice. The same faces give the same labels, on
/// any number of cores.
///
/// # Panics
/// Where there is not a face, and a photo, for each of the graph's.
#[must_use]
pub fn average_linkage<P: Point>(
    graph: &Graph,
    faces: &[P],
    photos: Option<&[u32]>,
    threshold: f32,
) -> Vec<u32> {
    Linkage::new(graph, faces, photos, threshold).labels(threshold)
}

/// The faces that are linked by edges below `threshold`, directly or not: each component of two faces
/// or more, ascending, the largest first.
fn components(graph: &Graph, threshold: f32) -> Vec<Vec<u32>> {
    let mut parts = Parts::new(graph.len());
    for face in 0..graph.len() {
        for (other, distance) in graph.edges_of(face) {
            if (other as usize) < face && distance < threshold {
                parts.join(face as u32, other);
            }
        }
    }
    let labels: Vec<u32> = (0..graph.len() as u32)
        .map(|face| parts.root(face))
        .collect();
    let mut components = super::clusters(&labels);
    components.truncate(components.partition_point(|component| component.len() > 1));
    components
}

#[cfg(test)]
mod tests;
