//! The people who have names: listed, renamed, merged, split, and their faces taken back.
//!
//! What is changed is in the store's journal and in tags.json before a call returns, and can be
//! undone.

mod error;
mod which;

use std::path::{Path, PathBuf};

pub use self::error::PeopleError;
use super::{
    StepError,
    clock::now,
    tags_json::{self, Saved},
};
use crate::{
    cluster::{self, Grouping},
    naming::{
        Name,
        montage::{self, MOST_TILES, Tile},
    },
    store::{Decision, Entry, FaceId, JournalId, PersonFace, PersonRow, Store, Undone, key_of},
};

/// The people of a store and their tags.json.
#[derive(Debug, Clone)]
pub struct People {
    store: Store,
    tags: PathBuf,
}

/// What a change has become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its entry in the journal.
    pub entry: JournalId,
    /// What was decided, in words, as the journal has it.
    pub what: String,
    /// What became of tags.json.
    pub saved: Saved,
}

/// A part of a person's faces that are alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The faces, most typical first.
    pub faces: Vec<PersonFace>,
    /// Whether these are the faces that are like no other, put together.
    pub alone: bool,
}

impl People {
    /// The people of `store`, whose names are written to `tags`.
    pub fn new(store: Store, tags: PathBuf) -> Self {
        Self { store, tags }
    }

    /// Everybody who is listed, by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn list(&self) -> Result<Vec<PersonRow>, StepError> {
        Ok(self.store.people().await?)
    }

    /// The person with that name, in whatever case.
    ///
    /// # Errors
    /// [`PeopleError::Nobody`] where there is none.
    pub async fn find(&self, name: &str) -> Result<PersonRow, StepError> {
        let people = self.list().await?;
        let name = name.trim();
        let key = key_of(name);
        let similar = (people.iter())
            .map(|person| {
                let other = key_of(&person.name);
                let part = other.split_whitespace().any(|word| word == key);
                let distance = strsim::damerau_levenshtein(&key, &other);
                (if part { 0 } else { distance }, &person.name)
            })
            .filter(|(distance, _)| *distance <= 2.max(key.chars().count() / 3))
            .min();
        let similar = similar.map(|(_, name)| name.clone());
        let found = people.iter().find(|person| key_of(&person.name) == key);
        found.cloned().ok_or_else(|| {
            let name = name.to_owned();
            PeopleError::Nobody { name, similar }.into()
        })
    }

    /// A person's faces, the most typical first; those that cannot be compared with the others come
    /// last. The number that a face is called by is its place here, from 1.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn faces(&self, person: &PersonRow) -> Result<Vec<PersonFace>, StepError> {
        let faces = self.store.faces_of(person.id).await?;
        let ordering = tokio::task::spawn_blocking(move || most_typical_first(faces));
        ordering
            .await
            .map_err(|_| StepError::BrokeOff("ordering the faces"))
    }

    /// Draws all of a person's faces, numbered from 1, into as many JPEG files in `folder` as it
    /// takes. `part` is the number of the part of them, where they are one.
    ///
    /// # Errors
    /// Where the store cannot be read or a file cannot be written.
    pub async fn pictures(
        &self,
        person: &PersonRow,
        part: Option<usize>,
        faces: &[PersonFace],
        folder: &Path,
    ) -> Result<Vec<PathBuf>, StepError> {
        let part = part.map_or_else(String::new, |part| format!("-part-{part:03}"));
        let mut files = Vec::new();
        for (page, chunk) in faces.chunks(MOST_TILES).enumerate() {
            let ids: Vec<_> = chunk.iter().map(|face| face.id.clone()).collect();
            let crops = self.store.crops(&ids).await?;
            let name = format!("person-{:04}{part}-{:02}.jpg", person.id.0, page + 1);
            let path = folder.join(name);
            let first = page * MOST_TILES + 1;
            let drawing = tokio::task::spawn_blocking(move || {
                let tiles: Vec<_> = (first..)
                    .zip(&crops)
                    .map(|(number, jpeg)| Tile { number, jpeg })
                    .collect();
                montage::save(&montage::draw(&tiles, 0), &path).map(|()| path)
            });
            let path = drawing
                .await
                .map_err(|_| StepError::BrokeOff("drawing a montage"))??;
            files.push(path);
        }
        Ok(files)
    }

    /// Gives a person another name.
    ///
    /// # Errors
    /// Where somebody else has it, or the store or tags.json cannot be written to.
    pub async fn rename(&self, person: &PersonRow, name: &Name) -> Result<Done, StepError> {
        self.done(self.store.rename(person.id, name, now()).await?)
            .await
    }

    /// Makes two people one; see [`Store::merge`].
    ///
    /// # Errors
    /// Where they are one already, or the store or tags.json cannot be written to.
    pub async fn merge(&self, from: &PersonRow, into: &PersonRow) -> Result<Done, StepError> {
        self.done(self.store.merge(from.id, into.id, now()).await?)
            .await
    }

    /// Takes faces of a person back: they wait for a name again, and are not offered for that person.
    /// `which` are their numbers, as in [`Self::faces`], their ids, or the ids of photos.
    ///
    /// # Errors
    /// Where something in `which` is no face of theirs, or the store or tags.json cannot be written
    /// to.
    pub async fn take_back(&self, person: &PersonRow, which: &str) -> Result<Done, StepError> {
        let faces = self.faces(person).await?;
        let faces = which::faces(which, &person.name, &faces)?;
        self.done(self.store.take_back(&faces, now()).await?).await
    }

    /// Sets the text of a person's tag; `None` for the name itself.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn set_tag(&self, person: &PersonRow, tag: Option<&Name>) -> Result<Done, StepError> {
        self.done(self.store.set_tag(person.id, tag, now()).await?)
            .await
    }

    /// Says whether a person may be written to Flickr.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn set_write(&self, person: &PersonRow, may: bool) -> Result<Done, StepError> {
        self.done(self.store.set_write(person.id, may, now()).await?)
            .await
    }

    /// Sets a person's own NSID; `None` where they are no member of Flickr.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn set_nsid(
        &self,
        person: &PersonRow,
        nsid: Option<&str>,
    ) -> Result<Done, StepError> {
        self.done(self.store.set_nsid(person.id, nsid, now()).await?)
            .await
    }

    /// The parts that a person's faces fall into at a threshold, the largest first; the faces that are
    /// like no other are one part, at the end.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn parts(
        &self,
        person: &PersonRow,
        threshold: f32,
        grouping: Grouping<'static>,
    ) -> Result<Vec<Part>, StepError> {
        let faces = self.store.faces_of(person.id).await?;
        let parting = tokio::task::spawn_blocking(move || parts(faces, threshold, grouping));
        parting
            .await
            .map_err(|_| StepError::BrokeOff("splitting a person"))
    }

    /// Decides whose a part of a person's faces is instead.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn split_off(
        &self,
        person: &PersonRow,
        part: &Part,
        decision: &Decision,
    ) -> Result<Done, StepError> {
        let faces: Vec<FaceId> = part.faces.iter().map(|face| face.id.clone()).collect();
        let entry = self
            .store
            .split_off(person.id, &faces, decision, now())
            .await?;
        self.done(entry).await
    }

    /// The newest `most` entries of the journal, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn journal(&self, most: u32) -> Result<Vec<Entry>, StepError> {
        Ok(self.store.journal(most).await?)
    }

    /// Undoes an entry of the journal, or the last decision that stands.
    ///
    /// # Errors
    /// Where there is no such entry, or it is undone already, or the store or tags.json cannot be
    /// written to.
    pub async fn undo(&self, entry: Option<JournalId>) -> Result<(Undone, Saved), StepError> {
        let entry = match entry {
            Some(entry) => entry,
            None => (self.store.last_decision().await?).ok_or(PeopleError::NothingToUndo)?,
        };
        let undone = self.store.undo(entry, now()).await?;
        Ok((undone, self.save().await?))
    }

    async fn done(&self, entry: JournalId) -> Result<Done, StepError> {
        let what = self.store.journal_words(entry).await?;
        let saved = self.save().await?;
        Ok(Done { entry, what, saved })
    }

    async fn save(&self) -> Result<Saved, StepError> {
        tags_json::save(&self.store, &self.tags).await
    }
}

