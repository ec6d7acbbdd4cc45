//! Takes one thing away again: exactly what the journal says that we added.

use super::{
    super::{StepError, clock},
    account,
    apply::{TRIES, refusal},
    notes, tags,
};
use crate::{
    flickr::{self, Flickr},
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What became of it.
pub(super) enum Taken {
    /// It is away.
    Away,
    /// It was not there any more.
    WasAway,
    /// Flickr refused, or the answer was lost again and again.
    Refused(String),
}

/// Takes `write` away. A call whose answer was lost is looked up before it is repeated, and so is
/// what an earlier run had begun.
pub(super) async fn take(
    store: &Store,
    flickr: &Flickr,
    write: &FlickrWrite,
) -> Result<Taken, StepError> {
    // Only what was added and not touched since is surely there, under a known id.
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
        let there = match &id {
            Some(id) => id.clone(),
            None => match there(flickr, write).await {
                Ok(Some(id)) => id,
                Ok(None) => {
                    record(store, write, WriteState::Removed, None).await?;
                    let was_there = tries > 0;
                    return Ok(if was_there {
                        Taken::Away
                    } else {
                        Taken::WasAway
                    });
                }
                Err(error) => break refusal(error)?,
            },
        };
        let known = FlickrWrite {
            flickr_id: Some(there.clone()),
            ..write.clone()
        };
        if tries == TRIES {
            break format!("Flickr's answer was lost {TRIES} times; it is still there");
        }
        tries += 1;
        record(store, &known, WriteState::Removing, None).await?;
        match call(flickr, write, &there).await {
            Ok(()) => {
                record(store, &known, WriteState::Removed, None).await?;
                return Ok(Taken::Away);
            }
            // The next turn looks whether it is still there.
            Err(flickr::Error::AnswerLost { .. }) => id = None,
            Err(flickr::Error::Api { code: 1, .. }) => {
                record(store, &known, WriteState::Removed, None).await?;
                return Ok(Taken::WasAway);
            }
            Err(error) => break refusal(error)?,
        }
    };
    // It stays ours: the next undo tries again.
    record(store, write, WriteState::Added, Some(&refused)).await?;
    Ok(Taken::Refused(refused))
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
pub(super) async fn there(
    flickr: &Flickr,
    write: &FlickrWrite,
) -> Result<Option<String>, flickr::Error> {
    let found = match write.kind {
        WriteKind::Tag => {
            let tags = flickr.tags_get_list_photo(&write.photo).await;
            tags.map(|mut tags| {
                // Others may tag one's photos, too: theirs stays.
                tags.retain(|tag| tag.author.is_empty() || tag.author == flickr.nsid());
                tags::find(&tags, write).map(|tag| tag.full_id.clone())
            })
        }
        WriteKind::Note => {
            let info = account::info(flickr, &write.photo).await?;
            let there = info.map(|info| info.notes).unwrap_or_default();
            Ok(notes::find(write, &there, flickr.nsid()).map(|note| note.id.clone()))
        }
        WriteKind::Member => {
            let there = flickr.photos_people_get_list(&write.photo).await;
            there.map(|there| there.into_iter().find(|nsid| *nsid == write.item))
        }
    };
    match found {
        Err(flickr::Error::Api { code: 1 | 2, .. }) => Ok(None),
        other => other,
    }
}

pub(super) async fn record(
    store: &Store,
    write: &FlickrWrite,
    state: WriteState,
    error: Option<&str>,
) -> Result<(), StepError> {
    let entry = FlickrWrite {
        state,
        error: error.map(str::to_owned),
        ..write.clone()
    };
    Ok(store.record_writes(&[entry], clock::now()).await?)
}
