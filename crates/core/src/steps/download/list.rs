//! The account's photos, oldest first, into the store.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

pub(super) use super::state::State;
use super::{
    changes, check,
    counters::Counters,
    gaps::{self, Gap},
    job::Download,
    lister::Lister,
    names,
};
use crate::{
    flickr::{Listing, ListingOptions, Outage},
    ids::PhotoId,
    steps::{CancellationToken, StepError, clock::now},
    store::{Server, Store, StoreError},
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

/// How many listings have come to their end.
const LISTINGS: &str = "listings";

/// How often a machine that does not list looks how far the one that does has come.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Lists, unless another machine does: then that one's photos are waited for, and its place is taken where it ends
/// before the listing does.
pub(super) async fn list(
    job: Download,
    counters: Arc<Counters>,
    state: watch::Sender<State>,
    server: Server,
    stop: CancellationToken,
) -> Result<(), StepError> {
    let store = job.store.clone();
    let lister = Lister {
        outage: Outage::new(job.flickr.client(), "does not list the account's photos"),
        job,
        counters,
        state,
    };
    let all = async {
        let before = server.while_away(|| listings(&store)).await?;
        loop {
            match list_or_wait(&lister, before).await {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                // It goes on where the store says.
                Err(StepError::Store(error)) if error.is_servers() => {
                    tracing::debug!(%error, "the listing is interrupted");
                    tokio::time::sleep(LOOK_AGAIN).await;
                    server.while_away(|| listings(&store)).await?;
                }
                Err(error) => return Err(error),
            }
        }
    };
    // What is stored is stored whole; the rest is listed by the next run.
    tokio::select! {
        () = stop.cancelled() => {}
        ended = all => ended?,
    }
    lister.state.send_replace(State::Done);
    Ok(())
}

async fn listings(store: &Store) -> Result<u64, StoreError> {
    let listings = store.metadata(LISTINGS).await?;
    Ok(listings.and_then(|text| text.parse().ok()).unwrap_or(0))
}

/// Whether the list is complete: this machine's, or that of another since there were so many listings `before`.
async fn list_or_wait(lister: &Lister, before: u64) -> Result<bool, StepError> {
    let Lister { job, state, .. } = lister;
    let store = &job.store;
    let lock = store.lock_for_listing().await?;
    if listings(store).await? > before && !job.settings.relist && is_for_this_size(job).await? {
        lister.counters.listing_done(0);
        return Ok(true);
    }
    if let Some(lock) = lock {
        return tokio::select! {
            ended = list_alone(lister) => ended.map(|()| true),
            () = lock.lost() => Ok(false),
        };
    }
    // Fetchers that found nothing to claim look again.
    let is_choosing = choosing(job).await?;
    state.send_modify(|state| {
        *state = if is_choosing {
            State::Choosing
        } else {
            State::Running
        };
    });
    tokio::time::sleep(LOOK_AGAIN).await;
    Ok(false)
}

async fn is_for_this_size(job: &Download) -> Result<bool, StoreError> {
    let size = job.store.metadata(LISTED_MAX_SIZE).await?;
    Ok(size == Some(job.settings.processing.max_size.to_string()))
}

async fn list_alone(lister: &Lister) -> Result<(), StepError> {
    let began = now();
    let from = begin(&lister.job, began).await?;
    let is_choosing = choosing(&lister.job).await?;
    lister.state.send_replace(if is_choosing {
        State::Choosing
    } else {
        State::Running
    });
    let newest = walk(lister, from.uploaded).await?;
    if is_choosing {
        lister.job.store.set_metadata(CHOOSING, "no").await?;
        lister.state.send_replace(State::Running);
    }
    if let Some(since) = from.changed {
        changes::list(lister, since).await?;
    }
    let gaps = check::check(lister, from.whole).await?;
    finish(lister, newest, began, &gaps).await?;
    names::fetch(&lister.job).await;
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
    let mut next = listing.next_page().await;
    loop {
        let page = match lister.outage.passed(next).await? {
            None => {
                next = listing.next_page().await;
                continue;
            }
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
        let position = listing.position();
        let store = async {
            lister.add(&page.photos, total).await?;
            // Where it goes on if it is stopped here: only after the page is in the store.
            if let Some(position) = position {
                let position = position.to_string();
                job.store.set_metadata(LISTED_FROM, &position).await?;
            }
            Ok::<_, StepError>(())
        };
        // Flickr and a store that is far away work at the same time.
        let stored;
        (stored, next) = tokio::join!(store, listing.next_page());
        stored?;
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
    let listings = listings(&job.store).await? + 1;
    let listings = listings.to_string();
    job.store.set_metadata(LISTINGS, &listings).await?;
    counters.listing_done(gaps.iter().map(|gap| gap.photos).sum());
    Ok(())
}
