//! The three steps of OAuth: request token, the page where the person
//! approves, access token.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State as Extract};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;
use url::form_urlencoded;

use crate::account::{FULLNAME, NSID, Perms, USERNAME};
use crate::faults::{Target, damage};
use crate::oauth::Problem;
use crate::request::ApiRequest;
use crate::state::{RequestToken, Shared, State, random_hex};

type App = Extract<Arc<Shared>>;
type Answer = Result<Response, Response>;

/// `oauth/request_token`.
pub(crate) async fn request_token(Extract(shared): App, request: ApiRequest) -> Answer {
    endpoint(&shared, "request_token", |state| {
        shared.verify(state, &request, "")?;
        let callback = request.params.filled("oauth_callback");
        let callback = callback.ok_or(Problem::ParameterAbsent(vec!["oauth_callback"]))?;
        let (token, secret) = (state.new_token(), random_hex());
        let body = form(&[
            ("oauth_callback_confirmed", "true"),
            ("oauth_token", &token),
            ("oauth_token_secret", &secret),
        ]);
        let made = RequestToken {
            secret,
            callback: callback.to_owned(),
            approved: None,
        };
        state.request_tokens.insert(token, made);
        Ok(body)
    })
    .await
}

/// `oauth/access_token`.
pub(crate) async fn access_token(Extract(shared): App, request: ApiRequest) -> Answer {
    endpoint(&shared, "access_token", |state| {
        let token = request.params.or_empty("oauth_token");
        let made = state.request_tokens.get(token).cloned();
        let made = made.ok_or(Problem::TokenRejected)?;
        shared.verify(state, &request, &made.secret)?;
        let perms = match made.approved {
            Some((perms, code)) if code == request.params.or_empty("oauth_verifier") => perms,
            _ => return Err(Problem::TokenRejected),
        };
        // It is exchanged once; a client that lost the answer starts over.
        state.request_tokens.remove(token);
        let (token, secret) = state.issue_token(perms);
        Ok(form(&[
            ("fullname", FULLNAME),
            ("oauth_token", &token),
            ("oauth_token_secret", &secret),
            ("user_nsid", NSID),
            ("username", USERNAME),
        ]))
    })
    .await
}

/// Counts a request, applies the fault rules, and answers in OAuth's form.
async fn endpoint(
    shared: &Shared,
    name: &str,
    answer: impl FnOnce(&mut State) -> Result<String, Problem>,
) -> Answer {
    let count = |state: &mut State| *state.calls.oauth.entry(name.to_owned()).or_default() += 1;
    count(&mut shared.lock());
    let contains = |text: &str| name.contains(text);
    let fault = shared.intercept(Target::OAuth, contains, 0).await?;
    let result = answer(&mut shared.lock());
    let content_type = [(header::CONTENT_TYPE, "text/plain;charset=UTF-8")];
    let answer = result.map(|body| (content_type, body)).into_response();
    Ok(damage(fault.as_ref(), Target::OAuth, answer).await)
}

/// Encodes a form; a space is `%20`, as in Flickr's answers.
fn form(pairs: &[(&str, &str)]) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(pairs).finish().replace('+', "%20")
}

/// What the browser sends to the authorize page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Authorization {
    oauth_token: String,
    perms: String,
    action: String,
}

impl Authorization {
    /// The permissions to ask the person for, or what Flickr does not
    /// recognise.
    fn check(&self, state: &State) -> Result<Perms, &'static str> {
        if !state.request_tokens.contains_key(&self.oauth_token) {
            return Err("\"oauth_token\"");
        }
        Perms::parse(&self.perms).ok_or("permission set")
    }
}

fn oops(what: &str) -> Response {
    let content = html! {
        h1 { "Oops!" }
        p { "Flickr doesn't recognise the " (what) " this application is trying to use." }
    };
    page("Oops", content)
}

/// The page that asks the person.
pub(crate) async fn authorize(
    Extract(shared): App,
    Query(request): Query<Authorization>,
) -> Answer {
    let purpose = match request.check(&shared.lock()).map_err(oops)? {
        Perms::Read => "see your private photos",
        Perms::Write => "see, upload and edit your photos and their tags",
        Perms::Delete => "see, upload, edit and delete your photos",
    };
    let content = html! {
        h1 { "Sandbox Flickr" }
        p { "The application with the key " code { (shared.key) } " would like to" }
        p { strong { (purpose) } }
        p { "Signed in as " (FULLNAME) " (" (NSID) ")" }
        form method="post" action="/services/oauth/authorize" {
            input type="hidden" name="oauth_token" value=(request.oauth_token);
            input type="hidden" name="perms" value=(request.perms);
            button type="submit" name="action" value="approve" { "OK, I'll authorize it" }
            " "
            button type="submit" name="action" value="cancel" { "No thanks" }
        }
    };
    Ok(page("Authorize", content))
}

/// What happens when the person presses a button.
pub(crate) async fn decide(Extract(shared): App, Form(request): Form<Authorization>) -> Answer {
    let mut state = shared.lock();
    let perms = request.check(&state).map_err(oops)?;
    if request.action != "approve" {
        // Flickr leads home, not back to the application.
        return Ok(redirect(&format!("{}/", shared.base)));
    }
    let https = state.quirks.https_callbacks;
    let token = request.oauth_token;
    let Some(made) = state.request_tokens.get_mut(&token) else {
        return Ok(StatusCode::NOT_FOUND.into_response());
    };
    if made.callback == "oob" {
        let code = nine_digits();
        made.approved = Some((perms, code.clone()));
        let content = html! {
            h1 { "You have authorized the application" }
            p { "Type this code into it:" }
            p { strong id="verifier" { (code) } }
        };
        return Ok(page("Authorized", content));
    }
    let verifier = random_hex();
    made.approved = Some((perms, verifier.clone()));
    let mut callback = made.callback.clone();
    if https && callback.starts_with("http:") {
        callback.insert(4, 's');
    }
    let separator = if callback.contains('?') { '&' } else { '?' };
    Ok(redirect(&format!(
        "{callback}{separator}oauth_token={token}&oauth_verifier={verifier}"
    )))
}

/// A code to type: `123-456-789`.
fn nine_digits() -> String {
    let number = u64::from_str_radix(&random_hex(), 16).unwrap_or_default();
    let [high, middle, low] = [1_000_000, 1_000, 1].map(|unit| number / unit % 1_000);
    format!("{high:03}-{middle:03}-{low:03}")
}

/// The home page, where Cancel leads.
pub(crate) async fn home() -> Response {
    let content = html! {
        h1 { "Sandbox Flickr" }
        p { "A small Flickr on this machine, for demos and tests." }
    };
    page("Home", content)
}

fn redirect(url: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, url)]).into_response()
}

pub(crate) fn page(title: &str, content: Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head { meta charset="utf-8"; title { "Sandbox Flickr: " (title) } }
            body { (content) }
        }
    };
    Html(markup.into_string()).into_response()
}
