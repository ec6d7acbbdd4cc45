//! The faces without a decision as clusters, at one threshold and one moment.

use std::{collections::HashMap, sync::Arc};

use rayon::prelude::*;
use tokio::sync::OnceCell;

use super::{
    library::{Known, Library},
    members::{Member, typical_first},
    said::as_said,
    settings::{Settings, Subset},
    suggestion::Suggestion,
};
use crate::{
    cluster::{self, Grouping},
    store::FaceId,
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
        // Longer edges, which are most of them in a large library, say nothing here.
        let graph = (library.graph).subgraph_below(&faces, threshold.max(cluster::SAME_PERSON));
        let photos: Vec<u32> = faces.iter().map(|&f| library.photo[f as usize]).collect();
        let labels = cluster::group(
            &graph,
            &library.compared.points(&faces),
            threshold,
            &Grouping {
                method: settings.method,
                seed: settings.seed,
                photos: (!settings.same_photo).then_some(&photos[..]),
            },
        );
        Self::of_labels(
            library,
            known,
            settings,
            (threshold, subset),
            &faces,
            labels,
        )
    }

    /// The same clusters without the faces that have got an answer since, and with what was said of them since: what is
    /// left is not grouped anew.
    pub(super) fn without_answered(
        &self,
        library: &Library,
        known: Arc<Known>,
        settings: &Settings,
    ) -> Self {
        let faces = library.subset(&known, self.subset);
        let before = |&face: &u32| self.places.get(&library.ids[face as usize]);
        // Whose answer was taken back is alone.
        let mut alone = self.clusters.len()..;
        let labels = faces.iter().map(|face| match before(face) {
            Some(&place) => place as u32,
            None => alone.next().unwrap_or_default() as u32,
        });
        let labels = labels.collect();
        let at = (self.threshold, self.subset);
        Self::of_labels(library, known, settings, at, &faces, labels)
    }

    /// The clusters that `labels` make of `faces`, and what was said of them.
    fn of_labels(
        library: &Library,
        known: Arc<Known>,
        settings: &Settings,
        (threshold, subset): (f32, Subset),
        faces: &[u32],
        labels: Vec<u32>,
    ) -> Self {
        let labels = as_said(labels, faces, library, &known, settings);
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
