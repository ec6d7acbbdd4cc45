//! How faces are grouped, and which.

use std::path::PathBuf;

use crate::{
    cluster::{Distances, Method},
    config::Config,
    naming::quality_filter::QualityFilter,
};

/// How faces are grouped, and where what belongs to them lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Faces closer than this are linked unless [`Session::view`](super::Session::view) asks for another distance; above 0, at
    /// most 1.
    pub threshold: f32,
    /// The smallest cluster that is asked about, in faces.
    pub min_cluster: usize,
    /// By which distances faces are compared.
    pub distances: Distances,
    /// Seed of the order of visits.
    pub seed: u64,
    /// What makes groups of neighbours.
    pub method: Method,
    /// Whether one person may be twice in a photo, as in collages and mirrors.
    pub same_photo: bool,
    /// Which faces are good enough to be grouped.
    pub quality: QualityFilter,
    /// The file that keeps the pairs of similar faces, so that only new faces are compared with the
    /// rest.
    pub neighbours: PathBuf,
    /// Memory for these pairs, in bytes.
    pub memory: u64,
    /// The folder of the photos.
    pub photos: PathBuf,
    /// The file to save names to.
    pub tags: PathBuf,
}

impl Settings {
    /// Those of config.ini.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        Self {
            threshold: config.threshold,
            min_cluster: config.min_cluster,
            distances: config.distances(),
            seed: config.seed,
            method: config.method,
            same_photo: config.same_photo,
            quality: config.quality,
            neighbours: config.neighbours_file(),
            memory: config.neighbours_memory,
            photos: config.photos.clone(),
            tags: config.tags.clone(),
        }
    }
}

impl Settings {
    /// What the person should know where threshold and method do not belong together: a sentence, without
    /// an end mark.
    pub(super) fn notice(&self) -> Option<String> {
        let calibrated = self.distances != Distances::Plain;
        let (best, near) = match (self.method, calibrated) {
            (Method::Average, true) => (0.50..0.595, "0.57"),
            (Method::Average, false) => (0.45..0.595, "0.55"),
            (_, true) => (0.40..0.555, "0.52, and lower in large libraries"),
            // The original's, which people know.
            (_, false) => return None,
        };
        (!best.contains(&self.threshold)).then(|| {
            format!(
                "a threshold of {} does not suit cluster_method = {}{}: it groups best near {near}",
                self.threshold,
                self.method,
                if calibrated {
                    ""
                } else {
                    " with distance = plain"
                },
            )
        })
    }
}

/// Which of the faces without a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subset {
    /// Those that are good enough to be grouped.
    Usable,
    /// Those that are not.
    LowQuality,
}
