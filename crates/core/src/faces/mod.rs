//! Faces: what an engine finds in a photo, and the seam that every engine stands behind.
//!
//! An [`Engine`] is made once; each worker thread takes its own [`Analyser`] from it and hands it
//! photos to find faces in, and then the faces of several photos at a time to encode. Rectangles,
//! landmarks and descriptors are those of dlib's networks as Python's `face_recognition` computes
//! them, whichever engine runs: `docs/same-numbers.md` says how to check every step.
//!
//! Not done here: decoding photos (`photo`), keeping faces (the store), grouping them (clusters).

mod crop;
mod descriptor;
#[cfg(feature = "dlib")]
pub mod dlib;
mod error;
mod memory;
mod models;
pub mod onnx;
mod quality;
mod rect;
mod scale;

use std::fmt;
use std::str::FromStr;

use image::RgbImage;

pub use crop::{CROP_SIDE, crop};
pub use descriptor::Descriptor;
pub use error::FacesError;
pub use models::{ModelFile, Models};
pub use quality::Quality;
pub use rect::Rect;

/// One face in a photo.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Where it is, in pixels of the image given to the analyser.
    pub rect: Rect,
    /// The detector's own confidence: above 0, comparable only between faces of one detector.
    /// `None` where the engine does not tell.
    pub score: Option<f32>,
    /// dlib's five landmarks, `[x, y]` in pixels of the image: outer and inner corner of the eye
    /// on the image's right, outer and inner corner of the eye on its left, base of the nose. May
    /// lie outside the image.
    pub landmarks: [[i32; 2]; 5],
    /// How well it can be seen.
    pub quality: Quality,
    /// The 128 numbers that faces are compared by.
    pub descriptor: Descriptor,
}

/// Which of dlib's two face detectors finds the faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detector {
    /// The convolutional network `mmod_human_face_detector.dat`: slow, finds turned, small and
    /// partly hidden faces.
    Cnn,
    /// Histograms of oriented gradients with a linear classifier: fast, finds frontal faces.
    Hog,
}

impl Detector {
    /// The name in config.ini and in the store: `cnn` or `hog`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cnn => "cnn",
            Self::Hog => "hog",
        }
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Detector {
    type Err = FacesError;

    /// Reads `cnn` or `hog`, in any case, as Python's original does not but people write.
    fn from_str(text: &str) -> Result<Self, FacesError> {
        [Self::Cnn, Self::Hog]
            .into_iter()
            .find(|detector| detector.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| FacesError::UnknownDetector {
                found: text.to_owned(),
            })
    }
}

/// What to do to each photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Which detector finds the faces.
    pub detector: Detector,
    /// How often the image is doubled before detection; 1 is `face_recognition`'s default. Each
    /// doubling finds faces half as large and takes four times as long.
    pub upsample: u8,
    /// The smallest face that is looked for, in pixels of the image: the longer side of the
    /// detector's window. That has 80 pixels after doubling at least, so 40 leaves nothing out where
    /// the image is doubled once. The CNN's box is the window; HOG's is a little smaller.
    pub min_face: u32,
}

impl Default for Settings {
    /// The CNN on an image doubled once, with every face it finds there.
    fn default() -> Self {
        Self {
            detector: Detector::Cnn,
            upsample: 1,
            min_face: 40,
        }
    }
}

/// Where a detector sees a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// As in [`Face`].
    pub rect: Rect,
    /// As in [`Face`].
    pub score: Option<f32>,
}

/// A face cut out of its photo, not yet encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// As in [`Face`].
    pub rect: Rect,
    /// As in [`Face`].
    pub score: Option<f32>,
    /// As in [`Face`].
    pub landmarks: [[i32; 2]; 5],
    /// As in [`Face`].
    pub quality: Quality,
    /// What its descriptor is made of.
    pub portrait: Portrait,
}

/// What a face's descriptor is made of: all that is left of its photo.
#[derive(Debug, Clone, PartialEq)]
pub enum Portrait {
    /// The chip: 150x150 pixels, upright and of one size.
    Chip(RgbImage),
    /// The descriptor itself, from an engine that cuts out and encodes in one.
    Encoded(Box<Descriptor>),
}

/// A way to find and describe faces: dlib itself, or another run-time for its networks.
pub trait Engine: Send + Sync {
    /// The engine's name in the store, for example `dlib`.
    fn name(&self) -> &'static str;

    /// What it computes with, in words for a person: the engine, its version, the processor or GPU.
    fn about(&self) -> String;

    /// Which descriptor network it has: the SHA-256 of the model file, in hexadecimal. Descriptors
    /// of different networks cannot be compared.
    fn encoder(&self) -> &str;

    /// Threads that one analyser uses, its caller's among them.
    fn threads(&self) -> usize {
        1
    }

    /// Makes an analyser: one per worker thread.
    ///
    /// # Errors
    /// A model file could not be read.
    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError>;
}

/// One thread's detector and encoder.
pub trait Analyser: Send {
    /// Where faces are in `image` (8-bit RGB, EXIF orientation applied), best first.
    ///
    /// # Errors
    /// The image is too large for the memory it would take, or the engine failed. An image
    /// without faces, however small, is no error.
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError>;

    /// Finds the landmarks of detected faces and cuts them out of `image`, in their order.
    ///
    /// # Errors
    /// The engine failed.
    fn cut_out(
        &mut self,
        image: &RgbImage,
        detections: &[Detection],
    ) -> Result<Vec<Found>, FacesError>;

    /// Encodes faces, of one photo or of many, and gives them back in their order.
    ///
    /// # Errors
    /// The engine failed; which of the faces was at fault is not known.
    fn encode(&mut self, faces: &[Found]) -> Result<Vec<Face>, FacesError>;

    /// Faces that are best encoded in one call: more gain nothing.
    fn batch(&self) -> usize;

    /// Detects the faces in `image` and cuts them out, best first.
    ///
    /// # Errors
    /// Those of [`Self::detect`] and [`Self::cut_out`].
    fn find(&mut self, image: &RgbImage) -> Result<Vec<Found>, FacesError> {
        let detections = self.detect(image)?;
        self.cut_out(image, &detections)
    }

    /// Finds and encodes every face in `image`, best first.
    ///
    /// # Errors
    /// Those of [`Self::find`] and [`Self::encode`].
    fn analyse(&mut self, image: &RgbImage) -> Result<Vec<Face>, FacesError> {
        let found = self.find(image)?;
        self.encode(&found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detector_names_are_read_and_written() {
        for (text, detector) in [
            ("cnn", Detector::Cnn),
            ("hog", Detector::Hog),
            ("CNN", Detector::Cnn),
        ] {
            assert_eq!(text.parse::<Detector>().unwrap(), detector);
            assert_eq!(detector.to_string(), text.to_lowercase());
        }
        assert_eq!(
            "ncc".parse::<Detector>().unwrap_err().to_string(),
            "`ncc` is not a face detector: expected `cnn` or `hog`"
        );
    }
}
