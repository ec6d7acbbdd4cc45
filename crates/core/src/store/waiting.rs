//! A store whose server is waited for, or is not.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sqlx::{Any, AnyConnection, Connection, Transaction};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::boxed;

use super::{
    Result, Store, StoreError,
    server::{ANSWER, Server},
    server_of,
};

impl Store {
    /// Opens the store as [`open`](Self::open) does, and where its server has not started yet, waits for it: for `longest`
    /// at most, or until `stop`. What no start of the server mends is an error at once: a name that is not known, a
    /// certificate, a password. An SQLite file is never waited for.
    ///
    /// # Errors
    /// Those of [`open`](Self::open); [`StoreError::Away`] where the server was waited for in vain.
    #[boxed]
    pub async fn open_waiting(
        location: &str,
        longest: Duration,
        stop: CancellationToken,
    ) -> Result<Self> {
        let Some(name) = server_of(location) else {
            return Self::open(location).await;
        };
        let server = Server::new(&name, longest, stop, Arc::default());
        let open = || Self::open_reached(location, &name, &server);
        server.repeated_after(StoreError::may_start, open).await
    }

    /// Opens the store of a server that is reached: a pool would try again for a while, and say nothing meanwhile.
    async fn open_reached(location: &str, name: &str, server: &Server) -> Result<Self> {
        let what = "open the store";
        let reached = (server.reached(AnyConnection::connect(location), || false)).await;
        let reached = reached.map_err(|source| StoreError::of(source, name, what))?;
        reached.close().await.ok();
        Self::open(location).await
    }

    /// The same store, for one that waits for its server where that is away: for `longest` at most, or until `stop`. An
    /// SQLite file is never waited for.
    #[must_use]
    pub fn waiting(&self, longest: Duration, stop: CancellationToken) -> Self {
        let server = match self.file {
            Some(_) => None,
            None => Some(self.server(longest, stop)),
        };
        Self {
            pool: self.pool.waited_for(server),
            ..self.clone()
        }
    }

    /// The same store, for one that waits for nothing.
    pub(super) fn at_once(&self) -> Self {
        Self {
            pool: self.pool.waited_for(None),
            ..self.clone()
        }
    }

    /// What waits for the store's server.
    pub(crate) fn server(&self, longest: Duration, stop: CancellationToken) -> Server {
        Server::new(&self.name, longest, stop, Arc::clone(self.pool.health()))
    }

    /// Whether the store's server is known to be away, and waited for.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.pool.health().is_away()
    }

    /// How many entries of the journal of decisions this program has made.
    pub(crate) fn entries(&self) -> u64 {
        self.entries.load(Ordering::Relaxed)
    }

    /// Does something with the store that is done twice without harm, such as a transaction that sets what it sets: again
    /// where the server is lost meanwhile.
    ///
    /// # Errors
    /// Those of `act`, and that the server is not waited for any longer.
    pub(super) async fn while_away<T, Act>(&self, act: impl Fn() -> Act) -> Result<T>
    where
        Act: Future<Output = Result<T>>,
    {
        match self.pool.server() {
            Some(server) => server.repeated(act).await,
            None => act().await,
        }
    }

    /// Begins a transaction that will write. SQLite takes the write lock at once: a transaction
    /// that first reads and then writes could not be waited for.
    pub(super) async fn begin(&self, what: &'static str) -> Result<Transaction<'static, Any>> {
        let begin = match self.file {
            Some(_) => "BEGIN IMMEDIATE",
            None => "BEGIN",
        };
        self.pool.begin_with(begin).await.map_err(self.failed(what))
    }

    /// Ends a transaction: from here on what it has written is kept. Where a server does not answer, that is not known.
    pub(super) async fn commit(
        &self,
        write: Transaction<'static, Any>,
        what: &'static str,
    ) -> Result<()> {
        let committed = match self.pool.server() {
            Some(server) => match timeout(ANSWER, write.commit()).await {
                Ok(committed) => committed,
                Err(_) => Err(server.no_answer()),
            },
            None => write.commit().await,
        };
        committed.map_err(self.failed(what))
    }
}
