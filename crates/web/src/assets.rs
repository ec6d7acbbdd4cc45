//! Style and scripts, built into the program.

use axum::{
    extract::Path,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};

use crate::problem::Problem;

const JS: &str = "text/javascript; charset=utf-8";

/// One of the files that pages load.
pub(crate) async fn file(Path(name): Path<String>) -> Result<Response, Problem> {
    let (kind, text) = match name.as_str() {
        "style.css" => (
            "text/css; charset=utf-8",
            include_str!("../assets/style.css"),
        ),
        "icon.svg" => ("image/svg+xml", include_str!("../assets/icon.svg")),
        "main.js" => (JS, include_str!("../assets/main.js")),
        "ask.js" => (JS, include_str!("../assets/ask.js")),
        "board.js" => (JS, include_str!("../assets/board.js")),
        "faces.js" => (JS, include_str!("../assets/faces.js")),
        "lists.js" => (JS, include_str!("../assets/lists.js")),
        "net.js" => (JS, include_str!("../assets/net.js")),
        "names.js" => (JS, include_str!("../assets/names.js")),
        "photo.js" => (JS, include_str!("../assets/photo.js")),
        _ => return Err(Problem::NotThere("file")),
    };
    Ok(([(CONTENT_TYPE, kind)], text).into_response())
}
