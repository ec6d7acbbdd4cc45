//! How fast it goes, over the last minute.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Long enough to be calm, short enough to follow a change of throughput.
const WINDOW: Duration = Duration::from_secs(60);
/// Below this a rate says nothing.
const LEAST: Duration = Duration::from_secs(2);
/// A sample a second is enough.
const APART: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
struct Sample {
    at: Instant,
    done: u64,
    bytes: u64,
}

/// The last minute's samples.
#[derive(Debug, Default)]
pub(super) struct Throughput {
    samples: VecDeque<Sample>,
    last: Option<Sample>,
}

impl Throughput {
    /// At `at`, this much is done.
    pub(super) fn note(&mut self, at: Instant, done: u64, bytes: u64) {
        let sample = Sample { at, done, bytes };
        self.last = Some(sample);
        if self
            .samples
            .back()
            .is_none_or(|newest| at - newest.at >= APART)
        {
            self.samples.push_back(sample);
        }
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|second| at - second.at > WINDOW)
        {
            self.samples.pop_front();
        }
    }

    fn rate_of(&self, of: impl Fn(&Sample) -> u64) -> Option<f64> {
        let (first, last) = (self.samples.front()?, self.last.as_ref()?);
        let time = last.at - first.at;
        let done = of(last).saturating_sub(of(first));
        (time >= LEAST && done > 0).then(|| done as f64 / time.as_secs_f64())
    }

    pub(super) fn per_second(&self) -> Option<f64> {
        self.rate_of(|sample| sample.done)
    }

    pub(super) fn megabytes_per_second(&self) -> Option<f64> {
        Some(self.rate_of(|sample| sample.bytes)? / 1e6)
    }

    /// The time that `more` will take; `None` where that cannot be told.
    pub(super) fn time_for(&self, more: u64) -> Option<Duration> {
        let seconds = more as f64 / self.per_second()?;
        (more > 0).then(|| Duration::try_from_secs_f64(seconds).ok())?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_throughput_is_that_of_the_last_minute() {
        let start = Instant::now();
        let mut throughput = Throughput::default();
        assert_eq!(throughput.per_second(), None);
        // 100 seconds at 1 a second, then 60 at 3 a second.
        for second in 0..=160_u64 {
            let photos = second.min(100) + 3 * second.saturating_sub(100);
            throughput.note(
                start + Duration::from_secs(second),
                photos,
                photos * 1_000_000,
            );
        }
        let speed = throughput.per_second().unwrap();
        assert!((speed - 3.0).abs() < 0.1, "{speed}");
        assert!((throughput.megabytes_per_second().unwrap() - speed).abs() < 1e-9);
        let left = throughput.time_for(300).unwrap().as_secs();
        assert!((95..=105).contains(&left), "{left}");
        assert_eq!(throughput.time_for(0), None);
    }
}
