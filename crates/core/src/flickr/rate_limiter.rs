//! How fast calls may go: a steady rate with a small burst, and one pause for all of them when the
//! service answers 429.

use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use governor::{DefaultDirectRateLimiter, Quota};
use tokio::time::Instant;

use super::budget::{Bucket, Budget, Share};
use super::waits::{Wait, counted};
use crate::text::duration;

/// A rate that no hour exceeds, and a pause that holds all calls.
#[derive(Debug)]
pub(super) struct RateLimiter {
    rate: Option<DefaultDirectRateLimiter>,
    /// The same rate, for all programs together.
    bucket: Option<Bucket>,
    share: Option<Share>,
    pause: Mutex<Pause>,
    base: Duration,
    longest: Duration,
}

#[derive(Debug, Default)]
struct Pause {
    until: Option<Instant>,
    /// When the first pause since the last success began.
    since: Option<Instant>,
    /// Pauses since the last success, for those that no Retry-After sizes.
    in_a_row: u32,
}

impl RateLimiter {
    /// At most `per_hour` calls in any hour, `burst` of them at once. The first pause without a
    /// Retry-After is `base`, each further one twice the last, up to ten times `base`; pauses that follow each
    /// other and last over `longest` together are not waited for.
    pub(crate) fn per_hour(
        per_hour: NonZeroU32,
        burst: NonZeroU32,
        base: Duration,
        longest: Duration,
    ) -> Self {
        // A full bucket and a steady flow may fall into one hour: the flow is what the burst leaves.
        let burst = burst.min(NonZeroU32::new(per_hour.get() / 2).unwrap_or(NonZeroU32::MIN));
        let steady = per_hour.get().saturating_sub(burst.get()).max(1);
        let rate = Quota::with_period(Duration::from_secs(3600) / steady)
            .map(|quota| governor::RateLimiter::direct(quota.allow_burst(burst)));
        Self {
            rate,
            bucket: Some(Bucket::within(per_hour.get(), burst.get())),
            share: None,
            pause: Mutex::default(),
            base,
            longest,
        }
    }

    /// Shares its rate with whoever takes from this `budget` with the same key.
    pub(super) fn shared(
        self,
        budget: Option<Arc<dyn Budget>>,
        key: impl FnOnce() -> String,
    ) -> Self {
        let share = budget.zip(self.bucket);
        let share = share.map(|(budget, bucket)| Share::new(budget, key(), bucket));
        Self { share, ..self }
    }

    /// No rate, only the pause: for the image host, whose rate is the caller's concurrency. Each pause may
    /// last as long as `longest`.
    pub(crate) fn pauses_only(base: Duration, longest: Duration) -> Self {
        Self {
            rate: None,
            bucket: None,
            share: None,
            pause: Mutex::default(),
            base,
            longest,
        }
    }

    /// Waits until a call may go.
    ///
    /// # Errors
    /// The time that is left of a pause too long to wait for.
    pub(super) async fn ready(&self) -> Result<(), Duration> {
        self.wait_out().await?;
        if let Some(rate) = &self.rate {
            counted(Wait::Turn, rate.until_ready()).await;
        }
        if let Some(share) = &self.share {
            counted(Wait::Turn, share.take_one()).await;
        }
        // Another call may have met a 429 meanwhile.
        self.wait_out().await
    }

