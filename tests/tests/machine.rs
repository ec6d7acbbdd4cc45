//! The machine fails: disks, limits, files that are something else, readers that go away.

mod doctor;
mod files;
mod limits;
mod output;
mod store;

use std::{
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use end_to_end::{Home, Run, sandbox};
use flickr_sandbox::{NewPhoto, Options, Sandbox};

/// Small photos, looked at quickly.
const QUICK: [(&str, &str); 4] = [
    ("MAX_SIZE", "240"),
    ("upsample", "0"),
    ("downloads", "2"),
    ("workers", "1"),
];

/// A command of each program that needs the store, and that is done quickly.
const COMMANDS: [(&str, &[&str]); 4] = [
    ("download", &[]),
    ("download", &["status"]),
    ("cluster-faces", &["report"]),
    ("tag-photos", &["plan"]),
];

/// A home on an account of a few small photos.
fn home(photos: usize) -> Home {
    let sandbox = account(photos);
    let home = Home::new(&sandbox, &QUICK);
    home.write_tags(&[]);
    home
}

fn account(photos: usize) -> Arc<Sandbox> {
    let sandbox = sandbox(Options::default());
    for _ in 0..photos {
        let photo = NewPhoto {
            width: Some(240),
            height: Some(180),
            private: true,
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap();
    }
    sandbox
}

/// Runs a command without input, and says how long it took.
fn timed(mut command: Command, arguments: &[&str]) -> (Run, Duration) {
    command.args(arguments).stdin(Stdio::null());
    let begun = Instant::now();
    let run = Run::of(command, "");
    (run, begun.elapsed())
}

/// What is wrong with a program that could not go on: it ends with 4, soon, without a panic and without the log of a
/// library, and says each of these texts.
fn complaint((run, took): &(Run, Duration), texts: &[&str]) -> Option<String> {
    let missing: Vec<_> = (texts.iter())
        .filter(|text| !run.stderr.contains(**text))
        .collect();
    let errors = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("error: "));
    let right = run.code == Some(4)
        && *took < Duration::from_secs(20)
        && errors.count() == 1
        && missing.is_empty()
        && !run.stderr.contains("panicked")
        && !run.stderr.contains("ERROR");
    (!right).then(|| format!("took {took:?}, missing {missing:?}: {run}"))
}
