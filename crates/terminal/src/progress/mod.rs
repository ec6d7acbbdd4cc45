//! Progress: bars on a terminal, a line every ten seconds elsewhere, nothing with `--quiet`.

mod bar;
mod echo;
mod throughput;

use std::{
    io::IsTerminal,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use flickr_faces::progress::{self, Progress, Unit};
use indicatif::{MultiProgress, ProgressBar};

use self::{
    bar::{Bar, style},
    echo::NoControlEcho,
};
use crate::output;

/// For logs, cron and SSH without a terminal.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// Where progress goes. Clones are the same.
#[derive(Clone)]
pub struct Bars(Arc<Shared>);

struct Shared {
    output: Output,
    screen: MultiProgress,
    spinner: ProgressBar,
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Output {
    Terminal,
    Lines,
    Nothing,
}

#[derive(Default)]
struct State {
    /// In the order they began.
    bars: Vec<Arc<Bar>>,
    /// The last line, which is not printed twice.
    printed: String,
    ended: bool,
    no_echo: Option<NoControlEcho>,
}

impl Bars {
    /// Bars where standard error is a terminal, lines elsewhere, nothing where `quiet`.
    pub fn new(quiet: bool) -> Self {
        let output = match (quiet, std::io::stderr().is_terminal()) {
            (true, _) => Output::Nothing,
            (false, true) => Output::Terminal,
            (false, false) => Output::Lines,
        };
        let mut state = State::default();
        if output == Output::Terminal {
            state.no_echo = NoControlEcho::new();
        }
        let shared = Arc::new(Shared {
            output,
            screen: MultiProgress::new(),
            spinner: ProgressBar::hidden().with_style(style("{spinner} {msg}")),
            state: Mutex::new(state),
            ended: Condvar::new(),
        });
        if output == Output::Lines {
            let printer = Arc::clone(&shared);
            thread::spawn(move || print_lines(&printer));
        }
        Self(shared)
    }

    /// Prints a line above the bars.
    pub fn say(&self, line: &str) {
        self.suspend(|| output::aside(line));
    }

    /// Prints a line above the bars, unless `--quiet` asks for what matters only.
    pub fn note(&self, line: &str) {
        if self.0.output != Output::Nothing {
            self.say(line);
        }
    }

    /// Does something with the bars out of the way.
    pub fn suspend<T>(&self, what: impl FnOnce() -> T) -> T {
        match self.0.output {
            Output::Terminal => self.0.screen.suspend(what),
            Output::Lines | Output::Nothing => what(),
        }
    }

    /// Removes the bars, or prints the last state in a last line.
    pub fn finish(&self) {
        let mut state = self.0.lock();
        if self.0.output == Output::Lines && !state.ended {
            state.print();
        }
        state.ended = true;
        self.0.ended.notify_all();
        self.0.spinner.finish_and_clear();
        for bar in state.bars.drain(..) {
            progress::Bar::finish(&*bar);
        }
        self.0.screen.clear().ok();
        state.no_echo = None;
    }
}

impl Progress for Bars {
    fn bar(&self, title: &'static str, unit: Unit) -> Arc<dyn progress::Bar> {
        let drawn = match self.0.output {
            Output::Terminal => {
                self.0.spinner.finish_and_clear();
                self.0.screen.add(ProgressBar::no_length())
            }
            Output::Lines | Output::Nothing => ProgressBar::hidden(),
        };
        let bar = Arc::new(Bar::new(title, unit, drawn));
        self.0.lock().bars.push(Arc::clone(&bar));
        bar
    }

    fn busy(&self, what: &str) {
        match self.0.output {
            Output::Terminal => {
                let spinner = &self.0.spinner;
                // It may have been finished, and begin again.
                if spinner.is_finished() {
                    spinner.reset();
                }
                if spinner.is_hidden() {
                    self.0.screen.add(spinner.clone());
                }
                spinner.enable_steady_tick(Duration::from_millis(120));
                spinner.set_message(what.to_owned());
            }
            Output::Lines => output::aside(format_args!("{what} ...")),
            Output::Nothing => {}
        }
    }
}

/// Prints a line now and then, until the end.
fn print_lines(shared: &Shared) {
    let mut state = shared.lock();
    while !state.ended {
        let waited = shared.ended.wait_timeout(state, LINE_INTERVAL);
        let timeout;
        (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            state.print();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Prints where the bars stand, unless the last line said so already.
    fn print(&mut self) {
        let line = self.line();
        if !line.is_empty() && line != self.printed {
            output::aside(&line);
            self.printed = line;
        }
    }

    fn line(&self) -> String {
        let lines: Vec<String> = self.bars.iter().filter_map(|bar| bar.line()).collect();
        lines.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use flickr_faces::progress::{Bar as _, Detail};

    use super::*;

    /// A bar without a screen that has come from nothing to `position`, and `bytes`, in `seconds`.
    fn bar(
        (title, unit): (&'static str, Unit),
        (position, length, seconds): (u64, u64, u64),
        details: &[Detail],
    ) -> Arc<Bar> {
        let bar = Bar::new(title, unit, ProgressBar::hidden());
        let begun = Instant::now();
        bar.set_length(length);
        bar.move_on(begun, Some(0), None);
        let now = begun + Duration::from_secs(seconds);
        bar.move_on(now, Some(position), Some(details));
        Arc::new(bar)
    }

    fn line(bars: impl IntoIterator<Item = Arc<Bar>>) -> String {
        let state = State {
            bars: bars.into_iter().collect(),
            ..State::default()
        };
        state.line()
    }

    #[test]
    fn a_line_says_where_it_stands() {
        assert_eq!(line([]), "");
        let compared = bar(
            ("comparing faces", Unit::Pairs),
            (100_000_000, 400_000_000, 10),
            &[],
        );
        assert_eq!(
            line([Arc::clone(&compared)]),
            "comparing faces: 25%, 10 million pairs/s, 30 s left"
        );
        compared.finish();
        assert_eq!(line([compared]), "");
        let listed = bar(("listed", Unit::Counter), (1500, 6000, 50), &[]);
        let bytes = [Detail::Bytes(25_000_000)];
        let downloaded = bar(("downloaded", Unit::Counter), (130, 6000, 50), &bytes);
        let found = [Detail::Faces(210), Detail::Failed(1)];
        let processed = bar(("processed", Unit::Photos), (100, 6000, 50), &found);
        assert_eq!(
            line([listed, downloaded, processed]),
            "listed 1,500 of 6,000, downloaded 130 of 6,000 (0.50 MB/s), \
             processed 100 of 6,000: 2.0 photos/s, 210 faces, 1 failed, 49 min left"
        );
        let details = [
            Detail::Added(120),
            Detail::Failed(1),
            // The first calls go faster than the hourly limit allows.
            Detail::LeastTime(Duration::from_secs(2900)),
        ];
        let tagged = bar(("tagged", Unit::Photos), (100, 3000, 1), &details);
        assert_eq!(
            line([tagged]),
            "tagged 100 of 3,000: 120 added, 1 failed, 48 min left"
        );
        // A step that knows better than the last minute.
        let disk = Detail::Disk {
            used: 1_200_000_000,
            to_come: 34_000_000,
        };
        let details = [Detail::Bytes(25_000_000), disk];
        let downloaded = bar(("downloaded", Unit::Counter), (130, 6000, 50), &details);
        let details = [
            Detail::TimeLeft(Some(Duration::from_secs(3300))),
            Detail::LimitedBy("the network"),
            Detail::Faces(210),
        ];
        let processed = bar(("processed", Unit::Photos), (100, 6000, 50), &details);
        assert_eq!(
            line([downloaded, processed]),
            "downloaded 130 of 6,000 (0.50 MB/s, 34 MB to come, 1.2 GB on disk), \
             processed 100 of 6,000: 2.0 photos/s, 55 min left, limited by the network, 210 faces"
        );
        let details = [Detail::TimeLeft(None), Detail::Faces(0)];
        let begun = bar(("processed", Unit::Photos), (5, 6000, 50), &details);
        assert_eq!(
            line([begun]),
            "processed 5 of 6,000: 0.10 photos/s, 0 faces"
        );
        let nothing = bar(("tagged", Unit::Photos), (0, 0, 1), &[Detail::Added(0)]);
        assert_eq!(line([nothing]), "");
    }
}
