//! Flickr account → photos → faces: the step behind `download`.
//!
//! Four parts work at once, joined by bounded queues:
//! `list` stores the account's photos page by page, several `fetch` claim photos and bring their
//! files, one `analyse` per core finds and encodes the faces on a thread of its own, and
//! `record` writes each photo's end to the store and the index to config.ini.
//!
//! Whatever stops the program, a photo is stored whole or is still to do.

mod account;
mod ahead;
mod analyse;
mod batch;
mod changes;
mod check;
mod claims;
mod counters;
mod disk;
mod fetch;
mod gaps;
mod host;
mod job;
mod list;
mod lister;
mod names;
mod outlook;
mod pace;
mod record;
mod state;
mod status;
mod stopwatch;
mod worker;

use std::{
    sync::Arc,
    thread::JoinHandle,
    time::{Duration, Instant, SystemTime},
};

use serde::Serialize;
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

pub use self::account::Counted;
use self::counters::Counters;
pub use self::disk::Disk;
pub use self::gaps::Gap;
pub use self::job::{Download, News, Settings, Teller};
pub use self::outlook::{Cost, Outlook};
pub use self::pace::Limit;
pub use self::status::{Listing, Status, status, verify};
use super::{CancellationToken, StepError};
use crate::{
    boxed,
    files::private_folder,
    flickr::Outage,
    progress::Progress,
    store::{Store, StoreError},
    text::count,
};

/// How long what is under way may take when the run is to end; what is not done by then is left to do.
const GRACE_PERIOD: Duration = Duration::from_secs(3);

/// Another download on the same store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Other {
    /// The name of its machine.
    pub machine: String,
    /// Photos that it has claimed and not done yet.
    pub photos: u64,
}

/// What a download did.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// Photos whose faces were stored.
    pub photos: u64,
    /// Faces found in them.
    pub faces: u64,
    /// Photos that failed; the next run tries again.
    pub failed: u64,
    /// Photos of which Flickr has no image to use.
    pub no_image: u64,
    /// Photos new in the list.
    pub new: u64,
    /// Photos in the list, of earlier runs too.
    pub listed: u64,
    /// Faces in the store, of earlier runs too.
    pub all_faces: u64,
    /// Photos that were processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face, turned
    /// or encoder_model; `done_otherwise` in JSON, as it always was.
    #[serde(rename = "done_otherwise")]
    pub outdated: u64,
    /// Photos that Flickr counts and does not show: they are not in the list.
    pub missing: u64,
    /// Photos that are no longer on Flickr, as this run found out.
    pub deleted: u64,
    /// Photos that are still to do, where the run was stopped or others have claimed them.
    pub left: u64,
    /// Those of them that other runs have claimed, on other machines.
    pub claimed: u64,
    /// Those runs.
    pub others: Vec<Other>,
    /// API calls used since the program began, the sign-in included.
    #[serde(rename = "api_calls")]
    pub calls: u64,
    /// Bytes received from the image host.
    pub bytes: u64,
    /// Seconds the run took.
    pub seconds: f64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
    /// What it has waited for most; `None` where nothing was done.
    pub limited_by: Option<Limit>,
    /// How long what is left would have taken; `None` where nothing is left, or too little was done to say.
    pub seconds_left: Option<f64>,
    /// What it keeps on the disk.
    pub disk: Disk,
    /// What the whole account takes, by the first photos of this run; `None` where too few were done.
    pub outlook: Option<Outlook>,
}

impl Summary {
    /// Of a run that was stopped before it had begun.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn stopped_before(store: &Store) -> Result<Self, StoreError> {
        let counts = store.counts().await?;
        Ok(Self {
            listed: counts.photos,
            all_faces: counts.faces,
            left: counts.to_do(),
            stopped: true,
            ..Self::default()
        })
    }
}

