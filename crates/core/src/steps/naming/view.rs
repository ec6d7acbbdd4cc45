//! The faces without a decision as clusters, at one threshold and one moment.

use std::{collections::HashMap, sync::Arc};

use rayon::prelude::*;
use tokio::sync::OnceCell;

use super::{
    Settings, Subset, Suggestion,
    library::{Known, Library},
};
use crate::{
    cluster::{self, Grouping},
    store::{FaceId, PhotoId},
};

/// What is not decided, in clusters.
#[derive(Debug)]
pub struct View {
    /// Faces nearer than this were linked.
    pub threshold: f32,
    /// Which faces these are.
    pub subset: Subset,
    /// [`Session::revision`](super::Session::revision) at that moment.
    pub revision: i64,
    /// All clusters, the largest first; a face that is near no other is one of its own.
    pub clusters: Vec<Cluster>,
    /// The faces in all of them.
    pub faces: usize,
    asked: usize,
    places: HashMap<FaceId, usize>,
    pub(super) known: Arc<Known>,
    pub(super) suggestions: OnceCell<Arc<Vec<Suggestion>>>,
}

/// Faces that look like one person, the most typical first.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// The faces.
    pub faces: Vec<Member>,
    /// In how many photos they are.
    pub photos: usize,
}

/// A face among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The face.
    pub id: FaceId,
    /// Flickr's id of the photo it is in.
    pub photo: PhotoId,
    /// The distance of its descriptor to the mean of all.
    pub distance: f32,
    /// Whether that is far beyond what is usual among them: perhaps another person.
    pub outlier: bool,
}

impl View {
    /// Groups the faces of `subset`.
    pub(super) fn new(
        library: &Library,
        known: Arc<Known>,
        settings: &Settings,
        threshold: f32,
        subset: Subset,
    ) -> Self {
        let faces = library.subset(&known, subset);
        let graph = library.graph.subgraph(&faces).filter_below(threshold);
        let photos: Vec<u32> = faces.iter().map(|&f| library.photo[f as usize]).collect();
        let labels = cluster::group(
            &graph,
            &Grouping {
                method: settings.method,
                seed: settings.seed,
                photos: (!settings.same_photo).then_some(&photos[..]),
            },
        );
        let clusters: Vec<Cluster> = cluster::clusters(&labels)
            .into_par_iter()
            .map(|members| {
                let mut members: Vec<u32> = members.iter().map(|&m| faces[m as usize]).collect();
                Cluster::of(library, &mut members)
            })
            .collect();
        let places = clusters.iter().enumerate().flat_map(|(place, cluster)| {
            cluster
                .faces
                .iter()
                .map(move |face| (face.id.clone(), place))
        });
        Self {
            threshold,
            subset,
            revision: known.revision,
            places: places.collect(),
            faces: faces.len(),
            asked: clusters.partition_point(|c| c.faces.len() >= settings.min_cluster),
            clusters,
            known,
            suggestions: OnceCell::new(),
        }
    }

    /// The clusters that are large enough to be asked about.
    #[must_use]
    pub fn asked(&self) -> &[Cluster] {
        &self.clusters[..self.asked]
    }

    /// How many clusters are smaller than the smallest that is asked about, and their faces.
    #[must_use]
    pub fn small(&self) -> (usize, usize) {
        let small = &self.clusters[self.asked..];
        (small.len(), small.iter().map(|c| c.faces.len()).sum())
    }

    /// The place of a face's cluster in `clusters`; `None` where it is not one of these faces.
    #[must_use]
    pub fn cluster_of(&self, face: &FaceId) -> Option<usize> {
        self.places.get(face).copied()
    }
}

impl Cluster {
    pub(super) fn of(library: &Library, members: &mut [u32]) -> Self {
        let mut photos: Vec<u32> = members.iter().map(|&m| library.photo[m as usize]).collect();
        photos.sort_unstable();
        photos.dedup();
        Self {
            faces: typical_first(library, members),
            photos: photos.len(),
        }
    }
}

/// Orders faces, the most typical first, and marks those that may not belong.
pub(super) fn typical_first(library: &Library, members: &mut [u32]) -> Vec<Member> {
    let distances = cluster::most_typical_first(members, &library.descriptors);
    let limit = outliers_above(&distances);
    members
        .iter()
        .zip(&distances)
        .map(|(&face, &distance)| Member {
            id: library.ids[face as usize].clone(),
            photo: library.photo_of(face).clone(),
            distance,
            outlier: distance > limit,
        })
        .collect()
}

/// Fewer faces than this have no outliers: any of them could be the odd one.
const FEW: usize = 5;

/// Above which of the ascending `distances` a face is an outlier: three standard deviations above the
/// median, with the deviation computed from the median of the absolute deviations, which the outliers
/// themselves do not move (F. R. Hampel, "The influence curve and its role in robust estimation",
/// 1974). At least a tenth above the median: copies of one photo differ by nothing.
fn outliers_above(distances: &[f32]) -> f32 {
    if distances.len() < FEW {
        return f32::INFINITY;
    }
    let median = distances[distances.len() / 2];
    let mut deviations: Vec<f32> = distances.iter().map(|d| (d - median).abs()).collect();
    deviations.sort_by(f32::total_cmp);
    let sigma = 1.4826 * deviations[deviations.len() / 2];
    median + (3.0 * sigma).max(0.1 * median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_is_far_beyond_what_is_usual() {
        let cases: [(&[f32], usize); 6] = [
            (&[], 0),
            (&[0.1, 0.2, 0.3, 0.9], 0),
            (&[0.2, 0.22, 0.24, 0.26, 0.28], 0),
            (&[0.2, 0.22, 0.24, 0.26, 0.28, 0.5], 1),
            (&[0.0, 0.0, 0.0, 0.0, 0.0], 0),
            (&[0.3, 0.3, 0.3, 0.3, 0.31, 0.32, 0.6, 0.61], 2),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(distances, expected)| {
                let limit = outliers_above(distances);
                (
                    distances,
                    distances.iter().filter(|&&d| d > limit).count(),
                    expected,
                )
            })
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(distances, found, expected): {wrong:?}");
    }
}
