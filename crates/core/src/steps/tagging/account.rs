//! What photos have on Flickr now.

use std::collections::{BTreeSet, HashMap};

use super::super::StepError;
use crate::{
    flickr::{self, Flickr, Listing, ListingOptions, replies::PhotoInfo, sizes},
    naming::PhotoId,
    progress::Progress,
    store::Store,
};

/// Pages of the listing between two words about how far it is.
const PAGES_A_WORD: usize = 20;

/// A photo of the account as it is on Flickr.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Tags in their clean form, each with its full id where that came along.
    tags: HashMap<String, Option<String>>,
    /// How many tags that are; two may share a clean form.
    pub(super) count: usize,
    /// Whether everybody may see it.
    pub(super) public: bool,
    /// Width and height of the medium image, where they came along.
    pub(super) medium: Option<(u32, u32)>,
}

/// What became of looking for a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Look {
    /// It is the account's.
    Here(Seen),
    /// It is another account's.
    NotYours,
    /// Flickr does not know it, or does not show it.
    Nowhere,
}

impl Seen {
    pub(super) fn has(&self, key: &str) -> bool {
        self.tags.contains_key(key)
    }

    /// The full id of a tag, where it came along.
    pub(super) fn full_id(&self, key: &str) -> Option<String> {
        self.tags.get(key).cloned().flatten()
    }

    pub(super) fn of(info: &PhotoInfo) -> Self {
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

/// Looks at photos: with the listing, 500 a call, or one by one where that takes fewer calls. Listings
/// may lag behind: photos that one does not have, and those in `doubt`, are then read one by one. What
/// tags a photo has is kept in the store.
pub(super) async fn look(
    flickr: &Flickr,
    store: &Store,
    photos: &BTreeSet<PhotoId>,
    doubt: &(dyn Fn(&PhotoId, &Seen) -> bool + Sync),
    progress: &dyn Progress,
) -> Result<HashMap<PhotoId, Look>, StepError> {
    let mut found = HashMap::new();
    if photos.is_empty() {
        return Ok(found);
    }
    progress.busy("reading the tags that are on Flickr already");
    let pages = store.counts().await?.photos.div_ceil(500);
    if photos.len() as u64 > pages {
        read_listing(flickr, store, photos, progress, &mut found).await?;
        found.retain(|photo, look| !matches!(look, Look::Here(seen) if doubt(photo, seen)));
    }
    let mut read = Vec::new();
    for photo in photos {
        if !found.contains_key(photo) {
            let look = one(flickr, photo).await?;
            if let Look::Here(seen) = &look {
                read.push((photo.clone(), seen.tags.keys().cloned().collect()));
            }
            found.insert(photo.clone(), look);
        }
    }
    store.keep_tags(&read).await?;
    Ok(found)
}

async fn read_listing(
    flickr: &Flickr,
    store: &Store,
    photos: &BTreeSet<PhotoId>,
    progress: &dyn Progress,
    found: &mut HashMap<PhotoId, Look>,
) -> Result<(), StepError> {
    let mut listing = Listing::new(flickr.clone(), ListingOptions::default());
    let (mut read, mut pages) = (0, 0);
    while let Some(page) = listing.next_page().await? {
        read += page.photos.len();
        pages += 1;
        if pages % PAGES_A_WORD == 0 {
            let of = page.total.map_or(String::new(), |all| format!(" of {all}"));
            progress.busy(&format!(
                "reading the tags that are on Flickr already: {read}{of} photos"
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
            let seen = Seen {
                count: photo.tags.len(),
                tags: photo.tags.into_iter().map(|tag| (tag, None)).collect(),
                public: photo.public,
                medium: sizes::medium(&photo.sizes),
            };
            found.insert(photo.id, Look::Here(seen));
        }
        // Few that are left are sooner read one by one than many pages.
        let pages_left = page.total.unwrap_or(u64::MAX).saturating_sub(read as u64) / 500;
        if ((photos.len() - found.len()) as u64) < pages_left {
            break;
        }
    }
    Ok(())
}

/// Looks at one photo, with one call.
pub(super) async fn one(flickr: &Flickr, photo: &PhotoId) -> Result<Look, flickr::Error> {
    Ok(match info(flickr, photo).await? {
        None => Look::Nowhere,
        Some(info) if is_anothers(flickr, &info) => Look::NotYours,
        Some(info) => Look::Here(Seen::of(&info)),
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

fn is_anothers(flickr: &Flickr, info: &PhotoInfo) -> bool {
    !info.owner.is_empty() && info.owner != flickr.nsid()
}
