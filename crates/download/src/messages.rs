//! Everything that download says about its work.

use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use flickr_faces::{
    config::{Config, EngineChoice},
    faces::{Detector, Engine, onnx::Device},
    programs::Program::{ClusterFaces, Download},
    steps::download::{Counted, Gap, Listing, Other, Status, Summary},
    store::{PhotoId, Reason},
};
use flickr_faces_terminal::{
    exit::Failure,
    text::{bytes, count, duration, grouped, one_line},
};

use crate::outlook;

/// What Ctrl-C waits for.
pub(crate) const STOPPING: &str = "the photos under way are finished and saved";

/// What finds and describes the faces.
pub(crate) fn engine(detector: Detector, engine: &dyn Engine, workers: usize) -> String {
    let workers = count(workers as u64, "worker", "workers");
    format!("Faces: {detector}, {}, {workers}", engine.description())
}

/// Where models are looked for where the environment says nothing.
pub(crate) fn no_home(folder: &Path) -> String {
    format!(
        "HOME is not set: models and ONNX Runtime are looked for in {} of this folder; name another with \
         FLICKR_FACES_CACHE, or with `models` in config.ini",
        folder.display()
    )
}

/// What it costs to run without ONNX Runtime, and how to get it.
pub(crate) fn fallback(detector: Detector, why: &Failure) -> String {
    let cost = match detector {
        Detector::Cnn => "cnn runs in dlib itself, many times slower",
        Detector::Hog => "dlib itself finds and describes the faces, several times slower",
    };
    format!(
        "{why}: {cost}.\n\
         `cargo xtask assets` fetches the library; set `engine = dlib` in config.ini to silence this."
    )
}

/// ONNX Runtime's library, where it is looked for and nothing else serves.
pub(crate) const NO_ONNX_RUNTIME: &str = "ONNX Runtime's library was not found";

/// The same where config.ini or the build asks for it, and all places that were looked at.
pub(crate) fn no_onnx_runtime(config: &Config, candidates: &[PathBuf]) -> String {
    let needed_by = match (config.engine, config.device) {
        (EngineChoice::Onnxruntime, _) => "engine = onnxruntime",
        (_, Device::Cuda) => "device = cuda",
        _ => "every engine of this program",
    };
    let candidates: Vec<_> = candidates
        .iter()
        .map(|path| path.to_string_lossy())
        .collect();
    format!(
        "ONNX Runtime's library, which {needed_by} needs, was not found: `cargo xtask assets` fetches it, \
         or name it with `onnxruntime_library` in config.ini; looked for: {}",
        candidates.join(", ")
    )
}

/// What to know before the first photo.
pub(crate) fn beginning() -> String {
    format!("Ctrl-C stops this safely at any time; `{Download}` goes on from there.")
}

/// How many photos Flickr lists.
pub(crate) fn account_has(photos: u64) -> String {
    format!("{} in the account.", count(photos, "photo", "photos"))
}

/// What came of a run.
pub(crate) fn summary(summary: &Summary) -> String {
    let mut rows = vec![
        (
            "photos",
            format!(
                "{} processed, {} in the list",
                grouped(summary.photos),
                grouped(summary.listed)
            ),
        ),
        (
            "faces",
            format!(
                "{} found, {} in the store",
                grouped(summary.faces),
                grouped(summary.all_faces)
            ),
        ),
        (
            "failed",
            match summary.failed {
                0 => "none".to_owned(),
                failed => format!(
                    "{}: run `{Download}` again to retry",
                    count(failed, "photo", "photos")
                ),
            },
        ),
    ];
    if summary.no_image > 0 {
        let without = count(summary.no_image, "photo", "photos");
        rows.push((
            "skipped",
            format!("{without} of which Flickr has no JPEG or PNG at or below MAX_SIZE"),
        ));
    }
    if summary.missing > 0 {
        let missing = count(summary.missing, "photo", "photos");
        let what =
            format!("that Flickr counts and does not list: `{Download} status` says of when");
        rows.push(("missing", format!("{missing} {what}")));
    }
    if summary.deleted > 0 {
        let deleted = count(summary.deleted, "photo", "photos");
        rows.push((
            "deleted",
            format!("{deleted} no longer on Flickr: left out from now on"),
        ));
    }
    if summary.left > 0 && !summary.stopped {
        rows.push(("left", left(summary)));
    }
    if !summary.others.is_empty() {
        rows.push(("others", others(&summary.others)));
    }
    let time = duration(Duration::from_secs_f64(summary.seconds.max(0.0)));
    let limit = summary
        .limited_by
        .map(|limit| format!(", limited by {}", limit.words()));
    rows.push(("time", time + &limit.unwrap_or_default()));
    if summary.disk.used > 0 {
        let used = bytes(summary.disk.used);
        rows.push((
            "disk",
            match summary.disk.to_come {
                0 => used,
                more => format!("{used}, {} to come", bytes(more)),
            },
        ));
    }
    rows.push(("API calls", grouped(summary.calls)));
    let mut text: String = rows
        .iter()
        .map(|(name, value)| format!("{name:<10} {value}\n"))
        .collect();
    text += &outdated(summary.outdated);
    if summary.stopped {
        let left = count(summary.left, "photo", "photos");
        let time = summary.seconds_left.map(Duration::from_secs_f64);
        let time = time.map_or_else(String::new, |time| {
            format!(", about {}", outlook::rounded(time))
        });
        text += &format!(
            "Stopped with {left} of the list left{time}. Run `{Download}` again to go on.\n"
        );
    } else if summary.all_faces > 0 {
        text += &format!("Next: `{ClusterFaces}`, to name them.\n");
    }
    text
}

