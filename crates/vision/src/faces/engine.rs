//! The seam that every engine stands behind.

use image::RgbImage;

use super::{Descriptor, FacesError, Quality, Rect};

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

/// Where a detector sees a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Detection {
    /// As in [`Face`].
    pub rect: Rect,
    /// As in [`Face`].
    pub score: Option<f32>,
}

/// A face with its landmarks, cut out of its photo and not yet encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedFace {
    /// As in [`Face`].
    pub rect: Rect,
    /// As in [`Face`].
    pub score: Option<f32>,
    /// As in [`Face`].
    pub landmarks: [[i32; 2]; 5],
    /// As in [`Face`].
    pub quality: Quality,
    /// What its descriptor is made of.
    pub input: EncoderInput,
}

/// What a face's descriptor is made of: all that is left of its photo.
#[derive(Debug, Clone, PartialEq)]
pub enum EncoderInput {
    /// The chip: 150x150 pixels, upright and of one size.
    Chip(RgbImage),
    /// The descriptor itself, from an engine that aligns and encodes in one.
    Encoded(Box<Descriptor>),
}

impl AlignedFace {
    /// The face with its descriptor.
    pub fn encoded(&self, descriptor: Descriptor) -> Face {
        Face {
            rect: self.rect,
            score: self.score,
            landmarks: self.landmarks,
            quality: self.quality,
            descriptor,
        }
    }
}

/// A way to find and describe faces: dlib itself, or another run-time for its networks.
pub trait Engine: Send + Sync {
    /// The engine's name in the store, for example `dlib`.
    fn name(&self) -> &'static str;

    /// What it computes with, in words for a person: the engine, the processor or GPU.
    fn description(&self) -> String;

    /// Why it does not compute on a GPU, in words; `None` where it does.
    fn no_gpu(&self) -> Option<&str> {
        Some("the engine runs on the CPU only")
    }

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

    /// Finds the landmarks of detected faces and cuts their chips out of `image`, in their order.
    ///
    /// # Errors
    /// The engine failed.
    fn align(
        &mut self,
        image: &RgbImage,
        detections: &[Detection],
    ) -> Result<Vec<AlignedFace>, FacesError>;

    /// Encodes faces that this engine has aligned, of one photo or of many, in their order.
    ///
    /// # Errors
    /// The engine failed; which of the faces was at fault is not known.
    fn encode(&mut self, faces: &[AlignedFace]) -> Result<Vec<Face>, FacesError>;

    /// How many faces to encode in one call: more gain nothing.
    fn max_batch_size(&self) -> usize;

    /// Detects the faces in `image` and aligns them, best first.
    ///
    /// # Errors
    /// Those of [`Self::detect`] and [`Self::align`].
    fn find(&mut self, image: &RgbImage) -> Result<Vec<AlignedFace>, FacesError> {
        let detections = self.detect(image)?;
        self.align(image, &detections)
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

/// One thread's face detector alone, for an engine that takes its boxes from elsewhere.
pub trait BoxDetector: Send {
    /// As [`Analyser::detect`].
    ///
    /// # Errors
    /// As [`Analyser::detect`].
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError>;
}
