//! The counts of a run and what they promise, shown at every change.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, Once, PoisonError},
    time::{Duration, Instant},
};

use super::{
    ahead::Ahead,
    disk::{Disk, Seen, file_bytes},
    job::{Download, News, Teller},
    outlook::{ENOUGH, FIRST, Outlook, Pixels},
    pace::{Brought, Limit, Pace},
    stopwatch::Timed,
};
use crate::{
    flickr::{ImageHost, replies},
    progress::{Bar, Detail, Progress, Unit},
    steps::{StepError, blocking::blocking},
    store::{Outcome, Store},
};

/// The run's counts, told to the progress at every change.
pub(super) struct Counters {
    began: Instant,
    counts: Mutex<Counts>,
    /// Locked after the counts, where both are.
    measured: Mutex<Measured>,
    teller: Teller,
    images: Arc<ImageHost>,
    listed: Arc<dyn Bar>,
    downloaded: Arc<dyn Bar>,
    processed: Arc<dyn Bar>,
    /// That config.ini cannot be written is told once.
    pub unsaved: Once,
}

/// What the run was seen to take.
struct Measured {
    pace: Pace,
    seen: Seen,
    pixels: Pixels,
    ahead: Ahead,
    outlook: Option<Outlook>,
    has_account: bool,
}

impl Measured {
    /// How long the last `photos` will take.
    fn time_left(&self, photos: u64) -> Option<Duration> {
        self.pace.time_left(photos, self.ahead.mean(photos))
    }
}

/// What the counts promise.
pub(super) struct Prospect {
    /// How long what is left will take, if that can be told.
    pub left: Option<Duration>,
    /// Of the whole run.
    pub limit: Option<Limit>,
    pub disk: Disk,
    pub outlook: Option<Outlook>,
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

impl Counts {
    /// Photos that Flickr counts and that are not listed yet.
    fn unlisted(&self) -> u64 {
        match self.total {
            Some(total) if !self.listing_done => total.saturating_sub(self.listed),
            _ => 0,
        }
    }

    /// What this run has to do in all, as far as is known.
    fn all(&self) -> u64 {
        self.to_do.max(self.processed) + self.unlisted()
    }

    fn left(&self) -> u64 {
        self.all().saturating_sub(self.processed)
    }
}

impl Counters {
    /// Of a run that began then.
    pub(super) async fn new(
        job: &Download,
        progress: Arc<dyn Progress>,
        began: Instant,
    ) -> Result<Self, StepError> {
        let counts = job.store.counts().await?;
        let settings = &job.settings;
        let measured = Measured {
            pace: Pace::new(settings.downloads, settings.workers),
            seen: Seen::new(settings.keep_photos, job.store.is_file()),
            pixels: Pixels::new(settings.processing.max_size),
            ahead: Ahead::default(),
            outlook: None,
            has_account: false,
        };
        let counters = Self {
            began,
            unsaved: Once::new(),
            measured: Mutex::new(measured),
            teller: Arc::clone(&job.teller),
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
        counters.look_at_store(&job.store).await?;
        Ok(counters)
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: impl FnOnce(&mut Counts)) {
        let mut counts = self.lock();
        change(&mut counts);
        counts.bytes = self.images.bytes_received();
        self.listed.set_length(counts.listed + counts.unlisted());
        self.listed.set_position(counts.listed);
        let (all, left) = (counts.all(), counts.left());
        let (time, limit, Disk { used, to_come }) = {
            let measured = self.measured();
            (
                measured.time_left(left),
                measured.pace.limit_now(),
                measured.seen.disk(left),
            )
        };
        self.downloaded.set_length(all);
        let disk = Detail::Disk { used, to_come };
        self.downloaded
            .set_details(&[Detail::Bytes(counts.bytes), disk]);
        self.downloaded.set_position(counts.downloaded);
        self.processed.set_length(all);
        let mut details = vec![Detail::TimeLeft(time)];
        details.extend(limit.map(|limit| Detail::LimitedBy(limit.words())));
        details.extend([Detail::Faces(counts.faces), Detail::Failed(counts.failed)]);
        self.processed.set_details(&details);
        self.processed.set_position(counts.processed);
    }

    fn measured(&self) -> MutexGuard<'_, Measured> {
        self.measured.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells once what the account takes, when enough photos are done to say.
    fn look_ahead(&self) {
        let counts = self.now();
        let is_enough = counts.done >= FIRST && (counts.listing_done || counts.done >= ENOUGH);
        if !is_enough || counts.left() == 0 {
            return;
        }
        let mut measured = self.measured();
        if measured.outlook.is_some() {
            return;
        }
        let Measured {
            pace, seen, pixels, ..
        } = &*measured;
        let outlook = Outlook::new(counts.all(), counts.done, pixels, pace, seen);
        let disk = seen.disk(counts.left());
        measured.outlook.clone_from(&outlook);
        drop(measured);
        if let Some(outlook) = outlook {
            (self.teller)(News::Outlook(outlook, disk));
        }
    }

    /// What there is to be said of the run at its end, with so many photos of the list `to_do`: others may have done what
    /// this run did not.
    pub(super) fn prospect(&self, to_do: u64) -> Prospect {
        let left = to_do + self.now().unlisted();
        let measured = self.measured();
        let time = measured.time_left(left);
        Prospect {
            left: time.filter(|_| left > 0),
            limit: measured.pace.limit(),
            disk: measured.seen.disk(left),
            outlook: measured.outlook.clone(),
        }
    }

    /// Looks how large the store's file is.
    pub(super) async fn look_at_store(&self, store: &Store) -> Result<(), StepError> {
        if store.is_file() {
            let file = store.name().to_owned();
            let looked = blocking("looking at the store", move || file_bytes(Path::new(&file)));
            self.measured().seen.store = looked.await?;
        }
        self.tell(|_| ());
        Ok(())
    }

    /// So many bytes were in the folder of the photos before this run.
    pub(super) fn kept_before(&self, bytes: u64) {
        self.measured().seen.before = bytes;
    }

    /// A photo's file has come from the image host, and a worker has taken it.
    pub(super) fn brought(&self, brought: Brought) {
        self.measured().pace.fetched(brought);
    }

    /// What a worker has done.
    pub(super) fn timed(&self, timed: Timed) {
        let old = self.began.elapsed();
        self.measured().pace.timed(timed, old);
    }

    /// A page of the list was stored, with `new` photos.
    pub(super) fn listed(&self, new: u64, total: Option<u64>, page: &[replies::ListedPhoto]) {
        let is_first = {
            let mut measured = self.measured();
            let page = measured.pixels.add(page);
            measured.ahead.listed(new, page);
            let had = measured.has_account;
            measured.has_account |= total.is_some();
            !had
        };
        if let Some(total) = total.filter(|_| is_first) {
            (self.teller)(News::Account(total));
        }
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
        self.look_ahead();
    }

    /// A photo's file is there; `bytes` of it came in this run, and Flickr says its `pixels`.
    pub(super) fn downloaded(&self, bytes: u64, pixels: u64) {
        let mut measured = self.measured();
        measured.seen.file(bytes);
        measured.ahead.brought(pixels);
        drop(measured);
        self.tell(|counts| counts.downloaded += 1);
    }

    pub(super) fn finished(&self, outcome: &Outcome) {
        self.measured().seen.stored(outcome);
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
        self.look_ahead();
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
