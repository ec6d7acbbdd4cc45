//! Locks that keep two of one program from working on the same store.
//!
//! In PostgreSQL they are advisory locks, which end with their connection. The server ends that where nothing
//! is heard of it for [`SILENCE`], so that a machine that has died or sleeps holds no lock.

use std::{fs, path::PathBuf, time::Duration};

use sqlx::AnyConnection;
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::{Result, Store, StoreError};
use crate::boxed;
use crate::files::{FileError, private_file};

/// After which the server takes whoever holds a lock for dead.
const SILENCE: &str = "45s";
/// How often it hears of who is alive; also how long an answer may take.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

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
            Self::Database(lock) => lock.lost.clone(),
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
    lost: CancellationToken,
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
            None => self.lock_in_database("tag-photos").await,
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
        let Some(connection) = self.try_advisory_lock(by).await? else {
            return Err(self.in_use(by));
        };
        let lost = CancellationToken::new();
        let keeper = tokio::spawn(self.clone().keep(connection, by, lost.clone()));
        Ok(StoreLock::Database(DatabaseLock { keeper, lost }))
    }

    /// An advisory lock, one for each schema, which the server releases with its connection.
    async fn try_advisory_lock(&self, by: &'static str) -> Result<Option<AnyConnection>> {
        let what = "lock the store";
        let connection = self.pool.acquire().await.map_err(self.failed(what))?;
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
        let locked: bool = sqlx::query_scalar(
            "SELECT pg_try_advisory_lock(hashtext('flickr-faces ' || $1 || ' ' || current_schema()))",
        )
        .bind(by)
        .fetch_one(&mut connection)
        .await
        .map_err(self.failed(what))?;
        Ok(locked.then_some(connection))
    }

    /// Lets the server know that this machine is alive. Where it has ended the connection, or was restarted,
    /// the lock is taken again, unless another has it by now.
    async fn keep(self, connection: AnyConnection, by: &'static str, lost: CancellationToken) {
        let mut held = Some(connection);
        loop {
            tokio::time::sleep(SIGN_OF_LIFE).await;
            if let Some(connection) = &mut held {
                let sign = sqlx::query("SELECT 1").execute(connection);
                if !matches!(timeout(SIGN_OF_LIFE, sign).await, Ok(Ok(_))) {
                    held = None;
                }
            }
            if held.is_none() {
                match self.try_advisory_lock(by).await {
                    Ok(Some(connection)) => held = Some(connection),
                    Ok(None) => return lost.cancel(),
                    // The server is not back yet.
                    Err(error) => tracing::debug!(%error, by, "the lock is not taken again"),
                }
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
