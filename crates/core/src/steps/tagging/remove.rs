//! Removes one write: exactly what the journal says that we added.

use std::slice;

use super::{
    super::StepError,
    account,
    journal::record,
    tags,
    write::{TRIES, refusal},
};
use crate::{
    flickr::{self, Flickr, replies::Note},
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What became of it.
pub(super) enum Removal {
    /// It was removed.
    Removed,
    /// It was not there any more.
    AlreadyGone,
    /// Flickr refused, or the answer was lost again and again.
    Refused(String),
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
    let mut tries = 0;
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
                Err(error) => break refusal(error)?,
            },
        };
        let known = [FlickrWrite {
            flickr_id: Some(found.clone()),
            ..write.clone()
        }];
        if tries == TRIES {
            break format!("no answer from Flickr in {TRIES} tries; it is still there");
        }
        tries += 1;
        record(store, &known, WriteState::Removing, None).await?;
        match call(flickr, write, &found).await {
            Ok(()) => {
                record(store, &known, WriteState::Removed, None).await?;
                return Ok(Removal::Removed);
            }
            // The next round looks whether it is still there.
            Err(flickr::Error::AnswerLost { .. }) => id = None,
            Err(flickr::Error::Api { code: 1, .. }) => {
                record(store, &known, WriteState::Removed, None).await?;
                return Ok(Removal::AlreadyGone);
            }
            Err(error) => break refusal(error)?,
        }
    };
    // It stays ours: the next undo tries again.
    record(
        store,
        slice::from_ref(write),
        WriteState::Added,
        Some(&refused),
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
            tags.map(|mut tags| {
                // Others may tag the account's photos, too: their tags stay.
                tags.retain(|tag| tag.author.is_empty() || tag.author == flickr.nsid());
                tags::find(&tags, write).map(|tag| tag.full_id.clone())
            })
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
