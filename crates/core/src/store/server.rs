//! Waiting for a database server that was restarted, is not reached, or has handed over to another.
//!
//! An SQLite file is never waited for here: what is wrong with it stays wrong.

use std::{
    fmt, io,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::{
    Result, StoreError,
    away::{Ended, GaveUp, Saved},
};
use crate::{
    flickr::{Wait, counted},
    text::duration,
};

/// The longest that one statement, or one photo's few, may take: after that the connection counts as lost.
pub(super) const ANSWER: Duration = Duration::from_secs(60);

/// The first wait; each is twice the last, up to eight times this.
const FIRST_WAIT: Duration = Duration::from_millis(500);

/// A connection that is not there after this long is worth a word.
const SIGN: Duration = Duration::from_secs(2);

/// The store's server as the parts of a run see it. Clones are the same one.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    store: String,
    pub(super) first_wait: Duration,
    answer: Duration,
    longest: Duration,
    stop: CancellationToken,
    /// Since the first statement that found no server.
    away: Arc<Mutex<Option<Instant>>>,
    health: Arc<Health>,
}

/// What is known of a server by all who have to do with it.
#[derive(Debug, Default)]
pub(super) struct Health {
    is_away: AtomicBool,
    /// When a connection was lost last: those from before may be lost, too.
    lost: Mutex<Option<Instant>>,
}

/// A connection that was not used for so long may have broken meanwhile.
const QUIET: Duration = Duration::from_secs(10);

impl Health {
    /// Whether the server is away, and waited for.
    pub(super) fn is_away(&self) -> bool {
        self.is_away.load(Ordering::Relaxed)
    }

    /// That a connection was lost.
    pub(super) fn lose(&self) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection is to be relied on that was made so long ago, and not used for so long.
    pub(super) fn may_live(&self, age: Duration, idle: Duration) -> bool {
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner);
        let is_doubtful = |lost: Instant| lost.elapsed() < QUIET && age >= lost.elapsed();
        idle < QUIET && !lost.is_some_and(is_doubtful)
    }
}

impl Server {
    /// That of the `store`. `longest` is how long it is waited for, `stop` ends the waiting.
    pub(super) fn new(
        store: &str,
        longest: Duration,
        stop: CancellationToken,
        health: Arc<Health>,
    ) -> Self {
        Self {
            store: store.to_owned(),
            first_wait: FIRST_WAIT,
            answer: ANSWER,
            longest,
            stop,
            away: Arc::default(),
            health,
        }
    }

    /// Does something with the store, again and again while its server is away. Whether what was lost on the way was
    /// done is not known: `act` is done twice without harm.
    ///
    /// # Errors
    /// Those of the store that do not pass, or that have not passed for too long; [`StoreError::Away`] where the wait was
    /// ended.
    pub(crate) async fn while_away<T, Act>(&self, act: impl Fn() -> Act) -> Result<T>
    where
        Act: Future<Output = Result<T>>,
    {
        let is_lost = AtomicBool::new(false);
        self.repeated(|| async {
            let act = timeout(self.answer, act());
            tokio::pin!(act);
            // Where a connection was lost and there is no other soon, it is the server that is away.
            let soon = timeout(SIGN, &mut act);
            let done = match is_lost.swap(true, Ordering::Relaxed) {
                true => match soon.await {
                    Ok(done) => done,
                    Err(_) => {
                        self.say(SIGN, &no_connection());
                        act.await
                    }
                },
                false => act.await,
            };
            match done {
                Ok(done) => done,
                Err(_) => Err(StoreError::of(
                    self.no_answer(),
                    &self.store,
                    "reach the server",
                )),
            }
        })
        .await
    }

    /// The same of what may take as long as it takes.
    pub(super) async fn repeated<T, Act>(&self, act: impl Fn() -> Act) -> Result<T>
    where
        Act: Future<Output = Result<T>>,
    {
        self.repeated_after(StoreError::is_servers, act).await
    }

    /// The same after errors that pass, as `passes` says.
    pub(super) async fn repeated_after<T, Act>(
        &self,
        passes: impl Fn(&StoreError) -> bool,
        act: impl Fn() -> Act,
    ) -> Result<T>
    where
        Act: Future<Output = Result<T>>,
    {
        let mut waiting = self.waiting();
        loop {
            let error = match act().await {
                Ok(done) => {
                    self.is_back();
                    return Ok(done);
                }
                Err(error) if passes(&error) => error,
                Err(error) => return Err(error),
            };
            if let Err(gave_up) = waiting.after(&error).await {
                return Err(error.given_up(gave_up, Saved::Nothing));
            }
        }
    }

