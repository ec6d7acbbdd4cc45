//! Which errors mean that the database server is away for a while, and not that something is wrong.

use std::io::ErrorKind;

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

    /// Whether its server may be about to start: it refuses connections, or is not reached. A name that is not known, a
    /// certificate and a server of another kind stay what they are.
    pub(super) fn may_start(&self) -> bool {
        let (Self::Query { source, .. } | Self::Open { source, .. }) = self else {
            return false;
        };
        if !self.is_servers() {
            return false;
        }
        match source {
            Error::Io(error) => STARTING.contains(&error.kind()),
            Error::Tls(_) | Error::Protocol(_) => false,
            _ => true,
        }
    }
}

/// What a connection to a server that starts, or whose machine does, ends with.
const STARTING: [ErrorKind; 8] = [
    ErrorKind::BrokenPipe,
    ErrorKind::ConnectionAborted,
    ErrorKind::ConnectionRefused,
    ErrorKind::ConnectionReset,
    ErrorKind::HostUnreachable,
    ErrorKind::NetworkUnreachable,
    ErrorKind::TimedOut,
    ErrorKind::UnexpectedEof,
];

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
        // At a start a mistake in the address is likelier than a server that is about to become another.
        let lookup = || Error::Io(std::io::Error::other("failed to lookup address"));
        let refused = Error::Io(ErrorKind::ConnectionRefused.into());
        for (source, may_start) in [
            (refused, true),
            (lost(), true),
            (Error::PoolTimedOut, true),
            (lookup(), false),
            (Error::Tls("a certificate".into()), false),
            (Error::Protocol("no PostgreSQL".to_owned()), false),
        ] {
            let error = query("postgres://host/faces", source);
            assert_eq!(error.may_start(), may_start, "{error}");
            assert!(error.is_servers(), "{error}");
        }
        assert!(!query("faces.sqlite", lost()).may_start());
        // A full disk, a duplicate key, a table that is not there, a wrong password.
        for code in ["23505", "42P01", "28P01", "57014"] {
            assert!(!passes(code), "{code}");
        }
    }
}