/// What other machines still do, at the end of this one's work.
fn others(others: &[Other]) -> String {
    let at_work = |other: &Other| {
        let photos = count(other.photos, "photo", "photos");
        format!("{} with {photos} under way", other.machine)
    };
    let others: Vec<String> = others.iter().map(at_work).collect();
    format!("still at work: {}", others.join(", "))
}

/// What is still to do after a run that came to its end, and why.
fn left(summary: &Summary) -> String {
    let left = count(summary.left, "photo", "photos");
    match summary.claimed {
        0 => format!("{left}: run `{Download}` again"),
        claimed => format!(
            "{left}, {} claimed by another download: run `{Download}` again when that has ended",
            grouped(claimed)
        ),
    }
}

/// What the store holds.
pub(crate) fn status(status: &Status, counted: Option<&Counted>) -> String {
    let counts = &status.counts;
    let photos = [
        (counts.done, "done"),
        (counts.failed, "failed"),
        (counts.no_image, "without an image"),
        (counts.deleted, "deleted on Flickr"),
        (counts.to_do(), "to do"),
    ];
    let states: Vec<String> = photos
        .iter()
        .filter(|(photos, _)| *photos > 0)
        .map(|(photos, state)| format!("{} {state}", grouped(*photos)))
        .collect();
    let mut text = format!("photos     {}", grouped(counts.photos));
    if !states.is_empty() {
        text += &format!(": {}", states.join(", "));
    }
    text += &format!(
        "\nfaces      {}, {} without a name\nlisting    {}\n",
        grouped(counts.faces),
        grouped(counts.undecided),
        listing(status.listing, &status.gaps)
    );
    if let Some(counted) = counted {
        text += &format!("Flickr     {}\n", account(counted, status.known()));
    }
    text += &missing(&status.gaps);
    text += &reasons(
        "Failed, to be tried again by the next download:",
        &status.failed,
    );
    text += &reasons("Without an image to use:", &status.no_image);
    if status.outdated > 0 {
        text += "\n";
    }
    text + &outdated(status.outdated)
}

fn reasons(title: &str, reasons: &[Reason]) -> String {
    if reasons.is_empty() {
        return String::new();
    }
    let line = |reason: &Reason| {
        let examples: Vec<_> = reason.examples.iter().map(PhotoId::as_str).collect();
        let all = reason.photos == examples.len() as u64;
        format!(
            "  {:>6}  {} ({}{})\n",
            grouped(reason.photos),
            one_line(&reason.text),
            examples.join(", "),
            if all { "" } else { ", ..." }
        )
    };
    let lines: String = reasons.iter().map(line).collect();
    format!("\n{title}\n{lines}")
}

/// How many photos Flickr says there are, and what that means.
fn account(counted: &Counted, known: u64) -> String {
    let Some(photos) = counted.photos() else {
        return "does not say how many photos the account has".to_owned();
    };
    let mut text = count(photos, "photo", "photos");
    if let Some(videos) = counted.videos.filter(|videos| *videos > 0) {
        text += &format!(" and {}", count(videos, "video", "videos"));
    }
    match counted.more_than(known).unwrap_or_default() {
        0 => text + ", the same as in the store",
        more @ 1.. => {
            text + &format!(
                ", {} more than in the store: run `{Download}`",
                grouped(more)
            )
        }
        fewer => {
            let fewer = grouped(fewer.unsigned_abs());
            text + &format!(", {fewer} fewer than in the store: run `{Download}`")
        }
    }
}

/// What could not be listed.
fn missing(gaps: &[Gap]) -> String {
    if gaps.is_empty() {
        return String::new();
    }
    let lines: String = gaps.iter().map(|gap| format!("  {gap}\n")).collect();
    format!("\nCounted by Flickr and not listed, to be looked for by the next download:\n{lines}")
}

fn listing(listing: Listing, gaps: &[Gap]) -> String {
    let missing: u64 = gaps.iter().map(|gap| gap.photos).sum();
    match listing {
        Listing::Complete(time) if missing > 0 => {
            let missing = count(missing, "photo", "photos");
            format!("{missing} missing as of {} ago", ago(time))
        }
        Listing::Complete(time) => {
            format!("complete as of {} ago", ago(time))
        }
        Listing::Incomplete => format!("stopped before its end: run `{Download}` to go on"),
        Listing::Unknown => format!("not known to be complete: run `{Download}`"),
    }
}

/// How long a time, in seconds since 1970, is ago.
fn ago(time: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let time = Duration::from_secs(time.unsigned_abs());
    duration(now.unwrap_or_default().saturating_sub(time))
}

/// What to say of photos that were processed with other settings.
fn outdated(photos: u64) -> String {
    if photos == 0 {
        return String::new();
    }
    let photos = count(photos, "photo was", "photos were");
    format!(
        "{photos} processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face, turned or encoder_model; \
         `{Download} --redo` processes them again.\n"
    )
}
