//! What can go wrong with the store.

use std::path::PathBuf;

use super::{
    away::{Ended, GaveUp, Saved},
    trouble::{Trouble, said},
};
use crate::{
    faces::FacesError,
    files::FileError,
    ids::{FaceId, JournalId, PersonId},
};

/// What the store's functions return.
pub(super) type Result<T, E = StoreError> = std::result::Result<T, E>;

/// An error of the store, with the store it happened in.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store's file or its folder cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database cannot be opened or reached.
    #[error("{store}: cannot open the store: {}", said(source))]
    Open {
        /// The file, or the database's address without its password.
        store: String,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The file was not closed properly, and its structure is damaged.
    #[error("{store}: the store's file is damaged: {found}")]
    Damaged {
        /// The file.
        store: String,
        /// What SQLite found.
        found: String,
    },
    /// The file is something else.
    #[error(
        "{store}: this is not a store: expected an SQLite database, found a file that begins with {found:?}"
    )]
    NotAStore {
        /// The file.
        store: String,
        /// Its first bytes as text.
        found: String,
    },
    /// The store was written by a newer program.
    #[error(
        "{store}: the store has format {found}, this program knows formats up to {known}; use a newer version"
    )]
    Newer {
        /// The file, or the database's address without its password.
        store: String,
        /// The store's format.
        found: i64,
        /// The newest format known here.
        known: i64,
    },
    /// A reading or writing that failed; nothing of it was kept.
    #[error("{store}: cannot {what}: {}", said(source))]
    Query {
        /// The file, or the database's address without its password.
        store: String,
        /// What was tried, in plain words.
        what: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database's server is away, and is not waited for any longer.
    #[error("{store}: cannot {what}: the database server is away ({why}), and {gave_up}{saved}")]
    Away {
        /// The database's address without its password.
        store: String,
        /// What was tried, in plain words.
        what: &'static str,
        /// What was last heard of it.
        why: String,
        /// Why it is not waited for.
        gave_up: GaveUp,
        /// What became of what was to be saved.
        saved: Saved,
    },
    /// A face whose stored numbers are damaged.
    #[error("{store}: face {face}: {source}")]
    Face {
        /// The file, or the database's address without its password.
        store: String,
        /// The face's id.
        face: FaceId,
        /// What is wrong with it.
        source: FacesError,
    },
    /// Another of the same program runs on this store.
    #[error("{store}: another {by} is already running on this database")]
    InUse {
        /// The store's file.
        store: String,
        /// The program.
        by: &'static str,
    },
    /// Another of the same program has begun, because the database had not heard of this one.
    #[error("{store}: another {by} is at work on this database by now")]
    LockLost {
        /// The database's address without its password.
        store: String,
        /// The program.
        by: &'static str,
    },
    /// A file that was to be a journal of writes is something else.
    #[error("{path}:{line}: this is not a journal of tag-photos: {why}", path = path.display())]
    NotAJournal {
        /// The file.
        path: PathBuf,
        /// The first line that cannot be read.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// The store belongs to another Flickr account.
    #[error(
        "{store}: the store holds the photos of account {found}, but you are signed in as {expected}"
    )]
    OtherAccount {
        /// The file, or the database's address without its password.
        store: String,
        /// Whose photos are in it.
        found: String,
        /// Who is signed in.
        expected: String,
    },
    /// The journal has no entry of this number.
    #[error("{store}: the journal has no entry {entry}; the newest is {newest}")]
    NoEntry {
        /// The file, or the database's address without its password.
        store: String,
        /// What was asked for.
        entry: JournalId,
        /// The newest there is; 0 where there is none.
        newest: JournalId,
    },
    /// The entry has been undone before.
    #[error("{store}: journal entry {entry} was already undone, by entry {by}")]
    AlreadyUndone {
        /// The file, or the database's address without its password.
        store: String,
        /// What was to be undone.
        entry: JournalId,
        /// The entry that undid it.
        by: JournalId,
    },
    /// There is no person with this id.
    #[error("{store}: no person has the id {person}")]
    NoPerson {
        /// The file, or the database's address without its password.
        store: String,
        /// The id.
        person: PersonId,
    },
    /// Another person has the name.
    #[error("{name:?} already exists; if they are one person, merge the two")]
    NameTaken {
        /// The name as the other one has it.
        name: String,
    },
    /// A person cannot be merged with themselves.
    #[error("{name:?} cannot be merged with itself")]
    SamePerson {
        /// The name.
        name: String,
    },
}

impl StoreError {
    /// What the database has said, while something was done that `what` says.
    pub(super) fn of(source: sqlx::Error, store: &str, what: &'static str) -> Self {
        let store = store.to_owned();
        if let sqlx::Error::AnyDriverError(error) = &source
            && let Some(Ended { gave_up, why }) = error.downcast_ref()
        {
            return Self::Away {
                store,
                what,
                why: why.clone(),
                gave_up: *gave_up,
                saved: Saved::Nothing,
            };
        }
        Self::Query {
            store,
            what,
            source,
        }
    }

    /// That the server, of whose being away this error tells, is not waited for any longer.
    pub(super) fn given_up(self, gave_up: GaveUp, saved: Saved) -> Self {
        let (store, what, why) = match self {
            Self::Query {
                store,
                what,
                source,
            } => (store, what, source.to_string()),
            Self::Open { store, source } => (store, "open the store", source.to_string()),
            Self::Away {
                store, what, why, ..
            } => (store, what, why),
            other => return other,
        };
        Self::Away {
            store,
            what,
            why,
            gave_up,
            saved,
        }
    }

    /// The same, where an answer was to be saved and is not: nothing had been written of it.
    #[must_use]
    pub(crate) fn before_saving(self) -> Self {
        match self {
            Self::Away {
                gave_up,
                saved: Saved::Nothing,
                ..
            } => self.given_up(gave_up, Saved::No),
            other => other,
        }
    }

    /// Whether nothing is wrong: the person has ended a wait, or another goes on.
    #[must_use]
    pub fn is_stop(&self) -> bool {
        let stopped = GaveUp::Stopped;
        matches!(self, Self::Away { gave_up, .. } if *gave_up == stopped)
            || matches!(self, Self::LockLost { .. })
    }

    /// What is wrong with the store's file or its disk, where that is known.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Open { source, .. } | Self::Query { source, .. } => Trouble::of(source),
            Self::Damaged { .. } => Some(Trouble::Damaged),
            _ => None,
        }
    }
}
