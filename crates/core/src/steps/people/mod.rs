//! The people who have names: listed, renamed, merged, split, and their faces taken back.
//!
//! What is changed is in the store's journal and in tags.json before a call returns, and can be
//! undone. Command line, prompt and page all go through [`People::change`], which reads the text a
//! person gave and answers with what was done, in the journal's words.

mod change;
mod command;
mod error;
mod list;
mod sides;
mod split;
mod which;

use crate::ids::JournalId;
use std::path::{Path, PathBuf};

pub use self::{
    change::Change,
    command::Command,
    error::PeopleError,
    list::Listed,
    sides::{Sides, in_a_line},
    split::{Part, Split, SplitBy, SplitEvent},
};
use super::{
    StepError,
    blocking::blocking,
    clock::now,
    cohort::cohort,
    tags_json::{self, Saved},
};
use crate::{
    boxed,
    cluster::{self, Calibrated, Cohort, Distances},
    naming::montage::{self, MOST_TILES, Tile},
    store::{Entry, PersonFace, PersonRow, Store, Undone, key_of},
};

/// The people of a store and their tags.json.
#[derive(Debug, Clone)]
pub struct People {
    store: Store,
    tags: PathBuf,
    distances: Distances,
}

/// A change that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// Its entry in the journal.
    pub entry: JournalId,
    /// What was decided, in words, as the journal has it.
    pub what: String,
    /// What became of tags.json.
    pub saved: Saved,
}

impl People {
    /// The people of `store`, whose names are written to the file `tags`, compared by these distances as far as there is a
    /// cohort for the store's descriptor network.
    #[must_use]
    pub fn new(store: Store, tags: PathBuf, distances: Distances) -> Self {
        Self {
            store,
            tags,
            distances,
        }
    }

    /// What calibrates distances, where they are.
    async fn cohort(&self) -> Result<Option<Cohort>, StepError> {
        cohort(&self.store, &self.distances).await
    }

    /// Everyone who has a name, by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn list(&self) -> Result<Vec<PersonRow>, StepError> {
        Ok(self.store.people().await?)
    }

    /// The person with that name, in any case.
    ///
    /// # Errors
    /// [`PeopleError::NotFound`] where there is none.
    #[boxed]
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
            PeopleError::NotFound { name, similar }.into()
        })
    }

    /// The person with that name, or with that number in [`Self::listed`].
    ///
    /// # Errors
    /// As for [`Self::find`].
    #[boxed]
    pub async fn find_or_number(&self, text: &str) -> Result<PersonRow, StepError> {
        let error = match self.find(text).await {
            Ok(person) => return Ok(person),
            Err(error) => error,
        };
        let number = text.trim().parse::<usize>().ok();
        let mut listed = self.listed("").await?.into_iter();
        let found = listed.find(|row| Some(row.number) == number);
        found.map(|row| row.person).ok_or(error)
    }

    /// A person's faces, the most typical first; those that cannot be compared with the others come
    /// last. The number that a face is called by is its place here, from 1.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn faces(&self, person: &PersonRow) -> Result<Vec<PersonFace>, StepError> {
        let faces = self.store.faces_of(person.id).await?;
        let cohort = self.cohort().await?;
        blocking("ordering the faces", move || {
            most_typical_first(faces, cohort.as_ref())
        })
        .await
    }

    /// Draws all of a person's faces, numbered from 1, into as many JPEG files in `folder` as it
    /// takes. `part` is the number of the part of them, where they are one.
    ///
    /// # Errors
    /// Where the store cannot be read or a file cannot be written.
    #[boxed]
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
            let drawing = blocking("drawing a montage", move || {
                let tiles: Vec<_> = (first..)
                    .zip(&crops)
                    .map(|(number, jpeg)| Tile {
                        number,
                        odd: false,
                        jpeg,
                    })
                    .collect();
                montage::save(&montage::draw(&tiles, 0), &path).map(|()| path)
            });
            files.push(drawing.await??);
        }
        Ok(files)
    }

    /// The newest `most` entries of the journal, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn journal(&self, most: u32) -> Result<Vec<Entry>, StepError> {
        Ok(self.store.journal(most).await?)
    }

    /// Undoes an entry of the journal, or the last decision that stands.
    ///
    /// # Errors
    /// Where there is no such entry, or it is undone already, or the store or tags.json cannot be
    /// written to.
    #[boxed]
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
fn most_typical_first(faces: Vec<PersonFace>, cohort: Option<&Cohort>) -> Vec<PersonFace> {
    let (comparable, others): (Vec<_>, Vec<_>) =
        (faces.into_iter()).partition(|face| face.descriptor.is_some());
    let mut order: Vec<u32> = (0..).take(comparable.len()).collect();
    cluster::most_typical_first(&mut order, &points(&comparable, cohort));
    let mut sorted: Vec<_> = (order.into_iter())
        .filter_map(|face| comparable.get(face as usize).cloned())
        .collect();
    sorted.extend(others);
    sorted
}

/// What faces are compared by, of those that have it.
fn points<'a>(faces: &'a [PersonFace], cohort: Option<&Cohort>) -> Vec<Calibrated<'a>> {
    let descriptors = faces.iter().filter_map(|face| face.descriptor.as_ref());
    descriptors
        .map(|descriptor| Calibrated {
            descriptor: &descriptor.0,
            crowding: cohort.map(|cohort| cohort.crowding(&descriptor.0)),
        })
        .collect()
}
