//! The engine of ONNX Runtime against Python's face_recognition on the sample photos: boxes and
//! landmarks the same, scores within 1e-3 (cnn) or 1e-4 (hog), descriptors within 1e-5.

use crate::common::compare::{Way, compare_samples};
use crate::common::{SAMPLES, models, rgb_sha256, runtime, sample_pixels, sample_reference};
use flickr_faces::faces::Detector;
use flickr_faces::faces::onnx::OnnxEngine;

fn compare(way: Way) {
    let onnx = runtime();
    let engine = OnnxEngine::new(&models(), way.settings(), &onnx).unwrap();
    compare_samples(&engine, way, &SAMPLES);
}

#[test]
fn sample_pixels_are_the_reference_s() {
    let reference = sample_reference();
    let wrong: Vec<_> = SAMPLES
        .iter()
        .filter(|name| {
            rgb_sha256(&sample_pixels(name)) != reference[&format!("{name}.jpg")].rgb_sha256
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{wrong:?} in samples/png are other pixels: remove that folder and run cargo xtask test"
    );
}

#[test]
fn hog_finds_the_same_faces() {
    compare(Way::new(Detector::Hog, 0));
}

#[test]
fn hog_on_doubled_photos_finds_the_same_faces() {
    compare(Way::new(Detector::Hog, 1));
}

#[test]
fn cnn_finds_the_same_faces() {
    compare(Way::new(Detector::Cnn, 0));
}

#[test]
fn cnn_on_doubled_photos_finds_the_same_faces() {
    compare(Way::new(Detector::Cnn, 1));
}
