//! Style and scripts, built into the program.

use axum::{
    extract::Path,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use crate::problem::Problem;

const FILES: [(&str, &str); 10] = [
    ("style.css", include_str!("../assets/style.css")),
    ("icon.svg", include_str!("../assets/icon.svg")),
    ("answers.js", include_str!("../assets/answers.js")),
    ("clusters.js", include_str!("../assets/clusters.js")),
    ("faces.js", include_str!("../assets/faces.js")),
    ("lists.js", include_str!("../assets/lists.js")),
    ("main.js", include_str!("../assets/main.js")),
    ("names.js", include_str!("../assets/names.js")),
    ("net.js", include_str!("../assets/net.js")),
    ("photo.js", include_str!("../assets/photo.js")),
];

/// One of the files that pages load.
pub(crate) async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    let file = FILES.iter().find(|(known, _)| *known == name);
    let (_, text) = file.ok_or(Problem::NotFound("file"))?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    Ok(([(CONTENT_TYPE, kind)], *text).into_response())
}
