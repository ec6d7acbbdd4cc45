//! The account's photos, oldest first, into the store.

use std::sync::Arc;

use tokio::sync::watch;

pub(super) use super::state::State;
use super::{
    changes, check,
    counters::Counters,
    gaps::{self, Gap},
    job::Download,
    lister::Lister,
};
use crate::{
    flickr::{Listing, ListingOptions, Outage},
    ids::PhotoId,
    steps::{CancellationToken, StepError, clock::now},
};

/// Where the next listing goes on: seconds since 1970.
const LISTED_FROM: &str = "listed_from";
/// The MAX_SIZE that the images in the store were chosen for.
const LISTED_MAX_SIZE: &str = "listed_max_size";

/// `yes` while the images are being chosen again for another MAX_SIZE.
const CHOOSING: &str = "choosing_images";

/// Changes since then are not in the list: seconds since 1970.
const CHANGED_FROM: &str = "changed_from";

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
    let began = now();
    let from = begin(&job, began).await?;
    if choosing(&job).await? {
        state.send_replace(State::Choosing);
    }
    let lister = Lister {
        outage: Outage::new(job.flickr.client(), "does not list the account's photos"),
        job,
        counters,
        state,
    };
    let all = async {
        let newest = walk(&lister, from.uploaded).await?;
        if choosing(&lister.job).await? {
            lister.job.store.set_metadata(CHOOSING, "no").await?;
            lister.state.send_replace(State::Running);
        }
        if let Some(since) = from.changed {
            changes::list(&lister, since).await?;
        }
        let gaps = check::check(&lister, from.whole).await?;
        finish(&lister, newest, began, &gaps).await
    };
    // What is stored is stored whole; the rest is listed by the next run.
    tokio::select! {
        () = stop.cancelled() => {}
        ended = all => ended?,
    }
    lister.state.send_replace(State::Done);
    Ok(())
}

/// What is not in the list yet. All times are seconds since 1970.
struct From {
    /// Photos uploaded since.
    uploaded: u64,
    /// Photos changed since, where an earlier run has listed some.
    changed: Option<u64>,
    /// No listing of the whole account has come to its end.
    whole: bool,
}

/// Where to go on: at the first photo where that is asked for, or nothing else is sure.
async fn begin(job: &Download, began: i64) -> Result<From, StepError> {
    let store = &job.store;
    let number = async |name| {
        let text = store.metadata(name).await?;
        Ok::<_, StepError>(text.and_then(|text| text.parse::<u64>().ok()))
    };
    let max_size = job.settings.processing.max_size;
    let for_size = number(LISTED_MAX_SIZE).await?;
    let other_size = for_size.is_some_and(|size| size != u64::from(max_size));
    if other_size {
        // Before the size itself: where the run is killed in between, they are still chosen
        // again.
        store.set_metadata(CHOOSING, "yes").await?;
        store.forget_images().await?;
    }
    let complete = number(COMPLETE).await?;
    let day = |time: u64| time.saturating_sub(OVERLAP);
    // Versions that did not ask for changes have left the time of their last listing.
    let changed = number(CHANGED_FROM).await?.or(complete.map(day));
    if let Some(changed) = changed
        && let Some(uploaded) = number(LISTED_FROM).await?
        && for_size.is_some()
        && !other_size
        && !job.settings.relist
    {
        return Ok(From {
            uploaded,
            changed: Some(changed),
            whole: complete.is_none(),
        });
    }
    store.set_metadata(COMPLETE, "no").await?;
    store.set_metadata(LISTED_FROM, "0").await?;
    let changed_from = day(began.unsigned_abs()).to_string();
    store.set_metadata(CHANGED_FROM, &changed_from).await?;
    let max_size = max_size.to_string();
    store.set_metadata(LISTED_MAX_SIZE, &max_size).await?;
    Ok(From {
        uploaded: 0,
        changed: None,
        whole: true,
    })
}

/// Whether the images in the store are still of another MAX_SIZE.
async fn choosing(job: &Download) -> Result<bool, StepError> {
    Ok(job.store.metadata(CHOOSING).await?.as_deref() == Some("yes"))
}

/// Photos uploaded since `from`, into the store. Returns the newest one's date.
async fn walk(lister: &Lister, from: u64) -> Result<u64, StepError> {
    let Lister { job, .. } = lister;
    let mut listing = Listing::new(
        job.flickr.clone(),
        ListingOptions {
            min_upload_date: from,
            photos_only: true,
            per_page: job.settings.page_size,
        },
    );
    let mut newest = from;
    loop {
        let page = match lister.outage.passed(listing.next_page().await).await? {
            None => continue,
            Some(None) => return Ok(newest),
            Some(Some(page)) => page,
        };
        for row in &page.unreadable {
            let id = row.id.as_ref().map_or("without an id", PhotoId::as_str);
            tracing::warn!("photo {id}: skipped in the listing: {}", row.problem);
        }
        let dates = page.photos.iter().filter_map(|photo| photo.upload_date);
        newest = dates.fold(newest, u64::max);
        // Of a listing that goes on, Flickr's total is not the account's.
        let total = page.total.filter(|_| from == 0);
        lister.add(&page.photos, total).await?;
        // Where it goes on if it is stopped here: only after the page is in the store.
        if let Some(position) = listing.position() {
            let position = position.to_string();
            job.store.set_metadata(LISTED_FROM, &position).await?;
        }
    }
}

/// The listing has come to its end: everything up to the photo uploaded at `newest` was seen, but for the `gaps`.
async fn finish(lister: &Lister, newest: u64, began: i64, gaps: &[Gap]) -> Result<(), StepError> {
    let Lister { job, counters, .. } = lister;
    let next = newest.saturating_sub(OVERLAP).to_string();
    job.store.set_metadata(LISTED_FROM, &next).await?;
    gaps::save(&job.store, gaps).await?;
    for gap in gaps {
        tracing::warn!("Flickr counts more photos than it lists: {gap}");
    }
    // What changed while it was listed is listed again.
    let changed = began.unsigned_abs().saturating_sub(OVERLAP).to_string();
    job.store.set_metadata(CHANGED_FROM, &changed).await?;
    job.store.set_metadata(COMPLETE, &now().to_string()).await?;
    counters.listing_done(gaps.iter().map(|gap| gap.photos).sum());
    Ok(())
}
