//! The three programs, by the names under which the person knows them.
//!
//! Packages install them as `flickr-faces-download` and so on as well, for who has another `download` in the PATH. What
//! is said to somebody who started one by such a name has to name the others the same way.

use std::{
    ffi::OsStr,
    fmt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

/// What the long names begin with.
const PREFIX: &str = "flickr-faces-";

static IS_LONG: AtomicBool = AtomicBool::new(false);

/// A program, as a text for people names it; written as what has to be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Photos and their faces, into the store: the first.
    Download,
    /// Names for the faces: after `download`.
    ClusterFaces,
    /// Names to Flickr: after `cluster-faces`.
    TagPhotos,
}

impl Program {
    /// The name that it is built with.
    fn short(self) -> &'static str {
        match self {
            Self::Download => "download",
            Self::ClusterFaces => "cluster-faces",
            Self::TagPhotos => "tag-photos",
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&named(self.short()))
    }
}

/// This process was started as `name`, perhaps a path: from now on all programs are named as it was.
pub fn started_as(name: &OsStr) {
    IS_LONG.store(is_long(name), Ordering::Relaxed);
}

/// What has to be typed for the program that was built as `short`.
#[must_use]
pub fn named(short: &str) -> String {
    named_so(short, IS_LONG.load(Ordering::Relaxed))
}

fn named_so(short: &str, is_long: bool) -> String {
    match is_long {
        true => format!("{PREFIX}{short}"),
        false => short.to_owned(),
    }
}

fn is_long(name: &OsStr) -> bool {
    let file = Path::new(name).file_name();
    file.is_some_and(|file| file.as_encoded_bytes().starts_with(PREFIX.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_named_as_this_one_was_started() {
        let cases = [
            ("download", "tag-photos"),
            ("/usr/bin/download", "tag-photos"),
            ("/opt/flickr-faces-0.1/download", "tag-photos"),
            ("", "tag-photos"),
            ("flickr-faces-download", "flickr-faces-tag-photos"),
            ("/usr/bin/flickr-faces-download", "flickr-faces-tag-photos"),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|(name, expected)| {
                (
                    name,
                    named_so("tag-photos", is_long(OsStr::new(name))),
                    expected,
                )
            })
            .filter(|(_, found, expected)| found != *expected)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}
