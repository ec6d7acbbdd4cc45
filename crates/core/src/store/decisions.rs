//! Decisions about faces.
//!
//! A decision belongs to a face, never to a cluster: whatever is clustered later, it stays. Each is an
//! entry of the [journal](super::journal).

use std::collections::BTreeMap;

use super::{
    FaceId, FaceState, JournalId, PersonId, Result, Store,
    journal::{Kind, Made, Writing},
};
use crate::boxed;
use crate::naming::Name;

/// What was decided about a face.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is this person's.
    Named(Name),
    /// A person who is not to be named.
    Ignored,
    /// The detector was wrong.
    NotAFace,
}

/// What became of a decision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decided {
    /// Its entry in the journal.
    pub entry: JournalId,
    /// Faces that were not undecided, with the state that they had until now.
    pub overruled: Vec<(FaceId, FaceState)>,
    /// Faces that are not there any more, and about which nothing could be decided: their photo was
    /// processed again, and they were not found again.
    pub gone: Vec<FaceId>,
}

impl Store {
    /// Decides about faces, in one transaction. A person not known yet is made; names that differ
    /// only in case are one person. `rejected` are faces that were shown and are not this person.
    /// What was decided before about the faces is overruled and returned. `now` is in seconds since 1970.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was decided.
    #[boxed]
    pub async fn decide(
        &self,
        faces: &[FaceId],
        decision: &Decision,
        rejected: &[FaceId],
        now: i64,
    ) -> Result<Decided> {
        let decided = self.decide_if_open(faces, decision, rejected, &[], now);
        Ok(decided.await?.unwrap_or_default())
    }

    /// The same, where none of `open` has a decision by now: looked at and written in one transaction, so that what others
    /// decide meanwhile comes before or after it. `None` where one has; then nothing was decided.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub(crate) async fn decide_if_open(
        &self,
        faces: &[FaceId],
        decision: &Decision,
        rejected: &[FaceId],
        open: &[FaceId],
        now: i64,
    ) -> Result<Option<Decided>> {
        self.entry(now, |mut writing| async move {
            if !writing.are_open(open).await? {
                return Ok(Made::Nothing(None));
            }
            let (state, what) = writing.state_for(decision).await?;
            let mut decided = writing.decided();
            for face in faces {
                match writing.decide(face, state).await? {
                    None => decided.gone.push(face.clone()),
                    Some((_, FaceState::Unnamed)) => {}
                    Some(overruled) => decided.overruled.push(overruled),
                }
            }
            if let FaceState::Named(person) = state {
                for face in rejected {
                    writing.reject(face, person).await?;
                }
            }
            writing.keep(Kind::Decide, what, Some(decided)).await
        })
        .await
    }

    /// Says that faces are not a person's: they are not to be offered for that person again. A face
    /// that has the person's name loses it. Returns the entry in the journal.
    ///
    /// # Errors
    /// Where there is no such person or the store cannot be written to; then nothing was decided.
    pub(crate) async fn reject(
        &self,
        faces: &[FaceId],
        person: PersonId,
        now: i64,
    ) -> Result<JournalId> {
        self.entry(now, |mut writing| async move {
            let what = format!("not {}", writing.name_of(person).await?);
            writing.reject_all(faces, person).await?;
            writing.keep_numbered(Kind::Reject, what).await
        })
        .await
    }

    /// Takes decisions about faces back: they wait for one again. Those that had a person's name are
    /// not to be offered for that person again. Returns the entry in the journal.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing was taken back.
    pub(crate) async fn take_back(&self, faces: &[FaceId], now: i64) -> Result<JournalId> {
        self.entry(now, |mut writing| async move {
            let mut people: BTreeMap<PersonId, String> = BTreeMap::new();
            for face in faces {
                if let Some(person) = writing.take_back(face).await? {
                    people.insert(person, writing.name_of(person).await?);
                }
            }
            let what = match people.len() {
                0 => "undecided again".to_owned(),
                1..=3 => {
                    let names: Vec<_> = people.into_values().collect();
                    format!("not {}", names.join(", "))
                }
                more => format!("no longer those of {more} people"),
            };
            writing.keep_numbered(Kind::TakeBack, what).await
        })
        .await
    }

    /// Pairs of a face and a person that it is not.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn rejections(&self) -> Result<Vec<(FaceId, PersonId)>> {
        let select = sqlx::query("SELECT face, person FROM rejections ORDER BY face, person");
        let rows = self.rows("read who faces are not", select).await?;
        rows.iter()
            .map(|row| Ok((self.column(row, "face")?, self.column(row, "person")?)))
            .collect()
    }
}

impl Writing<'_> {
    /// A decision of this entry, of which nothing is known yet.
    pub(super) fn decided(&self) -> Decided {
        Decided {
            entry: self.entry,
            ..Decided::default()
        }
    }

    /// Whether none of these faces has a decision; what is dropped then has written nothing.
    pub(super) async fn are_open(&mut self, faces: &[FaceId]) -> Result<bool> {
        for face in faces {
            if let Some((_, state)) = self.state(face).await?
                && state != FaceState::Unnamed
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The state of faces by a decision, and what they are then, in words; a person not known yet is
    /// made.
    pub(super) async fn state_for(&mut self, decision: &Decision) -> Result<(FaceState, String)> {
        Ok(match decision {
            Decision::Named(name) => {
                let person = self.person(name).await?;
                (FaceState::Named(person), self.name_of(person).await?)
            }
            Decision::Ignored => (FaceState::Ignored, "strangers".to_owned()),
            Decision::NotAFace => (FaceState::NotAFace, "not faces".to_owned()),
        })
    }

    /// Takes a decision about a face back. Where it had a person's name, it is not offered for that
    /// person again; that person.
    pub(super) async fn take_back(&mut self, face: &FaceId) -> Result<Option<PersonId>> {
        let before = self.decide(face, FaceState::Unnamed).await?;
        let Some((face, FaceState::Named(person))) = before else {
            return Ok(None);
        };
        self.reject(&face, person).await?;
        Ok(Some(person))
    }
}
