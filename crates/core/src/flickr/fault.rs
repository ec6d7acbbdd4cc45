//! What a failed try means: which error it is, and whether it may be tried again. Sends nothing.

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use serde_json::Value;

use super::error::Error;
use crate::text::{is_hidden, one_line};

/// Bytes of a strange reply that an error shows.
const EXCERPT: usize = 300;

/// Whether a try may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetryWhen {
    /// Flickr decided: asking again changes nothing.
    Never,
    /// Worth one more try.
    Once,
    /// May go better later; a write may have been done already.
    Later,
    /// Surely not processed: a write may be repeated too.
    NotProcessed,
    /// HTTP 429: not processed, and all requests wait.
    AfterPause(Option<Duration>),
}

/// A failed try.
#[derive(Debug)]
pub(crate) struct Fault {
    pub error: Error,
    pub retry: RetryWhen,
}

impl Fault {
    pub(crate) fn never(error: Error) -> Self {
        Self {
            error,
            retry: RetryWhen::Never,
        }
    }

    /// No usable answer; the client counts the tries.
    pub(crate) fn later(method: &str, why: impl Into<String>) -> Self {
        let error = Error::Unavailable {
            method: method.to_owned(),
            tries: 1,
            why: why.into(),
        };
        Self {
            error,
            retry: RetryWhen::Later,
        }
    }
}

/// A reply as it came, and whose it is.
pub(crate) struct Reply<'a> {
    pub method: &'a str,
    pub status: StatusCode,
    pub retry_after: Option<Duration>,
    /// The Date header.
    pub date: Option<SystemTime>,
    pub body: &'a [u8],
    /// What must not appear in an excerpt.
    pub secrets: &'a [&'a str],
}

