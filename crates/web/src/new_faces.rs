//! Faces that `download` brought since the page was started.

use std::{
    fmt::Display,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How old a number that is shown may be: counting reads all photos and faces, so that no page waits for it.
const FRESH: Duration = Duration::from_secs(60);

/// How many faces the store has that the session does not know.
#[derive(Debug)]
pub(crate) struct NewFaces {
    at_start: u64,
    fresh: Duration,
    counted: Arc<Mutex<Counted>>,
}

#[derive(Debug)]
struct Counted {
    at: Instant,
    faces: u64,
}

impl NewFaces {
    /// Where the store had `at_start` faces a moment ago.
    pub(crate) fn since(at_start: u64) -> Self {
        let counted = Counted {
            at: Instant::now(),
            faces: at_start,
        };
        Self {
            at_start,
            fresh: FRESH,
            counted: Arc::new(Mutex::new(counted)),
        }
    }

    /// How many there were at the last count; where that is a while ago, `count` is begun, for who asks next.
    pub(crate) fn by_now<Count, Error>(&self, count: impl FnOnce() -> Count) -> usize
    where
        Count: Future<Output = Result<u64, Error>> + Send + 'static,
        Error: Display + Send,
    {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.at.elapsed() >= self.fresh {
            counted.at = Instant::now();
            let (count, counted) = (count(), Arc::clone(&self.counted));
            tokio::spawn(async move {
                match count.await {
                    Ok(now) => counted.lock().unwrap_or_else(PoisonError::into_inner).faces = now,
                    Err(error) => tracing::debug!("new faces are not counted: {error}"),
                }
            });
        }
        counted.faces.saturating_sub(self.at_start) as usize
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use super::*;

    #[tokio::test]
    async fn they_are_counted_beside_the_pages_and_not_for_each() {
        let none = || -> std::future::Ready<Result<u64, String>> { panic!("counted already") };
        let new = NewFaces::since(7);
        assert_eq!(new.by_now(none), 0);

        let old = NewFaces {
            fresh: Duration::ZERO,
            ..NewFaces::since(7)
        };
        // Nobody waits for the count: the page after this one has it.
        assert_eq!(old.by_now(|| ready(Ok::<_, String>(12))), 0);
        tokio::task::yield_now().await;
        assert_eq!(old.by_now(|| ready(Err("no store"))), 5);
        tokio::task::yield_now().await;
        assert_eq!(old.by_now(|| ready(Ok::<_, String>(3))), 5);
        tokio::task::yield_now().await;
        // Where photos were deleted, fewer than before.
        assert_eq!(old.by_now(|| ready(Ok::<_, String>(3))), 0);
    }
}