/// Lists, fetches and processes until everything is done or `stop` is cancelled.
///
/// # Errors
/// What concerns the whole run: sign-in, store, disk, models. What concerns one photo is recorded
/// with it, and counted.
#[boxed]
pub async fn download(
    job: Download,
    progress: Arc<dyn Progress>,
    stop: CancellationToken,
) -> Result<Summary, StepError> {
    let begun = Instant::now();
    let mut job = job;
    let _lock = job.store.lock_for_download()?;
    let file = job.settings.config.with_extension("worker");
    let worker = worker::Worker::new(&job.settings.worker, &file)?;
    job.settings.worker.clone_from(&worker.token);
    job.store.bind_account(job.flickr.nsid()).await?;
    private_folder(&job.settings.photos)?;
    job.store.begin_run(worker.own.as_deref()).await?;
    // Before the first face: from now on only faces of this network are compared.
    job.store
        .set_encoder(&job.settings.processing.encoder)
        .await?;
    if job.settings.redo {
        job.store.redo(&job.settings.processing).await?;
    }

    // Ends all parts together: when the person asks, and when one of them fails.
    let stop = stop.child_token();
    let longest = job.flickr.client().settings().longest_wait;
    let server = job.store.server(longest, stop.clone());
    let counters = Arc::new(Counters::new(&job, progress, begun).await?);
    let (folder, known) = (job.settings.photos.clone(), Arc::downgrade(&counters));
    let began = SystemTime::now();
    // A large folder takes long, and nobody waits for it: it ends with the run.
    tokio::task::spawn_blocking(move || {
        let bytes = disk::folder_bytes(&folder, began, || known.strong_count() > 0);
        if let Some(counters) = known.upgrade() {
            counters.kept_before(bytes);
        }
    });
    let claims = Arc::new(claims::Claims::new(&job, server.clone()));
    let mut alive = JoinSet::new();
    let renewed = Arc::clone(&claims);
    alive.spawn(async move { renewed.renew().await });
    let result = run(&job, &counters, &claims, &stop).await;
    drop(alive);
    let saved = record::save_start_image(&job, &counters, &server).await;
    let store = &job.store;
    let counts = server.while_away(|| store.counts()).await;
    if let Err(error) = result {
        // What came first is the reason, not what it has led to.
        if let Ok(counts) = counts
            && counts.to_do() > 0
        {
            tracing::warn!("{} left to do", count(counts.to_do(), "photo", "photos"));
        }
        return Err(error);
    }
    saved?;
    let counts = counts?;

    counters.look_at_store(store).await?;
    let now = counters.now();
    let prospect = counters.prospect(counts.to_do());
    let worker = &job.settings.worker;
    let others = store.claimed_by_others(worker).await?;
    Ok(Summary {
        photos: now.done,
        faces: now.faces,
        failed: now.failed,
        no_image: now.no_image,
        new: now.new,
        listed: counts.photos,
        all_faces: counts.faces,
        missing: now.missing,
        outdated: job.store.outdated(&job.settings.processing).await?,
        deleted: now.deleted,
        left: counts.to_do(),
        claimed: others.iter().map(|(_, photos)| photos).sum(),
        others: (others.into_iter())
            .map(|(machine, photos)| Other { machine, photos })
            .collect(),
        calls: job.flickr.client().calls(),
        bytes: now.bytes,
        seconds: begun.elapsed().as_secs_f64(),
        stopped: stop.is_cancelled(),
        limited_by: prospect.limit,
        seconds_left: prospect.left.map(|time| time.as_secs_f64()),
        disk: prospect.disk,
        outlook: prospect.outlook,
    })
}

async fn run(
    job: &Download,
    counters: &Arc<Counters>,
    claims: &Arc<claims::Claims>,
    stop: &CancellationToken,
) -> Result<(), StepError> {
    let workers = job.settings.workers.max(1);
    // Paths of files that are there: enough of them that no worker waits, and ends its batch early,
    // because the store was slow to say which is next.
    let (jobs, queue) = mpsc::channel(workers * 4);
    let (results, ended) = mpsc::channel(record::WAITING);
    let (listing, listed) = watch::channel(list::State::Running);

    let mut parts: JoinSet<Result<(), StepError>> = JoinSet::new();
    parts.spawn(list::list(
        job.clone(),
        Arc::clone(counters),
        listing,
        claims.server.clone(),
        stop.clone(),
    ));
    let host = Arc::new(host::Host::new(job, &claims.server, stop));
    let outage = Outage::new(job.flickr.client(), "does not answer");
    let idle = Arc::default();
    for _ in 0..job.settings.downloads.max(1) {
        parts.spawn(fetch::fetch(fetch::Fetcher {
            job: job.clone(),
            counters: Arc::clone(counters),
            claims: Arc::clone(claims),
            jobs: jobs.clone(),
            results: results.clone(),
            listed: listed.clone(),
            host: Arc::clone(&host),
            outage: outage.clone(),
            idle: Arc::clone(&idle),
            stop: stop.clone(),
        }));
    }
    drop(jobs);
    let threads = analyse::start(
        &job.engine,
        job.turned.as_ref(),
        &job.settings,
        queue,
        results,
        counters,
        stop.clone(),
    )?;
    parts.spawn(record::record(
        job.clone(),
        Arc::clone(counters),
        Arc::clone(claims),
        ended,
    ));

    let mut first_error = None;
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(GRACE_PERIOD).await;
    };
    tokio::pin!(too_late);
    let mut is_late = false;
    loop {
        // A worker may search one photo for minutes, and its thread cannot be called off.
        let part = tokio::select! {
            part = parts.join_next() => part,
            () = &mut too_late => {
                is_late = true;
                None
            }
        };
        let error = match part {
            None => break,
            Some(Ok(Ok(()))) => continue,
            // Calls are given up a while after the stop.
            Some(Ok(Err(error))) if error.is_stop() => continue,
            Some(Ok(Err(error))) => error,
            Some(Err(_)) => StepError::TaskFailed("a part of the download"),
        };
        stop.cancel();
        first_error.get_or_insert(error);
    }
    if !is_late {
        tokio::select! {
            joined = joined(threads) => first_error = first_error.or(joined.err()),
            () = too_late => {}
        }
    }
    parts.shutdown().await;
    // What was under way and is not done is left to do.
    let given_back = match claims.give_all_back().await {
        // Their time runs out where nobody can be told.
        Err(_) if stop.is_cancelled() => Ok(()),
        given_back => given_back,
    };
    first_error.map_or(given_back, Err)
}

/// Waits for the workers, which have nothing left to do.
async fn joined(threads: Vec<JoinHandle<()>>) -> Result<(), StepError> {
    let joined = tokio::task::spawn_blocking(move || {
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().map_err(drop))
    });
    match joined.await {
        Ok(Ok(())) => Ok(()),
        _ => Err(StepError::TaskFailed("a worker")),
    }
}
