//! The engine of ONNX Runtime on images of odd sizes, and its limits.

mod common;

use std::fs;

use common::compare::largest_difference;
use common::{cached, models, onnx_library, sample_pixels};
use flickr_faces::faces::onnx::{OnnxEngine, Runtime};
use flickr_faces::faces::{Detector, Engine, FacesError, Models, Settings};
use image::{Rgb, RgbImage};

fn runtime() -> Runtime {
    Runtime::load(&onnx_library()).unwrap()
}

fn engine(upsample: u8) -> OnnxEngine {
    let settings = Settings {
        detector: Detector::Cnn,
        upsample,
    };
    OnnxEngine::new(&models(), settings, &runtime()).unwrap()
}

#[test]
fn images_too_small_for_a_face_have_none() {
    let mut wrong = Vec::new();
    for upsample in [0, 1] {
        let mut analyser = engine(upsample).analyser().unwrap();
        for side in (0..24).chain([31, 33]) {
            for (width, height) in [(side, side), (side, 300), (300, side), (side, side + 1)] {
                let image = RgbImage::from_pixel(width, height, Rgb([120, 90, 80]));
                match analyser.analyse(&image) {
                    Ok(faces) if faces.is_empty() => {}
                    other => wrong.push(format!("{width}x{height}: {other:?}")),
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Narrow and low images, whose pyramid is packed in other ways.
#[test]
fn images_of_every_shape_are_searched() {
    let photo = sample_pixels("obama_partial_face");
    let mut analyser = engine(1).analyser().unwrap();
    for (width, height) in [(17, 900), (900, 17), (99, 340), (333, 101), (512, 64)] {
        let part = image::imageops::crop_imm(&photo, 0, 0, width, height).to_image();
        let result = analyser.analyse(&part);
        assert!(result.is_ok(), "{width}x{height}: {result:?}");
    }
}

#[test]
fn images_too_large_are_refused() {
    let image = RgbImage::new(300, 200);
    let mut analyser = engine(1).with_max_pixels(59_999).analyser().unwrap();
    assert!(matches!(
        analyser.analyse(&image),
        Err(FacesError::TooLarge {
            width: 300,
            height: 200,
            max_pixels: 59_999
        })
    ));
    let mut analyser = engine(1).with_memory(1_000_000).analyser().unwrap();
    assert!(matches!(
        analyser.analyse(&image),
        Err(FacesError::OutOfMemory {
            width: 602,
            height: 401,
            ..
        })
    ));
}

/// An analyser that has seen other images gives what a fresh one gives, with any number of threads.
#[test]
fn what_came_before_and_the_threads_do_not_matter() {
    let photo = sample_pixels("obama_partial_face2");
    let fresh = engine(0).analyser().unwrap().analyse(&photo).unwrap();
    assert_eq!(fresh.len(), 1);
    let mut used = engine(0).with_threads(2).analyser().unwrap();
    for (width, height) in [(700, 500), (64, 64), (300, 900)] {
        used.analyse(&RgbImage::from_pixel(width, height, Rgb([200; 3])))
            .unwrap();
    }
    let again = used.analyse(&photo).unwrap();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].rect, fresh[0].rect);
    assert_eq!(again[0].landmarks, fresh[0].landmarks);
    let difference = largest_difference(&again[0].descriptor.0, &fresh[0].descriptor.0);
    assert!(difference < 1e-6, "{difference}");
}

#[test]
fn another_encoder_is_read_and_a_damaged_one_named() {
    let encoder = cached("models").join(Models::ENCODER.name);
    let settings = Settings::default();
    OnnxEngine::with_encoder(&models(), &encoder, settings, &runtime()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other_resnet_model.dat");
    let bytes = fs::read(&encoder).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = OnnxEngine::with_encoder(&models(), &path, settings, &runtime()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("other_resnet_model.dat is damaged"),
        "{error}"
    );
    let detector = models().path(Models::DETECTOR);
    let error = OnnxEngine::with_encoder(&models(), &detector, settings, &runtime()).unwrap_err();
    assert!(error.to_string().contains("loss_metric_"), "{error}");
}
