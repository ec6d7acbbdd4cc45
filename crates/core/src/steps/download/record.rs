//! Writes what became of each photo to the store, and the index to config.ini.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{sync::mpsc, task::JoinSet, time::timeout_at};

use super::{
    claims::Claims,
    counters::Counters,
    job::{Download, Settings},
};
use crate::{
    config::Config,
    faces::FacesError,
    ids::PhotoId,
    steps::{StepError, blocking::blocking},
    store::{Outcome, Server},
};

/// What fetchers and workers report of a photo.
pub(super) enum PhotoResult {
    /// What became of it.
    Photo(Ended),
    /// Claimed and not processed, because the run was stopped.
    Unprocessed { photo: PhotoId },
    /// The engine could not be started.
    Engine(FacesError),
}

impl PhotoResult {
    pub(super) fn photo(photo: PhotoId, outcome: Outcome, file: Option<PathBuf>) -> Self {
        Self::Photo(Ended {
            photo,
            outcome,
            file,
        })
    }
}

/// What became of a photo, with its file where it has one.
pub(super) struct Ended {
    pub photo: PhotoId,
    pub outcome: Outcome,
    pub file: Option<PathBuf>,
}

/// config.ini is written this often at most; the store is the truth in between.
const SAVE_EVERY: Duration = Duration::from_secs(1);

/// Photos that are recorded at the same time. On a server each takes a few answers, which may be long on their way; a
/// file is written by one.
const AT_ONCE: usize = 6;

/// Photos that wait to be recorded, at most; into a file they go together, for one sync of the disk.
pub(super) const WAITING: usize = 32;

/// How long the first of them waits for others to come: a run that is killed loses no more than that.
const GATHER: Duration = Duration::from_millis(500);

pub(super) async fn record(
    job: Download,
    counters: Arc<Counters>,
    claims: Arc<Claims>,
    mut results: mpsc::Receiver<PhotoResult>,
) -> Result<(), StepError> {
    // A server would have rows of several photos locked, each from another statement: two such wait for each other.
    let (at_once, together, gather) = if job.store.is_file() {
        (1, WAITING, GATHER)
    } else {
        (AT_ONCE, 1, Duration::ZERO)
    };
    let recorder = Arc::new(Recorder {
        job,
        counters,
        claims,
    });
    let mut under_way = JoinSet::new();
    let mut saved = Instant::now();
    let mut start = None;
    loop {
        let come = gathered(&mut results, together, gather).await;
        if come.is_empty() {
            break;
        }
        let (mut photos, mut no_engine) = (Vec::new(), None);
        for result in come {
            match result {
                PhotoResult::Photo(ended) => photos.push(ended),
                PhotoResult::Unprocessed { photo } => recorder.claims.give_back(&photo).await?,
                PhotoResult::Engine(error) => no_engine = Some(error),
            }
        }
        if !photos.is_empty() {
            let recorder = Arc::clone(&recorder);
            under_way.spawn(async move { recorder.end(photos).await });
            // Some are over, perhaps; with a file always these are.
            while under_way.len() >= at_once {
                joined(under_way.join_next().await)?;
            }
        }
        if let Some(error) = no_engine {
            return Err(error.into());
        }
        if saved.elapsed() >= SAVE_EVERY {
            let server = &recorder.claims.server;
            let store = &recorder.job.store;
            let now = server
                .while_away(|| store.start_image_after(start.clone()))
                .await?;
            save_index(&recorder.job, &recorder.counters, now.index).await?;
            recorder.counters.look_at_store(store).await?;
            start = Some(now);
            saved = Instant::now();
        }
    }
    while let Some(ended) = under_way.join_next().await {
        joined(Some(ended))?;
    }
    Ok(())
}

/// Up to `most` results: what comes within `time` after the first. None where no more will come.
async fn gathered<T>(results: &mut mpsc::Receiver<T>, most: usize, time: Duration) -> Vec<T> {
    let mut come = Vec::new();
    results.recv_many(&mut come, most).await;
    let until = Instant::now() + time;
    while !come.is_empty() && come.len() < most {
        let room = most - come.len();
        match timeout_at(until.into(), results.recv_many(&mut come, room)).await {
            Ok(more) if more > 0 => {}
            // All senders are gone, or it is time.
            _ => break,
        }
    }
    come
}

fn joined(
    ended: Option<Result<Result<(), StepError>, tokio::task::JoinError>>,
) -> Result<(), StepError> {
    match ended {
        None => Ok(()),
        Some(Ok(ended)) => ended,
        Some(Err(_)) => Err(StepError::TaskFailed("recording a photo")),
    }
}

struct Recorder {
    job: Download,
    counters: Arc<Counters>,
    claims: Arc<Claims>,
}

