//! What a download keeps on the disk: so far, and when it is done.

use std::{fs, path::Path, time::SystemTime};

use serde::Serialize;
use walkdir::WalkDir;

use crate::store::{Outcome, beside};

/// Bytes on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// Photos that are kept, and the store where it is a file.
    pub used: u64,
    /// What is to come, as far as the photos of this run show.
    pub to_come: u64,
}

/// A face's row, its decision and its indexes, beside what it holds.
const FACE_ROW: u64 = 400;

/// A descriptor: 128 numbers of four bytes.
const DESCRIPTOR: u64 = 512;

/// What was seen of it in this run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    /// Bytes in the folder of the photos before.
    pub before: u64,
    /// Whether files stay.
    pub keeps: bool,
    /// Bytes of the store's file; zero for a server.
    pub store: u64,
    /// Whether faces go into that file.
    pub is_file: bool,
    files: u64,
    file_bytes: u64,
    done: u64,
    face_bytes: u64,
}

impl Seen {
    /// Nothing yet, of a run that `keeps` its photos, with a store that `is_file` or not.
    pub(super) fn new(keeps: bool, is_file: bool) -> Self {
        Self {
            keeps,
            is_file,
            ..Self::default()
        }
    }

    /// A photo's file is there; `bytes` that this run has brought.
    pub(super) fn file(&mut self, bytes: u64) {
        self.files += 1;
        self.file_bytes += bytes;
    }

    /// A photo's faces are stored.
    pub(super) fn stored(&mut self, outcome: &Outcome) {
        if let Outcome::Done { faces, .. } = outcome {
            let crops: u64 = faces.iter().map(|face| face.crop.len() as u64).sum();
            self.done += 1;
            self.face_bytes += crops + faces.len() as u64 * (DESCRIPTOR + FACE_ROW);
        }
    }

    /// Bytes that so many photos more add, where files are `times` as large as those that were brought.
    pub(super) fn of(&self, photos: u64, times: f64) -> u64 {
        let mean = |bytes: u64, number: u64| bytes as f64 / number.max(1) as f64;
        let files = match self.keeps {
            true => mean(self.file_bytes, self.files) * times,
            false => 0.0,
        };
        let faces = match self.is_file {
            true => mean(self.face_bytes, self.done),
            false => 0.0,
        };
        ((files + faces) * photos as f64) as u64
    }

    pub(super) fn disk(&self, left: u64) -> Disk {
        let brought = if self.keeps { self.file_bytes } else { 0 };
        Disk {
            used: self.before + brought + self.store,
            to_come: self.of(left, 1.0),
        }
    }
}

/// Bytes of all files in a folder and below that were there before `began`, as long as somebody `wants` to know. What
/// cannot be looked at has none.
pub(super) fn folder_bytes(folder: &Path, began: SystemTime, wants: impl Fn() -> bool) -> u64 {
    let entries = WalkDir::new(folder).into_iter().take_while(|_| wants());
    let files = entries
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .filter(|metadata| metadata.is_file());
    let before = files.filter(|metadata| metadata.modified().is_ok_and(|time| time < began));
    before.map(|metadata| metadata.len()).sum()
}

/// Bytes of an SQLite file, what is only in its log included.
pub(super) fn file_bytes(file: &Path) -> u64 {
    [file.to_owned(), beside(file, "-wal")]
        .iter()
        .filter_map(|file| fs::metadata(file).ok())
        .map(|file| file.len())
        .sum()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::FoundFace;

    #[test]
    fn files_of_before_count_in_every_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("123")).unwrap();
        for name in ["1.jpg", "123/2.jpg"] {
            fs::write(folder.path().join(name), [0; 100]).unwrap();
        }
        let bytes = |began, wants: bool| folder_bytes(folder.path(), began, || wants);
        let (now, day) = (SystemTime::now(), Duration::from_secs(86_400));
        assert_eq!(bytes(now + day, true), 200);
        assert_eq!(bytes(now - day, true), 0);
        assert_eq!(bytes(now + day, false), 0);
        assert_eq!(folder_bytes(&folder.path().join("none"), now, || true), 0);
    }

    fn photo(faces: &[FoundFace]) -> Outcome {
        Outcome::Done {
            width: 1,
            height: 1,
            faces: faces.to_vec(),
        }
    }

    #[test]
    fn what_is_to_come_is_what_photos_have_taken_so_far() {
        let mut seen = Seen {
            before: 7_000,
            store: 500,
            keeps: true,
            is_file: true,
            ..Seen::default()
        };
        assert_eq!(seen.disk(10).to_come, 0, "nothing is known");
        for bytes in [100_000, 300_000, 0, 0] {
            seen.file(bytes);
            seen.stored(&photo(&[]));
        }
        // Half of the files were there already.
        let disk = Disk {
            used: 407_500,
            to_come: 1_000_000,
        };
        assert_eq!(seen.disk(10), disk);
        assert_eq!(seen.of(10, 4.0), 4_000_000);
        seen.keeps = false;
        let disk = Disk {
            used: 7_500,
            to_come: 0,
        };
        assert_eq!(seen.disk(10), disk);
    }
}
