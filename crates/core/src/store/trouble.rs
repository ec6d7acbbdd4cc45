//! What SQLite's result codes mean, in words: <https://www.sqlite.org/rescode.html>.

use std::fmt;

use sqlx::Error;

/// What is wrong with a store's file, or with the disk that it lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// `SQLITE_FULL`, or an index file of shared memory without room.
    Full,
    /// `SQLITE_CORRUPT`.
    Damaged,
    /// `SQLITE_NOTADB`.
    NotADatabase,
    /// `SQLITE_CANTOPEN`: permissions, a folder that is not there, no file descriptors left.
    CannotOpen,
    /// `SQLITE_BUSY` or `SQLITE_LOCKED`.
    Busy,
    /// `SQLITE_READONLY` or `SQLITE_PERM`.
    ReadOnly,
    /// `SQLITE_IOERR`.
    Disk,
    /// `SQLITE_NOMEM`.
    Memory,
}

impl Trouble {
    /// `None` where the error is not SQLite's, or says something else.
    pub(super) fn of(error: &Error) -> Option<Self> {
        let Error::Database(error) = error else {
            return None;
        };
        // PostgreSQL's codes have five characters, SQLite's extended ones four at most.
        let code = error.code().filter(|code| code.len() < 5)?;
        let code: u32 = code.parse().ok()?;
        // The first byte is the kind, the second tells more.
        Some(match (code & 0xff, code >> 8) {
            // SQLITE_IOERR_SHMSIZE: the index file `-shm` could not be made longer.
            (13, _) | (10, 19) => Self::Full,
            (11, _) => Self::Damaged,
            (26, _) => Self::NotADatabase,
            (14, _) => Self::CannotOpen,
            (5 | 6, _) => Self::Busy,
            (8 | 3, _) => Self::ReadOnly,
            (7, _) | (10, 12) => Self::Memory,
            (10, _) => Self::Disk,
            _ => return None,
        })
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the disk is full",
            Self::Damaged => "the store's file is damaged",
            Self::NotADatabase => "the file is not an SQLite database, or its beginning is damaged",
            Self::CannotOpen => {
                "the store's file, or one beside it (-wal, -shm), cannot be opened or made"
            }
            Self::Busy => "another program holds the store",
            Self::ReadOnly => "the store or its folder is read-only",
            Self::Disk => "the disk cannot be read or written",
            Self::Memory => "memory ran out",
        })
    }
}

/// In words where there are some, with what the database said.
pub(super) fn said(error: &Error) -> String {
    match (Trouble::of(error), error) {
        (Some(trouble), error) => format!("{trouble} ({error})"),
        (_, Error::PoolTimedOut) => "no connection became free within a minute".to_owned(),
        _ => error.to_string(),
    }
}
