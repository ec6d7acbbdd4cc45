//! Writes each photo's end to the store, the index to config.ini, and keeps count.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::mpsc;

use super::Download;
use crate::{
    config::Config,
    faces::FacesError,
    flickr::ImageHost,
    progress::{DownloadProgress, Progress},
    steps::StepError,
    store::Outcome,
};

/// What the fetchers and workers report.
pub(super) enum Ended {
    /// A photo's end, with its file where it has one.
    Photo {
        photo: String,
        outcome: Outcome,
        file: Option<PathBuf>,
    },
    /// A claimed photo that nobody looked at, because the run was stopped.
    Unprocessed { photo: String },
    /// The engine could not be started.
    Engine(FacesError),
}

impl Ended {
    pub(super) fn photo(photo: String, outcome: Outcome, file: Option<PathBuf>) -> Self {
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
    tally: Arc<Tally>,
    mut ended: mpsc::Receiver<Ended>,
) -> Result<(), StepError> {
    let mut saved = Instant::now();
    while let Some(end) = ended.recv().await {
        match end {
            Ended::Photo {
                photo,
                outcome,
                file,
            } => {
                let with = &job.settings.processing;
                job.store.finish(&photo, with, &outcome).await?;
                if let Outcome::Failed(reason) = &outcome {
                    tracing::warn!("photo {photo}: {reason}");
                }
                if let Some(file) = file {
                    // A damaged file is fetched anew by the next run.
                    let damaged = matches!(outcome, Outcome::Failed(_));
                    if damaged || !job.settings.keep_photos {
                        tokio::fs::remove_file(file).await.ok();
                    }
                }
                tally.ended(&outcome);
            }
            Ended::Unprocessed { photo } => job.store.unclaim(&photo).await?,
            Ended::Engine(error) => return Err(error.into()),
        }
        if saved.elapsed() >= SAVE_EVERY {
            save_start_image(&job).await?;
            saved = Instant::now();
        }
    }
    Ok(())
}

/// Writes the index of the photo being processed into config.ini.
pub(super) async fn save_start_image(job: &Download) -> Result<(), StepError> {
    let index = job.store.start_image().await?;
    let path = job.settings.config.clone();
    tokio::task::spawn_blocking(move || Config::save_start_image(&path, index))
        .await
        .map_err(|_| StepError::BrokeOff("writing config.ini"))??;
    Ok(())
}

/// The run's counts, told to the progress at every change.
pub(super) struct Tally {
    counts: Mutex<Counted>,
    images: Arc<ImageHost>,
    progress: Arc<dyn Progress>,
}

#[derive(Default)]
struct Counted {
    progress: DownloadProgress,
    new: u64,
    no_image: u64,
}

impl Tally {
    pub(super) async fn new(
        job: &Download,
        progress: Arc<dyn Progress>,
    ) -> Result<Self, StepError> {
        let counts = job.store.counts().await?;
        let done = counts.done + counts.no_image + counts.failed;
        let tally = Self {
            counts: Mutex::new(Counted {
                progress: DownloadProgress {
                    listed: counts.photos,
                    to_do: counts.photos - done,
                    ..DownloadProgress::default()
                },
                ..Counted::default()
            }),
            images: Arc::clone(&job.images),
            progress,
        };
        tally.tell(|_| ());
        Ok(tally)
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Counted)) {
        let mut counts = self.lock();
        change(&mut counts);
        counts.progress.bytes = self.images.bytes_received();
        self.progress.download(&counts.progress);
    }

    /// A page of the list was stored, with `new` photos.
    pub(super) fn listed(&self, new: u64, total: Option<u64>) {
        self.tell(|counts| {
            counts.new += new;
            counts.progress.listed += new;
            counts.progress.to_do += new;
            counts.progress.total = total.or(counts.progress.total);
        });
    }

    pub(super) fn listing_done(&self) {
        self.tell(|counts| counts.progress.listing_done = true);
    }

    pub(super) fn downloaded(&self) {
        self.tell(|counts| counts.progress.downloaded += 1);
    }

    fn ended(&self, outcome: &Outcome) {
        self.tell(|counts| {
            counts.progress.processed += 1;
            match outcome {
                Outcome::Done { faces, .. } => counts.progress.faces += faces.len() as u64,
                Outcome::NoImage(_) => counts.no_image += 1,
                Outcome::Failed(_) => counts.progress.failed += 1,
            }
        });
    }

    pub(super) fn now(&self) -> DownloadProgress {
        self.lock().progress
    }

    pub(super) fn new_photos(&self) -> u64 {
        self.lock().new
    }

    pub(super) fn no_image(&self) -> u64 {
        self.lock().no_image
    }
}
