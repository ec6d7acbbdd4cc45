//! The dlib engine against Python's face_recognition on the sample photos: boxes and landmarks the
//! same, descriptors within 1e-5.
#![cfg(feature = "dlib")]

mod common;

use common::compare::{Comparison, Way, analyse};
use common::{SAMPLES, models, rgb_sha256, sample_pixels, sample_reference};
use flickr_faces::faces::Detector;

/// The CNN takes 1 GB for each megapixel; the engine lets analysers wait where there is less.
const THREADS: usize = 2;

fn compare(way: Way, names: &[&str]) {
    let reference = sample_reference();
    let photos: Vec<_> = names.iter().map(|name| sample_pixels(name)).collect();
    let mut comparison = Comparison::default();
    let results = analyse(&models(), way, THREADS, &photos);
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
        "{way:?}: {:#?}",
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
