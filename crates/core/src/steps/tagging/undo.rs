//! Removes what earlier runs added: by the journal alone, so that it works whatever has become of the
//! names since.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Instant,
};

use super::{
    super::{
        CancellationToken, StepError, clock,
        outage::{Queue, Trouble},
    },
    account::{self, Doubts, PhotoState, Presence, RemotePhoto},
    journal::{Journal, RunEnd, WriteCounts, record, sort, spare},
    looks::{Found, Looks, is_our_tag},
    people::{NameSource, People},
    remove::{self, Removal},
    selection::{NameFilter, Selection, key},
};
use crate::{
    boxed,
    flickr::Flickr,
    ids::PhotoId,
    naming::tag_text::clean_tag,
    progress::{Bar, Detail, Progress, Unit},
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What is to be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// Entries of the journal, photo by photo.
    pub writes: Vec<FlickrWrite>,
    /// Tags that stay because they also stand for people who were not selected.
    pub shared: Vec<FlickrWrite>,
    /// The same without those who were: the next undo knows whose they are now.
    given_up: Vec<FlickrWrite>,
    /// Names that turned out to be one tag with one to be removed.
    merged: Vec<FlickrWrite>,
}

/// What an undo did.
#[derive(Debug, Default)]
pub struct Undone {
    /// What was removed.
    pub removed: WriteCounts,
    /// What was not there any more.
    pub already_gone: WriteCounts,
    /// What somebody has put another text in the place of: that stays.
    pub rewritten: WriteCounts,
    /// What is still there, although Flickr said that it was removed.
    pub still_there: Vec<FlickrWrite>,
    /// Photos looked up again afterwards.
    pub checked: u64,
    /// How it ended.
    pub end: RunEnd,
}

impl Undo {
    /// Finds in the journal what is to be removed. With `names`, only what those no longer ask for.
    /// With notes or members selected, only those.
    ///
    /// # Errors
    /// Where store or names cannot be read, or a selected name was never written.
    #[boxed]
    pub async fn compute(
        store: &Store,
        selection: &Selection,
        names: Option<&NameSource>,
    ) -> Result<Self, StepError> {
        let journal = Journal::read(store).await?;
        let mut all: Vec<FlickrWrite> = match names {
            Some(names) => journal.outdated(&People::load(store, names).await?.all),
            None => journal.iter().cloned().collect(),
        };
        sort(&mut all);
        // A name may also be given as the text that was written.
        let people: BTreeSet<String> = (store.names().await?.into_iter())
            .chain(journal.iter().flat_map(|write| write.people.clone()))
            .collect();
        let known: BTreeSet<&str> = (journal.iter().map(|write| &write.text))
            .chain(&people)
            .map(String::as_str)
            .collect();
        let people: HashSet<String> = people.iter().map(|name| key(name)).collect();
        let place = "what was written to Flickr";
        let filter = NameFilter::new(selection, known.iter().copied(), place)?;
        let kinds: Vec<_> = [
            (selection.notes, WriteKind::Note),
            (selection.members, WriteKind::Member),
        ]
        .into_iter()
        .filter_map(|(only, kind)| only.then_some(kind))
        .collect();
        let mut undo = Self::default();
        for write in all {
            let of_kind = kinds.is_empty() || kinds.contains(&write.kind);
            if !write.state.is_ours() || !of_kind {
                continue;
            }
            let selected = |name: &&String| filter.matches(name);
            match write.people.iter().filter(selected).count() {
                _ if filter.is_everyone() => undo.writes.push(write),
                // The text that was written may be given in place of a name; older entries know no other.
                0 if names_text(&filter, &people, &write) => undo.writes.push(write),
                0 => {}
                all if all == write.people.len() => undo.writes.push(write),
                _ => {
                    let mut others = write.people.clone();
                    others.retain(|name| !filter.matches(name));
                    undo.given_up.push(FlickrWrite {
                        people: others,
                        ..write.clone()
                    });
                    undo.shared.push(write);
                }
            }
        }
        if let Some(limit) = selection.limit {
            let kept: HashSet<PhotoId> = (undo.photos().into_keys())
                .take(limit as usize)
                .cloned()
                .collect();
            undo.retain(|photo| kept.contains(photo));
        }
        undo.merged = (journal.iter())
            .filter(|entry| {
                let same = |write: &FlickrWrite| {
                    write.kind == WriteKind::Tag
                        && write.photo == entry.photo
                        && write.flickr_id == entry.flickr_id
                };
                entry.state == WriteState::Preexisting
                    && entry.flickr_id.is_some()
                    && undo.writes.iter().any(same)
            })
            .cloned()
            .collect();
        Ok(undo)
    }

