//! Words that plan, summaries and comparison share.

use std::fmt::Display;

use flickr_faces::{ids::PhotoId, steps::tagging::Skip, store::WriteKind};
use flickr_faces_terminal::text::{count, grouped};
use serde_json::{Value, json};

/// Ids that are shown where not all are asked for.
const SOME: usize = 5;

/// Width of the labels.
const LABEL: usize = 15;

/// `label` and what belongs to it, in two columns.
pub(crate) fn line(label: &str, text: &str) -> String {
    format!("{label:LABEL$}{text}\n")
}

/// `2 photos: 53000000001, 53000000008`, or the first five and how many more.
pub(crate) fn photos(ids: &[impl Display], all: bool) -> String {
    photos_that(ids, "", all)
}

/// The same with something said of them: `2 photos, which are public: ...`.
pub(crate) fn photos_that(ids: &[impl Display], what: &str, all: bool) -> String {
    let shown = if all { ids.len() } else { SOME.min(ids.len()) };
    let more = match ids.len() - shown {
        0 => String::new(),
        more => format!(" and {} more", grouped(more as u64)),
    };
    let some: Vec<_> = ids.iter().take(shown).map(ToString::to_string).collect();
    let number = photo_count(ids.len());
    format!("{number}{what}: {}{more}", some.join(", "))
}

pub(crate) fn photo_count(number: usize) -> String {
    count(number as u64, "photo", "photos")
}

/// Why photos are left out, said of one or more.
pub(crate) fn why(skip: Skip) -> &'static str {
    match skip {
        Skip::NeverWrite => "never written (\"write\": false in tags.json)",
        Skip::Public => "public (write_to = private)",
        Skip::TakenAway => "the tag was taken away on Flickr (--again writes it again)",
        Skip::Full { .. } => "no room for another tag",
        Skip::NotFound => "not in your account",
        Skip::NotYours => "another account's",
        Skip::Later => "beyond --limit",
    }
}

/// The same for programs.
pub(crate) fn reason(skip: Skip) -> Value {
    json!(match skip {
        Skip::NeverWrite => "never_write",
        Skip::Public => "public",
        Skip::TakenAway => "taken_away",
        Skip::Full { .. } => "full",
        Skip::NotFound => "not_found",
        Skip::NotYours => "not_yours",
        Skip::Later => "limit",
    })
}

pub(crate) fn kind(kind: WriteKind) -> &'static str {
    match kind {
        WriteKind::Tag => "tag",
        WriteKind::Note => "note",
        WriteKind::Member => "person",
    }
}

/// `3 tags, 2 notes and 1 person`; those that are none are left out, but never all.
pub(crate) fn things(tags: u64, notes: u64, people: u64) -> String {
    let mut parts = vec![count(tags, "tag", "tags")];
    if tags == 0 && notes + people > 0 {
        parts.clear();
    }
    if notes > 0 {
        parts.push(count(notes, "note", "notes"));
    }
    if people > 0 {
        parts.push(count(people, "person", "people"));
    }
    match parts.as_slice() {
        [one, two, three] => format!("{one}, {two} and {three}"),
        parts => parts.join(" and "),
    }
}

/// Photos that failed, with their reasons.
pub(crate) fn failed(photos: &[(PhotoId, String)]) -> String {
    let number = match photos.len() {
        0 => "none".to_owned(),
        number => photo_count(number),
    };
    let mut text = line("failed", &number);
    for (photo, reason) in photos {
        text += &format!("  photo {photo}: {reason}\n");
    }
    text
}

/// The same for programs.
pub(crate) fn failed_json(photos: &[(PhotoId, String)]) -> Value {
    let rows = photos
        .iter()
        .map(|(photo, reason)| json!({"photo": photo, "reason": reason}));
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_put_in_words() {
        assert_eq!(things(0, 0, 0), "0 tags");
        assert_eq!(things(1, 0, 0), "1 tag");
        assert_eq!(things(0, 2, 0), "2 notes");
        assert_eq!(things(3, 0, 1), "3 tags and 1 person");
        assert_eq!(things(3, 2, 1), "3 tags, 2 notes and 1 person");
        let ids = ["1", "2", "3", "4", "5", "6", "7"];
        assert_eq!(photos(&ids[..1], false), "1 photo: 1");
        assert_eq!(photos(&ids, false), "7 photos: 1, 2, 3, 4, 5 and 2 more");
        assert_eq!(photos(&ids, true), "7 photos: 1, 2, 3, 4, 5, 6, 7");
    }
}
