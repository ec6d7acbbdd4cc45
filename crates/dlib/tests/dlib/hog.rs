//! HOG in Rust beside dlib's.

use flickr_faces::faces::onnx::OnnxEngine;
use flickr_faces::faces::{Detector, Engine, Settings};
use flickr_faces_dlib::DlibEngine;

use crate::common::compare::largest_difference;
use crate::common::{models, runtime, sample_pixels};

/// From the pixels to the descriptor: the same face.
#[test]
fn hog_gives_dlib_s_faces() {
    let photo = sample_pixels("obama");
    let settings = Settings {
        detector: Detector::Hog,
        ..Settings::default()
    };
    let onnx = runtime();
    let ours = OnnxEngine::new(&models(), settings, &onnx).unwrap();
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
