//! The engine that runs dlib's networks on ONNX Runtime: the same numbers in a fraction of the time,
//! without any C++ to build.
//!
//! What a photo goes through is what dlib and Python's `face_recognition` do; what dlib does around
//! its networks is done here in Rust, with dlib's own arithmetic: doubling and pyramid (`resize`,
//! `pyramid`), boxes (`boxes`), landmarks (`landmarks`) and chips (`align`). HOG has no network: its boxes
//! come from `hog`, and all that follows is this engine's.
//!
//! Not done here: reading the model files (`nets`), finding the library (the programs).

mod boxes;
mod cuda;
mod detect;
mod elf;
mod encode;
mod engine;
mod graph;
mod head;
mod landmarks;
mod pyramid;
mod runtime;
mod telemetry;
mod winograd;

pub use self::engine::OnnxEngine;
pub use self::runtime::{Device, Runtime};
pub use self::telemetry::TelemetryOff;
