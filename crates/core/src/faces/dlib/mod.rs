//! The engine that runs dlib itself, through the crate `dlib-face-recognition`.
//!
//! What a photo goes through is what Python's `face_recognition` does: doubled `upsample` times,
//! detector, boxes mapped back; then on the photo at its own size landmarks, the 150x150 chip with
//! padding 0.25, the network, one pass without jitter.
//!
//! The crate's C++ may throw, and an exception must never reach Rust. What could make it throw is
//! refused before it is called: damaged model files ([`Models::check`]), images too small for the
//! network's filters (tests/dlib_edges.rs), images too large for the memory (`memory`).
//!
//! The crate's types are C++ objects that Rust moves by copying their bytes. Those used here hold
//! vectors, tensors and shared pointers, none of them a pointer to itself, so that is sound with
//! libstdc++; and its results are read through slices that borrow from them.

mod find;
mod processor;

use std::ffi::c_int;
use std::path::Path;
use std::sync::Arc;

use dlib_face_recognition::{
    FaceEncoderNetwork, FaceEncoderTrait, FaceLandmarks, ImageMatrix, LandmarkPredictor,
    LandmarkPredictorTrait, Rectangle,
};
use image::RgbImage;

pub(super) use self::find::Finder;
use super::memory::Memory;
use super::onnx::chip::chip;
use super::{
    Analyser, Descriptor, Detection, Detector, Engine, Face, FacesError, Found, Models, Portrait,
    Quality, Rect, Settings,
};

/// The engine of dlib.
#[derive(Debug)]
pub struct DlibEngine {
    models: Models,
    settings: Settings,
    max_pixels: u64,
    memory: Arc<Memory>,
    encoder: String,
}

impl DlibEngine {
    /// An engine with the model files in `models`, which are checked here, once.
    ///
    /// Sets OpenBLAS to one thread for the whole process: dlib's networks run on its matrix
    /// product, and with one analyser per core its own threads would only fight over the cores.
    ///
    /// # Errors
    /// dlib was compiled for another processor; a model file is missing, unreadable or another than
    /// expected.
    pub fn new(models: &Models, settings: Settings) -> Result<Self, FacesError> {
        processor::check()?;
        let encoder = models.check()?;
        set_blas_threads(1);
        Ok(Self {
            encoder,
            models: models.clone(),
            settings,
            max_pixels: Self::default_max_pixels(settings.detector),
            memory: Arc::new(Memory::of_this_machine()),
        })
    }

    /// Pixels that a detector is given at most unless [`Self::with_max_pixels`] says otherwise: 20
    /// megapixels for the CNN, which takes 1 GB for each, 160 for HOG. A 2048x2048 photo can be
    /// doubled once.
    pub fn default_max_pixels(detector: Detector) -> u64 {
        match detector {
            Detector::Cnn => 20_000_000,
            Detector::Hog => 160_000_000,
        }
    }

    /// The same engine with this many threads for OpenBLAS's matrix products, in the whole process:
    /// for a single analyser that has the machine to itself.
    #[must_use]
    pub fn with_threads(self, threads: usize) -> Self {
        set_blas_threads(threads);
        self
    }

    /// The same engine with another limit for the pixels that a detector is given, after doubling.
    /// A photo that would pass it is doubled less often, which is said with `tracing::warn`; one
    /// that passes it at its own size is refused ([`FacesError::TooLarge`]).
    ///
    /// What a photo's faces are depends on this limit, and on nothing of the machine.
    #[must_use]
    pub fn with_max_pixels(mut self, max_pixels: u64) -> Self {
        self.max_pixels = max_pixels;
        self
    }

    /// The same engine with another limit for the bytes that the detectors of all its analysers
    /// take at a time; at first it is four fifths of what the machine had free. An analyser whose
    /// photo would pass it waits for the others; a photo that passes it alone is refused
    /// ([`FacesError::OutOfMemory`]).
    #[must_use]
    pub fn with_memory(mut self, bytes: u64) -> Self {
        self.memory = Arc::new(Memory::new(bytes));
        self
    }
}

/// Whether this machine's processor can run dlib as it was compiled. May be called before `main`:
/// dlib's own constructors, which come before it too, are compiled like the rest.
///
/// # Errors
/// [`FacesError::Processor`] names what it lacks.
pub fn check_processor() -> Result<(), FacesError> {
    processor::check()
}

