//! `/sandbox/...`: what other processes may see and change. Flickr has none of
//! this.
//!
//! | request | does |
//! |---|---|
//! | `GET /sandbox/tags` | `{photo id: {"title", "tags": [raw, ...]}}` |
//! | `GET /sandbox/marks` | `{photo id: {"tags", "notes", "people"}}`, all there is |
//! | `GET /sandbox/photos` | every photo |
//! | `POST /sandbox/photos` | adds the photo of the body, answers `{"id"}` |
//! | `DELETE /sandbox/photos/ID` | deletes a photo |
//! | `GET`, `DELETE /sandbox/calls` | reads, resets the counts |
//! | `POST /sandbox/faults` | orders faults: one, or an array |
//! | `GET`, `POST /sandbox/quirks` | reads, sets behaviour |
//! | `POST /sandbox/tokens` | `{"perms"}`: a token nobody had to approve |
//! | `POST /sandbox/revoke` | revokes every token |

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::account::Perms;
use crate::faults::{Fault, Orders};
use crate::library::{NewPhoto, PhotoInfo, picture_of};
use crate::marks::Marks;
use crate::quirks::Quirks;
use crate::state::{Calls, Shared};

type App = Extract<Arc<Shared>>;

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/tags", get(tags))
        .route("/sandbox/marks", get(marks))
        .route("/sandbox/photos", get(photos).post(add_photo))
        .route("/sandbox/photos/{id}", delete(delete_photo))
        .route("/sandbox/calls", get(calls).delete(reset_calls))
        .route("/sandbox/faults", post(set_faults))
        .route("/sandbox/quirks", get(quirks).post(set_quirks))
        .route("/sandbox/tokens", post(issue_token))
        .route("/sandbox/revoke", post(revoke))
}

async fn tags(Extract(shared): App) -> Response {
    let state = shared.lock();
    let all: BTreeMap<String, Value> = state
        .library
        .iter()
        .map(|photo| photo.info())
        .map(|photo| (photo.id, json!({"title": photo.title, "tags": photo.tags})))
        .collect();
    reply(&all)
}

async fn marks(Extract(shared): App) -> Response {
    let state = shared.lock();
    let photos = state.library.iter();
    let all: BTreeMap<String, Marks> = photos
        .map(|photo| (photo.id.to_string(), Marks::of(photo)))
        .collect();
    reply(&all)
}

async fn photos(Extract(shared): App) -> Response {
    let state = shared.lock();
    let all: Vec<PhotoInfo> = state.library.iter().map(|photo| photo.info()).collect();
    reply(&all)
}

async fn add_photo(Extract(shared): App, body: Bytes) -> Response {
    let photo: NewPhoto = match read(&body) {
        Ok(photo) => photo,
        Err(message) => return refused(&message),
    };
    match picture_of(&photo) {
        Ok(picture) => {
            let id = shared.lock().library.add(photo, picture);
            reply(&json!({"id": id.to_string()}))
        }
        Err(error) => refused(&error.to_string()),
    }
}

async fn delete_photo(Extract(shared): App, Path(id): Path<u64>) -> Response {
    if shared.lock().library.remove(id) {
        reply(&json!({}))
    } else {
        StatusCode::NOT_FOUND.into_response()
    }
}

async fn calls(Extract(shared): App) -> Response {
    reply(&shared.lock().calls)
}

async fn reset_calls(Extract(shared): App) -> Response {
    shared.lock().calls = Calls::default();
    reply(&json!({}))
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Fault>),
    One(Fault),
}

async fn set_faults(Extract(shared): App, body: Bytes) -> Response {
    let faults = match read(&body) {
        Ok(OneOrMany::Many(faults)) => faults,
        Ok(OneOrMany::One(fault)) => vec![fault],
        Err(message) => return refused(&message),
    };
    shared.lock().orders = Orders::new(faults);
    reply(&json!({}))
}

async fn quirks(Extract(shared): App) -> Response {
    reply(&shared.lock().quirks)
}

async fn set_quirks(Extract(shared): App, body: Bytes) -> Response {
    let quirks: Quirks = match read(&body) {
        Ok(quirks) => quirks,
        Err(message) => return refused(&message),
    };
    shared.lock().quirks = quirks;
    reply(&json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WantedToken {
    perms: Perms,
}

async fn issue_token(Extract(shared): App, body: Bytes) -> Response {
    let wanted: WantedToken = match read(&body) {
        Ok(wanted) => wanted,
        Err(message) => return refused(&message),
    };
    let (token, secret) = shared.issue_token(&mut shared.lock(), wanted.perms);
    reply(&json!({"oauth_token": token, "oauth_token_secret": secret}))
}

async fn revoke(Extract(shared): App) -> Response {
    shared.lock().tokens.clear();
    reply(&json!({}))
}

fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn refused(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, format!("{message}\n")).into_response()
}

fn reply(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