impl Recorder {
    /// Records what became of photos that are still this run's.
    async fn end(&self, photos: Vec<Ended>) -> Result<(), StepError> {
        let Settings {
            worker,
            processing: with,
            ..
        } = &self.job.settings;
        let (server, store) = (&self.claims.server, &self.job.store);
        let (deleted, others): (Vec<_>, Vec<_>) = photos
            .into_iter()
            .partition(|ended| ended.outcome == Outcome::Deleted);
        for ended in deleted {
            let photo = &ended.photo;
            if server.while_away(|| store.settle_deleted(photo)).await? {
                self.ended(ended).await;
            } else {
                // The listing has found it out meanwhile, told and counted it.
                self.claims.ended(photo);
                self.counters.known();
            }
        }
        if others.is_empty() {
            return Ok(());
        }
        let tries = AtomicU32::new(0);
        let photos: Vec<_> = others
            .iter()
            .map(|ended| (&ended.photo, &ended.outcome))
            .collect();
        let recorded = server
            .while_away(|| {
                tries.fetch_add(1, Ordering::Relaxed);
                store.finish_claimed(worker, with, &photos)
            })
            .await?;
        for (ended, recorded) in others.into_iter().zip(recorded) {
            // Of several tries the first may have been done, its answer lost.
            if recorded || tries.load(Ordering::Relaxed) > 1 {
                self.ended(ended).await;
            } else {
                tracing::warn!(
                    "photo {}: another download has taken it over, as this machine was not heard of for too long",
                    ended.photo
                );
                self.claims.ended(&ended.photo);
                self.counters.known();
            }
        }
        Ok(())
    }

    /// Tells and counts what is recorded, and does with the file what follows.
    async fn ended(&self, ended: Ended) {
        let Ended {
            photo,
            outcome,
            file,
        } = ended;
        self.claims.ended(&photo);
        match &outcome {
            Outcome::Failed(reason) => tracing::warn!("photo {photo}: {reason}"),
            Outcome::Deleted => tracing::warn!(
                "photo {photo} is no longer on Flickr: nobody is asked about it any more"
            ),
            Outcome::Done { .. } | Outcome::NoImage(_) => {}
        }
        if let Some(file) = file {
            // The next run fetches a damaged file again.
            let damaged = matches!(outcome, Outcome::Failed(_));
            if damaged || !self.job.settings.keep_photos {
                tokio::fs::remove_file(file).await.ok();
            }
        }
        self.counters.finished(&outcome);
    }
}

/// Writes the index of the first photo that is to do into config.ini. Where that cannot be, as where the file alone is
/// mounted into a container, it is told once: no program reads the number.
pub(super) async fn save_start_image(
    job: &Download,
    counters: &Counters,
    server: &Server,
) -> Result<(), StepError> {
    let store = &job.store;
    let index = server.while_away(|| store.start_image()).await?;
    save_index(job, counters, index).await
}

async fn save_index(job: &Download, counters: &Counters, index: u64) -> Result<(), StepError> {
    let path = job.settings.config.clone();
    let saved = blocking("writing config.ini", move || {
        Config::save_start_image(&path, index)
    });
    if let Err(error) = saved.await? {
        counters.unsaved.call_once(|| {
            tracing::warn!(
                "start_image is not kept up to date, which matters to nobody but you: {error}"
            );
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn what_comes_within_the_time_is_recorded_together() {
        let (results, mut come) = mpsc::channel(8);
        let sending = tokio::spawn(async move {
            for number in 1..=5 {
                results.send(number).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            results
        });
        assert_eq!(gathered(&mut come, 3, LONG).await, [1, 2, 3], "no longer");
        assert_eq!(gathered(&mut come, 2, LONG).await, [4, 5]);
        let results = sending.await.unwrap();
        results.send(6).await.unwrap();
        // Nothing else comes: it waits so long, and not for ever.
        let short = Duration::from_millis(50);
        let begun = Instant::now();
        assert_eq!(gathered(&mut come, 2, short).await, [6]);
        assert!(begun.elapsed() >= short);
        results.send(7).await.unwrap();
        drop(results);
        assert_eq!(gathered(&mut come, 2, LONG).await, [7], "the last");
        assert!(gathered(&mut come, 2, LONG).await.is_empty());
    }

    #[tokio::test]
    async fn a_server_gets_each_at_once() {
        let (results, mut come) = mpsc::channel(8);
        results.send(1).await.unwrap();
        results.send(2).await.unwrap();
        assert_eq!(gathered(&mut come, 1, Duration::ZERO).await, [1]);
        assert_eq!(gathered(&mut come, 1, Duration::ZERO).await, [2]);
    }
}
