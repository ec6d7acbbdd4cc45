//! The dlib engine, and the ONNX engine, against Python's face_recognition; and images
//! that dlib would throw on.

#[path = "../../../core/tests/common/mod.rs"]
mod common;
mod edges;
mod hog;
mod reference;
mod reference_all;
