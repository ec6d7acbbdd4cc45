//! From a face's box to its descriptor: landmarks, chip, network.

use std::time::{Duration, Instant};

use anyhow::ensure;
use flickr_faces::faces::{Analyser, Detection, Detector};

use crate::{
    compare::{Labels, Runs, Side, compare},
    engines::Engines,
    photos::Photo,
};

/// Faces encoded in a run, at least: those of the photos, again and again.
const FACES: usize = 48;

pub(crate) fn encode(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    let threads = engines.threads;
    let mut onnx = engines.onnx(Detector::Cnn, threads)?.analyser()?;
    let mut dlib = engines.dlib(Detector::Cnn, threads)?.analyser()?;
    let found = photos
        .iter()
        .map(|photo| Ok((photo, onnx.detect(&photo.image)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let once: usize = found.iter().map(|(_, faces)| faces.len()).sum();
    ensure!(once > 0, "there is no face in these photos");
    let times = FACES.div_ceil(once);
    compare(
        &Labels {
            name: "encode",
            what: &format!("a face of {}", once * times),
            both: &format!("{threads} threads each"),
        },
        runs,
        [
            Side {
                name: "onnxruntime",
                run: &mut || a_face(&mut *onnx, &found, times),
            },
            Side {
                name: "dlib",
                run: &mut || a_face(&mut *dlib, &found, times),
            },
        ],
    )
}

/// What one face takes, on average.
fn a_face(
    analyser: &mut dyn Analyser,
    found: &[(&Photo, Vec<Detection>)],
    times: usize,
) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let mut waiting = Vec::new();
    let mut encoded = 0;
    for _ in 0..times {
        for (photo, faces) in found {
            waiting.extend(analyser.align(&photo.image, faces)?);
            if waiting.len() >= analyser.max_batch_size() {
                encoded += analyser.encode(&waiting)?.len();
                waiting.clear();
            }
        }
    }
    encoded += analyser.encode(&waiting)?.len();
    Ok(begun.elapsed().div_f64(encoded as f64))
}
