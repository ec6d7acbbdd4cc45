//! How long a task has waited at Flickr's word, apart from the time that its work took.
//!
//! Who wants to know runs the work in [`measured`]; those who wait say so by [`counted`], wherever they are called from.

use std::{cell::Cell, time::Duration};

use tokio::time::Instant;

/// What a task waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Its turn within the hour's calls.
    Turn,
    /// The end of a pause that Flickr asked for (HTTP 429).
    Pause,
    /// What does not answer, and the next try.
    Outage,
}

/// The times, one after the other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Waited {
    pub turn: Duration,
    pub pause: Duration,
    pub outage: Duration,
}

impl Waited {
    pub(crate) fn total(self) -> Duration {
        self.turn + self.pause + self.outage
    }

    fn add(&mut self, wait: Wait, time: Duration) {
        *match wait {
            Wait::Turn => &mut self.turn,
            Wait::Pause => &mut self.pause,
            Wait::Outage => &mut self.outage,
        } += time;
    }
}

tokio::task_local! {
    static WAITED: Cell<Waited>;
}

fn so_far() -> Waited {
    WAITED.try_with(Cell::get).unwrap_or_default()
}

/// Does something, and says how long of that time was waiting.
pub(crate) async fn measured<T>(work: impl Future<Output = T>) -> (T, Waited) {
    let work = async {
        let done = work.await;
        (done, so_far())
    };
    WAITED.scope(Cell::default(), work).await
}

/// Waits. What is counted within it counts once, as what it is there.
pub(crate) async fn counted<T>(wait: Wait, waiting: impl Future<Output = T>) -> T {
    let (begun, before) = (Instant::now(), so_far());
    let done = waiting.await;
    let mut waited = so_far();
    let within = waited.total().saturating_sub(before.total());
    waited.add(wait, begun.elapsed().saturating_sub(within));
    WAITED.try_with(|all| all.set(waited)).ok();
    done
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const S: Duration = Duration::from_millis(10);

    #[tokio::test]
    async fn what_is_waited_for_counts_once() {
        let work = async {
            sleep(S).await;
            counted(Wait::Turn, sleep(2 * S)).await;
            let outage = async {
                sleep(3 * S).await;
                counted(Wait::Pause, sleep(4 * S)).await;
            };
            counted(Wait::Outage, outage).await;
            counted(Wait::Turn, sleep(5 * S)).await;
        };
        let begun = Instant::now();
        let ((), waited) = measured(work).await;
        let all = begun.elapsed();
        assert!(
            waited.turn >= 7 * S && waited.pause >= 4 * S && waited.outage >= 3 * S,
            "{waited:?}"
        );
        assert!(waited.total() <= all - S, "{waited:?} of {all:?}");
        // Where nobody asks it is nothing but a wait.
        counted(Wait::Turn, sleep(S)).await;
    }
}