    fn retain(&mut self, is_kept: impl Fn(&PhotoId) -> bool) {
        for writes in [&mut self.writes, &mut self.shared, &mut self.given_up] {
            writes.retain(|write| is_kept(&write.photo));
        }
    }

    /// Leaves only what is on photos that everyone may see.
    ///
    /// # Errors
    /// Where store or Flickr cannot be read.
    #[boxed]
    pub async fn keep_public(
        &mut self,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<(), StepError> {
        let photos = self.writes.iter().chain(&self.shared);
        let photos: BTreeSet<PhotoId> = photos.map(|write| write.photo.clone()).collect();
        let doubts = Doubts {
            of: &|_, _| false,
            written: &|_| 0,
        };
        let remote = account::look_up(flickr, store, &photos, &doubts, progress).await?;
        self.retain(
            |photo| matches!(remote.get(photo), Some(RemotePhoto::Owned(state)) if state.public),
        );
        Ok(())
    }

    /// Entries of each photo.
    fn photos(&self) -> BTreeMap<&PhotoId, Vec<&FlickrWrite>> {
        let mut photos: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for write in &self.writes {
            photos.entry(&write.photo).or_default().push(write);
        }
        photos
    }

    /// Photos that something is removed from.
    pub fn photo_count(&self) -> u64 {
        self.photos().len() as u64
    }

    /// Removes everything, then looks whether it is gone. What came of it says how it ended, whatever
    /// ended it.
    #[boxed]
    pub async fn apply(
        &self,
        store: &Store,
        flickr: &Flickr,
        progress: &Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> Undone {
        let begun = Instant::now();
        let mut undone = Undone::default();
        let bar = progress.bar("undone", Unit::Photos);
        let photos = self.photos().into_iter().map(|(photo, writes)| {
            let known = writes.iter().any(|write| write.error.is_some());
            ((photo, writes), known)
        });
        let mut queue = Queue::writing(flickr, photos);
        let ended = self
            .remove_all(store, &mut queue, &mut undone, &*bar, &stop)
            .await;
        let aside = queue.aside().map(|(photo, _)| *photo);
        if let Err(error) = spare(store, aside).await {
            undone.end.broke_off(error.into());
        }
        for ((photo, _), reason) in &queue.failed {
            undone.end.fail(photo, reason);
        }
        undone.end.left = queue.left() as u64;
        let done = self.photo_count() - undone.end.left;
        let gone = Detail::Removed(undone.removed.total());
        undone.end.show(&*bar, done, gone, None);
        let ended = match ended {
            Ok(removed) if !undone.end.stopped => {
                undone
                    .check(store, flickr, &removed, &**progress, &stop)
                    .await
            }
            other => other.map(drop),
        };
        if let Err(error) = ended {
            undone.end.broke_off(error);
        }
        undone.end.took(flickr, begun);
        undone
    }

    /// What was removed.
    async fn remove_all<'a>(
        &'a self,
        store: &Store,
        queue: &mut Queue<OfPhoto<'a>>,
        undone: &mut Undone,
        bar: &dyn Bar,
        stop: &CancellationToken,
    ) -> Result<Vec<&'a FlickrWrite>, StepError> {
        let flickr = queue.flickr().clone();
        let photos = self.photo_count();
        bar.set_length(photos);
        store.record_writes(&self.given_up, clock::now()).await?;
        let (mut removed, mut calls) = (Vec::new(), self.calls());
        loop {
            let gone = Detail::Removed(undone.removed.total());
            let time = flickr.client().least_time(calls);
            let done = photos - queue.left() as u64;
            undone.end.show(bar, done, gone, Some(time));
            let Some((photo, writes)) = queue.next().await? else {
                return Ok(removed);
            };
            calls = calls.saturating_sub(1 + writes.len() as u64);
            let (mut looks, mut left, mut trouble) = (Looks::default(), Vec::new(), None);
            for write in writes {
                if stop.is_cancelled() {
                    undone.end.stopped = true;
                    return Ok(removed);
                }
                match remove::remove(store, &flickr, write, &mut looks).await? {
                    Removal::Removed => {
                        undone.removed.add(write.kind, 1);
                        self.also_removed(store, write).await?;
                        removed.push(write);
                    }
                    Removal::AlreadyGone => {
                        undone.already_gone.add(write.kind, 1);
                        self.also_removed(store, write).await?;
                        removed.push(write);
                    }
                    Removal::Rewritten => undone.rewritten.add(write.kind, 1),
                    Removal::Refused(refused) if refused.is_refusal() => {
                        undone.end.fail(photo, &refused.reason);
                    }
                    Removal::Refused(refused) => {
                        trouble = Some(refused);
                        left.push(write);
                    }
                }
            }
            match trouble {
                Some(trouble) => queue.set_aside((photo, left), trouble),
                None => queue.done(),
            }
        }
    }

