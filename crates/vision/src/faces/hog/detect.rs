//! The detector: pyramid, features, scores, boxes (dlib/image_processing/object_detector.h and
//! scan_fhog_pyramid.h).

use std::sync::Arc;

use image::RgbImage;

use super::avx2::Avx2;
use super::features::Features;
use super::gradients::Directions;
use super::histograms::CELL;
use super::planes::Planes;
use super::scores::{Hit, Scores};
use crate::faces::candidates::{Candidate, suppressed, up};
use crate::faces::{
    BoxDetector, Detection, Detector, FacesError, ImageSearch, Models, Rect, Settings,
};
use crate::nets::{HOG_WINDOW, HogModel};

/// Bytes that a search takes at its peak for each pixel: two images of three bytes, 31 features of four
/// bytes for each 64 pixels and their borders, votes.
const BYTES_PER_PIXEL: u64 = 16;

/// The sides, in pixels, below which a level of the pyramid is not searched, but for the first.
const LEAST_SIDE: i32 = 64;

/// Makes HOG detectors of one model.
#[derive(Debug, Clone)]
pub(in crate::faces) struct HogDetectors {
    model: Arc<HogModel>,
    directions: Arc<Directions>,
    search: ImageSearch,
}

impl HogDetectors {
    /// HOG with the rest of `settings`. Its model is checked and read here, once.
    ///
    /// # Errors
    /// The model file is missing, unreadable or another than expected.
    pub(in crate::faces) fn new(models: &Models, settings: Settings) -> Result<Self, FacesError> {
        models.check_file(Models::HOG)?;
        Ok(Self {
            model: Arc::new(HogModel::open(&models.path(Models::HOG))?),
            directions: Arc::new(Directions::new()),
            search: ImageSearch::new(Settings {
                detector: Detector::Hog,
                ..settings
            }),
        })
    }

    /// A detector for one thread.
    pub(in crate::faces) fn detector(&self) -> Box<dyn BoxDetector> {
        Box::new(HogDetector::new(self.clone(), Avx2::detect()))
    }
}

/// One thread's detector, with memory that it uses again for the next image.
struct HogDetector {
    shared: HogDetectors,
    avx2: Option<Avx2>,
    level: Planes,
    next: Planes,
    features: Features,
    scores: Scores,
}

impl HogDetector {
    fn new(shared: HogDetectors, avx2: Option<Avx2>) -> Self {
        Self {
            avx2,
            level: Planes::default(),
            next: Planes::default(),
            features: Features::default(),
            scores: Scores::new(&shared.model),
            shared,
        }
    }

    /// Goes on with the level at another size.
    fn resize(&mut self, width: usize, height: usize) {
        self.next
            .fill_resized(&self.level, width, height, self.avx2);
        std::mem::swap(&mut self.level, &mut self.next);
    }

    /// The boxes in the image that `level` is, best first, in its pixels.
    fn search(&mut self) -> Vec<Candidate> {
        let HogDetectors {
            model, directions, ..
        } = &self.shared.clone();
        let levels = levels(self.level.width, self.level.height);
        let mut all = Vec::new();
        for level in 0..levels {
            if level > 0 {
                self.resize(self.level.width * 5 / 6, self.level.height * 5 / 6);
            }
            self.features.fill(&self.level, directions, self.avx2);
            self.scores.find(&self.features, model, self.avx2, |hit| {
                all.push(Candidate {
                    rect: rect(hit, level),
                    score: hit.score,
                });
            });
        }
        suppressed(all, model.overlap)
    }
}

impl BoxDetector for HogDetector {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        let search = self.shared.search.clone();
        let smallest = smallest_box(search.settings().min_face);
        search.run(image, BYTES_PER_PIXEL, smallest, |sizes| {
            self.level.fill(image);
            for &(width, height) in sizes {
                self.resize(width as usize, height as usize);
            }
            let detection = |found: Candidate| Detection {
                rect: found.rect,
                score: Some(found.score),
            };
            Ok(self.search().into_iter().map(detection).collect())
        })
    }
}

/// The side of the smallest box to keep, in pixels of the image. HOG's window has 80 pixels like the
/// CNN's, but the box that it reports leaves out its rim and has 73.
fn smallest_box(min_face: u32) -> u32 {
    let side = u64::from(min_face) * 73 / 80;
    side.try_into().unwrap_or(u32::MAX)
}

/// Levels of the pyramid. dlib counts them by what becomes of the image's rectangle, rounded at each
/// step (`create_fhog_pyramid`), and its levels' own sizes are not quite that.
fn levels(width: usize, height: usize) -> usize {
    let last = |side: usize| f64::from(i32::try_from(side).unwrap_or(i32::MAX)) - 1.0;
    let mut edges = [0.0, 0.0, last(width), last(height)];
    let mut levels = 0;
    loop {
        edges = edges.map(|edge| ((edge - 0.3) * (5.0 / 6.0) + 0.5).floor());
        levels += 1;
        let side = |from: f64, to: f64| (to - from) as i32 + 1;
        let least = side(edges[0], edges[2]).min(side(edges[1], edges[3]));
        if least < LEAST_SIDE {
            return levels;
        }
    }
}

/// The box around a place with features, in pixels of the image searched (`fhog_to_image`).
fn rect(hit: Hit, level: usize) -> Rect {
    let corner = |cell: usize, offset: i64| {
        // The first cell of an image has no features; an edge is in the middle of a cell, away from 0.
        let pixel = (cell as i64 + offset + 1) * CELL as i64 + 1;
        let half = CELL as i64 / 2;
        let middle = if pixel >= 0 {
            pixel + half
        } else {
            pixel - half
        };
        up(middle as f64, level)
    };
    // Window cells before the one with features, and behind.
    let before = -(HOG_WINDOW as i64 / 2 - 1);
    let behind = HOG_WINDOW as i64 / 2;
    Rect {
        left: corner(hit.column, before),
        top: corner(hit.row, before),
        right: corner(hit.column, behind),
        bottom: corner(hit.row, behind),
    }
}
