//! The engines against Python's face_recognition on every photo of a reference folder. Takes long: run by `cargo xtask test --reference DIR`.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::time::Duration;

use flickr_faces::faces::onnx::OnnxEngine;
use flickr_faces::faces::{Detector, Engine, Face};
use flickr_faces_dlib::DlibEngine;
use image::RgbImage;

use crate::common::compare::{Comparison, Way, analyse};
use crate::common::{Photo, models, pixels, reference, rgb_sha256, runtime};

const THREADS: usize = 2;

/// Up to this many pixels a photo is doubled for dlib's CNN among the rest: the fourteen that have more have five times
/// the pixels of all others together, and a test of their own.
const SMALL: u32 = 500_000;

fn dlib(way: Way) -> Box<dyn Engine> {
    Box::new(DlibEngine::new(&models(), way.settings()).unwrap())
}

fn onnx(way: Way) -> Box<dyn Engine> {
    let engine = OnnxEngine::new(&models(), way.settings(), &runtime());
    Box::new(engine.unwrap())
}

/// DIR holds `reference.json` and `png/` (the exact pixels of some photos: `/` in a photo's name
/// becomes `__`); the photos are in DIR/../photos.
fn folder() -> PathBuf {
    env::var_os("FLICKR_FACES_REFERENCE")
        .expect("FLICKR_FACES_REFERENCE is not set: run cargo xtask test --reference DIR")
        .into()
}

/// A reference photo, its pixels out of its JPEG file: those of the reference, and of its PNG where there is one.
struct Loaded {
    name: String,
    photo: Photo,
    image: RgbImage,
}

fn load_all() -> Vec<Loaded> {
    let dir = folder();
    let all: BTreeMap<String, Photo> = reference(&dir.join("reference.json"));
    all.into_iter()
        .map(|(name, photo)| {
            let image = pixels(&dir.join("../photos").join(&name));
            assert_eq!(rgb_sha256(&image), photo.rgb_sha256, "{name}");
            let png = name.replace('/', "__").replace(".jpg", ".png");
            let png = dir.join("png").join(png);
            if png.exists() {
                assert!(image == pixels(&png), "{name} and {}", png.display());
            }
            Loaded { name, photo, image }
        })
        .collect()
}

fn sum(results: &[(Vec<Face>, Duration)]) -> f64 {
    results.iter().map(|(_, took)| took.as_secs_f64()).sum()
}

#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE=DIR, given by cargo xtask test --reference DIR"]
fn every_photo_has_the_same_faces_dlib() {
    compare_all(dlib, &Way::ALL, |way, pixels| {
        way != DOUBLED_CNN || pixels <= SMALL
    });
}

#[test]
#[ignore = "minutes, with FLICKR_FACES_REFERENCE=DIR: cargo test --workspace --features dlib --test dlib -- --ignored large_photos"]
fn large_photos_doubled_have_the_same_faces_dlib() {
    compare_all(dlib, &[DOUBLED_CNN], |_, pixels| pixels > SMALL);
}

#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE=DIR, given by cargo xtask test --reference DIR"]
fn every_photo_has_the_same_faces_onnx() {
    compare_all(onnx, &Way::ALL, |_, _| true);
}

const DOUBLED_CNN: Way = Way::new(Detector::Cnn, 1);

/// Compares the photos that are `wanted`, by their pixels, each way.
fn compare_all(engine_for: fn(Way) -> Box<dyn Engine>, ways: &[Way], wanted: fn(Way, u32) -> bool) {
    let loaded = load_all();
    let mut differences = Vec::new();
    for &way in ways {
        let loaded = loaded.iter().filter(|photo| {
            let (width, height) = photo.image.dimensions();
            wanted(way, width * height)
        });
        let loaded: Vec<_> = loaded.collect();
        let images: Vec<_> = loaded.iter().map(|photo| photo.image.clone()).collect();
        let engine = engine_for(way);
        let (name, results) = (engine.name(), analyse(&*engine, THREADS, &images));
        let mut comparison = Comparison::of(way);
        for (photo, (faces, _)) in loaded.iter().zip(&results) {
            comparison.add(&photo.name, faces, way.expected(&photo.photo));
        }
        assert!(comparison.faces > 0, "no photo with a face");
        println!(
            "{name} {} doubled {}: {} photos, {} faces, {} descriptors, largest difference {:e}, \
             of scores {:e}, {} differences, {:.1} s of analysis",
            way.detector,
            way.upsample,
            comparison.photos,
            comparison.faces,
            comparison.descriptors,
            comparison.worst,
            comparison.worst_score,
            comparison.differences.len(),
            sum(&results),
        );
        differences.extend(comparison.differences);
    }
    assert!(differences.is_empty(), "{differences:#?}");
}
