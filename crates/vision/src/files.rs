//! Files that are never seen half-written and never readable by others.
//!
//! Everything the programs save beside the store (config.ini, the token, tags.json, montages) goes
//! through [`write_atomically`]. Streaming downloads have a way of their own, in `flickr::images`.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// What the names of unfinished files begin with.
const WRITING: &str = ".writing-";

/// A file operation that failed, with the path it was about.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {what}: {source}", path = path.display())]
pub struct FileError {
    /// The file or folder.
    pub path: PathBuf,
    /// What was tried, in plain words ("cannot write").
    pub what: &'static str,
    /// What the system said.
    pub source: io::Error,
}

impl FileError {
    /// For `map_err`: an io error about `path`.
    pub fn at(path: &Path, what: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { path, what, source }
    }
}

/// Who may read a file written by [`write_atomically`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Mode 0600: the owner alone.
    Private,
    /// The mode the file has already; 0600 where it is new.
    Kept,
    /// The mode the file has already; this one where it is new.
    New(u32),
}

/// Replaces the content of `path` in one step: a reader, or a run after a power cut, sees the old
/// content or the new, never a part.
///
/// A symbolic link is followed, so that the file it points to is replaced and the link stays.
///
/// # Errors
/// Where the folder cannot be written to; the old content is then untouched.
pub fn write_atomically(path: &Path, content: &[u8], access: Access) -> Result<(), FileError> {
    write_atomically_with(path, access, |file| file.write_all(content))
}

/// As [`write_atomically`], for content that is written piece by piece.
///
/// # Errors
/// As [`write_atomically`], and where `write` fails.
pub fn write_atomically_with(
    path: &Path,
    access: Access,
    write: impl FnOnce(&mut fs::File) -> io::Result<()>,
) -> Result<(), FileError> {
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    private_folder(folder)?;
    let cannot_write = || FileError::at(path, "cannot write");
    let mut file = tempfile::Builder::new()
        .prefix(WRITING)
        .tempfile_in(folder)
        .map_err(cannot_write())?;
    // As long as it is held, nobody sweeps it away.
    file.as_file().try_lock().ok();
    write(file.as_file_mut()).map_err(cannot_write())?;
    let mode = match (access, fs::metadata(&target)) {
        (Access::Private, _) | (Access::Kept, Err(_)) => None,
        (_, Ok(old)) => Some(old.permissions()),
        (Access::New(mode), Err(_)) => Some(fs::Permissions::from_mode(mode)),
    };
    if let Some(mode) = mode {
        file.as_file()
            .set_permissions(mode)
            .map_err(cannot_write())?;
    }
    file.as_file().sync_all().map_err(cannot_write())?;
    file.persist(&target)
        .map_err(|error| cannot_write()(error.error))?;
    // The rename itself must survive a power cut too; where folders cannot be synced, it may not.
    if let Ok(folder) = fs::File::open(folder) {
        folder.sync_all().ok();
    }
    Ok(())
}

/// Deletes what [`write_atomically`] has left in a folder where it was killed; what another program is
/// writing at this moment stays. Returns how many files.
///
/// # Errors
/// Where the folder cannot be looked into.
pub fn sweep(folder: &Path) -> Result<u64, FileError> {
    let mut swept = 0;
    for entry in fs::read_dir(folder).map_err(FileError::at(folder, "cannot look into"))? {
        let entry = entry.map_err(FileError::at(folder, "cannot look into"))?;
        let is_ours = entry.file_name().to_string_lossy().starts_with(WRITING)
            && entry.file_type().is_ok_and(|kind| kind.is_file());
        if is_ours
            && let Ok(file) = fs::File::open(entry.path())
            && file.try_lock().is_ok()
        {
            swept += u64::from(fs::remove_file(entry.path()).is_ok());
        }
    }
    Ok(swept)
}

/// Opens a file to read and write, and makes it with mode 0600 where it is not there yet.
///
/// # Errors
/// Where it cannot be opened or made.
pub fn private_file(path: &Path) -> Result<fs::File, FileError> {
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(FileError::at(path, "cannot open"))
}

/// Makes a folder that only its owner can look into, where it is not there yet.
///
/// # Errors
/// Where it cannot be made.
pub fn private_folder(path: &Path) -> Result<(), FileError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(FileError::at(path, "cannot make the folder"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/config.ini");
        write_atomically(&path, b"one", Access::Kept).unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), mode(&path)),
            (b"one".to_vec(), 0o600)
        );

        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write_atomically(&path, b"two", Access::Kept).unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), mode(&path)),
            (b"two".to_vec(), 0o640)
        );

        write_atomically(&path, b"three", Access::Private).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_new_file_has_the_mode_that_was_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("photo.jpg.xmp");
        write_atomically(&path, b"one", Access::New(0o644)).unwrap();
        assert_eq!(mode(&path), 0o644);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
        write_atomically(&path, b"two", Access::New(0o644)).unwrap();
        assert_eq!(mode(&path), 0o660);
    }

    #[test]
    fn what_a_killed_program_left_is_swept_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let left = folder.path().join(".writing-Abc123");
        let others = folder.path().join("writing-it.txt");
        for path in [&left, &others] {
            fs::write(path, "half").unwrap();
        }
        let target = folder.path().join("tags.json");
        write_atomically_with(&target, Access::Private, |file| {
            // In the middle of writing: the one that is left over goes, this one stays.
            assert_eq!(sweep(folder.path()).unwrap(), 1);
            file.write_all(b"whole")
        })
        .unwrap();
        assert!(!left.exists() && others.exists());
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert_eq!(sweep(folder.path()).unwrap(), 0);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::write(&real, "old").unwrap();
        symlink(&real, &link).unwrap();
        write_atomically(&link, b"new", Access::Kept).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "new");
    }
}
