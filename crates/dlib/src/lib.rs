//! The engine that runs dlib itself, through the crate `dlib-face-recognition`.
//!
//! What a photo goes through is what Python's `face_recognition` does: doubled `upsample` times,
//! detector, boxes mapped back; then on the photo at its own size landmarks, the 150x150 chip with
//! padding 0.25, the network, one pass without jitter.
//!
//! The crate's C++ may throw, and an exception must never reach Rust. What could make it throw is
//! refused before it is called: damaged model files ([`check`](flickr_faces::faces::Models::check)), images too small
//! for the network's filters (tests/dlib/edges.rs), images too large for the memory
//! ([`ImageSearch`](flickr_faces::faces::ImageSearch)).
//!
//! The crate's types are C++ objects that Rust moves by copying their bytes. Those used here hold
//! vectors, tensors and shared pointers, none of them a pointer to itself, so that is sound with
//! libstdc++; and its results are read through slices that borrow from them.
//!
//! Linking this crate brings libdlib, OpenBLAS and LAPACK into a program: only programs that choose an
//! engine depend on it. Without its feature `dlib` there is nothing in it.

#![cfg(feature = "dlib")]

mod convert;
mod detect;

use std::ffi::c_int;

use dlib_face_recognition::{
    FaceEncoderNetwork, FaceEncoderTrait, ImageMatrix, LandmarkPredictor, LandmarkPredictorTrait,
};
use flickr_faces::faces::{
    AlignedFace, Analyser, BoxDetector, Detection, EncoderInput, Engine, Face, FacesError,
    ImageSearch, Models, Quality, Rect, Settings, chip,
};
use image::RgbImage;

use self::{
    convert::{descriptor, exactly, load, matrix_of, points, wide},
    detect::DlibDetector,
};

/// The engine of dlib.
#[derive(Debug)]
pub struct DlibEngine {
    models: Models,
    search: ImageSearch,
    encoder: String,
}

impl DlibEngine {
    /// An engine with the model files in `models`, which are checked here, once.
    ///
    /// Sets OpenBLAS to one thread for the whole process: dlib's networks run on its matrix
    /// product, and with one analyser per core its own threads would only fight over the cores.
    ///
    /// # Errors
    /// A model file is missing, unreadable or another than expected.
    pub fn new(models: &Models, settings: Settings) -> Result<Self, FacesError> {
        let encoder = models.check()?;
        set_blas_threads(1);
        Ok(Self {
            encoder,
            models: models.clone(),
            search: ImageSearch::new(settings),
        })
    }

    /// The same engine with this many threads for OpenBLAS's matrix products, in the whole process:
    /// for a single analyser that has the machine to itself.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        set_blas_threads(threads);
        self
    }
}

impl Engine for DlibEngine {
    fn name(&self) -> &'static str {
        "dlib"
    }

    fn description(&self) -> String {
        "dlib on the CPU".to_owned()
    }

    fn encoder(&self) -> &str {
        &self.encoder
    }

    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError> {
        Ok(Box::new(DlibAnalyser {
            detector: DlibDetector::new(&self.models, &self.search)?,
            predictor: load(&self.models.path(Models::LANDMARKS), |path| {
                LandmarkPredictor::open(path)
            })?,
            encoder: load(&self.models.encoder(), |path| {
                FaceEncoderNetwork::open(path)
            })?,
        }))
    }
}

/// One thread's detector, landmark model and network: dlib's are not safe to share.
struct DlibAnalyser {
    detector: DlibDetector,
    predictor: LandmarkPredictor,
    encoder: FaceEncoderNetwork,
}

impl Analyser for DlibAnalyser {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        self.detector.detect(image)
    }

    fn align(
        &mut self,
        image: &RgbImage,
        detections: &[Detection],
    ) -> Result<Vec<AlignedFace>, FacesError> {
        let matrix = matrix_of(image);
        detections
            .iter()
            .map(|detection| self.describe(image, &matrix, &detection.rect))
            .collect()
    }

    /// dlib has encoded them already.
    fn encode(&mut self, faces: &[AlignedFace]) -> Result<Vec<Face>, FacesError> {
        faces
            .iter()
            .map(|face| match &face.input {
                EncoderInput::Encoded(descriptor) => Ok(face.encoded((**descriptor).clone())),
                EncoderInput::Chip(_) => Err(FacesError::Engine {
                    what: "descriptors",
                    found: 0,
                    expected: 1,
                }),
            })
            .collect()
    }

    fn max_batch_size(&self) -> usize {
        1
    }
}

impl DlibAnalyser {
    /// Landmarks and descriptor of the face in `rect`. One face at a time, as in Python's
    /// `face_recognition`: dlib cuts all chips of one call out of a pyramid that begins at the
    /// corner of the box around them all, so that with several, large faces get other pixels
    /// (`extract_image_chips` in dlib/image_transforms/interpolation.h).
    ///
    /// dlib keeps the chip to itself; for its quality ours is cut out, which has the same pixels.
    fn describe(
        &self,
        image: &RgbImage,
        matrix: &ImageMatrix,
        rect: &Rect,
    ) -> Result<AlignedFace, FacesError> {
        let found = self.predictor.face_landmarks(matrix, &wide(rect));
        let landmarks = points(&found)?;
        let encodings = self.encoder.get_face_encodings(matrix, &[found], 0);
        let encodings = encodings
            .iter()
            .map(|encoding| descriptor(encoding.as_ref()));
        let [descriptor] = exactly("descriptors", encodings.collect())?;
        Ok(AlignedFace {
            rect: *rect,
            score: None,
            landmarks,
            quality: Quality::of(&chip(image, &landmarks), &landmarks),
            input: EncoderInput::Encoded(Box::new(descriptor?)),
        })
    }
}

fn set_blas_threads(threads: usize) {
    unsafe extern "C" {
        fn openblas_set_num_threads(threads: c_int);
    }
    let threads = c_int::try_from(threads.max(1)).unwrap_or(c_int::MAX);
    // SAFETY: OpenBLAS, which dlib-face-recognition links with its feature `openblas`, declares it
    // as `void openblas_set_num_threads(int)`; it takes its own lock and accepts any number.
    unsafe { openblas_set_num_threads(threads) }
}
