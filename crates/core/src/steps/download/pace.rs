//! How fast a download gets on, what is left at that pace, and what it waits for.
//!
//! A photo passes two stages, with a bounded queue between them. The slower one sets the pace, and each is measured by
//! itself: a stage's own time for a photo, divided by how many it works on at once. So it does not matter how full the
//! queue was when the run began, in which order batches end, or when the last photo was done. What is no work does not
//! count: photos that failed, files that were there, listing, and waiting for a Flickr that is out.

use std::{collections::VecDeque, time::Duration};

use serde::Serialize;

use super::stopwatch::{Searched, Timed};
use crate::flickr::Waited;

/// Photos of each stage that the pace is taken from: enough to be calm, few enough to follow a change.
const RECENT: usize = 256;

/// Fewer say nothing.
const LEAST: usize = 10;

/// Photos whose pauses are looked at together.
const CHUNK: usize = 16;

/// What a download waits for most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// The files come slower than they are searched.
    Network,
    /// Files wait to be searched.
    Processor,
    /// Calls wait for their turn within the hour's, or for the end of a pause that Flickr asked for.
    Flickr,
}

impl Limit {
    /// As it stands behind "limited by".
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Network => "the network",
            Self::Processor => "the processor",
            Self::Flickr => "Flickr's pace",
        }
    }
}

/// A photo's file, as it was brought.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Brought {
    /// From the claim to the file, the waits left out.
    pub work: Duration,
    pub waited: Waited,
    /// Until a worker had room for it; zero so far.
    pub handing_on: Duration,
    /// Of the image, as Flickr says.
    pub pixels: u64,
}

/// How many times the work of the photos so far others take.
#[derive(Debug, Clone, Copy)]
struct Times {
    fetching: f64,
    searching: f64,
}

impl Times {
    fn same(times: f64) -> Self {
        Self {
            fetching: times,
            searching: times,
        }
    }
}

/// What the stages took, together.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    fetching: Duration,
    turns: Duration,
    pauses: Duration,
    handing_on: Duration,
    searching: Duration,
    idle: Duration,
}

impl Sums {
    fn add_fetched(&mut self, fetched: &Brought) {
        self.fetching += fetched.work;
        self.turns += fetched.waited.turn;
        self.pauses += fetched.waited.pause;
        self.handing_on += fetched.handing_on;
    }

    fn add_searched(&mut self, searched: &Searched) {
        self.searching += searched.work;
        self.idle += searched.idle;
    }

    /// Where the queue between the stages is full, it is the processor; where it is empty, what the fetchers wait for.
    fn limit(&self) -> Option<Limit> {
        let bringing = self.fetching + self.turns + self.pauses;
        let share = |part: Duration, rest: Duration| {
            let all = (part + rest).as_secs_f64();
            if all > 0.0 {
                part.as_secs_f64() / all
            } else {
                0.0
            }
        };
        if bringing.is_zero() && self.searching.is_zero() {
            return None;
        }
        let blocked = share(self.handing_on, bringing);
        let starved = share(self.idle, self.searching);
        Some(if blocked > starved || bringing.is_zero() {
            Limit::Processor
        } else if self.turns + self.pauses > self.fetching {
            Limit::Flickr
        } else {
            Limit::Network
        })
    }
}

/// The pace of a run.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Photos fetched at the same time.
    downloads: usize,
    /// Photos searched at the same time.
    workers: usize,
    fetched: VecDeque<Brought>,
    searched: VecDeque<Searched>,
    /// What photos have taken whose faces are not encoded yet.
    waiting: Duration,
    /// From the run's beginning until there was a first photo to search: models, listing, its file.
    start: Option<Duration>,
    whole: Sums,
}

impl Pace {
    pub(super) fn new(downloads: usize, workers: usize) -> Self {
        Self {
            downloads: downloads.max(1),
            workers: workers.max(1),
            ..Self::default()
        }
    }

    /// A file was brought from the image host.
    pub(super) fn fetched(&mut self, fetched: Brought) {
        self.whole.add_fetched(&fetched);
        push(&mut self.fetched, fetched);
    }

    /// What a worker has done, the run being `old`.
    pub(super) fn timed(&mut self, timed: Timed, old: Duration) {
        match timed {
            Timed::Begins => {
                self.start.get_or_insert(old);
            }
            Timed::Waits(work) => self.waiting += work,
            Timed::Ends {
                photos,
                each,
                waited,
            } => {
                self.waiting = self.waiting.saturating_sub(waited);
                (0..photos).for_each(|_| self.searched(each));
            }
        }
    }

    fn searched(&mut self, searched: Searched) {
        self.whole.add_searched(&searched);
        push(&mut self.searched, searched);
    }

