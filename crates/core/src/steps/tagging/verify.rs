//! Compares what was written, and what tags.json asks for, with the account as it is.

use std::collections::{BTreeSet, HashMap};

use super::{
    super::{StepError, clock},
    Wish,
    account::{self, Look, Seen},
    apply::refusal,
    journal::{Journal, should_be_there},
    maker::Maker,
    plan::Skip,
    take,
};
use crate::{
    flickr::Flickr,
    naming::PhotoId,
    progress::Progress,
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What the comparison found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verified {
    /// Tags of ours that are on Flickr.
    pub tags: u64,
    /// Notes of ours that are there.
    pub notes: u64,
    /// Members of Flickr on photos, by us, who are there.
    pub members: u64,
    /// Tags that were there before us and still are.
    pub present: u64,
    /// What differs.
    pub differs: Vec<Differs>,
    /// Photos left out by `write_to`, `"write": false` or `--limit`: no difference.
    pub left_out: u64,
    /// Photos that could not be looked at, with the reason.
    pub failed: Vec<(PhotoId, String)>,
    /// API calls used since the program began.
    pub calls: u64,
}

/// A difference between names and account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Differs {
    /// tags.json asks for a tag that is not there and was not written yet.
    NotWritten {
        /// Flickr's photo id.
        photo: PhotoId,
        /// The person's name.
        name: String,
    },
    /// Something was there, by us or before us, and somebody took it away on Flickr.
    TakenAway {
        /// Flickr's photo id.
        photo: PhotoId,
        /// What it was.
        kind: WriteKind,
        /// The text of tag or note, or the member's name.
        text: String,
    },
    /// The photo is no longer in the account, or never was.
    NoPhoto {
        /// Flickr's photo id.
        photo: PhotoId,
    },
    /// A tag of ours that tags.json no longer asks for.
    Outdated {
        /// Flickr's photo id.
        photo: PhotoId,
        /// The text of tag or note, or the member's name.
        text: String,
    },
}

impl Verified {
    /// Reads the account back. The journal learns what was taken away: it is never written again,
    /// unless that is asked for.
    ///
    /// # Errors
    /// Where tags.json, store or Flickr cannot be read.
    pub async fn make(
        wish: &Wish<'_>,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<Self, StepError> {
        let maker = Maker::new(wish, store, flickr.nsid()).await?;
        let journal = &maker.journal;
        let mut photos = maker.open();
        photos.extend(journal.photos());
        let doubt = |photo: &PhotoId, seen: &Seen| journal.lacks(photo, seen);
        let looks = account::look(flickr, store, &photos, &doubt, progress).await?;
        let plan = maker.finish(&looks);
        store.record_writes(&plan.settled, clock::now()).await?;
        let mut verified = Self::default();
        let mut differs: BTreeSet<Differs> = BTreeSet::new();
        for person in &plan.people {
            let not_written = person.add.iter().map(|photo| (photo, None));
            let skipped = person
                .skipped
                .iter()
                .map(|(photo, skip)| (photo, Some(*skip)));
            for (photo, skip) in not_written.chain(skipped) {
                let (photo, name) = (photo.clone(), person.name.clone());
                match skip {
                    None | Some(Skip::Full { .. }) => {
                        differs.insert(Differs::NotWritten { photo, name });
                    }
                    Some(Skip::NotFound | Skip::NotYours) => {
                        differs.insert(Differs::NoPhoto { photo });
                    }
                    Some(Skip::TakenAway) => {
                        differs.insert(Differs::TakenAway {
                            photo,
                            kind: WriteKind::Tag,
                            text: person.tag.clone(),
                        });
                    }
                    Some(Skip::NeverWrite | Skip::Public | Skip::Later) => verified.left_out += 1,
                }
            }
        }
        differs.extend(plan.outdated.iter().map(|write| Differs::Outdated {
            photo: write.photo.clone(),
            text: write.text.clone(),
        }));
        verified
            .journal(&mut differs, &looks, store, flickr)
            .await?;
        verified.differs = differs.into_iter().collect();
        verified.calls = flickr.client().calls();
        Ok(verified)
    }

    /// Compares every entry of the journal that should be on Flickr.
    async fn journal(
        &mut self,
        differs: &mut BTreeSet<Differs>,
        looks: &HashMap<PhotoId, Look>,
        store: &Store,
        flickr: &Flickr,
    ) -> Result<(), StepError> {
        let journal = Journal::read(store).await?;
        let photos: BTreeSet<PhotoId> = journal.photos().collect();
        for photo in photos {
            let Some(Look::Here(seen)) = looks.get(&photo) else {
                differs.insert(Differs::NoPhoto { photo });
                continue;
            };
            let entries = journal.of(&photo).iter();
            for write in entries.filter(|write| should_be_there(write.state)) {
                // The listing says nothing of notes and members.
                let there = match write.kind {
                    WriteKind::Tag if seen.has(&write.item) => Ok(true),
                    _ => take::there(flickr, write).await.map(|id| id.is_some()),
                };
                match there {
                    Ok(there) => self.entry(differs, store, write, there).await?,
                    Err(error) => self.failed.push((photo.clone(), refusal(error)?)),
                }
            }
        }
        Ok(())
    }

    async fn entry(
        &mut self,
        differs: &mut BTreeSet<Differs>,
        store: &Store,
        write: &FlickrWrite,
        there: bool,
    ) -> Result<(), StepError> {
        if there {
            *match (write.state, write.kind) {
                (WriteState::Preexisting, _) => &mut self.present,
                (_, WriteKind::Tag) => &mut self.tags,
                (_, WriteKind::Note) => &mut self.notes,
                (_, WriteKind::Member) => &mut self.members,
            } += 1;
            return Ok(());
        }
        // What had only been begun was never there.
        if matches!(write.state, WriteState::Added | WriteState::Preexisting) {
            take::record(store, write, WriteState::RemovedElsewhere, None).await?;
            differs.insert(Differs::TakenAway {
                photo: write.photo.clone(),
                kind: write.kind,
                text: write.text.clone(),
            });
        }
        Ok(())
    }
}