    async fn wait_out(&self) -> Result<(), Duration> {
        loop {
            let now = Instant::now();
            let (until, since) = {
                let pause = self.lock();
                let since = pause.since.filter(|_| self.waits_out());
                (pause.until.unwrap_or(now), since.unwrap_or(now))
            };
            if until <= now {
                return Ok(());
            }
            if until - since > self.longest {
                return Err(until - now);
            }
            counted(Wait::Pause, tokio::time::sleep_until(until)).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pause> {
        self.pause.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether pauses are waited for until all together are too long; else the caller counts tries.
    pub(super) fn waits_out(&self) -> bool {
        self.rate.is_some()
    }

    /// Since when nothing went well for pauses.
    pub(super) fn since(&self) -> Option<Instant> {
        self.lock().since
    }

    /// How long the pause still lasts; zero where there is none.
    pub(crate) fn pause_left(&self) -> Duration {
        let until = self.lock().until;
        until.map_or(Duration::ZERO, |until| {
            until.saturating_duration_since(Instant::now())
        })
    }

    /// Starts a pause for all calls, says so, and returns how long it lasts from now.
    pub(crate) fn throttled(&self, retry_after: Option<Duration>) -> Duration {
        let now = Instant::now();
        let mut pause = self.lock();
        let left = pause
            .until
            .map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let so_far = now - *pause.since.get_or_insert(now);
        let wait = match retry_after {
            Some(wait) => wait,
            // Calls that were on their way together meet the same 429: they count as one.
            None if !left.is_zero() => left,
            None => {
                let doubled = self.base.saturating_mul(1 << pause.in_a_row.min(10));
                pause.in_a_row += 1;
                let longest = self
                    .base
                    .saturating_mul(10)
                    .min(self.longest.max(self.base));
                // The last one ends when it has been waited for long enough: then there is one more try.
                match self.longest.saturating_sub(so_far) {
                    rest if self.waits_out() && !rest.is_zero() => doubled.min(longest).min(rest),
                    _ => doubled.min(longest),
                }
            }
        };
        let wait = wait.max(left);
        // A date beyond what the clock can hold is as good as a year.
        pause.until = now.checked_add(wait.min(Duration::from_secs(365 * 24 * 3600)));
        drop(pause);
        if wait > left {
            let (who, longest) = (self.who(), duration(self.longest));
            let [wait, so_far] = [wait, so_far].map(duration);
            tracing::warn!(
                "{who} asks to slow down (HTTP 429), for {so_far} now: next try in {wait}, giving up after {longest}"
            );
        }
        wait
    }

    fn who(&self) -> &'static str {
        match self.waits_out() {
            true => "Flickr",
            false => "Flickr's image host",
        }
    }

    /// The service answered: the next pause starts from the base again.
    pub(crate) fn record_success(&self) {
        let mut pause = self.lock();
        pause.in_a_row = 0;
        pause.since = None;
    }
}

/// Reads a Retry-After header: seconds, or an HTTP date (RFC 9110 section 10.2.3).
pub(super) fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn retry_after_has_two_forms() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let cases = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(10)),
            ("Sun, 06 Nov 1994 08:49:00 GMT", Some(0)),
            ("soon", None),
            ("-5", None),
            ("", None),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|(text, expected)| (text, retry_after(text, now).map(|d| d.as_secs()), expected))
            .filter(|(_, found, expected)| found != *expected)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[tokio::test]
    async fn a_pause_holds_all_calls() {
        let limiter = RateLimiter::pauses_only(60 * MS, Duration::from_secs(1));
        assert_eq!(limiter.throttled(None), 60 * MS);
        let start = Instant::now();
        let (a, b) = tokio::join!(limiter.ready(), limiter.ready());
        assert!(a.is_ok() && b.is_ok());
        assert!(start.elapsed() >= 55 * MS, "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn pauses_double_until_something_goes_well() {
        let limiter = RateLimiter::pauses_only(20 * MS, 50 * MS);
        let mut waits = Vec::new();
        for _ in 0..4 {
            waits.push(limiter.throttled(None));
            // Met by a call that was on its way too: no second doubling.
            assert!(limiter.throttled(None) <= *waits.last().unwrap());
            limiter.ready().await.unwrap();
        }
        assert_eq!(waits, [20 * MS, 40 * MS, 50 * MS, 50 * MS]);
        limiter.record_success();
        assert_eq!(limiter.throttled(None), 20 * MS);
    }

    #[tokio::test]
    async fn pauses_are_waited_for_until_all_together_are_too_long() {
        let of = |n| NonZeroU32::new(n).unwrap();
        let limiter = RateLimiter::per_hour(of(u32::MAX), of(20), 20 * MS, 400 * MS);
        let begun = Instant::now();
        let mut waits = Vec::new();
        while limiter.ready().await.is_ok() {
            waits.push(limiter.throttled(None));
        }
        // 20 + 40 + 80 + 160 leave at most 100 until the end; the pause after it is not waited for.
        assert_eq!(waits[..3], [20 * MS, 40 * MS, 80 * MS]);
        let (refused, waited) = waits.split_last().unwrap();
        assert_eq!(*refused, 200 * MS, "ten times the first: {waits:?}");
        let all: Duration = waited.iter().sum();
        assert!(all <= 400 * MS && begun.elapsed() >= 380 * MS, "{waits:?}");
        // Once something has gone well, as long may be waited again.
        tokio::time::sleep(250 * MS).await;
        limiter.record_success();
        assert_eq!(limiter.throttled(None), 20 * MS);
        assert!(limiter.ready().await.is_ok());
    }

    #[tokio::test]
    async fn a_pause_too_long_is_an_error_at_once() {
        let limiter = RateLimiter::pauses_only(20 * MS, Duration::from_secs(60));
        limiter.throttled(Some(Duration::from_secs(7200)));
        let left = limiter.ready().await.unwrap_err();
        assert!(left > Duration::from_secs(7000), "{left:?}");
        limiter.throttled(Some(Duration::from_secs(u64::MAX)));
        assert!(limiter.ready().await.is_err());
    }

    #[tokio::test]
    async fn no_hour_exceeds_the_budget() {
        // 7,200 an hour is 2 a second; a burst of 5 passes at once.
        let of = |n| NonZeroU32::new(n).unwrap();
        let limiter = RateLimiter::per_hour(of(7_200), of(5), MS, MS);
        let start = Instant::now();
        for _ in 0..5 {
            limiter.ready().await.unwrap();
        }
        let burst = start.elapsed();
        assert!(burst < 1000 * MS, "the burst waited {burst:?}");
        for _ in 0..3 {
            limiter.ready().await.unwrap();
        }
        let all = start.elapsed();
        assert!(all >= 1490 * MS, "8 calls took {all:?}");
        // The smallest budget is possible too.
        RateLimiter::per_hour(of(1), of(20), MS, MS)
            .ready()
            .await
            .unwrap();
    }
}
