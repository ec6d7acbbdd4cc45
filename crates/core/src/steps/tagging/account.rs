//! What photos have on Flickr now.

use std::collections::{BTreeSet, HashMap};

use super::super::{
    StepError,
    outage::{Outage, Queue, Trouble},
};
use crate::{
    flickr::{self, Flickr, Listing, ListingOptions, replies::PhotoInfo, sizes},
    ids::PhotoId,
    progress::Progress,
    store::Store,
};

/// Pages of the listing between two reports of its progress.
const PAGES_PER_REPORT: usize = 20;

/// A photo of the account as it is on Flickr.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PhotoState {
    /// Tags in their clean form, each with its full id where that came along.
    tags: HashMap<String, Option<String>>,
    /// How many tags that are; two may share a clean form.
    pub(super) count: usize,
    /// Whether everyone may see it.
    pub(super) public: bool,
    /// Width and height of the medium image, where they came along.
    pub(super) medium: Option<(u32, u32)>,
}

/// A photo as it was looked up on Flickr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RemotePhoto {
    /// It is the account's.
    Owned(PhotoState),
    /// It is another account's.
    Foreign,
    /// Flickr does not know it, or does not show it.
    NotFound,
    /// Flickr fails whenever it is asked for; and how.
    Unreadable(String),
}

impl PhotoState {
    pub(super) fn has(&self, key: &str) -> bool {
        self.tags.contains_key(key)
    }

    /// The full id of a tag, where it came along.
    pub(super) fn full_id(&self, key: &str) -> Option<String> {
        self.tags.get(key).cloned().flatten()
    }

    fn of(info: &PhotoInfo) -> Self {
        let id = |id: &str| (!id.is_empty()).then(|| id.to_owned());
        Self {
            tags: (info.tags.iter())
                .map(|tag| (tag.clean.clone(), id(&tag.full_id)))
                .collect(),
            count: info.tags.len(),
            public: info.public,
            medium: None,
        }
    }
}

/// Looks photos up: with the listing, 500 per call, or one by one where that takes fewer calls. Listings
/// lag behind: photos that it does not have, and those that `doubt` names, are then read one by one.
/// The photos' tags are kept in the store.
pub(super) async fn look_up(
    flickr: &Flickr,
    store: &Store,
    photos: &BTreeSet<PhotoId>,
    doubt: &(dyn Fn(&PhotoId, &PhotoState) -> bool + Sync),
    progress: &dyn Progress,
) -> Result<HashMap<PhotoId, RemotePhoto>, StepError> {
    let mut found = HashMap::new();
    if photos.is_empty() {
        return Ok(found);
    }
    progress.busy("reading the tags already on Flickr");
    let pages = store.counts().await?.photos.div_ceil(500);
    if photos.len() as u64 > pages {
        read_listing(flickr, store, photos, progress, &mut found).await?;
        found.retain(
            |photo, remote| !matches!(remote, RemotePhoto::Owned(state) if doubt(photo, state)),
        );
    }
    let mut read = Vec::new();
    let others: Vec<_> = (photos.iter())
        .filter(|photo| !found.contains_key(*photo))
        .collect();
    let mut queue = Queue::reading(flickr, others);
    while let Some(photo) = queue.next().await? {
        let remote = match look_up_one(flickr, photo).await {
            Ok(remote) => remote,
            Err(error) => match Trouble::of(error)? {
                trouble if trouble.is_refusal() => RemotePhoto::Unreadable(trouble.reason),
                trouble => {
                    queue.set_aside(photo, trouble);
                    continue;
                }
            },
        };
        queue.done();
        if let RemotePhoto::Owned(state) = &remote {
            read.push((photo.clone(), state.tags.keys().cloned().collect()));
        }
        found.insert(photo.clone(), remote);
    }
    let failed = queue.failed.into_iter();
    found.extend(failed.map(|(photo, why)| (photo.clone(), RemotePhoto::Unreadable(why))));
    store.keep_tags(&read).await?;
    Ok(found)
}

async fn read_listing(
    flickr: &Flickr,
    store: &Store,
    photos: &BTreeSet<PhotoId>,
    progress: &dyn Progress,
    found: &mut HashMap<PhotoId, RemotePhoto>,
) -> Result<(), StepError> {
    let mut listing = Listing::new(flickr.clone(), ListingOptions::default());
    let (mut read, mut pages) = (0, 0);
    let mut outage = Outage::new(flickr, "does not list the account's photos");
    loop {
        let page = match listing.next_page().await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            // The same page is asked for again.
            Err(error) => {
                outage.wait(&Trouble::of(error)?.reason).await?;
                continue;
            }
        };
        outage.is_over();
        read += page.photos.len();
        pages += 1;
        if pages % PAGES_PER_REPORT == 0 {
            let of = page.total.map_or(String::new(), |all| format!(" of {all}"));
            progress.busy(&format!(
                "reading the tags already on Flickr: {read}{of} photos"
            ));
        }
        let tags: Vec<_> = (page.photos.iter())
            .map(|photo| (photo.id.clone(), photo.tags.clone()))
            .collect();
        store.keep_tags(&tags).await?;
        for photo in page.photos {
            if !photos.contains(&photo.id) {
                continue;
            }
            let state = PhotoState {
                count: photo.tags.len(),
                tags: photo.tags.into_iter().map(|tag| (tag, None)).collect(),
                public: photo.public,
                medium: sizes::medium_of_listed(&photo.sizes, photo.original_size),
            };
            found.insert(photo.id, RemotePhoto::Owned(state));
        }
        // A few photos are read faster one by one than by many pages.
        let pages_left = page.total.unwrap_or(u64::MAX).saturating_sub(read as u64) / 500;
        if ((photos.len() - found.len()) as u64) < pages_left {
            break;
        }
    }
    Ok(())
}

/// Looks one photo up, with one call.
async fn look_up_one(flickr: &Flickr, photo: &PhotoId) -> Result<RemotePhoto, flickr::Error> {
    Ok(match info(flickr, photo).await? {
        None => RemotePhoto::NotFound,
        Some(info) if !info.owner.is_empty() && info.owner != flickr.nsid() => RemotePhoto::Foreign,
        Some(info) => RemotePhoto::Owned(PhotoState::of(&info)),
    })
}

/// Everything about a photo; `None` where Flickr does not have it or does not show it.
pub(super) async fn info(
    flickr: &Flickr,
    photo: &PhotoId,
) -> Result<Option<PhotoInfo>, flickr::Error> {
    match flickr.photos_get_info(photo).await {
        Ok(info) => Ok(Some(info)),
        Err(flickr::Error::Api { code: 1 | 2, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
