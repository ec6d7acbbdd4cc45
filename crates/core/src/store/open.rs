//! Opening a store's SQLite file: with one plain connection first, whose error is the error, before a pool
//! tries again and again for a minute.

use std::{
    fs,
    io::Read,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use sqlx::{AnyConnection, Connection};
use url::Url;

use super::error::{Result, StoreError};
use crate::files::{FileError, private_file, private_folder};

/// How every SQLite file begins: <https://www.sqlite.org/fileformat.html>, "Magic Header String".
const SQLITE_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What each connection sets. Nothing here reads the file: its error would only be logged by the pool, which
/// then tries again for a minute. `synchronous` is FULL, so that a commit survives a power cut: it is SQLite's
/// default, and setting it would read the file. Another program's write is waited for.
pub(super) const EACH_CONNECTION: [&str; 2] =
    ["PRAGMA busy_timeout = 60000", "PRAGMA foreign_keys = ON"];

/// Makes the file with mode 0600 (SQLite gives its log and index files the same mode) and returns
/// the address that opens it.
pub(super) fn sqlite_address(path: &Path) -> Result<String> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        private_folder(folder)?;
    }
    if path.is_dir() {
        let is_folder = std::io::ErrorKind::IsADirectory.into();
        return Err(FileError::at(path, "cannot open")(is_folder).into());
    }
    let mut start = Vec::new();
    private_file(path)?
        .take(16)
        .read_to_end(&mut start)
        .map_err(FileError::at(path, "cannot read"))?;
    if !start.is_empty() && start != *SQLITE_MAGIC {
        return Err(StoreError::NotAStore {
            store: path.display().to_string(),
            found: String::from_utf8_lossy(&start).into_owned(),
        });
    }
    address(path)
}

/// The address of a file that is there.
pub(super) fn address(path: &Path) -> Result<String> {
    let whole = fs::canonicalize(path).map_err(FileError::at(path, "cannot find"))?;
    let url = Url::from_file_path(&whole).map_err(|()| {
        FileError::at(path, "cannot use this path")(std::io::ErrorKind::InvalidInput.into())
    })?;
    Ok(format!("sqlite:{}?mode=rw", url.path()))
}

/// Opens the file once and reads it. Where the program before did not end properly, all of it is checked.
///
/// # Errors
/// Where it cannot be opened, read or written to, or is damaged.
pub(super) async fn look_first(path: &Path, address: &str) -> Result<()> {
    let store = || path.display().to_string();
    let open = |source| StoreError::Open {
        store: store(),
        source,
    };
    let was_left = was_left(path);
    let mut connection = AnyConnection::connect(address).await.map_err(open)?;
    let looked = look(&mut connection, path, was_left).await;
    // Also where something is wrong: until it is closed, the file counts as in use.
    let closed = connection.close().await;
    let problems = looked.map_err(open)?;
    if !problems.is_empty() {
        return Err(StoreError::Damaged {
            store: store(),
            found: problems.join("; "),
        });
    }
    closed.map_err(open)
}

/// What is wrong with the file's structure, where that is to be looked for.
async fn look(
    connection: &mut AnyConnection,
    path: &Path,
    was_left: bool,
) -> sqlx::Result<Vec<String>> {
    // WAL lets one program read while another writes.
    for pragma in ["PRAGMA busy_timeout = 10000", "PRAGMA journal_mode = WAL"] {
        sqlx::query(pragma).execute(&mut *connection).await?;
    }
    if !was_left {
        return Ok(Vec::new());
    }
    tell_check(path);
    check(connection).await
}

/// A file as large as this takes several seconds to check.
const LARGE: u64 = 1_000_000_000;

fn tell_check(path: &Path) {
    let store = path.display();
    let bytes = fs::metadata(path).map_or(0, |file| file.len());
    if bytes < LARGE {
        return tracing::info!("{store}: was not closed properly, checking it");
    }
    let gigabytes = bytes / 1_000_000_000;
    tracing::warn!(
        "{store}: was not closed properly, checking it, which reads all of its {gigabytes} GB"
    );
}

/// What SQLite finds wrong with the file's structure, three things at most.
pub(super) async fn check(connection: &mut AnyConnection) -> sqlx::Result<Vec<String>> {
    let found: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(3)")
        .fetch_all(connection)
        .await?;
    // A problem may take more than one line.
    let lines = found.iter().flat_map(|found| found.lines());
    let problems = lines.filter(|line| *line != "ok" && !line.starts_with("***"));
    Ok(problems.map(str::to_owned).collect())
}

