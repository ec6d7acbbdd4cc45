//! The journal of writes, looked up by what was written where; and numbers of what a run wrote.

use std::{
    collections::{HashMap, HashSet},
    time::{Duration, Instant},
};

use serde::{Serialize, Serializer};

use super::{
    super::{StepError, clock},
    account::PhotoState,
    people::NamedPerson,
};
use crate::{
    flickr::{self, Flickr},
    ids::PhotoId,
    naming::tag_text::clean_tag,
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
        match error {
            StepError::Flickr(flickr::Error::Stopped { .. }) => self.stopped = true,
            error => self.error = Some(error),
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
pub(super) struct Journal(HashMap<PhotoId, Vec<FlickrWrite>>);

impl Journal {
    pub(super) async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut photos: HashMap<PhotoId, Vec<FlickrWrite>> = HashMap::new();
        for write in store.flickr_writes().await? {
            photos.entry(write.photo.clone()).or_default().push(write);
        }
        Ok(Self(photos))
    }

    pub(super) fn of(&self, photo: &PhotoId) -> &[FlickrWrite] {
        self.0.get(photo).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(&self, kind: WriteKind, photo: &PhotoId, item: &str) -> Option<&FlickrWrite> {
        let mut entries = self.of(photo).iter();
        entries.find(|write| write.kind == kind && write.item == item)
    }

    pub(super) fn state(&self, kind: WriteKind, photo: &PhotoId, item: &str) -> Option<WriteState> {
        self.get(kind, photo, item).map(|write| write.state)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &FlickrWrite> {
        self.0.values().flatten()
    }

    /// Photos that have, or may have, something that the journal knows of.
    pub(super) fn photos(&self) -> impl Iterator<Item = &PhotoId> {
        let known = |write: &FlickrWrite| is_expected(write.state);
        (self.0.iter())
            .filter(move |(_, writes)| writes.iter().any(known))
            .map(|(photo, _)| photo)
    }

    /// Whether a tag is missing that should be on the photo.
    pub(super) fn misses_a_tag(&self, photo: &PhotoId, state: &PhotoState) -> bool {
        (self.of(photo).iter())
            .filter(|write| write.kind == WriteKind::Tag && is_expected(write.state))
            .any(|write| !state.has(&write.item))
    }

    /// What Flickr has from us and `people` no longer ask for, photo by photo.
    pub(super) fn outdated(&self, people: &[NamedPerson]) -> Vec<FlickrWrite> {
        let mut wanted: HashSet<(WriteKind, &PhotoId, String)> = HashSet::new();
        for person in people.iter().filter(|person| person.entry.write) {
            for photo in &person.entry.photos {
                let tag = clean_tag(person.entry.tag_text());
                wanted.insert((WriteKind::Tag, photo, tag));
                wanted.insert((WriteKind::Note, photo, person.note_item(0)));
                if let Some(nsid) = &person.entry.nsid {
                    wanted.insert((WriteKind::Member, photo, nsid.clone()));
                }
            }
        }
        let mut outdated: Vec<_> = (self.iter())
            .filter(|write| {
                // A second note of the same person has the first one's item with a number.
                let item = write.item.split('#').next().unwrap_or_default().to_owned();
                write.state.is_ours() && !wanted.contains(&(write.kind, &write.photo, item))
            })
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
        place: None,
        state: WriteState::Begun,
        flickr_id: None,
        error: None,
        code: None,
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
