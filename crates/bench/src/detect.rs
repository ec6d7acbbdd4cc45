//! The detectors alone, on photos doubled once: the CNN on one photo after the other, with all threads
//! on it; HOG, which has no threads, on as many photos at a time as there are threads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use flickr_faces::faces::{Analyser, Detector, Engine, FacesError};

use crate::{
    compare::{Labels, Runs, Side, compare},
    engines::Engines,
    photos::Photo,
};

pub(crate) fn detect(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    cnn(engines, photos, runs)?;
    hog(engines, photos, runs)
}

fn hog(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
    let threads = engines.threads;
    let analysers = |engine: Arc<dyn Engine>| -> Result<Vec<_>, FacesError> {
        (0..threads).map(|_| engine.analyser()).collect()
    };
    let mut rust = analysers(engines.onnx(Detector::Hog, 1)?)?;
    let mut dlib = analysers(engines.dlib(Detector::Hog, 1)?)?;
    compare(
        &Labels {
            name: "detect-hog",
            what: "a photo",
            both: &format!("{threads} threads each"),
        },
        runs,
        [
            Side {
                name: "rust",
                run: &mut || photos_at_a_time(&mut rust, photos),
            },
            Side {
                name: "dlib",
                run: &mut || photos_at_a_time(&mut dlib, photos),
            },
        ],
    )
}

/// Turns over all photos for each analyser in [`photos_at_a_time`]: so many that what the last thread does
/// alone counts little.
const TURNS: usize = 4;

/// What one photo takes, on average, with an analyser on each thread.
fn photos_at_a_time(
    analysers: &mut [Box<dyn Analyser>],
    photos: &[Photo],
) -> anyhow::Result<Duration> {
    let next = AtomicUsize::new(0);
    let all = photos.len() * TURNS * analysers.len();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let work = |analyser: &mut dyn Analyser| -> Result<(), FacesError> {
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= all {
                    return Ok(());
                }
                analyser.detect(&photos[index % photos.len()].image)?;
            }
        };
        let threads: Vec<_> = analysers
            .iter_mut()
            .map(|analyser| scope.spawn(move || work(&mut **analyser)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("a detector does not panic"))
    })?;
    Ok(begun.elapsed().div_f64(all as f64))
}

fn cnn(engines: &Engines, photos: &[Photo], runs: Runs) -> anyhow::Result<()> {
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
