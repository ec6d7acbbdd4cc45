//! Locks that keep two of one program from working on the same store file.

use std::{fs, path::PathBuf};

use super::{Result, Store, StoreError};
use crate::files::{FileError, private_file};

/// A held lock; released when dropped or when the process ends.
#[derive(Debug)]
pub struct StoreLock(#[expect(dead_code, reason = "held for its lock")] Option<fs::File>);

impl Store {
    /// Makes sure that this is the only `download` on the store's file.
    ///
    /// Several machines may share a PostgreSQL store: there photos are claimed, nothing is locked.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another holds the lock.
    pub(crate) fn lock_for_download(&self) -> Result<StoreLock> {
        self.lock(".lock", "download")
    }

    /// Makes sure that this is the only `tag-photos` that writes by the journal in the store's file:
    /// two would each add the notes of the other.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where another holds the lock.
    pub fn lock_for_tagging(&self) -> Result<StoreLock> {
        self.lock(".tagging.lock", "tag-photos")
    }

    fn lock(&self, suffix: &str, by: &'static str) -> Result<StoreLock> {
        let Some(file) = &self.file else {
            return Ok(StoreLock(None));
        };
        let mut path = file.clone().into_os_string();
        path.push(suffix);
        let path = PathBuf::from(path);
        let lock = private_file(&path)?;
        match lock.try_lock() {
            Ok(()) => Ok(StoreLock(Some(lock))),
            Err(fs::TryLockError::WouldBlock) => Err(StoreError::InUse {
                store: self.name.clone(),
                by,
            }),
            Err(fs::TryLockError::Error(error)) => {
                Err(FileError::at(&path, "cannot lock")(error).into())
            }
        }
    }
}
