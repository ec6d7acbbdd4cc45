//! Everything that tag-photos says about its results.

use std::time::Duration;

use flickr_faces::{
    flickr::Flickr,
    programs::Program::TagPhotos,
    steps::tagging::{
        Difference, Failure, Plan, RunEnd, Summary, Undo, Undone, Verified, WriteCounts,
    },
};
use flickr_faces_terminal::text::{count, duration, grouped, one_line};

use crate::{
    lines::{counts, kind_of, line},
    plans,
};

/// What a run wrote.
pub(crate) fn summary(plan: &Plan, summary: &Summary, full: Option<&Flickr>) -> String {
    let mut text = line("added", counts(summary.added));
    let there = WriteCounts {
        tags: plan.already_there() + summary.found.tags,
        ..summary.found
    };
    text += &line("already there", counts(there));
    if summary.removed.total() > 0 {
        let what = format!(
            "{}: on faces that have another name now, or none",
            counts(summary.removed)
        );
        text += &line("removed", what);
    }
    if !summary.made_public.is_empty() {
        let photos = count(summary.made_public.len() as u64, "photo", "photos");
        let what = format!("{photos}, since the plan was made: nothing written");
        text += &line("made public", what);
        for photo in &summary.made_public {
            text += &format!("  photo {photo}\n");
        }
    }
    text += &failed(&summary.end.failed);
    text += &took(&summary.end);
    text += &plans::exceptions(&plan.exceptions(), full);
    text += &next(&summary.end, "");
    if summary.end.is_whole() && summary.added.total() > 0 {
        text += &format!(
            "Next: `{TagPhotos} verify` compares with Flickr; `{TagPhotos} undo` removes it again.\n"
        );
    }
    text
}

/// How the names compare with the account.
pub(crate) fn verified(verified: &Verified) -> String {
    let mut text = line("as written", format!("{} on Flickr", counts(verified.ours)));
    text += &line("already there", count(verified.present, "tag", "tags"));
    if verified.skipped > 0 {
        let tags = count(verified.skipped, "tag", "tags");
        text += &line("skipped", format!("{tags} by write_to or \"write\": false"));
    }
    let [mut missing, mut removed, mut outdated, mut gone] = [const { Vec::new() }; 4];
    let [mut wrong, mut public] = [const { Vec::new() }; 2];
    for difference in &verified.differences {
        let (list, text) = match difference {
            Difference::NotWritten { photo, name } => (&mut missing, format!("{photo}: {name}")),
            Difference::Removed { photo, kind, text } => (
                &mut removed,
                format!("{photo}: {} \"{text}\"", kind_of(*kind)),
            ),
            Difference::WrongNote { photo, text } => {
                (&mut wrong, format!("{photo}: note \"{text}\""))
            }
            Difference::Public { photo, text } => (&mut public, format!("{photo}: \"{text}\"")),
            Difference::Outdated { photo, text } => (&mut outdated, format!("{photo}: \"{text}\"")),
            Difference::NoPhoto { photo } => (&mut gone, photo.to_string()),
        };
        list.push(format!("photo {text}"));
    }
    // Tags, notes or people.
    let some = ("item", "items");
    for (label, (one, more), what, list) in [
        (
            "missing",
            ("tag", "tags"),
            format!(" not written yet; run `{TagPhotos}` to write what fits"),
            missing,
        ),
        (
            "removed",
            some,
            " on Flickr; not added again unless --again".to_owned(),
            removed,
        ),
        (
            "wrong notes",
            ("note", "notes"),
            format!(
                " on faces with another name now, or none; `{TagPhotos} --notes` corrects them"
            ),
            wrong,
        ),
        (
            "public",
            some,
            format!(" on photos that are public now; `{TagPhotos} undo --public` removes them"),
            public,
        ),
        (
            "outdated",
            some,
            format!(" no longer in tags.json; `{TagPhotos} undo --outdated` removes them"),
            outdated,
        ),
        (
            "no photo",
            ("photo", "photos"),
            " not in your account".to_owned(),
            gone,
        ),
    ] {
        let number = count(list.len() as u64, one, more);
        if !list.is_empty() {
            text += &line(label, number + &what);
        }
        for item in list {
            text += &format!("  {}\n", one_line(&item));
        }
    }
    if !verified.end.failed.is_empty() {
        text += &failed(&verified.end.failed);
    }
    text += &line("API calls", grouped(verified.end.calls));
    text + &match (verified.end.is_whole(), verified.differences.is_empty()) {
        (false, _) => format!("Not all photos were compared: run `{TagPhotos} verify` again.\n"),
        (true, true) => "Flickr matches tags.json.\n".to_owned(),
        (true, false) => "Flickr and tags.json differ.\n".to_owned(),
    }
}

/// What an undo removed.
pub(crate) fn undone(undo: &Undo, undone: &Undone, full: Option<&Flickr>) -> String {
    let mut text = line("removed", counts(undone.removed));
    if undone.already_gone.total() > 0 {
        text += &line("already gone", counts(undone.already_gone));
    }
    if undone.rewritten.total() > 0 {
        let what = format!(
            "{}: somebody has written something else there",
            counts(undone.rewritten)
        );
        text += &line("left", what);
    }
    text += &failed(&undone.end.failed);
    if undone.checked > 0 {
        let still = match undone.still_there.len() {
            0 => "none".to_owned(),
            _ => counts(WriteCounts::of(&undone.still_there)),
        };
        let checked = count(undone.checked, "photo", "photos");
        text += &line("still there", format!("{still}, checked on {checked}"));
    }
    for write in &undone.still_there {
        text += &format!("  photo {}: \"{}\"\n", write.photo, one_line(&write.text));
    }
    text += &took(&undone.end);
    text += &plans::exceptions(&undo.exceptions(), full);
    text += &next(&undone.end, " undo");
    if undone.end.is_whole() && undone.removed.total() > 0 {
        text += &format!(
            "The next `{TagPhotos}` writes what tags.json holds: to keep names away, take them out\n\
             there, or give a person \"write\": false.\n"
        );
    }
    text
}

/// Photos that failed, with their reasons.
fn failed(failures: &[Failure]) -> String {
    let number = match failures.len() {
        0 => "none".to_owned(),
        number => count(number as u64, "photo", "photos"),
    };
    let mut text = line("failed", number);
    for Failure { photo, reason } in failures {
        text += &format!("  photo {photo}: {}\n", one_line(reason));
    }
    text
}

/// What a run took.
fn took(end: &RunEnd) -> String {
    let time = duration(Duration::from_secs_f64(end.seconds.max(0.0)));
    line("time", time) + &line("API calls", grouped(end.calls))
}

/// What is to be done next; `again` is the command that continues the run, if it has one.
fn next(end: &RunEnd, again: &str) -> String {
    let left = count(end.left, "photo", "photos");
    if end.stopped || end.error.is_some() {
        return format!("Stopped with {left} left. Run `{TagPhotos}{again}` again to continue.\n");
    }
    match end.failed.is_empty() {
        true => String::new(),
        false => format!("Run `{TagPhotos}{again}` again to try what failed.\n"),
    }
}
