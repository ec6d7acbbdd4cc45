//! An HTML document, and the documents that need nothing of this server.

use maud::{DOCTYPE, Markup, html};

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
    let body = html! { body { p { a href=(address) { "Name faces" } } } };
    document("flickr-faces", &head, &body)
}

/// A page that says what went wrong. It loads nothing, which only a known browser may do.
pub(crate) fn problem(text: &str) -> Markup {
    let body = html! {
        body {
            h1 { "flickr-faces" }
            p #problem { (text) }
        }
    };
    document("flickr-faces", &html! {}, &body)
}
