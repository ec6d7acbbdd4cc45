//! What a download is asked to do, and with what.

use std::{path::PathBuf, sync::Arc};

use super::{disk::Disk, outlook::Outlook};
use crate::{
    faces::{Engine, TurnedSearch},
    flickr::{Flickr, ImageHost},
    store::{Processing, Store},
};

/// What a download works with.
#[derive(Clone)]
pub struct Download {
    /// Where photos and faces are kept.
    pub store: Store,
    /// The signed-in account.
    pub flickr: Flickr,
    /// The image host.
    pub images: Arc<ImageHost>,
    /// What finds and encodes faces.
    pub engine: Arc<dyn Engine>,
    /// Looks how photos lie in which no face is sure; `None` takes them as they are.
    pub turned: Option<TurnedSearch>,
    /// How.
    pub settings: Settings,
    /// Who hears what there is to tell while it goes on.
    pub teller: Teller,
}

/// Hears what a download finds out while it goes on.
pub type Teller = Arc<dyn Fn(News) + Send + Sync>;

/// What a download finds out, each once.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// How many photos Flickr lists in the account.
    Account(u64),
    /// What the whole account takes, by its first photos; and the disk.
    Outlook(Outlook, Disk),
}

/// How a download goes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// config.ini, which `start_image` is written to.
    pub config: PathBuf,
    /// Folder of the photos.
    pub photos: PathBuf,
    /// What photos are processed with.
    pub processing: Processing,
    /// Photos per page of the listing, 1 to 500.
    pub page_size: u32,
    /// Photos fetched at the same time.
    pub downloads: usize,
    /// Threads that look for faces.
    pub workers: usize,
    /// Whether photos stay on disk once their faces are stored.
    pub keep_photos: bool,
    /// Process the photos again that were done with other settings.
    pub redo: bool,
    /// List the whole account again, not only from where the last run stopped.
    pub relist: bool,
    /// Name of this machine, for people; each run claims photos under it and a token of its own.
    pub worker: String,
}
