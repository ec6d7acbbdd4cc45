//! Takes away what earlier runs have added: by the journal alone, so that it works whatever has become
//! of the names since.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
    time::Instant,
};

use super::{
    super::{CancellationToken, StepError},
    Choice,
    account::{self, Look, Seen},
    apply::refusal,
    journal::Journal,
    plan::outdated,
    take::{self, Taken},
    wanted::{self, Chosen},
};
use crate::{
    flickr::Flickr,
    naming::{PhotoId, tag_text::clean_tag, tags_file::TagsFile},
    progress::{Detail, Progress, Unit},
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// What is to be taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// Entries of the journal, photo by photo.
    pub writes: Vec<FlickrWrite>,
    /// Tags that stay because they stand for others, too, who were not chosen.
    pub shared: Vec<FlickrWrite>,
    /// Photos left for another run, by the number that was asked for.
    pub later: u64,
}

/// What an undo did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Undone {
    /// Tags taken away.
    pub tags: u64,
    /// Notes taken away.
    pub notes: u64,
    /// Members of Flickr taken off photos.
    pub members: u64,
    /// What was not there any more.
    pub was_away: u64,
    /// Photos that failed, with the reason.
    pub failed: Vec<(PhotoId, String)>,
    /// What is still there, although Flickr has said that it is away: photo and text.
    pub still_there: Vec<(PhotoId, String)>,
    /// Photos looked at again after all.
    pub checked: u64,
    /// Photos left, where the run was stopped.
    pub left: u64,
    /// API calls used since the program began.
    pub calls: u64,
    /// Seconds the run took.
    pub seconds: f64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

impl Undo {
    /// Finds in the journal what is to be taken away. With `now`, only what that tags.json no longer
    /// asks for. With notes or members chosen, only those.
    ///
    /// # Errors
    /// Where the store cannot be read, or a name was never written.
    pub async fn make(
        store: &Store,
        choice: &Choice,
        now: Option<&TagsFile>,
    ) -> Result<Self, StepError> {
        let journal = Journal::read(store).await?;
        let all: Vec<FlickrWrite> = match now {
            Some(now) => outdated(&journal, &now.people),
            None => journal.iter().cloned().collect(),
        };
        // A name may also be given as the text that was written.
        let mut known: BTreeSet<&str> = journal.iter().map(|write| write.text.as_str()).collect();
        known.extend(
            journal
                .iter()
                .flat_map(|write| &write.people)
                .map(String::as_str),
        );
        let place = "what was written to Flickr";
        let chosen = Chosen::new(choice, known.iter().copied(), place)?;
        let kinds: Vec<_> = [
            (choice.notes, WriteKind::Note),
            (choice.members, WriteKind::Member),
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
            match stands_for(&write, &chosen) {
                Stands::These => undo.writes.push(write),
                Stands::Both => undo.shared.push(write),
                Stands::Others => {}
            }
        }
        undo.writes
            .sort_by_key(|write| (write.photo.clone(), write.kind, write.item.clone()));
        undo.keep(choice.limit);
        Ok(undo)
    }

    fn keep(&mut self, limit: Option<usize>) {
        let photos = self.photos();
        let Some(limit) = limit.filter(|limit| *limit < photos.len()) else {
            return;
        };
        let kept: HashSet<PhotoId> = photos.into_keys().take(limit).collect();
        self.later = (self.photos().len() - limit) as u64;
        self.writes.retain(|write| kept.contains(&write.photo));
    }

    /// Entries of each photo.
    fn photos(&self) -> BTreeMap<PhotoId, Vec<&FlickrWrite>> {
        let mut photos: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for write in &self.writes {
            photos.entry(write.photo.clone()).or_default().push(write);
        }
        photos
    }

    /// Photos that something is taken away from.
    pub fn photo_count(&self) -> u64 {
        self.photos().len() as u64
    }

