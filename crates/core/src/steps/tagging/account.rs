//! What photos have on Flickr now.

use std::collections::{BTreeSet, HashMap};

use super::{
    super::{
        StepError, clock,
        outage::{Queue, Trouble},
    },
    tag_forms::TagForms,
};
use crate::{
    flickr::{self, Flickr, Listing, ListingOptions, Outage, PhotoInfo, Tag, sizes},
    ids::PhotoId,
    progress::Progress,
    store::Store,
};

/// Pages of the listing between two reports of its progress.
const PAGES_PER_REPORT: usize = 20;

/// A photo of the account as it is on Flickr.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PhotoState {
    /// Its tags; in a listing they have their clean form alone.
    pub(super) tags: Vec<Tag>,
    /// Whether the tags have their texts and ids.
    pub(super) is_whole: bool,
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

/// Whether a photo has a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence<'a> {
    There(&'a Tag),
    Absent,
    /// A listing shows clean forms, and the tag's own is not known yet.
    Unknown,
}

impl PhotoState {
    /// Whether it has the tag that `text` is.
    pub(super) fn presence(&self, forms: &TagForms, text: &str) -> Presence<'_> {
        match forms.find(&self.tags, text) {
            Some(tag) => Presence::There(tag),
            None if self.is_whole || forms.clean(text).is_some() => Presence::Absent,
            None => Presence::Unknown,
        }
    }

    fn of(info: PhotoInfo) -> Self {
        Self {
            tags: info.tags,
            is_whole: true,
            public: info.public,
            medium: None,
        }
    }
}

/// What makes what a reply says of a photo doubtful.
pub(super) struct Doubts<'a> {
    /// Whether it does not go together with what is known.
    pub(super) of: &'a (dyn Fn(&PhotoId, &PhotoState) -> bool + Sync),
    /// When the photo was last written to, in seconds since 1970.
    pub(super) written: &'a (dyn Fn(&PhotoId) -> i64 + Sync),
}

/// Waits until all of Flickr's servers have heard of what was written at `written`; whether that was
/// needed.
pub(super) async fn settle(flickr: &Flickr, written: i64) -> bool {
    let settings = flickr.client().settings();
    let age = clock::now().saturating_sub(written);
    // The clock counts whole seconds.
    age <= settings.lag.as_secs_f64().ceil() as i64 && pause(flickr).await
}

/// Waits as long as a server may lag behind; false where none does.
pub(super) async fn pause(flickr: &Flickr) -> bool {
    let settings = flickr.client().settings();
    if settings.lag.is_zero() {
        return false;
    }
    tokio::select! {
        () = tokio::time::sleep(settings.lag) => {}
        () = settings.stop.cancelled() => {}
    }
    true
}

/// Looks photos up: with the listing, 500 per call, or one by one where that takes fewer calls. Listings
/// lag behind: photos that it does not have, and those in doubt, are then read one by one; and again
/// after a while where they were written to just now, as any server may lag behind.
/// The photos' tags are kept in the store.
pub(super) async fn look_up(
    flickr: &Flickr,
    store: &Store,
    photos: &BTreeSet<PhotoId>,
    doubts: &Doubts<'_>,
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
            |photo, remote| !matches!(remote, RemotePhoto::Owned(state) if (doubts.of)(photo, state)),
        );
    }
    let mut read = Vec::new();
    let others: Vec<_> = (photos.iter())
        .filter(|photo| !found.contains_key(*photo))
        .collect();
    let mut queue = Queue::reading(flickr, others);
    while let Some(photo) = queue.next().await? {
        let remote = match look_up_one(flickr, photo, doubts).await {
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
            let tags = state.tags.iter().map(|tag| tag.clean.clone());
            read.push((photo.clone(), tags.collect()));
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
    let outage = Outage::new(flickr.client(), "does not list the account's photos");
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
                tags: photo.tags.into_iter().map(listed_tag).collect(),
                is_whole: false,
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

/// A tag of which the clean form is known alone.
fn listed_tag(clean: String) -> Tag {
    Tag {
        full_id: String::new(),
        raw: String::new(),
        clean,
        author: String::new(),
        machine: false,
    }
}

/// Looks one photo up, with one call; two where the first is in doubt.
async fn look_up_one(
    flickr: &Flickr,
    photo: &PhotoId,
    doubts: &Doubts<'_>,
) -> Result<RemotePhoto, flickr::Error> {
    let read = async || {
        Ok(match info(flickr, photo).await? {
            None => RemotePhoto::NotFound,
            Some(info) if !info.owner.is_empty() && info.owner != flickr.nsid() => {
                RemotePhoto::Foreign
            }
            Some(info) => RemotePhoto::Owned(PhotoState::of(info)),
        })
    };
    let found = read().await?;
    let in_doubt = matches!(&found, RemotePhoto::Owned(state) if (doubts.of)(photo, state));
    match in_doubt && settle(flickr, (doubts.written)(photo)).await {
        true => read().await,
        false => Ok(found),
    }
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
