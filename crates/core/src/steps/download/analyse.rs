//! The threads that find and encode faces, away from the async runtime.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, TryLockError},
    thread::{self, JoinHandle},
    time::Instant,
};

use tokio::sync::mpsc;

use super::{
    batch::{Batch, ChannelClosed},
    counters::Counters,
    job::Settings,
    record::PhotoResult,
    stopwatch::Stopwatch,
};
use crate::{
    faces::{CROP_SIDE, Engine, LARGE_CROP_SIDE, TurnedFinder, TurnedSearch},
    files::FileError,
    ids::PhotoId,
    steps::{CancellationToken, StepError},
};

/// A photo whose file is there.
#[derive(Debug)]
pub(super) struct Job {
    pub photo: PhotoId,
    pub path: PathBuf,
}

/// Starts the workers: each has an analyser of its own and takes the next photo when it is free.
///
/// # Errors
/// Where a model cannot be loaded or a thread cannot be started.
pub(super) fn start(
    engine: &Arc<dyn Engine>,
    turned: Option<&TurnedSearch>,
    settings: &Settings,
    queue: mpsc::Receiver<Job>,
    results: mpsc::Sender<PhotoResult>,
    counters: &Arc<Counters>,
    stop: CancellationToken,
) -> Result<Vec<JoinHandle<()>>, StepError> {
    let queue = Arc::new(Mutex::new(queue));
    // Where the photo goes, its faces are all that the page can show.
    let crop_side = match settings.keep_photos {
        true => CROP_SIDE,
        false => LARGE_CROP_SIDE,
    };
    (0..settings.workers.max(1))
        .map(|number| {
            let engine = Arc::clone(engine);
            let turned = turned.map(TurnedSearch::finder);
            let (queue, results, stop) = (Arc::clone(&queue), results.clone(), stop.clone());
            let counters = Arc::clone(counters);
            thread::Builder::new()
                .name(format!("faces-{number}"))
                .spawn(move || {
                    let stopwatch = Stopwatch::new(move |timed| counters.timed(timed));
                    work(
                        &*engine, turned, crop_side, &queue, &results, stopwatch, &stop,
                    );
                })
                .map_err(|error| {
                    FileError::at(Path::new("worker"), "cannot start a thread")(error).into()
                })
        })
        .collect()
}

fn work(
    engine: &dyn Engine,
    turned: Option<TurnedFinder>,
    crop_side: u32,
    queue: &Mutex<mpsc::Receiver<Job>>,
    results: &mpsc::Sender<PhotoResult>,
    stopwatch: Stopwatch,
    stop: &CancellationToken,
) {
    // Loading takes a second: here it delays neither the listing nor the other workers.
    let analyser = match engine.analyser() {
        Ok(analyser) => analyser,
        Err(error) => {
            results.blocking_send(PhotoResult::Engine(error)).ok();
            return;
        }
    };
    let mut batch = Batch::new(analyser, turned, crop_side, stopwatch);
    let mut is_first = true;
    loop {
        let waiting = Instant::now();
        let next = next(queue, batch.is_empty());
        // Before the first photo there is nothing to wait for: it may not be listed yet.
        let waited = (!is_first).then(|| waiting.elapsed());
        let Job { photo, path } = match next {
            Next::Job(job) => job,
            // Nothing to do: the time to encode what waits for more.
            Next::None => {
                if batch.flush(results).is_err() {
                    return;
                }
                continue;
            }
            Next::Over => {
                batch.flush(results).ok();
                return;
            }
        };
        batch.has_waited(waited);
        is_first = false;
        let sent = if stop.is_cancelled() {
            results
                .blocking_send(PhotoResult::Unprocessed { photo })
                .map_err(|_| ChannelClosed)
        } else {
            batch.push(photo, path, results)
        };
        if sent.is_err() {
            return;
        }
    }
}

enum Next {
    Job(Job),
    /// Not now; only where the worker has something else to do.
    None,
    Over,
}

/// The next photo. Waits for one where the worker is `idle`.
fn next(queue: &Mutex<mpsc::Receiver<Job>>, idle: bool) -> Next {
    if idle {
        // The lock is held while waiting: the workers behind it wait for the lock instead.
        let next = queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        return next.map_or(Next::Over, Next::Job);
    }
    let mut queue = match queue.try_lock() {
        Ok(queue) => queue,
        Err(TryLockError::Poisoned(queue)) => queue.into_inner(),
        // Another worker waits for a photo: so there is none.
        Err(TryLockError::WouldBlock) => return Next::None,
    };
    match queue.try_recv() {
        Ok(job) => Next::Job(job),
        Err(mpsc::error::TryRecvError::Empty) => Next::None,
        Err(mpsc::error::TryRecvError::Disconnected) => Next::Over,
    }
}
