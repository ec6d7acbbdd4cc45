//! Writes what became of each photo to the store, and the index to config.ini.

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::{counters::Counters, job::Download};
use crate::{
    config::Config,
    faces::FacesError,
    ids::PhotoId,
    steps::{StepError, blocking::blocking},
    store::Outcome,
};

/// What fetchers and workers report of a photo.
pub(super) enum PhotoResult {
    /// What became of it, with its file where it has one.
    Photo {
        photo: PhotoId,
        outcome: Outcome,
        file: Option<PathBuf>,
    },
    /// Claimed and not processed, because the run was stopped.
    Unprocessed { photo: PhotoId },
    /// The engine could not be started.
    Engine(FacesError),
}

impl PhotoResult {
    pub(super) fn photo(photo: PhotoId, outcome: Outcome, file: Option<PathBuf>) -> Self {
        Self::Photo {
            photo,
            outcome,
            file,
        }
    }
}

/// config.ini is written this often at most; the store is the truth in between.
const SAVE_EVERY: Duration = Duration::from_secs(1);

pub(super) async fn record(
    job: Download,
    counters: Arc<Counters>,
    mut results: mpsc::Receiver<PhotoResult>,
) -> Result<(), StepError> {
    let mut saved = Instant::now();
    while let Some(result) = results.recv().await {
        match result {
            PhotoResult::Photo {
                photo,
                outcome,
                file,
            } => {
                let with = &job.settings.processing;
                if outcome == Outcome::Deleted && !job.store.settle_deleted(&photo).await? {
                    // The listing has found it out meanwhile, told and counted it.
                    counters.known();
                    continue;
                }
                job.store.finish(&photo, with, &outcome).await?;
                match &outcome {
                    Outcome::Failed(reason) => tracing::warn!("photo {photo}: {reason}"),
                    Outcome::Deleted => tracing::warn!(
                        "photo {photo} is no longer on Flickr: nobody is asked about it any more"
                    ),
                    Outcome::Done { .. } | Outcome::NoImage(_) => {}
                }
                if let Some(file) = file {
                    // The next run fetches a damaged file again.
                    let damaged = matches!(outcome, Outcome::Failed(_));
                    if damaged || !job.settings.keep_photos {
                        tokio::fs::remove_file(file).await.ok();
                    }
                }
                counters.finished(&outcome);
            }
            PhotoResult::Unprocessed { photo } => {
                job.store.unclaim(&job.settings.worker, &photo).await?;
            }
            PhotoResult::Engine(error) => return Err(error.into()),
        }
        if saved.elapsed() >= SAVE_EVERY {
            save_start_image(&job, &counters).await?;
            saved = Instant::now();
        }
    }
    Ok(())
}

/// Writes the index of the photo being processed into config.ini. Where that cannot be, as where the file alone is
/// mounted into a container, it is told once: no program reads the number.
pub(super) async fn save_start_image(job: &Download, counters: &Counters) -> Result<(), StepError> {
    let index = job.store.start_image().await?;
    let path = job.settings.config.clone();
    let saved = blocking("writing config.ini", move || {
        Config::save_start_image(&path, index)
    });
    if let Err(error) = saved.await? {
        counters.unsaved.call_once(|| {
            tracing::warn!(
                "start_image is not kept up to date, which matters to nobody but you: {error}"
            );
        });
    }
    Ok(())
}
