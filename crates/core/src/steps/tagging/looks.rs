//! What of ours is on a photo: asked for once, compared by id and text.

use super::account::{self, settle};
use crate::{
    flickr::{self, Flickr, Note, PhotoInfo, Tag, is_same_text},
    ids::PhotoId,
    store::{FlickrWrite, WriteKind},
};

/// What a photo has on Flickr, asked for once.
#[derive(Default)]
pub(super) struct Looks {
    info: Option<Option<PhotoInfo>>,
    members: Option<Vec<String>>,
}

/// What became of something that we wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// It is there, under this id.
    Ours(String),
    /// Somebody has put another text in its place.
    Rewritten,
    /// It is not there, or the photo is not.
    Gone,
}

impl Looks {
    /// Whether nothing was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.info.is_none() && self.members.is_none()
    }

    /// Everything about the photo but its members; `None` where Flickr does not have it.
    pub(super) async fn info(
        &mut self,
        flickr: &Flickr,
        photo: &PhotoId,
    ) -> Result<Option<&PhotoInfo>, flickr::Error> {
        if self.info.is_none() {
            self.info = Some(account::info(flickr, photo).await?);
        }
        Ok(self.info.as_ref().and_then(Option::as_ref))
    }

    /// NSIDs of the members on the photo.
    pub(super) async fn members(
        &mut self,
        flickr: &Flickr,
        photo: &PhotoId,
    ) -> Result<&[String], flickr::Error> {
        if self.members.is_none() {
            self.members = Some(match flickr.photos_people_get_list(photo).await {
                Err(flickr::Error::Api { code: 1 | 2, .. }) => Vec::new(),
                other => other?,
            });
        }
        Ok(self.members.as_deref().unwrap_or_default())
    }

    /// What became of `write`: one call for all tags and notes of the photo, one for all members.
    pub(super) async fn find(
        &mut self,
        flickr: &Flickr,
        write: &FlickrWrite,
    ) -> Result<Found, flickr::Error> {
        if write.kind == WriteKind::Member {
            let there = self
                .members(flickr, &write.photo)
                .await?
                .contains(&write.item);
            return Ok(match there {
                true => Found::Ours(write.item.clone()),
                false => Found::Gone,
            });
        }
        let info = self.info(flickr, &write.photo).await?;
        Ok(info.map_or(Found::Gone, |info| match write.kind {
            WriteKind::Tag => find_tag(write, &info.tags, flickr.nsid()),
            _ => find_note(write, &info.notes, flickr.nsid()),
        }))
    }

    /// As [`Self::find`]; where that is `unlikely` and was written just now, again when all of Flickr's
    /// servers have heard of it.
    pub(super) async fn find_surely(
        &mut self,
        flickr: &Flickr,
        write: &FlickrWrite,
        unlikely: fn(&Found) -> bool,
    ) -> Result<Found, flickr::Error> {
        let found = self.find(flickr, write).await?;
        if unlikely(&found) && settle(flickr, write.written).await {
            *self = Self::default();
            return self.find(flickr, write).await;
        }
        Ok(found)
    }
}

impl Found {
    pub(super) fn is_ours(&self) -> bool {
        matches!(self, Self::Ours(_))
    }

    pub(super) fn is_not_ours(&self) -> bool {
        !self.is_ours()
    }
}

/// Whether a tag says what we wrote, and nobody else wrote it.
pub(super) fn is_our_tag(write: &FlickrWrite, tag: &Tag, nsid: &str) -> bool {
    !tag.full_id.is_empty() && is_own(&tag.author, nsid) && is_same_text(&write.text, &tag.raw)
}

fn is_own(author: &str, nsid: &str) -> bool {
    author.is_empty() || author == nsid
}

/// The tag that an entry of the journal stands for: by text and author. The id is that of the clean form:
/// another text may have it.
fn find_tag(write: &FlickrWrite, tags: &[Tag], nsid: &str) -> Found {
    let ours = tags.iter().find(|tag| is_our_tag(write, tag, nsid));
    let same_id = |tag: &Tag| Some(&tag.full_id) == write.flickr_id.as_ref();
    match ours {
        Some(tag) => Found::Ours(tag.full_id.clone()),
        None if tags.iter().any(same_id) => Found::Rewritten,
        None => Found::Gone,
    }
}

/// The note that an entry of the journal stands for: by its id where that is known, else by who wrote
/// what where.
pub(super) fn find_note(write: &FlickrWrite, notes: &[Note], nsid: &str) -> Found {
    let says_it = |note: &&Note| is_same_text(&write.text, &note.text);
    let note = match &write.flickr_id {
        Some(id) => notes.iter().find(|note| note.id == *id),
        None => (notes.iter().filter(says_it))
            .find(|note| is_own(&note.author, nsid) && note.place == write.place),
    };
    match note {
        Some(note) if says_it(&note) => Found::Ours(note.id.clone()),
        Some(_) => Found::Rewritten,
        None => Found::Gone,
    }
}
