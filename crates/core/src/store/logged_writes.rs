//! The store and its journal file: what one of them lacks it learns from the other.

use std::{collections::HashMap, path::Path, sync::Arc};

use super::{
    Result, Store,
    write::FlickrWrite,
    write_log::{Key, WriteLog, key, read},
};
use crate::boxed;

impl Store {
    /// Keeps the journal of writes in this file, too. What only one of the two knows, or knows better, the
    /// other learns first; the number of entries that the store learnt.
    ///
    /// # Errors
    /// Where the file cannot be read or written to, is another account's, or another program has it.
    #[boxed]
    pub async fn keep_write_log(&self, path: &Path, account: &str) -> Result<u64> {
        let log = {
            let (path, account) = (path.to_owned(), account.to_owned());
            blocking(move || WriteLog::open(&path, &account)).await?
        };
        let (known, _) = {
            let (path, account) = (path.to_owned(), account.to_owned());
            blocking(move || read(&path, &account)).await?
        };
        let learnt = self.learn(&known).await?;
        let mut lacking = self.flickr_writes().await?;
        lacking.retain(|write| {
            let known = known.get(&key(write));
            known.is_none_or(|known| known.written < write.written)
        });
        let log = Arc::new(log);
        {
            let log = Arc::clone(&log);
            blocking(move || log.append(&lacking)).await?;
        }
        self.log.set(log).ok();
        Ok(learnt)
    }

    /// Takes over from a journal file what the store lacks or has older; the number of entries.
    ///
    /// # Errors
    /// Where the file cannot be read, is none, or is another account's.
    #[boxed]
    pub async fn learn_writes(&self, path: &Path, account: &str) -> Result<u64> {
        let (path, account) = (path.to_owned(), account.to_owned());
        match blocking(move || read(&path, &account)).await? {
            (_, Some(wrong)) => Err(wrong),
            (entries, None) => self.learn(&entries).await,
        }
    }

    /// The same from the store's own file, which may be another account's, too.
    ///
    /// # Errors
    /// Where the file cannot be read.
    #[boxed]
    pub async fn learn_own_writes(&self, path: &Path, account: &str) -> Result<u64> {
        let (path, account) = (path.to_owned(), account.to_owned());
        let (entries, _) = blocking(move || read(&path, &account)).await?;
        self.learn(&entries).await
    }

    async fn learn(&self, entries: &HashMap<Key, FlickrWrite>) -> Result<u64> {
        let mut news: HashMap<&Key, &FlickrWrite> = entries.iter().collect();
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
                news.remove(&key);
            }
        }
        let number = news.len() as u64;
        let mut by_time: HashMap<i64, Vec<FlickrWrite>> = HashMap::new();
        for write in news.into_values() {
            by_time
                .entry(write.written)
                .or_default()
                .push(write.clone());
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
        let written = now;
        let writes: Vec<_> = (writes.iter())
            .map(|write| FlickrWrite {
                written,
                ..write.clone()
            })
            .collect();
        blocking(move || log.append(&writes)).await
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
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;
    use crate::store::{StoreError, WriteKind, WriteState};

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
