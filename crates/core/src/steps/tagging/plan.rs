//! What each photo lacks, and why others are skipped.

use std::collections::HashSet;

use serde::{Serialize, Serializer};

use super::{
    account::RemotePhoto,
    journal::{Failure, WriteCounts},
    people::{NameSource, NamedPerson},
    selection::Selection,
};
use crate::{
    config::WriteTo, faces::FaceBox, ids::PhotoId, naming::tag_text::clean_tag, store::FlickrWrite,
};

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct TagOptions<'a> {
    /// Where the names come from.
    pub names: &'a NameSource,
    /// Which photos may get names.
    pub write_to: WriteTo,
    /// Tags that a photo can have.
    pub max_tags: usize,
    /// Which people it is about, and what it writes.
    pub selection: &'a Selection,
}

/// What is to be written, by person and by photo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Everyone the run is about, in the order of their names.
    pub people: Vec<PersonPlan>,
    /// Photos that lack something, in the order of their ids.
    pub photos: Vec<PhotoPlan>,
    /// What was written before and no name asks for any more: it stays on Flickr.
    pub outdated: Vec<FlickrWrite>,
    /// Notes of ours that are on faces with another name now, or with none; where notes are selected, each
    /// photo's plan removes them.
    pub wrong: Vec<FlickrWrite>,
    /// Photos that cannot be read, each once.
    pub unreadable: Vec<Failure>,
    /// What Flickr refused for good in an earlier run.
    pub refused: Vec<FlickrWrite>,
    /// Whether public photos are skipped.
    pub skips_public: bool,
    /// What the journal learns by this plan.
    pub(super) settled: Vec<FlickrWrite>,
}

/// What is to become of one person's photos. Each photo is in one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonPlan {
    /// The name.
    pub name: String,
    /// The text of the tag.
    pub tag: String,
    /// Whether nothing of them may be written; then all photos are skipped.
    pub never_write: bool,
    /// Photos to tag.
    pub add: Vec<PhotoId>,
    /// Photos that have the tag from an earlier run.
    pub written: Vec<PhotoId>,
    /// Photos that had the tag before.
    pub present: Vec<PhotoId>,
    /// Photos that are skipped.
    pub skipped: Vec<SkippedPhoto>,
    /// Notes, if selected.
    pub notes: Option<NoteCounts>,
    /// The member of Flickr on the photos, if selected and they are one.
    pub member: Option<NoteCounts>,
}

/// Notes on a person's faces, or the member on their photos.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct NoteCounts {
    /// Photos to write to; one that gets two notes is here twice.
    pub add: Vec<PhotoId>,
    /// There from an earlier run, or removed on Flickr since.
    pub done: u64,
    /// Photos without a known face of theirs, which a note needs.
    pub no_face: Vec<PhotoId>,
    /// Skipped with their photo.
    pub skipped: u64,
    /// Refused by Flickr for good.
    pub refused: u64,
}

/// A photo that is skipped for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SkippedPhoto {
    /// Flickr's photo id.
    pub photo: PhotoId,
    /// Why.
    pub reason: Skip,
}

/// Why a photo is skipped for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// The person is never to be written.
    NeverWrite,
    /// It is public, and `write_to` is `private`.
    Public,
    /// The tag was removed on Flickr.
    RemovedByUser,
    /// It has as many tags as Flickr allows, or the other names fill it.
    TagLimit {
        /// Tags it has.
        has: usize,
    },
    /// The account does not have it.
    NotFound,
    /// It is another account's.
    Foreign,
    /// Flickr fails whenever it is asked for.
    Unreadable,
    /// Flickr refused the tag for good.
    Refused,
    /// It is beyond the selected number of photos.
    OverLimit,
}

impl Skip {
    /// Whether the person asked for something that is not possible.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::TagLimit { .. }
                | Self::NotFound
                | Self::Foreign
                | Self::Unreadable
                | Self::Refused
        )
    }

    pub(super) fn of(self, photo: &PhotoId) -> SkippedPhoto {
        SkippedPhoto {
            photo: photo.clone(),
            reason: self,
        }
    }

    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NeverWrite => "never_write",
            Self::Public => "public",
            Self::RemovedByUser => "taken_away",
            Self::TagLimit { .. } => "full",
            Self::NotFound => "not_found",
            Self::Foreign => "not_yours",
            Self::Unreadable => "unreadable",
            Self::Refused => "refused",
            Self::OverLimit => "limit",
        }
    }
}

