//! Which errors mean that the database server is away for a while, and not that something is wrong.

use sqlx::Error;

use super::StoreError;

impl StoreError {
    /// Whether the server was restarted, is not reached, has handed over to another, or wants a statement made
    /// again: then the same statement will go well later. Whether it was done is not known.
    ///
    /// Never of an SQLite file.
    pub(crate) fn is_servers(&self) -> bool {
        let (StoreError::Query { source, store, .. } | StoreError::Open { source, store }) = self
        else {
            return false;
        };
        if !store.starts_with("postgres://") {
            return false;
        }
        is_servers(source)
    }
}

/// The same of what the driver says of a server.
pub(super) fn is_servers(error: &Error) -> bool {
    match error {
        Error::Io(_) | Error::PoolTimedOut | Error::Protocol(_) | Error::Tls(_) => true,
        Error::Database(error) => error.code().is_some_and(|code| passes(&code)),
        _ => false,
    }
}

/// By PostgreSQL's appendix "Error Codes".
fn passes(code: &str) -> bool {
    // Connection exceptions; serialization failures and deadlocks; too many connections, out of memory.
    ["08", "40", "53"].iter().any(|class| code.starts_with(class))
        // The server is shut down, has crashed, starts up; the session was ended; it is a standby.
        || ["57P01", "57P02", "57P03", "57P05", "25006"].contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_away_is_told_from_a_mistake() {
        let lost = || Error::Io(std::io::ErrorKind::ConnectionReset.into());
        let query = |store: &str, source| StoreError::Query {
            store: store.to_owned(),
            what: "claim photos",
            source,
        };
        assert!(query("postgres://host/faces", lost()).is_servers());
        assert!(query("postgres://host/faces", Error::PoolTimedOut).is_servers());
        assert!(!query("faces.sqlite", lost()).is_servers());
        assert!(!query("postgres://host/faces", Error::RowNotFound).is_servers());
        for code in ["57P01", "57P03", "08006", "40P01", "53300", "25006"] {
            assert!(passes(code), "{code}");
        }
        // A full disk, a duplicate key, a table that is not there, a wrong password.
        for code in ["23505", "42P01", "28P01", "57014"] {
            assert!(!passes(code), "{code}");
        }
    }
}
