//! What the tests of this crate and of the dlib engine share: the cache that `cargo xtask test` fills, and the reference
//! numbers.
//!
//! Included by several tests, none of which uses all of it.
#![allow(dead_code, reason = "each test binary uses another part")]

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use flickr_faces::faces::onnx::{Runtime, TelemetryOff};
use flickr_faces::faces::{Face, FacesError, Models};
use flickr_faces::photo::{self, Limits};
use image::RgbImage;
use serde::Deserialize;
use sha2::{Digest, Sha256};

pub mod compare;

/// The sample photos that every machine can get, without `.jpg`.
pub const SAMPLES: [&str; 6] = [
    "biden",
    "obama",
    "obama2",
    "obama3",
    "obama_partial_face",
    "obama_partial_face2",
];

/// The folder that `cargo xtask test` fills: `models/`, `samples/`.
pub fn cache() -> PathBuf {
    let set = |key| {
        env::var_os(key)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("FLICKR_FACES_CACHE")
        .or_else(|| Some(set("XDG_CACHE_HOME")?.join("flickr-faces")))
        .or_else(|| Some(set("HOME")?.join(".cache/flickr-faces")))
        .expect("no cache folder: set FLICKR_FACES_CACHE, or HOME")
}

/// A file or folder of the cache. Panics with what to do where it is not there.
pub fn cached(relative: impl AsRef<Path>) -> PathBuf {
    let path = cache().join(relative);
    assert!(
        path.exists(),
        "{} is missing: run cargo xtask test",
        path.display()
    );
    path
}

/// The model files.
pub fn models() -> Models {
    Models::new(cached("models"))
}

/// The library of ONNX Runtime.
pub fn onnx_library() -> PathBuf {
    let folder = cached("onnxruntime");
    let entries =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("libonnxruntime."))
        })
        .unwrap_or_else(|| panic!("{} is empty: run cargo xtask test", folder.display()))
}

/// The library of ONNX Runtime, loaded.
pub fn load(library: &Path) -> Result<Runtime, FacesError> {
    // SAFETY: cargo has set it to the same value (.cargo/config.toml), so that nothing is moved.
    Runtime::load(library, unsafe { TelemetryOff::set() })
}

/// The library of ONNX Runtime that the cache has, loaded.
pub fn runtime() -> Runtime {
    load(&onnx_library()).unwrap()
}

/// A sample photo's JPEG file.
pub fn sample_jpeg(name: &str) -> PathBuf {
    cached(format!("samples/{name}.jpg"))
}

/// The pixels that a sample photo's reference numbers were made from.
pub fn sample_pixels(name: &str) -> RgbImage {
    pixels(&cached(format!("samples/png/{name}.png")))
}

/// A photo file's pixels, which the reference numbers are of: no profile was looked at for them.
pub fn pixels(path: &Path) -> RgbImage {
    photo::decode_as_stored(path, &Limits::default()).unwrap_or_else(|error| panic!("{error}"))
}

/// SHA-256 of an image's bytes (rows of R, G, B), in hexadecimal.
pub fn rgb_sha256(image: &RgbImage) -> String {
    Sha256::digest(image.as_raw())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The reference numbers of the sample photos, by file name, from `tests/data/reference.json`.
pub fn sample_reference() -> BTreeMap<String, Photo> {
    // Another crate's tests include this file.
    reference(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/data/reference.json"))
}

/// The reference numbers in a file, by the photos' names.
pub fn reference(path: &Path) -> BTreeMap<String, Photo> {
    #[derive(Deserialize)]
    struct Reference {
        photos: BTreeMap<String, Photo>,
    }
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str::<Reference>(&text)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .photos
}

/// What Python's face_recognition found in a photo.
#[derive(Deserialize)]
pub struct Photo {
    pub width: u32,
    pub height: u32,
    /// Of the decoded pixels.
    pub rgb_sha256: String,
    pub hog0: Vec<Expected>,
    pub hog1: Vec<Expected>,
    pub cnn0: Vec<Expected>,
    pub cnn1: Vec<Expected>,
}

/// One face that Python's face_recognition found.
#[derive(Deserialize)]
pub struct Expected {
    /// Left, top, right, bottom, inclusive.
    #[serde(rename = "box")]
    pub rect: [i32; 4],
    /// The detector's confidence.
    pub score: f32,
    /// Only where the image was doubled.
    pub landmarks: Option<[[i32; 2]; 5]>,
    /// Only where the image was doubled: 128 numbers.
    pub descriptor: Option<Vec<f32>>,
}

/// A face's box in the reference's form.
pub fn edges(face: &Face) -> [i32; 4] {
    let rect = face.rect;
    [rect.left, rect.top, rect.right, rect.bottom]
}
