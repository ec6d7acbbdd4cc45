//! Removes one write: exactly what the journal says that we added.

use std::slice;

use super::{
    super::{StepError, outage::Trouble},
    account,
    journal::record,
    tags,
    write::TRIES,
};
use crate::{
    flickr::{
        self, Concerns, Flickr,
        replies::{Note, PhotoInfo, Tag},
    },
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What became of it.
pub(super) enum Removal {
    /// It was removed.
    Removed,
    /// It was not there any more.
    AlreadyGone,
    /// Flickr refused, or the answer was lost again and again.
    Refused(Trouble),
}

/// Removes `write`. A call whose answer was lost is looked up before it is repeated, and so is
/// what an earlier run had begun.
pub(super) async fn remove(
    store: &Store,
    flickr: &Flickr,
    write: &FlickrWrite,
) -> Result<Removal, StepError> {
    // What was added and not changed since is there under a known id.
    let mut id = match write {
        FlickrWrite {
            state: WriteState::Added,
            flickr_id: Some(id),
            kind: WriteKind::Tag | WriteKind::Note,
            ..
        } => Some(id.clone()),
        _ => None,
    };
    let (mut tries, mut lost) = (0, String::new());
    let refused = loop {
        let found = match &id {
            Some(id) => id.clone(),
            None => match find(flickr, write).await {
                Ok(Some(id)) => id,
                Ok(None) => {
                    record(store, slice::from_ref(write), WriteState::Removed, None).await?;
                    return Ok(match tries {
                        0 => Removal::AlreadyGone,
                        _ => Removal::Removed,
                    });
                }
                Err(error) => break Trouble::of(error)?,
            },
        };
        let known = [FlickrWrite {
            flickr_id: Some(found.clone()),
            ..write.clone()
        }];
        if tries == TRIES {
            break Trouble {
                reason: format!(
                    "no answer from Flickr in {TRIES} tries ({lost}); it is still there"
                ),
                concerns: Concerns::PhotoOrFlickr,
            };
        }
        tries += 1;
        record(store, &known, WriteState::Removing, None).await?;
        match call(flickr, write, &found).await {
            Ok(()) => {
                record(store, &known, WriteState::Removed, None).await?;
                return Ok(Removal::Removed);
            }
            // The next round looks whether it is still there.
            Err(flickr::Error::AnswerLost { why, .. }) => (id, lost) = (None, why),
            Err(flickr::Error::Api { code: 1, .. }) => {
                record(store, &known, WriteState::Removed, None).await?;
                return Ok(Removal::AlreadyGone);
            }
            Err(error @ flickr::Error::Api { .. })
                if error.concerns() == Concerns::PhotoOrFlickr =>
            {
                (id, lost) = (None, error.to_string());
            }
            Err(error) => break Trouble::of(error)?,
        }
    };
    // It stays ours: the next undo tries again.
    record(
        store,
        slice::from_ref(write),
        WriteState::Added,
        Some(&refused.reason),
    )
    .await?;
    Ok(Removal::Refused(refused))
}

async fn call(flickr: &Flickr, write: &FlickrWrite, id: &str) -> Result<(), flickr::Error> {
    match write.kind {
        WriteKind::Tag => flickr.photos_remove_tag(id).await,
        WriteKind::Note => flickr.photos_notes_delete(id).await,
        WriteKind::Member => flickr.photos_people_delete(&write.photo, id).await,
    }
}

/// Flickr's id of what was written, where it is on the photo; `None` where it is not, or the photo is
/// gone. One call.
pub(super) async fn find(
    flickr: &Flickr,
    write: &FlickrWrite,
) -> Result<Option<String>, flickr::Error> {
    let found = match write.kind {
        WriteKind::Tag => {
            let tags = flickr.tags_get_list_photo(&write.photo).await;
            tags.map(|tags| find_tag(write, &tags, flickr.nsid()))
        }
        WriteKind::Note => {
            let info = account::info(flickr, &write.photo).await?;
            let notes = info.map(|info| info.notes).unwrap_or_default();
            Ok(find_note(write, &notes, flickr.nsid()).map(|note| note.id.clone()))
        }
        WriteKind::Member => {
            let present = flickr.photos_people_get_list(&write.photo).await;
            present.map(|present| present.into_iter().find(|nsid| *nsid == write.item))
        }
    };
    match found {
        Err(flickr::Error::Api { code: 1 | 2, .. }) => Ok(None),
        other => other,
    }
}

/// What a photo has on Flickr, asked for once.
#[derive(Default)]
pub(super) struct Looks {
    info: Option<Option<PhotoInfo>>,
    members: Option<Vec<String>>,
}

impl Looks {
    /// Whether nothing was asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.info.is_none() && self.members.is_none()
    }

    /// As [`find`], with one call for all tags and notes of the photo, and one for all members.
    pub(super) async fn find(
        &mut self,
        flickr: &Flickr,
        write: &FlickrWrite,
    ) -> Result<Option<String>, flickr::Error> {
        if write.kind == WriteKind::Member {
            let members = match self.members.take() {
                Some(members) => members,
                None => match flickr.photos_people_get_list(&write.photo).await {
                    Err(flickr::Error::Api { code: 1 | 2, .. }) => Vec::new(),
                    other => other?,
                },
            };
            let found = members.contains(&write.item).then(|| write.item.clone());
            self.members = Some(members);
            return Ok(found);
        }
        let info = match self.info.take() {
            Some(info) => info,
            None => account::info(flickr, &write.photo).await?,
        };
        let found = info.as_ref().and_then(|info| match write.kind {
            WriteKind::Tag => find_tag(write, &info.tags, flickr.nsid()),
            _ => find_note(write, &info.notes, flickr.nsid()).map(|note| note.id.clone()),
        });
        self.info = Some(info);
        Ok(found)
    }
}

/// The full id of the tag that an entry of the journal stands for, among the photo's tags.
fn find_tag(write: &FlickrWrite, tags: &[Tag], nsid: &str) -> Option<String> {
    // Others may tag the account's photos, too: their tags stay.
    let ours = |tag: &&Tag| tag.author.is_empty() || tag.author == nsid;
    let ours: Vec<Tag> = tags.iter().filter(ours).cloned().collect();
    tags::find(&ours, write).map(|tag| tag.full_id.clone())
}

/// The note that an entry of the journal stands for, among the photo's notes: by its id where that is
/// known, else by who wrote what where.
pub(super) fn find_note<'a>(
    write: &FlickrWrite,
    notes: &'a [Note],
    nsid: &str,
) -> Option<&'a Note> {
    notes.iter().find(|note| match &write.flickr_id {
        Some(id) => note.id == *id,
        None => note.author == nsid && note.text == write.text && note.place == write.place,
    })
}
