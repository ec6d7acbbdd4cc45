//! What is said of a server that is away, and not waited for any longer.

use std::{fmt, time::Duration};

use crate::text::duration;

/// Why a server is not waited for any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GaveUp {
    /// Whoever waited was told to stop.
    Stopped,
    /// It did not come back in this time.
    After(Duration),
}

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => write!(f, "the wait for it was ended"),
            Self::After(longest) => write!(f, "it did not come back within {}", duration(*longest)),
        }
    }
}

/// What became of a decision while the database's server went away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// There was none.
    Nothing,
    /// It is not kept.
    No,
    /// It was sent, and the answer was lost.
    Unknown,
}

impl fmt::Display for Saved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "",
            Self::No => "; what was decided is not saved",
            Self::Unknown => {
                "; whether what was decided is saved is not known: the journal lists it if it is"
            }
        })
    }
}

/// That a wait has ended, on its way through the driver's errors.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct Ended {
    pub gave_up: GaveUp,
    /// What the server was last heard of.
    pub why: String,
}

impl Ended {
    pub(super) fn error(gave_up: GaveUp, why: String) -> sqlx::Error {
        sqlx::Error::AnyDriverError(Box::new(Self { gave_up, why }))
    }
}
