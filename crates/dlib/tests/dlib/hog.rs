//! The engine of ONNX Runtime with dlib's HOG.

use std::sync::Arc;

use flickr_faces::faces::onnx::OnnxEngine;
use flickr_faces::faces::{Detector, Engine, Settings};
use flickr_faces_dlib::{DlibEngine, HogDetectors};

use crate::common::compare::largest_difference;
use crate::common::{models, runtime, sample_pixels};

/// HOG's boxes are dlib's, what follows is the engine's own: the same faces.
#[test]
fn hog_gives_dlib_s_faces() {
    let photo = sample_pixels("obama");
    let settings = Settings {
        detector: Detector::Hog,
        ..Settings::default()
    };
    let hog = Arc::new(HogDetectors::new(settings).unwrap());
    let onnx = runtime();
    let ours = OnnxEngine::with_detectors(&models(), hog, &onnx).unwrap();
    assert_eq!(ours.description(), "ONNX Runtime on the CPU, HOG by dlib");
    let ours = ours.analyser().unwrap().analyse(&photo).unwrap();
    let dlibs = DlibEngine::new(&models(), settings).unwrap();
    let dlibs = dlibs.analyser().unwrap().analyse(&photo).unwrap();
    assert_eq!(ours.len(), 1);
    assert_eq!(
        (ours[0].rect, ours[0].landmarks),
        (dlibs[0].rect, dlibs[0].landmarks)
    );
    let difference = largest_difference(&ours[0].descriptor.0, &dlibs[0].descriptor.0);
    assert!(difference < 1e-5, "{difference}");
}
