//! Whether the list has every photo of the account, and what is done where it has not.
//!
//! Flickr's listings leave rows out, repeat them, bring them late, and shift while they are read, all without a
//! sign of it. So its counts are compared with the store's. Where they differ, the span of upload dates is
//! halved until few photos are left, and those are looked at in several ways: by two methods, in pages of
//! different lengths, again in the next round. A span is settled as soon as list and count agree. What
//! the list has beyond the count is asked for one by one: it may be deleted.
//!
//! So much for a list that lacks a few photos of very many: a count takes one or two calls, and what agrees
//! is not listed again.

use std::{collections::HashSet, time::Duration};

use super::{
    account::{self, Counted},
    gaps::Gap,
    lister::Lister,
};
use crate::{
    flickr::{self, By, Concerns, Look, Media, Span},
    ids::PhotoId,
    steps::{StepError, clock::now},
};

/// How a round looks at what is not settled. The lengths have no common divisor, so that what one length of page
/// leaves out at its ends is in the middle of another's.
struct Round {
    /// Spans of more photos than this are halved first.
    photos: u64,
    /// A method and the length of its pages, one after the other.
    looks: [(By, u32); 2],
    /// Time that Flickr's index gets to catch up before.
    wait: Duration,
}

const ROUNDS: [Round; 3] = [
    Round {
        photos: 500,
        looks: [(By::Person, 500), (By::Search, 331)],
        wait: Duration::ZERO,
    },
    Round {
        photos: 250,
        looks: [(By::Person, 197), (By::Search, 131)],
        wait: Duration::from_secs(2),
    },
    // Few enough that a person can look for them.
    Round {
        photos: 20,
        looks: [(By::Person, 61), (By::Search, 37)],
        wait: Duration::from_secs(5),
    },
];

/// Where the whole account was listed, at most so many spans are compared even if the account's own count agrees: as
/// many photos may have been left out as were deleted meanwhile.
const SPANS: u64 = 16;

/// Calls after which nothing is looked at in further rounds, whatever the account's size; and a further one for so many photos.
const CALLS: u64 = 500;
const PHOTOS_PER_CALL: u64 = 50;

/// Compares the list with the account, completes it, and returns what could not be had. `whole`: the whole account
/// was listed just now, and not only what is new.
pub(super) async fn check(lister: &Lister, whole: bool) -> Result<Vec<Gap>, StepError> {
    let account = lister
        .outage
        .while_out(|| account::count(&lister.job.flickr))
        .await?;
    if account.photos().is_none() {
        tracing::warn!("Flickr does not say how many photos the account has: nothing to compare");
        return Ok(Vec::new());
    }
    let have = lister.job.store.count_uploaded(0, u64::MAX).await?;
    let mut check = Check {
        lister,
        account,
        calls: 3,
        most_calls: CALLS + have / PHOTOS_PER_CALL,
    };
    let coarse = match whole {
        true => (have / SPANS).max(ROUNDS[0].photos),
        false => u64::MAX,
    };
    let mut spans = vec![Span::ALL];
    let mut gaps = Vec::new();
    for round in &ROUNDS {
        if !gaps.is_empty() {
            if check.calls > check.most_calls {
                break;
            }
            tokio::time::sleep(round.wait).await;
            check.account = lister
                .outage
                .while_out(|| account::count(&lister.job.flickr))
                .await?;
            check.calls += 3;
        }
        gaps = check.round(spans, round, coarse).await?;
        spans = gaps.iter().map(|(span, _)| *span).collect();
        if gaps.is_empty() {
            break;
        }
    }
    Ok(gaps.into_iter().map(|(_, gap)| gap).collect())
}

/// Seconds that Flickr's clock may be ahead.
const DAY: u64 = 86_400;

struct Check<'a> {
    lister: &'a Lister,
    /// Flickr's counts of all.
    account: Counted,
    calls: u64,
    most_calls: u64,
}

