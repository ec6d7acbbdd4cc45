//! Lists and sentences about people, aligned for reading.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flickr_faces::store::{Entry, Kind, PersonRow, Undone};
use flickr_faces_terminal::text::{aligned, count, duration, grouped};

/// Everybody, one a line.
pub(super) fn list(people: &[PersonRow]) -> String {
    if people.is_empty() {
        return "Nobody has a name yet: run cluster-faces to give some.".to_owned();
    }
    let mut rows = vec![["", "Name", "Faces", "Photos", "On Flickr"].map(str::to_owned)];
    for (number, person) in (1..).zip(people) {
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
pub(super) fn journal(entries: &[Entry], now: i64) -> String {
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
        rows.push([entry.id.to_string(), ago(entry.made, now), faces, what]);
    }
    aligned(&rows, &[0, 2])
}

/// `3 min ago`.
fn ago(then: i64, now: i64) -> String {
    let seconds = u64::try_from(now - then).unwrap_or(0);
    format!("{} ago", duration(Duration::from_secs(seconds)))
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_secs()).unwrap_or(i64::MAX)
}

/// What undoing an entry did.
pub(super) fn undone(undone: &Undone) -> String {
    let mut text = format!("Undone: entry {}, {}.", undone.undoes, undone.what);
    if !undone.restored.is_empty() {
        let faces = count(undone.restored.len() as u64, "face is", "faces are");
        text += &format!(" {faces} as before.");
    }
    if !undone.decided_since.is_empty() {
        let faces = undone.decided_since.len() as u64;
        text += &format!(
            " {} decided again since, and {}.",
            count(faces, "face was", "faces were"),
            if faces == 1 { "stays so" } else { "stay so" }
        );
    }
    if undone.gone > 0 {
        text += &format!(
            " {} no longer there.",
            count(undone.gone, "face is", "faces are")
        );
    }
    for (wanted, has) in &undone.names_taken {
        text += &format!(" There is another {wanted} by now: the name is {has}.");
    }
    text + &format!(" --undo {} takes this back.", undone.entry)
}

/// What an entry is about, for programs.
pub(super) fn kind(kind: Kind) -> &'static str {
    kind.as_str()
}
