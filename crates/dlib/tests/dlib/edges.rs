//! Images that dlib's C++ would throw on, or that would fill the memory. An exception that got
//! through would end the test's process.

use flickr_faces::faces::{Detector, Engine, FacesError, Models, Settings};
use flickr_faces_dlib::DlibEngine;
use image::{Rgb, RgbImage, imageops};

use crate::common::{models, sample_pixels};

const DETECTORS: [Detector; 2] = [Detector::Cnn, Detector::Hog];

fn settings(detector: Detector, upsample: u8) -> Settings {
    Settings {
        detector,
        upsample,
        ..Settings::default()
    }
}

fn engine(settings: Settings) -> DlibEngine {
    DlibEngine::new(&models(), settings).unwrap()
}

#[test]
fn images_too_small_for_a_face_have_none() {
    let mut wrong = Vec::new();
    for detector in DETECTORS {
        for upsample in [0, 1] {
            let mut analyser = engine(settings(detector, upsample)).analyser().unwrap();
            for side in (0..24).chain([31, 33]) {
                for (width, height) in [(side, side), (side, 300), (300, side), (side, side + 1)] {
                    let image = RgbImage::from_pixel(width, height, Rgb([120, 90, 80]));
                    match analyser.analyse(&image) {
                        Ok(faces) if faces.is_empty() => {}
                        other => wrong.push(format!("{detector} {width}x{height}: {other:?}")),
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn images_too_large_are_refused() {
    let image = RgbImage::new(300, 200);
    for detector in DETECTORS {
        let few_pixels = Settings {
            max_pixels: Some(59_999),
            ..settings(detector, 1)
        };
        let mut analyser = engine(few_pixels).analyser().unwrap();
        assert!(matches!(
            analyser.analyse(&image),
            Err(FacesError::TooLarge {
                width: 300,
                height: 200,
                max_pixels: 59_999
            })
        ));
        let little_memory = Settings {
            max_memory: Some(1_000_000),
            ..settings(detector, 1)
        };
        let mut analyser = engine(little_memory).analyser().unwrap();
        assert!(matches!(
            analyser.analyse(&image),
            Err(FacesError::OutOfMemory {
                width: 602,
                height: 401,
                ..
            })
        ));
    }
}

/// With room for one doubling, asking for three gives what asking for one gives.
#[test]
fn doubling_stops_at_the_limit() {
    let photo = sample_pixels("obama_partial_face");
    let (width, height) = photo.dimensions();
    let limit = u64::from(width * 2 + 2) * u64::from(height * 2 + 1);
    let rects = |engine: DlibEngine| -> Vec<_> {
        let faces = engine.analyser().unwrap().analyse(&photo).unwrap();
        faces.into_iter().map(|face| face.rect).collect()
    };
    let once = rects(engine(settings(Detector::Hog, 1)));
    assert_eq!(once.len(), 1);
    let limited = |max_pixels| Settings {
        max_pixels: Some(max_pixels),
        ..settings(Detector::Hog, 3)
    };
    assert_eq!(rects(engine(limited(limit))), once);
    let never = rects(engine(limited(limit - 1)));
    assert_eq!(never, rects(engine(settings(Detector::Hog, 0))));
}

#[test]
fn damaged_models_are_refused_before_dlib_sees_them() {
    let dir = tempfile::tempdir().unwrap();
    for file in Models::FILES {
        std::fs::copy(models().path(file), dir.path().join(file.name)).unwrap();
    }
    let copy = Models::new(dir.path());
    copy.check().unwrap();
    let path = copy.path(Models::LANDMARKS);
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = DlibEngine::new(&copy, Settings::default()).unwrap_err();
    assert!(
        matches!(&error, FacesError::ModelChecksum { path, .. } if path.ends_with(Models::LANDMARKS.name)),
        "{error}"
    );
}

/// dlib cuts all chips of one call out of a pyramid that begins at the corner of the box around
/// them, so that a large face's pixels would depend on the others: each face has its own call, as
/// in Python's face_recognition.
#[test]
fn a_face_s_descriptor_does_not_depend_on_other_faces() {
    let (first, second) = (sample_pixels("biden"), sample_pixels("obama2"));
    let mut alone = RgbImage::new(first.width() + second.width() + 2, first.height());
    imageops::replace(&mut alone, &first, i64::from(second.width()) + 2, 0);
    let mut analyser = engine(settings(Detector::Hog, 0)).analyser().unwrap();
    let mut analyse = |image: &RgbImage| analyser.analyse(image).unwrap();
    let found_alone = analyse(&alone);
    assert_eq!(found_alone.len(), 1);
    // Where the pyramid begins matters by odd and even columns and rows.
    for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let mut together = alone.clone();
        imageops::replace(&mut together, &second, x, y);
        let found = analyse(&together);
        assert_eq!(found.len(), 2);
        let same = found.iter().find(|face| face.rect == found_alone[0].rect);
        let same = same.expect("the face is found where it was");
        // Not printed on failure: it is a descriptor.
        assert!(same.descriptor == found_alone[0].descriptor, "at {x}, {y}");
    }
}
