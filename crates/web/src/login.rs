//! The way in: the token in the address becomes a cookie.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header::SET_COOKIE,
    response::{IntoResponse, Response},
};
use maud::html;

use crate::{
    app::App,
    assets,
    fields::Fields,
    pages,
    problem::{Problem, Refusal},
};

/// Gives a browser that brings the token the cookie, and leads on to the pages.
///
/// By a page and not by a redirect: a browser that has come here from a file, or from a link in another
/// program, does not send a `SameSite=Strict` cookie along a redirect. It also leaves the token out of
/// the address bar and the history.
pub(crate) async fn login(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<Response, Problem> {
    let token = fields.get("token").unwrap_or_default();
    if !app.guard.token.matches(token) {
        return Err(Problem::Refused(Refusal::Cookie));
    }
    let base = &app.guard.base;
    let icon = html! {
        link rel="icon" href=(format!("{base}assets/{}/icon.svg", assets::version()));
        link rel="stylesheet" href=(pages::STYLE);
    };
    let page = pages::forward(base, &icon);
    Ok(([(SET_COOKIE, app.guard.set_cookie())], page).into_response())
}
