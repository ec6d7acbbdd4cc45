//! Locks that keep two of one program from working on the same store.
//!
//! In PostgreSQL they are advisory locks, which end with their connection. The server ends that where nothing
//! is heard of it for [`SILENCE`], so that a machine that has died or sleeps holds no lock. After a restart of the server, a
//! lost connection or a failover the lock is taken again; before each call to Flickr it is made sure that it is held.

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, PoisonError},
    time::Duration,
};

use sqlx::Row;
use tokio::{sync::Mutex, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{
    FlickrWrite, Result, Store, StoreError, WriteState,
    held::{Held, Known, Session},
};
use crate::boxed;
use crate::files::{FileError, private_file};

/// After which the server takes whoever holds a lock for dead.
const SILENCE: &str = "45s";
/// How often it hears of who is alive; also how long an answer may take.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);
/// What the end of a session may take.
const MOMENT: Duration = Duration::from_millis(100);
/// What it may take to say that a lock is lost.
const WORD: Duration = Duration::from_secs(2);

/// A held lock; released when dropped or when the process ends.
#[derive(Debug)]
pub enum StoreLock {
    /// On a file beside the store's.
    File(fs::File),
    /// In PostgreSQL.
    Database(DatabaseLock),
    /// None is needed.
    None,
}

impl StoreLock {
    /// Returns once another has the lock: after the connection broke, or this machine slept.
    pub fn lost(&self) -> impl Future<Output = ()> + Send + 'static {
        let lost = match self {
            Self::Database(lock) => lock.held.lost.clone(),
            // Never.
            Self::File(_) | Self::None => CancellationToken::new(),
        };
        async move { lost.cancelled().await }
    }
}

/// An advisory lock, held for as long as this lives.
#[derive(Debug)]
pub struct DatabaseLock {
    keeper: JoinHandle<()>,
    held: Arc<Held>,
}

impl Drop for DatabaseLock {
    fn drop(&mut self) {
        // With it goes the connection.
        self.keeper.abort();
    }
}

impl Store {
    /// Makes sure that this is the only `download` on the store's file.
    ///
    /// Several machines may share a PostgreSQL store: there photos are claimed, nothing is locked.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another holds the lock.
    pub(crate) fn lock_for_download(&self) -> Result<StoreLock> {
        match &self.file {
            Some(file) => self.lock_file(file, ".lock", "download"),
            None => Ok(StoreLock::None),
        }
    }

    /// Makes sure that this is the only `tag-photos` that writes by the store's journal, on whatever
    /// machine: two would each add the notes of the other.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another holds the lock; those of the store.
    #[boxed]
    pub async fn lock_for_tagging(&self) -> Result<StoreLock> {
        match &self.file {
            Some(file) => self.lock_file(file, ".tagging.lock", "tag-photos"),
            None => {
                let lock = self.lock_in_database("tag-photos").await?;
                let mut tagging = self.tagging.lock().unwrap_or_else(PoisonError::into_inner);
                if let StoreLock::Database(lock) = &lock {
                    *tagging = Arc::downgrade(&lock.held);
                }
                Ok(lock)
            }
        }
    }

    /// Makes sure that the lock for tagging is held, where these are about to be written to Flickr and one was taken.
    ///
    /// # Errors
    /// [`StoreError::LockLost`] where another has it by now.
    pub(super) async fn hold_tagging_lock(&self, writes: &[FlickrWrite]) -> Result<()> {
        let is_call =
            |write: &FlickrWrite| matches!(write.state, WriteState::Begun | WriteState::Removing);
        let held = {
            let tagging = self.tagging.lock().unwrap_or_else(PoisonError::into_inner);
            tagging.upgrade()
        };
        match held {
            Some(held) if writes.iter().any(is_call) => match self.hold(&held).await? {
                true => Ok(()),
                false => Err(self.lock_lost(&held).await),
            },
            _ => Ok(()),
        }
    }

    async fn lock_lost(&self, held: &Held) -> StoreError {
        if let Some(server) = self.pool.server() {
            // Who was told says so first.
            timeout(WORD, server.stopped()).await.ok();
        }
        StoreError::LockLost {
            store: self.name.clone(),
            by: held.by,
        }
    }

    fn lock_file(
        &self,
        file: &std::path::Path,
        suffix: &str,
        by: &'static str,
    ) -> Result<StoreLock> {
        let mut path = file.as_os_str().to_owned();
        path.push(suffix);
        let path = PathBuf::from(path);
        let lock = private_file(&path)?;
        match lock.try_lock() {
            Ok(()) => Ok(StoreLock::File(lock)),
            Err(fs::TryLockError::WouldBlock) => Err(self.in_use(by)),
            Err(fs::TryLockError::Error(error)) => {
                Err(FileError::at(&path, "cannot lock")(error).into())
            }
        }
    }

