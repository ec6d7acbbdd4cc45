//! Answers: into the store's journal and tags.json, and back.

use std::collections::{HashMap, HashSet};

use super::{Session, StepError};
use crate::{
    boxed,
    steps::{clock::now, tags_json::Saved},
    store::{Decision, FaceId, FaceState, JournalId, PersonId, Together, Undone},
};

/// What faces are said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The faces.
    pub faces: Vec<FaceId>,
    /// What they are.
    pub decision: Decision,
    /// Faces that were looked at and taken out before a name was given: they are not this person's.
    pub rejected: Vec<FaceId>,
    /// Give the name even to faces that were rejected as this person before.
    pub force: bool,
    /// Faces among these that had no decision when they were looked at: where one has by now, nothing is decided, and
    /// [`Answered::elsewhere`] says so.
    pub open: Vec<FaceId>,
}

impl Answer {
    /// What faces are, and nothing about others; it gives way to rejections.
    #[must_use]
    pub fn new(faces: Vec<FaceId>, decision: Decision) -> Self {
        Self {
            faces,
            decision,
            rejected: Vec::new(),
            force: false,
            open: Vec::new(),
        }
    }
}

/// What an answer did; [`messages::answered`](crate::steps::messages::answered) has it in words. By default it decided nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answered {
    /// The entry in the journal, to undo it by; `None` where nothing was decided, because all faces
    /// were blocked.
    pub entry: Option<JournalId>,
    /// What was decided: a name, `strangers`, `not faces`, or `not Ada`.
    pub what: String,
    /// The faces that were decided about.
    pub faces: Vec<FaceId>,
    /// Faces that were rejected as this person before: nothing was decided about them. An answer with
    /// `force` decides about them, too.
    pub blocked: Vec<FaceId>,
    /// Who these were not, where that is not `what`.
    pub blocked_as: String,
    /// Faces that had a decision already, and which: this later one replaced it.
    pub overruled: Vec<(FaceId, FaceState)>,
    /// The names of the people in `overruled`, some of whom may have no faces any more.
    pub names: HashMap<PersonId, String>,
    /// Others had answered before this was written, and nothing was decided:
    /// [`meanwhile`](crate::steps::review::meanwhile) says what.
    pub elsewhere: bool,
    /// Where tags.json stands.
    pub saved: Saved,
}

impl Session {
    /// Decides about faces, and saves it to the store; tags.json follows within a second. A face that was rejected as
    /// the person before is not decided about, unless the answer has `force`.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was decided. Or where tags.json cannot, for this answer or an
    /// earlier one: the store holds them. A tags.json whose text is damaged is no error here, but for
    /// [`Self::settled`]: see [`Saved::unreadable`].
    #[boxed]
    pub async fn decide(&self, answer: Answer) -> Result<Answered, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        let store = &self.0.store;
        let mut faces = answer.faces;
        let (rejected, what) = match &answer.decision {
            Decision::Named(name) => (store.rejected_for(name).await?, name.to_string()),
            Decision::Ignored => (Vec::new(), "strangers".to_owned()),
            Decision::NotAFace => (Vec::new(), "not faces".to_owned()),
        };
        let rejected: HashSet<FaceId> = match answer.force {
            true => HashSet::new(),
            false => rejected.into_iter().collect(),
        };
        let blocked = faces
            .extract_if(.., |face| rejected.contains(face))
            .collect();
        let mut answered = Answered {
            what,
            faces,
            blocked,
            ..Answered::default()
        };
        if answered.faces.is_empty() {
            return Ok(answered);
        }
        let decided = store.decide_if_open(
            &answered.faces,
            &answer.decision,
            &answer.rejected,
            &answer.open,
            now(),
        );
        let Some(decided) = decided.await? else {
            return self.elsewhere().await;
        };
        answered.entry = Some(decided.entry);
        answered.faces.retain(|face| !decided.gone.contains(face));
        for (_, state) in &decided.overruled {
            if let FaceState::Named(person) = *state
                && !answered.names.contains_key(&person)
                && let Some(name) = store.name_of(person).await?
            {
                answered.names.insert(person, name);
            }
        }
        answered.overruled = decided.overruled;
        answered.saved = self.save().await?;
        Ok(answered)
    }

    /// Remembers that faces are not a person's.
    ///
    /// # Errors
    /// Where there is no such person, or the store cannot be written to.
    #[boxed]
    pub async fn reject(
        &self,
        faces: Vec<FaceId>,
        person: PersonId,
    ) -> Result<Answered, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        let entry = self.0.store.reject(&faces, person, now()).await?;
        // A face that had the person's name has none now.
        let saved = self.save().await?;
        Ok(Answered {
            entry: Some(entry),
            what: self.0.store.journal_words(entry).await?,
            faces,
            saved,
            ..Answered::default()
        })
    }

    /// Others have answered first.
    async fn elsewhere(&self) -> Result<Answered, StepError> {
        self.refresh().await?;
        Ok(Answered {
            elsewhere: true,
            ..Answered::default()
        })
    }

    /// Decides all that one answer says, as one entry; `faces` are those that get a name.
    pub(super) async fn carry_out(
        &self,
        together: Together,
        mut faces: Vec<FaceId>,
    ) -> Result<Answered, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        let Some(decided) = self.0.store.decide_together(&together, now()).await? else {
            return self.elsewhere().await;
        };
        faces.retain(|face| !decided.gone.contains(face));
        let saved = self.save().await?;
        Ok(Answered {
            entry: Some(decided.entry),
            what: self.0.store.journal_words(decided.entry).await?,
            faces,
            saved,
            ..Answered::default()
        })
    }

    /// As [`Self::decide`], and remembers that [`Answer::rejected`] are not a person's, whatever the decision is.
    ///
    /// # Errors
    /// As [`Self::decide`].
    #[boxed]
    pub async fn decide_and_reject(
        &self,
        answer: Answer,
        person: PersonId,
    ) -> Result<Answered, StepError> {
        let faces = answer.faces.clone();
        let together = Together {
            decisions: vec![(answer.faces, answer.decision)],
            rejections: vec![(answer.rejected, person)],
            open: answer.open,
            ..Together::default()
        };
        self.carry_out(together, faces).await
    }

    /// Undoes an entry of the journal, from this session or another.
    ///
    /// # Errors
    /// Where there is no such entry, it is undone already, or the store or tags.json cannot be written
    /// to.
    #[boxed]
    pub async fn undo(&self, entry: JournalId) -> Result<(Undone, Saved), StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        let undone = self.0.store.undo(entry, now()).await?;
        Ok((undone, self.save().await?))
    }

    /// To be called when something was changed through the store itself: writes tags.json and takes
    /// the changes over.
    ///
    /// # Errors
    /// Where the store cannot be read or the file cannot be written.
    #[boxed]
    pub async fn changed(&self) -> Result<Saved, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        self.save().await
    }

    /// Waits until no answer is on its way and tags.json holds all of them: then the program may end.
    ///
    /// # Errors
    /// Where tags.json could not be written, or is damaged.
    #[boxed]
    pub async fn settled(&self) -> Result<Saved, StepError> {
        let _one_at_a_time = self.0.deciding.lock().await;
        self.0.saver.finish().await
    }

    /// Writes tags.json, or sees to it that it is written within a second.
    async fn save(&self) -> Result<Saved, StepError> {
        let saved = self.0.saver.soon().await;
        // After it: an edit of the file may have been taken over.
        self.refresh().await?;
        saved
    }
}
