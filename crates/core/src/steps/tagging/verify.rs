//! Compares what was written, and what the names ask for, with the account as it is.

use std::{
    collections::{BTreeSet, HashMap},
    time::Instant,
};

use serde::Serialize;

use super::{
    super::{
        StepError, clock,
        outage::{Queue, Trouble},
    },
    account::{self, Doubts, PhotoState, Presence, RemotePhoto},
    journal::{Journal, RunEnd, WriteCounts, is_expected, record},
    looks::{Found, Looks, is_our_tag},
    plan::{Skip, TagOptions},
    planner::Planner,
    tag_forms::TagForms,
};
use crate::{
    boxed,
    config::WriteTo,
    flickr::{self, Flickr},
    ids::PhotoId,
    progress::Progress,
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What the comparison found.
#[derive(Debug, Default)]
pub struct Verified {
    /// What is on Flickr from us.
    pub ours: WriteCounts,
    /// Tags that were there before us and still are.
    pub present: u64,
    /// What differs.
    pub differences: Vec<Difference>,
    /// Photos skipped by `write_to`, `"write": false` or a limit: no difference.
    pub skipped: u64,
    /// How it ended, with the photos that could not be looked up.
    pub end: RunEnd,
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
    /// A note of ours on a face that has another name now, or none.
    WrongNote {
        /// Flickr's photo id.
        photo: PhotoId,
        /// What the note says.
        text: String,
    },
    /// Something of ours on a photo that everyone may see, while `write_to` is `private`.
    Public {
        /// Flickr's photo id.
        photo: PhotoId,
        /// The text of tag or note, or the member's name.
        text: String,
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
    /// unless that is selected. The result says how it ended, whatever ended it.
    #[boxed]
    pub async fn compute(
        options: &TagOptions<'_>,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Self {
        let begun = Instant::now();
        let mut verified = Self::default();
        if let Err(error) = verified.compare(options, store, flickr, progress).await {
            verified.end.broke_off(error);
        }
        verified.end.took(flickr, begun);
        verified
    }

    async fn compare(
        &mut self,
        options: &TagOptions<'_>,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<(), StepError> {
        let planner = Planner::new(options, store).await?;
        let mut photos = planner.unsettled();
        let written = planner.journal.photos();
        photos.extend(
            written
                .filter(|photo| !planner.deleted.contains(photo))
                .cloned(),
        );
        let doubted = planner.doubts();
        let doubts = Doubts {
            of: &doubted,
            written: &|photo| planner.journal.written(photo),
        };
        let remote = account::look_up(flickr, store, &photos, &doubts, progress).await?;
        drop(doubted);
        let plan = planner.finish(&remote);
        store.record_writes(&plan.settled, clock::now()).await?;
        for unreadable in &plan.unreadable {
            self.end.fail(&unreadable.photo, &unreadable.reason);
        }
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
                    Skip::TagLimit { .. } | Skip::Refused => not_written(&photo),
                    Skip::Unreadable => continue,
                    Skip::NotFound | Skip::Foreign => Difference::NoPhoto { photo },
                    Skip::RemovedByUser => Difference::Removed {
                        photo,
                        kind: WriteKind::Tag,
                        text: person.tag.clone(),
                    },
                    Skip::NeverWrite | Skip::Public | Skip::OverLimit => {
                        self.skipped += 1;
                        continue;
                    }
                });
            }
        }
        let wrong = plan.wrong.into_iter();
        differences.extend(
            wrong.map(|FlickrWrite { photo, text, .. }| Difference::WrongNote { photo, text }),
        );
        let outdated = plan.outdated.into_iter();
        differences.extend(
            outdated.map(|FlickrWrite { photo, text, .. }| Difference::Outdated { photo, text }),
        );
        let compared = self
            .compare_journal(&mut differences, &remote, options, store, flickr)
            .await;
        self.differences = differences.into_iter().collect();
        compared
    }

    /// Compares every entry of the journal that should be on Flickr.
    async fn compare_journal(
        &mut self,
        differences: &mut BTreeSet<Difference>,
        remote: &HashMap<PhotoId, RemotePhoto>,
        options: &TagOptions<'_>,
        store: &Store,
        flickr: &Flickr,
    ) -> Result<(), StepError> {
        let journal = Journal::read(store).await?;
        let deleted = store.deleted_photos().await?;
        let photos: BTreeSet<PhotoId> = (journal.photos())
            .filter(|photo| !deleted.contains(photo))
            .cloned()
            .collect();
        let mut queue = Queue::reading(flickr, &photos);
        let ended = loop {
            let photo = match queue.next().await {
                Ok(Some(photo)) => photo,
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            };
            let state = match remote.get(photo) {
                Some(RemotePhoto::Owned(state)) => state,
                Some(RemotePhoto::Unreadable(reason)) => {
                    self.end.fail(photo, reason);
                    queue.skipped();
                    continue;
                }
                _ => {
                    let photo = photo.clone();
                    differences.insert(Difference::NoPhoto { photo });
                    queue.skipped();
                    continue;
                }
            };
            let entries = journal.of(photo).iter();
            let entries: Vec<_> = entries.filter(|write| is_expected(write.state)).collect();
            let mut looks = Looks::default();
            match look(&entries, state, &journal.forms, flickr, &mut looks).await {
                Ok(found) => {
                    for (write, is_there) in entries.into_iter().zip(found) {
                        match is_there {
                            true if write.state == WriteState::Preexisting => self.present += 1,
                            true => {
                                self.ours.add(write.kind, 1);
                                let (photo, text) = (photo.clone(), write.text.clone());
                                if state.public && options.write_to == WriteTo::Private {
                                    differences.insert(Difference::Public { photo, text });
                                }
                            }
                            false => differences.extend(removed(store, write).await?),
                        }
                    }
                }
                Err(error) => match Trouble::of(error)? {
                    trouble if trouble.is_refusal() => self.end.fail(photo, &trouble.reason),
                    trouble => {
                        queue.set_aside(photo, trouble);
                        continue;
                    }
                },
            }
            match looks.is_empty() {
                true => queue.skipped(),
                false => queue.done(),
            }
        };
        for (photo, reason) in &queue.failed {
            self.end.fail(photo, reason);
        }
        self.end.left = queue.left() as u64;
        ended
    }
}

/// Which of a photo's entries are on it.
async fn look(
    entries: &[&FlickrWrite],
    state: &PhotoState,
    forms: &TagForms,
    flickr: &Flickr,
    looks: &mut Looks,
) -> Result<Vec<bool>, flickr::Error> {
    let mut found = Vec::new();
    for write in entries {
        // The listing says nothing of notes and members.
        let seen = match write.kind {
            WriteKind::Tag => state.presence(forms, &write.text),
            _ => Presence::Unknown,
        };
        found.push(match (seen, write.state) {
            (Presence::There(_), WriteState::Preexisting) => true,
            (Presence::There(_), _) if !state.is_whole => true,
            (Presence::There(tag), _) => is_our_tag(write, tag, flickr.nsid()),
            _ => {
                let found = looks.find_surely(flickr, write, Found::is_not_ours);
                found.await?.is_ours()
            }
        });
    }
    Ok(found)
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
