//! The three steps of OAuth: request token, the page where the person
//! approves, access token.

use std::sync::Arc;

use axum::Form;
use axum::body::Body;
use axum::extract::{Query, State as Extract};
use axum::http::{Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use url::form_urlencoded;

use crate::account::{FULLNAME, NSID, Perms, USERNAME};
use crate::clock;
use crate::faults::{Place, server_error};
use crate::oauth::{Problem, Verifier};
use crate::request::ApiRequest;
use crate::state::{RequestToken, Shared, State};

type App = Extract<Arc<Shared>>;

/// `oauth/request_token`.
pub(crate) async fn request_token(Extract(shared): App, request: Request<Body>) -> Response {
    endpoint(&shared, "request_token", request, |state, request| {
        verify(&shared, state, request, "")?;
        let callback = request
            .params
            .filled("oauth_callback")
            .ok_or(Problem::ParameterAbsent(vec!["oauth_callback"]))?;
        let token = shared.new_token(state);
        let secret = shared.random_hex(state, 16);
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("oauth_callback_confirmed", "true")
            .append_pair("oauth_token", &token)
            .append_pair("oauth_token_secret", &secret)
            .finish();
        let made = RequestToken {
            secret,
            callback: callback.to_owned(),
            approved: None,
        };
        state.requests.insert(token, made);
        Ok(body)
    })
    .await
}

/// `oauth/access_token`.
pub(crate) async fn access_token(Extract(shared): App, request: Request<Body>) -> Response {
    endpoint(&shared, "access_token", request, |state, request| {
        let get = |name| request.params.get(name).unwrap_or_default();
        let token = get("oauth_token").to_owned();
        let made = state
            .requests
            .get(&token)
            .cloned()
            .ok_or(Problem::TokenRejected)?;
        verify(&shared, state, request, &made.secret)?;
        let perms = match made.approved {
            Some((perms, code)) if code == get("oauth_verifier") => perms,
            _ => return Err(Problem::TokenRejected),
        };
        // It can be exchanged once; a client whose answer was lost starts again.
        state.requests.remove(&token);
        let (token, secret) = shared.issue_token(state, perms);
        // Flickr encodes the space in the name as %20.
        Ok(form_urlencoded::Serializer::new(String::new())
            .append_pair("fullname", FULLNAME)
            .append_pair("oauth_token", &token)
            .append_pair("oauth_token_secret", &secret)
            .append_pair("user_nsid", NSID)
            .append_pair("username", USERNAME)
            .finish()
            .replace('+', "%20"))
    })
    .await
}

/// Reads a request, has its faults happen, and answers in OAuth's form.
async fn endpoint(
    shared: &Shared,
    name: &str,
    request: Request<Body>,
    answer: impl FnOnce(&mut State, &ApiRequest) -> Result<String, Problem>,
) -> Response {
    let request = match ApiRequest::read(request).await {
        Ok(request) => request,
        Err(response) => return response,
    };
    *shared
        .lock()
        .calls
        .oauth
        .entry(name.to_owned())
        .or_default() += 1;
    let fault = shared.fault(Place::OAuth, |text| name.contains(text));
    if let Some(fault) = &fault {
        if let Some(response) = fault.instead(&shared.base) {
            return response;
        }
        fault.wait().await;
    }
    let result = answer(&mut shared.lock(), &request);
    match result {
        Err(problem) => problem.into_response(),
        Ok(body) => {
            let spoiled = match &fault {
                None => return text(body),
                Some(fault) => fault.spoil(Place::OAuth, body.into_bytes()),
            };
            match spoiled {
                Some(spoiled) => spoiled.put_into(text(String::new())),
                None => server_error(StatusCode::GATEWAY_TIMEOUT),
            }
        }
    }
}

fn text(body: String) -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain;charset=UTF-8")],
        Body::from(body),
    )
        .into_response()
}

fn verify(
    shared: &Shared,
    state: &mut State,
    request: &ApiRequest,
    token_secret: &str,
) -> Result<(), Problem> {
    Verifier {
        key: &shared.key,
        secret: &shared.secret,
        token_secret,
        now: clock::now(),
    }
    .verify(request, &mut state.nonces)
}

/// What the browser asks the authorize page for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    oauth_token: String,
    perms: String,
    action: String,
}

