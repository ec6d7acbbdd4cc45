//! One thing that is written to Flickr, and how far it has come.

use serde::Serialize;

use crate::{flickr::NoteRect, ids::PhotoId};

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WriteKind {
    /// A tag of a photo.
    Tag,
    /// A note on a photo.
    Note,
    /// A member of Flickr who is on a photo.
    #[serde(rename = "person")]
    Member,
}

/// How far an entry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteState {
    /// Nothing was done: it has no entry yet.
    Planned,
    /// The call was about to be made: after a stop it must be looked up whether it was.
    Begun,
    /// Flickr has it from us.
    Added,
    /// It was on the photo before.
    Preexisting,
    /// Flickr refused it.
    Failed,
    /// The call to remove it was about to be made.
    Removing,
    /// We removed it again.
    Removed,
    /// It was removed on Flickr.
    RemovedElsewhere,
}

/// One thing written to one photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlickrWrite {
    /// What it is.
    pub kind: WriteKind,
    /// Flickr's photo id.
    pub photo: PhotoId,
    /// Tells it from others of its kind on the photo: a tag's text; a note's face and text; a member's
    /// NSID.
    pub item: String,
    /// The text as it is written.
    pub text: String,
    /// The clean form that Flickr gave the tag, once a reply has shown it.
    pub clean: Option<String>,
    /// Names of the people it stands for; none where it is older than this column.
    pub people: Vec<String>,
    /// Where it is on the photo, if it has a place.
    pub place: Option<NoteRect>,
    /// How far it has come.
    pub state: WriteState,
    /// Flickr's id, where it is known: of a tag the full id, which removing it needs.
    pub flickr_id: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// Flickr's error code where it refused for good: it is not asked again.
    pub code: Option<i64>,
    /// When its entry was last changed, in seconds since 1970; 0 before it has one.
    pub written: i64,
}

impl FlickrWrite {
    /// Whether Flickr refused it for good.
    pub fn is_refused(&self) -> bool {
        self.state == WriteState::Failed && self.code.is_some()
    }
}

impl WriteKind {
    pub(super) const ALL: [(Self, &str); 3] = [
        (Self::Tag, "tag"),
        (Self::Note, "note"),
        (Self::Member, "member"),
    ];
}

impl WriteState {
    pub(super) const ALL: [(Self, &str); 7] = [
        (Self::Begun, "begun"),
        (Self::Added, "added"),
        (Self::Preexisting, "present"),
        (Self::Failed, "failed"),
        (Self::Removing, "removing"),
        (Self::Removed, "removed"),
        (Self::RemovedElsewhere, "gone"),
    ];

    /// Whether Flickr has, or may have, something from us.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Begun | Self::Added | Self::Removing)
    }
}

/// The word of a value in one of the two lists above; the columns' checks leave no others.
pub(super) fn word<T: Copy + PartialEq>(all: &[(T, &'static str)], value: T) -> &'static str {
    let found = all.iter().find(|(known, _)| *known == value);
    found.map_or("", |(_, word)| word)
}

pub(super) fn value<T: Copy>(all: &[(T, &str)], word: &str, otherwise: T) -> T {
    let found = all.iter().find(|(_, known)| *known == word);
    found.map_or(otherwise, |(value, _)| *value)
}

pub(super) fn place_text(place: NoteRect) -> String {
    format!("{},{},{},{}", place.x, place.y, place.w, place.h)
}

pub(super) fn read_place(text: &str) -> Option<NoteRect> {
    let mut sides = text.split(',').map(|side| side.parse().ok());
    let mut next = || sides.next().flatten();
    Some(NoteRect {
        x: next()?,
        y: next()?,
        w: next()?,
        h: next()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_as_text() {
        let place = NoteRect {
            x: 0,
            y: 7,
            w: 120,
            h: 99,
        };
        assert_eq!(read_place(&place_text(place)), Some(place));
        assert_eq!(read_place("1,2,3"), None);
        assert_eq!(read_place("1,2,3,x"), None);
    }
}
