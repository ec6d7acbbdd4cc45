//! Waiting for a Flickr that takes no calls: further apart each time, said each time, and not for ever.
//!
//! Not its job: a call's own few tries (`retry`). What ends here has used them up.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{
    client::Client,
    error::{Concerns, Error, Result},
    methods::Flickr,
    waits::{Wait, counted},
};
use crate::text::duration;

/// The first wait; each is twice the last, up to twenty times this.
const FIRST_WAIT: Duration = Duration::from_secs(30);

/// An outage, from its first failure on. Clones are the same one: whoever meets it waits with the others.
#[derive(Debug, Clone)]
pub struct Outage {
    client: Arc<Client>,
    what: &'static str,
    first_wait: Duration,
    state: Arc<Mutex<State>>,
    over: Arc<Notify>,
}

#[derive(Debug, Default)]
struct State {
    since: Option<Instant>,
    waits: u32,
    /// The end of the wait that is under way.
    until: Option<Instant>,
}

impl Outage {
    /// None so far. `what` is what Flickr does not do while one lasts, as in "Flickr does not answer".
    pub fn new(client: &Arc<Client>, what: &'static str) -> Self {
        Self::with_first_wait(client, what, FIRST_WAIT)
    }

    /// The same with another first wait.
    pub(crate) fn with_first_wait(
        client: &Arc<Client>,
        what: &'static str,
        first_wait: Duration,
    ) -> Self {
        Self {
            client: Arc::clone(client),
            what,
            first_wait,
            state: Arc::default(),
            over: Arc::default(),
        }
    }

    /// Makes a call that concerns no single photo, again and again while Flickr is out.
    ///
    /// # Errors
    /// The call's, where waiting does not help; [`Error::Outage`] where it was waited for long enough, and
    /// [`Error::Stopped`].
    pub async fn while_out<T, Call>(&self, call: impl Fn() -> Call) -> Result<T>
    where
        Call: Future<Output = Result<T>>,
    {
        loop {
            if let Some(answer) = self.passed(call().await).await? {
                return Ok(answer);
            }
        }
    }

    /// What a call that concerns no single photo brought; `None` once it has been waited for: to be made
    /// again.
    ///
    /// # Errors
    /// As [`Outage::while_out`].
    pub(crate) async fn passed<T>(&self, answer: Result<T>) -> Result<Option<T>> {
        match answer {
            Ok(answer) => {
                self.is_over();
                Ok(Some(answer))
            }
            Err(error) => match error.concerns() {
                Concerns::PhotoOrFlickr => {
                    self.wait(&error.to_string()).await?;
                    Ok(None)
                }
                // It says itself how long is to be waited.
                Concerns::Flickr => match self.wait(&error.to_string()).await {
                    Err(Error::Outage { .. }) => Err(error),
                    waited => waited.map(|()| None),
                },
                Concerns::Photo | Concerns::Run => Err(error),
            },
        }
    }

    /// Makes a call about one photo. Where there is no answer, Flickr is asked something that no photo has
    /// a part in: if it answers that, it is the photo, and the error comes back at once; if not, it is an
    /// outage, and is waited for.
    ///
    /// # Errors
    /// The call's; those of [`Outage::wait`].
    pub(crate) async fn while_out_of_photo<T, Call>(
        &self,
        flickr: &Flickr,
        call: impl Fn() -> Call,
    ) -> Result<T>
    where
        Call: Future<Output = Result<T>>,
    {
        loop {
            let answer = call().await;
            let is_photos = match &answer {
                Ok(_) => false,
                Err(error) => {
                    error.concerns() == Concerns::PhotoOrFlickr && flickr.answers().await?
                }
            };
            if is_photos {
                return answer;
            }
            if let Some(answer) = self.passed(answer).await? {
                return Ok(answer);
            }
        }
    }

    /// A call failed, which may be the beginning.
    pub(crate) fn began(&self) {
        self.lock().since.get_or_insert_with(Instant::now);
    }

    /// A call went well.
    pub(crate) fn is_over(&self) {
        let mut state = self.lock();
        if let Some(since) = state.since.take().filter(|_| state.waits > 0) {
            let lasted = duration(since.elapsed());
            tracing::warn!("Flickr is back after {lasted}: going on");
        }
        *state = State::default();
        drop(state);
        self.over.notify_waiters();
    }

    /// Waits before the next call, and says so.
    ///
    /// # Errors
    /// [`Error::Stopped`] where the person stops the run, [`Error::Outage`] where it has been waited for
    /// long enough.
    pub(crate) async fn wait(&self, why: &str) -> Result<()> {
        // Before the look at the state: what ends meanwhile is not missed.
        let over = self.over.notified();
        let until = self.next_try(why)?;
        let waiting = async {
            tokio::select! {
                () = tokio::time::sleep_until(until) => Ok(()),
                () = over => Ok(()),
                () = self.client.settings().stop.cancelled() => Err(Error::Stopped {
                    method: "the next call".to_owned(),
                }),
            }
        };
        counted(Wait::Outage, waiting).await
    }

