//! The account's photos, oldest first, into the store.

use std::sync::Arc;

use tokio::sync::watch;

use super::{counters::Counters, job::Download};
use crate::{
    flickr::{Listing, ListingOptions, Outage, replies, sizes},
    ids::PhotoId,
    steps::{CancellationToken, StepError, clock::now},
    store::{ListedImage, ListedPhoto},
};

/// Whether the fetchers can begin, and whether more photos may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// The images chosen in the store were chosen for another MAX_SIZE: nothing to fetch yet.
    Choosing,
    /// More photos may come.
    Running,
    /// All there are.
    Done,
}

/// Where the next listing goes on: seconds since 1970.
const LISTED_FROM: &str = "listed_from";
/// The MAX_SIZE that the images in the store were chosen for.
const LISTED_MAX_SIZE: &str = "listed_max_size";

/// `yes` while the images are being chosen again for another MAX_SIZE.
const CHOOSING: &str = "choosing_images";

/// When a listing last came to its end, in seconds since 1970; `no` where one has begun from the first
/// photo since.
pub(super) const COMPLETE: &str = "listing_complete";

/// Listings overlap this much, in seconds: a photo may enter Flickr's index after a newer one did.
const OVERLAP: u64 = 86_400;

pub(super) async fn list(
    job: Download,
    counters: Arc<Counters>,
    state: watch::Sender<State>,
    stop: CancellationToken,
) -> Result<(), StepError> {
    let max_size = job.settings.processing.max_size;
    let for_size = job.store.metadata(LISTED_MAX_SIZE).await?;
    let other_size = for_size
        .as_deref()
        .is_some_and(|size| size != max_size.to_string());
    if other_size {
        // Before the size itself: where the run is killed in between, they are still chosen
        // again.
        job.store.set_metadata(CHOOSING, "yes").await?;
    }
    if for_size.is_none() || other_size || job.settings.relist {
        job.store.set_metadata(COMPLETE, "no").await?;
        job.store.set_metadata(LISTED_FROM, "0").await?;
        job.store
            .set_metadata(LISTED_MAX_SIZE, &max_size.to_string())
            .await?;
    }
    let known = job.store.metadata(LISTED_FROM).await?;
    let from = known.and_then(|from| from.parse().ok()).unwrap_or(0);
    if job
        .store
        .metadata(CHOOSING)
        .await?
        .is_some_and(|value| value == "yes")
    {
        state.send_replace(State::Choosing);
    }
    let mut listing = Listing::new(
        job.flickr.clone(),
        ListingOptions {
            min_upload_date: from,
            photos_only: true,
            per_page: job.settings.page_size,
        },
    );
    let outage = Outage::new(job.flickr.client(), "does not list the account's photos");
    let mut newest = from;
    let mut skipped = 0;
    loop {
        let asked = async { outage.passed(listing.next_page().await).await };
        let page = tokio::select! {
            () = stop.cancelled() => break,
            page = asked => match page? {
                Some(Some(page)) => page,
                Some(None) => break,
                // It was waited for: the same page again.
                None => continue,
            },
        };
        for row in &page.unreadable {
            let id = row.id.as_ref().map_or("without an id", PhotoId::as_str);
            tracing::warn!("photo {id}: skipped in the listing: {}", row.problem);
        }
        skipped += page.unreadable.len();
        let photos: Vec<_> = page
            .photos
            .iter()
            .map(|photo| chosen(photo, max_size))
            .collect();
        newest = page
            .photos
            .iter()
            .filter_map(|photo| photo.upload_date)
            .fold(newest, u64::max);
        let new = job.store.add_listed(&photos).await?;
        // Where it goes on if it is stopped here: only after the page is in the store.
        if let Some(position) = listing.position() {
            job.store
                .set_metadata(LISTED_FROM, &position.to_string())
                .await?;
        }
        // Of a listing that goes on, Flickr's total is not the account's.
        counters.listed(new, page.total.filter(|_| from == 0));
        // Fetchers that found nothing to claim look again.
        state.send_modify(|_| ());
    }
    if listing.position().is_none() {
        let next = newest.saturating_sub(OVERLAP);
        job.store
            .set_metadata(LISTED_FROM, &next.to_string())
            .await?;
        job.store.set_metadata(CHOOSING, "no").await?;
        job.store.set_metadata(COMPLETE, &now().to_string()).await?;
        counters.listing_done();
        if skipped > 0 {
            tracing::warn!("{skipped} rows of the list could not be read");
        }
    }
    state.send_replace(State::Done);
    Ok(())
}

fn chosen(photo: &replies::ListedPhoto, max_size: u32) -> ListedPhoto {
    let format = photo.original_format.as_deref();
    let image = if photo.needs_get_sizes(max_size) {
        None
    } else {
        sizes::choose(&photo.sizes, format, max_size).map(image_of)
    };
    ListedPhoto {
        id: photo.id.clone(),
        uploaded: i64::try_from(photo.upload_date.unwrap_or(0)).unwrap_or(i64::MAX),
        title: photo.title.clone(),
        tags: photo.tags.clone(),
        taken: photo.taken.clone(),
        rotation: photo.rotation,
        image,
    }
}

/// What is kept of a size.
pub(super) fn image_of(size: &sizes::PhotoSize) -> ListedImage {
    ListedImage {
        url: size.url.to_string(),
        width: size.width,
        height: size.height,
    }
}
