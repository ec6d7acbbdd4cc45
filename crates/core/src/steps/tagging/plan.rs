//! What each photo lacks, and why others are left out. Writes nothing.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{
    super::StepError,
    Wish,
    account::{self, Seen},
    journal::{Journal, note_item},
    maker::Maker,
};
use crate::{
    config::WriteTo,
    faces::Rect,
    flickr::Flickr,
    naming::{PhotoId, tag_text::clean_tag, tags_file::Person},
    progress::Progress,
    store::{FlickrWrite, Store, WriteKind},
};

/// What is to be written, person by person and photo by photo.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// Everybody the run is about, in the order of tags.json.
    pub people: Vec<PersonPlan>,
    /// Photos that lack something, in the order of their ids.
    pub photos: Vec<PhotoPlan>,
    /// What was written before and tags.json asks for no longer: it stays on Flickr.
    pub outdated: Vec<FlickrWrite>,
    /// What the journal learns by this plan.
    pub(super) settled: Vec<FlickrWrite>,
    pub(super) write_to: Option<WriteTo>,
}

/// What is to become of one person's photos. Ids are Flickr's; each photo is in one list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonPlan {
    /// The name.
    pub name: String,
    /// The text of the tag.
    pub tag: String,
    /// Whether nothing of them may be written; then all photos are left out.
    pub never_write: bool,
    /// Photos to tag.
    pub add: Vec<PhotoId>,
    /// Photos that have the tag from an earlier run.
    pub written: Vec<PhotoId>,
    /// Photos that had the tag before.
    pub present: Vec<PhotoId>,
    /// Photos left out.
    pub skipped: Vec<(PhotoId, Skip)>,
    /// Notes, where they are asked for.
    pub notes: Option<Extra>,
    /// The member of Flickr on the photos, where that is asked for and they are one.
    pub member: Option<Extra>,
}

/// Notes on a person's faces, or the member on their photos.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extra {
    /// Photos to write to; one that gets two notes is here twice.
    pub add: Vec<PhotoId>,
    /// There from an earlier run, or taken away on Flickr since.
    pub done: u64,
    /// Photos without a known face of theirs, which a note needs.
    pub no_face: u64,
    /// Left out with their photo.
    pub skipped: u64,
}

/// Why a photo is left out for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Skip {
    /// The person is never to be written.
    NeverWrite,
    /// Everybody may see it, and `write_to` is `private`.
    Public,
    /// Somebody took the tag away on Flickr.
    TakenAway,
    /// It has as many tags as Flickr allows, or the other names fill it.
    Full {
        /// Tags it has.
        has: usize,
    },
    /// The account does not have it.
    NotFound,
    /// It is another account's.
    NotYours,
    /// It is beyond the number of photos that was asked for.
    Later,
}

impl Skip {
    /// Whether something that was asked for cannot be had: then a run is not all well.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Full { .. } | Self::NotFound | Self::NotYours)
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
    pub notes: Vec<Planned>,
    /// Members to add.
    pub members: Vec<Planned>,
    pub(super) medium: Option<(u32, u32)>,
}

/// A note or a member to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What is written.
    pub write: FlickrWrite,
    /// Where the face is; a member can do without.
    pub spot: Option<Spot>,
    /// Whether an earlier run had begun it, so that it may be on Flickr already.
    pub begun: bool,
}

/// A face's place in the processed image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    /// Its box in pixels.
    pub rect: Rect,
    /// The image's width and height.
    pub image: (u32, u32),
}

impl PhotoPlan {
    pub(super) fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.notes.is_empty() && self.members.is_empty()
    }

    /// Calls that writing it takes, those that look before among them.
    pub(super) fn calls(&self) -> u64 {
        let looks = |of: usize| if of > 0 { 1 + of as u64 } else { 0 };
        let sizes = u64::from(self.medium.is_none() && self.has_places());
        u64::from(!self.tags.is_empty())
            + looks(self.notes.len())
            + looks(self.members.len())
            + sizes
    }

    fn has_places(&self) -> bool {
        !self.notes.is_empty() || self.members.iter().any(|member| member.spot.is_some())
    }
}

impl Plan {
    /// Tags to add, over all photos.
    pub fn tags(&self) -> u64 {
        self.photos
            .iter()
            .map(|photo| photo.tags.len() as u64)
            .sum()
    }

    /// Notes to add.
    pub fn notes(&self) -> u64 {
        let notes = self.photos.iter().map(|photo| photo.notes.len() as u64);
        notes.sum()
    }

    /// Members of Flickr to add to photos.
    pub fn members(&self) -> u64 {
        let members = self.photos.iter().map(|photo| photo.members.len() as u64);
        members.sum()
    }

    /// Calls that carrying it out takes, if all goes well.
    pub fn calls(&self) -> u64 {
        self.photos.iter().map(PhotoPlan::calls).sum()
    }

    /// Tags that need not be added: from an earlier run or there before.
    pub fn there(&self) -> u64 {
        let people = self.people.iter();
        people
            .map(|person| (person.written.len() + person.present.len()) as u64)
            .sum()
    }

    /// Photos by the reason they are left out for somebody, each once for a reason.
    pub fn skipped(&self) -> BTreeMap<Skip, Vec<&PhotoId>> {
        let mut all: BTreeMap<Skip, BTreeSet<&PhotoId>> = BTreeMap::new();
        for (photo, skip) in self.people.iter().flat_map(|person| &person.skipped) {
            // How many tags each full photo has is told per person.
            let skip = match skip {
                Skip::Full { .. } => Skip::Full { has: 0 },
                other => *other,
            };
            all.entry(skip).or_default().insert(photo);
        }
        all.into_iter()
            .map(|(skip, photos)| (skip, photos.into_iter().collect()))
            .collect()
    }

    /// Whether public photos were left alone.
    pub fn spares_public(&self) -> bool {
        self.write_to == Some(WriteTo::Private)
    }

    /// Reads tags.json, the journal and the account's tags, and says what is lacking.
    ///
    /// # Errors
    /// Where tags.json is damaged or another account's, names somebody that it does not have, or
    /// Flickr cannot be read.
    pub async fn make(
        wish: &Wish<'_>,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<Self, StepError> {
        let maker = Maker::new(wish, store, flickr.nsid()).await?;
        let journal = &maker.journal;
        let doubt = |photo: &PhotoId, seen: &Seen| journal.lacks(photo, seen);
        let looks = account::look(flickr, store, &maker.open(), &doubt, progress).await?;
        Ok(maker.finish(&looks))
    }
}

/// What Flickr has from us and tags.json asks for no longer.
pub(super) fn outdated(journal: &Journal, people: &[Person]) -> Vec<FlickrWrite> {
    let mut wanted: HashSet<(WriteKind, &PhotoId, String)> = HashSet::new();
    for person in people.iter().filter(|person| person.write) {
        for photo in &person.photos {
            wanted.insert((WriteKind::Tag, photo, clean_tag(person.tag_text())));
            wanted.insert((WriteKind::Note, photo, note_item(person, 0)));
            if let Some(nsid) = &person.nsid {
                wanted.insert((WriteKind::Member, photo, nsid.clone()));
            }
        }
    }
    let mut outdated: Vec<_> = (journal.iter())
        .filter(|write| {
            // A second note of the same person has the first one's item with a number.
            let item = write.item.split('#').next().unwrap_or_default().to_owned();
            write.state.is_ours() && !wanted.contains(&(write.kind, &write.photo, item))
        })
        .cloned()
        .collect();
    outdated.sort_by(|a, b| (&a.photo, a.kind, &a.item).cmp(&(&b.photo, b.kind, &b.item)));
    outdated
}
