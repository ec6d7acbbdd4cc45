//! Removes what earlier runs added: by the journal alone, so that it works whatever has become of the
//! names since.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Instant,
};

use super::{
    super::{CancellationToken, StepError},
    account::{self, PhotoState, RemotePhoto},
    journal::{Failure, Journal, RunEnd, WriteCounts, record, sort},
    people::{NameSource, People},
    remove::{self, Removal},
    selection::{NameFilter, Selection, key},
    write::refusal,
};
use crate::{
    flickr::Flickr,
    ids::PhotoId,
    naming::tag_text::clean_tag,
    progress::{Detail, Progress, Unit},
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What is to be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// Entries of the journal, photo by photo.
    pub writes: Vec<FlickrWrite>,
    /// Tags that stay because they also stand for people who were not selected.
    pub shared: Vec<FlickrWrite>,
}

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undone {
    /// What was removed.
    pub removed: WriteCounts,
    /// What was not there any more.
    pub already_gone: u64,
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
        let known: BTreeSet<&str> = (journal.iter())
            .flat_map(|write| write.people.iter().chain([&write.text]))
            .map(String::as_str)
            .collect();
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
                0 if names_text(&filter, &write) => undo.writes.push(write),
                0 => {}
                all if all == write.people.len() => undo.writes.push(write),
                _ => undo.shared.push(write),
            }
        }
        if let Some(limit) = selection.limit {
            let kept: HashSet<PhotoId> = (undo.photos().into_keys())
                .take(limit as usize)
                .cloned()
                .collect();
            undo.writes.retain(|write| kept.contains(&write.photo));
        }
        Ok(undo)
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

    /// Removes everything, then looks whether it is gone.
    ///
    /// # Errors
    /// What concerns the whole run: sign-in, store, Flickr not answering. What concerns one photo is
    /// in the summary.
    pub async fn apply(
        &self,
        store: &Store,
        flickr: &Flickr,
        progress: &Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> Result<Undone, StepError> {
        let begun = Instant::now();
        let mut undone = Undone::default();
        let photos = self.photos();
        let bar = progress.bar("undone", Unit::Photos);
        let number = photos.len() as u64;
        bar.set_length(number);
        let mut done = 0;
        let mut calls = self.writes.len() as u64;
        let mut removed = Vec::new();
        'photos: for (photo, writes) in photos {
            for write in writes {
                let gone = Detail::Removed(undone.removed.total());
                let least_time = Some(flickr.client().least_time(calls));
                undone.end.show(&*bar, done, gone, least_time);
                if stop.is_cancelled() {
                    undone.end.stopped = true;
                    break 'photos;
                }
                match remove::remove(store, flickr, write).await? {
                    Removal::Removed => {
                        undone.removed.add(write.kind, 1);
                        removed.push(write);
                    }
                    Removal::AlreadyGone => undone.already_gone += 1,
                    Removal::Refused(reason) => {
                        tracing::warn!("photo {photo}: {reason}");
                        let photo = photo.clone();
                        undone.end.failed.push(Failure { photo, reason });
                    }
                }
                calls = calls.saturating_sub(1);
            }
            done += 1;
        }
        let gone = Detail::Removed(undone.removed.total());
        undone.end.show(&*bar, done, gone, None);
        undone.end.left = number - done;
        if !undone.end.stopped {
            match check(store, flickr, &removed, &**progress, &stop).await? {
                Some((checked, still_there)) => {
                    let why = Some("still there");
                    record(store, &still_there, WriteState::Added, why).await?;
                    undone.checked = checked;
                    undone.still_there = still_there;
                }
                None => undone.end.stopped = true,
            }
        }
        undone.end.calls = flickr.client().calls();
        undone.end.seconds = begun.elapsed().as_secs_f64();
        Ok(undone)
    }
}

/// Looks up what was removed: the number of photos looked at, and what is still there. `None` where it
/// was stopped.
async fn check(
    store: &Store,
    flickr: &Flickr,
    removed: &[&FlickrWrite],
    progress: &dyn Progress,
    stop: &CancellationToken,
) -> Result<Option<(u64, Vec<FlickrWrite>)>, StepError> {
    let photos: BTreeSet<&PhotoId> = removed.iter().map(|write| &write.photo).collect();
    let mut tags: BTreeMap<PhotoId, Vec<&FlickrWrite>> = BTreeMap::new();
    for write in removed.iter().filter(|write| write.kind == WriteKind::Tag) {
        tags.entry(write.photo.clone()).or_default().push(write);
    }
    let doubt = |photo: &PhotoId, state: &PhotoState| -> bool {
        let mut tags = tags.get(photo).into_iter().flatten();
        tags.any(|write| state.has(&write.item))
    };
    let tagged = tags.keys().cloned().collect();
    let remote = account::look_up(flickr, store, &tagged, &doubt, progress).await?;
    let mut still_there = Vec::new();
    for write in removed {
        if stop.is_cancelled() {
            return Ok(None);
        }
        let is_there = match write.kind {
            WriteKind::Tag => match remote.get(&write.photo) {
                Some(RemotePhoto::Owned(state)) => state.has(&write.item),
                _ => false,
            },
            WriteKind::Note | WriteKind::Member => match remove::find(flickr, write).await {
                Ok(id) => id.is_some(),
                Err(error) => {
                    refusal(error)?;
                    false
                }
            },
        };
        if is_there {
            still_there.push((*write).clone());
        }
    }
    Ok(Some((photos.len() as u64, still_there)))
}

/// Whether the text that was written is selected: named with `only`, or, where the entry names no
/// people, not excepted.
fn names_text(filter: &NameFilter, write: &FlickrWrite) -> bool {
    let is_it = |name: &String| *name == key(&write.text) || clean_tag(name) == write.item;
    let named = match filter.only.as_slice() {
        [] => write.people.is_empty(),
        only => only.iter().any(is_it),
    };
    named && !filter.except.iter().any(is_it)
}
