//! The API's endpoint: who calls, which method, in which format to answer.
//!
//! What each method does is in `methods`.

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::account::Perms;
use crate::faults::{FaultKind, Target, damage};
use crate::methods::{self, call::Call};
use crate::oauth::Problem;
use crate::reply::{Failure, Format, fail};
use crate::request::ApiRequest;
use crate::state::{Shared, State};

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
    let fault = shared.intercept(target, contains).await?;
    let answer = answer(&shared, &request, fault.as_ref());
    Ok(damage(fault.as_ref(), target, answer).await)
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
        _ => call(shared, &mut state, request),
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

fn call(shared: &Shared, state: &mut State, request: &ApiRequest) -> Result<Value, Refusal> {
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
