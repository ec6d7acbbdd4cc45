//! Progress: bars on a terminal, a line every ten seconds elsewhere.

mod bars;
mod echo;
mod lines;
mod pace;

use std::{io::IsTerminal, sync::Arc};

use flickr_faces::progress::{CompareProgress, DownloadProgress, Progress, TagProgress, TagWork};
use indicatif::MultiProgress;

use self::pace::Pace;

/// Where progress goes. Clones are the same.
#[derive(Clone)]
pub struct Bars {
    screen: MultiProgress,
    shown: Arc<Shown>,
}

enum Shown {
    Bars(Box<bars::Drawn>),
    Lines(lines::Lines),
    Nothing,
}

impl Bars {
    /// Bars where standard error is a terminal, lines elsewhere, nothing where `quiet`.
    pub fn new(quiet: bool) -> Self {
        let screen = MultiProgress::new();
        let shown = if quiet {
            Shown::Nothing
        } else if std::io::stderr().is_terminal() {
            Shown::Bars(Box::new(bars::Drawn::new(&screen)))
        } else {
            Shown::Lines(lines::Lines::start())
        };
        Self {
            screen,
            shown: Arc::new(shown),
        }
    }

    /// Prints a line above the bars.
    pub fn say(&self, line: &str) {
        self.suspend(|| eprintln!("{line}"));
    }

    /// Prints a line above the bars, but where `--quiet` asks for what matters only.
    pub fn note(&self, line: &str) {
        if !matches!(*self.shown, Shown::Nothing) {
            self.say(line);
        }
    }

    /// Does something with the bars out of the way.
    pub fn suspend<T>(&self, what: impl FnOnce() -> T) -> T {
        match &*self.shown {
            Shown::Bars(_) => self.screen.suspend(what),
            Shown::Lines(_) | Shown::Nothing => what(),
        }
    }

    /// Removes the bars, or says the last state in a last line.
    pub fn finish(&self) {
        match &*self.shown {
            Shown::Bars(bars) => bars.finish(&self.screen),
            Shown::Lines(lines) => lines.finish(),
            Shown::Nothing => {}
        }
    }
}

impl Progress for Bars {
    fn download(&self, progress: &DownloadProgress) {
        match &*self.shown {
            Shown::Bars(bars) => bars.download(progress),
            Shown::Lines(lines) => lines.download(progress),
            Shown::Nothing => {}
        }
    }

    fn tags(&self, progress: &TagProgress) {
        match &*self.shown {
            Shown::Bars(bars) => bars.tags(progress),
            Shown::Lines(lines) => lines.tags(progress),
            Shown::Nothing => {}
        }
    }

    fn compared(&self, progress: &CompareProgress) {
        match &*self.shown {
            Shown::Bars(bars) => bars.compared(progress),
            Shown::Lines(lines) => lines.compared(progress),
            Shown::Nothing => {}
        }
    }

    fn busy(&self, what: &str) {
        match &*self.shown {
            Shown::Bars(bars) => bars.busy(what),
            Shown::Lines(_) => eprintln!("{what} ..."),
            Shown::Nothing => {}
        }
    }
}

/// Photos that this run has still to process, as far as can be told.
fn left(progress: &DownloadProgress) -> u64 {
    let unlisted = match (progress.listing_done, progress.total) {
        (false, Some(total)) => total.saturating_sub(progress.listed),
        _ => 0,
    };
    progress.to_do.saturating_sub(progress.processed) + unlisted
}

/// `42%, 13 million pairs/s, 20 s left`.
fn comparing(progress: &CompareProgress, pace: &Pace) -> String {
    use crate::text::rate;
    let percent = (progress.done * 100).checked_div(progress.pairs);
    let mut parts = vec![format!("{}%", percent.unwrap_or(100))];
    if let Some(speed) = pace.photos_per_second() {
        parts.push(format!("{} million pairs/s", rate(speed / 1e6)));
    }
    if let Some(time) = pace.time_for(progress.pairs.saturating_sub(progress.done)) {
        parts.push(format!("{} left", crate::text::duration(time)));
    }
    parts.join(", ")
}

/// What a `tag-photos` calls its work: `tagged` and `31 added`.
fn tag_words(progress: &TagProgress) -> (&'static str, String) {
    let number = crate::text::grouped(progress.changed);
    match progress.work {
        TagWork::Add => ("tagged", format!("{number} added")),
        TagWork::Remove => ("undone", format!("{number} taken away")),
    }
}

/// The time that is left: what the last minute says, but no less than the pace allows, which the
/// first calls may be faster than.
fn tag_time(progress: &TagProgress, pace: &Pace) -> Option<String> {
    let left = progress.photos.saturating_sub(progress.done);
    let time = pace.time_for(left).unwrap_or_default().max(progress.least);
    (left > 0 && time.as_secs() > 0).then(|| crate::text::duration(time))
}

/// `3.5 photos/s, 17 faces, 2 failed, 12 min left`.
fn processing(progress: &DownloadProgress, pace: &Pace) -> String {
    use crate::text::{count, rate};
    let mut parts = Vec::new();
    if let Some(speed) = pace.photos_per_second() {
        parts.push(format!("{} photos/s", rate(speed)));
    }
    parts.push(count(progress.faces, "face", "faces"));
    if progress.failed > 0 {
        parts.push(format!("{} failed", progress.failed));
    }
    if let Some(time) = pace.time_for(left(progress)) {
        parts.push(format!("{} left", crate::text::duration(time)));
    }
    parts.join(", ")
}
