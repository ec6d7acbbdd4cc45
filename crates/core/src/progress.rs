//! How the steps say how far they are; the programs draw it.

use std::time::Duration;

/// Where a `download` stands. All counts are of this run unless they say otherwise.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DownloadProgress {
    /// Photos in the list, of earlier runs too.
    pub listed: u64,
    /// Photos in the account, as Flickr says; not exact.
    pub total: Option<u64>,
    /// Whether the list is complete.
    pub listing_done: bool,
    /// Photos fetched or found on disk.
    pub downloaded: u64,
    /// Bytes received from the image host.
    pub bytes: u64,
    /// Photos that this run has to process, as far as is known yet.
    pub to_do: u64,
    /// Photos processed, the failed ones included.
    pub processed: u64,
    /// Faces found.
    pub faces: u64,
    /// Photos that failed.
    pub failed: u64,
}

/// What a `tag-photos` does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TagWork {
    /// It adds.
    #[default]
    Add,
    /// It takes away what it added before.
    Remove,
}

/// Where a `tag-photos` stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TagProgress {
    /// What it does.
    pub work: TagWork,
    /// Photos to write to.
    pub photos: u64,
    /// Photos written to, failed or not.
    pub done: u64,
    /// Tags, notes and people added, or taken away.
    pub changed: u64,
    /// Photos that failed.
    pub failed: u64,
    /// The least time that is left: calls may not go faster.
    pub least: Duration,
}

impl TagProgress {
    /// At the start of this work.
    pub fn new(work: TagWork) -> Self {
        Self {
            work,
            ..Self::default()
        }
    }
}

/// Where the comparison of faces stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CompareProgress {
    /// Pairs of faces to compare.
    pub pairs: u64,
    /// Pairs compared.
    pub done: u64,
}

/// Told by the steps while they work; called often, so it must be quick.
pub trait Progress: Send + Sync {
    /// A `download` came a little further.
    fn download(&self, progress: &DownloadProgress);
    /// A `tag-photos` came a little further.
    fn tags(&self, progress: &TagProgress);
    /// A comparison of faces came a little further; told from many threads.
    fn compared(&self, progress: &CompareProgress);
    /// Something else that takes time has begun: `what`, in plain words.
    fn busy(&self, what: &str);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn download(&self, _: &DownloadProgress) {}
    fn tags(&self, _: &TagProgress) {}
    fn compared(&self, _: &CompareProgress) {}
    fn busy(&self, _: &str) {}
}
