//! Lists of people and of decisions, aligned for reading.

use std::time::{Duration, SystemTime};

use flickr_faces::{
    programs::Program,
    steps::people::Listed,
    store::{Entry, PersonRow},
    text::grouped,
};
use flickr_faces_terminal::text::{aligned, duration};

/// What is said where no one is listed.
pub(super) fn nobody(word: &str) -> String {
    match word.trim() {
        "" => format!(
            "No one has a name yet: run `{}` to give some.",
            Program::ClusterFaces
        ),
        word => format!("No one has {word:?} in their name."),
    }
}

/// People, one a line.
pub(super) fn list(people: &[Listed]) -> String {
    let mut rows = vec![["", "Name", "Faces", "Photos", "On Flickr"].map(str::to_owned)];
    for Listed { number, person } in people {
        rows.push([
            grouped(number),
            person.name.clone(),
            grouped(person.faces),
            grouped(person.photos),
            on_flickr(person),
        ]);
    }
    aligned(&rows, &[0, 2, 3])
}

/// What is written of a person, and who they are there.
fn on_flickr(person: &PersonRow) -> String {
    let tag = match (&person.tag, person.never_write) {
        (_, true) => "never written".to_owned(),
        (Some(tag), false) => format!("tag {tag:?}"),
        (None, false) => String::new(),
    };
    match &person.nsid {
        Some(nsid) if tag.is_empty() => format!("member {nsid}"),
        Some(nsid) => format!("{tag}, member {nsid}"),
        None => tag,
    }
}

/// Entries of the journal, one a line.
pub(super) fn journal(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return "Nothing has been decided yet.".to_owned();
    }
    let mut rows = vec![["Entry", "When", "Faces", "What"].map(str::to_owned)];
    for entry in entries {
        let mut what = match entry.undoes {
            Some(undoes) => format!("undid {undoes}: {}", entry.what),
            None => entry.what.clone(),
        };
        if entry.undone {
            what += " (undone)";
        }
        let faces = match entry.faces {
            0 => String::new(),
            faces => grouped(faces),
        };
        rows.push([entry.id.to_string(), ago(entry.made), faces, what]);
    }
    aligned(&rows, &[0, 2])
}

/// `3 min ago`; `then` is in seconds since 1970.
fn ago(then: i64) -> String {
    let made = SystemTime::UNIX_EPOCH + Duration::from_secs(then.unsigned_abs());
    let since = made.elapsed().unwrap_or_default();
    format!("{} ago", duration(since))
}
