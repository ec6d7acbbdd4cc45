//! Undoing an entry of the journal.

use std::collections::{BTreeSet, HashSet};

use super::{FaceId, FaceState, Kind, Register, Value, WHAT, Writing, face_state, key_of};
use crate::store::{JournalId, PersonId, Result, Store, StoreError};

/// What undoing an entry did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// The new entry: undo it to have everything again as it was.
    pub entry: JournalId,
    /// The entry that was undone.
    pub undoes: JournalId,
    /// What that had decided, in words.
    pub what: String,
    /// Faces that have another state now, each with the one it had.
    pub restored: Vec<(FaceId, FaceState)>,
    /// Faces that were decided about again since: they keep the state given here.
    pub decided_since: Vec<(FaceId, FaceState)>,
    /// How many faces are no longer there.
    pub gone: u64,
    /// Other things that were set back: names, tag texts, rejections and so on.
    pub settings: u64,
    /// Names that another person has by now: the name that was to come back, and the one that the
    /// person has instead.
    pub names_taken: Vec<(String, String)>,
}

impl Store {
    /// Undoes an entry of the journal, whichever it is: what it set has its value of before, unless a
    /// later entry that stands has set it since. An undoing can be undone as well. `now` is in seconds
    /// since 1970.
    ///
    /// # Errors
    /// [`StoreError::NoEntry`] where there is no such entry, [`StoreError::AlreadyUndone`] where it is
    /// undone; or where the store cannot be written to. Then nothing was undone.
    pub(crate) async fn undo(&self, entry: JournalId, now: i64) -> Result<Undone> {
        self.entry(now, |mut writing| async move {
            let what = writing.open_to_undo(entry).await?;
            let mut undone = Undone {
                entry: writing.entry,
                undoes: entry,
                what: what.clone(),
                ..Undone::default()
            };
            if let Some(root) = writing.turn_over(entry).await? {
                writing.restore(root, &mut undone).await?;
            }
            Ok(writing.ready(Kind::Undo, what, Some(entry), undone))
        })
        .await
    }
}

