//! Loading ONNX Runtime. One test, since a process has one library for good.

mod common;

use std::fs;

use common::{load, models, onnx_library, runtime};
use flickr_faces::faces::onnx::OnnxEngine;
use flickr_faces::faces::{Detector, FacesError, Settings};

#[test]
fn what_is_no_library_is_named_and_the_right_one_still_loads() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("libonnxruntime.so");
    let error = load(&missing).unwrap_err().to_string();
    assert!(
        error.contains("libonnxruntime.so: there is no such file"),
        "{error}"
    );
    let text = dir.path().join("text.so");
    fs::write(&text, "not a library").unwrap();
    let cut = dir.path().join("cut.so");
    let whole = fs::read(onnx_library()).unwrap();
    fs::write(&cut, &whole[..100_000]).unwrap();
    for path in [&text, &cut] {
        let error = load(path).unwrap_err();
        assert!(
            matches!(&error, FacesError::RuntimeLoad { path: named, .. } if named == path),
            "{error}"
        );
    }

    let loaded = runtime();
    assert_eq!(runtime().path(), loaded.path());
    let copy = dir.path().join("copy.so");
    fs::write(&copy, &whole).unwrap();
    let error = load(&copy).unwrap_err();
    assert!(matches!(error, FacesError::RuntimeLoaded { .. }), "{error}");

    let settings = Settings {
        detector: Detector::Hog,
        ..Settings::default()
    };
    // What was refused has spoilt nothing.
    OnnxEngine::new(&models(), settings, &loaded).unwrap();
}
