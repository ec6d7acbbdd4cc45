//! What the end-to-end tests share: a home folder for a person, the built programs run in it, and
//! the sandbox they talk to, in this process.
//!
//! A test is not skipped where something is missing: it fails and says what to run.

use std::{panic, thread};

pub mod axe;
mod browser;
mod downloaded;
mod firefox;
mod home;
mod long_wire;
mod pictures;
mod postgres;
mod programs;
mod stored;
mod tables;
mod terminal;

pub use self::{
    browser::{Browser, Page},
    downloaded::Downloaded,
    firefox::Firefox,
    home::{Home, KNOWN_CLUSTERS, Run, files_below, flickr, flickr_with, sandbox},
    long_wire::long_wire,
    pictures::{Sample, add_copies, lying, on_its_side, sample},
    postgres::Database,
    programs::{DOWNLOAD_WITH_DLIB, ENGINES, download_of, program, send},
    stored::{found, listed, processing},
    tables::{Row, execute, one, rows},
    terminal::Terminal,
};

/// What comes of each case, all of them at once: for those that mostly wait.
///
/// # Panics
/// Where one of them does.
pub fn side_by_side<C: Sync, T: Send>(cases: &[C], of: impl Fn(&C) -> T + Sync) -> Vec<T> {
    let of = &of;
    thread::scope(|scope| {
        let runs = cases.iter().map(|case| scope.spawn(move || of(case)));
        let runs: Vec<_> = runs.collect();
        let ends = runs.into_iter().map(|run| run.join());
        ends.map(|end| end.unwrap_or_else(|panic| panic::resume_unwind(panic)))
            .collect()
    })
}

/// Runs a future to its end, in a test that is otherwise plain. On a thread of its own, too: a browser
/// that is dropped where a test fails waits for what that thread does.
///
/// # Panics
/// Where the runtime cannot be started.
pub fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}
