//! OAuth 1.0a from the server's side (RFC 5849, section 3): the signature's
//! base string, HMAC-SHA1, and Flickr's `oauth_problem` answers.
//!
//! Shares no code with any client, so that a mistake here and one there do not
//! cancel out. Tokens and their pages are in `signin`.

use std::collections::HashSet;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use sha1::Sha1;

use crate::request::{ApiRequest, Params};

/// Seconds that a timestamp may be off; Flickr's own figure is not known.
pub(crate) const MAX_SKEW: u64 = 600;

/// Why a signed request is refused: the value of `oauth_problem`.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Problem {
    #[error("parameter_absent&oauth_parameters_absent={}", .0.join("%26"))]
    ParameterAbsent(Vec<&'static str>),
    #[error("consumer_key_unknown")]
    ConsumerKeyUnknown,
    #[error("signature_method_rejected")]
    SignatureMethodRejected,
    #[error("version_rejected")]
    VersionRejected,
    #[error("timestamp_refused")]
    TimestampRefused,
    #[error("nonce_used")]
    NonceUsed,
    #[error("token_rejected")]
    TokenRejected,
    // Flickr does not encode the base string again.
    #[error("signature_invalid&debug_sbs={base_string}")]
    SignatureInvalid { base_string: String },
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let content_type = [(header::CONTENT_TYPE, "text/plain;charset=UTF-8")];
        let body = format!("oauth_problem={self}");
        (StatusCode::UNAUTHORIZED, content_type, body).into_response()
    }
}

/// Nonces seen within the allowed skew, with their timestamps.
#[derive(Debug, Default)]
pub(crate) struct Nonces(HashSet<(u64, String)>);

impl Nonces {
    /// Records a nonce; false if it was used with this timestamp before.
    fn record(&mut self, timestamp: u64, nonce: &str, now: u64) -> bool {
        if self.0.len() > 20_000 {
            self.0.retain(|(at, _)| at + MAX_SKEW >= now);
        }
        self.0.insert((timestamp, nonce.to_owned()))
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn encode(text: &str) -> PercentEncode<'_> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    utf8_percent_encode(text, RESERVED)
}

/// The signature's base string (RFC 5849, section 3.4.1).
fn base_string(method: &str, url: &str, params: &Params) -> String {
    let params = params.0.iter();
    let mut pairs: Vec<(String, String)> = params
        .filter(|(name, _)| name != "oauth_signature")
        .map(|(name, value)| (encode(name).to_string(), encode(value).to_string()))
        .collect();
    pairs.sort();
    let joined: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{method}&{}&{}", encode(url), encode(&joined.join("&")))
}

/// Whether `signature`, in base64, is the HMAC-SHA1 of the base string.
fn is_signed(base: &str, consumer_secret: &str, token_secret: &str, signature: &str) -> bool {
    let key = format!("{}&{}", encode(consumer_secret), encode(token_secret));
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key.as_bytes()) else {
        return false;
    };
    mac.update(base.as_bytes());
    STANDARD
        .decode(signature)
        .is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
}

/// The parameters that every signed request has.
const REQUIRED: [&str; 5] = [
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
];

/// What the server knows when a request arrives.
pub(crate) struct Verifier<'a> {
    pub(crate) key: &'a str,
    pub(crate) secret: &'a str,
    /// Secret of the token that the request names, empty if it names none.
    pub(crate) token_secret: &'a str,
    pub(crate) now: u64,
}

