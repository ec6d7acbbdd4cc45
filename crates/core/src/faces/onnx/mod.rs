//! The engine that runs dlib's networks on ONNX Runtime: the same numbers in a fraction of the time,
//! without any C++ to build.
//!
//! What a photo goes through is what the dlib engine and Python's `face_recognition` do; what dlib
//! does around its networks is done here in Rust, with dlib's own arithmetic: doubling and pyramid
//! (`resize`, `pyramid`), boxes (`boxes`), landmarks (`landmarks`) and chips (`chip`). HOG is dlib's
//! own even here: with the feature `dlib`, its boxes come from there, and all that follows is this
//! engine's.
//!
//! Not done here: reading the model files (`nets`), finding the library (the programs).

mod boxes;
pub(super) mod chip;
mod detect;
mod elf;
mod encode;
mod find;
mod graph;
mod head;
mod landmarks;
mod pyramid;
mod resize;
mod runtime;
mod winograd;

use std::sync::Arc;

use image::RgbImage;

use self::encode::Encoder;
use self::find::Finder;
use self::runtime::Target;
pub use self::runtime::{Device, Runtime};
use super::memory::Memory;
use super::{
    Analyser, Detection, Detector, Engine, Face, FacesError, Found, Models, Portrait, Quality,
    Rect, Settings,
};
use crate::nets::{DetectorNet, EncoderNet, LandmarkModel};

/// Landmarks that the chip is cut out by.
const POINTS: usize = 5;

/// The networks and the landmark model, read once and shared by all analysers.
#[derive(Debug)]
struct Nets {
    /// `None` for HOG.
    detector: Option<DetectorNet>,
    landmarks: LandmarkModel,
    encoder: EncoderNet,
}

/// The engine of ONNX Runtime.
#[derive(Debug)]
pub struct OnnxEngine {
    target: Target,
    /// For dlib's detector.
    #[cfg(feature = "dlib")]
    models: Models,
    nets: Arc<Nets>,
    encoder: String,
    settings: Settings,
    threads: usize,
    encoders: usize,
    max_pixels: u64,
    memory: Arc<Memory>,
}

impl OnnxEngine {
    /// Pixels that a detector is given at most unless [`Self::with_max_pixels`] says otherwise: as
    /// in the dlib engine, so that both find the same faces. 20 megapixels for the CNN, 160 for
    /// HOG.
    pub fn default_max_pixels(detector: Detector) -> u64 {
        match detector {
            Detector::Cnn => 20_000_000,
            Detector::Hog => 160_000_000,
        }
    }

    /// An engine on the CPU with the model files in `models`, which are checked and read here, once.
    ///
    /// # Errors
    /// `settings` asks for HOG and this library was built without dlib; a model file is missing,
    /// unreadable or another than expected.
    pub fn new(models: &Models, settings: Settings, runtime: &Runtime) -> Result<Self, FacesError> {
        if settings.detector == Detector::Hog && cfg!(not(feature = "dlib")) {
            return Err(FacesError::NoDetector {
                engine: NAME,
                detector: settings.detector,
            });
        }
        #[cfg(feature = "dlib")]
        if settings.detector == Detector::Hog {
            super::dlib::check_processor()?;
        }
        let encoder = models.check()?;
        let landmarks = LandmarkModel::open(&models.path(Models::LANDMARKS))?;
        if landmarks.points() != POINTS {
            return Err(FacesError::Engine {
                what: "landmarks",
                found: landmarks.points(),
                expected: POINTS,
            });
        }
        let detector = match settings.detector {
            Detector::Cnn => Some(DetectorNet::open(&models.path(Models::DETECTOR))?),
            Detector::Hog => None,
        };
        Ok(Self {
            target: Target::new(runtime, Device::Cpu)?,
            #[cfg(feature = "dlib")]
            models: models.clone(),
            nets: Arc::new(Nets {
                detector,
                landmarks,
                encoder: EncoderNet::open(&models.encoder())?,
            }),
            encoder,
            settings,
            threads: 1,
            encoders: usize::MAX,
            max_pixels: Self::default_max_pixels(settings.detector),
            memory: Arc::new(Memory::of_this_machine()),
        })
    }

    /// The same engine on another device. [`Device::Auto`] says with `tracing::warn` why a GPU that
    /// the library offers is not used.
    ///
    /// # Errors
    /// [`Device::Cuda`] where the library or the machine has none that works.
    pub fn with_device(mut self, device: Device) -> Result<Self, FacesError> {
        self.target = Target::new(self.target.runtime(), device)?;
        Ok(self)
    }

    /// The same engine whose analysers use this many threads each, the caller's among them; at
    /// first one. With an analyser for each core one is best; a single photo is fastest with all.
    #[must_use]
    pub fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// The same engine whose analysers encode faces on so many of their threads at most; at first on all.
    /// Each of these threads takes 90 MB, and the detector most of the time.
    #[must_use]
    pub fn with_encoders(mut self, encoders: usize) -> Self {
        self.encoders = encoders.max(1);
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

    fn about(&self) -> String {
        let hog = match self.settings.detector {
            Detector::Cnn => "",
            Detector::Hog => ", HOG by dlib",
        };
        let device = if self.target.cuda {
            "the GPU (CUDA)"
        } else {
            "the CPU"
        };
        format!("ONNX Runtime on {device}{hog}")
    }

    fn encoder(&self) -> &str {
        &self.encoder
    }

    fn threads(&self) -> usize {
        self.threads
    }

    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError> {
        Ok(Box::new(OnnxAnalyser {
            finder: Finder::new(self)?,
            encoder: Encoder::new(
                &self.target,
                &self.nets.encoder,
                self.threads.min(self.encoders),
            )?,
            nets: Arc::clone(&self.nets),
        }))
    }
}

/// One thread's sessions.
struct OnnxAnalyser {
    finder: Finder,
    encoder: Encoder,
    nets: Arc<Nets>,
}

impl Analyser for OnnxAnalyser {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        self.finder.find(&self.nets, image)
    }

    fn cut_out(
        &mut self,
        image: &RgbImage,
        detections: &[Detection],
    ) -> Result<Vec<Found>, FacesError> {
        detections
            .iter()
            .map(|&Detection { rect, score }| {
                let landmarks = five(&self.nets.landmarks, image, &rect)?;
                let chip = chip::chip(image, &landmarks);
                Ok(Found {
                    rect,
                    score,
                    landmarks,
                    quality: Quality::of(&chip, &landmarks),
                    portrait: Portrait::Chip(chip),
                })
            })
            .collect()
    }

    fn encode(&mut self, faces: &[Found]) -> Result<Vec<Face>, FacesError> {
        let chips: Vec<&RgbImage> = faces
            .iter()
            .filter_map(|face| match &face.portrait {
                Portrait::Chip(chip) => Some(chip),
                Portrait::Encoded(_) => None,
            })
            .collect();
        let mut descriptors = self.encoder.encode(&self.nets.encoder, &chips)?.into_iter();
        faces
            .iter()
            .map(|face| {
                let descriptor = match &face.portrait {
                    Portrait::Encoded(descriptor) => Some((**descriptor).clone()),
                    Portrait::Chip(_) => descriptors.next(),
                };
                Ok(Face {
                    rect: face.rect,
                    score: face.score,
                    landmarks: face.landmarks,
                    quality: face.quality,
                    descriptor: descriptor.ok_or(FacesError::Engine {
                        what: "descriptors",
                        found: 0,
                        expected: 1,
                    })?,
                })
            })
            .collect()
    }

    fn batch(&self) -> usize {
        encode::BATCH
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
