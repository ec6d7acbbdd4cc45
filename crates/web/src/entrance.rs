//! The way in: the token in the address becomes a cookie.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header::SET_COOKIE,
    response::{IntoResponse, Response},
};
use maud::{DOCTYPE, html};

use crate::{app::App, fields::Fields, guard::Refusal, problem::Problem};

/// Gives whoever brings the token the cookie and leads on to the pages.
///
/// By a page and not by a redirect: a browser that has come here from a file, or from a link in another
/// program, does not send a `SameSite=Strict` cookie along a redirect. And it leaves the token out of the
/// address bar and the history.
pub(crate) async fn enter(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<Response, Problem> {
    let brought = fields.get("token").unwrap_or_default();
    if !app.guard.token.is(brought) {
        return Err(Problem::Refused(Refusal::Cookie));
    }
    let place = format!("/{}/", app.guard.place);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="refresh" content=(format!("0;url={place}"));
                link rel="icon" href=(format!("{place}assets/icon.svg"));
                title { "flickr-faces" }
            }
            body { p { a href=(place) { "Name faces" } } }
        }
    };
    Ok(([(SET_COOKIE, app.guard.set_cookie())], page).into_response())
}
