//! The journal of writes, looked up by what was written where.

use std::collections::HashMap;

use super::account::Seen;
use crate::{
    naming::{PhotoId, tag_text::clean_tag, tags_file::Person},
    store::{FlickrWrite, Store, StoreError, WriteKind, WriteState},
};

/// Entries, photo by photo.
pub(super) struct Journal(HashMap<PhotoId, Vec<FlickrWrite>>);

impl Journal {
    pub(super) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut photos: HashMap<PhotoId, Vec<FlickrWrite>> = HashMap::new();
        for write in store.flickr_writes().await? {
            photos.entry(write.photo.clone()).or_default().push(write);
        }
        Ok(Self(photos))
    }

    pub(super) fn of(&self, photo: &PhotoId) -> &[FlickrWrite] {
        self.0.get(photo).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(&self, kind: WriteKind, photo: &PhotoId, item: &str) -> Option<&FlickrWrite> {
        let mut entries = self.of(photo).iter();
        entries.find(|write| write.kind == kind && write.item == item)
    }

    pub(super) fn state(&self, kind: WriteKind, photo: &PhotoId, item: &str) -> Option<WriteState> {
        self.get(kind, photo, item).map(|write| write.state)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &FlickrWrite> {
        self.0.values().flatten()
    }

    /// Photos that have, or may have, something that we know of.
    pub(super) fn photos(&self) -> impl Iterator<Item = PhotoId> {
        let known = |write: &FlickrWrite| should_be_there(write.state);
        (self.0.iter())
            .filter(move |(_, writes)| writes.iter().any(known))
            .map(|(photo, _)| photo.clone())
    }

    /// Whether a tag is missing that should be there.
    pub(super) fn lacks(&self, photo: &PhotoId, seen: &Seen) -> bool {
        (self.of(photo).iter())
            .filter(|write| write.kind == WriteKind::Tag && should_be_there(write.state))
            .any(|write| !seen.has(&write.item))
    }
}

pub(super) fn should_be_there(state: WriteState) -> bool {
    state.is_ours() || state == WriteState::Preexisting
}

/// A write that is about to be made.
pub(super) fn new_write(kind: WriteKind, photo: &PhotoId, item: String, text: &str) -> FlickrWrite {
    FlickrWrite {
        kind,
        photo: photo.clone(),
        item,
        text: text.to_owned(),
        people: Vec::new(),
        place: None,
        state: WriteState::Begun,
        flickr_id: None,
        error: None,
    }
}

/// What a note calls a person: the text of their tag, for an alias is there to be used; of a machine
/// tag its value.
pub(super) fn shown(person: &Person) -> &str {
    let text = person.tag_text();
    let clean = clean_tag(text);
    let value = text.split_once('=').map(|(_, value)| value.trim());
    match value {
        // Only a machine tag keeps its two marks.
        Some(value) if clean.contains('=') && !value.is_empty() => value,
        _ => text,
    }
}

/// The item of a person's note on a photo; `number` counts the person's faces there from 0. The box
/// is no part of it: a face that is found again lies a little elsewhere.
pub(super) fn note_item(person: &Person, number: usize) -> String {
    let name = clean_tag(shown(person));
    match number {
        0 => name,
        more => format!("{name}#{}", more + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naming::Name;

    #[test]
    fn notes_say_what_the_tag_says() {
        let cases = [
            (None, "Ada Lovelace", "adalovelace"),
            (Some("Ada at home"), "Ada at home", "adaathome"),
            (Some("people:name=Ada L."), "Ada L.", "adal"),
            (Some("people:name=???"), "???", ""),
            (Some("a=b"), "a=b", "ab"),
        ];
        for (tag, text, item) in cases {
            let person = Person {
                name: Name::new("Ada Lovelace").unwrap(),
                tag: tag.map(|tag| Name::new(tag).unwrap()),
                write: true,
                nsid: None,
                photos: Default::default(),
            };
            assert_eq!(shown(&person), text);
            assert_eq!(note_item(&person, 0), item);
            assert_eq!(note_item(&person, 1), format!("{item}#2"));
        }
    }
}