    /// When the next call may go: when those go that wait already, or after a wait that begins now.
    fn next_try(&self, why: &str) -> Result<Instant> {
        let longest = self.client.settings().longest_wait;
        let mut state = self.lock();
        let now = Instant::now();
        if let Some(until) = state.until.filter(|until| *until > now) {
            return Ok(until);
        }
        let mut since = *state.since.get_or_insert(now);
        if let Some(throttled) = self.client.throttled_since() {
            since = since.min(throttled);
        }
        let waited = now - since;
        let left = longest.saturating_sub(waited);
        let pause = self.client.pause_left();
        if left.is_zero() || pause > left {
            return Err(Error::Outage {
                what: self.what,
                waited,
                why: why.to_owned(),
            });
        }
        let backoff = self.first_wait * (1 << state.waits.min(8)).min(20);
        let wait = backoff.max(pause).min(left);
        state.waits += 1;
        state.until = Some(now + wait);
        tracing::warn!(
            "Flickr {}, for {} now: next try in {}, giving up after {} ({why})",
            self.what,
            duration(waited),
            duration(wait),
            duration(longest),
        );
        Ok(now + wait)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flickr {
    /// Whether Flickr answers a call that no photo plays a part in.
    ///
    /// # Errors
    /// What concerns the whole run: a sign-in that is no longer accepted, a stop.
    pub(crate) async fn answers(&self) -> Result<bool> {
        match self.auth_oauth_check_token().await {
            Ok(_) => Ok(true),
            Err(error) => match error.concerns() {
                Concerns::PhotoOrFlickr | Concerns::Flickr => Ok(false),
                Concerns::Photo | Concerns::Run => Err(error),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::flickr::{ApiKey, ClientConfig, Endpoints, wire_tests::token};

    const MS: Duration = Duration::from_millis(1);

    /// The client to a Flickr that is not there.
    fn client(longest_wait: Duration) -> Arc<Client> {
        let url = "http://127.0.0.1:9".parse().unwrap();
        let settings = ClientConfig {
            tries: std::num::NonZeroU32::MIN,
            longest_wait,
            ..ClientConfig::default()
        };
        let endpoints = Endpoints::local(&url).unwrap();
        Arc::new(Client::new(endpoints, ApiKey::new("key", "secret"), settings).unwrap())
    }

    fn down() -> Error {
        Error::Unavailable {
            method: "m".to_owned(),
            tries: 1,
            why: "HTTP status 502".to_owned(),
        }
    }

    fn refused(code: i64) -> Error {
        let (method, message) = ("m".to_owned(), "no".to_owned());
        Error::Api {
            method,
            code,
            message,
        }
    }

    #[tokio::test]
    async fn a_call_is_made_until_flickr_is_back() {
        let outage = Outage::with_first_wait(&client(60_000 * MS), "does not answer", 10 * MS);
        let calls = AtomicU32::new(0);
        let begun = Instant::now();
        let answer = outage.while_out(|| async {
            match calls.fetch_add(1, Ordering::Relaxed) {
                0..4 => Err(down()),
                call => Ok(call),
            }
        });
        assert_eq!(answer.await.unwrap(), 4);
        // 10 + 20 + 40 + 80 ms.
        assert!(begun.elapsed() >= 150 * MS, "{:?}", begun.elapsed());
        // The next outage begins anew.
        let begun = Instant::now();
        assert!(outage.passed::<()>(Err(down())).await.unwrap().is_none());
        assert!(begun.elapsed() < 5_000 * MS);
        assert_eq!(outage.lock().waits, 1);
    }

    #[tokio::test]
    async fn what_waiting_does_not_help_is_not_waited_for() {
        let outage = Outage::new(&client(60_000 * MS), "does not answer");
        for code in [1, 112] {
            let answer = outage
                .while_out(|| async { Err::<(), _>(refused(code)) })
                .await;
            assert!(matches!(answer, Err(Error::Api { .. })), "{answer:?}");
        }
        let outage = Outage::with_first_wait(&client(50 * MS), "does not answer", 10 * MS);
        let answer = outage.while_out(|| async { Err::<(), _>(down()) }).await;
        let error = answer.unwrap_err().to_string();
        let expected = "Flickr does not answer: given up after 0 s (Flickr did not answer m (1 tries): HTTP status 502)";
        assert_eq!(error, expected);
    }

    #[tokio::test]
    async fn all_who_meet_an_outage_wait_together() {
        let outage = Outage::with_first_wait(&client(60_000 * MS), "does not answer", 1_000 * MS);
        let others = outage.clone();
        let begun = Instant::now();
        let (a, b) = tokio::join!(outage.wait("HTTP status 502"), others.wait("the same"));
        assert!(a.is_ok() && b.is_ok());
        // Not one after the other, nor the second for twice as long.
        assert_eq!(outage.lock().waits, 1);
        assert!(begun.elapsed() < 2_000 * MS, "{:?}", begun.elapsed());
        // Where one gets an answer, the others need not wait on.
        let outage = Outage::with_first_wait(&client(60_000 * MS), "does not answer", 30_000 * MS);
        let others = outage.clone();
        let begun = Instant::now();
        let back = async {
            tokio::time::sleep(20 * MS).await;
            outage.is_over();
        };
        let (waited, ()) = tokio::join!(others.wait("HTTP status 502"), back);
        assert!(waited.is_ok() && begun.elapsed() < 20_000 * MS);
    }

    #[tokio::test]
    async fn no_answer_about_a_photo_is_an_outage_where_flickr_answers_nothing_else() {
        let client = client(100 * MS);
        let outage = Outage::with_first_wait(&client, "does not answer", 10 * MS);
        let flickr = Flickr::new(client, token());
        let answer = outage.while_out_of_photo(&flickr, || async { Err::<(), _>(down()) });
        assert!(matches!(answer.await, Err(Error::Outage { .. })));
        let answer = outage.while_out_of_photo(&flickr, || async { Err::<(), _>(refused(1)) });
        assert!(matches!(answer.await, Err(Error::Api { code: 1, .. })));
    }
}
