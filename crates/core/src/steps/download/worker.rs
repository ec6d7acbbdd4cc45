//! Who a run is among those on one store: the machine's name for people, an id of the folder that is the same in each
//! run, and a token of the run itself.
//!
//! Two machines may have one name, a folder may be copied or shared, and containers count their processes from 1: only
//! the token says which run a photo was claimed by.

use std::{
    fs::File,
    io::{Read, Seek, Write},
    path::Path,
};

use crate::{
    files::{FileError, private_file},
    ids,
    store::AFTER_MACHINE,
};

/// A run's name.
pub(super) struct Worker {
    /// What photos are claimed by.
    pub token: String,
    /// The folder's id, where no other run uses it: what was claimed under it and is claimed still is a dead run's.
    pub own: Option<String>,
    /// Locked while the run lives.
    _file: File,
}

/// Digits of an id and of a token.
const DIGITS: usize = ids::TOKEN_DIGITS;

impl Worker {
    /// On this `machine`, with the id that is kept in `file`, or with one of its own where another run uses that.
    ///
    /// # Errors
    /// Where the file cannot be read or made.
    pub(super) fn new(machine: &str, file: &Path) -> Result<Self, FileError> {
        let mut kept = private_file(file)?;
        let is_own = match kept.try_lock() {
            Ok(()) => true,
            Err(std::fs::TryLockError::WouldBlock) => false,
            Err(std::fs::TryLockError::Error(error)) => {
                return Err(FileError::at(file, "cannot lock")(error));
            }
        };
        let mut id = String::new();
        if is_own {
            let problem = || FileError::at(file, "cannot read");
            // Anything else in it is no id; a longer text is not read.
            (&mut kept)
                .take(DIGITS as u64 + 2)
                .read_to_string(&mut id)
                .or_else(|error| match error.kind() {
                    std::io::ErrorKind::InvalidData => Ok(0),
                    _ => Err(problem()(error)),
                })?;
            id.truncate(id.trim_end().len());
        }
        if id.len() != DIGITS || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            id = ids::token();
            if is_own {
                let written = kept
                    .set_len(0)
                    .and_then(|()| kept.rewind())
                    .and_then(|()| writeln!(kept, "{id}"));
                written.map_err(FileError::at(file, "cannot write"))?;
            }
        }
        let machine: String = machine.split_whitespace().collect();
        Ok(Self {
            token: format!("{machine}{AFTER_MACHINE}{id}-{}", ids::token()),
            own: is_own.then_some(id),
            _file: kept,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn runs_of_one_folder_and_of_one_host_name_are_known_apart() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config.worker");
        let first = Worker::new("a host", &file).unwrap();
        // At the same time in the same folder, as over a network's file system.
        let second = Worker::new("a host", &file).unwrap();
        assert!(first.own.is_some() && second.own.is_none());
        assert_ne!(first.token, second.token);
        assert!(first.token.starts_with("ahost "), "{}", first.token);
        let id = first.own.clone();
        drop((first, second));
        let later = Worker::new("a host", &file).unwrap();
        assert_eq!(later.own, id, "kept");
        drop(later);
        for odd in [&b""[..], b"what?", b"\xff\xfe0123456789abcdef", &[b'a'; 99]] {
            fs::write(&file, odd).unwrap();
            let other = Worker::new("a host", &file).unwrap();
            assert!(other.own.is_some() && other.own != id);
            drop(other);
            assert_eq!(fs::read_to_string(&file).unwrap().trim_end().len(), DIGITS);
        }
    }
}
