//! What the owner, or somebody else, does on Flickr's pages.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::annotations::{Note, NoteRect};
use crate::photo::{Photo, Visibility};
use crate::picture::Picture;
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
    /// Says who sees the photo.
    SetVisibility {
        /// Everyone.
        is_public: bool,
        /// Friends, where not everyone does.
        is_friend: bool,
        /// Family, where not everyone does.
        is_family: bool,
    },
    /// Replaces the picture: the photo keeps its id and all that was added to
    /// it, its files get other addresses, and the old ones are gone.
    Replace {
        /// A JPEG or PNG file with the new picture; by default a pattern.
        #[serde(default)]
        file: Option<PathBuf>,
        /// Width of the pattern in pixels; by default as it is.
        #[serde(default)]
        width: Option<u32>,
        /// Height of the pattern in pixels; by default as it is.
        #[serde(default)]
        height: Option<u32>,
    },
    /// Turns the photo clockwise: its files get other addresses, and the old
    /// ones are gone.
    Turn {
        /// 90, 180 or 270.
        degrees: u32,
    },
    /// Deletes the photo: it is not listed, not found, and its files are gone.
    Delete,
}

impl Edit {
    /// Changes a photo; false where there is nothing to change, or a file cannot be read. `note` is
    /// the id of a new note. Photos are deleted by their library.
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
        let show = |photo: &mut Photo, public: bool, friends: bool, family: bool| {
            let visibility = Visibility {
                public,
                friends: friends && !public,
                family: family && !public,
            };
            std::mem::replace(&mut photo.visibility, visibility) != visibility
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
            Edit::SetPublic { public } => show(photo, *public, false, false),
            Edit::SetVisibility {
                is_public,
                is_friend,
                is_family,
            } => show(photo, *is_public, *is_friend, *is_family),
            Edit::Replace {
                file,
                width,
                height,
            } => {
                let (old_width, old_height) = photo.picture.stored;
                let picture = match file {
                    Some(path) => Picture::of_file(path).ok(),
                    None => Some(Picture::pattern(
                        width.unwrap_or(old_width),
                        height.unwrap_or(old_height),
                    )),
                };
                picture.map(|picture| photo.replace(picture)).is_some()
            }
            Edit::Turn { degrees } => {
                photo.turn(*degrees);
                true
            }
            Edit::Delete => false,
        };
        if changed {
            photo.touch();
        }
        changed
    }
}
