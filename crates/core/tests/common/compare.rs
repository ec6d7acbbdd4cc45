//! An engine's faces against the reference's.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use flickr_faces::faces::{Detector, Engine, Face, Settings};
use image::RgbImage;

use super::{Expected, Photo, edges, sample_pixels, sample_reference};

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

    pub fn settings(self) -> Settings {
        Settings {
            detector: self.detector,
            upsample: self.upsample,
            ..Settings::default()
        }
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

/// Scores below this may fall either way between two engines: 0 is the threshold.
const SURE: f32 = 0.05;

/// What a comparison came to.
#[derive(Debug, Default)]
pub struct Comparison {
    pub photos: usize,
    pub faces: usize,
    pub descriptors: usize,
    /// Largest difference of any number of any descriptor.
    pub worst: f32,
    /// Largest difference of two scores, where the engine tells them.
    pub worst_score: f32,
    /// Largest difference of two scores that counts as the same.
    score_tolerance: f32,
    /// Boxes, landmarks and descriptors that are not the same.
    pub differences: Vec<String>,
}

impl Comparison {
    pub fn of(way: Way) -> Self {
        Self {
            score_tolerance: match way.detector {
                Detector::Cnn => 1e-3,
                Detector::Hog => 1e-4,
            },
            ..Self::default()
        }
    }

    /// Compares one photo's faces, which come best first on both sides.
    pub fn add(&mut self, name: &str, found: &[Face], expected: &[Expected]) {
        self.photos += 1;
        self.faces += expected.len();
        // Those that one side alone has must be hardly faces at all.
        let sure = |score: f32| score > SURE;
        let missing: Vec<_> = expected
            .iter()
            .filter(|wanted| !found.iter().any(|face| edges(face) == wanted.rect))
            .filter(|wanted| sure(wanted.score))
            .map(|wanted| (wanted.rect, wanted.score))
            .collect();
        let extra: Vec<_> = found
            .iter()
            .filter(|face| !expected.iter().any(|wanted| edges(face) == wanted.rect))
            .filter(|face| face.score.is_none_or(sure))
            .map(|face| (edges(face), face.score))
            .collect();
        if !missing.is_empty() || !extra.is_empty() {
            self.differences.push(format!(
                "{name}: boxes {extra:?} too many, {missing:?} missing"
            ));
            return;
        }
        let both: Vec<(&Face, &Expected)> = found
            .iter()
            .filter_map(|face| {
                let wanted = expected.iter().find(|wanted| edges(face) == wanted.rect)?;
                Some((face, wanted))
            })
            .collect();
        let order: Vec<_> = both.iter().map(|(_, wanted)| wanted.score).collect();
        if !order.is_sorted_by(|a, b| a >= b) {
            self.differences
                .push(format!("{name}: not best first, scores {order:?}"));
        }
        for (index, (face, expected)) in both.into_iter().enumerate() {
            if let Some(score) = face.score {
                let difference = (score - expected.score).abs();
                self.worst_score = self.worst_score.max(difference);
                if difference.is_nan() || difference > self.score_tolerance {
                    self.differences.push(format!(
                        "{name}, face {index}: score {score}, expected {}",
                        expected.score
                    ));
                }
            }
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
    engine: &dyn Engine,
    threads: usize,
    photos: &[RgbImage],
) -> Vec<(Vec<Face>, Duration)> {
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

/// Two at a time: dlib's CNN takes 1 GB for each megapixel, and analysers wait where there is less.
const THREADS: usize = 2;

/// Checks that an engine finds what the reference has in these sample photos: one face in each.
pub fn compare_samples(engine: &dyn Engine, way: Way, names: &[&str]) {
    let reference = sample_reference();
    let photos: Vec<_> = names.iter().map(|name| sample_pixels(name)).collect();
    let mut comparison = Comparison::of(way);
    let results = analyse(engine, THREADS, &photos);
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
        "{} {way:?}: {:#?}",
        engine.name(),
        comparison.differences
    );
}
