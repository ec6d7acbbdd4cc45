//! The engine that runs dlib's networks on ONNX Runtime: the same numbers in a fraction of the time,
//! without any C++ to build.
//!
//! What a photo goes through is what the dlib engine and Python's `face_recognition` do; what dlib
//! does around its networks is done here in Rust, with dlib's own arithmetic: doubling and pyramid
//! (`resize`, `pyramid`), boxes (`boxes`), landmarks (`landmarks`) and chips (`chip`).
//!
//! Not done here: reading the model files (`nets`), finding the library (the programs), HOG, which
//! only dlib has.

mod boxes;
mod chip;
mod detect;
mod elf;
mod encode;
mod graph;
mod landmarks;
mod pyramid;
mod resize;
mod runtime;

use std::path::Path;
use std::sync::Arc;

use image::RgbImage;

use self::detect::CnnDetector;
use self::encode::Encoder;
pub use self::runtime::Runtime;
use super::memory::Memory;
use super::scale::{self, Size};
use super::{Analyser, Detector, Engine, Face, FacesError, Models, Rect, Settings};
use crate::nets::{DetectorNet, EncoderNet, LandmarkModel};

/// Bytes that the detector takes at its peak for each pixel it is given: the packed pyramid has
/// about 3.8 pixels for each, of three numbers, and a 64th of that many places of the map.
const BYTES_PER_PIXEL: u64 = 100;

/// Landmarks that the chip is cut out by.
const POINTS: usize = 5;

/// The networks and the landmark model, read once and shared by all analysers.
#[derive(Debug)]
struct Nets {
    detector: DetectorNet,
    landmarks: LandmarkModel,
    encoder: EncoderNet,
}

/// The engine of ONNX Runtime.
#[derive(Debug)]
pub struct OnnxEngine {
    runtime: Runtime,
    nets: Arc<Nets>,
    settings: Settings,
    threads: usize,
    max_pixels: u64,
    memory: Arc<Memory>,
}

impl OnnxEngine {
    /// Pixels that the detector is given at most unless [`Self::with_max_pixels`] says otherwise:
    /// 20 megapixels, as in the dlib engine, so that both find the same faces.
    pub const MAX_PIXELS: u64 = 20_000_000;

    /// An engine with the model files in `models`, which are checked and read here, once.
    ///
    /// # Errors
    /// `settings` asks for HOG; a model file is missing, unreadable or another than expected.
    pub fn new(models: &Models, settings: Settings, runtime: &Runtime) -> Result<Self, FacesError> {
        models.check()?;
        Self::with_files(models, &models.path(Models::ENCODER), settings, runtime)
    }

    /// An engine with another descriptor network of the same architecture as dlib's, in the file
    /// `encoder`. Its descriptors and dlib's cannot be compared with each other.
    ///
    /// # Errors
    /// As [`Self::new`]; `encoder` holds another network or is damaged.
    pub fn with_encoder(
        models: &Models,
        encoder: &Path,
        settings: Settings,
        runtime: &Runtime,
    ) -> Result<Self, FacesError> {
        models.check_file(Models::DETECTOR)?;
        models.check_file(Models::LANDMARKS)?;
        Self::with_files(models, encoder, settings, runtime)
    }

    fn with_files(
        models: &Models,
        encoder: &Path,
        settings: Settings,
        runtime: &Runtime,
    ) -> Result<Self, FacesError> {
        if settings.detector != Detector::Cnn {
            return Err(FacesError::NoDetector {
                engine: NAME,
                detector: settings.detector,
            });
        }
        let landmarks = LandmarkModel::open(&models.path(Models::LANDMARKS))?;
        if landmarks.points() != POINTS {
            return Err(FacesError::Engine {
                what: "landmarks",
                found: landmarks.points(),
                expected: POINTS,
            });
        }
        Ok(Self {
            runtime: runtime.clone(),
            nets: Arc::new(Nets {
                detector: DetectorNet::open(&models.path(Models::DETECTOR))?,
                landmarks,
                encoder: EncoderNet::open(encoder)?,
            }),
            settings,
            threads: 1,
            max_pixels: Self::MAX_PIXELS,
            memory: Arc::new(Memory::of_this_machine()),
        })
    }

    /// The same engine whose analysers use this many threads each, the caller's among them; at
    /// first one. With an analyser for each core one is best; a single photo is fastest with all.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// The same engine with another limit for the pixels that the detector is given, after
    /// doubling. A photo that would pass it is doubled less often, which is said with
    /// `tracing::warn`; one that passes it at its own size is refused ([`FacesError::TooLarge`]).
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

const NAME: &str = "onnxruntime";

impl Engine for OnnxEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError> {
        Ok(Box::new(OnnxAnalyser {
            detector: CnnDetector::new(&self.runtime, &self.nets.detector, self.threads)?,
            encoder: Encoder::new(&self.runtime, &self.nets.encoder, self.threads)?,
            nets: Arc::clone(&self.nets),
            settings: self.settings,
            max_pixels: self.max_pixels,
            memory: Arc::clone(&self.memory),
        }))
    }
}

/// One thread's sessions.
struct OnnxAnalyser {
    detector: CnnDetector,
    encoder: Encoder,
    nets: Arc<Nets>,
    settings: Settings,
    max_pixels: u64,
    memory: Arc<Memory>,
}

impl Analyser for OnnxAnalyser {
    fn analyse(&mut self, image: &RgbImage) -> Result<Vec<Face>, FacesError> {
        let found = self.find(image)?;
        let landmarks = found
            .iter()
            .map(|(rect, _)| five(&self.nets.landmarks, image, rect))
            .collect::<Result<Vec<_>, _>>()?;
        let chips: Vec<RgbImage> = landmarks
            .iter()
            .map(|landmarks| chip::chip(image, landmarks))
            .collect();
        let descriptors = self.encoder.encode(&self.nets.encoder, &chips)?;
        Ok(found
            .into_iter()
            .zip(landmarks)
            .zip(descriptors)
            .map(|(((rect, score), landmarks), descriptor)| Face {
                rect,
                score: Some(score),
                landmarks,
                descriptor,
            })
            .collect())
    }
}

impl OnnxAnalyser {
    /// Boxes in pixels of `image`, with their scores, best first.
    fn find(&mut self, image: &RgbImage) -> Result<Vec<(Rect, f32)>, FacesError> {
        let size: Size = image.dimensions();
        let search = scale::search(size, self.settings.upsample, self.max_pixels)?;
        let Some(sizes) = search else {
            return Ok(Vec::new());
        };
        let levels = sizes.len() - 1;
        let &searched = sizes.last().unwrap_or(&size);
        let _taken = self.memory.take(searched, BYTES_PER_PIXEL)?;
        let larger = sizes[1..]
            .iter()
            .fold(None, |from: Option<RgbImage>, &(width, height)| {
                let from = from.as_ref().unwrap_or(image);
                Some(resize::resize_rgb(from, width, height))
            });
        let found = self
            .detector
            .detect(&self.nets.detector, larger.as_ref().unwrap_or(image))?;
        Ok(found
            .into_iter()
            .map(|detection| (scale::halved(&detection.rect, levels), detection.score))
            .collect())
    }
}

fn five(
    model: &LandmarkModel,
    image: &RgbImage,
    rect: &Rect,
) -> Result<[[i32; 2]; POINTS], FacesError> {
    landmarks::landmarks(model, image, rect)
        .try_into()
        .map_err(|points: Vec<_>| FacesError::Engine {
            what: "landmarks",
            found: points.len(),
            expected: POINTS,
        })
}
