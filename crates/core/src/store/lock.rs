//! Locks that keep two of one program from working on the same store.

use std::{fs, path::PathBuf};

use sqlx::AnyConnection;

use super::{Result, Store, StoreError};
use crate::files::{FileError, private_file};

/// A held lock; released when dropped or when the process ends.
#[derive(Debug)]
pub enum StoreLock {
    /// On a file beside the store's.
    File(fs::File),
    /// In PostgreSQL, for as long as this connection lives.
    Connection(Box<AnyConnection>),
    /// None is needed.
    None,
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

    /// An advisory lock, one for each schema, which the server releases with its connection.
    async fn lock_in_database(&self, by: &'static str) -> Result<StoreLock> {
        let what = "lock the store";
        let connection = self.pool.acquire().await.map_err(self.failed(what))?;
        // Out of the pool, which would hand it to others.
        let mut connection = connection.detach();
        let locked: bool = sqlx::query_scalar(
            "SELECT pg_try_advisory_lock(hashtext('flickr-faces ' || $1 || ' ' || current_schema()))",
        )
        .bind(by)
        .fetch_one(&mut connection)
        .await
        .map_err(self.failed(what))?;
        match locked {
            true => Ok(StoreLock::Connection(Box::new(connection))),
            false => Err(self.in_use(by)),
        }
    }

    fn in_use(&self, by: &'static str) -> StoreError {
        StoreError::InUse {
            store: self.name.clone(),
            by,
        }
    }
}