impl Verifier<'_> {
    /// Checks parameters, clock, nonce and signature, in that order. A nonce
    /// counts as used only once its signature was right.
    pub(crate) fn verify(&self, request: &ApiRequest, nonces: &mut Nonces) -> Result<(), Problem> {
        let params = &request.params;
        let mut absent = REQUIRED.to_vec();
        absent.retain(|name| params.get(name).is_none());
        if !absent.is_empty() {
            return Err(Problem::ParameterAbsent(absent));
        }
        let get = |name| params.or_empty(name);
        if get("oauth_consumer_key") != self.key {
            return Err(Problem::ConsumerKeyUnknown);
        }
        if get("oauth_signature_method") != "HMAC-SHA1" {
            return Err(Problem::SignatureMethodRejected);
        }
        if !matches!(params.get("oauth_version"), None | Some("1.0")) {
            return Err(Problem::VersionRejected);
        }
        let timestamp = get("oauth_timestamp")
            .parse::<u64>()
            .ok()
            .filter(|at| at.abs_diff(self.now) <= MAX_SKEW)
            .ok_or(Problem::TimestampRefused)?;
        let base_string = base_string(&request.method, &request.url, params);
        let signature = get("oauth_signature");
        if !is_signed(&base_string, self.secret, self.token_secret, signature) {
            return Err(Problem::SignatureInvalid { base_string });
        }
        if !nonces.record(timestamp, get("oauth_nonce"), self.now) {
            return Err(Problem::NonceUsed);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const SECRET: &str = "fedcba9876543210";

    fn request(method: &str, url: &str, params: &[(&str, &str)]) -> ApiRequest {
        ApiRequest {
            method: method.to_owned(),
            url: url.to_owned(),
            params: Params(
                params
                    .iter()
                    .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                    .collect(),
            ),
            accepts_gzip: false,
        }
    }

    fn request_token(signature: &str) -> ApiRequest {
        request(
            "GET",
            "https://www.flickr.com/services/oauth/request_token",
            &[
                ("oauth_callback", "oob"),
                ("oauth_consumer_key", KEY),
                ("oauth_nonce", "n0nce"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "1700000000"),
                ("oauth_version", "1.0"),
                ("oauth_signature", signature),
            ],
        )
    }

    fn verifier(now: u64) -> Verifier<'static> {
        Verifier {
            key: KEY,
            secret: SECRET,
            token_secret: "",
            now,
        }
    }

    #[test]
    fn the_canonical_vector_is_accepted() {
        // OAuth Core 1.0a, appendix A.5.2.
        let params = request(
            "GET",
            "http://photos.example.net/photos",
            &[
                ("file", "vacation.jpg"),
                ("size", "original"),
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_token", "nnch734d00sl2jdk"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "1191242096"),
                ("oauth_nonce", "kllo9940pd9333jh"),
                ("oauth_version", "1.0"),
            ],
        );
        let base = base_string(&params.method, &params.url, &params.params);
        let signature = "tR3+Ty81lMeYAr/Fid0kMTYa/WM=";
        assert!(is_signed(
            &base,
            "kd94hf93k423kf44",
            "pfkkdhi9sl3r4s00",
            signature
        ));
        assert!(!is_signed(
            &base,
            "kd94hf93k423kf44",
            "pfkkdhi9sl3r4s01",
            signature
        ));
    }

    #[test]
    fn a_request_token_call_is_checked_whole() {
        let good = "1MpYPEkd7BCVOj3i2C1WhggsShQ=";
        let mut nonces = Nonces::default();
        let now = 1_700_000_000;
        let check =
            |now, request: &ApiRequest, nonces: &mut Nonces| verifier(now).verify(request, nonces);
        assert_eq!(
            check(now + MAX_SKEW + 1, &request_token(good), &mut nonces),
            Err(Problem::TimestampRefused)
        );
        assert!(matches!(
            check(now, &request_token("AAAA"), &mut nonces),
            Err(Problem::SignatureInvalid { base_string }) if base_string.starts_with(
                "GET&https%3A%2F%2Fwww.flickr.com%2Fservices%2Foauth%2Frequest_token&oauth_callback%3Doob%26"
            )
        ));
        assert_eq!(check(now, &request_token(good), &mut nonces), Ok(()));
        assert_eq!(
            check(now, &request_token(good), &mut nonces),
            Err(Problem::NonceUsed)
        );
        let mut other_key = request_token(good);
        other_key.params.0[1].1 = "f".repeat(32);
        assert_eq!(
            check(now, &other_key, &mut nonces),
            Err(Problem::ConsumerKeyUnknown)
        );
        let mut short = request_token(good);
        short.params.0.remove(2);
        assert_eq!(
            check(now, &short, &mut nonces),
            Err(Problem::ParameterAbsent(vec!["oauth_nonce"]))
        );
    }

    #[test]
    fn a_call_with_token_quotes_and_accents_is_accepted() {
        let call = request(
            "POST",
            "https://api.flickr.com/services/rest/",
            &[
                ("method", "flickr.photos.addTags"),
                ("photo_id", "53000000001"),
                ("format", "json"),
                ("nojsoncallback", "1"),
                ("tags", "\"Café noir\" person:name=\"Ann O'Neil\" a*b"),
                ("oauth_consumer_key", KEY),
                ("oauth_nonce", "n0nce"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "1700000000"),
                ("oauth_token", "72157600000000001-00112233445566aa"),
                ("oauth_version", "1.0"),
                ("oauth_signature", "htukvC7DOZacf9kRJo3ZGKCOGeo="),
            ],
        );
        let verifier = Verifier {
            token_secret: "8899aabbccddeeff",
            ..verifier(1_700_000_000)
        };
        assert_eq!(verifier.verify(&call, &mut Nonces::default()), Ok(()));
    }
}
