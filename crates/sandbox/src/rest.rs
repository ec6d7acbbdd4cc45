//! The API's envelope: who calls, which method, in which format to answer.
//!
//! What each method does is in `methods`.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State as Extract;
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::account::Perms;
use crate::clock;
use crate::faults::{FaultKind, Place, server_error};
use crate::methods::{self, Call};
use crate::oauth::Verifier;
use crate::quirks::Quirks;
use crate::request::{ApiRequest, Params};
use crate::state::{Shared, State};
use crate::value::{Element, json_string, xml_escape};

/// A failure in Flickr's terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) code: i64,
    pub(crate) message: String,
}

impl Failure {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Format {
    Xml,
    Json,
    /// JSON in a call of this function.
    Jsonp(String),
}

impl Format {
    fn of(params: &Params) -> Result<Self, Failure> {
        match params.filled("format").unwrap_or("rest") {
            "rest" => Ok(Self::Xml),
            "json" if params.get("nojsoncallback") == Some("1") => Ok(Self::Json),
            "json" => {
                let name = params.filled("jsoncallback").unwrap_or("jsonFlickrApi");
                Ok(Self::Jsonp(name.to_owned()))
            }
            other => Err(Failure::new(111, format!("Format \"{other}\" not found"))),
        }
    }
}

/// Handles a call of the API.
pub(crate) async fn handle(
    Extract(shared): Extract<Arc<Shared>>,
    request: Request<Body>,
) -> Response {
    let request = match ApiRequest::read(request).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    let method = request.params.get("method").unwrap_or_default().to_owned();
    let place = Place::Api(&method);
    *shared
        .lock()
        .calls
        .methods
        .entry(method.clone())
        .or_default() += 1;
    let fault = shared.fault(place, |text| {
        let mut all = request.params.0.iter();
        all.any(|(name, value)| format!("{name}={value}").contains(text))
    });
    if let Some(fault) = &fault {
        if let Some(response) = fault.instead(&shared.base) {
            return response;
        }
        fault.wait().await;
    }
    let response = answer(&shared, &request, fault.as_ref());
    match &fault {
        None => response,
        Some(fault) => {
            let (parts, body) = response.into_parts();
            let bytes = axum::body::to_bytes(body, usize::MAX).await;
            match fault.spoil(place, bytes.map(Vec::from).unwrap_or_default()) {
                Some(spoiled) => spoiled.put_into(Response::from_parts(parts, Body::empty())),
                None => server_error(StatusCode::GATEWAY_TIMEOUT),
            }
        }
    }
}

fn answer(shared: &Shared, request: &ApiRequest, fault: Option<&FaultKind>) -> Response {
    let mut state = shared.lock();
    let (format, result) = match Format::of(&request.params) {
        Err(failure) => (Format::Xml, Err(Refusal::Failure(failure))),
        Ok(format) => {
            let result = match fault {
                Some(FaultKind::ApiFailure { code, message }) => {
                    let message = message
                        .as_deref()
                        .unwrap_or("Sorry, the Flickr API service is not currently available.");
                    Err(Refusal::Failure(Failure::new(*code, message)))
                }
                _ => call(shared, &mut state, request),
            };
            (format, result)
        }
    };
    match result {
        Ok(element) => success(&format, &element, &state.quirks),
        Err(Refusal::Failure(failure)) => failed(&format, &failure, &state.quirks),
        Err(Refusal::OAuth(problem)) => problem.into_response(),
    }
}

enum Refusal {
    Failure(Failure),
    OAuth(crate::oauth::Problem),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

fn call(shared: &Shared, state: &mut State, request: &ApiRequest) -> Result<Element, Refusal> {
    if state.quirks.ssl_required {
        return Err(Failure::new(95, "SSL is required").into());
    }
    let granted = caller(shared, state, request)?;
    let name = request.params.get("method").unwrap_or_default();
    let method = methods::find(name)
        .ok_or_else(|| Failure::new(112, format!("Method \"{name}\" not found")))?;
    if method.needs > granted {
        let needs = method.needs.map_or("no", Perms::as_str);
        let has = granted.map_or("none", Perms::as_str);
        return Err(Failure::new(
            99,
            format!("Insufficient permissions. Method requires {needs} privileges; {has} granted."),
        )
        .into());
    }
    if method.needs >= Some(Perms::Write) && request.method != "POST" {
        state.calls.writes_by_get += 1;
    }
    let mut call = Call {
        shared,
        state,
        params: &request.params,
        granted,
    };
    Ok((method.run)(&mut call)?)
}

/// What the caller may do: `None` for a call without a token.
fn caller(
    shared: &Shared,
    state: &mut State,
    request: &ApiRequest,
) -> Result<Option<Perms>, Refusal> {
    let params = &request.params;
    if params.get("oauth_signature").is_none() {
        return match params
            .filled("api_key")
            .or(params.filled("oauth_consumer_key"))
        {
            Some(key) if key == shared.key => Ok(None),
            Some(key) if key.len() == 32 => {
                Err(Failure::new(100, "Invalid API Key (Key not found)").into())
            }
            _ => Err(Failure::new(100, "Invalid API Key (Key has invalid format)").into()),
        };
    }
    let (token_secret, perms) = match params.filled("oauth_token") {
        None => (String::new(), None),
        Some(token) => match state.tokens.get(token) {
            Some(token) => (token.secret.clone(), Some(token.perms)),
            // A revoked token is one that is not known any more.
            None => return Err(Failure::new(98, "Invalid auth token").into()),
        },
    };
    Verifier {
        key: &shared.key,
        secret: &shared.secret,
        token_secret: &token_secret,
        now: clock::now(),
    }
    .verify(request, &mut state.nonces)
    .map_err(Refusal::OAuth)?;
    Ok(perms)
}

fn success(format: &Format, element: &Element, quirks: &Quirks) -> Response {
    match format {
        Format::Xml => respond("text/xml; charset=utf-8", element.to_xml()),
        _ => json(format, element.to_json(quirks.numbers), "application/json"),
    }
}

fn failed(format: &Format, failure: &Failure, quirks: &Quirks) -> Response {
    let mut response = match format {
        Format::Xml => {
            let mut message = String::new();
            xml_escape(&mut message, &failure.message);
            let code = failure.code;
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rsp stat=\"fail\">\n\
                 \t<err code=\"{code}\" msg=\"{message}\" />\n</rsp>\n"
            );
            respond("text/xml; charset=utf-8", body)
        }
        _ => {
            let mut body = String::from("{\"stat\":\"fail\",");
            let _ = write!(body, "\"code\":{},\"message\":", failure.code);
            json_string(&mut body, &failure.message);
            body.push('}');
            let content_type = if quirks.plain_text_failures {
                "text/plain; charset=utf-8"
            } else {
                "application/json"
            };
            json(format, body, content_type)
        }
    };
    if failure.code == 95 {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    response
}

fn json(format: &Format, body: String, content_type: &'static str) -> Response {
    match format {
        Format::Jsonp(function) => respond(
            "text/javascript; charset=utf-8",
            format!("{function}({body})"),
        ),
        _ => respond(content_type, body),
    }
}

fn respond(content_type: &'static str, body: String) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex"),
        ),
    ];
    (headers, body).into_response()
}
