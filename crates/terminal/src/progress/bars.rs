//! Bars on a terminal.

use std::{
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use flickr_faces::progress::{CompareProgress, DownloadProgress, TagProgress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::{Pace, comparing, echo::NoControlEcho, left, processing};
use crate::text::{grouped, rate};

/// The bars that are on the screen; made when they are first needed.
pub(super) struct Drawn {
    screen: MultiProgress,
    download: OnceLock<[ProgressBar; 3]>,
    tags: OnceLock<ProgressBar>,
    compared: OnceLock<ProgressBar>,
    busy: ProgressBar,
    pace: Mutex<Pace>,
    no_echo: Mutex<Option<NoControlEcho>>,
}

impl Drawn {
    pub(super) fn new(screen: &MultiProgress) -> Self {
        Self {
            screen: screen.clone(),
            download: OnceLock::new(),
            tags: OnceLock::new(),
            compared: OnceLock::new(),
            busy: ProgressBar::hidden(),
            pace: Mutex::default(),
            no_echo: Mutex::new(NoControlEcho::new()),
        }
    }

    fn bar(&self, prefix: &'static str) -> ProgressBar {
        let bar = self.screen.add(ProgressBar::no_length());
        bar.set_style(style("{prefix:<11}{bar:24} {human_pos:>9}{msg}"));
        bar.set_prefix(prefix);
        bar.enable_steady_tick(Duration::from_millis(500));
        bar
    }

    pub(super) fn download(&self, progress: &DownloadProgress) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.note(Instant::now(), progress.processed, progress.bytes);
        let [listed, downloaded, processed] = self.download.get_or_init(|| {
            self.busy.finish_and_clear();
            ["listed", "downloaded", "processed"].map(|prefix| self.bar(prefix))
        });
        let total = progress.total.unwrap_or(0).max(progress.listed);
        listed.set_length(if progress.listing_done {
            progress.listed
        } else {
            total
        });
        listed.set_position(progress.listed);
        listed.set_message(match (progress.listing_done, progress.total) {
            (true, _) => " photos, all there are".to_owned(),
            (false, Some(total)) => format!(" of {} photos", grouped(total)),
            (false, None) => " photos".to_owned(),
        });
        let whole = progress.processed + left(progress);
        let speed = pace.megabytes_per_second();
        downloaded.set_length(whole);
        downloaded.set_position(progress.downloaded);
        downloaded.set_message(match speed {
            Some(speed) => format!(" of {}   {} MB/s", grouped(whole), rate(speed)),
            None => format!(" of {}", grouped(whole)),
        });
        processed.set_length(whole);
        processed.set_position(progress.processed);
        processed.set_message(format!(
            " of {}   {}",
            grouped(whole),
            processing(progress, &pace)
        ));
    }

    pub(super) fn tags(&self, progress: &TagProgress) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.note(Instant::now(), progress.done, 0);
        let (verb, done) = super::tag_words(progress);
        let bar = self.tags.get_or_init(|| {
            self.busy.finish_and_clear();
            self.bar(verb)
        });
        bar.set_length(progress.photos);
        bar.set_position(progress.done);
        let time = super::tag_time(progress, &pace);
        let time = time.map(|time| format!(", {time} left"));
        bar.set_message(format!(
            " of {} photos   {done}{}",
            grouped(progress.photos),
            time.unwrap_or_default()
        ));
    }

    pub(super) fn compared(&self, progress: &CompareProgress) {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        pace.note(Instant::now(), progress.done, 0);
        let bar = self.compared.get_or_init(|| {
            self.busy.finish_and_clear();
            let bar = self.screen.add(ProgressBar::no_length());
            bar.set_style(style("comparing faces {bar:24} {msg}"));
            bar.enable_steady_tick(Duration::from_millis(500));
            bar
        });
        bar.set_length(progress.pairs);
        bar.set_position(progress.done);
        bar.set_message(comparing(progress, &pace));
    }

    pub(super) fn busy(&self, what: &str) {
        // It may have been done with before, and begin again.
        if self.busy.is_finished() {
            self.busy.reset();
        }
        if self.busy.is_hidden() {
            self.screen.add(self.busy.clone());
        }
        self.busy.set_style(style("{spinner} {msg}"));
        self.busy.enable_steady_tick(Duration::from_millis(120));
        self.busy.set_message(what.to_owned());
    }

    pub(super) fn finish(&self, screen: &MultiProgress) {
        self.busy.finish_and_clear();
        for bar in self
            .download
            .get()
            .into_iter()
            .flatten()
            .chain(self.tags.get())
            .chain(self.compared.get())
        {
            bar.finish_and_clear();
        }
        screen.clear().ok();
        self.no_echo
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
    }
}

fn style(template: &str) -> ProgressStyle {
    // Our own templates: where one were wrong, the plain bar would do.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸ ")
}
