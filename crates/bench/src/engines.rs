//! dlib's engine and ONNX Runtime's, of the same models.

use std::sync::Arc;

use flickr_faces::faces::{
    Detector, Engine, Models, Settings,
    onnx::{OnnxEngine, Runtime},
};
use flickr_faces_dlib::DlibEngine;

/// The two engines.
pub(crate) struct Engines {
    pub(crate) models: Models,
    pub(crate) runtime: Runtime,
    pub(crate) threads: usize,
}

impl Engines {
    /// dlib, its matrix products on `threads` threads.
    pub(crate) fn dlib(
        &self,
        detector: Detector,
        threads: usize,
    ) -> anyhow::Result<Arc<dyn Engine>> {
        let engine = DlibEngine::new(&self.models, settings(detector))?;
        Ok(Arc::new(engine.with_threads(threads)))
    }

    /// ONNX Runtime, on `threads` threads of the CPU for each analyser.
    pub(crate) fn onnx(
        &self,
        detector: Detector,
        threads: usize,
    ) -> anyhow::Result<Arc<dyn Engine>> {
        self.onnx_with(settings(detector), threads)
    }

    /// The same with other settings.
    pub(crate) fn onnx_with(
        &self,
        settings: Settings,
        threads: usize,
    ) -> anyhow::Result<Arc<dyn Engine>> {
        let engine = OnnxEngine::new(&self.models, settings, &self.runtime)?;
        Ok(Arc::new(engine.with_threads(threads)))
    }
}

pub(crate) fn settings(detector: Detector) -> Settings {
    Settings {
        detector,
        ..Settings::default()
    }
}