/// What a look has shown of a span.
#[derive(Default)]
struct Seen {
    ids: HashSet<PhotoId>,
    videos: HashSet<PhotoId>,
    unreadable: u64,
    /// Photos and videos, as flickr.people.getPhotos said last.
    everything: Option<u64>,
    /// The same by flickr.photos.search.
    found: Option<u64>,
}

impl Check<'_> {
    /// Goes through `spans`; returns those that could not be settled.
    async fn round(
        &mut self,
        mut spans: Vec<Span>,
        round: &Round,
        coarse: u64,
    ) -> Result<Vec<(Span, Gap)>, StepError> {
        let mut gaps = Vec::new();
        // The oldest photos first.
        spans.reverse();
        while let Some(span) = spans.pop() {
            let have = self.have(span).await?;
            if have > coarse && split(self.lister, span, have, &mut spans).await? {
                continue;
            }
            let counted = self.count(span).await?;
            let most = counted.photos().max(counted.found).unwrap_or(have);
            if most == have {
                continue;
            }
            if round.wait > Duration::ZERO && self.calls > self.most_calls {
                let missing = most.saturating_sub(have);
                gaps.extend((missing > 0).then(|| (span, Gap::new(span, missing, 0))));
                continue;
            }
            let photos = most.max(have);
            if photos > round.photos && split(self.lister, span, have, &mut spans).await? {
                continue;
            }
            if let Some(gap) = self.settle(span, counted.videos, round).await? {
                gaps.push((span, gap));
            }
        }
        Ok(gaps)
    }

    async fn have(&self, span: Span) -> Result<u64, StepError> {
        let store = &self.lister.job.store;
        Ok(store.count_uploaded(span.from, span.to).await?)
    }

    async fn count(&mut self, span: Span) -> Result<Counted, StepError> {
        if span == Span::ALL {
            // Of the beginning of this round.
            return Ok(self.account);
        }
        let flickr = &self.lister.job.flickr;
        self.calls += 2;
        let count = || account::count_within(flickr, span, &self.account);
        Ok(self.lister.outage.while_out(count).await?)
    }

    /// Looks at `span` until list and count agree; otherwise says what is missing.
    async fn settle(
        &mut self,
        span: Span,
        videos: Option<u64>,
        round: &Round,
    ) -> Result<Option<Gap>, StepError> {
        let videos = videos.unwrap_or(0);
        let mut seen = Seen::default();
        for (by, per_page) in round.looks {
            self.look(span, by, per_page, &mut seen).await?;
            // Searching may know photos that the account's count leaves out.
            let to_search = by == By::Person && self.account.finds_more();
            let Some(expected) = seen.expected(videos) else {
                continue;
            };
            let mut have = self.have(span).await?;
            if have > expected {
                have -= self.settle_deleted(span, &seen).await?;
            }
            if have >= expected && !to_search {
                return Ok(None);
            }
        }
        let have = self.have(span).await?;
        let missing = seen.expected(videos).unwrap_or(have).saturating_sub(have);
        Ok((missing > 0).then(|| Gap::new(span, missing, seen.unreadable)))
    }

    /// Stores what one method shows of `span`.
    async fn look(
        &mut self,
        span: Span,
        by: By,
        per_page: u32,
        seen: &mut Seen,
    ) -> Result<(), StepError> {
        let per_page = per_page.min(self.lister.job.settings.page_size);
        let mut look = Look::new(self.lister.job.flickr.clone(), by, span, per_page);
        let mut unreadable = 0;
        loop {
            self.calls += 1;
            let page = match self.lister.outage.passed(look.next_page().await).await? {
                None => continue,
                Some(None) => break,
                Some(Some(page)) => page,
            };
            let total = match by {
                By::Person => &mut seen.everything,
                _ => &mut seen.found,
            };
            *total = page.total.or(*total);
            unreadable += page.unreadable.len() as u64;
            for photo in &page.photos {
                seen.ids.insert(photo.id.clone());
                if photo.media == Media::Video {
                    seen.videos.insert(photo.id.clone());
                }
            }
            self.lister.add(&page.photos, None).await?;
        }
        seen.unreadable = seen.unreadable.max(unreadable);
        Ok(())
    }

    /// Asks for the photos of the list that no look has shown, and settles those that are deleted. Returns how many.
    async fn settle_deleted(&mut self, span: Span, seen: &Seen) -> Result<u64, StepError> {
        let (store, flickr) = (&self.lister.job.store, &self.lister.job.flickr);
        let mut deleted = 0;
        for photo in store.photos_uploaded(span.from, span.to).await? {
            if seen.ids.contains(&photo) {
                continue;
            }
            self.calls += 1;
            let sizes = || flickr.photos_get_sizes(&photo);
            let is_there = match self.lister.outage.while_out_of_photo(flickr, sizes).await {
                Err(flickr::Error::Api { code: 1, .. }) => false,
                Ok(_) => true,
                // There, and not to be had.
                Err(error)
                    if matches!(error.concerns(), Concerns::Photo | Concerns::PhotoOrFlickr) =>
                {
                    true
                }
                Err(error) => return Err(error.into()),
            };
            if !is_there && store.settle_deleted(&photo).await? {
                tracing::info!("photo {photo}: deleted on Flickr");
                self.lister.counters.deleted();
                deleted += 1;
            }
        }
        Ok(deleted)
    }
}

