//! The counts of a run, shown at every change.

use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use super::job::Download;
use crate::{
    flickr::ImageHost,
    progress::{Bar, Detail, Progress, Unit},
    steps::StepError,
    store::Outcome,
};

/// The run's counts, told to the progress at every change.
pub(super) struct Counters {
    counts: Mutex<Counts>,
    images: Arc<ImageHost>,
    listed: Arc<dyn Bar>,
    downloaded: Arc<dyn Bar>,
    processed: Arc<dyn Bar>,
    /// That config.ini cannot be written is told once.
    pub unsaved: Once,
}

/// All counts are of this run unless they say otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// Photos in the list, of earlier runs too.
    pub listed: u64,
    /// Photos in the account, as Flickr says; not exact.
    pub total: Option<u64>,
    pub listing_done: bool,
    /// Photos new in the list.
    pub new: u64,
    /// Photos fetched or found on disk.
    pub downloaded: u64,
    /// Bytes received from the image host.
    pub bytes: u64,
    /// Photos that this run has to process, as far as is known yet.
    pub to_do: u64,
    /// Photos whose faces were stored.
    pub done: u64,
    /// Photos processed, the failed ones included.
    pub processed: u64,
    pub faces: u64,
    /// Photos without an image that can be used.
    pub no_image: u64,
    pub failed: u64,
    /// Photos that Flickr counts and does not show.
    pub missing: u64,
    pub deleted: u64,
}

impl Counters {
    pub(super) async fn new(
        job: &Download,
        progress: Arc<dyn Progress>,
    ) -> Result<Self, StepError> {
        let counts = job.store.counts().await?;
        let counters = Self {
            unsaved: Once::new(),
            counts: Mutex::new(Counts {
                listed: counts.photos,
                to_do: counts.to_do(),
                ..Counts::default()
            }),
            images: Arc::clone(&job.images),
            listed: progress.bar("listed", Unit::Counter),
            downloaded: progress.bar("downloaded", Unit::Counter),
            processed: progress.bar("processed", Unit::Photos),
        };
        counters.tell(|_| ());
        Ok(counters)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.lock();
        change(&mut counts);
        counts.bytes = self.images.bytes_received();
        let unlisted = match counts.total {
            Some(total) if !counts.listing_done => total.saturating_sub(counts.listed),
            _ => 0,
        };
        self.listed.set_length(counts.listed + unlisted);
        self.listed.set_position(counts.listed);
        let all = counts.to_do.max(counts.processed) + unlisted;
        self.downloaded.set_length(all);
        self.downloaded.set_details(&[Detail::Bytes(counts.bytes)]);
        self.downloaded.set_position(counts.downloaded);
        self.processed.set_length(all);
        let found = [Detail::Faces(counts.faces), Detail::Failed(counts.failed)];
        self.processed.set_details(&found);
        self.processed.set_position(counts.processed);
    }

    /// A page of the list was stored, with `new` photos.
    pub(super) fn listed(&self, new: u64, total: Option<u64>) {
        self.tell(|counts| {
            counts.new += new;
            counts.listed += new;
            counts.to_do += new;
            counts.total = total.or(counts.total);
        });
    }

    /// The list is as complete as it can be, `missing` photos apart.
    pub(super) fn listing_done(&self, missing: u64) {
        self.tell(|counts| {
            counts.listing_done = true;
            counts.missing = missing;
        });
    }

    pub(super) fn downloaded(&self) {
        self.tell(|counts| counts.downloaded += 1);
    }

    pub(super) fn finished(&self, outcome: &Outcome) {
        self.tell(|counts| {
            counts.processed += 1;
            match outcome {
                Outcome::Done { faces, .. } => {
                    counts.done += 1;
                    counts.faces += faces.len() as u64;
                }
                Outcome::NoImage(_) => counts.no_image += 1,
                Outcome::Failed(_) => counts.failed += 1,
                Outcome::Deleted => counts.deleted += 1,
            }
        });
    }

    /// A photo under way needed nothing any more.
    pub(super) fn known(&self) {
        self.tell(|counts| counts.processed += 1);
    }

    /// The list has a photo that is no longer on Flickr.
    pub(super) fn deleted(&self) {
        self.tell(|counts| counts.deleted += 1);
    }

    pub(super) fn now(&self) -> Counts {
        *self.lock()
    }
}
