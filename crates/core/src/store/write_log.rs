//! The journal file: everything that is written to Flickr, a line of JSON each, in a file beside the store.
//!
//! A line is on disk before the store has it, and so before its call is made: whatever becomes of the
//! store, the file knows what can be removed again. What the store lacks or has older is taken from it.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use serde::{Deserialize, Serialize};

use super::{
    FlickrWrite, PhotoId, Result, Store, StoreError, WriteKind, WriteState,
    flickr_writes::{value, word},
};
use crate::{
    files::{FileError, private_file},
    flickr::NoteRect,
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
    fn of(write: &FlickrWrite, at: i64, account: &str) -> Self {
        Self {
            at,
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
type Key = (WriteKind, PhotoId, String);

fn key(write: &FlickrWrite) -> Key {
    (write.kind, write.photo.clone(), write.item.clone())
}

impl WriteLog {
    /// Opens the file or makes it, mode 0600. A last line that a kill has cut is taken off.
    fn open(path: &Path, account: &str) -> Result<Self> {
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
    fn append(&self, writes: &[FlickrWrite], at: i64) -> Result<()> {
        let mut lines = Vec::new();
        for write in writes {
            let line = Line::of(write, at, &self.account);
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
fn read(path: &Path, account: &str) -> Result<(HashMap<Key, FlickrWrite>, Option<StoreError>)> {
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

impl Store {
    /// Keeps the journal of writes in this file, too. What only one of the two knows, or knows better, the
    /// other learns first; the number of entries that the store learnt.
    ///
    /// # Errors
    /// Where the file cannot be read or written to, is another account's, or another program has it.
    pub async fn keep_write_log(&self, path: &Path, account: &str) -> Result<u64> {
        let log = {
            let (path, account) = (path.to_owned(), account.to_owned());
            blocking(move || WriteLog::open(&path, &account)).await?
        };
        let learnt = self.learn_own_writes(path, account).await?;
        let log = Arc::new(log);
        let (known, _) = {
            let (path, account) = (path.to_owned(), account.to_owned());
            blocking(move || read(&path, &account)).await?
        };
        for write in self.flickr_writes().await? {
            if known
                .get(&key(&write))
                .is_none_or(|known| known.written < write.written)
            {
                let (log, at) = (Arc::clone(&log), write.written);
                blocking(move || log.append(&[write], at)).await?;
            }
        }
        self.log.set(log).ok();
        Ok(learnt)
    }

    /// Takes over from a journal file what the store lacks or has older; the number of entries.
    ///
    /// # Errors
    /// Where the file cannot be read, is none, or is another account's.
    pub async fn learn_writes(&self, path: &Path, account: &str) -> Result<u64> {
        let (path, account) = (path.to_owned(), account.to_owned());
        match blocking(move || read(&path, &account)).await? {
            (_, Some(wrong)) => Err(wrong),
            (entries, None) => self.learn(entries).await,
        }
    }

    /// The same from the store's own file, which may be another account's, too.
    ///
    /// # Errors
    /// Where the file cannot be read.
    pub async fn learn_own_writes(&self, path: &Path, account: &str) -> Result<u64> {
        let (path, account) = (path.to_owned(), account.to_owned());
        let (entries, _) = blocking(move || read(&path, &account)).await?;
        self.learn(entries).await
    }

    async fn learn(&self, mut entries: HashMap<Key, FlickrWrite>) -> Result<u64> {
        for known in self.flickr_writes().await? {
            let key = key(&known);
            // What a kill kept from the store was written in the same second.
            let is_news = |entry: &FlickrWrite| {
                let written = known.written;
                entry.written >= written
                    && FlickrWrite {
                        written,
                        ..entry.clone()
                    } != known
            };
            if !entries.get(&key).is_some_and(is_news) {
                entries.remove(&key);
            }
        }
        let number = entries.len() as u64;
        let mut by_time: HashMap<i64, Vec<FlickrWrite>> = HashMap::new();
        for write in entries.into_values() {
            by_time.entry(write.written).or_default().push(write);
        }
        for (at, writes) in by_time {
            self.record_writes(&writes, at).await?;
        }
        Ok(number)
    }

    /// Enters writes into the journal file, where one is kept.
    pub(super) async fn log_writes(&self, writes: &[FlickrWrite], now: i64) -> Result<()> {
        let Some(log) = self.log.get().cloned() else {
            return Ok(());
        };
        let writes = writes.to_vec();
        blocking(move || log.append(&writes, now)).await
    }
}

/// Work on files, off the asynchronous threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn write(photo: &str, state: WriteState) -> FlickrWrite {
        FlickrWrite {
            kind: WriteKind::Tag,
            photo: photo.parse().unwrap(),
            item: "Ada".to_owned(),
            text: "Ada".to_owned(),
            clean: Some("ada".to_owned()),
            people: vec!["Ada".to_owned()],
            place: None,
            state,
            flickr_id: None,
            error: None,
            code: None,
            written: 0,
        }
    }

    async fn store(folder: &Path, name: &str) -> Store {
        let file = folder.join(name);
        Store::open(file.to_str().unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_lost_store_learns_everything_from_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let one = store(folder.path(), "one.sqlite").await;
        // What was written before there was a file is in it, too.
        one.record_writes(&[write("1", WriteState::Added)], 5)
            .await
            .unwrap();
        assert_eq!(one.keep_write_log(&path, "1@N00").await.unwrap(), 0);
        for (at, state) in [(6, WriteState::Begun), (7, WriteState::Added)] {
            one.record_writes(&[write("2", state)], at).await.unwrap();
        }
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let known = one.flickr_writes().await.unwrap();
        // No other may write to it meanwhile.
        let two = store(folder.path(), "two.sqlite").await;
        let refused = two.keep_write_log(&path, "1@N00").await.unwrap_err();
        assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
        drop(one);
        // A kill in the middle of a line.
        let mut text = fs::read(&path).unwrap();
        let whole = text.len();
        text.extend_from_slice(br#"{"at":8,"account":"1@N0"#);
        fs::write(&path, &text).unwrap();
        assert_eq!(two.keep_write_log(&path, "1@N00").await.unwrap(), 2);
        assert_eq!(two.flickr_writes().await.unwrap(), known);
        assert_eq!(fs::read(&path).unwrap().len(), whole);
        two.record_writes(&[write("1", WriteState::Removed)], 9)
            .await
            .unwrap();
        let three = store(folder.path(), "three.sqlite").await;
        three
            .record_writes(&[write("2", WriteState::Preexisting)], 8)
            .await
            .unwrap();
        assert_eq!(three.learn_writes(&path, "1@N00").await.unwrap(), 1);
        let states: Vec<_> = three.flickr_writes().await.unwrap();
        let states: Vec<_> = states.iter().map(|write| write.state).collect();
        assert_eq!(states, [WriteState::Removed, WriteState::Preexisting]);
    }

    #[tokio::test]
    async fn what_is_no_journal_of_the_account_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let store = store(folder.path(), "one.sqlite").await;
        store.keep_write_log(&path, "1@N00").await.unwrap();
        store
            .record_writes(&[write("1", WriteState::Added)], 5)
            .await
            .unwrap();
        let other = store.learn_writes(&path, "2@N00").await.unwrap_err();
        assert!(matches!(other, StoreError::OtherAccount { .. }), "{other}");
        let none = folder.path().join("tags.json");
        fs::write(&none, "{\n}\n").unwrap();
        let none = store.learn_writes(&none, "1@N00").await.unwrap_err();
        assert!(
            matches!(none, StoreError::NotAJournal { line: 1, .. }),
            "{none}"
        );
        // A damaged line is left out, the others count.
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, format!("{text}garbage\n{text}")).unwrap();
        assert_eq!(store.learn_writes(&path, "1@N00").await.unwrap(), 0);
    }
}