impl Writing<'_> {
    /// What the entry has decided; an error where it cannot be undone.
    async fn open_to_undo(&mut self, entry: JournalId) -> Result<String> {
        let select = sqlx::query_as("SELECT what, stands FROM journal WHERE id = $1");
        let found: Option<(String, i64)> = (select.bind(entry).fetch_optional(&mut *self.write))
            .await
            .map_err(self.store.failed(WHAT))?;
        let store = self.store.name.clone();
        match found {
            None => {
                let newest = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0) FROM journal");
                let newest = self.find(newest).await?.unwrap_or_default();
                Err(StoreError::NoEntry {
                    store,
                    entry,
                    newest,
                })
            }
            Some((_, 0)) => {
                let by =
                    "SELECT COALESCE(MAX(id), 0) FROM journal WHERE undoes = $1 AND stands = 1";
                let by = self.find(sqlx::query_scalar(by).bind(entry)).await?;
                Err(StoreError::AlreadyUndone {
                    store,
                    entry,
                    by: by.unwrap_or_default(),
                })
            }
            Some((what, _)) => Ok(what),
        }
    }

    /// Marks which entries stand now that `entry` does not; the decision that this changes, if any:
    /// to undo an undoing lets the decision below stand again.
    async fn turn_over(&mut self, entry: JournalId) -> Result<Option<JournalId>> {
        let older: Vec<(JournalId, JournalId)> = sqlx::query_as(
            "SELECT id, undoes FROM journal WHERE undoes IS NOT NULL ORDER BY id DESC",
        )
        .fetch_all(&mut *self.write)
        .await
        .map_err(self.store.failed(WHAT))?;
        let mut undoings = vec![(self.entry, entry)];
        undoings.extend(older);
        // An entry is only ever undone by later ones, which come first here.
        let mut fallen: HashSet<JournalId> = HashSet::new();
        for (id, undoes) in &undoings {
            if !fallen.contains(id) {
                fallen.insert(*undoes);
            }
        }
        let mut next = Some(entry);
        while let Some(entry) = next {
            let stands = i64::from(!fallen.contains(&entry));
            let mark = sqlx::query("UPDATE journal SET stands = $2 WHERE id = $1 AND stands <> $2")
                .bind(entry)
                .bind(stands);
            let turned = self.store.run(&mut self.write, WHAT, mark).await?;
            if turned == 0 {
                return Ok(None);
            }
            next = undoings
                .iter()
                .find(|(id, _)| *id == entry)
                .map(|(_, undoes)| *undoes);
            if next.is_none() {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// Sets everything that `entry` is about to what the entries that stand say.
    async fn restore(&mut self, entry: JournalId, undone: &mut Undone) -> Result<()> {
        // A person who has a face again must have a name again.
        let mut people: BTreeSet<PersonId> = BTreeSet::new();
        for register in self.registers(entry).await? {
            let (value, set_by) = self.should_be(&register).await?;
            let Some(is) = self.read(&register).await? else {
                undone.gone += u64::from(matches!(register, Register::Face(_)));
                continue;
            };
            if let (Register::Face(face), true) = (&register, set_by > entry) {
                let now = face_state(&is).0;
                undone.decided_since.push((face.clone(), now));
            }
            if let FaceState::Named(person) = face_state(&value).0 {
                people.insert(person);
            }
            match &register {
                Register::Photo(person, _) | Register::Pinned(person) => {
                    people.insert(*person);
                }
                _ => {}
            }
            if is == value {
                continue;
            }
            match &register {
                Register::Face(face) => {
                    let was = face_state(&is).0;
                    undone.restored.push((face.clone(), was));
                }
                Register::Name(person) => {
                    self.restore_name(*person, value, undone).await?;
                    continue;
                }
                _ => undone.settings += 1,
            }
            register.write(self.store, &mut self.write, &value).await?;
        }
        for person in people {
            self.find_a_name_for(person, undone).await?;
        }
        Ok(())
    }

    /// What an entry is about, in the order in which it is restored.
    async fn registers(&mut self, entry: JournalId) -> Result<Vec<Register>> {
        let rows: Vec<(String, String, i64, String)> = sqlx::query_as(
            "SELECT subject, face, person, photo FROM journal_changes WHERE entry = $1",
        )
        .bind(entry)
        .fetch_all(&mut *self.write)
        .await
        .map_err(self.store.failed(WHAT))?;
        let mut registers: Vec<_> = (rows.iter())
            .filter_map(|(subject, face, person, photo)| {
                Register::of(subject, face, *person, photo)
            })
            .collect();
        registers.sort_unstable();
        Ok(registers)
    }

    /// The value that the latest entry that stands has set, with its number; else the one before the
    /// first entry, and 0.
    async fn should_be(&mut self, register: &Register) -> Result<(Value, JournalId)> {
        let (subject, face, person, photo) = register.columns();
        let latest = "SELECT became, entry FROM journal_changes
             JOIN journal ON journal.id = entry AND stands = 1
             WHERE face = $1 AND person = $2 AND photo = $3 AND subject = $4
             ORDER BY entry DESC LIMIT 1";
        let first = "SELECT was, entry FROM journal_changes
             WHERE face = $1 AND person = $2 AND photo = $3 AND subject = $4
             ORDER BY entry LIMIT 1";
        for (query, stands) in [(latest, true), (first, false)] {
            let found: Option<(Value, JournalId)> = sqlx::query_as(query)
                .bind(face)
                .bind(person)
                .bind(photo)
                .bind(subject)
                .fetch_optional(&mut *self.write)
                .await
                .map_err(self.store.failed(WHAT))?;
            if let Some((value, entry)) = found {
                return Ok((value, if stands { entry } else { JournalId(0) }));
            }
        }
        Ok((None, JournalId(0)))
    }

    /// Gives a person the name back that they had, unless another person has it by now.
    async fn restore_name(
        &mut self,
        person: PersonId,
        value: Value,
        undone: &mut Undone,
    ) -> Result<()> {
        let name = value.unwrap_or_default();
        match self.holder(&key_of(&name)).await? {
            Some((other, _)) if other != person && self.person_exists(other).await? => {
                let has = self.name_of(person).await?;
                undone.names_taken.push((name, has));
                return Ok(());
            }
            Some((other, _)) if other != person => self.free_name_of(other).await?,
            _ => {}
        }
        undone.settings += 1;
        Register::Name(person)
            .write(self.store, &mut self.write, &Some(name))
            .await
    }

    /// A person who comes back, and whose name another person has by now, gets it with
    /// a number.
    async fn find_a_name_for(&mut self, person: PersonId, undone: &mut Undone) -> Result<()> {
        let name = self.name_of(person).await?;
        let freed = format!(":{person}");
        let has_none = self
            .holder(&freed)
            .await?
            .is_some_and(|(id, _)| id == person);
        if !has_none || !self.person_exists(person).await? {
            return Ok(());
        }
        let mut number = 1_u64;
        let free = loop {
            let candidate = match number {
                1 => name.clone(),
                number => format!("{name} ({number})"),
            };
            match self.holder(&key_of(&candidate)).await? {
                None => break candidate,
                Some((other, _)) if !self.person_exists(other).await? => {
                    self.free_name_of(other).await?;
                    break candidate;
                }
                Some(_) => number += 1,
            }
        };
        if free != name {
            undone.names_taken.push((name, free.clone()));
        }
        Register::Name(person)
            .write(self.store, &mut self.write, &Some(free))
            .await
    }
}
