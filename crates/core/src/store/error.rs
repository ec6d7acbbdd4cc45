//! What can go wrong with the store.

use crate::{
    faces::FacesError,
    files::FileError,
    ids::{FaceId, JournalId, PersonId},
};

/// An error of the store, with the store it happened in.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store's file or its folder cannot be made or locked.
    #[error(transparent)]
    File(#[from] FileError),
    /// The database cannot be opened or reached.
    #[error("{store}: cannot open the store: {source}")]
    Open {
        /// The file, or the database's address without its password.
        store: String,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The file is something else.
    #[error(
        "{store}: this is no store: found a file that begins with {found:?}, expected an SQLite database"
    )]
    NoStore {
        /// The file.
        store: String,
        /// Its first bytes as text.
        found: String,
    },
    /// The store was written by a newer program.
    #[error(
        "{store}: the store has format {found}, this program knows up to {known}: use the newer program"
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
    #[error("{store}: cannot {what}: {source}")]
    Query {
        /// The file, or the database's address without its password.
        store: String,
        /// What was tried, in plain words.
        what: &'static str,
        /// What the database said.
        source: sqlx::Error,
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
    /// Another of the same program works on this store.
    #[error("{store}: another {by} is at work on this store")]
    InUse {
        /// The store's file.
        store: String,
        /// The program.
        by: &'static str,
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
    #[error("{store}: the journal has no entry {entry}; its newest is {newest}")]
    NoEntry {
        /// The file, or the database's address without its password.
        store: String,
        /// What was asked for.
        entry: JournalId,
        /// The newest there is; 0 where there is none.
        newest: JournalId,
    },
    /// The entry has been undone before.
    #[error("{store}: entry {entry} of the journal is undone already, by entry {by}")]
    AlreadyUndone {
        /// The file, or the database's address without its password.
        store: String,
        /// What was to be undone.
        entry: JournalId,
        /// The entry that undid it.
        by: JournalId,
    },
    /// There is no person with this id.
    #[error("{store}: there is no person with the id {person}")]
    NoPerson {
        /// The file, or the database's address without its password.
        store: String,
        /// The id.
        person: PersonId,
    },
    /// A person cannot get the name that somebody else has.
    #[error("there is a {name:?} already; if they are one person, merge the two")]
    NameTaken {
        /// The name as the other one has it.
        name: String,
    },
    /// A person cannot be merged with themselves.
    #[error("{name:?} and {name:?} are one person already")]
    SamePerson {
        /// The name.
        name: String,
    },
}
