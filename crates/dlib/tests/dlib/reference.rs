//! The dlib engine on the sample photos: boxes and landmarks the same as Python's face_recognition,
//! descriptors within 1e-5.

use flickr_faces::faces::Detector;
use flickr_faces_dlib::DlibEngine;

use crate::common::compare::{Way, compare_samples};
use crate::common::{SAMPLES, models};

fn compare(way: Way, names: &[&str]) {
    let engine = DlibEngine::new(&models(), way.settings()).unwrap();
    compare_samples(&engine, way, names);
}

#[test]
fn hog_finds_the_same_faces() {
    compare(Way::new(Detector::Hog, 0), &SAMPLES);
}

#[test]
fn hog_on_doubled_photos_finds_the_same_faces() {
    compare(Way::new(Detector::Hog, 1), &SAMPLES);
}

#[test]
fn cnn_finds_the_same_faces() {
    compare(Way::new(Detector::Cnn, 0), &SAMPLES);
}

/// The three smallest: the others, doubled, take a minute. `reference_all` has them.
#[test]
fn cnn_on_doubled_photos_finds_the_same_faces() {
    compare(
        Way::new(Detector::Cnn, 1),
        &["obama2", "obama_partial_face", "obama_partial_face2"],
    );
}
