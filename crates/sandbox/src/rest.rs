//! The API's endpoint: who calls, which method, in which format to answer.
//!
//! What each method does is in `methods`.

use std::io::Read as _;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::read::GzEncoder;
use serde_json::Value;

use crate::account::Perms;
use crate::faults::{FaultKind, Target, damage};
use crate::methods::{self, call::Call};
use crate::oauth::Problem;
use crate::reply::{Failure, Format, fail};
use crate::request::ApiRequest;
use crate::state::{Shared, State};

/// Shorter answers are sent as they are.
const COMPRESSED_FROM: usize = 1_000;

/// Handles a call of the API.
pub(crate) async fn handle(
    Extract(shared): Extract<Arc<Shared>>,
    request: ApiRequest,
) -> Result<Response, Response> {
    let method = request.params.or_empty("method");
    let target = Target::Api(method);
    let count = |state: &mut State| *state.calls.methods.entry(method.to_owned()).or_default() += 1;
    count(&mut shared.lock());
    let contains = |text: &str| {
        let mut params = request.params.0.iter();
        params.any(|(name, value)| format!("{name}={value}").contains(text))
    };
    let per_page = request.params.or_empty("per_page").parse().unwrap_or(0);
    let fault = shared.intercept(target, contains, per_page).await?;
    let answer = answer(&shared, &request, fault.as_ref());
    let gzip = request.accepts_gzip && shared.lock().quirks.gzip;
    let (answer, bytes) = compress(answer, gzip).await;
    shared.lock().calls.api_bytes += bytes;
    Ok(damage(fault.as_ref(), target, answer).await)
}

/// The answer, compressed if that is wanted and worth it, and its body's length.
async fn compress(answer: Response, gzip: bool) -> (Response, u64) {
    let (mut parts, body) = answer.into_parts();
    let mut body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if gzip && body.len() >= COMPRESSED_FROM {
        let mut compressed = Vec::new();
        // Writing to memory does not fail.
        let _ = GzEncoder::new(&*body, Compression::default()).read_to_end(&mut compressed);
        body = compressed.into();
        let encoding = HeaderValue::from_static("gzip");
        parts.headers.insert(header::CONTENT_ENCODING, encoding);
    }
    let bytes = body.len() as u64;
    (Response::from_parts(parts, Body::from(body)), bytes)
}

fn answer(shared: &Shared, request: &ApiRequest, fault: Option<&FaultKind>) -> Response {
    let mut state = shared.lock();
    let format = match Format::of(&request.params) {
        Ok(format) => format,
        Err(failure) => return Format::Xml.failure(&failure, &state.quirks),
    };
    let result = match fault {
        Some(FaultKind::ApiFailure { code, message }) => {
            let default = "Sorry, the Flickr API service is not currently available.";
            fail(*code, message.as_deref().unwrap_or(default))
        }
        _ => call(shared, &mut state, request, fault),
    };
    match result {
        Ok(reply) => format.success(reply, &state.quirks),
        Err(Refusal::Failure(failure)) => format.failure(&failure, &state.quirks),
        Err(Refusal::OAuth(problem)) => problem.into_response(),
    }
}

#[derive(Debug, thiserror::Error)]
#[error(transparent)]
enum Refusal {
    Failure(#[from] Failure),
    OAuth(#[from] Problem),
}

fn call(
    shared: &Shared,
    state: &mut State,
    request: &ApiRequest,
    fault: Option<&FaultKind>,
) -> Result<Value, Refusal> {
    if state.quirks.ssl_required {
        return fail(95, "SSL is required");
    }
    let granted = caller(shared, state, request)?;
    let name = request.params.or_empty("method");
    let Some((needed, run)) = methods::find(name) else {
        return fail(112, format!("Method \"{name}\" not found"));
    };
    if needed > granted {
        let needed = needed.map_or("no", Perms::as_str);
        let granted = granted.map_or("none", Perms::as_str);
        let message = format!(
            "Insufficient permissions. Method requires {needed} privileges; {granted} granted."
        );
        return fail(99, message);
    }
    if needed >= Some(Perms::Write) && request.method != "POST" {
        state.calls.writes_by_get += 1;
    }
    let mut call = Call {
        base: &shared.base,
        state,
        params: &request.params,
        granted,
        fault,
    };
    Ok(run(&mut call)?)
}

/// What the caller may do: `None` for a call without a token.
fn caller(
    shared: &Shared,
    state: &mut State,
    request: &ApiRequest,
) -> Result<Option<Perms>, Refusal> {
    let params = &request.params;
    if params.get("oauth_signature").is_none() {
        let key = params.filled("api_key");
        return match key.or(params.filled("oauth_consumer_key")) {
            Some(key) if key == shared.key => Ok(None),
            Some(key) if key.len() == 32 => fail(100, "Invalid API Key (Key not found)"),
            _ => fail(100, "Invalid API Key (Key has invalid format)"),
        };
    }
    let token = match params.filled("oauth_token") {
        None => None,
        Some(token) => match state.access_tokens.get(token) {
            Some(token) => Some(token.clone()),
            // A revoked token is one that is no longer known.
            None => return fail(98, "Invalid auth token"),
        },
    };
    let secret = token.as_ref().map_or("", |token| &token.secret);
    shared.verify(state, request, secret)?;
    Ok(token.map(|token| token.perms))
}
