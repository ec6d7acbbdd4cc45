//! Removes one write: exactly what the journal says that we added.

use std::slice;

use super::{
    super::{StepError, outage::Trouble},
    journal::record,
    looks::{Found, Looks},
    write::TRIES,
};
use crate::{
    flickr::{self, Concerns, Flickr},
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What became of it.
pub(super) enum Removal {
    /// It was removed.
    Removed,
    /// It was not there any more.
    AlreadyGone,
    /// Somebody has put another text in its place, which stays.
    Rewritten,
    /// Flickr refused, or the answer was lost again and again.
    Refused(Trouble),
}

/// Removes `write`, unless somebody has put another text in its place. A call whose answer was lost is
/// looked up before it is repeated, and so is what an earlier run had begun.
pub(super) async fn remove(
    store: &Store,
    flickr: &Flickr,
    write: &FlickrWrite,
    looks: &mut Looks,
) -> Result<Removal, StepError> {
    let (mut tries, mut lost) = (0, String::new());
    let end = async |write: &FlickrWrite, state: WriteState| {
        record(store, slice::from_ref(write), state, None).await
    };
    let refused = loop {
        let found = match looks.find_surely(flickr, write, Found::is_not_ours).await {
            Ok(Found::Ours(id)) => id,
            Ok(Found::Rewritten) => {
                end(write, WriteState::RemovedElsewhere).await?;
                return Ok(Removal::Rewritten);
            }
            Ok(Found::Gone) => {
                end(write, WriteState::Removed).await?;
                return Ok(match tries {
                    0 => Removal::AlreadyGone,
                    _ => Removal::Removed,
                });
            }
            Err(error) => break Trouble::of(error)?,
        };
        let known = FlickrWrite {
            flickr_id: Some(found.clone()),
            ..write.clone()
        };
        if tries == TRIES {
            break Trouble {
                reason: format!(
                    "no answer from Flickr in {TRIES} tries ({lost}); it is still there"
                ),
                concerns: Concerns::PhotoOrFlickr,
            };
        }
        tries += 1;
        end(&known, WriteState::Removing).await?;
        match call(flickr, write, &found).await {
            Ok(()) => {
                end(&known, WriteState::Removed).await?;
                return Ok(Removal::Removed);
            }
            // The next round looks whether it is still there.
            Err(flickr::Error::AnswerLost { why, .. }) => lost = why,
            Err(flickr::Error::Api { code: 1, .. }) => {
                end(&known, WriteState::Removed).await?;
                return Ok(match tries {
                    1 => Removal::AlreadyGone,
                    _ => Removal::Removed,
                });
            }
            Err(error @ flickr::Error::Api { .. })
                if error.concerns() == Concerns::PhotoOrFlickr =>
            {
                lost = error.to_string();
            }
            Err(error) => break Trouble::of(error)?,
        }
        *looks = Looks::default();
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