impl Seen {
    /// Photos that the span has, as far as Flickr says: all without the videos, of which it counts `videos`.
    fn expected(&self, videos: u64) -> Option<u64> {
        let all = self.everything.or(self.found)?;
        Some(all.saturating_sub(videos.max(self.videos.len() as u64)))
    }
}

/// Puts both halves of a span in its place, the older one on top: by number of photos, or else by time. Says no where
/// it is one second.
async fn split(
    lister: &Lister,
    span: Span,
    have: u64,
    spans: &mut Vec<Span>,
) -> Result<bool, StepError> {
    let store = &lister.job.store;
    let median = store.uploaded_after(span.from, span.to, have / 2).await?;
    let Some((older, newer)) = halves(span, median, now().unsigned_abs() + DAY) else {
        return Ok(false);
    };
    spans.extend([newer, older]);
    Ok(true)
}

/// Two spans that make up `span`, at the `median` of what is known in it.
fn halves(span: Span, median: Option<u64>, now: u64) -> Option<(Span, Span)> {
    if span.from >= span.to {
        return None;
    }
    // Before the account began, and from tomorrow on, there is little to halve.
    let last = span.to.min(now.max(span.from + 1)) - 1;
    let middle = median.map_or_else(|| span.from.midpoint(last), |median| median.min(last));
    let middle = middle.max(span.from);
    let older = Span { to: middle, ..span };
    let newer = Span {
        from: middle + 1,
        ..span
    };
    Some((older, newer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_make_up_the_span_and_end_at_a_second() {
        let span = |from, to| Span { from, to };
        let cases = [
            (span(0, u64::MAX), Some(100), Some(100)),
            (span(0, u64::MAX), None, Some(499)),
            (span(900, u64::MAX), None, Some(949)),
            (span(10, 20), Some(20), Some(19)),
            (span(10, 20), Some(10), Some(10)),
            (span(10, 11), None, Some(10)),
            (span(10, 10), Some(10), None),
            // Dates in the future.
            (span(5000, u64::MAX), Some(7000), Some(5000)),
            (span(5001, u64::MAX), None, Some(5001)),
        ];
        for (whole, median, middle) in cases {
            let found = halves(whole, median, 1000);
            let expected =
                middle.map(|middle| (span(whole.from, middle), span(middle + 1, whole.to)));
            assert_eq!(found, expected, "{whole:?} {median:?}");
        }
    }
}