    /// What one caller goes through until the server is back.
    pub(super) fn waiting(&self) -> Waiting<'_> {
        Waiting {
            server: self,
            since: None,
            wait: self.first_wait,
        }
    }

    /// Waits for a connection, and says so where it takes long. Where `is_full`, it is this program's own statements that
    /// it waits for.
    ///
    /// # Errors
    /// Those of `reach`, that it took too long, and a [`GaveUp`] where it is to end meanwhile.
    pub(super) async fn reached<T>(
        &self,
        reach: impl Future<Output = sqlx::Result<T>>,
        is_full: impl Fn() -> bool,
    ) -> sqlx::Result<T> {
        tokio::pin!(reach);
        if let Ok(reached) = timeout(SIGN, &mut reach).await {
            return reached;
        }
        if !is_full() {
            self.say(SIGN, &no_connection());
        }
        let left = self.longest.saturating_sub(self.away_for());
        tokio::select! {
            reached = timeout(left.min(self.answer), &mut reach) => match reached {
                Ok(reached) => reached,
                Err(_) => Err(timed_out(no_connection())),
            },
            () = self.stop.cancelled() => {
                Err(Ended::error(GaveUp::Stopped, no_connection()))
            }
        }
    }

    pub(super) fn no_answer(&self) -> sqlx::Error {
        let waited = format!("no answer in {}", duration(self.answer));
        timed_out(waited)
    }

    /// Once whoever waits for it is to stop.
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Says once that it is away, since how long, and why.
    fn say(&self, since: Duration, why: &dyn fmt::Display) {
        let mut away = self.lock();
        if away.is_none() {
            let now = Instant::now();
            *away = Some(now.checked_sub(since).unwrap_or(now));
            self.health.is_away.store(true, Ordering::Relaxed);
            tracing::warn!(
                "the database server is away: waiting for it, {} at most ({why})",
                duration(self.longest)
            );
        }
    }

    /// For how long it has been away.
    fn away_for(&self) -> Duration {
        self.lock().map_or(Duration::ZERO, |since| since.elapsed())
    }

    pub(super) fn is_back(&self) {
        if !self.health.is_away() {
            return;
        }
        if let Some(since) = self.lock().take() {
            self.health.is_away.store(false, Ordering::Relaxed);
            let lasted = duration(since.elapsed());
            tracing::warn!("the database server is back after {lasted}: going on");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        self.away.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn timed_out(waited: String) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, waited))
}

/// Why it is said to be away before there is an error.
fn no_connection() -> String {
    format!("no connection in {}", duration(SIGN))
}

/// One caller's wait: further apart each time.
pub(super) struct Waiting<'s> {
    server: &'s Server,
    /// Its own: others may have reached the server meanwhile, and this one has not.
    since: Option<Instant>,
    wait: Duration,
}

impl Waiting<'_> {
    /// Waits a little after this error.
    ///
    /// # Errors
    /// Where it was waited for long enough, or is to end.
    pub(super) async fn after(&mut self, error: &(dyn fmt::Display + Sync)) -> Result<(), GaveUp> {
        let server = self.server;
        server.health.lose();
        let Some(since) = self.since else {
            // A connection was lost, perhaps long ago: the next one is another.
            self.since = Some(Instant::now());
            return Ok(());
        };
        server.say(since.elapsed(), error);
        // Where it was away for too long before, it is not waited for again.
        if since.elapsed().max(server.away_for()) >= server.longest {
            return Err(GaveUp::After(server.longest));
        }
        tokio::select! {
            () = counted(Wait::Outage, tokio::time::sleep(self.wait)) => {}
            () = server.stopped() => return Err(GaveUp::Stopped),
        }
        self.wait = (self.wait * 2).min(server.first_wait * 8);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    const URL: &str = "postgres://host/faces";
    const MS: Duration = Duration::from_millis(1);

    fn server(longest: Duration) -> Server {
        Server {
            first_wait: MS,
            answer: 20 * MS,
            ..Server::new(URL, longest, CancellationToken::new(), Arc::default())
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
    async fn tried(store: &str, longest: Duration, tries: u32) -> (u32, Result<()>) {
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
        let never = std::future::pending::<Result<()>>;
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
        assert!(error.is_stop(), "{error}");
        assert_eq!(
            error.to_string(),
            "postgres://host/faces: cannot claim photos: the database server is away \
             (error communicating with database: connection refused), and the wait for it was ended"
        );
    }
}