/// The page that asks the person.
pub(crate) async fn authorize(Extract(shared): App, Query(asked): Query<Asked>) -> Response {
    if let Some(oops) = refuse(&shared.lock(), &asked) {
        return oops;
    }
    page(
        "Authorize",
        html! {
            h1 { "Sandbox Flickr" }
            p { "The application with the key " code { (shared.key) } " would like to" }
            p { strong { (describe(&asked.perms)) } }
            p { "Signed in as " (FULLNAME) " (" (NSID) ")" }
            form method="post" action="/services/oauth/authorize" {
                input type="hidden" name="oauth_token" value=(asked.oauth_token);
                input type="hidden" name="perms" value=(asked.perms);
                button type="submit" name="action" value="approve" { "OK, I'll authorize it" }
                " "
                button type="submit" name="action" value="cancel" { "No thanks" }
            }
        },
    )
}

/// What happens when the person presses a button.
pub(crate) async fn decide(Extract(shared): App, Form(asked): Form<Asked>) -> Response {
    let mut state = shared.lock();
    if let Some(oops) = refuse(&state, &asked) {
        return oops;
    }
    if asked.action != "approve" {
        // Flickr goes home, not back to the application.
        return redirect(&format!("{}/", shared.base));
    }
    match approve(&shared, &mut state, &asked) {
        Some(Approved::Callback(url)) => redirect(&url),
        Some(Approved::Code(code)) => page(
            "Authorized",
            html! {
                h1 { "You have authorized the application" }
                p { "Type this code into it:" }
                p { strong id="verifier" { (code) } }
            },
        ),
        None => page("Oops", oops("oauth_token")),
    }
}

enum Approved {
    Callback(String),
    Code(String),
}

fn approve(shared: &Shared, state: &mut State, asked: &Asked) -> Option<Approved> {
    let perms = Perms::parse(&asked.perms)?;
    let hex = shared.random_hex(state, 16);
    let https = state.quirks.https_callbacks;
    let made = state.requests.get_mut(&asked.oauth_token)?;
    if made.callback == "oob" {
        let number = u64::from_str_radix(&hex, 16).ok()? % 1_000_000_000;
        let digits = format!("{number:09}");
        let code = format!("{}-{}-{}", &digits[..3], &digits[3..6], &digits[6..]);
        made.approved = Some((perms, code.clone()));
        return Some(Approved::Code(code));
    }
    made.approved = Some((perms, hex.clone()));
    let separator = if made.callback.contains('?') {
        '&'
    } else {
        '?'
    };
    let mut url = format!(
        "{}{separator}oauth_token={}&oauth_verifier={hex}",
        made.callback, asked.oauth_token
    );
    if let Some(rest) = url.strip_prefix("http:").filter(|_| https) {
        url = format!("https:{rest}");
    }
    Some(Approved::Callback(url))
}

/// The page for a request that cannot be asked of a person.
fn refuse(state: &State, asked: &Asked) -> Option<Response> {
    let what = if !state.requests.contains_key(&asked.oauth_token) {
        "oauth_token"
    } else if Perms::parse(&asked.perms).is_none() {
        "permission set"
    } else {
        return None;
    };
    Some(page("Oops", oops(what)))
}

fn oops(what: &str) -> Markup {
    html! {
        h1 { "Oops!" }
        p {
            "Flickr doesn't recognise the "
            @if what == "oauth_token" { "\"oauth_token\"" } @else { (what) }
            " this application is trying to use."
        }
    }
}

fn describe(perms: &str) -> &'static str {
    match Perms::parse(perms) {
        Some(Perms::Read) => "see your private photos",
        Some(Perms::Write) => "see, upload and edit your photos and their tags",
        _ => "see, upload, edit and delete your photos",
    }
}

/// The home page, where Cancel leads.
pub(crate) async fn home() -> Response {
    page(
        "Home",
        html! {
            h1 { "Sandbox Flickr" }
            p { "A small Flickr on this machine, for demos and tests." }
        },
    )
}

fn redirect(url: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, url)]).into_response()
}

fn page(title: &str, content: Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Sandbox Flickr: " (title) } }
            body { (content) }
        }
    };
    (
        [(header::CONTENT_TYPE, "text/html; charset=utf-8")],
        markup.into_string(),
    )
        .into_response()
}
