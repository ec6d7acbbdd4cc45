//! The threads that find and encode faces, away from the async runtime.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use tokio::sync::mpsc;

use super::record::Ended;
use crate::{
    faces::{Analyser, Engine, crop},
    files::FileError,
    photo,
    steps::{StepError, Stop},
    store::{FoundFace, Outcome},
};

/// A photo whose file is there.
#[derive(Debug)]
pub(super) struct Job {
    pub photo: String,
    pub path: PathBuf,
}

/// Starts the workers: each has an analyser of its own and takes the next photo when it is free.
///
/// # Errors
/// Where a model cannot be loaded or a thread cannot be started.
pub(super) fn start(
    engine: &Arc<dyn Engine>,
    workers: usize,
    queue: mpsc::Receiver<Job>,
    results: mpsc::Sender<Ended>,
    stop: Stop,
) -> Result<Vec<JoinHandle<()>>, StepError> {
    let queue = Arc::new(Mutex::new(queue));
    (0..workers)
        .map(|number| {
            let engine = Arc::clone(engine);
            let (queue, results, stop) = (Arc::clone(&queue), results.clone(), stop.clone());
            thread::Builder::new()
                .name(format!("faces-{number}"))
                .spawn(move || work(&*engine, &queue, &results, &stop))
                .map_err(|error| {
                    FileError::at(Path::new("worker"), "cannot start a thread")(error).into()
                })
        })
        .collect()
}

fn work(
    engine: &dyn Engine,
    queue: &Mutex<mpsc::Receiver<Job>>,
    results: &mpsc::Sender<Ended>,
    stop: &Stop,
) {
    // Loading takes a second: here it delays neither the listing nor the other workers.
    let mut analyser = match engine.analyser() {
        Ok(analyser) => analyser,
        Err(error) => {
            results.blocking_send(Ended::Engine(error)).ok();
            return;
        }
    };
    loop {
        // The lock is held while waiting: the workers behind it wait for the lock instead.
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        let Some(Job { photo, path }) = next else {
            return;
        };
        let ended = if stop.is_asked() {
            Ended::Unprocessed { photo }
        } else {
            let outcome = catch_unwind(AssertUnwindSafe(|| process(&mut *analyser, &path)))
                // A decoder or an engine that panics over one photo must not end the others.
                .unwrap_or_else(|_| Outcome::Failed("internal error over this photo".to_owned()));
            Ended::photo(photo, outcome, Some(path))
        };
        if results.blocking_send(ended).is_err() {
            return;
        }
    }
}

fn process(analyser: &mut dyn Analyser, path: &Path) -> Outcome {
    let image = match photo::decode(path, &photo::Limits::default()) {
        Ok(image) => image,
        Err(error) => return Outcome::Failed(error.to_string()),
    };
    let found = analyser.analyse(&image).and_then(|faces| {
        faces
            .into_iter()
            .map(|face| {
                Ok(FoundFace {
                    crop: crop(&image, face.rect)?,
                    face,
                })
            })
            .collect()
    });
    match found {
        Ok(faces) => Outcome::Done {
            width: image.width(),
            height: image.height(),
            faces,
        },
        Err(error) => Outcome::Failed(error.to_string()),
    }
}
