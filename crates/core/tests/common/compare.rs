//! An engine's faces against the reference's.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use flickr_faces::faces::dlib::DlibEngine;
use flickr_faces::faces::{Detector, Engine, Face, Models, Settings};
use image::RgbImage;

use super::{Expected, Photo, edges};

/// Largest difference of any of a descriptor's numbers that counts as the same.
pub const DESCRIPTOR_TOLERANCE: f32 = 1e-5;

/// A detector and its doublings, as the reference names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    pub detector: Detector,
    pub upsample: u8,
}

impl Way {
    pub const ALL: [Self; 4] = [
        Self::new(Detector::Hog, 0),
        Self::new(Detector::Hog, 1),
        Self::new(Detector::Cnn, 0),
        Self::new(Detector::Cnn, 1),
    ];

    pub const fn new(detector: Detector, upsample: u8) -> Self {
        Self { detector, upsample }
    }

    pub fn expected(self, photo: &Photo) -> &[Expected] {
        match (self.detector, self.upsample) {
            (Detector::Hog, 0) => &photo.hog0,
            (Detector::Hog, 1) => &photo.hog1,
            (Detector::Cnn, 0) => &photo.cnn0,
            (Detector::Cnn, 1) => &photo.cnn1,
            _ => panic!("no reference for {self:?}"),
        }
    }
}

/// What a comparison came to.
#[derive(Debug, Default)]
pub struct Comparison {
    pub photos: usize,
    pub faces: usize,
    pub descriptors: usize,
    /// Largest difference of any number of any descriptor.
    pub worst: f32,
    /// Boxes, landmarks and descriptors that are not the same.
    pub differences: Vec<String>,
}

impl Comparison {
    /// Compares one photo's faces, which come best first on both sides.
    pub fn add(&mut self, name: &str, found: &[Face], expected: &[Expected]) {
        self.photos += 1;
        self.faces += expected.len();
        let boxes: Vec<_> = found.iter().map(edges).collect();
        let wanted: Vec<_> = expected.iter().map(|face| face.rect).collect();
        if boxes != wanted {
            self.differences
                .push(format!("{name}: boxes {boxes:?}, expected {wanted:?}"));
            return;
        }
        for (index, (face, expected)) in found.iter().zip(expected).enumerate() {
            if let Some(landmarks) = expected.landmarks
                && landmarks != face.landmarks
            {
                self.differences.push(format!(
                    "{name}, face {index}: landmarks {:?}, expected {landmarks:?}",
                    face.landmarks
                ));
            }
            if let Some(descriptor) = &expected.descriptor {
                let difference = largest_difference(&face.descriptor.0, descriptor);
                self.descriptors += 1;
                self.worst = self.worst.max(difference);
                if difference > DESCRIPTOR_TOLERANCE {
                    self.differences.push(format!(
                        "{name}, face {index}: descriptor off by {difference:e}"
                    ));
                }
            }
        }
    }
}

/// The largest difference of two descriptors' numbers; infinite where one is not a number.
pub fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return f32::INFINITY;
    }
    a.iter().zip(b).fold(0.0, |worst, (a, b)| {
        let difference = (a - b).abs();
        if difference.is_nan() {
            f32::INFINITY
        } else {
            difference.max(worst)
        }
    })
}

/// Analyses `photos` with one analyser per thread. Gives back the faces in the photos' order, and
/// how long each photo took.
pub fn analyse(
    models: &Models,
    way: Way,
    threads: usize,
    photos: &[RgbImage],
) -> Vec<(Vec<Face>, Duration)> {
    let settings = Settings {
        detector: way.detector,
        upsample: way.upsample,
    };
    let engine = DlibEngine::new(models, settings).unwrap_or_else(|error| panic!("{error}"));
    let next = AtomicUsize::new(0);
    let results: Vec<_> = photos.iter().map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut analyser = engine.analyser().unwrap_or_else(|error| panic!("{error}"));
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((photo, result)) = photos.get(index).zip(results.get(index)) else {
                        break;
                    };
                    let begun = Instant::now();
                    let faces = analyser
                        .analyse(photo)
                        .unwrap_or_else(|error| panic!("{error}"));
                    *result.lock().unwrap() = Some((faces, begun.elapsed()));
                }
            });
        }
    });
    results
        .into_iter()
        .map(|result| {
            result
                .into_inner()
                .unwrap()
                .expect("every photo was analysed")
        })
        .collect()
}
