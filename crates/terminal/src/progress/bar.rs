//! One bar: where it stands, and how that is written.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use flickr_faces::progress::{self, Detail, Unit};
use indicatif::{ProgressBar, ProgressStyle};

use super::throughput::Throughput;
use crate::text::{bytes, count, duration, grouped, rate};

pub(super) struct Bar {
    title: &'static str,
    unit: Unit,
    /// Hidden where lines are printed.
    drawn: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    length: u64,
    position: u64,
    details: Vec<Detail>,
    throughput: Throughput,
    finished: bool,
}

impl Bar {
    pub(super) fn new(title: &'static str, unit: Unit, drawn: ProgressBar) -> Self {
        drawn.set_style(style("{prefix:<11}{bar:16} {msg}"));
        drawn.set_prefix(title);
        if !drawn.is_hidden() {
            drawn.enable_steady_tick(Duration::from_millis(500));
        }
        Self {
            title,
            unit,
            drawn,
            state: Mutex::default(),
        }
    }

    /// Where it stands, for a log; `None` where there is nothing to do, or no more.
    pub(super) fn line(&self) -> Option<String> {
        let state = self.lock();
        if state.finished || state.length == 0 {
            return None;
        }
        let title = self.title;
        let counted = format!("{} of {}", grouped(state.position), grouped(state.length));
        let details = state.details(self.unit);
        Some(match self.unit {
            Unit::Pairs => format!("{title}: {details}"),
            _ if details.is_empty() => format!("{title} {counted}"),
            Unit::Counter => format!("{title} {counted} ({details})"),
            Unit::Photos | Unit::Faces => format!("{title} {counted}: {details}"),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        if self.drawn.is_hidden() {
            return;
        }
        self.drawn.set_length(state.length);
        self.drawn.set_position(state.position);
        let details = state.details(self.unit);
        self.drawn.set_message(match self.unit {
            Unit::Pairs => details,
            Unit::Counter | Unit::Photos | Unit::Faces => {
                format!(
                    "{:>9} of {}   {details}",
                    grouped(state.position),
                    grouped(state.length)
                )
            }
        });
    }

    /// Moves it on, as seen at `now`.
    pub(super) fn move_on(&self, now: Instant, position: Option<u64>, details: Option<&[Detail]>) {
        self.change(|state| {
            state.position = position.unwrap_or(state.position);
            if let Some(details) = details {
                state.details = details.to_vec();
            }
            let bytes = state.details.iter().find_map(|detail| match detail {
                Detail::Bytes(bytes) => Some(*bytes),
                _ => None,
            });
            let bytes = bytes.unwrap_or_default();
            state.throughput.note(now, state.position, bytes);
        });
    }
}

impl progress::Bar for Bar {
    fn set_length(&self, length: u64) {
        self.change(|state| state.length = length);
    }

    fn set_position(&self, position: u64) {
        self.move_on(Instant::now(), Some(position), None);
    }

    fn set_details(&self, details: &[Detail]) {
        self.move_on(Instant::now(), None, Some(details));
    }

    fn finish(&self) {
        self.lock().finished = true;
        self.drawn.finish_and_clear();
    }
}

impl State {
    /// `2.0 photos/s, 210 faces, 1 failed, 49 min left`; where the step knows how long, that comes before what is cut
    /// off first.
    fn details(&self, unit: Unit) -> String {
        let speed = self.throughput.per_second();
        let speed = speed.and_then(|speed| match unit {
            Unit::Counter => None,
            Unit::Photos => Some(format!("{} photos/s", rate(speed))),
            Unit::Faces => Some(format!("{} faces/s", rate(speed))),
            Unit::Pairs => Some(format!("{} million pairs/s", rate(speed / 1e6))),
        });
        let mut parts = Vec::new();
        if unit == Unit::Pairs {
            let percent = (self.position * 100).checked_div(self.length);
            parts.push(format!("{}%", percent.unwrap_or(100)));
        }
        parts.extend(speed);
        let left = self.length.saturating_sub(self.position);
        let known = self.details.iter().find_map(|detail| match *detail {
            Detail::TimeLeft(time) => Some(time.filter(|_| left > 0)),
            _ => None,
        });
        let in_words =
            |time: Duration| (time.as_secs() > 0).then(|| format!("{} left", duration(time)));
        parts.extend(known.flatten().and_then(in_words));
        let mut least = Duration::ZERO;
        for detail in &self.details {
            match *detail {
                Detail::Bytes(_) => {
                    let speed = self.throughput.megabytes_per_second();
                    parts.extend(speed.map(|speed| format!("{} MB/s", rate(speed))));
                }
                Detail::Faces(faces) => parts.push(count(faces, "face", "faces")),
                Detail::Added(added) => parts.push(format!("{} added", grouped(added))),
                Detail::Removed(removed) => parts.push(format!("{} removed", grouped(removed))),
                Detail::Failed(0) => {}
                Detail::Failed(failed) => parts.push(format!("{} failed", grouped(failed))),
                Detail::LeastTime(time) => least = time,
                Detail::TimeLeft(_) => {}
                Detail::LimitedBy(what) => parts.push(format!("limited by {what}")),
                Detail::Disk { used, to_come } => {
                    let some =
                        |number, what| (number > 0).then(|| format!("{} {what}", bytes(number)));
                    parts.extend(some(to_come, "to come"));
                    parts.extend(some(used, "on disk"));
                }
            }
        }
        if unit != Unit::Counter && left > 0 && known.is_none() {
            // What the last minute says, but no less than the calls must take.
            let time = self
                .throughput
                .time_for(left)
                .unwrap_or_default()
                .max(least);
            parts.extend(in_words(time));
        }
        parts.join(", ")
    }
}

pub(super) fn style(template: &str) -> ProgressStyle {
    // The templates are constant: if one were wrong, the plain bar would do.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("━╸ ")
}
