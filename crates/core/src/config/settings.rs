//! What config.ini can say, and what holds where it says nothing.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use secrecy::SecretString;
use url::Url;

use crate::{
    cluster::{DEFAULT_THRESHOLD, Distances, Method},
    faces::{Detector, onnx::Device},
    flickr::MAX_TAGS,
    naming::quality_filter::QualityFilter,
};

/// The store's file where config.ini names none.
pub(super) const STORE_FILE: &str = "faces.sqlite";

/// Everything config.ini can say. Paths are absolute or relative to the working folder; those in the
/// file are relative to the file's own folder.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file this was read from.
    pub path: PathBuf,
    /// The app's key; `None` until the person has entered it.
    pub api_key: Option<SecretString>,
    /// The app's secret.
    pub api_secret: Option<SecretString>,
    /// The sandbox in place of Flickr, as `http://127.0.0.1:PORT`.
    pub flickr_url: Option<Url>,
    /// API calls per hour, 1 to 3600 (more only against a sandbox).
    pub calls_per_hour: u32,
    /// How long Flickr is waited for when it takes no calls.
    pub longest_wait: Duration,
    /// How long after a write Flickr may still show what was there before.
    pub flickr_lag: Duration,
    /// Photos per page of the listing, 1 to 500.
    pub page_size: u32,
    /// Photos fetched at the same time, 1 to 16.
    pub downloads: usize,
    /// The index of the photo being processed, as last written.
    pub start_image: u64,
    /// Longest side of the photos to fetch, in pixels.
    pub max_size: u32,
    /// Which detector finds the faces.
    pub detector: Detector,
    /// What runs dlib's networks.
    pub engine: EngineChoice,
    /// ONNX Runtime's library; `None` is wherever it is found.
    pub onnxruntime_library: Option<PathBuf>,
    /// What ONNX Runtime computes on; never [`Device::Cuda`] with [`EngineChoice::Dlib`].
    pub device: Device,
    /// The descriptor network; `None` is dlib's own.
    pub encoder_model: Option<PathBuf>,
    /// How often a photo is doubled before detection, 0 to 3.
    pub upsample: u8,
    /// The smallest face that is looked for, in pixels of the photo: 1 to 10000.
    pub min_face: u32,
    /// Whether photos without a sure face are looked at turned, too.
    pub turned: bool,
    /// The largest picture to look for faces in, in millions of pixels; `None` is the engine's own
    /// limit for the detector.
    pub detector_megapixels: Option<u32>,
    /// Threads that look for faces; 0 is one per core.
    pub workers: usize,
    /// Whether photos stay on disk once their faces are stored.
    pub keep_photos: bool,
    /// Faces closer than this distance are linked; above 0, at most 1.
    pub threshold: f32,
    /// The smallest cluster to ask about, in faces.
    pub min_cluster: usize,
    /// Which faces are good enough to be grouped.
    pub quality: QualityFilter,
    /// Seed of the clustering's order of visits.
    pub seed: u64,
    /// Whether distances are corrected by how crowded the network's space is around each face.
    pub calibrated: bool,
    /// How linked faces become clusters; with [`min_samples`](Self::min_samples) where that is DBSCAN.
    pub method: Method,
    /// Faces near a face, itself included, that make it a core point of DBSCAN.
    pub min_samples: usize,
    /// Whether one person may be twice in a photo.
    pub same_photo: bool,
    /// Memory for pairs of similar faces, in bytes.
    pub neighbours_memory: u64,
    /// Folder of the photos.
    pub photos: PathBuf,
    /// Folder of the montages.
    pub results: PathBuf,
    /// The store: a file, or a `postgres://` URL.
    pub store: String,
    /// Which photos on Flickr may get names.
    pub write_to: WriteTo,
    /// Tags that a photo on Flickr can have.
    pub max_tags: usize,
    /// The file that `cluster-faces` saves and `tag-photos` reads.
    pub tags: PathBuf,
    /// Folder of dlib's model files; `None` is the cache that `cargo xtask assets` fills.
    pub models: Option<PathBuf>,
}

