//! Every key of config.ini: its names, what it takes and where its value goes.
//!
//! One table, so that the reader, the "did you mean" and the test that config.example.ini documents
//! every key with its default cannot disagree.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::settings::{Config, EngineChoice, STORE_FILE, WriteTo};
use crate::faces::{Quality, onnx::Device};

/// A key: how it may be written and how its value is taken over.
#[derive(Clone, Copy)]
pub(super) struct Key {
    /// The name in config.example.ini and in messages.
    pub name: &'static str,
    /// Other names: earlier ones, and those of the Python original.
    pub aliases: &'static [&'static str],
    /// What a right value is, with its range.
    pub expected: &'static str,
    /// Puts the value into the configuration; `None` where it is not a right one.
    pub take: fn(&mut Config, &Value<'_>) -> Option<()>,
}

/// A value as written, with what is needed to understand it.
pub(super) struct Value<'a> {
    /// Without white space around it.
    pub text: &'a str,
    /// The key as written: `encodings` and `store` differ a little.
    pub key: &'a str,
    /// The folder of config.ini, where relative paths start.
    pub folder: &'a Path,
}

impl Value<'_> {
    fn within<T: std::str::FromStr + PartialOrd>(&self, least: T, most: T) -> Option<T> {
        let value = self.text.parse().ok()?;
        (least <= value && value <= most).then_some(value)
    }

    /// The meaning of a word, written in upper or lower case.
    fn word<T: Copy>(&self, words: &[(&str, T)]) -> Option<T> {
        let mut words = words.iter();
        let (_, meaning) = words.find(|(word, _)| self.text.eq_ignore_ascii_case(word))?;
        Some(*meaning)
    }

    fn yes_or_no(&self) -> Option<bool> {
        match self.text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Some(true),
            "no" | "false" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// `None` inside for `auto`.
    fn auto_or<T>(&self, other: Option<T>) -> Option<Option<T>> {
        if self.text.eq_ignore_ascii_case("auto") {
            return Some(None);
        }
        other.map(Some)
    }

    fn path(&self) -> Option<PathBuf> {
        (!self.text.is_empty()).then(|| self.folder.join(self.text))
    }

    fn secret(&self) -> Option<Option<SecretString>> {
        let plausible = self.text.chars().all(|c| c.is_ascii_alphanumeric());
        plausible.then(|| (!self.text.is_empty()).then(|| SecretString::from(self.text)))
    }

    fn sandbox(&self) -> Option<Option<Url>> {
        if matches!(self.text, "" | "flickr") {
            return Some(None);
        }
        let url = Url::parse(self.text).ok()?;
        let local =
            url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
        local.then_some(Some(url))
    }

    fn store(&self) -> Option<String> {
        if self.text.starts_with("postgres://") {
            return Some(self.text.to_owned());
        }
        let mut path = self.path()?;
        // The Python original's key is a folder of pickles: the store goes into it.
        if self.key.eq_ignore_ascii_case("encodings") {
            path.push(STORE_FILE);
        }
        path.into_os_string().into_string().ok()
    }
}

fn put<T>(setting: &mut T, value: Option<T>) -> Option<()> {
    *setting = value?;
    Some(())
}

