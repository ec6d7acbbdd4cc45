//! The journal of writes, looked up by what was written where; and numbers of what a run wrote.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use serde::{Serialize, Serializer};

use super::{
    super::{StepError, clock},
    account::{PhotoState, Presence},
    people::{NamedPerson, NoteOnFace},
    tag_forms::TagForms,
};
use crate::{
    flickr::Flickr,
    ids::PhotoId,
    progress::{Bar, Detail},
    store::{FlickrWrite, Store, StoreError, WriteKind, WriteState},
};

/// Numbers of tags, notes and people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteCounts {
    /// Tags.
    pub tags: u64,
    /// Notes on faces.
    pub notes: u64,
    /// Members of Flickr on photos.
    pub members: u64,
}

/// A photo that failed, in part or whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Flickr's photo id.
    pub photo: PhotoId,
    /// Why, such as Flickr's own words.
    pub reason: String,
}

/// How a run ended.
#[derive(Debug, Default, Serialize)]
pub struct RunEnd {
    /// Photos that failed, each once.
    pub failed: Vec<Failure>,
    /// Photos left, if it ended before its end.
    pub left: u64,
    /// API calls since the program began, the sign-in and the plan included.
    #[serde(rename = "api_calls")]
    pub calls: u64,
    /// How long it took.
    pub seconds: f64,
    /// Whether the person stopped it before its end.
    pub stopped: bool,
    /// What broke it off.
    #[serde(serialize_with = "message")]
    pub error: Option<StepError>,
}

fn message<S: Serializer>(error: &Option<StepError>, serializer: S) -> Result<S::Ok, S::Error> {
    let error = error.as_ref().map(ToString::to_string);
    error.serialize(serializer)
}

impl WriteCounts {
    /// Counts writes.
    pub fn of<'a>(writes: impl IntoIterator<Item = &'a FlickrWrite>) -> Self {
        let mut counts = Self::default();
        for write in writes {
            counts.add(write.kind, 1);
        }
        counts
    }

    /// All of them.
    pub fn total(self) -> u64 {
        self.tags + self.notes + self.members
    }

    pub(super) fn add(&mut self, kind: WriteKind, number: u64) {
        *match kind {
            WriteKind::Tag => &mut self.tags,
            WriteKind::Note => &mut self.notes,
            WriteKind::Member => &mut self.members,
        } += number;
    }
}

impl RunEnd {
    /// One that an error ended before it began, or a stop.
    pub fn at_once(error: Option<StepError>) -> Self {
        let mut end = Self::default();
        match error {
            Some(error) => end.broke_off(error),
            None => end.stopped = true,
        }
        end
    }

    /// Whether it came to its end and nothing failed.
    pub fn is_whole(&self) -> bool {
        !self.stopped && self.error.is_none() && self.failed.is_empty()
    }

    /// A photo failed, in part or whole.
    pub(super) fn fail(&mut self, photo: &PhotoId, reason: &str) {
        let known = self.failed.iter_mut().find(|known| known.photo == *photo);
        match known {
            Some(known) if known.reason.contains(reason) => return,
            Some(known) => known.reason = format!("{}; {reason}", known.reason),
            None => self.failed.push(Failure {
                photo: photo.clone(),
                reason: reason.to_owned(),
            }),
        }
        tracing::warn!("photo {photo}: {reason}");
    }

    /// It ended before its end.
    pub(super) fn broke_off(&mut self, error: StepError) {
        match error.is_stop() {
            true => self.stopped = true,
            false => self.error = Some(error),
        }
    }

    /// What it took.
    pub(super) fn took(&mut self, flickr: &Flickr, begun: Instant) {
        self.calls = flickr.client().calls();
        self.seconds = begun.elapsed().as_secs_f64();
    }

    /// Moves a run's bar on.
    pub(super) fn show(
        &self,
        bar: &dyn Bar,
        done: u64,
        changed: Detail,
        least_time: Option<Duration>,
    ) {
        let mut details = vec![changed, Detail::Failed(self.failed.len() as u64)];
        details.extend(least_time.map(Detail::LeastTime));
        bar.set_details(&details);
        bar.set_position(done);
    }
}

/// Entries, photo by photo.
pub(super) struct Journal {
    photos: HashMap<PhotoId, Vec<FlickrWrite>>,
    /// What its tags became on Flickr.
    pub(super) forms: TagForms,
}

