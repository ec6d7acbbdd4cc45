//! The one client: every call to Flickr's API and OAuth endpoints passes here and is signed, paced,
//! counted, limited in time and size, and tried again where that does no harm (`retry.rs`).
//!
//! Not its job: what the methods are called and what their replies mean ([`super::methods`]), and
//! images ([`super::images`]), which have another host and budget.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use oauth1_request::{Builder, Credentials, HMAC_SHA1, HmacSha1, ParameterList};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, DATE, HeaderValue, RETRY_AFTER};
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::budget::Budget;
use super::endpoints::Endpoints;
use super::error::{Error, Result, clock};
use super::fault::{Fault, Reply, RetryWhen};
use super::http::{self, header};
use super::keys::{AccessToken, ApiKey};
use super::rate_limiter::{RateLimiter, retry_after};
use super::retry::{Effect, Retries};

/// How the client paces and repeats. The default is Flickr's own limit: 3,600 calls an hour.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Calls in any hour, tries counted.
    pub calls_per_hour: NonZeroU32,
    /// Calls that may go at once after a rest; they count within the hour.
    pub burst: NonZeroU32,
    /// Where other programs with the same API key take their calls from too; by default each client has the
    /// hour to itself.
    pub budget: Option<Arc<dyn Budget>>,
    /// From a call's start to its last byte.
    pub call_timeout: Duration,
    /// Tries of one call, the first included.
    pub tries: NonZeroU32,
    /// Wait before the second try; doubles, with jitter, up to a minute.
    pub first_wait: Duration,
    /// Pause of all calls after an HTTP 429 without Retry-After; doubles while it goes on, up to ten times
    /// this.
    pub throttle_pause: Duration,
    /// How long Flickr is waited for: a longer pause is reported at once, an outage or pauses that go on for
    /// longer end the run.
    pub longest_wait: Duration,
    /// How long after a write a reply may not show it yet: another server has not heard of it.
    pub lag: Duration,
    /// Bytes of the longest reply that is read, unpacked.
    pub reply_limit: usize,
    /// Gives up every call, whether it waits or is under way, with [`Error::Stopped`].
    pub stop: CancellationToken,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            calls_per_hour: NonZeroU32::new(3600).unwrap_or(NonZeroU32::MIN),
            burst: NonZeroU32::new(20).unwrap_or(NonZeroU32::MIN),
            budget: None,
            call_timeout: Duration::from_secs(30),
            tries: NonZeroU32::new(5).unwrap_or(NonZeroU32::MIN),
            first_wait: Duration::from_secs(1),
            throttle_pause: Duration::from_secs(60),
            longest_wait: Duration::from_secs(60 * 60),
            lag: Duration::from_secs(10),
            reply_limit: 16 << 20,
            stop: CancellationToken::new(),
        }
    }
}

/// The client to one Flickr with one API key. Calls may go through it from many tasks.
#[derive(Debug)]
pub struct Client {
    http: reqwest::Client,
    endpoints: Endpoints,
    key: ApiKey,
    settings: ClientConfig,
    retries: Retries,
    calls: AtomicU64,
    /// Seconds that this machine's clock is ahead of Flickr's, as far as Flickr has refused its time.
    ahead: AtomicI64,
}

/// One signed call.
pub(crate) struct Call<'a> {
    /// Name in errors and logs: the API method or OAuth step.
    pub method: &'a str,
    pub url: &'a Url,
    pub effect: Effect,
    pub params: Vec<(&'a str, &'a str)>,
    /// Access token, or request token in the sign-in's third step.
    pub token: Option<Credentials<&'a str>>,
    pub callback: Option<&'a str>,
    pub verifier: Option<&'a str>,
}

impl Client {
    /// A client that sends nothing yet.
    ///
    /// # Errors
    /// [`Error::NoClient`] where the system has no CA certificates.
    pub fn new(endpoints: Endpoints, key: ApiKey, settings: ClientConfig) -> Result<Self> {
        let http = http::client(&endpoints, |builder| {
            builder
                .connect_timeout(http::CONNECT_TIMEOUT)
                .timeout(settings.call_timeout)
                .gzip(true)
        })?;
        let retries = Retries {
            tries: settings.tries.get(),
            first_wait: settings.first_wait,
            limiter: RateLimiter::per_hour(
                settings.calls_per_hour,
                settings.burst,
                settings.throttle_pause,
                settings.longest_wait,
            )
            .shared(settings.budget.clone(), || key.fingerprint()),
        };
        Ok(Self {
            http,
            endpoints,
            key,
            settings,
            retries,
            calls: AtomicU64::new(0),
            ahead: AtomicI64::new(0),
        })
    }

    /// Calls sent so far, every try counted: what the hour's budget is spent on.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// How it paces and repeats.
    pub fn settings(&self) -> &ClientConfig {
        &self.settings
    }

    /// How long all calls still pause after an HTTP 429; zero where they do not.
    pub(crate) fn pause_left(&self) -> Duration {
        self.retries.limiter.pause_left()
    }

    /// Since when Flickr has asked to slow down, with no success in between.
    pub(crate) fn throttled_since(&self) -> Option<tokio::time::Instant> {
        self.retries.limiter.since()
    }

    /// The time that `calls` calls take at the rate of this client; after a rest a few go at once.
    pub fn least_time(&self, calls: u64) -> Duration {
        let hour = Duration::from_secs(3600);
        let one = hour / self.settings.calls_per_hour.get();
        one.saturating_mul(u32::try_from(calls).unwrap_or(u32::MAX))
    }

