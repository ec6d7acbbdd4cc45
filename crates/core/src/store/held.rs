//! A lock that is held in a server, and the session that it hangs on.

use sqlx::AnyConnection;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// A lock as those see it who keep it and who rely on it.
#[derive(Debug)]
pub(super) struct Held {
    pub by: &'static str,
    pub session: Mutex<Session>,
    /// Another has it.
    pub lost: CancellationToken,
}

/// The server's session that has the lock, or had it.
#[derive(Debug)]
pub(super) struct Session {
    /// `None` once it is known to be broken.
    pub connection: Option<AnyConnection>,
    pub known: Known,
}

/// What the server knows a session by.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub process: i32,
    /// Since when that runs.
    pub started: String,
}
