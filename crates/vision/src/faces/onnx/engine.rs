//! The engine: networks read once, an analyser for each thread.

use std::sync::Arc;

use image::RgbImage;

use super::detect::CnnDetector;
use super::encode::{self, Encoder};
use super::landmarks::landmarks;
use super::runtime::{Device, Runtime, Target};
use crate::faces::hog::HogDetectors;
use crate::faces::{
    AlignedFace, Analyser, BoxDetector, Detection, Detector, EncoderInput, Engine, Face,
    FacesError, ImageSearch, Models, Quality, Settings, chip,
};
use crate::nets::{DetectorNet, EncoderNet, LandmarkModel};

const NAME: &str = "onnxruntime";

/// Landmarks that the chip is cut out by.
const POINTS: usize = 5;

/// The engine of ONNX Runtime.
#[derive(Debug)]
pub struct OnnxEngine {
    target: Target,
    boxes: Boxes,
    landmarks: Arc<LandmarkModel>,
    encoder: Arc<EncoderNet>,
    encoder_digest: String,
    threads: usize,
    encoders: usize,
}

/// Where boxes come from.
#[derive(Debug)]
enum Boxes {
    Cnn(Arc<DetectorNet>, ImageSearch),
    Hog(HogDetectors),
}

impl OnnxEngine {
    /// An engine on the CPU. The model files in `models` are checked and read here, once.
    ///
    /// # Errors
    /// A model file is missing, unreadable or another than expected.
    pub fn new(models: &Models, settings: Settings, runtime: &Runtime) -> Result<Self, FacesError> {
        let encoder_digest = models.check()?;
        let boxes = match settings.detector {
            Detector::Cnn => {
                let net = DetectorNet::open(&models.path(Models::DETECTOR))?;
                Boxes::Cnn(Arc::new(net), ImageSearch::new(settings))
            }
            Detector::Hog => Boxes::Hog(HogDetectors::new(models, settings)?),
        };
        let landmarks = LandmarkModel::open(&models.path(Models::LANDMARKS))?;
        if landmarks.points() != POINTS {
            return Err(FacesError::Engine {
                what: "landmarks",
                found: landmarks.points(),
                expected: POINTS,
            });
        }
        Ok(Self {
            target: Target::new(runtime, Device::Cpu)?,
            boxes,
            landmarks: Arc::new(landmarks),
            encoder: Arc::new(EncoderNet::open(&models.encoder())?),
            encoder_digest,
            threads: 1,
            encoders: usize::MAX,
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

    /// The same engine whose analysers encode faces on at most this many of their threads; at first on
    /// all. Each of these threads takes 90 MB, and the detector most of the time.
    #[must_use]
    pub fn with_encoders(mut self, encoders: usize) -> Self {
        self.encoders = encoders.max(1);
        self
    }
}

impl Engine for OnnxEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn description(&self) -> String {
        let device = if self.target.cuda {
            "the GPU (CUDA)"
        } else {
            "the CPU"
        };
        format!("ONNX Runtime on {device}")
    }

    fn no_gpu(&self) -> Option<&str> {
        self.target.no_gpu.as_deref()
    }

    fn encoder(&self) -> &str {
        &self.encoder_digest
    }

    fn threads(&self) -> usize {
        self.threads
    }

    fn analyser(&self) -> Result<Box<dyn Analyser>, FacesError> {
        let (target, threads) = (&self.target, self.threads);
        let encoders = threads.min(self.encoders);
        Ok(Box::new(OnnxAnalyser {
            detector: match &self.boxes {
                Boxes::Cnn(net, search) => {
                    Box::new(CnnDetector::new(target, net, search, threads)?)
                }
                Boxes::Hog(detectors) => detectors.detector(),
            },
            landmarks: Arc::clone(&self.landmarks),
            encoder: Encoder::new(target, &self.encoder, encoders)?,
        }))
    }
}

/// One thread's sessions.
struct OnnxAnalyser {
    detector: Box<dyn BoxDetector>,
    landmarks: Arc<LandmarkModel>,
    encoder: Encoder,
}

impl Analyser for OnnxAnalyser {
    fn detect(&mut self, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        self.detector.detect(image)
    }

    fn align(
        &mut self,
        image: &RgbImage,
        detections: &[Detection],
    ) -> Result<Vec<AlignedFace>, FacesError> {
        let align = |&Detection { rect, score }: &Detection| {
            let points = landmarks(&self.landmarks, image, &rect);
            let landmarks = points
                .try_into()
                .map_err(|points: Vec<_>| FacesError::Engine {
                    what: "landmarks",
                    found: points.len(),
                    expected: POINTS,
                })?;
            let chip = chip(image, &landmarks);
            Ok(AlignedFace {
                rect,
                score,
                landmarks,
                quality: Quality::of(&chip, &landmarks),
                input: EncoderInput::Chip(chip),
            })
        };
        detections.iter().map(align).collect()
    }

    fn encode(&mut self, faces: &[AlignedFace]) -> Result<Vec<Face>, FacesError> {
        let chips = faces.iter().map(|face| match &face.input {
            EncoderInput::Chip(chip) => Ok(chip),
            EncoderInput::Encoded(_) => Err(FacesError::Engine {
                what: "chips",
                found: 0,
                expected: 1,
            }),
        });
        let descriptors = self
            .encoder
            .encode(&chips.collect::<Result<Vec<_>, _>>()?)?;
        let faces = faces.iter().zip(descriptors);
        Ok(faces
            .map(|(face, descriptor)| face.encoded(descriptor))
            .collect())
    }

    fn max_batch_size(&self) -> usize {
        encode::MAX_BATCH_SIZE
    }
}
