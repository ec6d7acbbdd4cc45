//! Waiting for a database server that was restarted, is not reached, or has handed over to another.
//!
//! An SQLite file is never waited for here: what is wrong with it stays wrong.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, timeout};

use super::{CancellationToken, StepError};
use crate::{
    flickr::{self, Wait, counted},
    store::StoreError,
    text::duration,
};

/// The longest that one statement, or one photo's few, may take: after that the connection counts as lost.
const ANSWER: Duration = Duration::from_secs(60);

/// The first wait; each is twice the last, up to eight times this.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// The store's server as the parts of a run see it. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Server {
    store: String,
    first_wait: Duration,
    answer: Duration,
    longest: Duration,
    stop: CancellationToken,
    away: Arc<Mutex<Option<Away>>>,
}

/// Since the first statement that found no server.
#[derive(Debug)]
struct Away {
    since: Instant,
    said: bool,
}

impl Server {
    /// That of the `store`. `longest` is how long it is waited for, `stop` ends the waiting.
    pub(super) fn new(store: &str, longest: Duration, stop: CancellationToken) -> Self {
        Self {
            store: store.to_owned(),
            first_wait: FIRST_WAIT,
            answer: ANSWER,
            longest,
            stop,
            away: Arc::default(),
        }
    }

    /// Does something with the store, again and again while its server is away. Whether what was lost on the way was
    /// done is not known: `act` is done twice without harm.
    ///
    /// # Errors
    /// Those of the store that do not pass, or that have not passed for too long; [`flickr::Error::Stopped`]
    /// where the run is to end meanwhile.
    pub(super) async fn while_away<T, Act>(&self, act: impl Fn() -> Act) -> Result<T, StepError>
    where
        Act: Future<Output = Result<T, StoreError>>,
    {
        let mut wait = self.first_wait;
        loop {
            let error = match timeout(self.answer, act()).await {
                Ok(Ok(done)) => {
                    self.is_back();
                    return Ok(done);
                }
                Ok(Err(error)) => error,
                Err(_) => self.no_answer(),
            };
            if !error.is_servers() {
                return Err(error.into());
            }
            if let Some(error) = self.is_away(error) {
                return Err(error);
            }
            tokio::select! {
                () = counted(Wait::Outage, tokio::time::sleep(wait)) => {}
                () = self.stop.cancelled() => {
                    let method = "the database".to_owned();
                    return Err(flickr::Error::Stopped { method }.into());
                }
            }
            wait = (wait * 2).min(self.first_wait * 8);
        }
    }

    fn no_answer(&self) -> StoreError {
        let waited = format!("no answer in {}", duration(self.answer));
        StoreError::Query {
            store: self.store.clone(),
            what: "reach the server",
            source: sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, waited)),
        }
    }

    /// The error where it was waited for long enough.
    fn is_away(&self, error: StoreError) -> Option<StepError> {
        let mut away = self.lock();
        let away = away.get_or_insert_with(|| Away {
            since: Instant::now(),
            said: false,
        });
        if away.since.elapsed() >= self.longest {
            return Some(error.into());
        }
        if !std::mem::replace(&mut away.said, true) {
            tracing::warn!(
                "the database server is away: waiting for it, {} at most ({error})",
                duration(self.longest)
            );
        }
        None
    }

    fn is_back(&self) {
        if let Some(away) = self.lock().take() {
            let lasted = duration(away.since.elapsed());
            tracing::warn!("the database server is back after {lasted}: going on");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Away>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const URL: &str = "postgres://host/faces";
    const MS: Duration = Duration::from_millis(1);

    fn server(longest: Duration) -> Server {
        Server {
            first_wait: MS,
            answer: 20 * MS,
            ..Server::new(URL, longest, CancellationToken::new())
        }
    }

    fn refused(store: &str) -> StoreError {
        StoreError::Query {
            store: store.to_owned(),
            what: "claim photos",
            source: sqlx::Error::Io(io::ErrorKind::ConnectionRefused.into()),
        }
    }

    /// How often it was tried, and what came of it, where `tries` find no server.
    async fn tried(store: &str, longest: Duration, tries: u32) -> (u32, Result<(), StepError>) {
        let done = AtomicU32::new(0);
        let came = server(longest)
            .while_away(|| async {
                match done.fetch_add(1, Ordering::Relaxed) < tries {
                    true => Err(refused(store)),
                    false => Ok(()),
                }
            })
            .await;
        (done.into_inner(), came)
    }

    #[tokio::test]
    async fn a_server_is_waited_for_and_a_file_is_not() {
        let (tries, came) = tried(URL, 60_000 * MS, 5).await;
        assert!(tries == 6 && came.is_ok(), "{came:?}");
        let (tries, came) = tried("faces.sqlite", 60_000 * MS, 5).await;
        assert!(tries == 1 && came.is_err());
        // For as long as is allowed, further apart each time: 1, 2, 4 and then 8 ms.
        let (tries, came) = tried(URL, 60 * MS, u32::MAX).await;
        let error = came.unwrap_err().to_string();
        assert!(error.contains("cannot claim photos"), "{error}");
        assert!((3..=12).contains(&tries), "{tries} tries");
    }

    #[tokio::test]
    async fn a_server_that_says_nothing_counts_as_away() {
        let never = std::future::pending::<Result<(), StoreError>>;
        let error = server(Duration::ZERO).while_away(never).await.unwrap_err();
        assert!(error.to_string().contains("no answer in "), "{error}");
    }

    #[tokio::test]
    async fn a_stop_ends_the_wait() {
        let server = Server {
            first_wait: 60_000 * MS,
            ..server(60_000 * MS)
        };
        server.stop.cancel();
        let wait = server.while_away(|| async { Err::<(), _>(refused(URL)) });
        let error = wait.await.unwrap_err();
        assert!(
            matches!(error, StepError::Flickr(flickr::Error::Stopped { .. })),
            "{error}"
        );
    }
}