    /// How long the last `photos` will take, which have `ahead` pixels each where that is known; `None` where too few
    /// were done to say.
    pub(super) fn time_left(&self, photos: u64, ahead: Option<f64>) -> Option<Duration> {
        let (known, pixels) = self.pixels();
        let times = match ahead {
            Some(ahead) if pixels > 0 => Times {
                searching: ahead * known as f64 / pixels as f64,
                fetching: self.fetching_times(ahead),
            },
            _ => Times::same(1.0),
        };
        self.time(photos, times, self.waiting)
    }

    /// How long a run of `photos` takes from its beginning, where they have `times` the pixels of those that were done;
    /// `None` where too few were done to say.
    pub(super) fn time_of_all(&self, photos: u64, times: f64) -> Option<Duration> {
        let time = self.time(photos, Times::same(times), Duration::ZERO)?;
        time.checked_add(self.start.unwrap_or_default())
    }

    /// Of `photos`, for which the workers have done so much already.
    fn time(&self, photos: u64, times: Times, done: Duration) -> Option<Duration> {
        if self.searched.len() < LEAST {
            return None;
        }
        let each = mean(self.searched.iter().map(|photo| photo.work)) * times.searching;
        let searching = (each * photos as f64 - done.as_secs_f64()) / self.workers as f64;
        // Where the files were there already, only searching takes time.
        let fetching = match self.fetched.len() {
            LEAST.. => self.fetching(times.fetching) / self.downloads as f64 * photos as f64,
            _ => 0.0,
        };
        Duration::try_from_secs_f64(searching.max(fetching).max(0.0)).ok()
    }

    /// Seconds of a fetcher for a photo.
    fn fetching(&self, times: f64) -> f64 {
        let work = mean(self.fetched.iter().map(|photo| photo.work));
        let turn = mean(self.fetched.iter().map(|photo| photo.waited.turn));
        work * times + turn + self.pause()
    }

    /// How many times as long photos of `ahead` pixels take to fetch as those that came last, by what larger ones of
    /// those took more: a file has its way, however small it is, and seldom takes longer than its pixels.
    fn fetching_times(&self, ahead: f64) -> f64 {
        let known = self.fetched.iter().filter(|photo| photo.pixels > 0);
        let known = known.map(|photo| (photo.pixels as f64, photo.work.as_secs_f64()));
        let sum = |of: fn((f64, f64)) -> f64| known.clone().map(of).sum::<f64>();
        let number = known.clone().count().max(1) as f64;
        let (pixels, work) = (
            sum(|(pixels, _)| pixels) / number,
            sum(|(_, work)| work) / number,
        );
        let spread = sum(|(pixels, _)| pixels * pixels) / number - pixels * pixels;
        let both = sum(|(pixels, work)| pixels * work) / number - pixels * work;
        // Seconds a pixel: none where all are of one size, which tells nothing.
        let least_spread = pixels * pixels * 1e-6;
        if work <= 0.0 || spread <= least_spread {
            return 1.0;
        }
        let slope = (both / spread).clamp(0.0, work / pixels);
        (1.0 + slope * (ahead - pixels) / work).max(0.0)
    }

    /// Seconds of a photo's pauses, as in most chunks of photos: one that comes once is no part of the pace, those that
    /// come all the time are.
    fn pause(&self) -> f64 {
        let pauses: Vec<_> = (self.fetched.iter())
            .map(|photo| photo.waited.pause)
            .collect();
        let mut chunks: Vec<_> = pauses
            .chunks(CHUNK)
            .map(|chunk| mean(chunk.iter().copied()))
            .collect();
        chunks.sort_by(f64::total_cmp);
        let middle = chunks.len().saturating_sub(1) / 2;
        chunks.get(middle).copied().unwrap_or_default()
    }

    /// What the run has waited for most, so far.
    pub(super) fn limit(&self) -> Option<Limit> {
        self.whole.limit()
    }

    /// The same of the last photos.
    pub(super) fn limit_now(&self) -> Option<Limit> {
        if self.searched.len() < LEAST {
            return None;
        }
        let mut sums = Sums::default();
        (self.fetched.iter()).for_each(|fetched| sums.add_fetched(fetched));
        (self.searched.iter()).for_each(|searched| sums.add_searched(searched));
        sums.limit()
    }

    /// How many of the photos that came last Flickr says the pixels of, and those pixels.
    pub(super) fn pixels(&self) -> (u64, u64) {
        let known = self.fetched.iter().filter(|photo| photo.pixels > 0);
        known.fold((0, 0), |(photos, pixels), photo| {
            (photos + 1, pixels + photo.pixels)
        })
    }
}

fn push<T>(recent: &mut VecDeque<T>, new: T) {
    if recent.len() == RECENT {
        recent.pop_front();
    }
    recent.push_back(new);
}

/// Of times, in seconds; 0 where there are none.
fn mean(times: impl ExactSizeIterator<Item = Duration>) -> f64 {
    let number = times.len().max(1) as f64;
    times.sum::<Duration>().as_secs_f64() / number
}

#[cfg(test)]
mod tests;
