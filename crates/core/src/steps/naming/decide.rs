//! Answers: into the store's journal and tags.json, and back.

use std::{
    collections::{HashMap, HashSet},
    sync::{MutexGuard, PoisonError},
};

use super::{Session, StepError};
use crate::{
    steps::{
        clock::now,
        tags_json::{self, Saved},
    },
    store::{Decision, FaceId, FaceState, JournalId, PersonId, Undone},
};

/// What somebody said about faces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The faces.
    pub faces: Vec<FaceId>,
    /// What they are.
    pub decision: Decision,
    /// Faces that were looked at and taken out before a name was given: they are not this person's.
    pub rejected: Vec<FaceId>,
    /// Give the name even to faces of which it was once said that they are not this person's.
    pub force: bool,
}

/// What an answer did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The entry in the journal, to undo it by; `None` where nothing was decided, because all faces
    /// were kept out.
    pub entry: Option<JournalId>,
    /// The faces that were decided about.
    pub faces: Vec<FaceId>,
    /// Faces that were once said not to be this person's: nothing was decided about them.
    pub blocked: Vec<FaceId>,
    /// Faces that somebody had decided about before, and what: this later word holds.
    pub overruled: Vec<(FaceId, FaceState)>,
    /// What the people in `overruled` are called, some of whom may have no faces any more.
    pub names: HashMap<PersonId, String>,
    /// Where tags.json stands.
    pub saved: Saved,
}

impl Session {
    /// Decides about faces, and saves it to the store and to tags.json. A face that was once said not
    /// to be the person named is kept out, but where the answer insists.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn decide(&self, answer: Answer) -> Result<Answered, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        let store = &self.0.store;
        let Answer {
            mut faces,
            decision,
            rejected,
            force,
        } = answer;
        let mut blocked = Vec::new();
        if let Decision::Named(name) = &decision
            && !force
        {
            let not_theirs: HashSet<FaceId> = store.rejected_for(name).await?.into_iter().collect();
            blocked.extend(faces.extract_if(.., |face| not_theirs.contains(face)));
        }
        if faces.is_empty() {
            return Ok(Answered {
                entry: None,
                faces,
                blocked,
                overruled: Vec::new(),
                names: HashMap::new(),
                saved: Saved::default(),
            });
        }
        let decided = store.decide(&faces, &decision, &rejected, now()).await?;
        self.remember(decided.entry);
        faces.retain(|face| !decided.gone.contains(face));
        let mut names = HashMap::new();
        for (_, state) in &decided.overruled {
            if let FaceState::Named(person) = *state
                && !names.contains_key(&person)
                && let Some(name) = store.name_of(person).await?
            {
                names.insert(person, name);
            }
        }
        Ok(Answered {
            entry: Some(decided.entry),
            faces,
            blocked,
            overruled: decided.overruled,
            names,
            saved: self.save().await?,
        })
    }

    /// Remembers that faces are not a person's.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub async fn reject(
        &self,
        faces: Vec<FaceId>,
        person: PersonId,
    ) -> Result<Answered, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        let entry = self.0.store.reject(&faces, person, now()).await?;
        self.remember(entry);
        self.refresh().await?;
        Ok(Answered {
            entry: Some(entry),
            faces,
            blocked: Vec::new(),
            overruled: Vec::new(),
            names: HashMap::new(),
            saved: Saved::default(),
        })
    }

    /// Takes the last answer of this session back; `None` where there is none.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to; then the answer can still be taken back.
    pub async fn undo(&self) -> Result<Option<Undone>, StepError> {
        let last = self.entries().last().copied();
        match last {
            Some(entry) => Ok(Some(self.undo_entry(entry).await?)),
            None => Ok(None),
        }
    }

    /// Takes any entry of the journal back.
    ///
    /// # Errors
    /// Where the store or tags.json cannot be written to.
    pub async fn undo_entry(&self, entry: JournalId) -> Result<Undone, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        let undone = self.0.store.undo(entry, now()).await?;
        self.entries().retain(|&known| known != entry);
        self.save().await?;
        Ok(undone)
    }

    /// To be called when something was changed through the store itself: writes tags.json and takes
    /// the changes over.
    ///
    /// # Errors
    /// Where the store cannot be read or the file cannot be written.
    pub async fn changed(&self) -> Result<Saved, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        self.save().await
    }

    /// Waits until no answer is on its way: then the program may end.
    pub async fn settled(&self) {
        drop(self.0.deciding.lock().await);
    }

    async fn save(&self) -> Result<Saved, StepError> {
        let saved = tags_json::save(&self.0.store, &self.0.settings.tags).await?;
        // After it: an edit of the file may have been taken over.
        self.refresh().await?;
        Ok(saved)
    }

    fn remember(&self, entry: JournalId) {
        self.entries().push(entry);
    }

    fn entries(&self) -> MutexGuard<'_, Vec<JournalId>> {
        let entries = self.0.entries.lock();
        entries.unwrap_or_else(PoisonError::into_inner)
    }
}