/// A file that SQLite keeps beside another.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Whether a program has ended without closing the file: its log is still there, and nobody uses it.
fn was_left(path: &Path) -> bool {
    let log = fs::metadata(beside(path, "-wal"));
    log.is_ok_and(|log| log.len() > 0) && !is_in_use(path)
}

/// Whether a program has the file open, as far as Linux tells: each connection holds a lock on the index file.
/// Asked of `/proc/locks`, because opening the index file and closing it again would drop this process's own locks.
pub(super) fn is_in_use(path: &Path) -> bool {
    let (Ok(index), Ok(locks)) = (
        fs::metadata(beside(path, "-shm")),
        fs::read_to_string("/proc/locks"),
    ) else {
        return false;
    };
    // `1: POSIX  ADVISORY  READ 1234 fd:00:5678 128 128`
    let inode = format!(":{}", index.ino());
    locks.lines().any(|line| {
        let file = line.split_whitespace().nth(5);
        file.is_some_and(|file| file.ends_with(&inode))
    })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use crate::store::{Store, Trouble, tests::listed};

    use super::*;

    /// A store with a few photos, closed.
    async fn stored(folder: &Path) -> PathBuf {
        let path = folder.join("faces.sqlite");
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        let photos: Vec<_> = (1..2000).map(|id| listed(id, 1)).collect();
        store.add_listed(&photos).await.unwrap();
        store.close().await;
        path
    }

    async fn refused(path: &Path) -> StoreError {
        let began = Instant::now();
        let error = Store::open(path.to_str().unwrap()).await.unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(5), "{error}");
        error
    }

    #[tokio::test]
    async fn a_file_that_was_cut_is_said_to_be_damaged_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = stored(folder.path()).await;
        let length = fs::metadata(&path).unwrap().len();
        let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
        file.set_len(length / 2).unwrap();
        let error = refused(&path).await;
        assert_eq!(error.trouble(), Some(Trouble::Damaged), "{error}");
        let text = error.to_string();
        assert!(
            text.contains("faces.sqlite: cannot open the store: the store's file is damaged"),
            "{text}"
        );
    }

    #[tokio::test]
    async fn what_is_in_the_way_of_the_index_file_is_said_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = stored(folder.path()).await;
        fs::create_dir(beside(&path, "-shm")).unwrap();
        // SQLite opens what it cannot write to in order to read it.
        let error = refused(&path).await;
        assert_eq!(error.trouble(), Some(Trouble::ReadOnly), "{error}");
    }

    #[tokio::test]
    async fn damage_is_looked_for_where_a_program_was_killed() {
        let folder = tempfile::tempdir().unwrap();
        let path = stored(folder.path()).await;
        // In the middle of a page of the table: nothing that is read at the start.
        let mut bytes = fs::read(&path).unwrap();
        let at = bytes.len() / 2 / 4096 * 4096;
        bytes[at..at + 64].fill(0x5a);
        fs::write(&path, &bytes).unwrap();
        // Closed properly, it is not looked at.
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        store.close().await;
        fs::write(beside(&path, "-wal"), [0; 32]).unwrap();
        let error = refused(&path).await;
        assert_eq!(error.trouble(), Some(Trouble::Damaged), "{error}");
    }

    #[tokio::test]
    async fn commits_are_on_disk_and_references_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = stored(folder.path()).await;
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        assert!(is_in_use(&path));
        let mut connections = Vec::new();
        for _ in 0..3 {
            connections.push(store.pool.connection().await.unwrap());
        }
        for connection in &mut connections {
            for (pragma, expected) in [
                ("PRAGMA synchronous", "2"),
                ("PRAGMA foreign_keys", "1"),
                ("PRAGMA busy_timeout", "60000"),
                ("PRAGMA journal_mode", "wal"),
            ] {
                let row = sqlx::query(pragma)
                    .fetch_one(&mut **connection)
                    .await
                    .unwrap();
                let found = sqlx::Row::try_get::<i64, _>(&row, 0)
                    .map(|number| number.to_string())
                    .or_else(|_| sqlx::Row::try_get::<String, _>(&row, 0));
                assert_eq!(found.unwrap(), expected, "{pragma}");
            }
        }
    }
}