    /// Where this client leads.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// The API key calls are signed with.
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Calls an API method and returns the JSON of its success.
    pub(crate) async fn rest(
        &self,
        method: &str,
        effect: Effect,
        params: &[(&str, &str)],
        token: &AccessToken,
    ) -> Result<Value> {
        let mut params = params.to_vec();
        params.extend([
            ("method", method),
            ("format", "json"),
            ("nojsoncallback", "1"),
        ]);
        let call = Call {
            method,
            url: self.endpoints.rest(),
            effect,
            params,
            token: Some(token.credentials()),
            callback: None,
            verifier: None,
        };
        self.send(&call, |reply| reply.json()).await
    }

    /// Sends `call`, as often as is allowed, until `read` makes something of the reply.
    pub(crate) async fn send<T>(
        &self,
        call: &Call<'_>,
        read: impl Fn(&Reply<'_>) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        let answer = self
            .retries
            .run(call.method, call.effect, || self.once(call, &read));
        tokio::select! {
            answer = answer => answer,
            () = self.settings.stop.cancelled() => Err(Error::Stopped {
                method: call.method.to_owned(),
            }),
        }
    }

    /// One try: signs afresh, sends, reads.
    async fn once<T>(
        &self,
        call: &Call<'_>,
        read: impl Fn(&Reply<'_>) -> std::result::Result<T, Fault>,
    ) -> std::result::Result<T, Fault> {
        let request = self.request(call)?;
        self.calls.fetch_add(1, Ordering::Relaxed);
        let started = tokio::time::Instant::now();
        let mut response = request
            .send()
            .await
            .map_err(|error| lost(call.method, error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| lost(call.method, error))?
        {
            if body.len() + chunk.len() > self.settings.reply_limit {
                return Err(Fault::never(Error::UnexpectedReply {
                    method: call.method.to_owned(),
                    expected: format!("at most {} bytes", self.settings.reply_limit),
                    excerpt: "a longer reply".to_owned(),
                }));
            }
            body.extend_from_slice(&chunk);
        }
        let headers = response.headers();
        let reply = Reply {
            method: call.method,
            status: response.status(),
            retry_after: header(headers, RETRY_AFTER)
                .and_then(|v| retry_after(v, SystemTime::now())),
            date: header(headers, DATE).and_then(|v| httpdate::parse_http_date(v).ok()),
            body: &body,
            secrets: &self.secrets(call),
        };
        let status = reply.status.as_u16();
        tracing::debug!(
            method = call.method,
            status,
            bytes = body.len(),
            ms = started.elapsed().as_millis(),
            "called"
        );
        let answer = reply.check_status().and_then(|()| read(&reply));
        if let Err(Fault {
            error: Error::Clock {
                ahead: Some(ahead), ..
            },
            ..
        }) = &answer
            && self.ahead.swap(*ahead, Ordering::Relaxed) != *ahead
        {
            let clock = clock(Some(*ahead));
            tracing::warn!("this machine's clock is {clock}: calls are signed with Flickr's time");
        }
        answer
    }

    fn request(&self, call: &Call<'_>) -> std::result::Result<reqwest::RequestBuilder, Fault> {
        let params = ParameterList::new(call.params.clone());
        let verb = match call.effect {
            Effect::Read => "GET",
            Effect::Write => "POST",
        };
        // In the header, so that neither key nor token is ever part of a URL.
        let mut signer = signer(self.key.credentials(), call);
        let ahead = self.ahead.load(Ordering::Relaxed);
        if ahead != 0 {
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            let now = now.unwrap_or_default().as_secs();
            signer.timestamp(NonZeroU64::new(now.saturating_add_signed(-ahead)));
        }
        let signed = signer.authorize(verb, call.url, &params);
        let mut signed = HeaderValue::try_from(signed).map_err(|_| {
            Fault::never(Error::BadArgument {
                what: "signature",
                found: "a character that no header can hold".to_owned(),
                expected: "plain text",
            })
        })?;
        signed.set_sensitive(true);
        let request = match call.effect {
            Effect::Read => {
                let mut url = call.url.clone();
                let query = oauth1_request::to_form(&params);
                url.set_query((!query.is_empty()).then_some(query.as_str()));
                self.http.get(url)
            }
            Effect::Write => self
                .http
                .post(call.url.clone())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(oauth1_request::to_form(&params)),
        };
        Ok(request.header(AUTHORIZATION, signed))
    }

    fn secrets<'a>(&'a self, call: &Call<'a>) -> Vec<&'a str> {
        let key = self.key.credentials();
        let mut secrets = vec![key.identifier, key.secret];
        secrets.extend(
            call.token
                .iter()
                .flat_map(|token| [token.identifier, token.secret]),
        );
        secrets.extend(call.verifier);
        secrets
    }
}

/// What signs `call`: HMAC-SHA1, the one method Flickr supports; nonce and time are new at
/// every use.
fn signer<'a>(key: Credentials<&'a str>, call: &Call<'a>) -> Builder<'a, HmacSha1, &'a str> {
    let mut builder = Builder::new(key, HMAC_SHA1);
    builder
        .token(call.token)
        .callback(call.callback)
        .verifier(call.verifier)
        .version(true);
    builder
}

/// A request that brought no whole reply. Without a connection nothing was processed.
fn lost(method: &str, error: reqwest::Error) -> Fault {
    if let Some(why) = http::lacks(&error) {
        let method = method.to_owned();
        return Fault::never(Error::NoConnection { method, why });
    }
    let not_sent = error.is_connect() || error.is_builder();
    let mut fault = Fault::later(method, http::describe(error));
    if not_sent {
        fault.retry = RetryWhen::NotProcessed;
    }
    fault
}

#[cfg(test)]
mod tests;
