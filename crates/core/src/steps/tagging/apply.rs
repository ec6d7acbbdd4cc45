//! Carries a plan out, one photo after the other.

use std::{sync::Arc, time::Instant};

use super::{
    super::{CancellationToken, StepError, clock},
    members, notes,
    plan::{PhotoPlan, Plan},
    tags,
};
use crate::{
    config::WriteTo,
    flickr::{self, Flickr},
    ids::PhotoId,
    progress::{Detail, Progress, Unit},
    store::{FlickrWrite, Store, StoreError, WriteState},
};

/// How often a call is made whose answer was lost and that, looked up, had not been carried out.
pub(super) const TRIES: u32 = 3;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// Tags added.
    pub added: u64,
    /// Notes added.
    pub notes: u64,
    /// Members of Flickr added to photos.
    pub members: u64,
    /// What was found to be there already at the moment of writing: notes and members.
    pub found: u64,
    /// Photos that failed, in part or whole, with the reason.
    pub failed: Vec<(PhotoId, String)>,
    /// Photos left, where the run was stopped.
    pub left: u64,
    /// API calls used since the program began, the sign-in and the plan included.
    pub calls: u64,
    /// Seconds the run took.
    pub seconds: f64,
    /// Whether it was stopped before its end.
    pub stopped: bool,
}

/// What became of one write.
pub(super) enum Written {
    /// It is on Flickr now, from us.
    Added,
    /// It was there.
    Present,
    /// Flickr refused it.
    Refused(String),
    /// The run was stopped before.
    Stopped,
}

/// What the writers share.
pub(super) struct Desk<'a> {
    pub(super) store: &'a Store,
    pub(super) flickr: &'a Flickr,
    pub(super) spare_public: bool,
    pub(super) stop: CancellationToken,
}

impl Plan {
    /// Writes what is lacking: one call per photo for all its tags, one for each note and member.
    ///
    /// # Errors
    /// What concerns the whole run: sign-in, store, Flickr not answering. What concerns one photo is
    /// in the summary.
    pub async fn carry_out(
        &self,
        store: &Store,
        flickr: &Flickr,
        progress: &Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> Result<Summary, StepError> {
        let begun = Instant::now();
        let desk = Desk {
            store,
            flickr,
            spare_public: self.write_to != Some(WriteTo::All),
            stop,
        };
        let mut summary = Summary::default();
        let bar = progress.bar("tagged", Unit::Photos);
        bar.set_length(self.photos.len() as u64);
        let (mut done, mut failed) = (0, 0);
        let mut calls = self.calls();
        store.record_writes(&self.settled, clock::now()).await?;
        for photo in &self.photos {
            bar.set_details(&[
                Detail::Added(summary.added + summary.notes + summary.members),
                Detail::Failed(failed),
                Detail::LeastTime(flickr.client().least_time(calls)),
            ]);
            bar.set_position(done);
            if desk.stop.is_cancelled() {
                summary.stopped = true;
                break;
            }
            let before = summary.failed.len();
            let all = desk.write(photo, &mut summary).await?;
            failed += u64::from(summary.failed.len() > before);
            if !all {
                summary.stopped = true;
                break;
            }
            done += 1;
            calls = calls.saturating_sub(photo.calls());
        }
        bar.set_details(&[
            Detail::Added(summary.added + summary.notes + summary.members),
            Detail::Failed(failed),
        ]);
        bar.set_position(done);
        summary.left = self.photos.len() as u64 - done;
        summary.calls = flickr.client().calls();
        summary.seconds = begun.elapsed().as_secs_f64();
        Ok(summary)
    }
}

impl Desk<'_> {
    /// Writes everything that a photo lacks; `false` where it was stopped in between.
    async fn write(&self, plan: &PhotoPlan, summary: &mut Summary) -> Result<bool, StepError> {
        let mut refused = Vec::new();
        if !plan.tags.is_empty() {
            match tags::add(self, plan).await? {
                Written::Refused(reason) => refused.push(reason),
                Written::Added | Written::Present => summary.added += plan.tags.len() as u64,
                Written::Stopped => return Ok(false),
            }
        }
        let mut stopped = false;
        let writings = [
            (notes::add(self, plan).await?, &mut summary.notes),
            (members::add(self, plan).await?, &mut summary.members),
        ];
        for (written, added) in writings {
            for write in written {
                match write {
                    Written::Added => *added += 1,
                    Written::Present => summary.found += 1,
                    Written::Refused(reason) => refused.push(reason),
                    Written::Stopped => stopped = true,
                }
            }
        }
        refused.dedup();
        for reason in refused {
            tracing::warn!("photo {}: {reason}", plan.photo);
            summary.failed.push((plan.photo.clone(), reason));
        }
        Ok(!stopped)
    }

    /// Enters writes into the journal in a state of their way.
    pub(super) async fn record(
        &self,
        writes: &[FlickrWrite],
        state: WriteState,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let entries: Vec<_> = (writes.iter())
            .map(|write| FlickrWrite {
                state,
                error: error.map(str::to_owned),
                ..write.clone()
            })
            .collect();
        self.store.record_writes(&entries, clock::now()).await
    }
}

/// The reason for the summary where an error concerns one photo, the error itself otherwise.
pub(super) fn refusal(error: flickr::Error) -> Result<String, StepError> {
    if error.is_about_one_photo() {
        Ok(error.to_string())
    } else {
        Err(error.into())
    }
}

/// What is said of a call that was lost again and again.
pub(super) fn lost_too_often(what: &str, why: &str) -> String {
    format!("Flickr's answer was lost {TRIES} times ({why}); {what} is not there")
}