impl Serialize for Skip {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// What one photo lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoPlan {
    /// Flickr's photo id.
    pub photo: PhotoId,
    /// The tags to add, all with one call.
    pub tags: Vec<FlickrWrite>,
    /// Notes to add.
    pub notes: Vec<PlannedWrite>,
    /// Members to add.
    pub members: Vec<PlannedWrite>,
    /// Notes of ours to remove: on faces that have another name now, or none.
    pub wrong: Vec<FlickrWrite>,
    pub(super) medium: Option<(u32, u32)>,
    /// Whether an earlier run had no success with it.
    pub(super) failed_before: bool,
}

/// A note or a member to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedWrite {
    /// What is written.
    pub write: FlickrWrite,
    /// Where the face is; a member can do without.
    pub face: Option<FaceBox>,
    /// Whether an earlier run had begun it, so that it may be on Flickr already.
    pub begun: bool,
}

impl PersonPlan {
    pub(super) fn new(person: &NamedPerson, selection: &Selection) -> Self {
        let entry = &person.entry;
        let counts = |selected: bool| (selected && entry.write).then(NoteCounts::default);
        let never_written = entry.photos.iter().filter(|_| !entry.write);
        Self {
            name: entry.name.to_string(),
            tag: entry.tag_text().to_owned(),
            never_write: !entry.write,
            add: Vec::new(),
            written: Vec::new(),
            present: Vec::new(),
            skipped: never_written
                .map(|photo| Skip::NeverWrite.of(photo))
                .collect(),
            notes: counts(selection.notes),
            member: counts(selection.members && entry.nsid.is_some()),
        }
    }
}

impl PhotoPlan {
    pub(super) fn new(photo: &PhotoId, remote: Option<&RemotePhoto>) -> Self {
        Self {
            photo: photo.clone(),
            tags: Vec::new(),
            notes: Vec::new(),
            members: Vec::new(),
            wrong: Vec::new(),
            failed_before: false,
            medium: match remote {
                Some(RemotePhoto::Owned(state)) => state.medium,
                _ => None,
            },
        }
    }

    /// Everything that it lacks.
    pub fn writes(&self) -> impl Iterator<Item = &FlickrWrite> {
        let planned = self.notes.iter().chain(&self.members);
        self.tags
            .iter()
            .chain(planned.map(|planned| &planned.write))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.writes().next().is_none() && self.wrong.is_empty()
    }

    /// Calls that writing it takes, those that look before among them.
    pub(super) fn calls(&self) -> u64 {
        let mut planned = self.notes.iter().chain(&self.members);
        let sizes = self.medium.is_none() && planned.any(|planned| planned.face.is_some());
        // Each photo is looked at right before it is written to.
        1 + u64::from(!self.tags.is_empty())
            + (self.wrong.len() + self.notes.len() + self.members.len()) as u64
            + u64::from(!self.members.is_empty())
            + u64::from(sizes)
    }
}

impl Plan {
    /// What is to be added, over all photos.
    pub fn counts(&self) -> WriteCounts {
        WriteCounts::of(self.photos.iter().flat_map(PhotoPlan::writes))
    }

    /// Notes that are to be removed, over all photos.
    pub fn corrections(&self) -> u64 {
        self.photos
            .iter()
            .map(|photo| photo.wrong.len() as u64)
            .sum()
    }

    /// Calls that applying it takes if all goes well.
    pub fn calls(&self) -> u64 {
        self.photos.iter().map(PhotoPlan::calls).sum()
    }

    /// Tags that need not be added: from an earlier run or there before. One that stands for two people
    /// is one tag.
    pub fn already_there(&self) -> u64 {
        let tags = self.people.iter().flat_map(|person| {
            let key = clean_tag(&person.tag);
            let photos = person.written.iter().chain(&person.present);
            photos.map(move |photo| (photo, key.clone()))
        });
        tags.collect::<HashSet<_>>().len() as u64
    }
}
