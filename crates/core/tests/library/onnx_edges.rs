//! The engine of ONNX Runtime on images of odd sizes, and its limits.

use std::fs;
use std::path::Path;

use crate::common::compare::largest_difference;
use crate::common::{cached, models, runtime, sample_pixels};
use flickr_faces::faces::onnx::{Device, OnnxEngine};
use flickr_faces::faces::{Detector, Engine, Face, FacesError, Models, Settings};
use image::{Rgb, RgbImage};

fn engine(upsample: u8) -> OnnxEngine {
    let settings = Settings {
        detector: Detector::Cnn,
        upsample,
        ..Settings::default()
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
    let analyser = |settings| {
        let engine = OnnxEngine::new(&models(), settings, &runtime()).unwrap();
        engine.analyser().unwrap()
    };
    let mut few_pixels = analyser(Settings {
        max_pixels: Some(59_999),
        ..Settings::default()
    });
    assert!(matches!(
        few_pixels.analyse(&image),
        Err(FacesError::TooLarge {
            width: 300,
            height: 200,
            max_pixels: 59_999
        })
    ));
    let mut little_memory = analyser(Settings {
        max_memory: Some(1_000_000),
        ..Settings::default()
    });
    assert!(matches!(
        little_memory.analyse(&image),
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

/// Faces of several photos encoded in one call are those of each photo for itself.
#[test]
fn faces_of_several_photos_are_encoded_together() {
    let photos = ["obama", "biden", "obama2"].map(sample_pixels);
    let mut analyser = engine(0).analyser().unwrap();
    let each: Vec<_> = photos
        .iter()
        .flat_map(|photo| analyser.analyse(photo).unwrap())
        .collect();
    assert_eq!(each.len(), 3);
    let found: Vec<_> = photos
        .iter()
        .flat_map(|photo| analyser.find(photo).unwrap())
        .collect();
    let together = analyser.encode(&found).unwrap();
    assert_eq!(together.len(), 3);
    for (one, other) in each.iter().zip(&together) {
        assert_eq!((one.rect, one.landmarks), (other.rect, other.landmarks));
        let difference = largest_difference(&one.descriptor.0, &other.descriptor.0);
        assert!(difference < 1e-6, "{difference}");
    }
}

/// Levels of the pyramid are left out for larger faces. What remains is the same but for where the
/// network's steps of 8 pixels begin, which moves with the layout of the picture.
#[test]
fn only_large_enough_faces_are_found() {
    let photo = sample_pixels("obama");
    let find = |min_face| {
        let settings = Settings {
            min_face,
            ..Settings::default()
        };
        let engine = OnnxEngine::new(&models(), settings, &runtime()).unwrap();
        engine.analyser().unwrap().analyse(&photo).unwrap()
    };
    let all = find(40);
    let side = |face: &Face| (face.rect.right - face.rect.left + 1) as u32;
    let largest = all.iter().map(side).max().unwrap();
    let some = find(largest);
    assert_eq!(some.len(), 1);
    let same = all.iter().find(|face| side(face) == largest).unwrap();
    assert!((same.rect.left - some[0].rect.left).abs() < 20, "{some:?}");
    assert!((same.rect.top - some[0].rect.top).abs() < 20, "{some:?}");
    assert!(same.descriptor.distance(&some[0].descriptor) < 0.2);
    assert!(find(largest * 2).is_empty());
    assert!(find(1_000_000).is_empty());
}

/// The library that the assets hold has no CUDA: asked for, that is an error that says so.
#[test]
fn a_gpu_is_used_only_where_there_is_one() {
    let error = engine(0).with_device(Device::Cuda).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the library is built without CUDA"),
        "{error}"
    );
    for device in [Device::Auto, Device::Cpu] {
        let engine = engine(0).with_device(device).unwrap();
        assert_eq!(engine.description(), "ONNX Runtime on the CPU");
    }
}

#[test]
fn another_encoder_is_read_and_a_damaged_one_named() {
    let encoder = cached("models").join(Models::ENCODER.name);
    let settings = Settings::default();
    let with = |file: &Path| {
        let models = models().with_encoder(file);
        OnnxEngine::new(&models, settings, &runtime())
    };
    assert_eq!(with(&encoder).unwrap().encoder(), Models::ENCODER.sha256);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other_resnet_model.dat");
    let bytes = fs::read(&encoder).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = with(&path).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("other_resnet_model.dat is damaged"),
        "{error}"
    );
    let detector = models().path(Models::DETECTOR);
    let error = with(&detector).unwrap_err();
    assert!(error.to_string().contains("loss_metric_"), "{error}");
}
