//! Applies a plan, one photo at a time.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    super::{CancellationToken, StepError, clock},
    annotations,
    journal::{Failure, RunEnd, WriteCounts},
    plan::{PhotoPlan, Plan},
    tags,
    write::{WriteContext, Written},
};
use crate::{
    flickr::Flickr,
    progress::{Bar, Detail, Progress, Unit},
    store::{Store, WriteKind},
};

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// What was added.
    pub added: WriteCounts,
    /// Notes and members that turned out to be there at the moment of writing.
    pub found: u64,
    /// How it ended.
    pub end: RunEnd,
}

impl Summary {
    fn show(&self, bar: &dyn Bar, done: u64, least_time: Option<Duration>) {
        let added = Detail::Added(self.added.total());
        self.end.show(bar, done, added, least_time);
    }
}

impl Plan {
    /// Writes what is lacking: one call per photo for all its tags, one for each note and member.
    ///
    /// # Errors
    /// What concerns the whole run: sign-in, store, Flickr not answering. What concerns one photo is
    /// in the summary.
    pub async fn apply(
        &self,
        store: &Store,
        flickr: &Flickr,
        progress: &Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> Result<Summary, StepError> {
        let begun = Instant::now();
        let context = WriteContext {
            store,
            flickr,
            skips_public: self.skips_public,
            stop,
        };
        let mut summary = Summary::default();
        let bar = progress.bar("tagged", Unit::Photos);
        bar.set_length(self.photos.len() as u64);
        let mut done = 0;
        let mut calls = self.calls();
        store.record_writes(&self.settled, clock::now()).await?;
        for photo in &self.photos {
            summary.show(&*bar, done, Some(flickr.client().least_time(calls)));
            if context.stop.is_cancelled() || !write(&context, photo, &mut summary).await? {
                summary.end.stopped = true;
                break;
            }
            done += 1;
            calls = calls.saturating_sub(photo.calls());
        }
        summary.show(&*bar, done, None);
        summary.end.left = self.photos.len() as u64 - done;
        summary.end.calls = flickr.client().calls();
        summary.end.seconds = begun.elapsed().as_secs_f64();
        Ok(summary)
    }
}

/// Writes everything that a photo lacks; `false` where it was stopped in between.
async fn write(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
    summary: &mut Summary,
) -> Result<bool, StepError> {
    let mut written = Vec::new();
    if !plan.tags.is_empty() {
        let tags = tags::add(context, plan).await?;
        written.push((WriteKind::Tag, plan.tags.len() as u64, tags));
    }
    for kind in [WriteKind::Note, WriteKind::Member] {
        let added = annotations::add(context, plan, kind).await?.into_iter();
        written.extend(added.map(|one| (kind, 1, one)));
    }
    let (mut stopped, mut refused) = (false, Vec::new());
    for (kind, number, write) in written {
        match write {
            Written::Added => summary.added.add(kind, number),
            Written::Present => summary.found += number,
            Written::Refused(reason) => refused.push(reason),
            Written::Stopped => stopped = true,
        }
    }
    refused.dedup();
    for reason in refused {
        tracing::warn!("photo {}: {reason}", plan.photo);
        let photo = plan.photo.clone();
        summary.end.failed.push(Failure { photo, reason });
    }
    Ok(!stopped)
}
