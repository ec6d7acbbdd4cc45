//! Every key of config.ini: its names, its section, what it takes and where it goes.
//!
//! One table, so that the reader, the "did you mean" and the test that config.example.ini documents
//! every key with its default cannot disagree.

use std::path::Path;

use secrecy::SecretString;
use url::Url;

use super::{Config, EngineChoice, WriteTo};
use crate::faces::{Detector, Quality, onnx::Device};

/// A key: how it may be written, where a new one goes, and how its value is taken over.
pub(super) struct Key {
    /// The name in config.example.ini and in messages.
    pub name: &'static str,
    /// Other names, those of the Python original among them.
    pub aliases: &'static [&'static str],
    /// The section config.example.ini shows it in; when reading, sections are not looked at.
    pub section: &'static str,
    /// Says what a right value is, with its range.
    pub expected: &'static str,
    /// Puts the value into the configuration; `None` where it is not a right one.
    pub take: fn(&mut Config, &Value<'_>) -> Option<()>,
}

/// A value as written, with what is needed to understand it.
pub(super) struct Value<'a> {
    /// Without white space around it.
    pub text: &'a str,
    /// The key as written: some aliases mean the thing a little differently.
    pub key: &'a str,
    /// The folder of config.ini, which paths start from.
    pub folder: &'a Path,
}

impl Value<'_> {
    fn within<T: std::str::FromStr + PartialOrd>(&self, least: T, most: T) -> Option<T> {
        let value = self.text.parse().ok()?;
        (least <= value && value <= most).then_some(value)
    }

    fn path(&self) -> Option<std::path::PathBuf> {
        (!self.text.is_empty()).then(|| self.folder.join(self.text))
    }

    fn secret(&self) -> Option<Option<SecretString>> {
        let plausible = self.text.chars().all(|c| c.is_ascii_alphanumeric());
        plausible.then(|| (!self.text.is_empty()).then(|| SecretString::from(self.text)))
    }

    fn yes_or_no(&self) -> Option<bool> {
        match self.text.to_ascii_lowercase().as_str() {
            "yes" | "true" | "on" | "1" => Some(true),
            "no" | "false" | "off" | "0" => Some(false),
            _ => None,
        }
    }

    /// `auto` or a count; 0 stands for `auto`.
    fn count_or_auto(&self, most: usize) -> Option<usize> {
        if self.text.eq_ignore_ascii_case("auto") {
            return Some(0);
        }
        self.within(1, most)
    }
}

