//! The pages. They show without JavaScript, too: forms are forms and links are links; scripts add keys,
//! completion and lists that fill while one scrolls.

mod cluster;
mod clusters;
mod document;
mod frame;
mod journal;
mod keys;
mod low_quality;
mod pairs;
mod parts;
mod people;
mod person;
mod photo;
mod set_aside;
mod small;
mod suggestions;
mod together;

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

pub(crate) use self::{
    cluster::{cluster, next_address},
    clusters::{card, cluster_list, clusters, summary},
    document::{STYLE, forward, problem},
    journal::journal,
    low_quality::low_quality,
    pairs::pairs,
    parts::{face_to_json, member},
    people::people,
    person::{person, split},
    photo::photo,
    set_aside::set_aside,
    small::small,
    suggestions::suggestions,
    together::together,
};
use crate::{app::App, fields::Fields, problem::Problem};

/// A request for a page, answered with what is decided by now, here or elsewhere.
pub(crate) struct PageRequest {
    app: Arc<App>,
    fields: Fields,
}

impl FromRequestParts<Arc<App>> for PageRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        app.session.refresh().await?;
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            app: Arc::clone(app),
            fields: Fields::parse(query.as_bytes()),
        })
    }
}
