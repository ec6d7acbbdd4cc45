//! The engines against Python's face_recognition on every photo of a reference folder, and
//! what another JPEG decoder changes. Takes long: run by `cargo xtask test --reference DIR`.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::time::Duration;

use flickr_faces::faces::onnx::OnnxEngine;
use flickr_faces::faces::{Descriptor, Engine, Face};
use flickr_faces_dlib::DlibEngine;
use image::RgbImage;

use crate::common::compare::{Comparison, Way, analyse, largest_difference};
use crate::common::{Expected, Photo, edges, models, pixels, reference, rgb_sha256, runtime};

const THREADS: usize = 2;

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

/// A reference photo with the pixels of its JPEG as decoded here and those of the reference, where
/// these can be had.
struct Loaded {
    name: String,
    photo: Photo,
    decoded: RgbImage,
    exact: Option<RgbImage>,
    same_pixels: bool,
}

fn load_all() -> Vec<Loaded> {
    let dir = folder();
    let all: BTreeMap<String, Photo> = reference(&dir.join("reference.json"));
    all.into_iter()
        .map(|(name, photo)| {
            let decoded = pixels(&dir.join("../photos").join(&name));
            let same_pixels = rgb_sha256(&decoded) == photo.rgb_sha256;
            let png = dir
                .join("png")
                .join(name.replace('/', "__").replace(".jpg", ".png"));
            let exact = if same_pixels {
                Some(decoded.clone())
            } else {
                png.exists().then(|| {
                    let exact = pixels(&png);
                    assert_eq!(rgb_sha256(&exact), photo.rgb_sha256, "{}", png.display());
                    exact
                })
            };
            Loaded {
                name,
                photo,
                decoded,
                exact,
                same_pixels,
            }
        })
        .collect()
}

fn sum(results: &[(Vec<Face>, Duration)]) -> f64 {
    results.iter().map(|(_, took)| took.as_secs_f64()).sum()
}

#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE=DIR, given by cargo xtask test --reference DIR"]
fn every_photo_has_the_same_faces_dlib() {
    compare_all(dlib);
}

#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE=DIR, given by cargo xtask test --reference DIR"]
fn every_photo_has_the_same_faces_onnx() {
    compare_all(onnx);
}

fn compare_all(engine_for: fn(Way) -> Box<dyn Engine>) {
    let loaded: Vec<_> = load_all()
        .into_iter()
        .filter(|photo| photo.exact.is_some())
        .collect();
    assert!(!loaded.is_empty(), "no photo with the reference's pixels");
    let images: Vec<_> = loaded
        .iter()
        .filter_map(|photo| photo.exact.clone())
        .collect();
    let mut differences = Vec::new();
    for way in Way::ALL {
        let engine = engine_for(way);
        let (name, results) = (engine.name(), analyse(&*engine, THREADS, &images));
        let mut comparison = Comparison::of(way);
        for (photo, (faces, _)) in loaded.iter().zip(&results) {
            comparison.add(&photo.name, faces, way.expected(&photo.photo));
        }
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

#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE=DIR, given by cargo xtask test --reference DIR"]
fn another_jpeg_decoder_changes_little_dlib() {
    measure_decoder(dlib);
}

#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE=DIR, given by cargo xtask test --reference DIR"]
fn another_jpeg_decoder_changes_little_onnx() {
    measure_decoder(onnx);
}

/// Not "the same" but "how much": what our JPEG decoder's other pixels do. Asserted is only what a
/// user would notice: every face is found again, and is far nearer to itself than 0.6.
fn measure_decoder(engine_for: fn(Way) -> Box<dyn Engine>) {
    let loaded = load_all();
    let (same, other): (Vec<_>, Vec<_>) = loaded.iter().partition(|photo| photo.same_pixels);
    println!(
        "{} photos, {} with the reference's pixels from our JPEG decoder",
        loaded.len(),
        same.len()
    );
    for photo in &other {
        if let Some(exact) = &photo.exact {
            let differing = exact
                .as_raw()
                .iter()
                .zip(photo.decoded.as_raw())
                .map(|(a, b)| a.abs_diff(*b))
                .filter(|&difference| difference > 0);
            let (count, most) = differing.fold((0_usize, 0), |(n, most), d| (n + 1, most.max(d)));
            println!(
                "  {}: {:.2} % of samples differ, by {most} at most",
                photo.name,
                100.0 * count as f64 / exact.as_raw().len() as f64
            );
        }
    }
    let images: Vec<_> = other.iter().map(|photo| photo.decoded.clone()).collect();
    let mut failures = Vec::new();
    for way in Way::ALL {
        let engine = engine_for(way);
        let (name, results) = (engine.name(), analyse(&*engine, THREADS, &images));
        let mut figures = Figures::default();
        for (photo, (faces, _)) in other.iter().zip(&results) {
            let expected = way.expected(&photo.photo);
            failures.extend(
                figures
                    .add(faces, expected)
                    .into_iter()
                    .map(|text| format!("{name} {way:?} {}: {text}", photo.name)),
            );
        }
        println!(
            "{name} {} doubled {}, photos with other pixels: {figures:?}",
            way.detector, way.upsample
        );
    }
    assert!(failures.is_empty(), "{failures:#?}");
}

#[derive(Debug, Default)]
struct Figures {
    faces: usize,
    same_box: usize,
    moved: usize,
    lost: usize,
    new: usize,
    most_pixels_moved: i32,
    largest_number_difference: f32,
    largest_distance: f32,
    distances: f32,
}

impl Figures {
    fn add(&mut self, found: &[Face], expected: &[Expected]) -> Vec<String> {
        let mut failures = Vec::new();
        let mut taken = vec![false; found.len()];
        for wanted in expected {
            self.faces += 1;
            let shift = |face: &Face| {
                let pairs = edges(face).into_iter().zip(wanted.rect);
                pairs.map(|(a, b)| (a - b).abs()).max().unwrap_or(0)
            };
            let side = wanted.rect[2] - wanted.rect[0] + 1;
            let nearest = (0..found.len())
                .filter(|&index| !taken[index] && shift(&found[index]) < side / 2)
                .min_by_key(|&index| shift(&found[index]));
            let Some(index) = nearest else {
                self.lost += 1;
                failures.push(format!(
                    "no face at {:?}, score {}",
                    wanted.rect, wanted.score
                ));
                continue;
            };
            taken[index] = true;
            let moved = shift(&found[index]);
            if moved == 0 {
                self.same_box += 1;
            } else {
                self.moved += 1;
                self.most_pixels_moved = self.most_pixels_moved.max(moved);
            }
            if let Some(numbers) = &wanted.descriptor {
                let ours = &found[index].descriptor;
                let theirs = Descriptor(numbers.clone().try_into().expect("128 numbers"));
                let distance = ours.distance(&theirs);
                self.largest_number_difference = self
                    .largest_number_difference
                    .max(largest_difference(&ours.0, &theirs.0));
                self.largest_distance = self.largest_distance.max(distance);
                self.distances += distance;
                if distance > 0.3 {
                    failures.push(format!("{:?} is {distance} from itself", wanted.rect));
                }
            }
        }
        self.new += taken.iter().filter(|taken| !**taken).count();
        failures
    }
}
