//! One photo's failures told from Flickr's.
//!
//! A photo may make Flickr fail whenever it is asked for, and Flickr may be down for minutes: at the first
//! photo the two look the same. So a photo without a usable answer is set aside. If the next ones go
//! well, it was the photo; if they fail too, Flickr is out: then nothing is sent but one photo after
//! each wait, and what was set aside gets another turn as soon as one goes well.

use std::collections::VecDeque;

use super::StepError;
use crate::flickr::{Concerns, Error, Flickr, Outage};

/// Photos in a row whose failing means that it is Flickr's.
const IN_A_ROW: u32 = 3;
/// The same where each had failed before: those are known to fail alone.
const KNOWN_IN_A_ROW: u32 = 10;

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) reason: String,
    pub(super) concerns: Concerns,
}

impl Trouble {
    /// The error itself where it concerns the whole run.
    pub(super) fn of(error: Error) -> Result<Self, Error> {
        match error.concerns() {
            Concerns::Run => Err(error),
            concerns => Ok(Self {
                reason: error.to_string(),
                concerns,
            }),
        }
    }

    /// Whether Flickr did answer, and the answer is about the photo.
    pub(super) fn is_refusal(&self) -> bool {
        self.concerns == Concerns::Photo
    }
}

/// What is to be done, one after the other: photos, or what is written to them.
pub(super) struct Queue<I> {
    waiting: VecDeque<Item<I>>,
    /// Those without an answer since the last that had one.
    aside: Vec<(Item<I>, Trouble)>,
    flickr: Flickr,
    /// How often in a row there was none.
    in_a_row: u32,
    /// Of the one under way, whether it has failed before, and after a wait.
    under_way: Option<(bool, bool)>,
    outage: Outage,
    is_out: bool,
    /// Whether a call that only reads can tell.
    reads: bool,
    /// What failed for reasons of its own.
    pub(super) failed: Vec<(I, String)>,
}

struct Item<I> {
    what: I,
    /// Whether it has failed before, while others went well.
    known: bool,
    /// Whether it has failed again after a wait.
    waited: bool,
}

impl<I> Queue<I> {
    /// For what only reads.
    pub(super) fn reading(flickr: &Flickr, items: impl IntoIterator<Item = I>) -> Self {
        let items = items.into_iter().map(|item| (item, false));
        Self::new(flickr, "does not answer", items, true)
    }

    /// For what writes; each with whether it failed in an earlier run.
    pub(super) fn writing(flickr: &Flickr, items: impl IntoIterator<Item = (I, bool)>) -> Self {
        Self::new(flickr, "takes no changes", items, false)
    }

    fn new(
        flickr: &Flickr,
        what: &'static str,
        items: impl IntoIterator<Item = (I, bool)>,
        reads: bool,
    ) -> Self {
        let items = items.into_iter();
        Self {
            waiting: items
                .map(|(what, known)| Item {
                    what,
                    known,
                    waited: false,
                })
                .collect(),
            aside: Vec::new(),
            in_a_row: 0,
            under_way: None,
            outage: Outage::new(flickr.client(), what),
            flickr: flickr.clone(),
            is_out: false,
            reads,
            failed: Vec::new(),
        }
    }

    /// How many have not been done: the one under way is one of them.
    pub(super) fn left(&self) -> usize {
        self.waiting.len() + self.aside.len() + usize::from(self.under_way.is_some())
    }

    /// Those without an answer that nobody can blame on them.
    pub(super) fn aside(&self) -> impl Iterator<Item = &I> {
        self.aside.iter().map(|(item, _)| &item.what)
    }

    pub(super) fn flickr(&self) -> &Flickr {
        &self.flickr
    }

    /// The next one; `None` at the end. In an outage it comes after a wait.
    ///
    /// # Errors
    /// Those of [`Outage::wait`], and what concerns the whole run.
    pub(super) async fn next(&mut self) -> Result<Option<I>, StepError> {
        if self.is_out && self.reads && self.flickr.answers().await? {
            self.flickr_works();
        }
        if self.is_out && !self.is_hopeless().await? {
            let why = self.aside.last().map(|(_, trouble)| trouble.reason.clone());
            self.outage.wait(&why.unwrap_or_default()).await?;
            if self.waiting.is_empty() && !self.aside.is_empty() {
                let (item, _) = self.aside.remove(0);
                let waited = true;
                self.waiting.push_back(Item { waited, ..item });
            }
        }
        let next = self.waiting.pop_front();
        self.under_way = next.as_ref().map(|item| (item.known, item.waited));
        if next.is_none() {
            // Too few in a row to blame Flickr, or too often.
            self.is_out = false;
            let aside = self.aside.drain(..);
            self.failed
                .extend(aside.map(|(item, trouble)| (item.what, trouble.reason)));
        }
        Ok(next.map(|item| item.what))
    }

    /// Whether there is nothing left but what has failed again after a wait, one by one, while Flickr answers
    /// other calls: waiting on would help none of them. The next run tries them again.
    async fn is_hopeless(&self) -> Result<bool, StepError> {
        let tried = |(item, trouble): &(Item<I>, Trouble)| {
            item.waited && trouble.concerns == Concerns::PhotoOrFlickr
        };
        Ok(!self.reads
            && self.waiting.is_empty()
            && self.aside.iter().all(tried)
            && self.flickr.answers().await?)
    }

    /// The one under way had no part in what Flickr can do: it needed no call.
    pub(super) fn skipped(&mut self) {
        self.under_way = None;
    }

    /// Flickr has answered for the one under way.
    pub(super) fn done(&mut self) {
        self.under_way = None;
        self.flickr_works();
    }

    /// What was set aside in an outage gets another turn, what was set aside otherwise failed alone.
    fn flickr_works(&mut self) {
        self.in_a_row = 0;
        self.outage.is_over();
        let was_out = std::mem::take(&mut self.is_out);
        for (item, trouble) in self.aside.drain(..).rev() {
            if was_out && !item.known {
                let known = true;
                self.waiting.push_front(Item { known, ..item });
            } else {
                self.failed.push((item.what, trouble.reason));
            }
        }
    }

    /// There was no usable answer for the one under way, `what` is still to be done.
    pub(super) fn set_aside(&mut self, what: I, trouble: Trouble) {
        let (known, waited) = self.under_way.take().unwrap_or_default();
        self.outage.began();
        self.in_a_row += 1;
        let enough = if known { KNOWN_IN_A_ROW } else { IN_A_ROW };
        self.is_out |= trouble.concerns == Concerns::Flickr || self.in_a_row >= enough;
        if known && !self.is_out {
            self.failed.push((what, trouble.reason));
        } else {
            self.aside.push((
                Item {
                    what,
                    known,
                    waited,
                },
                trouble,
            ));
        }
    }
}

#[cfg(test)]
mod tests;