const fn key(
    name: &'static str,
    expected: &'static str,
    take: fn(&mut Config, &Value<'_>) -> Option<()>,
) -> Key {
    Key {
        name,
        aliases: &[],
        expected,
        take,
    }
}

pub(super) const KEYS: &[Key] = &[
    key(
        "MAX_SIZE",
        "the longest side of the photos to fetch, in pixels: 100 to 20000",
        |c, v| put(&mut c.max_size, v.within(100, 20_000)),
    )
    .or(&["maximagesize"]),
    key(
        "DETECTION_METHOD",
        "`cnn` (finds more, slow) or `hog` (fast)",
        |c, v| put(&mut c.detector, v.text.parse().ok()),
    ),
    key(
        "THRESHOLD",
        "a distance above 0 and up to 1, such as 0.57",
        |c, v| put(&mut c.threshold, v.within(f32::MIN_POSITIVE, 1.0)),
    ),
    key(
        "api_key",
        "the key of your Flickr app: letters and digits",
        |c, v| put(&mut c.api_key, v.secret()),
    )
    .or(&["key"]),
    key(
        "api_secret",
        "the secret of your Flickr app: letters and digits",
        |c, v| put(&mut c.api_secret, v.secret()),
    )
    .or(&["secret"]),
    key("start_image", "a count of photos, 0 or more", |c, v| {
        put(&mut c.start_image, v.text.parse().ok())
    }),
    key(
        "page_size",
        "photos per page of the listing: 1 to 500",
        |c, v| put(&mut c.page_size, v.within(1, 500)),
    ),
    key("calls_per_hour", "API calls per hour: 1 to 3600", |c, v| {
        put(&mut c.calls_per_hour, v.within(1, 1_000_000_000))
    }),
    key(
        "longest_wait",
        "the longest wait for Flickr, in minutes: 0 to 10080",
        |c, v| {
            put(
                &mut c.longest_wait,
                v.within(0.0, 10_080.0)
                    .map(|minutes: f64| Duration::from_secs_f64(minutes * 60.0)),
            )
        },
    ),
    key(
        "flickr_lag",
        "how long Flickr may lag behind, in seconds: 0 to 600",
        |c, v| {
            let seconds = v.within(0.0, 600.0);
            put(&mut c.flickr_lag, seconds.map(Duration::from_secs_f64))
        },
    ),
    key(
        "flickr_url",
        "`flickr`, or http://127.0.0.1:PORT for a sandbox on this machine",
        |c, v| put(&mut c.flickr_url, v.sandbox()),
    ),
    key(
        "write_to",
        "`private` (no names on public photos) or `all`",
        |c, v| {
            put(
                &mut c.write_to,
                v.word(&[("private", WriteTo::Private), ("all", WriteTo::All)]),
            )
        },
    ),
    key(
        "max_tags",
        "the tags that Flickr lets a photo have: 1 to 1000",
        |c, v| put(&mut c.max_tags, v.within(1, 1000)),
    ),
    key("engine", "`auto`, `onnxruntime` or `dlib`", |c, v| {
        let words = [
            ("auto", EngineChoice::Auto),
            ("onnxruntime", EngineChoice::Onnxruntime),
            ("dlib", EngineChoice::Dlib),
        ];
        put(&mut c.engine, v.word(&words))
    }),
    key(
        "onnxruntime_library",
        "`auto`, or the file libonnxruntime.so of version 1.23 or newer",
        |c, v| put(&mut c.onnxruntime_library, v.auto_or(v.path())),
    ),
    key(
        "device",
        "`auto`, `cpu` or `cuda` (an NVIDIA GPU)",
        |c, v| {
            let words = [
                ("auto", Device::Auto),
                ("cpu", Device::Cpu),
                ("cuda", Device::Cuda),
            ];
            put(&mut c.device, v.word(&words))
        },
    ),
    key(
        "encoder_model",
        "`auto`, or a file of the same kind as dlib_face_recognition_resnet_model_v1.dat",
        |c, v| put(&mut c.encoder_model, v.auto_or(v.path())),
    ),
    key(
        "upsample",
        "how often a photo is doubled before detection: 0 to 3",
        |c, v| put(&mut c.upsample, v.within(0, 3)),
    ),
    key(
        "min_face",
        "the smallest face to look for, in pixels of the photo: 1 to 10000",
        |c, v| put(&mut c.min_face, v.within(1, 10_000)),
    ),
    key("turned", "`look` or `no`", |c, v| {
        put(&mut c.turned, v.word(&[("look", true), ("no", false)]))
    }),
    key(
        "detector_megapixels",
        "`auto`, or the largest picture to look for faces in, in millions of pixels: 1 to 400",
        |c, v| put(&mut c.detector_megapixels, v.auto_or(v.within(1, 400))),
    ),
    key(
        "workers",
        "`auto` (one per core) or a number of threads: 1 to 256",
        |c, v| {
            put(
                &mut c.workers,
                v.auto_or(v.within(1, 256)).map(Option::unwrap_or_default),
            )
        },
    ),
    key(
        "downloads",
        "photos fetched at the same time: 1 to 16",
        |c, v| put(&mut c.downloads, v.within(1, 16)),
    ),
    key("keep_photos", "`yes` or `no`", |c, v| {
        put(&mut c.keep_photos, v.yes_or_no())
    }),
    key(
        "min_cluster",
        "the smallest cluster to ask about, in faces: 1 or more",
        |c, v| put(&mut c.min_cluster, v.within(1, usize::MAX)),
    ),
    key(
        "quality_min_size",
        "the smallest face to group, in pixels of the photo: 0 to 10000",
        |c, v| put(&mut c.quality.min_size, v.within(0, 10_000)),
    )
    .or(&["gate_min_size"]),
    key(
        "quality_min_score",
        "the detector's lowest score for a face to group: 0 to 10",
        |c, v| put(&mut c.quality.min_score, v.within(0.0, 10.0)),
    )
    .or(&["gate_min_score"]),
    key(
        "quality_min_sharpness",
        "the least sharp face to group: 0 to 100000",
        |c, v| put(&mut c.quality.min_sharpness, v.within(0.0, 100_000.0)),
    )
    .or(&["gate_min_sharpness"]),
    key(
        "quality_max_yaw",
        "how far a face to group may be turned to a side: 0 to 2",
        |c, v| put(&mut c.quality.max_yaw, v.within(0.0, Quality::MAX_YAW)),
    )
    .or(&["gate_max_turn"]),
    key("seed", "a whole number, 0 or more", |c, v| {
        put(&mut c.seed, v.text.parse().ok())
    }),
    key(
        "cluster_method",
        "`average`, `chinese_whispers` or `dbscan`",
        |c, v| put(&mut c.method, v.text.to_ascii_lowercase().parse().ok()),
    ),
    key("distance", "`calibrated` or `plain`", |c, v| {
        let calibrated = match v.text.to_ascii_lowercase().as_str() {
            "calibrated" => Some(true),
            "plain" => Some(false),
            _ => None,
        };
        put(&mut c.calibrated, calibrated)
    }),
    key(
        "min_samples",
        "the faces that must be near a face for dbscan, itself among them: 1 to 1000",
        |c, v| put(&mut c.min_samples, v.within(1, 1000)),
    ),
    key("allow_same_photo", "`yes` or `no`", |c, v| {
        put(&mut c.same_photo, v.yes_or_no())
    }),
    key(
        "neighbours_memory",
        "the memory for pairs of similar faces, in MB: 1 to 1000000",
        |c, v| {
            put(
                &mut c.neighbours_memory,
                v.within(1, 1_000_000).map(|mb: u64| mb * 1_000_000),
            )
        },
    )
    .or(&["neighbors_memory"]),
    key("photos", "a folder", |c, v| put(&mut c.photos, v.path())).or(&["imgs"]),
    key("results", "a folder", |c, v| put(&mut c.results, v.path())),
    key(
        "store",
        "a file, or postgres://USER:PASSWORD@HOST/DATABASE",
        |c, v| put(&mut c.store, v.store()),
    )
    .or(&["encodings"]),
    key("tags", "a file", |c, v| put(&mut c.tags, v.path())),
    key("models", "a folder, or `auto`", |c, v| {
        put(&mut c.models, v.auto_or(v.path()))
    }),
];

/// `MAX_SIZE`, `max_size` and `MaxSize` are one key.
pub(super) fn plain(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Key {
    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

/// The key with that name or alias.
pub(super) fn find(key: &str) -> Option<&'static Key> {
    let key = plain(key);
    KEYS.iter().find(|known| {
        let mut names = [known.name]
            .into_iter()
            .chain(known.aliases.iter().copied());
        names.any(|name| plain(name) == key)
    })
}

/// The known key spelt most like this one, where one is near.
pub(super) fn guess(key: &str) -> Option<&'static str> {
    let distance = |name| strsim::damerau_levenshtein(&plain(name), &plain(key));
    let near = KEYS.iter().map(|known| (distance(known.name), known.name));
    let (_, name) = near.filter(|(distance, _)| *distance <= 2).min()?;
    Some(name)
}