impl Reply<'_> {
    /// Sorts out what the HTTP status alone decides.
    pub(crate) fn check_status(&self) -> Result<(), Fault> {
        match self.status.as_u16() {
            200 => Ok(()),
            401 => Err(self.oauth_problem()),
            429 => Err(Fault {
                error: Error::Throttled {
                    method: self.method.to_owned(),
                    wait: self.retry_after.unwrap_or_default(),
                },
                retry: RetryWhen::AfterPause(self.retry_after),
            }),
            status if status >= 500 => {
                Err(Fault::later(self.method, format!("HTTP status {status}")))
            }
            // A 403 over plain http carries an ordinary failure (code 95) as its body.
            status => match failure(self.body) {
                Some((code, message)) => Err(Fault::never(self.failed(code, message))),
                None => Err(Fault::never(
                    self.unexpected(&format!("HTTP status 200 (it is {status})")),
                )),
            },
        }
    }

    /// The JSON of a successful REST reply, whatever its content type says.
    pub(crate) fn json(&self) -> Result<Value, Fault> {
        if let Some((code, message)) = failure(self.body) {
            let temporary = self.is_temporary(code, &message);
            let message = one_line(&self.without_secrets(&message)).into_owned();
            if temporary {
                return Err(Fault::later(
                    self.method,
                    format!("{message} (code {code})"),
                ));
            }
            return Err(self.refused(self.failed(code, message)));
        }
        let transient = |error| Fault {
            error,
            retry: RetryWhen::Later,
        };
        match serde_json::from_slice::<Value>(self.body) {
            Ok(value) if value.get("stat").and_then(Value::as_str) == Some("ok") => Ok(value),
            Ok(_) => Err(transient(self.unexpected("JSON with \"stat\""))),
            Err(error) => Err(transient(self.unexpected(&format!("JSON ({error})")))),
        }
    }

    /// Whether Flickr's own documents say that this passes: 105 "service currently unavailable", 106 "write
    /// operation failed: the requested operation failed due to a temporary issue", and photos.search's 10
    /// "the Flickr API search databases are temporarily unavailable". The sentence comes with codes 0 and
    /// 201 too.
    fn is_temporary(&self, code: i64, message: &str) -> bool {
        matches!(code, 105 | 106)
            || (code == 10 && self.method == "flickr.photos.search")
            || message.contains("API service is not currently available")
    }

    /// A refusal. One of the sign-in or the key is asked for twice: one server that has lost sight of them
    /// would else end the run. The steps of a sign-in spend what they are sent.
    fn refused(&self, error: Error) -> Fault {
        let is_lost = matches!(
            error,
            Error::TokenRevoked { .. }
                | Error::NotSignedIn { .. }
                | Error::BadKey { .. }
                | Error::SignatureRefused { .. }
        );
        let retry = match is_lost && self.method.starts_with("flickr.") {
            true => RetryWhen::Once,
            false => RetryWhen::Never,
        };
        Fault { error, retry }
    }

    fn failed(&self, code: i64, message: String) -> Error {
        let method = self.method.to_owned();
        let message = one_line(&self.without_secrets(&message)).into_owned();
        let problem = format!("{message} (code {code})");
        match code {
            98 => Error::TokenRevoked { method, problem },
            99 => Error::NotSignedIn { method, problem },
            100 => Error::BadKey { method, problem },
            96 => Error::SignatureRefused { method },
            _ => Error::Api {
                method,
                code,
                message,
            },
        }
    }

    /// Reads `oauth_problem=...` (OAuth Problem Reporting). The first field alone: `debug_sbs`,
    /// which may follow, holds the base string with key and token, and bare `&`.
    fn oauth_problem(&self) -> Fault {
        let method = self.method.to_owned();
        let text = String::from_utf8_lossy(self.body);
        let Some((_, rest)) = text.split_once("oauth_problem=") else {
            return Fault::never(self.unexpected("oauth_problem= (HTTP status 401)"));
        };
        let name: String = rest
            .chars()
            .take_while(|c| c.is_ascii_lowercase() || *c == '_')
            .take(64)
            .collect();
        match name.as_str() {
            "consumer_key_unknown" | "consumer_key_rejected" | "consumer_key_refused" => self
                .refused(Error::BadKey {
                    method,
                    problem: name,
                }),
            "signature_invalid" => self.refused(Error::SignatureRefused { method }),
            // Each try has a nonce of its own: something on the way has sent this one twice, and the first
            // may have been processed.
            "nonce_used" => Fault::later(self.method, "oauth_problem=nonce_used"),
            "timestamp_refused" => {
                let ahead = self.ahead();
                // The client then signs with Flickr's time.
                let retry = match ahead {
                    Some(ahead) if ahead != 0 => RetryWhen::Once,
                    _ => RetryWhen::Never,
                };
                let error = Error::Clock { method, ahead };
                Fault { error, retry }
            }
            "token_rejected" | "token_revoked" | "token_expired" | "token_used" => {
                self.refused(Error::TokenRevoked {
                    method,
                    problem: name,
                })
            }
            _ => Fault::never(Error::SignInRefused {
                step: method,
                problem: name,
            }),
        }
    }

    fn ahead(&self) -> Option<i64> {
        let now = SystemTime::now();
        let date = self.date?;
        let seconds = |d: Duration| i64::try_from(d.as_secs()).ok();
        match now.duration_since(date) {
            Ok(ahead) => seconds(ahead),
            Err(behind) => seconds(behind.duration()).map(|s| -s),
        }
    }

    /// A reply of no use, with its beginning.
    pub(crate) fn unexpected(&self, expected: &str) -> Error {
        Error::UnexpectedReply {
            method: self.method.to_owned(),
            expected: expected.to_owned(),
            excerpt: self.excerpt(),
        }
    }

    /// The first 300 bytes in one line, keys and tokens removed (before the cut: half a token
    /// would not be found).
    fn excerpt(&self) -> String {
        if self.body.is_empty() {
            return "an empty reply".to_owned();
        }
        let text = self.without_secrets(&String::from_utf8_lossy(self.body));
        let mut line: String = text
            .chars()
            .map(|c| if is_hidden(c) { ' ' } else { c })
            .collect();
        if line.len() > EXCERPT {
            line.truncate(line.floor_char_boundary(EXCERPT));
            line.push('…');
        }
        line
    }

    /// Removes what this call knows to be secret, and what looks like it: a reply may hold a
    /// token that is not known here yet.
    fn without_secrets(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, "[removed]");
        }
        without_hex(&text)
    }
}

/// Removes each run of 16 or more hex digits: Flickr's keys have 32, its tokens 17 and 16, its
/// secrets 16; a photo's id has 11.
fn without_hex(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, run) = rest.split_at(start);
        let end = run
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(run.len());
        let (run, after) = run.split_at(end);
        kept.push_str(before);
        kept.push_str(if run.len() < 16 { run } else { "[removed]" });
        rest = after;
    }
    kept + rest
}

/// Code and message of `{"stat":"fail",...}`, even if something follows it, as a comma did.
fn failure(body: &[u8]) -> Option<(i64, String)> {
    let value = serde_json::Deserializer::from_slice(body)
        .into_iter::<Value>()
        .next()?
        .ok()?;
    if value.get("stat")?.as_str()? != "fail" {
        return None;
    }
    let code = match value.get("code") {
        Some(Value::Number(code)) => code.as_i64().unwrap_or(-1),
        Some(Value::String(code)) => code.trim().parse().unwrap_or(-1),
        _ => -1,
    };
    let message = value
        .get("message")
        .and_then(Value::as_str)
        .unwrap_or("no message")
        .to_owned();
    Some((code, message))
}

#[cfg(test)]
mod tests;