/// What runs dlib's networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineChoice {
    /// ONNX Runtime where its library is found and can do what is asked, else dlib.
    Auto,
    /// dlib itself.
    Dlib,
    /// ONNX Runtime, and an error where that cannot be.
    Onnxruntime,
}

/// Which photos on Flickr may get names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteTo {
    /// Only those that are not public: private ones, and those for friends and family.
    Private,
    /// All, public ones too.
    All,
}

impl Config {
    /// The defaults, with paths beside `path`.
    pub(super) fn defaults(path: &Path) -> Self {
        let folder = folder_of(path);
        Self {
            path: path.to_owned(),
            api_key: None,
            api_secret: None,
            flickr_url: None,
            calls_per_hour: 3600,
            longest_wait: Duration::from_secs(3600),
            flickr_lag: Duration::from_secs(10),
            page_size: 500,
            downloads: 4,
            start_image: 0,
            max_size: 1024,
            detector: Detector::Hog,
            engine: EngineChoice::Auto,
            onnxruntime_library: None,
            device: Device::Auto,
            encoder_model: None,
            upsample: 1,
            min_face: 40,
            turned: false,
            detector_megapixels: None,
            workers: 0,
            keep_photos: true,
            threshold: DEFAULT_THRESHOLD,
            min_cluster: 3,
            // Measured: see config.example.ini.
            quality: QualityFilter {
                min_sharpness: 2.0,
                max_yaw: 1.0,
                ..QualityFilter::default()
            },
            seed: 0,
            method: Method::default(),
            calibrated: true,
            min_samples: Method::MIN_SAMPLES,
            same_photo: false,
            neighbours_memory: 2_000_000_000,
            photos: folder.join("photos"),
            results: folder.join("results"),
            store: folder.join(STORE_FILE).to_string_lossy().into_owned(),
            write_to: WriteTo::Private,
            max_tags: MAX_TAGS,
            tags: folder.join("tags.json"),
            models: None,
        }
    }

    /// Keys whose value is wrong beside that of another key, and what is expected there.
    pub(super) fn conflicts(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        // Flickr's limit is Flickr's; a sandbox may be called as fast as it answers.
        let too_fast = self.flickr_url.is_none() && self.calls_per_hour > 3600;
        // dlib is built for the CPU.
        let no_gpu = self.engine == EngineChoice::Dlib && self.device == Device::Cuda;
        let no_gpu_expected = "`auto` or `cpu` with engine = dlib, which runs on the CPU only; \
             a GPU needs engine = onnxruntime";
        [
            (too_fast, "calls_per_hour", "API calls per hour: 1 to 3600"),
            (no_gpu, "device", no_gpu_expected),
        ]
        .into_iter()
        .filter_map(|(wrong, name, expected)| wrong.then_some((name, expected)))
    }

    /// By which distances faces are compared; another encoder's cohort lies beside its file.
    #[must_use]
    pub fn distances(&self) -> Distances {
        match self.calibrated {
            true => Distances::Calibrated {
                cohorts: self
                    .encoder_model
                    .as_deref()
                    .map(|file| folder_of(file).to_owned()),
            },
            false => Distances::Plain,
        }
    }

    /// The file of the store's pairs of similar faces: beside an SQLite store, else beside config.ini.
    #[must_use]
    pub(crate) fn neighbours_file(&self) -> PathBuf {
        if self.store.starts_with("postgres://") {
            folder_of(&self.path).join("faces.neighbours")
        } else {
            PathBuf::from(format!("{}.neighbours", self.store))
        }
    }

    /// The journal file of what is written to Flickr: in the folder of an SQLite store, else in that of
    /// config.ini.
    #[must_use]
    pub fn write_log_file(&self) -> PathBuf {
        let beside = match self.store.starts_with("postgres://") {
            true => self.path.as_path(),
            false => Path::new(&self.store),
        };
        folder_of(beside).join("tag-photos.journal.jsonl")
    }
}

pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}
