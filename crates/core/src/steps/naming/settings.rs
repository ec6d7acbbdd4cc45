//! How faces are grouped, and which.

use std::path::PathBuf;

use crate::{cluster::Method, config::Config, naming::quality_filter::QualityFilter};

/// How faces are grouped, and where what belongs to them lies.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Faces closer than this are linked unless [`Session::view`](super::Session::view) asks for another distance; above 0, at
    /// most 1.
    pub threshold: f32,
    /// The smallest cluster that is asked about, in faces.
    pub min_cluster: usize,
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

/// Which of the faces without a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subset {
    /// Those that are good enough to be grouped.
    Usable,
    /// Those that are not.
    LowQuality,
}
