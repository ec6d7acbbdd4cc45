//! An HTML document, and the documents that need nothing of this server.

use axum::http::StatusCode;
use maud::{DOCTYPE, Markup, html};

/// Where the style is for pages that do not say where the others lie.
pub(crate) const STYLE: &str = "/style.css";

/// `head` is what the page has there beside its title, `body` the whole element.
pub(super) fn document(title: &str, head: &Markup, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                (head)
            }
            (body)
        }
    }
}

/// A page that leads on to an address by itself.
pub(crate) fn forward(address: &str, head: &Markup) -> Markup {
    let head = html! {
        meta http-equiv="refresh" content=(format!("0;url={address}"));
        (head)
    };
    let body = html! { body { main { p { a href=(address) { "Name faces" } } } } };
    document("flickr-faces", &head, &body)
}

/// A page that says what went wrong, in the dress of the others. `base` is where those lie, for one who is let in.
pub(crate) fn problem(status: StatusCode, text: &str, base: Option<&str>) -> Markup {
    let title = match status {
        StatusCode::FORBIDDEN => "Not let in",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::CONFLICT => "Too late",
        _ if status.is_server_error() => "That did not work",
        _ => "Not understood",
    };
    let head = html! {
        @if let Some(base) = base { base href=(base); }
        link rel="stylesheet" href=(STYLE);
    };
    let body = html! {
        body {
            header .bar { span .brand { span .dots aria-hidden="true" { i {} i {} } "flickr-faces" } }
            main {
                div .empty {
                    h1 { (title) }
                    p #problem { (text) }
                    @if let Some(base) = base { p { a .button href=(base) { "To the clusters" } } }
                }
            }
        }
    };
    document(&format!("{title} · flickr-faces"), &head, &body)
}
