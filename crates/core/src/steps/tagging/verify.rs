//! Compares what was written, and what the names ask for, with the account as it is.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use super::{
    super::{StepError, clock},
    account::{self, PhotoState, RemotePhoto},
    journal::{Failure, Journal, WriteCounts, is_expected, record},
    plan::{Skip, TagOptions},
    planner::Planner,
    remove,
    write::refusal,
};
use crate::{
    flickr::Flickr,
    ids::PhotoId,
    progress::Progress,
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What the comparison found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verified {
    /// What is on Flickr from us.
    pub ours: WriteCounts,
    /// Tags that were there before us and still are.
    pub present: u64,
    /// What differs.
    pub differences: Vec<Difference>,
    /// Photos skipped by `write_to`, `"write": false` or a limit: no difference.
    pub skipped: u64,
    /// Photos that could not be looked up.
    pub failed: Vec<Failure>,
    /// API calls since the program began.
    pub calls: u64,
}

/// A difference between names and account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// A name asks for a tag that is not there and was not written yet.
    NotWritten {
        /// Flickr's photo id.
        photo: PhotoId,
        /// The person's name.
        name: String,
    },
    /// Something was there, from us or before us, and was removed on Flickr.
    #[serde(rename = "taken_away")]
    Removed {
        /// Flickr's photo id.
        photo: PhotoId,
        /// What it was.
        kind: WriteKind,
        /// The text of tag or note, or the member's name.
        text: String,
    },
    /// The photo is not in the account.
    NoPhoto {
        /// Flickr's photo id.
        photo: PhotoId,
    },
    /// A tag of ours that no name asks for any more.
    Outdated {
        /// Flickr's photo id.
        photo: PhotoId,
        /// The text of tag or note, or the member's name.
        text: String,
    },
}

impl Verified {
    /// Reads the account back. The journal learns what was removed on Flickr: it is not written again
    /// unless that is selected.
    ///
    /// # Errors
    /// Where names, store or Flickr cannot be read.
    pub async fn compute(
        options: &TagOptions<'_>,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<Self, StepError> {
        let planner = Planner::new(options, store).await?;
        let journal = &planner.journal;
        let mut photos = planner.unsettled();
        photos.extend(journal.photos().cloned());
        let doubt = |photo: &PhotoId, state: &PhotoState| journal.misses_a_tag(photo, state);
        let remote = account::look_up(flickr, store, &photos, &doubt, progress).await?;
        let plan = planner.finish(&remote);
        store.record_writes(&plan.settled, clock::now()).await?;
        let mut verified = Self::default();
        let mut differences: BTreeSet<Difference> = BTreeSet::new();
        for person in &plan.people {
            let not_written = |photo: &PhotoId| Difference::NotWritten {
                photo: photo.clone(),
                name: person.name.clone(),
            };
            differences.extend(person.add.iter().map(not_written));
            for skipped in &person.skipped {
                let photo = skipped.photo.clone();
                differences.insert(match skipped.reason {
                    Skip::TagLimit { .. } => not_written(&photo),
                    Skip::NotFound | Skip::Foreign => Difference::NoPhoto { photo },
                    Skip::RemovedByUser => Difference::Removed {
                        photo,
                        kind: WriteKind::Tag,
                        text: person.tag.clone(),
                    },
                    Skip::NeverWrite | Skip::Public | Skip::OverLimit => {
                        verified.skipped += 1;
                        continue;
                    }
                });
            }
        }
        let outdated = plan.outdated.into_iter();
        differences.extend(
            outdated.map(|FlickrWrite { photo, text, .. }| Difference::Outdated { photo, text }),
        );
        verified
            .compare_journal(&mut differences, &remote, store, flickr)
            .await?;
        verified.differences = differences.into_iter().collect();
        verified.calls = flickr.client().calls();
        Ok(verified)
    }

    /// Compares every entry of the journal that should be on Flickr.
    async fn compare_journal(
        &mut self,
        differences: &mut BTreeSet<Difference>,
        remote: &HashMap<PhotoId, RemotePhoto>,
        store: &Store,
        flickr: &Flickr,
    ) -> Result<(), StepError> {
        let journal = Journal::read(store).await?;
        let photos: BTreeSet<PhotoId> = journal.photos().cloned().collect();
        for photo in photos {
            let Some(RemotePhoto::Owned(state)) = remote.get(&photo) else {
                differences.insert(Difference::NoPhoto { photo });
                continue;
            };
            let entries = journal.of(&photo).iter();
            for write in entries.filter(|write| is_expected(write.state)) {
                // The listing says nothing of notes and members.
                let is_there = match write.kind {
                    WriteKind::Tag if state.has(&write.item) => Ok(true),
                    _ => remove::find(flickr, write).await.map(|id| id.is_some()),
                };
                match is_there {
                    Ok(true) if write.state == WriteState::Preexisting => self.present += 1,
                    Ok(true) => self.ours.add(write.kind, 1),
                    Ok(false) => differences.extend(removed(store, write).await?),
                    Err(error) => self.failed.push(Failure {
                        photo: photo.clone(),
                        reason: refusal(error)?,
                    }),
                }
            }
        }
        Ok(())
    }
}

/// Enters into the journal that something is no longer there.
async fn removed(store: &Store, write: &FlickrWrite) -> Result<Option<Difference>, StepError> {
    // What had only been begun was never there.
    if !matches!(write.state, WriteState::Added | WriteState::Preexisting) {
        return Ok(None);
    }
    let gone = WriteState::RemovedElsewhere;
    record(store, std::slice::from_ref(write), gone, None).await?;
    Ok(Some(Difference::Removed {
        photo: write.photo.clone(),
        kind: write.kind,
        text: write.text.clone(),
    }))
}
