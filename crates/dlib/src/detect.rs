//! dlib's two face detectors.

use dlib_face_recognition::{
    FaceDetector, FaceDetectorCnn, FaceDetectorTrait, FaceLocations, ImageMatrix,
};
use flickr_faces::faces::{
    BoxDetector, Detection, Detector, FacesError, ImageSearch, Models, Settings,
};
use image::RgbImage;

use crate::convert::{load, matrix_of, plain};

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
pub(crate) struct DlibDetector {
    kind: Kind,
    search: ImageSearch,
}

enum Kind {
    Cnn(Box<FaceDetectorCnn>),
    Hog(FaceDetector),
}

impl Kind {
    fn find(&self, image: &ImageMatrix) -> FaceLocations {
        match self {
            // A copy, which takes 0.2 ms: a network keeps the tensors of its last photo, 170 MB for
            // each megapixel, and they go with the copy.
            Self::Cnn(detector) => FaceDetectorCnn::clone(detector).face_locations(image),
            Self::Hog(detector) => detector.face_locations(image),
        }
    }
}

impl DlibDetector {
    /// The detector that `search` is for. The models are checked by now.
    ///
    /// # Errors
    /// The model file cannot be loaded.
    pub(crate) fn new(models: &Models, search: &ImageSearch) -> Result<Self, FacesError> {
        let kind = match search.settings().detector {
            Detector::Cnn => {
                let path = models.path(Models::DETECTOR);
                Kind::Cnn(Box::new(load(&path, |path| FaceDetectorCnn::open(path))?))
            }
            Detector::Hog => Kind::Hog(FaceDetector::new()),
        };
        let search = search.clone();
        Ok(Self { kind, search })
    }
}

impl BoxDetector for DlibDetector {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        let settings = self.search.settings();
        let (per_pixel, smallest) = (bytes_per_pixel(settings.detector), smallest_box(settings));
        self.search.run(image, per_pixel, smallest, |sizes| {
            let larger = sizes
                .iter()
                .fold(matrix_of(image), |image, &(width, height)| {
                    image.resize(width as usize, height as usize)
                });
            let found = self.kind.find(&larger);
            let detection = |rect| Detection {
                rect: plain(rect),
                score: None,
            };
            Ok(found.iter().map(detection).collect())
        })
    }
}