    /// Takes everything away, then looks whether it is.
    ///
    /// # Errors
    /// What concerns the whole run: sign-in, store, Flickr not answering. What concerns one photo is
    /// in the summary.
    pub async fn carry_out(
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
        bar.set_length(photos.len() as u64);
        let (mut done, mut failed) = (0, 0);
        let mut calls = self.writes.len() as u64;
        let mut touched = Vec::new();
        'photos: for (photo, writes) in &photos {
            let before = undone.failed.len();
            for write in writes {
                bar.set_details(&[
                    Detail::Removed(undone.tags + undone.notes + undone.members),
                    Detail::Failed(failed),
                    Detail::LeastTime(flickr.client().least_time(calls)),
                ]);
                bar.set_position(done);
                if stop.is_cancelled() {
                    undone.stopped = true;
                    break 'photos;
                }
                match take::take(store, flickr, write).await? {
                    Taken::Away => {
                        *match write.kind {
                            WriteKind::Tag => &mut undone.tags,
                            WriteKind::Note => &mut undone.notes,
                            WriteKind::Member => &mut undone.members,
                        } += 1;
                        touched.push(*write);
                    }
                    Taken::WasAway => undone.was_away += 1,
                    Taken::Refused(reason) => {
                        tracing::warn!("photo {photo}: {reason}");
                        undone.failed.push((photo.clone(), reason));
                    }
                }
                calls = calls.saturating_sub(1);
            }
            failed += u64::from(undone.failed.len() > before);
            done += 1;
        }
        bar.set_details(&[
            Detail::Removed(undone.tags + undone.notes + undone.members),
            Detail::Failed(failed),
        ]);
        bar.set_position(done);
        undone.left = photos.len() as u64 - done;
        if !undone.stopped {
            let still = check(store, flickr, &touched, &**progress, &stop).await?;
            let Some((checked, still)) = still else {
                undone.stopped = true;
                undone.calls = flickr.client().calls();
                return Ok(undone);
            };
            undone.checked = checked;
            for write in still {
                take::record(store, write, WriteState::Added, Some("still there")).await?;
                undone
                    .still_there
                    .push((write.photo.clone(), write.text.clone()));
            }
        }
        undone.calls = flickr.client().calls();
        undone.seconds = begun.elapsed().as_secs_f64();
        Ok(undone)
    }
}

/// Reads back what was taken away: the number of photos looked at, and what is still there. `None`
/// where it was stopped.
async fn check<'a>(
    store: &Store,
    flickr: &Flickr,
    touched: &[&'a FlickrWrite],
    progress: &dyn Progress,
    stop: &CancellationToken,
) -> Result<Option<(u64, Vec<&'a FlickrWrite>)>, StepError> {
    let photos: BTreeSet<PhotoId> = touched.iter().map(|write| write.photo.clone()).collect();
    if photos.is_empty() {
        return Ok(Some((0, Vec::new())));
    }
    let mut tags: BTreeMap<PhotoId, Vec<&'a FlickrWrite>> = BTreeMap::new();
    for write in touched.iter().filter(|write| write.kind == WriteKind::Tag) {
        tags.entry(write.photo.clone()).or_default().push(write);
    }
    let there = |photo: &PhotoId, seen: &Seen| -> bool {
        let of = tags.get(photo).into_iter().flatten();
        of.into_iter().any(|write| seen.has(&write.item))
    };
    let tagged = tags.keys().cloned().collect();
    let looks = account::look(flickr, store, &tagged, &there, progress).await?;
    let mut still = Vec::new();
    for write in touched {
        if stop.is_cancelled() {
            return Ok(None);
        }
        let is_there = match write.kind {
            WriteKind::Tag => match looks.get(&write.photo) {
                Some(Look::Here(seen)) => seen.has(&write.item),
                _ => false,
            },
            WriteKind::Note | WriteKind::Member => match take::there(flickr, write).await {
                Ok(id) => id.is_some(),
                Err(error) => {
                    refusal(error)?;
                    false
                }
            },
        };
        if is_there {
            still.push(*write);
        }
    }
    Ok(Some((photos.len() as u64, still)))
}

/// Whom an entry stands for.
enum Stands {
    These,
    Both,
    Others,
}

fn stands_for(write: &FlickrWrite, chosen: &Chosen) -> Stands {
    if chosen.everybody() {
        return Stands::These;
    }
    let these = write.people.iter().filter(|name| chosen.has(name)).count();
    match these {
        // The text that was written may be given in place of a name; older entries know no other.
        0 if chosen.names_text(write, write.people.is_empty()) => Stands::These,
        0 => Stands::Others,
        all if all == write.people.len() => Stands::These,
        _ => Stands::Both,
    }
}

impl Chosen {
    /// Whether the text that was written is chosen: named with `--only`, or, where `by_default`, not
    /// left out.
    fn names_text(&self, write: &FlickrWrite, by_default: bool) -> bool {
        let is_it = |key: &String| *key == wanted::key(&write.text) || clean_tag(key) == write.item;
        let named = if self.only.is_empty() {
            by_default
        } else {
            self.only.iter().any(is_it)
        };
        named && !self.except.iter().any(is_it)
    }
}

/// Reads tags.json for [`Undo::make`].
///
/// # Errors
/// Where it cannot be read.
pub async fn tags_now(file: &std::path::Path, nsid: &str) -> Result<TagsFile, StepError> {
    wanted::read(file, Some(nsid)).await
}