impl Journal {
    pub(super) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut photos: HashMap<PhotoId, Vec<FlickrWrite>> = HashMap::new();
        for write in store.flickr_writes().await? {
            photos.entry(write.photo.clone()).or_default().push(write);
        }
        let forms = TagForms::of(photos.values().flatten());
        Ok(Self { photos, forms })
    }

    pub(super) fn of(&self, photo: &PhotoId) -> &[FlickrWrite] {
        self.photos.get(photo).map_or(&[], Vec::as_slice)
    }

    /// The entry of the tag that `text` is, whatever its text there.
    pub(super) fn tag(&self, photo: &PhotoId, text: &str) -> Option<&FlickrWrite> {
        let tags = || (self.of(photo).iter()).filter(|write| write.kind == WriteKind::Tag);
        let id = self.forms.id(text);
        (tags().find(|write| write.text == text))
            .or_else(|| tags().find(|write| self.forms.id(&write.text) == id))
    }

    pub(super) fn note(&self, photo: &PhotoId, note: &NoteOnFace<'_>) -> Option<&FlickrWrite> {
        let notes = || self.of(photo).iter().filter(|write| note.is(write));
        (notes().find(|write| write.item == note.item))
            .or_else(|| notes().find(|write| is_expected(write.state)))
            .or_else(|| notes().next())
    }

    pub(super) fn member(&self, photo: &PhotoId, nsid: &str) -> Option<&FlickrWrite> {
        let mut entries = self.of(photo).iter();
        entries.find(|write| write.kind == WriteKind::Member && write.item == nsid)
    }

    /// When a photo was last written to, in seconds since 1970.
    pub(super) fn written(&self, photo: &PhotoId) -> i64 {
        let times = self.of(photo).iter().map(|write| write.written);
        times.max().unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &FlickrWrite> {
        self.photos.values().flatten()
    }

    /// Photos that have, or may have, something that the journal knows of.
    pub(super) fn photos(&self) -> impl Iterator<Item = &PhotoId> {
        let known = |write: &FlickrWrite| is_expected(write.state);
        (self.photos.iter())
            .filter(move |(_, writes)| writes.iter().any(known))
            .map(|(photo, _)| photo)
    }

    /// Whether a photo's tags are not those that it should have: one is missing, one is back, or a call
    /// may have been carried out.
    pub(super) fn doubts(&self, photo: &PhotoId, state: &PhotoState) -> bool {
        let mut tags = (self.of(photo).iter()).filter(|write| write.kind == WriteKind::Tag);
        tags.any(|write| {
            let presence = state.presence(&self.forms, &write.text);
            match write.state {
                WriteState::Planned => false,
                WriteState::Begun | WriteState::Removing => true,
                WriteState::Added | WriteState::Preexisting => {
                    !matches!(presence, Presence::There(_))
                }
                WriteState::Removed | WriteState::RemovedElsewhere | WriteState::Failed => {
                    matches!(presence, Presence::There(_))
                }
            }
        })
    }

    /// What Flickr has from us and `people` no longer ask for, photo by photo.
    pub(super) fn outdated(&self, people: &[NamedPerson]) -> Vec<FlickrWrite> {
        let mut wanted: HashSet<(WriteKind, &PhotoId, String)> = HashSet::new();
        let mut notes: HashMap<&PhotoId, Vec<NoteOnFace<'_>>> = HashMap::new();
        for person in people.iter().filter(|person| person.entry.write) {
            let tag = self.forms.id(person.entry.tag_text());
            for photo in &person.entry.photos {
                wanted.insert((WriteKind::Tag, photo, tag.clone()));
                if self.photos.contains_key(photo) {
                    notes
                        .entry(photo)
                        .or_default()
                        .extend(person.notes_on(photo));
                }
                if let Some(nsid) = &person.entry.nsid {
                    wanted.insert((WriteKind::Member, photo, nsid.clone()));
                }
            }
        }
        let is_wanted = |write: &FlickrWrite| match write.kind {
            WriteKind::Tag => {
                let id = self.forms.id(&write.text);
                wanted.contains(&(WriteKind::Tag, &write.photo, id))
            }
            WriteKind::Note => {
                let notes = notes.get(&write.photo).into_iter().flatten();
                notes.into_iter().any(|note| note.is(write))
            }
            WriteKind::Member => {
                wanted.contains(&(WriteKind::Member, &write.photo, write.item.clone()))
            }
        };
        let mut outdated: Vec<_> = (self.iter())
            .filter(|write| write.state.is_ours() && !is_wanted(write))
            .cloned()
            .collect();
        sort(&mut outdated);
        outdated
    }
}

/// Sorts writes by photo, then by what they are.
pub(super) fn sort(writes: &mut [FlickrWrite]) {
    writes.sort_by(|a, b| (&a.photo, a.kind, &a.item).cmp(&(&b.photo, b.kind, &b.item)));
}

/// Whether what an entry stands for should be on the photo.
pub(super) fn is_expected(state: WriteState) -> bool {
    state.is_ours() || state == WriteState::Preexisting
}

/// A write that is about to be made, in the name of `person`.
pub(super) fn new_write(
    kind: WriteKind,
    photo: &PhotoId,
    item: String,
    text: &str,
    person: &NamedPerson,
) -> FlickrWrite {
    FlickrWrite {
        kind,
        photo: photo.clone(),
        item,
        text: text.to_owned(),
        people: vec![person.entry.name.to_string()],
        clean: None,
        place: None,
        state: WriteState::Planned,
        flickr_id: None,
        error: None,
        code: None,
        written: 0,
    }
}

/// Enters writes into the journal in a state of their way.
pub(super) async fn record(
    store: &Store,
    writes: &[FlickrWrite],
    state: WriteState,
    error: Option<&str>,
) -> Result<(), StoreError> {
    let entries: Vec<_> = (writes.iter())
        .map(|write| FlickrWrite {
            state,
            error: error.map(str::to_owned),
            ..write.clone()
        })
        .collect();
    store.record_writes(&entries, clock::now()).await
}

/// Takes back that an outage is held against what was to be written to `photos`: the next run tries it as
/// if for the first time.
pub(super) async fn spare(
    store: &Store,
    photos: impl Iterator<Item = &PhotoId>,
) -> Result<(), StoreError> {
    let photos: HashSet<_> = photos.collect();
    if photos.is_empty() {
        return Ok(());
    }
    let mut writes = store.flickr_writes().await?;
    writes.retain(|write| {
        photos.contains(&write.photo) && write.error.is_some() && !write.is_refused()
    });
    for write in &mut writes {
        write.error = None;
    }
    store.record_writes(&writes, clock::now()).await
}
