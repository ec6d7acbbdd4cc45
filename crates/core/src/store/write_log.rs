//! The journal file: everything that is written to Flickr, a line of JSON each, in a file beside the store.
//!
//! A line is on disk before the store has it, and so before its call is made: whatever becomes of the
//! store, the file knows what can be removed again. What the store lacks or has older is taken from it.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{
    error::{Result, StoreError},
    write::{FlickrWrite, WriteKind, WriteState, value, word},
};
use crate::{
    files::{FileError, private_file},
    flickr::NoteRect,
    ids::PhotoId,
};

/// An open journal file; no other program has it meanwhile.
#[derive(Debug)]
pub(super) struct WriteLog {
    path: PathBuf,
    account: String,
    file: Mutex<File>,
}

/// A line of the file.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    /// Seconds since 1970.
    at: i64,
    /// NSID of the account that was written to.
    account: String,
    kind: String,
    photo: PhotoId,
    item: String,
    text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    clean: Option<String>,
    people: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<[u32; 4]>,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    flickr_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
}

impl Line {
    fn of(write: &FlickrWrite, account: &str) -> Self {
        Self {
            at: write.written,
            account: account.to_owned(),
            kind: word(&WriteKind::ALL, write.kind).to_owned(),
            photo: write.photo.clone(),
            item: write.item.clone(),
            text: write.text.clone(),
            clean: write.clean.clone(),
            people: write.people.clone(),
            place: write.place.map(|NoteRect { x, y, w, h }| [x, y, w, h]),
            state: word(&WriteState::ALL, write.state).to_owned(),
            flickr_id: write.flickr_id.clone(),
            error: write.error.clone(),
            code: write.code,
        }
    }

    fn write(self) -> FlickrWrite {
        FlickrWrite {
            kind: value(&WriteKind::ALL, &self.kind, WriteKind::Tag),
            photo: self.photo,
            item: self.item,
            text: self.text,
            clean: self.clean,
            people: self.people,
            place: self.place.map(|[x, y, w, h]| NoteRect { x, y, w, h }),
            state: value(&WriteState::ALL, &self.state, WriteState::Failed),
            flickr_id: self.flickr_id,
            error: self.error,
            code: self.code,
            written: self.at,
        }
    }
}

/// What tells an entry from others.
pub(super) type Key = (WriteKind, PhotoId, String);

pub(super) fn key(write: &FlickrWrite) -> Key {
    (write.kind, write.photo.clone(), write.item.clone())
}

impl WriteLog {
    /// Opens the file or makes it, mode 0600. A last line that a kill has cut is taken off.
    pub(super) fn open(path: &Path, account: &str) -> Result<Self> {
        let mut file = private_file(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(StoreError::InUse {
                    store: path.display().to_string(),
                    by: "tag-photos",
                });
            }
            Err(fs::TryLockError::Error(error)) => {
                return Err(FileError::at(path, "cannot lock")(error).into());
            }
        }
        let cannot_read = FileError::at(path, "cannot read");
        whole_lines(&mut file).map_err(cannot_read)?;
        Ok(Self {
            path: path.to_owned(),
            account: account.to_owned(),
            file: Mutex::new(file),
        })
    }

    /// Adds a line for each write; they are on disk when this returns.
    pub(super) fn append(&self, writes: &[FlickrWrite]) -> Result<()> {
        if writes.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for write in writes {
            let line = Line::of(write, &self.account);
            if let Ok(line) = serde_json::to_vec(&line) {
                lines.extend(line);
                lines.push(b'\n');
            }
        }
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        (file.seek(SeekFrom::End(0)))
            .and_then(|_| file.write_all(&lines))
            .and_then(|()| file.sync_data())
            .map_err(FileError::at(&self.path, "cannot write"))?;
        Ok(())
    }
}

/// Cuts a file behind its last whole line.
fn whole_lines(file: &mut File) -> std::io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let (mut end, mut block) = (length, vec![0; 4096]);
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let size = usize::try_from(end - start).unwrap_or(block.len());
        let part = block.get_mut(..size).unwrap_or_default();
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(part)?;
        match part.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => {
                end = start + at as u64 + 1;
                break;
            }
            None => end = start,
        }
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(())
}

/// The last word on each entry of the account in a journal file; and what is wrong with it where it has
/// none.
pub(super) fn read(
    path: &Path,
    account: &str,
) -> Result<(HashMap<Key, FlickrWrite>, Option<StoreError>)> {
    let file = File::open(path).map_err(FileError::at(path, "cannot read"))?;
    let mut lines = BufReader::new(file);
    let (mut entries, mut other, mut damaged) = (HashMap::new(), None, None);
    let (mut number, mut line) = (0, Vec::new());
    loop {
        line.clear();
        let size = lines.read_until(b'\n', &mut line);
        if size.map_err(FileError::at(path, "cannot read"))? == 0 {
            break;
        }
        number += 1;
        match serde_json::from_slice::<Line>(&line) {
            Ok(line) if line.account == account => {
                let write = line.write();
                entries.insert(key(&write), write);
            }
            Ok(line) => other = Some(line.account),
            // A kill cuts the last line.
            Err(_) if !line.ends_with(b"\n") => {}
            Err(error) => {
                tracing::warn!("{}:{number}: line left out: {error}", path.display());
                damaged.get_or_insert((number, error));
            }
        }
    }
    let wrong = match (other, damaged) {
        _ if !entries.is_empty() => None,
        (Some(found), _) => Some(StoreError::OtherAccount {
            store: path.display().to_string(),
            found,
            expected: account.to_owned(),
        }),
        (_, Some((line, error))) => Some(StoreError::NotAJournal {
            path: path.to_owned(),
            line,
            why: error.to_string(),
        }),
        _ => None,
    };
    Ok((entries, wrong))
}