    /// What `write` had been merged with on Flickr is removed with it.
    async fn also_removed(&self, store: &Store, write: &FlickrWrite) -> Result<(), StepError> {
        let one =
            |other: &&FlickrWrite| other.photo == write.photo && other.flickr_id == write.flickr_id;
        let merged: Vec<_> = self.merged.iter().filter(one).cloned().collect();
        record(store, &merged, WriteState::Removed, None).await?;
        Ok(())
    }

    /// Calls that it takes if all goes well: each photo is looked at before.
    pub fn calls(&self) -> u64 {
        self.photo_count() + self.writes.len() as u64
    }
}

/// A photo, and what is to be removed from it.
type OfPhoto<'a> = (&'a PhotoId, Vec<&'a FlickrWrite>);

impl Undone {
    /// Looks up what was removed.
    async fn check(
        &mut self,
        store: &Store,
        flickr: &Flickr,
        removed: &[&FlickrWrite],
        progress: &dyn Progress,
        stop: &CancellationToken,
    ) -> Result<(), StepError> {
        let mut photos: BTreeMap<PhotoId, Vec<&FlickrWrite>> = BTreeMap::new();
        for write in removed {
            photos.entry(write.photo.clone()).or_default().push(write);
        }
        let journal = Journal::read(store).await?;
        let may_have = |state: &PhotoState, write: &FlickrWrite| {
            write.kind == WriteKind::Tag
                && state.presence(&journal.forms, &write.text) != Presence::Absent
        };
        let doubts = Doubts {
            of: &|photo, state| {
                let mut writes = photos.get(photo).into_iter().flatten();
                writes.any(|write| may_have(state, write))
            },
            written: &|photo| journal.written(photo),
        };
        let is_tagged = |writes: &[&FlickrWrite]| writes.iter().any(|w| w.kind == WriteKind::Tag);
        let tagged = photos.iter().filter(|(_, writes)| is_tagged(writes));
        let tagged = tagged.map(|(photo, _)| photo.clone()).collect();
        let remote = account::look_up(flickr, store, &tagged, &doubts, progress).await?;
        let mut queue = Queue::reading(flickr, photos.keys());
        while let Some(photo) = queue.next().await? {
            if stop.is_cancelled() {
                self.end.stopped = true;
                break;
            }
            let mut still_there = Vec::new();
            let just_now = |write: &FlickrWrite| FlickrWrite {
                written: journal.written(photo),
                ..write.clone()
            };
            let (mut looks, mut trouble) = (Looks::default(), None);
            for write in photos.get(photo).into_iter().flatten() {
                let is_there = match (write.kind, remote.get(photo)) {
                    (WriteKind::Tag, Some(RemotePhoto::Owned(state))) => {
                        let mut tags = state.tags.iter();
                        tags.any(|tag| is_our_tag(write, tag, flickr.nsid()))
                    }
                    (WriteKind::Tag, Some(RemotePhoto::Unreadable(reason))) => {
                        self.end.fail(photo, reason);
                        false
                    }
                    (WriteKind::Tag, _) => false,
                    _ => match looks
                        .find_surely(flickr, &just_now(write), Found::is_ours)
                        .await
                    {
                        Ok(found) => found.is_ours(),
                        Err(error) => {
                            trouble = Some(Trouble::of(error)?);
                            break;
                        }
                    },
                };
                if is_there {
                    still_there.push((**write).clone());
                }
            }
            match trouble {
                Some(trouble) if trouble.is_refusal() => self.end.fail(photo, &trouble.reason),
                Some(trouble) => {
                    queue.set_aside(photo, trouble);
                    continue;
                }
                None if looks.is_empty() => queue.skipped(),
                None => queue.done(),
            }
            record(store, &still_there, WriteState::Added, Some("still there")).await?;
            self.checked += 1;
            self.still_there.extend(still_there);
        }
        for (photo, reason) in queue.failed {
            self.end.fail(photo, &reason);
        }
        Ok(())
    }
}

/// Whether the text that was written is selected: named with `only`, or, where the entry names no
/// people, not excepted.
fn names_text(filter: &NameFilter, people: &HashSet<String>, write: &FlickrWrite) -> bool {
    let is_it = |name: &String| {
        // A person's name means what is theirs, and no one else's that says the same.
        (write.people.is_empty() || !people.contains(name))
            && (*name == key(&write.text) || clean_tag(name) == clean_tag(&write.text))
    };
    let named = match filter.only.as_slice() {
        [] => write.people.is_empty(),
        only => only.iter().any(is_it),
    };
    named && !filter.except.iter().any(is_it)
}
