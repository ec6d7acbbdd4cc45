//! Faces: what an engine finds in a photo, and the seam that every engine stands behind.
//!
//! An [`Engine`] is made once; each worker thread takes its own [`Analyser`] from it and hands it
//! photos to find faces in, and then the faces of several photos at a time to encode. The engine here
//! is [`onnx`]; that of dlib itself is a crate of its own, `flickr-faces-dlib`. Rectangles,
//! landmarks and descriptors are those of dlib's networks as Python's `face_recognition` computes
//! them, whichever engine runs: `docs/same-numbers.md` says how to check every step.
//!
//! Not done here: decoding photos (`photo`), keeping faces (the store), grouping them (clusters).

mod align;
mod candidates;
mod crop;
mod descriptor;
mod engine;
mod error;
mod hog;
mod memory;
mod models;
pub mod onnx;
mod quality;
mod rect;
mod resize;
mod scale;
mod search;
mod settings;
mod turned;

pub use align::chip;
pub use crop::crop;
pub use crop::{CROP_SIDE, LARGE_CROP_SIDE, crop_square, crop_within, without_bars};
pub use descriptor::Descriptor;
pub use engine::{AlignedFace, Analyser, BoxDetector, Detection, EncoderInput, Engine, Face};
pub use error::FacesError;
pub use memory::available_memory;
pub use models::{ModelFile, Models};
pub use quality::Quality;
pub use rect::{FaceBox, NormalizedRect, Rect, overlap};
pub use search::ImageSearch;
pub use settings::{Detector, Settings, UnknownDetector};
pub use turned::{Turn, TurnedFinder, TurnedSearch, Upright};
