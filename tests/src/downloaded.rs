//! An account that was downloaded once, for many tests.

use std::{fs, path::PathBuf, sync::Arc};

use flickr_sandbox::{Options, Sandbox};
use tempfile::TempDir;

use crate::{Home, KNOWN_CLUSTERS, Sample, add_copies, sandbox};

/// A sandbox with copies of samples, and a store with all of their faces, none of which has a name.
pub struct Downloaded {
    /// The account.
    pub sandbox: Arc<Sandbox>,
    /// Photo ids by sample, in the order in which the samples were given.
    pub photos: Vec<Vec<String>>,
    store: PathBuf,
    _home: Home,
}

impl Downloaded {
    /// Downloads an account with so many photos of each sample; `faces` are to be found.
    ///
    /// # Panics
    /// Where the download fails, or finds other than so many faces.
    pub fn new(samples: &[(Sample, usize)], faces: u64) -> Self {
        let sandbox = sandbox(Options::default());
        let folder = TempDir::new().unwrap();
        let add = |&(who, times)| add_copies(&sandbox, folder.path(), who, times);
        let photos = samples.iter().map(add).collect();
        let home = Home::new(&sandbox, &KNOWN_CLUSTERS);
        let run = home.run("download", &["--json"]).ends_with(0).json();
        assert_eq!(run["faces"], faces);
        Self {
            store: home.path("faces.sqlite"),
            sandbox,
            photos,
            _home: home,
        }
    }

    /// A home of its own with all faces.
    ///
    /// # Panics
    /// Where the store cannot be copied.
    pub fn home(&self) -> Home {
        let home = Home::signed_out(&self.sandbox, &KNOWN_CLUSTERS);
        fs::copy(&self.store, home.path("faces.sqlite")).unwrap();
        home
    }
}
