//! The journal of decisions: what was decided, when, and what it changed, so that any of it can be
//! undone, in any order and in a later session.
//!
//! A decision sets registers: the state of faces, who they are not, a person's name and so on. An
//! entry keeps what each register was and became, in one transaction with the change itself. The
//! rule of undoing is that **a register has the value of the latest entry about it that stands**, or
//! else the one it had before the first. So it does not matter in which order entries are undone,
//! and what was decided since keeps the later word.
//!
//! An undoing is an entry, too, and can be undone.

mod groups;
mod once;
mod register;
mod undo;

use sqlx::{
    Any, FromRow, Transaction,
    any::{AnyArguments, AnyRow},
    query::QueryScalar,
};

pub(super) use self::once::Made;
use self::register::Value;
pub(crate) use self::register::key_of;
pub(super) use self::register::{Register, face_state, face_value, set};
pub use self::undo::Undone;
use super::{FaceId, FaceState, JournalId, PersonId, Result, Store, StoreError};
use crate::boxed;
use crate::naming::Name;

const WHAT: &str = "store a decision";
const READ: &str = "read the journal";

/// What an entry of the journal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Faces got a name, or were marked as strangers or as not faces.
    Decide,
    /// Faces are not a person's.
    Reject,
    /// Decided faces wait for a decision again.
    TakeBack,
    /// A person has another name.
    Rename,
    /// Two people are one.
    Merge,
    /// Groups of faces without a name are one person's, or are not.
    Pairs,
    /// A person's tag text, whether it is written, or their NSID.
    Settings,
    /// tags.json was changed by hand.
    TagsJson,
    /// Another entry was undone.
    Undo,
}

const KINDS: [(Kind, &str); 9] = [
    (Kind::Decide, "decide"),
    (Kind::Reject, "reject"),
    (Kind::TakeBack, "take_back"),
    (Kind::Rename, "rename"),
    (Kind::Merge, "merge"),
    (Kind::Pairs, "pairs"),
    (Kind::Settings, "settings"),
    (Kind::TagsJson, "tags_json"),
    (Kind::Undo, "undo"),
];

impl Kind {
    /// As the store keeps it, for programs.
    pub fn as_str(self) -> &'static str {
        KINDS
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("", |(_, text)| text)
    }
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number: later ones are higher.
    pub id: JournalId,
    /// When, in seconds since 1970.
    pub made: i64,
    /// What it is about.
    pub kind: Kind,
    /// What was decided, in words, with the names as they were then.
    pub what: String,
    /// How many faces it decided about.
    pub faces: u64,
    /// The entry that it undoes, where it is an undoing.
    pub undoes: Option<JournalId>,
    /// Whether it is undone.
    pub undone: bool,
}

/// An entry that is being written: the transaction, with its number taken.
pub(super) struct Writing<'s> {
    store: &'s Store,
    write: Transaction<'static, Any>,
    /// Its number.
    pub entry: JournalId,
    made: i64,
    /// The faces that got a name in it.
    named: Vec<(FaceId, PersonId)>,
}

