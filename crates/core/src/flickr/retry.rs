//! Paces a request and tries it again where that does no harm.
//!
//! What may be read is tried again after anything that may pass. A write is tried again only if it
//! surely was not processed (no connection, HTTP 429); otherwise the caller is told
//! [`Error::AnswerLost`] and looks. A refusal is never tried again.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};

use super::error::{Error, Result};
use super::fault::{Fault, RetryWhen};
use super::rate_limiter::RateLimiter;
use super::waits::{Wait, counted};

/// Whether a request changes something at Flickr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It may be repeated.
    Read,
    /// It must not be done twice.
    Write,
}

/// How requests to one host are paced and repeated.
#[derive(Debug)]
pub(crate) struct Retries {
    /// Tries of one request, the first included.
    pub tries: u32,
    /// Wait before the second try; doubles, with jitter, up to a minute.
    pub first_wait: Duration,
    /// What all requests to this host share.
    pub limiter: RateLimiter,
}

impl Retries {
    /// Calls `once`, as often as is allowed, until it succeeds. `method` names the request in errors
    /// and logs.
    pub(super) async fn run<T, Try>(
        &self,
        method: &str,
        effect: Effect,
        once: impl Fn() -> Try,
    ) -> Result<T>
    where
        Try: Future<Output = std::result::Result<T, Fault>>,
    {
        let (tries, repeated) = (AtomicU32::new(0), AtomicBool::new(false));
        let told = AtomicBool::new(false);
        let backoff = ExponentialBuilder::new()
            .with_min_delay(self.first_wait)
            .with_max_delay(Duration::from_secs(60))
            .with_max_times(self.tries.saturating_sub(1) as usize)
            .with_jitter();
        let paced = || async {
            loop {
                self.limiter.ready().await.map_err(|wait| {
                    Fault::never(Error::Throttled {
                        method: method.to_owned(),
                        wait,
                    })
                })?;
                tries.fetch_add(1, Ordering::Relaxed);
                let result = once().await;
                match &result {
                    Ok(_) => self.limiter.record_success(),
                    Err(Fault {
                        retry: RetryWhen::AfterPause(asked),
                        ..
                    }) => {
                        let pause = self.limiter.throttled(*asked);
                        // Not a try that failed, where the pauses together have their own limit.
                        if self.limiter.waits_out() && !pause.is_zero() {
                            continue;
                        }
                    }
                    Err(_) => {}
                }
                return result;
            }
        };
        let result = paced
            .retry(backoff)
            .sleep(|wait| counted(Wait::Outage, tokio::time::sleep(wait)))
            .when(|fault: &Fault| match fault.retry {
                RetryWhen::Never => false,
                RetryWhen::Once => !repeated.swap(true, Ordering::Relaxed),
                RetryWhen::Later => effect == Effect::Read,
                RetryWhen::NotProcessed | RetryWhen::AfterPause(_) => true,
            })
            // After a 429 the pause that holds all requests is the wait, if it is one.
            .adjust(|fault, wait| match fault.retry {
                RetryWhen::AfterPause(asked) if asked != Some(Duration::ZERO) => {
                    wait.map(|_| Duration::ZERO)
                }
                _ => wait,
            })
            .notify(|fault, _| match &fault.error {
                // Nobody would guess it from a program that seems to wait: told once for each call.
                error @ Error::UnexpectedReply { .. } if !told.swap(true, Ordering::Relaxed) => {
                    tracing::warn!("{error}; asking again");
                }
                error => tracing::debug!(method, %error, "trying again"),
            })
            .await;
        result.map_err(|fault| {
            let method = method.to_owned();
            match (fault.retry, fault.error) {
                (RetryWhen::AfterPause(_), _) => Error::Throttled {
                    method,
                    wait: self.limiter.pause_left(),
                },
                (RetryWhen::Later, error) if effect == Effect::Write => Error::AnswerLost {
                    method,
                    why: why_lost(error),
                },
                (_, Error::Unavailable { why, .. }) => Error::Unavailable {
                    method,
                    tries: tries.into_inner(),
                    why,
                },
                (_, error) => error,
            }
        })
    }
}

fn why_lost(error: Error) -> String {
    match error {
        Error::Unavailable { why, .. } => why,
        Error::UnexpectedReply {
            expected, excerpt, ..
        } => format!("expected {expected}, found: {excerpt}"),
        other => other.to_string(),
    }
}
