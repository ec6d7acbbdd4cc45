//! Pages of the account, where links of programs lead: as bare as they can be.

use std::sync::Arc;

use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use crate::account::{NSID, PATH_ALIAS};
use crate::photo::Photo;
use crate::signin::page;
use crate::state::Shared;

type App = Extract<Arc<Shared>>;

/// The photos with a tag in its clean form.
pub(crate) async fn tagged(
    Extract(shared): App,
    Path((account, tag)): Path<(String, String)>,
) -> Response {
    let has = |photo: &Photo| photo.tags.iter().any(|other| other.clean == tag);
    photos(&shared, &account, &tag, has)
}

/// One photo.
pub(crate) async fn photo(
    Extract(shared): App,
    Path((account, id)): Path<(String, String)>,
) -> Response {
    photos(&shared, &account, &id, |photo| photo.id.to_string() == id)
}

fn photos(shared: &Shared, account: &str, what: &str, is_on: impl Fn(&Photo) -> bool) -> Response {
    if ![NSID, PATH_ALIAS].contains(&account) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let state = shared.lock();
    let photos = state.library.photos.values().filter(|photo| is_on(photo));
    let rows = html! {
        h1 { (what) }
        @for photo in photos {
            p { a href={ "/photos/" (NSID) "/" (photo.id) "/" } { (photo.id) } ": " (photo.title) }
        }
    };
    page(what, rows)
}
