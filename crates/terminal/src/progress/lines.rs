//! A line every ten seconds, where there is no terminal: for logs, cron and SSH without a screen.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use flickr_faces::progress::{CompareProgress, DownloadProgress, TagProgress};

use super::{Pace, comparing, processing};
use crate::text::{count, grouped, rate};

const EVERY: Duration = Duration::from_secs(10);

/// The latest state, and the thread that prints it.
pub(super) struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    download: Option<DownloadProgress>,
    tags: Option<TagProgress>,
    compared: Option<CompareProgress>,
    pace: Pace,
    printed: String,
    ended: bool,
}

impl Lines {
    /// Starts the thread; it ends with the program.
    pub(super) fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let printer = Arc::clone(&shared);
        thread::spawn(move || {
            let mut state = printer.lock();
            while !state.ended {
                let waited = printer.ended.wait_timeout(state, EVERY);
                let timed_out;
                (state, timed_out) = waited.unwrap_or_else(PoisonError::into_inner);
                if timed_out.timed_out() {
                    state.print();
                }
            }
        });
        Self(shared)
    }

    pub(super) fn download(&self, progress: &DownloadProgress) {
        let mut state = self.0.lock();
        state
            .pace
            .note(Instant::now(), progress.processed, progress.bytes);
        state.download = Some(*progress);
    }

    pub(super) fn tags(&self, progress: &TagProgress) {
        let mut state = self.0.lock();
        state.pace.note(Instant::now(), progress.done, 0);
        state.tags = Some(*progress);
    }

    pub(super) fn compared(&self, progress: &CompareProgress) {
        let mut state = self.0.lock();
        state.pace.note(Instant::now(), progress.done, 0);
        state.compared = Some(*progress);
    }

    pub(super) fn finish(&self) {
        let mut state = self.0.lock();
        if !state.ended {
            state.print();
        }
        state.ended = true;
        self.0.ended.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Prints the latest state, if it is another than the last that was printed.
    fn print(&mut self) {
        let Some(line) = self.line() else { return };
        if line != self.printed {
            eprintln!("{line}");
            self.printed = line;
        }
    }

    fn line(&self) -> Option<String> {
        if let Some(tags) = self.tags.as_ref().filter(|tags| tags.photos > 0) {
            let failed = if tags.failed > 0 {
                format!(", {} failed", tags.failed)
            } else {
                String::new()
            };
            let (verb, done) = super::tag_words(tags);
            let time = super::tag_time(tags, &self.pace);
            return Some(format!(
                "{verb} {} of {}: {done}{failed}{}",
                grouped(tags.done),
                count(tags.photos, "photo", "photos"),
                time.map(|time| format!(", {time} left"))
                    .unwrap_or_default(),
            ));
        }
        if let Some(compared) = &self.compared {
            // What took less than a line's time is not worth one.
            return (compared.done < compared.pairs)
                .then(|| format!("faces compared: {}", comparing(compared, &self.pace)));
        }
        let progress = self.download.as_ref()?;
        let listed = match progress.total.filter(|_| !progress.listing_done) {
            Some(total) => format!("{} of {}", grouped(progress.listed), grouped(total)),
            None => grouped(progress.listed),
        };
        let speed = self.pace.megabytes_per_second();
        let speed = speed
            .map(|speed| format!(" ({} MB/s)", rate(speed)))
            .unwrap_or_default();
        Some(format!(
            "listed {listed}, downloaded {}{speed}, processed {} of {}: {}",
            grouped(progress.downloaded),
            grouped(progress.processed),
            grouped(progress.processed + super::left(progress)),
            processing(progress, &self.pace),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_where_it_stands() {
        let start = Instant::now();
        let mut state = State::default();
        assert_eq!(state.line(), None);
        let mut compared = CompareProgress {
            pairs: 400_000_000,
            done: 0,
        };
        state.compared = Some(compared);
        state.pace.note(start, 0, 0);
        state
            .pace
            .note(start + Duration::from_secs(10), 100_000_000, 0);
        compared.done = 100_000_000;
        state.compared = Some(compared);
        assert_eq!(
            state.line().unwrap(),
            "faces compared: 25%, 10 million pairs/s, 30 s left"
        );
        let mut state = State::default();
        let mut progress = DownloadProgress {
            listed: 1500,
            total: Some(6000),
            downloaded: 130,
            to_do: 1500,
            ..DownloadProgress::default()
        };
        state.pace.note(start, 0, 0);
        (progress.processed, progress.faces, progress.failed) = (100, 210, 1);
        state
            .pace
            .note(start + Duration::from_secs(50), 100, 25_000_000);
        state.download = Some(progress);
        assert_eq!(
            state.line().unwrap(),
            "listed 1,500 of 6,000, downloaded 130 (0.50 MB/s), processed 100 of 6,000: \
             2.0 photos/s, 210 faces, 1 failed, 49 min left"
        );
        state.tags = Some(TagProgress {
            photos: 3000,
            done: 100,
            changed: 120,
            failed: 1,
            // The first calls go faster than the pace of an hour allows.
            least: Duration::from_secs(2900),
            ..TagProgress::default()
        });
        assert_eq!(
            state.line().unwrap(),
            "tagged 100 of 3,000 photos: 120 added, 1 failed, 48 min left"
        );
    }
}
