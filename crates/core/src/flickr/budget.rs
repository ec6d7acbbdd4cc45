//! The hour's budget of calls where several programs share it: it is the API key's, not a program's.
//!
//! Calls are taken a few ahead, so that asking for them costs little. What a killed program had taken is
//! lost, which is less than a tenth of a minute's calls.

use std::{fmt::Debug, pin::Pin, sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};

/// How long calls that were taken ahead may be made. Within an hour fall those of the hour, and those
/// taken this long before.
const AHEAD: Duration = Duration::from_secs(10);

/// Calls taken ahead at once, at most.
const MOST_AHEAD: u32 = 5;

/// How long the budget may take to answer: it may be locked for another program's long write.
const PATIENCE: Duration = Duration::from_secs(10);

/// A bucket of calls, filled at a steady rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    /// Calls that it holds when it is full.
    pub burst: u32,
    /// Calls that flow into it in an hour.
    pub per_hour: u32,
}

/// What came of asking for calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// So many may be made.
    Calls(u32),
    /// None yet: to be asked again after this time.
    Later(Duration),
}

/// What [`Budget::take`] gives.
pub type Taking<'a> = Pin<Box<dyn Future<Output = Result<Taken, String>> + Send + 'a>>;

/// Where the programs that call with one API key share its calls.
pub trait Budget: Debug + Send + Sync {
    /// Takes up to `most` calls out of the bucket of `key`, which is the SHA-256 of the API key. An error is
    /// a reason in words.
    fn take<'a>(&'a self, key: &'a str, bucket: Bucket, most: u32) -> Taking<'a>;
}

impl Bucket {
    /// The bucket with which no hour exceeds `per_hour`: a full bucket, a steady flow and what was taken
    /// ahead may fall into one hour.
    pub(super) fn within(per_hour: u32, burst: u32) -> Self {
        let hour = 3600;
        let flow = u64::from(per_hour.saturating_sub(burst)) * hour / (hour + AHEAD.as_secs());
        Self {
            burst: burst.max(1),
            per_hour: u32::try_from(flow).unwrap_or(u32::MAX).max(1),
        }
    }

    /// What a bucket holds that held `level` thousandths of a call `ms` milliseconds ago; in thousandths.
    pub(crate) fn level_after(self, level: i64, ms: i64) -> i64 {
        // After an hour it is full; a clock that was set back fills nothing.
        let ms = ms.clamp(0, 3_600_000);
        let flown = ms * i64::from(self.per_hour) / 3600;
        level.saturating_add(flown).min(self.full())
    }

    /// When full, in thousandths of a call.
    pub(crate) fn full(self) -> i64 {
        i64::from(self.burst) * 1000
    }

    /// How long it takes until so many thousandths of a call have flown in.
    pub(crate) fn time_for(self, thousandths: i64) -> Duration {
        let ms = thousandths.max(0).saturating_mul(3600) / i64::from(self.per_hour.max(1)) + 1;
        Duration::from_millis(ms.unsigned_abs())
    }
}

/// One client's share: what it has taken ahead.
#[derive(Debug)]
pub(super) struct Share {
    budget: Arc<dyn Budget>,
    key: String,
    bucket: Bucket,
    ahead: Mutex<Ahead>,
}

#[derive(Debug, Default)]
struct Ahead {
    calls: u32,
    until: Option<Instant>,
    /// Whether it was said that the budget cannot be asked.
    said: bool,
}

impl Share {
    pub(super) fn new(budget: Arc<dyn Budget>, key: String, bucket: Bucket) -> Self {
        Self {
            budget,
            key,
            bucket,
            ahead: Mutex::default(),
        }
    }

    /// Waits for one call. Where the budget cannot be asked, the client's own rate has to do.
    pub(super) async fn take_one(&self) {
        // Held while waiting: others of this client wait behind it, and share what it takes.
        let mut ahead = self.ahead.lock().await;
        if ahead.calls > 0 && ahead.until.is_some_and(|until| Instant::now() < until) {
            ahead.calls -= 1;
            return;
        }
        let most = (self.bucket.burst / 4).clamp(1, MOST_AHEAD);
        loop {
            let asked = Instant::now();
            let taking = self.budget.take(&self.key, self.bucket, most);
            match tokio::time::timeout(PATIENCE, taking).await {
                Ok(Ok(Taken::Calls(calls))) => {
                    ahead.calls = calls.saturating_sub(1);
                    ahead.until = Some(asked + AHEAD);
                    return;
                }
                Ok(Ok(Taken::Later(wait))) => tokio::time::sleep(wait).await,
                Ok(Err(why)) => return ahead.cannot_ask(&why),
                Err(_) => return ahead.cannot_ask("no answer"),
            }
        }
    }
}

impl Ahead {
    fn cannot_ask(&mut self, why: &str) {
        if !self.said {
            tracing::warn!(
                "the calls of other programs with this API key cannot be counted: {why}"
            );
        }
        self.said = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_hour_exceeds_the_budget() {
        for (per_hour, burst) in [(3600, 20), (2, 1), (1, 1), (1_000_000_000, 20)] {
            let bucket = Bucket::within(per_hour, burst);
            let hour_and_ahead = 3600 + AHEAD.as_secs();
            let most = u64::from(bucket.burst) + u64::from(bucket.per_hour) * hour_and_ahead / 3600;
            // One call an hour cannot be shared out more finely.
            let allowed = u64::from(per_hour.max(2));
            assert!(most <= allowed, "{most} of {per_hour}: {bucket:?}");
            assert!(
                most * 100 >= allowed * 99,
                "{most} of {per_hour}: {bucket:?}"
            );
        }
    }

    #[test]
    fn a_bucket_fills_steadily_and_never_runs_over() {
        let bucket = Bucket {
            burst: 20,
            per_hour: 3600,
        };
        let cases = [
            (0, 0, 0),
            (0, 999, 999),
            (0, 3_000, 3_000),
            (19_500, 3_000, 20_000),
            (0, i64::MAX, 20_000),
            // The clock was set back.
            (7_000, -5_000, 7_000),
        ];
        for (level, ms, expected) in cases {
            assert_eq!(bucket.level_after(level, ms), expected, "{level} {ms}");
        }
        let all = Bucket {
            burst: 20,
            per_hour: u32::MAX,
        };
        assert_eq!(all.level_after(0, i64::MAX), 20_000);
        assert_eq!(bucket.time_for(5_000), Duration::from_millis(5_001));
    }
}
