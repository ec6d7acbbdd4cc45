//! dlib's two face detectors.

use std::sync::Arc;

use dlib_face_recognition::{
    FaceDetector, FaceDetectorCnn, FaceDetectorTrait, FaceLocations, ImageMatrix,
};
use image::RgbImage;

use super::super::memory::Memory;
use super::super::scale::{self, Size};
use super::super::{Detector, FacesError, Models, Rect, Settings};
use super::{load, matrix_of, plain};

/// Bytes that a detector takes at its peak for each pixel it is given.
///
/// Measured as the peak of resident memory over 1 to 16 megapixels: the CNN 984 to 1,025 (it keeps every
/// layer's output of the packed pyramid, and unfolds each convolution), HOG 17 to 30.
fn bytes_per_pixel(detector: Detector) -> u64 {
    match detector {
        Detector::Cnn => 1050,
        Detector::Hog => 40,
    }
}

/// The side of the smallest box to keep, in pixels of the image. HOG's window has 80 pixels like the
/// CNN's, but the box that it reports leaves out its rim and has 73.
fn smallest_box(settings: Settings) -> u32 {
    match settings.detector {
        Detector::Cnn => settings.min_face,
        Detector::Hog => (u64::from(settings.min_face) * 73 / 80)
            .try_into()
            .unwrap_or(u32::MAX),
    }
}

/// One thread's detector.
pub(in super::super) struct Finder {
    dlib: Dlib,
    settings: Settings,
    max_pixels: u64,
    memory: Arc<Memory>,
}

enum Dlib {
    Cnn(Box<FaceDetectorCnn>),
    Hog(FaceDetector),
}

impl Dlib {
    fn find(&self, image: &ImageMatrix) -> FaceLocations {
        match self {
            // A copy, which takes 0.2 ms: a network keeps the tensors of its last photo, 170 MB for
            // each megapixel, and they go with the copy.
            Self::Cnn(detector) => FaceDetectorCnn::clone(detector).face_locations(image),
            Self::Hog(detector) => detector.face_locations(image),
        }
    }
}

impl Finder {
    /// The detector of `settings`, which is given `max_pixels` pixels at most; `memory` is that of
    /// all its engine's detectors.
    ///
    /// # Errors
    /// The model file cannot be loaded.
    pub(in super::super) fn new(
        models: &Models,
        settings: Settings,
        max_pixels: u64,
        memory: Arc<Memory>,
    ) -> Result<Self, FacesError> {
        Ok(Self {
            dlib: match settings.detector {
                Detector::Cnn => {
                    Dlib::Cnn(Box::new(load(&models.path(Models::DETECTOR), |path| {
                        FaceDetectorCnn::open(path)
                    })?))
                }
                Detector::Hog => Dlib::Hog(FaceDetector::new()),
            },
            settings,
            max_pixels,
            memory,
        })
    }

    /// Boxes in pixels of the image, best first.
    ///
    /// # Errors
    /// It is too large for the memory it would take.
    pub(in super::super) fn find(&self, image: &RgbImage) -> Result<Vec<Rect>, FacesError> {
        let size: Size = image.dimensions();
        let search = scale::search(size, self.settings.upsample, self.max_pixels)?;
        let Some(sizes) = search else {
            return Ok(Vec::new());
        };
        let doublings = sizes.len() - 1;
        let &searched = sizes.last().unwrap_or(&size);
        let matrix = matrix_of(image);
        let found = {
            let _taken = self
                .memory
                .take(searched, bytes_per_pixel(self.settings.detector))?;
            let larger = sizes[1..]
                .iter()
                .fold(None, |from: Option<ImageMatrix>, size| {
                    let from = from.as_ref().unwrap_or(&matrix);
                    Some(from.resize(size.0 as usize, size.1 as usize))
                });
            self.dlib.find(larger.as_ref().unwrap_or(&matrix))
        };
        let smallest = smallest_box(self.settings);
        Ok(found
            .iter()
            .map(|rect| scale::halved(&plain(rect), doublings))
            .filter(|rect| scale::is_large_enough(rect, smallest))
            .collect())
    }
}