impl Store {
    /// A face that an entry, or the one that it undoes, decided about; `None` where it was about none.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn journal_face(&self, entry: &Entry) -> Result<Option<FaceId>> {
        let select = sqlx::query_scalar(
            "SELECT face FROM journal_changes WHERE entry = $1 AND face <> '' ORDER BY face LIMIT 1",
        );
        let read = select.bind(entry.undoes.unwrap_or(entry.id));
        read.fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read the journal"))
    }

    /// The newest `most` entries of the journal, newest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn journal(&self, most: u32) -> Result<Vec<Entry>> {
        let select = sqlx::query(
            "SELECT id, made, kind, what, undoes, stands, (SELECT COUNT(*) FROM journal_changes
                WHERE entry = journal.id AND subject = 'face') AS faces
             FROM journal ORDER BY id DESC LIMIT $1",
        );
        let rows = self.rows(READ, select.bind(i64::from(most))).await?;
        rows.iter()
            .map(|row| {
                let kind: String = self.column(row, "kind")?;
                Ok(Entry {
                    id: self.column(row, "id")?,
                    made: self.column(row, "made")?,
                    kind: KINDS
                        .iter()
                        .find(|(_, text)| *text == kind)
                        .map_or(Kind::Settings, |(kind, _)| *kind),
                    what: self.column(row, "what")?,
                    faces: self.column::<i64>(row, "faces")?.unsigned_abs(),
                    undoes: self.column(row, "undoes")?,
                    undone: self.column::<i64>(row, "stands")? == 0,
                })
            })
            .collect()
    }

    /// What an entry has decided, in words; empty where there is none of this number.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn journal_words(&self, entry: JournalId) -> Result<String> {
        let words: Option<String> = sqlx::query_scalar("SELECT what FROM journal WHERE id = $1")
            .bind(entry)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed(READ))?;
        Ok(words.unwrap_or_default())
    }

    /// The newest entry that stands and is not an undoing: what "undo the last decision" means.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn last_decision(&self) -> Result<Option<JournalId>> {
        sqlx::query_scalar("SELECT MAX(id) FROM journal WHERE stands = 1 AND undoes IS NULL")
            .fetch_one(&self.pool)
            .await
            .map_err(self.failed(READ))
    }

    /// A number that is another one after every decision, undoing and change of a name, by this
    /// program or another.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn revision(&self) -> Result<i64> {
        sqlx::query_scalar("SELECT entry FROM journal_last")
            .fetch_one(&self.pool)
            .await
            .map_err(self.failed(READ))
    }

    /// Begins an entry; its kind and words are given at its end. `now` is in seconds since 1970.
    async fn begin_entry(&self, now: i64) -> Result<Writing<'_>> {
        let mut write = self.begin(WHAT).await?;
        // On PostgreSQL this row is what makes two programs write one after the other.
        let entry = sqlx::query_scalar("UPDATE journal_last SET entry = entry + 1 RETURNING entry")
            .fetch_one(&mut *write)
            .await
            .map_err(self.failed(WHAT))?;
        Ok(Writing {
            store: self,
            write,
            entry,
            made: now,
            named: Vec::new(),
        })
    }
}