/// Orders faces as [`cluster::most_typical_first`] does; those without a descriptor come last.
fn most_typical_first(faces: Vec<PersonFace>) -> Vec<PersonFace> {
    let (comparable, others): (Vec<_>, Vec<_>) =
        (faces.into_iter()).partition(|face| face.descriptor.is_some());
    let descriptors: Vec<_> = (comparable.iter())
        .filter_map(|face| face.descriptor.as_ref().map(|descriptor| descriptor.0))
        .collect();
    let mut order: Vec<u32> = (0..).take(comparable.len()).collect();
    cluster::most_typical_first(&mut order, &descriptors);
    let mut sorted: Vec<_> = (order.into_iter())
        .filter_map(|face| comparable.get(face as usize).cloned())
        .collect();
    sorted.extend(others);
    sorted
}

fn parts(faces: Vec<PersonFace>, threshold: f32, grouping: Grouping<'_>) -> Vec<Part> {
    let (comparable, others): (Vec<_>, Vec<_>) =
        (faces.into_iter()).partition(|face| face.descriptor.is_some());
    let descriptors: Vec<_> = (comparable.iter())
        .filter_map(|face| face.descriptor.as_ref().map(|descriptor| descriptor.0))
        .collect();
    let graph = cluster::neighbours(&descriptors, threshold);
    let labels = cluster::group(&graph, &grouping);
    let of = |members: &[u32]| -> Vec<PersonFace> {
        (members.iter())
            .filter_map(|&face| comparable.get(face as usize).cloned())
            .collect()
    };
    let (alike, alone): (Vec<_>, Vec<_>) = cluster::clusters(&labels)
        .into_iter()
        .partition(|members| members.len() > 1);
    let mut parts: Vec<_> = (alike.iter())
        .map(|members| Part {
            faces: most_typical_first(of(members)),
            alone: false,
        })
        .collect();
    let mut rest = of(&alone.concat());
    rest.extend(others);
    if !rest.is_empty() {
        parts.push(Part {
            faces: rest,
            alone: true,
        });
    }
    parts
}
