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

    /// How long the last `photos` will take; `None` where too few were done to say.
    pub(super) fn time_left(&self, photos: u64) -> Option<Duration> {
        self.time(photos, 1.0, self.waiting)
    }

    /// How long a run of `photos` takes from its beginning, where they have `times` the pixels of those that were done;
    /// `None` where too few were done to say.
    pub(super) fn time_of_all(&self, photos: u64, times: f64) -> Option<Duration> {
        let time = self.time(photos, times, Duration::ZERO)?;
        time.checked_add(self.start.unwrap_or_default())
    }

    /// Of `photos`, for which the workers have done so much already.
    fn time(&self, photos: u64, times: f64, done: Duration) -> Option<Duration> {
        if self.searched.len() < LEAST {
            return None;
        }
        let each = mean(self.searched.iter().map(|photo| photo.work)) * times;
        let searching = (each * photos as f64 - done.as_secs_f64()) / self.workers as f64;
        // Where the files were there already, only searching takes time.
        let fetching = match self.fetched.len() {
            LEAST.. => self.fetching(times) / self.downloads as f64 * photos as f64,
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
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn brought(ms: u32) -> Brought {
        Brought {
            work: ms * MS,
            ..Brought::default()
        }
    }

    fn searched(ms: u32, idle: u32) -> Searched {
        Searched {
            work: ms * MS,
            idle: idle * MS,
        }
    }

    /// Four fetchers and two workers that have done so many photos.
    fn pace(photos: usize, fetched: Brought, searched: Searched) -> Pace {
        let mut pace = Pace::new(4, 2);
        for _ in 0..photos {
            pace.fetched(fetched);
            pace.searched(searched);
        }
        pace
    }

    fn seconds(pace: &Pace, photos: u64) -> f64 {
        pace.time_left(photos).unwrap().as_secs_f64()
    }

    #[test]
    fn the_slower_stage_sets_the_pace() {
        // 400 ms by four are 100 ms a photo; 100 ms by two are 50.
        let network = pace(100, brought(400), searched(100, 100));
        assert!((seconds(&network, 300) - 30.0).abs() < 1e-6);
        assert_eq!(network.limit(), Some(Limit::Network));
        // 600 ms by two are 300 ms a photo: the fetchers wait until there is room.
        let full = Brought {
            handing_on: 800 * MS,
            ..brought(400)
        };
        let processor = pace(100, full, searched(600, 0));
        assert!((seconds(&processor, 300) - 90.0).abs() < 1e-6);
        assert_eq!(processor.limit(), Some(Limit::Processor));
        // Twice the pixels.
        let twice = processor.time_of_all(300, 2.0).unwrap();
        assert!((twice.as_secs_f64() - 180.0).abs() < 1e-6);
        // A call for each photo, which waits for its turn.
        let mut turns = brought(100);
        turns.waited.turn = 3_900 * MS;
        let flickr = pace(100, turns, searched(100, 900));
        assert!((seconds(&flickr, 60) - 60.0).abs() < 1e-6);
        assert_eq!(flickr.limit_now(), Some(Limit::Flickr));
    }

    #[test]
    fn too_few_photos_say_nothing() {
        let few = pace(LEAST - 1, brought(400), searched(100, 0));
        assert_eq!((few.time_left(10), few.limit_now()), (None, None));
        // Files that were there are searched only.
        let mut there = Pace::new(4, 2);
        for _ in 0..LEAST {
            there.searched(searched(100, 0));
        }
        assert!((seconds(&there, 10) - 0.5).abs() < 1e-6);
        assert_eq!(there.limit(), Some(Limit::Processor));
    }

    #[test]
    fn what_is_half_done_is_left_out_of_what_is_left_and_the_start_is_part_of_all() {
        let mut pace = pace(100, brought(10), searched(100, 0));
        assert!((seconds(&pace, 40) - 2.0).abs() < 1e-6);
        let timed = [
            Timed::Begins,
            Timed::Waits(70 * MS),
            Timed::Waits(130 * MS),
            // The other worker's first photo.
            Timed::Begins,
        ];
        for (timed, old) in timed.into_iter().zip([900_u32, 950, 1000, 1100]) {
            pace.timed(timed, old * MS);
        }
        assert!((seconds(&pace, 40) - 1.9).abs() < 1e-6);
        // More is done than one takes to search: its file is left.
        assert!((seconds(&pace, 1) - 0.0025).abs() < 1e-6);
        let all = pace.time_of_all(100, 1.0).unwrap();
        assert!((all.as_secs_f64() - 5.9).abs() < 1e-6);
        // Encoded, and 20 ms more than the others.
        let ends = Timed::Ends {
            photos: 2,
            each: searched(120, 0),
            waited: 200 * MS,
        };
        pace.timed(ends, 1200 * MS);
        let mean = (100.0 * 100.0 + 2.0 * 120.0) / 102.0 / 1000.0;
        assert!((seconds(&pace, 40) - 20.0 * mean).abs() < 1e-6);
    }

    #[test]
    fn an_outage_and_a_pause_change_nothing_and_pauses_without_end_do() {
        let mut pace = pace(90, brought(400), searched(100, 100));
        let steady = seconds(&pace, 300);
        let mut out = brought(400);
        out.waited.outage = Duration::from_secs(3600);
        let mut paused = brought(400);
        paused.waited.pause = Duration::from_secs(300);
        for late in [out, out, out, out, paused, paused, paused, paused] {
            pace.fetched(late);
        }
        assert!((seconds(&pace, 300) - steady).abs() < 1e-6);
        // One photo in four waits for 4 s, all the time: 1 s a photo.
        paused.waited.pause = Duration::from_secs(4);
        for photo in 0..RECENT {
            pace.fetched(if photo % 4 == 0 { paused } else { brought(400) });
        }
        assert!((seconds(&pace, 300) - 300.0 * 1.4 / 4.0).abs() < 1e-6);
        assert_eq!(pace.limit_now(), Some(Limit::Flickr));
    }

    #[test]
    fn the_time_left_follows_a_change_without_a_jump() {
        let mut pace = pace(RECENT, brought(400), searched(50, 50));
        let (mut before, old) = (seconds(&pace, 1000), seconds(&pace, 1000));
        for _ in 0..RECENT {
            pace.fetched(brought(800));
            let now = seconds(&pace, 1000);
            assert!(now >= before && now < before * 1.02, "{before} {now}");
            before = now;
        }
        assert!((before - 2.0 * old).abs() < 1e-6);
    }
}
