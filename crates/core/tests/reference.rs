//! The engines against Python's face_recognition on the sample photos: boxes and landmarks the same,
//! scores within 1e-3, descriptors within 1e-5.

mod common;

use common::compare::{Comparison, Way, Which, analyse};
use common::{SAMPLES, rgb_sha256, sample_pixels, sample_reference};
use flickr_faces::faces::Detector;

/// The CNN takes 1 GB for each megapixel; the engine lets analysers wait where there is less.
const THREADS: usize = 2;

fn compare(which: Which, way: Way, names: &[&str]) {
    let reference = sample_reference();
    let photos: Vec<_> = names.iter().map(|name| sample_pixels(name)).collect();
    let mut comparison = Comparison::default();
    let results = analyse(which, way, THREADS, &photos);
    for (name, (faces, _)) in names.iter().zip(&results) {
        let photo = &reference[&format!("{name}.jpg")];
        comparison.add(name, faces, way.expected(photo));
    }
    assert_eq!(
        comparison.faces,
        names.len(),
        "one face in each sample photo"
    );
    if way.upsample == 1 {
        assert_eq!(comparison.descriptors, names.len());
    }
    assert!(
        comparison.differences.is_empty(),
        "{which:?} {way:?}: {:#?}",
        comparison.differences
    );
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

#[cfg(feature = "dlib")]
#[test]
fn dlib_hog_finds_the_same_faces() {
    compare(Which::Dlib, Way::new(Detector::Hog, 0), &SAMPLES);
}

#[cfg(feature = "dlib")]
#[test]
fn dlib_hog_on_doubled_photos_finds_the_same_faces() {
    compare(Which::Dlib, Way::new(Detector::Hog, 1), &SAMPLES);
}

#[cfg(feature = "dlib")]
#[test]
fn dlib_cnn_finds_the_same_faces() {
    compare(Which::Dlib, Way::new(Detector::Cnn, 0), &SAMPLES);
}

/// The three smallest: the others, doubled, take a minute. `reference_all` has them.
#[cfg(feature = "dlib")]
#[test]
fn dlib_cnn_on_doubled_photos_finds_the_same_faces() {
    compare(
        Which::Dlib,
        Way::new(Detector::Cnn, 1),
        &["obama2", "obama_partial_face", "obama_partial_face2"],
    );
}

#[test]
fn onnx_cnn_finds_the_same_faces() {
    compare(Which::Onnx, Way::new(Detector::Cnn, 0), &SAMPLES);
}

#[test]
fn onnx_cnn_on_doubled_photos_finds_the_same_faces() {
    compare(Which::Onnx, Way::new(Detector::Cnn, 1), &SAMPLES);
}