    /// Makes sure that one `download` alone lists the account's photos; the others fetch meanwhile. `None`
    /// where another lists.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) async fn lock_for_listing(&self) -> Result<Option<StoreLock>> {
        if self.file.is_some() {
            // There is one `download` on a file.
            return Ok(Some(StoreLock::None));
        }
        match self.lock_in_database("listing").await {
            Ok(lock) => Ok(Some(lock)),
            Err(StoreError::InUse { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn lock_in_database(&self, by: &'static str) -> Result<StoreLock> {
        let Some(session) = self.try_advisory_lock(by).await? else {
            return Err(self.in_use(by));
        };
        let held = Arc::new(Held {
            by,
            session: Mutex::new(session),
            lost: CancellationToken::new(),
        });
        // Nobody hears of what it does.
        let keeper = tokio::spawn(self.at_once().keep(Arc::clone(&held)));
        Ok(StoreLock::Database(DatabaseLock { keeper, held }))
    }

    /// An advisory lock, one for each schema, which the server releases with its connection.
    async fn try_advisory_lock(&self, by: &'static str) -> Result<Option<Session>> {
        let what = "lock the store";
        let connection = self.pool.connection().await.map_err(self.failed(what))?;
        // Out of the pool, which would hand it to others.
        let mut connection = connection.detach();
        // No setting of a server before PostgreSQL 14; there the connection itself has to break.
        sqlx::query(
            "SELECT set_config(name, $1, false) FROM pg_settings WHERE name = 'idle_session_timeout'",
        )
        .bind(SILENCE)
        .execute(&mut connection)
        .await
        .map_err(self.failed(what))?;
        let row = sqlx::query(
            "SELECT pg_try_advisory_lock(hashtext('flickr-faces ' || $1 || ' ' || current_schema())) AS locked,
                pg_backend_pid() AS process,
                (SELECT CAST(backend_start AS TEXT) FROM pg_stat_activity WHERE pid = pg_backend_pid()) AS started",
        )
        .bind(by)
        .fetch_one(&mut connection)
        .await
        .map_err(self.failed(what))?;
        let locked: bool = row.try_get("locked").map_err(self.failed(what))?;
        Ok(locked.then_some(Session {
            known: Known {
                process: row.try_get("process").map_err(self.failed(what))?,
                started: row.try_get("started").map_err(self.failed(what))?,
            },
            connection: Some(connection),
        }))
    }

    /// Makes sure that the lock is held: where the server has ended its session, or was restarted, it is taken again, unless
    /// another has it by now.
    async fn hold(&self, held: &Held) -> Result<bool> {
        let mut session = held.session.lock().await;
        if held.lost.is_cancelled() {
            return Ok(false);
        }
        if let Some(connection) = &mut session.connection {
            let sign = sqlx::query("SELECT 1").execute(connection);
            if matches!(timeout(SIGN_OF_LIFE, sign).await, Ok(Ok(_))) {
                return Ok(true);
            }
            session.connection = None;
            self.pool.health().lose();
        }
        let mut was_there = true;
        loop {
            if let Some(again) = self.try_advisory_lock(held.by).await? {
                *session = again;
                return Ok(true);
            }
            if !was_there {
                held.lost.cancel();
                return Ok(false);
            }
            // Where it is not there, it may have had the lock until a moment ago.
            was_there = self.end_session(&session.known).await?;
            tokio::time::sleep(MOMENT).await;
        }
    }

    /// Ends this program's own session of before, which the server may take for alive yet; whether it was there.
    async fn end_session(&self, session: &Known) -> Result<bool> {
        let ended: i64 = sqlx::query_scalar(
            "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE pid = $1 AND CAST(backend_start AS TEXT) = $2",
        )
        .bind(session.process)
        .bind(session.started.as_str())
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed("lock the store"))?;
        Ok(ended > 0)
    }

    /// Lets the server know that this machine is alive.
    async fn keep(self, held: Arc<Held>) {
        loop {
            tokio::time::sleep(SIGN_OF_LIFE).await;
            match self.hold(&held).await {
                Ok(true) => {}
                Ok(false) => return,
                // The server is not back yet.
                Err(error) => tracing::debug!(%error, by = held.by, "the lock is not taken again"),
            }
        }
    }

    fn in_use(&self, by: &'static str) -> StoreError {
        StoreError::InUse {
            store: self.name.clone(),
            by,
        }
    }
}
