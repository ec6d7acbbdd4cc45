//! Applies a plan, one photo at a time.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use super::{
    super::{
        CancellationToken, StepError, clock,
        outage::{Queue, Trouble},
    },
    account::settle,
    annotations,
    journal::{Journal, RunEnd, WriteCounts, spare},
    looks::Looks,
    plan::{PhotoPlan, Plan, PlannedWrite},
    remove::{self, Removal},
    tags,
    write::{WriteContext, Written},
};
use crate::{
    boxed,
    flickr::Flickr,
    ids::PhotoId,
    progress::{Bar, Detail, Progress, Unit},
    store::{Store, WriteKind},
};

/// What a run did.
#[derive(Debug, Default)]
pub struct Summary {
    /// What was added.
    pub added: WriteCounts,
    /// What turned out to be there at the moment of writing.
    pub found: WriteCounts,
    /// Notes that were removed because their faces have another name now, or none.
    pub removed: WriteCounts,
    /// Photos that everyone may see since the plan was made: nothing was written to them.
    pub made_public: BTreeSet<PhotoId>,
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
    #[boxed(?Send)]
    pub async fn apply(
        &self,
        store: &Store,
        flickr: &Flickr,
        progress: &Arc<dyn Progress>,
        stop: CancellationToken,
    ) -> Summary {
        let begun = Instant::now();
        let mut summary = Summary::default();
        for unreadable in &self.unreadable {
            summary.end.fail(&unreadable.photo, &unreadable.reason);
        }
        let bar = progress.bar("tagged", Unit::Photos);
        let photos = (self.photos.iter()).map(|photo| (Cow::Borrowed(photo), photo.failed_before));
        let mut queue = Queue::writing(flickr, photos);
        if let Err(error) = self
            .write_all(store, &mut queue, &mut summary, &*bar, stop)
            .await
        {
            summary.end.broke_off(error);
        }
        for (photo, reason) in &queue.failed {
            summary.end.fail(&photo.photo, reason);
        }
        let aside = queue.aside().map(|photo| &photo.photo);
        if let Err(error) = spare(store, aside).await {
            summary.end.broke_off(error.into());
        }
        summary.end.left = queue.left() as u64;
        summary.show(&*bar, self.photos.len() as u64 - summary.end.left, None);
        summary.end.took(flickr, begun);
        summary
    }

    async fn write_all<'a>(
        &'a self,
        store: &Store,
        queue: &mut Queue<Cow<'a, PhotoPlan>>,
        summary: &mut Summary,
        bar: &dyn Bar,
        stop: CancellationToken,
    ) -> Result<(), StepError> {
        bar.set_length(self.photos.len() as u64);
        let mut calls = self.calls();
        store.record_writes(&self.settled, clock::now()).await?;
        let journal = Journal::read(store).await?;
        let flickr = queue.flickr().clone();
        let context = &WriteContext {
            store,
            flickr: &flickr,
            skips_public: self.skips_public,
            stop,
            forms: Mutex::new(journal.forms.clone()),
            journal,
        };
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

const GONE: &str = "Flickr no longer has the photo";

/// Writes everything that a photo lacks, and removes the notes that are wrong on it. Right before, it is
/// looked at: what has become of it since the plan was made?
async fn write(
    context: &WriteContext<'_>,
    plan: &PhotoPlan,
    summary: &mut Summary,
) -> Result<Turn, StepError> {
    let mut ends = Ends::default();
    let newest = plan.writes().map(|write| write.written).max();
    settle(context.flickr, newest.unwrap_or_default()).await;
    let mut looks = Looks::default();
    let info = match looks.info(context.flickr, &plan.photo).await {
        Ok(info) => info,
        Err(error) => match Trouble::of(error)? {
            trouble if trouble.is_refusal() => {
                summary.end.fail(&plan.photo, &trouble.reason);
                return Ok(Turn::Nothing);
            }
            trouble => return Ok(Turn::Left(Box::new(plan.clone()), trouble)),
        },
    };
    let Some(info) = info else {
        summary.end.fail(&plan.photo, GONE);
        return Ok(Turn::Nothing);
    };
    let (before, is_public) = (info.tags.clone(), info.public);
    let mut left = PhotoPlan {
        tags: Vec::new(),
        notes: Vec::new(),
        members: Vec::new(),
        wrong: Vec::new(),
        ..plan.clone()
    };
    for wrong in &plan.wrong {
        match remove::remove(context.store, context.flickr, wrong, &mut looks).await? {
            Removal::Removed => {
                summary.removed.add(wrong.kind, 1);
                ends.sent = true;
            }
            Removal::AlreadyGone | Removal::Rewritten => {}
            Removal::Refused(trouble) if trouble.is_refusal() => {
                summary.end.fail(&plan.photo, &trouble.reason);
            }
            Removal::Refused(trouble) => {
                ends.trouble = Some(trouble);
                left.wrong.push(wrong.clone());
            }
        }
    }
    if is_public && context.skips_public {
        summary.made_public.insert(plan.photo.clone());
        return Ok(ends.turn(left));
    }
    if !plan.tags.is_empty() && ends.trouble.is_none() {
        let tags = tags::add(context, plan, &before).await?;
        ends.enter(summary, plan, WriteKind::Tag, tags.found, Written::Present);
        if tags.added > 0 {
            ends.enter(summary, plan, WriteKind::Tag, tags.added, Written::Added);
        }
        if let Some(refusal) = tags.refusal {
            ends.enter(summary, plan, WriteKind::Tag, 0, Written::Refused(refusal));
        }
        left.tags = tags.left;
    } else {
        left.tags.clone_from(&plan.tags);
    }
    if ends.trouble.is_some() {
        left.notes.clone_from(&plan.notes);
        left.members.clone_from(&plan.members);
        return Ok(ends.turn(left));
    }
    for (kind, planned, left) in [
        (WriteKind::Note, &plan.notes, &mut left.notes),
        (WriteKind::Member, &plan.members, &mut left.members),
    ] {
        let written = annotations::add(context, plan, kind, &mut looks).await?;
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
    Ok(ends.turn(left))
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
    /// How the turn ends, with what is left of the photo's plan.
    fn turn(self, left: PhotoPlan) -> Turn {
        match self.trouble {
            _ if self.stopped => Turn::Stopped,
            Some(trouble) => Turn::Left(Box::new(left), trouble),
            None if self.sent => Turn::Done,
            None => Turn::Nothing,
        }
    }

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
