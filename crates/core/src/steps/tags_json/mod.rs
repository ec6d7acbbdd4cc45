//! tags.json both ways: written from the store, and edits made by hand taken over
//! into the store.
//!
//! What was changed by hand is what differs from the file as it was last written. That is kept beside
//! it, in `.tags.json.written`, with the store it was written from: a copy in the store would not do,
//! since several machines may share one, each with a tags.json of its own. Where nothing is known of
//! the file, or it comes from another store or from a later state of this one, what it says is added
//! and nothing is taken for removed.
//!
//! The file is locked while it is read and written, so that two programs cannot lose an edit between
//! them; and looked at again before it is replaced, since an editor locks nothing.

mod content;
mod difference;
mod messages;
mod plan;
mod saver;
#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use self::content::content;
pub(super) use self::content::{check_account, entry};
pub use self::messages::{Change, TakenOver};
pub(super) use self::saver::Saver;
use super::{StepError, blocking::blocking, clock::now};
use crate::{
    boxed,
    files::{Access, FileError, private_folder, write_atomically},
    naming::tags_file::TagsFile,
    store::Store,
};

/// What became of changes made by hand when tags.json was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// What was taken over into the store first.
    pub taken_over: Option<TakenOver>,
    /// What is wrong with the file, where it cannot be read: it was left as it is, and the store has the names.
    pub unreadable: Option<String>,
}

/// tags.json as it was last written.
#[derive(Debug, Serialize, Deserialize)]
struct Written {
    /// [`Store::identity`].
    store: String,
    /// [`Store::revision`], or an earlier one.
    revision: i64,
    /// What was written.
    file: TagsFile,
}

/// How often the file is read again when it changes while it is being written.
const TRIES: usize = 5;

/// Takes over what was changed by hand in tags.json since it was last written, for the start of a
/// program; `None` where nothing was changed. The file is written again where it is not as the store
/// has it, as after a crash between an answer and its writing; but not before there is a name.
///
/// # Errors
/// Where the file is damaged or another account's, or the store cannot be written to; then neither
/// the file nor the store was changed.
#[boxed]
pub async fn take_over(store: &Store, path: &Path) -> Result<Option<TakenOver>, StepError> {
    if read(path).await?.is_none() && store.names().await?.is_empty() {
        return Ok(None);
    }
    settle(store, path).await
}

/// Writes every name with its photos to tags.json, and takes over first what was changed there
/// by hand. A file whose text is damaged, as while somebody edits it, is left as it is.
///
/// # Errors
/// Where the file cannot be read or written, or the store cannot.
#[boxed]
pub async fn save(store: &Store, path: &Path) -> Result<Saved, StepError> {
    match settle(store, path).await {
        Ok(taken_over) => Ok(Saved {
            taken_over,
            unreadable: None,
        }),
        Err(error) if is_unreadable(&error) => Ok(Saved {
            taken_over: None,
            unreadable: Some(error.to_string()),
        }),
        Err(error) => Err(error),
    }
}

/// Whether an error is about what the file says, which a person can mend at leisure: the store has all names.
#[must_use]
pub fn is_unreadable(error: &StepError) -> bool {
    matches!(
        error,
        StepError::TagsFile(_) | StepError::TagsOfOtherAccount { .. }
    )
}

/// Takes edits over and writes the file.
async fn settle(store: &Store, path: &Path) -> Result<Option<TakenOver>, StepError> {
    let _lock = lock(path).await?;
    let mut all: Option<TakenOver> = None;
    for _ in 0..TRIES {
        let found = read(path).await?;
        let mut account = None;
        let identity = store.identity().await?;
        let before = last_written(path).await?;
        let other = other_store(before.as_ref(), &identity);
        let before = known_here(store, before, &identity).await?;
        if let Some(bytes) = &found {
            let file = TagsFile::of(bytes, path)?;
            check_account(store, path, &file).await?;
            account = file.account.clone();
            let taken = plan::carry_out(store, path, &file, before.as_ref(), now()).await?;
            all = match (all, taken) {
                (Some(all), Some(taken)) => Some(all.and(taken)),
                (all, taken) => all.or(taken),
            };
        }
        if let Some(other) = other {
            // Soon the file no longer says so.
            store.set_metadata(EARLIER_STORE, &other).await?;
        }
        let written = Written {
            store: identity,
            revision: store.revision().await?,
            file: content(store, account).await?,
        };
        if write(path, found, written).await? {
            return Ok(all);
        }
    }
    let error =
        io::Error::other("the file keeps changing; close the program that edits it and run again");
    Err(FileError::at(path, "cannot write")(error).into())
}

/// A file beside tags.json, such as `.tags.json.written`.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default();
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(suffix);
    path.with_file_name(hidden)
}

/// Waits until no other program uses the file.
async fn lock(path: &Path) -> Result<fs::File, StepError> {
    let path = beside(path, ".lock");
    let locking = blocking("locking tags.json", move || {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            private_folder(folder)?;
        }
        let file = crate::files::private_file(&path)?;
        file.lock().map_err(FileError::at(&path, "cannot lock"))?;
        Ok::<_, FileError>(file)
    });
    Ok(locking.await??)
}

async fn read(path: &Path) -> Result<Option<Vec<u8>>, StepError> {
    let path = path.to_owned();
    Ok(blocking("reading tags.json", move || read_now(&path)).await??)
}

fn read_now(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::at(path, "cannot read")(error)),
    }
}

/// What is known of the file as it was last written; damaged, that is as good as not there.
async fn last_written(path: &Path) -> Result<Option<Written>, StepError> {
    let bytes = read(&beside(path, ".written")).await?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// The file as it was last written from this store, where that is known.
async fn known_here(
    store: &Store,
    written: Option<Written>,
    identity: &str,
) -> Result<Option<TagsFile>, StepError> {
    let Some(written) = written.filter(|written| written.store == identity) else {
        return Ok(None);
    };
    // An older copy of the store knows nothing of what was written later.
    let known = written.revision <= store.revision().await?;
    Ok(known.then_some(written.file))
}

/// Keeps in the store that tags.json was written from another before: soon the file no longer says so.
const EARLIER_STORE: &str = "tags_json_of";

/// The identity of the store that tags.json was last written from, where that is another.
fn other_store(written: Option<&Written>, identity: &str) -> Option<String> {
    let other = written.filter(|written| written.store != identity);
    other.map(|written| written.store.clone())
}

/// Whether tags.json was written from another store before this one: the one that knew what was written to Flickr.
pub(super) async fn had_another_store(store: &Store, path: &Path) -> Result<bool, StepError> {
    let written = last_written(path).await?;
    let other = other_store(written.as_ref(), &store.identity().await?);
    Ok(other.is_some() || store.metadata(EARLIER_STORE).await?.is_some())
}

/// Replaces the file, unless it is not as it was `found` any more. A crash between its two writes
/// leaves a file that is ahead of what is known of it, and taking over what is in the store already
/// changes nothing there.
async fn write(path: &Path, found: Option<Vec<u8>>, written: Written) -> Result<bool, StepError> {
    let path = path.to_owned();
    blocking("writing tags.json", move || {
        let bytes = written.file.to_json()?;
        let json = serde_json::to_vec(&written)
            .map_err(|source| crate::naming::tags_file::TagsFileError::Json { source })?;
        let now = read_now(&path)?;
        if now != found {
            return Ok(false);
        }
        if now.as_deref() != Some(bytes.as_slice()) {
            written.file.write(&path)?;
        }
        write_atomically(&beside(&path, ".written"), &json, Access::Private)?;
        Ok(true)
    })
    .await?
}