impl Engine for DlibEngine {
    fn name(&self) -> &'static str {
        "dlib"
    }

    fn about(&self) -> String {
        "dlib on the CPU".to_owned()
    }

    fn encoder(&self) -> &str {
        &self.encoder
    }

    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError> {
        Ok(Box::new(DlibAnalyser {
            finder: Finder::new(
                &self.models,
                self.settings,
                self.max_pixels,
                Arc::clone(&self.memory),
            )?,
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
    finder: Finder,
    predictor: LandmarkPredictor,
    encoder: FaceEncoderNetwork,
}

impl Analyser for DlibAnalyser {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        let boxes = self.finder.find(image)?;
        Ok(boxes
            .into_iter()
            .map(|rect| Detection { rect, score: None })
            .collect())
    }

    fn cut_out(
        &mut self,
        image: &RgbImage,
        detections: &[Detection],
    ) -> Result<Vec<Found>, FacesError> {
        let matrix = matrix_of(image);
        detections
            .iter()
            .map(|detection| self.describe(image, &matrix, &detection.rect))
            .collect()
    }

    /// dlib has encoded them already.
    fn encode(&mut self, faces: &[Found]) -> Result<Vec<Face>, FacesError> {
        faces
            .iter()
            .map(|face| match &face.portrait {
                Portrait::Encoded(descriptor) => Ok(Face {
                    rect: face.rect,
                    score: face.score,
                    landmarks: face.landmarks,
                    quality: face.quality,
                    descriptor: (**descriptor).clone(),
                }),
                Portrait::Chip(_) => Err(FacesError::Engine {
                    what: "descriptors",
                    found: 0,
                    expected: 1,
                }),
            })
            .collect()
    }

    fn batch(&self) -> usize {
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
    ) -> Result<Found, FacesError> {
        let landmarks = self.predictor.face_landmarks(matrix, &wide(rect));
        let points = five(&landmarks)?;
        let encodings = self.encoder.get_face_encodings(matrix, &[landmarks], 0);
        let [encoding] = &encodings[..] else {
            return Err(FacesError::Engine {
                what: "descriptors",
                found: encodings.len(),
                expected: 1,
            });
        };
        Ok(Found {
            rect: *rect,
            score: None,
            landmarks: points,
            quality: Quality::of(&chip(image, &points), &points),
            portrait: Portrait::Encoded(Box::new(descriptor(encoding.as_ref())?)),
        })
    }
}

/// Loads one model. The crate makes a C string of the path and panics where it cannot.
fn load<T>(path: &Path, open: impl Fn(&Path) -> Result<T, String>) -> Result<T, FacesError> {
    let failed = |reason: String| FacesError::ModelLoad {
        path: path.to_owned(),
        reason,
    };
    match path.to_str() {
        None => Err(failed("dlib wants a path that is valid UTF-8".to_owned())),
        Some(text) if text.contains('\0') => Err(failed(
            "dlib wants a path without a null character".to_owned(),
        )),
        Some(_) => open(path).map_err(failed),
    }
}

/// dlib's copy of an image. The crate's own conversion wants another version of `image`.
fn matrix_of(image: &RgbImage) -> ImageMatrix {
    let (width, height) = image.dimensions();
    // SAFETY: the constructor reads width * height * 3 bytes, rows one after another, and keeps
    // nothing; an `RgbImage` holds at least as many.
    unsafe { ImageMatrix::new(width as usize, height as usize, image.as_raw().as_ptr()) }
}

/// dlib's `long` edges as ours. An edge is at most a few window widths outside an image of less
/// than 2^31 pixels, so nothing is cut.
fn plain(rect: &Rectangle) -> Rect {
    Rect {
        left: narrow(rect.left),
        top: narrow(rect.top),
        right: narrow(rect.right),
        bottom: narrow(rect.bottom),
    }
}

/// Our edges as dlib's.
fn wide(rect: &Rect) -> Rectangle {
    Rectangle {
        left: rect.left.into(),
        top: rect.top.into(),
        right: rect.right.into(),
        bottom: rect.bottom.into(),
    }
}

fn narrow(value: i64) -> i32 {
    value.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

fn five(landmarks: &FaceLandmarks) -> Result<[[i32; 2]; 5], FacesError> {
    let points: Vec<[i32; 2]> = landmarks
        .iter()
        .map(|point| [narrow(point.x()), narrow(point.y())])
        .collect();
    points
        .try_into()
        .map_err(|points: Vec<_>| FacesError::Engine {
            what: "landmarks",
            found: points.len(),
            expected: 5,
        })
}

/// The crate widens the network's `float` to `double`: going back loses nothing.
fn descriptor(numbers: &[f64]) -> Result<Descriptor, FacesError> {
    let numbers: Vec<f32> = numbers.iter().map(|&number| number as f32).collect();
    numbers
        .try_into()
        .map(Descriptor)
        .map_err(|numbers: Vec<_>| FacesError::Engine {
            what: "numbers",
            found: numbers.len(),
            expected: Descriptor::LEN,
        })
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
