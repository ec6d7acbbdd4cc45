//! How results are laid out.

use std::fmt::Display;

use flickr_faces::{steps::tagging::WriteCounts, store::WriteKind};
use flickr_faces_terminal::text::{count, grouped, one_line};

/// Width of the labels.
pub(crate) const LABEL: usize = 15;

/// `label` and what belongs to it, in two columns.
pub(crate) fn line(label: &str, text: impl Display) -> String {
    format!("{label:LABEL$}{text}\n")
}

/// The number of `items` and what they are, then one on each line; nothing where there are none.
pub(crate) fn items(label: &str, what: &str, items: impl IntoIterator<Item = String>) -> String {
    let items: Vec<String> = items.into_iter().collect();
    if items.is_empty() {
        return String::new();
    }
    let mut text = line(label, grouped(items.len() as u64) + what);
    for item in items {
        text += &format!("  {}\n", one_line(&item));
    }
    text
}

/// The word for a kind.
pub(crate) fn kind_of(kind: WriteKind) -> &'static str {
    match kind {
        WriteKind::Tag => "tag",
        WriteKind::Note => "note",
        WriteKind::Member => "person",
    }
}

/// `3 tags, 2 notes and 1 person`; kinds without any are left out, but never all.
pub(crate) fn counts(counts: WriteCounts) -> String {
    let kinds = [
        (counts.tags, "tag", "tags"),
        (counts.notes, "note", "notes"),
        (counts.members, "person", "people"),
    ];
    let mut parts: Vec<_> = (kinds.into_iter().filter(|kind| kind.0 > 0))
        .map(|(number, one, more)| count(number, one, more))
        .collect();
    let last = parts.pop().unwrap_or_else(|| "0 tags".to_owned());
    match parts.as_slice() {
        [] => last,
        parts => format!("{} and {last}", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_put_in_words() {
        let text = |tags, notes, members| {
            counts(WriteCounts {
                tags,
                notes,
                members,
            })
        };
        assert_eq!(text(0, 0, 0), "0 tags");
        assert_eq!(text(1, 0, 0), "1 tag");
        assert_eq!(text(0, 2, 0), "2 notes");
        assert_eq!(text(3, 0, 1), "3 tags and 1 person");
        assert_eq!(text(3, 2, 1), "3 tags, 2 notes and 1 person");
    }
}
