//! What the owner, or somebody else, does on Flickr's pages.

use serde::{Deserialize, Serialize};

use crate::annotations::{Note, NoteRect};
use crate::photo::Photo;
use crate::tags::{self, CleanRule, Tag};

/// A change that nobody makes through the API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Edit {
    /// Sets a tag, unless its clean form is there.
    AddTag {
        /// The text.
        raw: String,
        /// Another member does, not the owner.
        #[serde(default)]
        by_other: bool,
    },
    /// Takes the tag with this text away.
    RemoveTag {
        /// The text.
        raw: String,
    },
    /// Takes the tag with this text away and sets another.
    RewriteTag {
        /// The text that is there.
        raw: String,
        /// The new text.
        to: String,
    },
    /// Writes a note.
    AddNote {
        /// Where.
        rect: NoteRect,
        /// What it says.
        text: String,
    },
    /// Changes the first note with this text.
    RewriteNote {
        /// What it says.
        text: String,
        /// What it is to say.
        to: String,
    },
    /// Deletes the first note with this text.
    RemoveNote {
        /// What it says.
        text: String,
    },
    /// Makes the photo public or private.
    SetPublic {
        /// Whether everyone is to see it.
        public: bool,
    },
}

impl Edit {
    /// Changes a photo; false where there is nothing to change. `note` is the id of a new note.
    pub(crate) fn make(
        &self,
        photo: &mut Photo,
        note: String,
        limit: usize,
        rule: CleanRule,
    ) -> bool {
        let set = |photo: &mut Photo, raw: &String, by_other: bool| {
            let before = photo.tags.len();
            tags::add(&mut photo.tags, std::slice::from_ref(raw), limit, rule);
            let new = photo.tags.get_mut(before);
            new.map(|tag| tag.by_other = by_other).is_some()
        };
        let tag = |photo: &Photo, raw: &str| photo.tags.iter().position(|tag: &Tag| tag.raw == raw);
        let noted = |photo: &Photo, text: &str| photo.notes.iter().position(|n| n.text == text);
        let changed = match self {
            Edit::AddTag { raw, by_other } => set(photo, raw, *by_other),
            Edit::RemoveTag { raw } => tag(photo, raw).map(|at| photo.tags.remove(at)).is_some(),
            Edit::RewriteTag { raw, to } => tag(photo, raw).is_some_and(|at| {
                photo.tags.remove(at);
                set(photo, to, false)
            }),
            Edit::AddNote { rect, text } => {
                photo.notes.push(Note {
                    id: note,
                    rect: *rect,
                    text: text.clone(),
                });
                true
            }
            Edit::RewriteNote { text, to } => noted(photo, text).is_some_and(|at| {
                let note = photo.notes.get_mut(at);
                note.map(|note| note.text.clone_from(to)).is_some()
            }),
            Edit::RemoveNote { text } => noted(photo, text)
                .map(|at| photo.notes.remove(at))
                .is_some(),
            Edit::SetPublic { public } => std::mem::replace(&mut photo.private, !public) == *public,
        };
        photo.touch();
        changed
    }
}
