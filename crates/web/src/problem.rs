//! What can go wrong with a request, as the person reads it.

use std::sync::Arc;

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header::ACCEPT},
    response::{IntoResponse, Response},
};
use flickr_faces::{
    naming::NameError,
    steps::{StepError, review::AnswerError},
    store::StoreError,
};
use serde_json::json;

use crate::pages;

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `Host` is missing, repeated, or of another server.
    Host,
    /// It comes from a page of another server.
    Origin,
    /// The cookie is missing or wrong.
    Cookie,
}

impl Refusal {
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::Host => "This server answers to its own address only.",
            Self::Origin => "Refused: the request came from another site. Nothing was changed.",
            Self::Cookie => {
                "Open the whole address that cluster-faces printed: its token lets this browser in."
            }
        }
    }
}

/// Why a request gets no page. Nothing was changed, unless a [`Problem::Step`] says otherwise.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The guard refused it.
    #[error("{}", .0.message())]
    Refused(Refusal),
    /// There is no such page, face or person.
    #[error("There is no such {0}. It may have been changed since this page was loaded.")]
    NotFound(&'static str),
    /// What the HTTP library refuses by itself.
    #[error("{}", in_words(*.0))]
    Http(StatusCode),
    /// A list of faces that is forgotten.
    #[error("This page is too old: reload it. Nothing was changed.")]
    Expired,
    /// A field of a form is missing or makes no sense.
    #[error(
        "The field {field} is wrong: found {found:?}, expected {expected}. Nothing was changed."
    )]
    Field {
        /// Its name.
        field: &'static str,
        /// What it holds, shortened.
        found: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// What was typed is not an answer.
    #[error(transparent)]
    Answer(#[from] AnswerError),
    /// Something else that cannot be done.
    #[error("{0}")]
    Rejected(String),
    /// The step or the store failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A picture cannot be shown.
    #[error("Cannot show the picture: {0}")]
    Picture(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Step(error.into())
    }
}

impl From<NameError> for Problem {
    fn from(error: NameError) -> Self {
        Self::Answer(error.into())
    }
}

impl Problem {
    /// A field that is wrong; at most the first 40 characters of its content are repeated.
    pub(crate) fn field(field: &'static str, found: &str, expected: &'static str) -> Self {
        Self::Field {
            field,
            found: found.chars().take(40).collect(),
            expected,
        }
    }

    /// What axum refuses by itself.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            // A part of an address that is no number: no page has it.
            StatusCode::BAD_REQUEST => Self::NotFound("page"),
            _ => Self::Http(status),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Refused(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Http(status) => *status,
            Self::Expired => StatusCode::CONFLICT,
            Self::Field { .. } => StatusCode::BAD_REQUEST,
            Self::Answer(_) | Self::Rejected(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Step(StepError::Store(
                StoreError::NoEntry { .. } | StoreError::NoPerson { .. },
            )) => StatusCode::NOT_FOUND,
            Self::Step(StepError::Store(StoreError::AlreadyUndone { .. })) => StatusCode::CONFLICT,
            Self::Step(StepError::Store(StoreError::Away { .. })) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Step(error) if error.is_refusal() => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Step(_) | Self::Picture(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// As a page, or as JSON for a script.
    ///
    /// `base` is where the pages lie, for one who is let in.
    pub(crate) fn response(&self, json: bool, base: Option<&str>) -> Response {
        let (status, mut text) = (self.status(), sentence(&self.to_string()));
        if status == StatusCode::SERVICE_UNAVAILABLE {
            text += ". Reload the page when it is back: it shows what is saved.";
        }
        if status.is_server_error() {
            tracing::warn!("{text}");
        }
        if json {
            (status, Json(json!({ "problem": text }))).into_response()
        } else {
            (status, pages::problem(status, &text, base)).into_response()
        }
    }
}

impl IntoResponse for Problem {
    /// Left to [`check`](crate::guard::check), which knows whether a script asks.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// What a status means here.
fn in_words(status: StatusCode) -> String {
    match status {
        StatusCode::METHOD_NOT_ALLOWED => {
            "This page cannot be asked for in that way. Nothing was changed.".to_owned()
        }
        StatusCode::PAYLOAD_TOO_LARGE => "The form is too long. Nothing was changed.".to_owned(),
        _ => format!("The request cannot be answered ({status}). Nothing was changed."),
    }
}

/// An error of the library as a sentence of its own.
fn sentence(error: &str) -> String {
    let mut letters = error.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Whether one of the page's scripts asks.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT);
    accept.is_some_and(|accept| accept.as_bytes() == b"application/json")
}
