//! The user's cache folder: where it is, one run in it at a time, and scratch space on its disk.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The cache folder, held by this run alone until dropped.
pub struct Cache {
    root: PathBuf,
    quiet: bool,
    _lock: File,
}

impl Cache {
    /// Opens the cache folder, making it where it is missing; waits while another run fills it.
    ///
    /// # Errors
    ///
    /// No home folder is known, or the folder cannot be made or locked.
    pub fn open() -> Result<Self> {
        let root = location(&|name| env::var_os(name))
            .context("no place for a cache: set FLICKR_FACES_CACHE to a folder, or HOME")?;
        Self::open_at(&std::path::absolute(root)?)
    }

    /// Opens a cache in this folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be made or locked.
    pub fn open_at(root: &Path) -> Result<Self> {
        let context = || format!("cache folder {}", root.display());
        fs::create_dir_all(root).with_context(context)?;
        let lock = File::create(root.join(".lock")).with_context(context)?;
        if lock.try_lock().is_err() {
            println!("Waiting for another run that fills {}", root.display());
            lock.lock().with_context(context)?;
        }
        Ok(Self {
            root: root.to_owned(),
            quiet: false,
            _lock: lock,
        })
    }

    /// The same where another job shows its progress meanwhile: what is fetched is told, how far it is not.
    pub fn quietly(self) -> Self {
        Self {
            quiet: true,
            ..self
        }
    }

    /// Whether another job shows its progress meanwhile.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// The folder, absolute.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The interpreter of the Python environment in the cache.
    pub fn python(&self) -> PathBuf {
        self.root.join("python/bin/python")
    }

    /// An empty folder on the cache's disk, so that a file in it is moved into place by a rename.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn scratch(&self) -> Result<Scratch> {
        Scratch::new(self.root.join(".scratch"))
    }
}

/// `$FLICKR_FACES_CACHE`, or `flickr-faces` in `$XDG_CACHE_HOME` or `~/.cache` (the XDG Base
/// Directory Specification: a relative path counts as not set).
fn location(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(own) = set("FLICKR_FACES_CACHE") {
        return Some(own);
    }
    let caches = set("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| Some(set("HOME")?.join(".cache")))?;
    Some(caches.join("flickr-faces"))
}

/// A folder that goes when it is dropped.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    fn new(path: PathBuf) -> Result<Self> {
        // What a run that was killed has left: the lock shows that it is not in use.
        if path.exists() {
            fs::remove_dir_all(&path).with_context(|| path.display().to_string())?;
        }
        fs::create_dir_all(&path).with_context(|| path.display().to_string())?;
        Ok(Self { path })
    }

    #[cfg(test)]
    pub fn for_test(name: &str) -> Self {
        let name = format!("flickr-faces-xtask-{}-{name}", std::process::id());
        Self::new(env::temp_dir().join(name)).unwrap()
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // If it stays, the next run removes it.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_environment_says() {
        struct Case {
            set: &'static [(&'static str, &'static str)],
            expected: Option<&'static str>,
        }
        let cases = [
            Case {
                set: &[],
                expected: None,
            },
            Case {
                set: &[("HOME", "/h")],
                expected: Some("/h/.cache/flickr-faces"),
            },
            Case {
                set: &[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")],
                expected: Some("/x/flickr-faces"),
            },
            Case {
                set: &[("HOME", "/h"), ("XDG_CACHE_HOME", "")],
                expected: Some("/h/.cache/flickr-faces"),
            },
            Case {
                set: &[("HOME", "/h"), ("XDG_CACHE_HOME", "relative")],
                expected: Some("/h/.cache/flickr-faces"),
            },
            Case {
                set: &[("XDG_CACHE_HOME", "/x"), ("FLICKR_FACES_CACHE", "/own")],
                expected: Some("/own"),
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter_map(|case| {
                let found = location(&|name| {
                    let set = case.set.iter().find(|(key, _)| *key == name)?;
                    Some(set.1.into())
                });
                (found.as_deref() != case.expected.map(Path::new)).then_some((case.set, found))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn scratch_space_is_empty_and_goes() {
        let folder = Scratch::for_test("scratch");
        let cache = Cache::open_at(folder.path()).unwrap();
        fs::create_dir_all(folder.path().join(".scratch/left")).unwrap();
        let scratch = cache.scratch().unwrap();
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 0);
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
    }
}
