//! The CNN detector alone, on photos doubled once: one photo after the other.

use std::time::{Duration, Instant};

use flickr_faces::faces::{Analyser, Detector};

use crate::{
    compare::{Labels, Runs, Side, compare},
    engines::Engines,
    photos::Photo,
};

pub(crate) fn detect(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    let threads = engines.threads;
    let mut onnx = engines.onnx(Detector::Cnn, threads)?.analyser()?;
    let mut dlib = engines.dlib(Detector::Cnn, threads)?.analyser()?;
    compare(
        &Labels {
            name: "detect-cnn",
            what: "a photo",
            both: &format!("{threads} threads each"),
        },
        runs,
        [
            Side {
                name: "onnxruntime",
                run: &mut || a_photo(&mut *onnx, photos),
            },
            Side {
                name: "dlib",
                run: &mut || a_photo(&mut *dlib, photos),
            },
        ],
    )
}

/// What one photo takes, on average.
fn a_photo(analyser: &mut dyn Analyser, photos: &[Photo]) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    for photo in photos {
        analyser.detect(&photo.image)?;
    }
    Ok(begun.elapsed().div_f64(photos.len() as f64))
}
