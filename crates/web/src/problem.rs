//! What can go wrong with a request, as the person reads it.

use std::sync::Arc;

use axum::{
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use flickr_faces::{naming::name::NameError, steps::StepError, store::StoreError};

use crate::{
    guard::{REFUSED, Refusal},
    pages,
};

/// Why a request gets no page. Nothing was changed where one of these is answered, but for what a
/// [`Problem::Step`] says itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    /// The guard turned it away.
    #[error("{}", .0.explained())]
    Refused(Refusal),
    /// There is no such page, face or person.
    #[error("There is no such {0} here. Perhaps it was decided about or changed since.")]
    NotThere(&'static str),
    /// A list of faces that is no longer kept.
    #[error("This page is too old: load it again. Nothing was changed.")]
    TooOld,
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
    /// What was typed is no name.
    #[error("That is no name: {0}")]
    Name(#[from] NameError),
    /// Something else the person asked for cannot be.
    #[error("{0}")]
    CannotBe(String),
    /// The step or the store failed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// A picture could not be drawn.
    #[error("The picture cannot be shown: {0}")]
    Picture(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Step(error.into())
    }
}

impl Problem {
    /// A field that is wrong; of its content no more than a line is said.
    pub(crate) fn field(field: &'static str, found: &str, expected: &'static str) -> Self {
        Self::Field {
            field,
            found: found.chars().take(40).collect(),
            expected,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Refused(_) => REFUSED,
            Self::NotThere(_) => StatusCode::NOT_FOUND,
            Self::TooOld => StatusCode::CONFLICT,
            Self::Field { .. } => StatusCode::BAD_REQUEST,
            Self::Name(_) | Self::CannotBe(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Step(_) | Self::Picture(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// As a page, or for a script.
    pub(crate) fn response(&self, json: bool) -> Response {
        if let Self::Step(error) = self {
            tracing::warn!("{error}");
        }
        let text = self.to_string();
        if json {
            let body = serde_json::json!({ "problem": text }).to_string();
            (self.status(), [(CONTENT_TYPE, "application/json")], body).into_response()
        } else {
            (self.status(), pages::problem(&text)).into_response()
        }
    }
}

impl IntoResponse for Problem {
    /// Left to [`stand`](crate::guard::stand), which knows who asked.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Whether a script of ours asks, which says so.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .is_some_and(|accept| accept.as_bytes() == b"application/json")
}
