//! `/sandbox/...`: what other processes can see and change. Flickr has none of
//! this.
//!
//! | request | does |
//! |---|---|
//! | `GET /sandbox/tags` | `{photo id: {"title", "tags": [raw, ...]}}` |
//! | `GET /sandbox/annotations` | `{photo id: {"tags", "notes", "people"}}` |
//! | `GET /sandbox/photos` | every photo |
//! | `POST /sandbox/photos` | adds the photo in the body, answers `{"id"}` |
//! | `DELETE /sandbox/photos/ID` | deletes a photo |
//! | `POST /sandbox/photos/ID/edits` | changes a photo as its owner does on Flickr's pages |
//! | `GET`, `DELETE /sandbox/calls` | reads or resets the counts |
//! | `POST /sandbox/faults` | replaces the fault rules: one, or an array |
//! | `GET`, `POST /sandbox/quirks` | reads or sets behaviour |
//! | `POST /sandbox/tokens` | `{"perms"}`: an access token, without approval |
//! | `POST /sandbox/revoke` | revokes every token |

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request, State as Extract};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::account::Perms;
use crate::annotations::Annotations;
use crate::edits::Edit;
use crate::faults::FaultRules;
use crate::photo::{NewPhoto, PhotoInfo};
use crate::quirks::Quirks;
use crate::state::{Calls, Shared};

type App = Extract<Arc<Shared>>;

/// JSON, whatever content type the request names.
struct Json<T>(T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let content_type = [(header::CONTENT_TYPE, "application/json")];
        let body = serde_json::to_vec(&self.0).map_err(|error| {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            (status, error.to_string())
        });
        (content_type, body).into_response()
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(IntoResponse::into_response)?;
        serde_json::from_slice(&body).map(Self).map_err(bad_request)
    }
}

fn bad_request(error: impl std::error::Error) -> Response {
    (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response()
}

pub(crate) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/sandbox/tags", get(tags))
        .route("/sandbox/annotations", get(annotations))
        .route("/sandbox/photos", get(photos).post(add_photo))
        .route("/sandbox/photos/{id}", delete(delete_photo))
        .route("/sandbox/photos/{id}/edits", post(edit_photo))
        .route("/sandbox/calls", get(calls).delete(reset_calls))
        .route("/sandbox/faults", post(set_faults))
        .route("/sandbox/quirks", get(quirks).post(set_quirks))
        .route("/sandbox/tokens", post(issue_token))
        .route("/sandbox/revoke", post(revoke))
}

async fn tags(Extract(shared): App) -> Json<BTreeMap<String, Value>> {
    let photos = shared.lock().library.infos().into_iter();
    let tags = |photo: PhotoInfo| json!({"title": photo.title, "tags": photo.tags});
    Json(
        photos
            .map(|photo| (photo.id.clone(), tags(photo)))
            .collect(),
    )
}

async fn annotations(Extract(shared): App) -> Json<BTreeMap<String, Annotations>> {
    Json(shared.lock().library.annotations())
}

async fn photos(Extract(shared): App) -> Json<Vec<PhotoInfo>> {
    Json(shared.lock().library.infos())
}

async fn add_photo(
    Extract(shared): App,
    Json(photo): Json<NewPhoto>,
) -> Result<Json<Value>, Response> {
    let id = shared.add_photo(photo).map_err(bad_request)?;
    Ok(Json(json!({"id": id})))
}

async fn delete_photo(
    Extract(shared): App,
    Path(id): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    if shared.lock().library.remove(&id) {
        Ok(Json(json!({})))
    } else {
        Err(StatusCode::NOT_FOUND)
    }
}

async fn edit_photo(
    Extract(shared): App,
    Path(id): Path<String>,
    Json(edit): Json<Edit>,
) -> Result<Json<Value>, StatusCode> {
    if shared.lock().edit(&id, &edit) {
        Ok(Json(json!({})))
    } else {
        Err(StatusCode::NOT_FOUND)
    }
}

async fn calls(Extract(shared): App) -> Json<Calls> {
    Json(shared.lock().calls.clone())
}

async fn reset_calls(Extract(shared): App) -> Json<Value> {
    shared.lock().calls = Calls::default();
    Json(json!({}))
}

async fn set_faults(
    Extract(shared): App,
    Json(rules): Json<Value>,
) -> Result<Json<Value>, Response> {
    let rules = match rules {
        Value::Array(_) => serde_json::from_value(rules),
        one => serde_json::from_value(one).map(|rule| vec![rule]),
    };
    shared.lock().fault_rules = FaultRules(rules.map_err(bad_request)?);
    Ok(Json(json!({})))
}

async fn quirks(Extract(shared): App) -> Json<Quirks> {
    Json(shared.lock().quirks.clone())
}

async fn set_quirks(Extract(shared): App, Json(quirks): Json<Quirks>) -> Json<Value> {
    shared.lock().set_quirks(quirks);
    Json(json!({}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    perms: Perms,
}

async fn issue_token(Extract(shared): App, Json(request): Json<TokenRequest>) -> Json<Value> {
    let (token, secret) = shared.lock().issue_token(request.perms);
    Json(json!({"oauth_token": token, "oauth_token_secret": secret}))
}

async fn revoke(Extract(shared): App) -> Json<Value> {
    shared.lock().access_tokens.clear();
    Json(json!({}))
}