/// The largest side Flickr keeps, and a bound on what one photo may ask of memory.
const LARGEST_SIDE: u32 = 20_000;

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "MAX_SIZE",
        aliases: &["maximagesize"],
        section: "faces",
        expected: "the longest side of the photos to fetch, in pixels: 100 to 20000",
        take: |config, value| {
            config.max_size = value.within(100, LARGEST_SIDE)?;
            Some(())
        },
    },
    Key {
        name: "DETECTION_METHOD",
        aliases: &[],
        section: "faces",
        expected: "`cnn` (finds more, slow) or `hog` (fast)",
        take: |config, value| {
            config.detector = value.text.to_ascii_lowercase().parse::<Detector>().ok()?;
            Some(())
        },
    },
    Key {
        name: "THRESHOLD",
        aliases: &[],
        section: "faces",
        expected: "a distance above 0 and up to 1, such as 0.6",
        take: |config, value| {
            config.threshold = value.within(0.0, 1.0).filter(|value| *value > 0.0)?;
            Some(())
        },
    },
    Key {
        name: "api_key",
        aliases: &["key"],
        section: "flickr",
        expected: "the key of your Flickr app: letters and digits",
        take: |config, value| {
            config.api_key = value.secret()?;
            Some(())
        },
    },
    Key {
        name: "api_secret",
        aliases: &["secret"],
        section: "flickr",
        expected: "the secret of your Flickr app: letters and digits",
        take: |config, value| {
            config.api_secret = value.secret()?;
            Some(())
        },
    },
    Key {
        name: "start_image",
        aliases: &[],
        section: "flickr",
        expected: "a count of photos, 0 or more",
        take: |config, value| {
            config.start_image = value.text.parse().ok()?;
            Some(())
        },
    },
    Key {
        name: "page_size",
        aliases: &[],
        section: "flickr",
        expected: "photos per page of the listing: 1 to 500",
        take: |config, value| {
            config.page_size = value.within(1, 500)?;
            Some(())
        },
    },
    Key {
        name: "calls_per_hour",
        aliases: &[],
        section: "flickr",
        expected: "API calls per hour: 1 to 3600",
        take: |config, value| {
            config.calls_per_hour = value.within(1, 1_000_000_000)?;
            Some(())
        },
    },
    Key {
        name: "flickr_url",
        aliases: &[],
        section: "flickr",
        expected: "`flickr`, or http://127.0.0.1:PORT for a sandbox on this machine",
        take: |config, value| {
            config.flickr_url = match value.text {
                "" | "flickr" => None,
                text => {
                    let url = Url::parse(text).ok()?;
                    let local = url.scheme() == "http"
                        && matches!(url.host_str(), Some("127.0.0.1" | "localhost"));
                    Some(local.then_some(url)?)
                }
            };
            Some(())
        },
    },
    Key {
        name: "write_to",
        aliases: &[],
        section: "flickr",
        expected: "`private` (no names on public photos) or `all`",
        take: |config, value| {
            config.write_to = match value.text.to_ascii_lowercase().as_str() {
                "private" => WriteTo::Private,
                "all" => WriteTo::All,
                _ => return None,
            };
            Some(())
        },
    },
    Key {
        name: "max_tags",
        aliases: &[],
        section: "flickr",
        expected: "the tags that Flickr lets a photo have: 1 to 1000",
        take: |config, value| {
            config.max_tags = value.within(1, 1000)?;
            Some(())
        },
    },
    Key {
        name: "engine",
        aliases: &[],
        section: "faces",
        expected: "`auto`, `onnxruntime` or `dlib`",
        take: |config, value| {
            config.engine = match value.text.to_ascii_lowercase().as_str() {
                "auto" => EngineChoice::Auto,
                "dlib" => EngineChoice::Dlib,
                "onnxruntime" => EngineChoice::Onnxruntime,
                _ => return None,
            };
            Some(())
        },
    },
    Key {
        name: "onnxruntime_library",
        aliases: &[],
        section: "faces",
        expected: "`auto`, or the file libonnxruntime.so of version 1.23 or newer",
        take: |config, value| {
            config.onnxruntime_library = match value.text {
                "auto" => None,
                _ => Some(value.path()?),
            };
            Some(())
        },
    },
    Key {
        name: "device",
        aliases: &[],
        section: "faces",
        expected: "`auto`, `cpu` or `cuda` (an NVIDIA GPU)",
        take: |config, value| {
            config.device = match value.text.to_ascii_lowercase().as_str() {
                "auto" => Device::Auto,
                "cpu" => Device::Cpu,
                "cuda" => Device::Cuda,
                _ => return None,
            };
            Some(())
        },
    },
    Key {
        name: "encoder_model",
        aliases: &[],
        section: "faces",
        expected: "`auto`, or a file of the same kind as dlib_face_recognition_resnet_model_v1.dat",
        take: |config, value| {
            config.encoder_model = match value.text {
                "auto" => None,
                _ => Some(value.path()?),
            };
            Some(())
        },
    },
    Key {
        name: "upsample",
        aliases: &[],
        section: "faces",
        expected: "how often a photo is doubled before detection: 0 to 3",
        take: |config, value| {
            config.upsample = value.within(0, 3)?;
            Some(())
        },
    },
    Key {
        name: "min_face",
        aliases: &[],
        section: "faces",
        expected: "the smallest face to look for, in pixels of the photo: 1 to 10000",
        take: |config, value| {
            config.min_face = value.within(1, 10_000)?;
            Some(())
        },
    },
    Key {
        name: "detector_megapixels",
        aliases: &[],
        section: "faces",
        expected: "`auto`, or the largest picture to look for faces in, in millions of pixels: 1 to 400",
        take: |config, value| {
            config.detector_megapixels = match value.text {
                "auto" => None,
                _ => Some(value.within(1, 400)?),
            };
            Some(())
        },
    },
    Key {
        name: "workers",
        aliases: &[],
        section: "faces",
        expected: "`auto` (one per core) or a number of threads: 1 to 256",
        take: |config, value| {
            config.workers = value.count_or_auto(256)?;
            Some(())
        },
    },
    Key {
        name: "downloads",
        aliases: &[],
        section: "flickr",
        expected: "photos fetched at the same time: 1 to 16",
        take: |config, value| {
            config.downloads = value.within(1, 16)?;
            Some(())
        },
    },
    Key {
        name: "keep_photos",
        aliases: &[],
        section: "paths",
        expected: "`yes` or `no`",
        take: |config, value| {
            config.keep_photos = value.yes_or_no()?;
            Some(())
        },
    },
    Key {
        name: "min_cluster",
        aliases: &[],
        section: "clusters",
        expected: "the smallest cluster to ask about, in faces: 1 or more",
        take: |config, value| {
            config.min_cluster = value.within(1, usize::MAX)?;
            Some(())
        },
    },
    Key {
        name: "gate_min_size",
        aliases: &[],
        section: "clusters",
        expected: "the smallest face to group, in pixels of the photo: 0 to 10000",
        take: |config, value| {
            config.gate.min_size = value.within(0, 10_000)?;
            Some(())
        },
    },
    Key {
        name: "gate_min_score",
        aliases: &[],
        section: "clusters",
        expected: "the detector's lowest score for a face to group: 0 to 10",
        take: |config, value| {
            config.gate.min_score = value.within(0.0, 10.0)?;
            Some(())
        },
    },
    Key {
        name: "gate_min_sharpness",
        aliases: &[],
        section: "clusters",
        expected: "the least sharp face to group: 0 to 100000",
        take: |config, value| {
            config.gate.min_sharpness = value.within(0.0, 100_000.0)?;
            Some(())
        },
    },
    Key {
        name: "gate_max_turn",
        aliases: &[],
        section: "clusters",
        expected: "how far a face to group may be turned to a side: 0 to 2",
        take: |config, value| {
            config.gate.max_turn = value.within(0.0, Quality::MAX_YAW)?;
            Some(())
        },
    },
    Key {
        name: "seed",
        aliases: &[],
        section: "clusters",
        expected: "a whole number, 0 or more",
        take: |config, value| {
            config.seed = value.text.parse().ok()?;
            Some(())
        },
    },
    Key {
        name: "cluster_method",
        aliases: &[],
        section: "clusters",
        expected: "`chinese_whispers` or `dbscan`",
        take: |config, value| {
            config.method = value.text.to_ascii_lowercase().parse().ok()?;
            Some(())
        },
    },
    Key {
        name: "min_samples",
        aliases: &[],
        section: "clusters",
        expected: "the faces that must be near a face for dbscan, itself among them: 1 to 1000",
        take: |config, value| {
            config.min_samples = value.within(1, 1000)?;
            Some(())
        },
    },
    Key {
        name: "allow_same_photo",
        aliases: &[],
        section: "clusters",
        expected: "`yes` or `no`",
        take: |config, value| {
            config.same_photo = value.yes_or_no()?;
            Some(())
        },
    },
    Key {
        name: "neighbours_memory",
        aliases: &["neighbors_memory"],
        section: "clusters",
        expected: "the memory for pairs of similar faces, in MB: 1 to 1000000",
        take: |config, value| {
            config.neighbours_memory = value.within(1, 1_000_000)? * 1_000_000;
            Some(())
        },
    },
    Key {
        name: "photos",
        aliases: &["imgs"],
        section: "paths",
        expected: "a folder",
        take: |config, value| {
            config.photos = value.path()?;
            Some(())
        },
    },
    Key {
        name: "results",
        aliases: &[],
        section: "paths",
        expected: "a folder",
        take: |config, value| {
            config.results = value.path()?;
            Some(())
        },
    },
    Key {
        name: "store",
        // The Python original's key is a folder of pickles: the store goes into it.
        aliases: &["encodings"],
        section: "paths",
        expected: "a file, or postgres://USER:PASSWORD@HOST/DATABASE",
        take: |config, value| {
            config.store = if value.text.starts_with("postgres://") {
                value.text.to_owned()
            } else if value.key.eq_ignore_ascii_case("encodings") {
                path_text(&value.path()?.join(super::STORE_FILE))?
            } else {
                path_text(&value.path()?)?
            };
            Some(())
        },
    },
    Key {
        name: "tags",
        aliases: &[],
        section: "paths",
        expected: "a file",
        take: |config, value| {
            config.tags = value.path()?;
            Some(())
        },
    },
    Key {
        name: "models",
        aliases: &[],
        section: "paths",
        expected: "a folder, or `auto`",
        take: |config, value| {
            config.models = match value.text {
                "auto" => None,
                _ => Some(value.path()?),
            };
            Some(())
        },
    },
];

fn path_text(path: &Path) -> Option<String> {
    path.to_str().map(str::to_owned)
}

/// `MAX_SIZE`, `max_size` and `MaxSize` are one key.
pub(super) fn plain(key: &str) -> String {
    key.chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

impl Key {
    pub(super) fn is_named(&self, key: &str) -> bool {
        let key = plain(key);
        std::iter::once(&self.name)
            .chain(self.aliases)
            .any(|name| plain(name) == key)
    }
}

/// The key with that name or alias.
pub(super) fn find(key: &str) -> Option<&'static Key> {
    KEYS.iter().find(|known| known.is_named(key))
}

/// The known key spelt most like this one, where one is near.
pub(super) fn guess(key: &str) -> Option<&'static str> {
    KEYS.iter()
        .map(|known| {
            (
                strsim::damerau_levenshtein(&plain(known.name), &plain(key)),
                known.name,
            )
        })
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, name)| name)
}
