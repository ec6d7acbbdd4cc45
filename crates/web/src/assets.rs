//! Style and scripts, built into the program.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

const CSS: &str = include_str!("../assets/style.css");

const FILES: [(&str, &str); 16] = [
    ("style.css", CSS),
    ("icon.svg", include_str!("../assets/icon.svg")),
    ("answers.js", include_str!("../assets/answers.js")),
    ("clusters.js", include_str!("../assets/clusters.js")),
    ("draft.js", include_str!("../assets/draft.js")),
    ("faces.js", include_str!("../assets/faces.js")),
    ("lists.js", include_str!("../assets/lists.js")),
    ("main.js", include_str!("../assets/main.js")),
    ("names.js", include_str!("../assets/names.js")),
    ("net.js", include_str!("../assets/net.js")),
    ("people.js", include_str!("../assets/people.js")),
    ("photo.js", include_str!("../assets/photo.js")),
    ("pictures.js", include_str!("../assets/pictures.js")),
    ("touch.js", include_str!("../assets/touch.js")),
    ("turn.js", include_str!("../assets/turn.js")),
    ("typing.js", include_str!("../assets/typing.js")),
];

/// `Cache-Control` of a file whose address changes with what is in it.
pub(crate) const IMMUTABLE: &str = "private, max-age=31536000, immutable";

/// Marks a response that may be kept for good.
#[derive(Debug, Clone)]
pub(crate) struct Immutable;

/// The beginning of the SHA-256 of all files, in hexadecimal digits: scripts load each other by names beside theirs, so
/// that all of them move where one changes.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (name, text) in FILES {
        hash.update(name);
        hash.update(text);
    }
    let digits = hash.finalize();
    digits
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
});

/// What the files' addresses hold.
pub(crate) fn version() -> &'static str {
    &VERSION
}

/// One of the files that pages load.
pub(crate) async fn file(
    Path((version, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let file = FILES.iter().find(|(known, _)| *known == name);
    let (_, text) = file.ok_or(Problem::NotFound("file"))?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    let mut response = ([(CONTENT_TYPE, kind)], *text).into_response();
    // An old page, of a program before this one, gets what there is now, to be asked for again.
    if version == *VERSION {
        response.extensions_mut().insert(Immutable);
    }
    Ok(response)
}

/// The style, for who is not let in too.
pub(crate) async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], CSS).into_response()
}
