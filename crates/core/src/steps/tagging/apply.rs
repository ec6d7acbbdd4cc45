//! Applies a plan, one photo at a time.

use std::{
    borrow::Cow,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    super::{
        CancellationToken, StepError, clock,
        outage::{Queue, Trouble},
    },
    annotations,
    journal::{RunEnd, WriteCounts},
    plan::{PhotoPlan, Plan, PlannedWrite},
    tags,
    write::{WriteContext, Written},
};
use crate::{
    flickr::Flickr,
    progress::{Bar, Detail, Progress, Unit},
    store::{Store, WriteKind},
};

/// What a run did.
#[derive(Debug, Default)]
pub struct Summary {
    /// What was added.
    pub added: WriteCounts,
    /// Notes and members that turned out to be there at the moment of writing.
    pub found: WriteCounts,
    /// How it ended.
    pub end: RunEnd,
}

impl Summary {
    fn show(&self, bar: &dyn Bar, done: u64, least_time: Option<Duration>) {
        let added = Detail::Added(self.added.total());
        self.end.show(bar, done, added, least_time);
    }
}

/// What became of a photo's turn.
enum Turn {
    /// Everything is written, there already, or refused by Flickr.
    Done,
    /// Nothing was sent that changes anything.
    Nothing,
    /// This much had no usable answer.
    Left(Box<PhotoPlan>, Trouble),
    /// The person stopped it.
    Stopped,
}

impl Plan {
    /// Writes what is lacking: one call per photo for all its tags, one for each note and member. The
    /// summary says how it ended, whatever ended it.
    pub async fn apply(
        &self,
        store: &Store,
        flickr: &Flickr,
        progress: &Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> Summary {
        let begun = Instant::now();
        let context = WriteContext {
            store,
            flickr,
            skips_public: self.skips_public,
            stop,
        };
        let mut summary = Summary::default();
        for unreadable in &self.unreadable {
            summary.end.fail(&unreadable.photo, &unreadable.reason);
        }
        let bar = progress.bar("tagged", Unit::Photos);
        let photos = (self.photos.iter()).map(|photo| (Cow::Borrowed(photo), photo.failed_before));
        let mut queue = Queue::writing(flickr, photos);
        if let Err(error) = self
            .write_all(&context, &mut queue, &mut summary, &*bar)
            .await
        {
            summary.end.broke_off(error);
        }
        for (photo, reason) in &queue.failed {
            summary.end.fail(&photo.photo, reason);
        }
        summary.end.left = queue.left() as u64;
        summary.show(&*bar, self.photos.len() as u64 - summary.end.left, None);
        summary.end.took(flickr, begun);
        summary
    }

    async fn write_all<'a>(
        &'a self,
        context: &WriteContext<'_>,
        queue: &mut Queue<Cow<'a, PhotoPlan>>,
        summary: &mut Summary,
        bar: &dyn Bar,
    ) -> Result<(), StepError> {
        bar.set_length(self.photos.len() as u64);
        let mut calls = self.calls();
        context
            .store
            .record_writes(&self.settled, clock::now())
            .await?;
        loop {
            let done = self.photos.len() - queue.left();
            let time = context.flickr.client().least_time(calls);
            summary.show(bar, done as u64, Some(time));
            let Some(photo) = queue.next().await? else {
                return Ok(());
            };
            if context.stop.is_cancelled() {
                summary.end.stopped = true;
                return Ok(());
            }
            calls = calls.saturating_sub(photo.calls());
            match write(context, &photo, summary).await? {
                Turn::Done => queue.done(),
                Turn::Nothing => queue.skipped(),
                Turn::Left(left, trouble) => queue.set_aside(Cow::Owned(*left), trouble),
                Turn::Stopped => {
                    summary.end.stopped = true;
                    return Ok(());
                }
            }
        }
    }
}

/// Writes everything that a photo lacks.
async fn write(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
    summary: &mut Summary,
) -> Result<Turn, StepError> {
    let mut ends = Ends::default();
    if !plan.tags.is_empty() {
        let (number, written) = (plan.tags.len() as u64, tags::add(context, plan).await?);
        ends.enter(summary, plan, WriteKind::Tag, number, written);
        if let Some(trouble) = ends.trouble {
            return Ok(Turn::Left(Box::new(plan.clone()), trouble));
        }
    }
    let mut left = PhotoPlan {
        tags: Vec::new(),
        notes: Vec::new(),
        members: Vec::new(),
        ..plan.clone()
    };
    for (kind, planned, left) in [
        (WriteKind::Note, &plan.notes, &mut left.notes),
        (WriteKind::Member, &plan.members, &mut left.members),
    ] {
        let written = annotations::add(context, plan, kind).await?;
        for (planned, written) in planned.iter().zip(written) {
            if !ends.enter(summary, plan, kind, 1, written) {
                // It may have been carried out after all, and only then be seen.
                left.push(PlannedWrite {
                    begun: true,
                    ..planned.clone()
                });
            }
        }
    }
    Ok(match ends.trouble {
        _ if ends.stopped => Turn::Stopped,
        Some(trouble) => Turn::Left(Box::new(left), trouble),
        None if ends.sent => Turn::Done,
        None => Turn::Nothing,
    })
}

/// What became of a photo's writes.
#[derive(Default)]
struct Ends {
    /// Whether Flickr has answered to one that changes something.
    sent: bool,
    stopped: bool,
    trouble: Option<Trouble>,
}

impl Ends {
    /// Enters the end of `number` writes; whether they have one.
    fn enter(
        &mut self,
        summary: &mut Summary,
        plan: &PhotoPlan,
        kind: WriteKind,
        number: u64,
        written: Written,
    ) -> bool {
        match written {
            Written::Added => {
                summary.added.add(kind, number);
                self.sent = true;
            }
            Written::Present => summary.found.add(kind, number),
            Written::Refused(refusal) if refusal.trouble.is_refusal() => {
                summary.end.fail(&plan.photo, &refusal.trouble.reason);
                self.sent |= refusal.code.is_some();
            }
            Written::Refused(refusal) => self.trouble = Some(refusal.trouble),
            Written::Stopped => self.stopped = true,
        }
        self.trouble.is_none()
    }
}