impl Writing<'_> {
    /// Sets a register and keeps what it was. `None` where its face or person is not there, and then
    /// nothing is set.
    pub(super) async fn set(&mut self, register: &Register, value: Value) -> Result<Option<Value>> {
        let Some(was) = register.read(self.store, &mut self.write).await? else {
            return Ok(None);
        };
        let (subject, face, person, photo) = register.columns();
        // A register that one entry sets twice keeps what it was before the first time.
        let keep = sqlx::query(
            "INSERT INTO journal_changes (entry, subject, face, person, photo, was, became)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (entry, subject, face, person, photo)
                DO UPDATE SET became = excluded.became",
        )
        .bind(self.entry)
        .bind(subject)
        .bind(face)
        .bind(person)
        .bind(photo)
        .bind(was.as_deref())
        .bind(value.as_deref());
        self.store.run(&mut self.write, WHAT, keep).await?;
        if was != value {
            register.write(self.store, &mut self.write, &value).await?;
        }
        Ok(Some(was))
    }

    /// Decides about a face; the state that it had, and the face that has taken its place where its
    /// photo was processed again since it was read. `None` where there is no such face any more.
    pub(super) async fn decide(
        &mut self,
        face: &FaceId,
        state: FaceState,
    ) -> Result<Option<(FaceId, FaceState)>> {
        let Some(face) = self.there(face).await? else {
            return Ok(None);
        };
        let value = face_value(state, self.made);
        let was = self.set(&Register::Face(face.clone()), value).await?;
        if let FaceState::Named(person) = state {
            self.forget_rejection(&face, person).await?;
            self.named.push((face.clone(), person));
        }
        Ok(was.map(|was| (face, face_state(&was).0)))
    }

    /// Says that a face is not a person's.
    pub(super) async fn reject(&mut self, face: &FaceId, person: PersonId) -> Result<()> {
        if let Some(face) = self.there(face).await? {
            self.set(&Register::Rejection(face, person), set()).await?;
        }
        Ok(())
    }

    /// A face that gets a person's name is no longer rejected as that person.
    async fn forget_rejection(&mut self, face: &FaceId, person: PersonId) -> Result<()> {
        let rejection = Register::Rejection(face.clone(), person);
        if let Some(Some(_)) = rejection.read(self.store, &mut self.write).await? {
            self.set(&rejection, None).await?;
        }
        Ok(())
    }

    /// The state of a face that is there.
    pub(super) async fn state(&mut self, face: &FaceId) -> Result<Option<(FaceId, FaceState)>> {
        let Some(face) = self.there(face).await? else {
            return Ok(None);
        };
        let value = Register::Face(face.clone())
            .read(self.store, &mut self.write)
            .await?;
        Ok(value.map(|value| (face, face_state(&value).0)))
    }

    /// The face, or the one that has taken its place.
    pub(super) async fn there(&mut self, face: &FaceId) -> Result<Option<FaceId>> {
        let select = sqlx::query_scalar(
            "SELECT id FROM faces WHERE id = $1
             OR id = (SELECT face FROM face_heirs WHERE was = $1) ORDER BY id = $1 DESC LIMIT 1",
        );
        self.find(select.bind(face)).await
    }

    /// The id of the person with that name, made where there is none. Where the
    /// person is not listed, because they lost their last face, the name is spelt as it is now.
    pub(super) async fn person(&mut self, name: &Name) -> Result<PersonId> {
        if let Some((person, spelt)) = self.holder(&name.key()).await? {
            if spelt != name.as_str() && !self.person_exists(person).await? {
                self.set(&Register::Name(person), Some(name.to_string()))
                    .await?;
            }
            return Ok(person);
        }
        sqlx::query_scalar(
            "INSERT INTO people (id, name, name_key)
             VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM people), $1, $2) RETURNING id",
        )
        .bind(name.as_str())
        .bind(name.key())
        .fetch_one(&mut *self.write)
        .await
        .map_err(self.store.failed(WHAT))
    }

    /// Who has the name with that key, and how it is spelt.
    pub(super) async fn holder(&mut self, key: &str) -> Result<Option<(PersonId, String)>> {
        sqlx::query_as("SELECT id, name FROM people WHERE name_key = $1")
            .bind(key)
            .fetch_optional(&mut *self.write)
            .await
            .map_err(self.store.failed(WHAT))
    }

    /// A person's name.
    pub(super) async fn name_of(&mut self, person: PersonId) -> Result<String> {
        let select = sqlx::query_scalar("SELECT name FROM people WHERE id = $1");
        let name = self.find(select.bind(person)).await?;
        name.ok_or_else(|| StoreError::NoPerson {
            store: self.store.name.clone(),
            person,
        })
    }

    /// Whether a person has a face or a photo, or is kept without: others are not listed.
    pub(super) async fn person_exists(&mut self, person: PersonId) -> Result<bool> {
        let select = sqlx::query_scalar::<_, PersonId>(concat!(
            "SELECT id FROM people WHERE id = $1 AND ",
            super::schema::person_exists!()
        ));
        Ok(self.find(select.bind(person)).await?.is_some())
    }

    /// Takes a name from a person who is not listed, so that another can have it. They keep it as
    /// their own, for the case that they come back; the key begins as no name does.
    pub(super) async fn free_name_of(&mut self, person: PersonId) -> Result<()> {
        let free = sqlx::query("UPDATE people SET name_key = $2 WHERE id = $1")
            .bind(person)
            .bind(format!(":{person}"));
        self.store.run(&mut self.write, WHAT, free).await?;
        Ok(())
    }

    /// The only value of a query, where there is one.
    async fn find<T>(&mut self, query: QueryScalar<'_, Any, T, AnyArguments>) -> Result<Option<T>>
    where
        (T,): for<'r> FromRow<'r, AnyRow>,
        T: Send + Unpin,
    {
        let found = query.fetch_optional(&mut *self.write).await;
        found.map_err(self.store.failed(WHAT))
    }

    /// The ids that a query gives for a person's id.
    pub(super) async fn ids_of<I>(
        &mut self,
        query: &'static str,
        person: PersonId,
    ) -> Result<Vec<I>>
    where
        (I,): for<'r> FromRow<'r, AnyRow>,
        I: Send + Unpin,
    {
        let ids = sqlx::query_scalar(query).bind(person);
        let ids = ids.fetch_all(&mut *self.write).await;
        ids.map_err(self.store.failed(WHAT))
    }

    /// A register's value.
    pub(super) async fn read(&mut self, register: &Register) -> Result<Option<Value>> {
        register.read(self.store, &mut self.write).await
    }
}
