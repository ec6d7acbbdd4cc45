//! What is around every page: the bar, what the last answer did, the keys.

use std::sync::Arc;

use maud::{DOCTYPE, Markup, html};

use crate::{
    app::{App, Note, count, grouped},
    fields::Fields,
    problem::Problem,
};

/// A page of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Clusters,
    Suggestions,
    People,
    LeftOut,
    Journal,
}

const TABS: [(Tab, &str, &str); 5] = [
    (Tab::Clusters, "./", "Clusters"),
    (Tab::Suggestions, "suggestions", "Suggestions"),
    (Tab::People, "people", "People"),
    (Tab::LeftOut, "left-out", "Left out"),
    (Tab::Journal, "journal", "Journal"),
];

/// A page's own part.
pub(super) struct Page<'a> {
    pub title: &'a str,
    pub tab: Tab,
    /// Its address, below the place.
    pub here: &'a str,
    pub body: Markup,
}

/// Puts a page together. `fields` are those of its address: they may name a note.
pub(super) async fn frame(app: &App, fields: &Fields, page: Page<'_>) -> Result<Markup, Problem> {
    let counts = app.session.counts().await?;
    let note = match fields.get("note").map(str::parse) {
        Some(Ok(number)) => app.notes.get(number),
        _ => None,
    };
    let newest = app.session.store().journal(1).await?;
    let newest = newest.first().map_or(0, |entry| entry.id);
    let main = format!("{}#main", page.here);
    let (faces, left) = (counts.faces as usize, counts.undecided as usize);
    Ok(html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                base href=(format!("/{}/", app.guard.place));
                title { (page.title) " · flickr-faces" }
                link rel="icon" href="assets/icon.svg";
                link rel="stylesheet" href="assets/style.css";
                script type="module" src="assets/main.js" {}
            }
            body data-revision=(app.session.revision()) data-newest=(newest) data-here=(page.here) {
                a .skip href=(main) { "To the faces" }
                header .bar {
                    a .brand href="./" { span .dots aria-hidden="true" { i {} i {} } "flickr-faces" }
                    nav aria-label="Pages" {
                        @for (tab, address, name) in TABS {
                            a href=(address) aria-current=[(tab == page.tab).then_some("page")] { (name) }
                        }
                    }
                    p .left title=(format!("{} of {} without a name", grouped(left), count(faces, "face", "faces"))) {
                        progress max=(faces.max(1)) value=(faces - left.min(faces)) aria-hidden="true" {}
                        b #left { (grouped(left)) } " of " (grouped(faces)) " left"
                    }
                    button #keys .js type="button" aria-haspopup="dialog" title="Keys (?)" { "?" }
                }
                div #notes role="status" {
                    @if let Some(note) = &note { (shown(note, page.here)) }
                    @if let Some(new) = counts.faces.checked_sub(app.begun_with).filter(|new| *new > 0) {
                        div .note { p {
                            (count(new as usize, "face has", "faces have")) " come since: start cluster-faces --web again to see them."
                        } }
                    }
                }
                main #main tabindex="-1" { (page.body) }
                (keys())
            }
        }
    })
}

/// What the last answer did, and how to take it back.
fn shown(note: &Arc<Note>, here: &str) -> Markup {
    html! {
        div .note data-entry=[note.entry] {
            p { (note.text) }
            @for more in &note.more { p .told { (more) } }
            @if let Some(force) = &note.force {
                form method="post" action="decide" {
                    input type="hidden" name="sheet" value=(force.sheet);
                    input type="hidden" name="only" value=(places(&force.places));
                    input type="hidden" name="name" value=(force.name);
                    input type="hidden" name="force" value="1";
                    input type="hidden" name="back" value=(here);
                    button name="do" value="name" { "Name them all the same" }
                }
            }
            @if let Some(entry) = note.entry {
                form method="post" action="undo" {
                    input type="hidden" name="entry" value=(entry);
                    input type="hidden" name="back" value=(here);
                    button { "Undo" }
                }
            }
        }
    }
}

/// `3,7,9`.
pub(super) fn places(places: &[usize]) -> String {
    let texts: Vec<_> = places.iter().map(usize::to_string).collect();
    texts.join(",")
}

/// Every key, as the overlay on `?` shows them.
fn keys() -> Markup {
    let keys: [(&str, &[(&str, &str)]); 4] = [
        (
            "While a name is typed",
            &[
                (
                    "Enter",
                    "name the faces and go on; with nothing typed: later",
                ),
                (
                    "↑ ↓, Tab",
                    "choose a known name; what is typed stays as it is until then",
                ),
                ("=", "in the empty field: the same name as last"),
                (
                    ":x 3 7-9",
                    "take faces out; a name may follow, as in the terminal",
                ),
                (":i :n :u", "strangers, not faces, undo"),
                ("Esc", "out of the field, to the faces and the keys below"),
            ],
        ),
        (
            "Anywhere, with Alt; or alone where nothing is typed",
            &[
                ("Alt+S, s", "strangers: do not ask about them again"),
                ("Alt+N, n", "not faces"),
                ("Alt+L, l", "later: on to the next"),
                ("Alt+P, p", "the same name as last"),
                ("Alt+U, u", "undo the last answer of this tab"),
                ("Alt+O, o", "take the odd ones out"),
                ("g", "to all clusters"),
                ("/", "to the name field"),
                ("?", "these keys"),
            ],
        ),
        (
            "Among the faces",
            &[
                ("↑ ↓ ← →", "to another face"),
                (
                    "x, Space",
                    "take it out, or in again; with Shift, all from the last one",
                ),
                ("v", "the whole photo"),
                ("f", "the photo's page on Flickr"),
            ],
        ),
        (
            "Suggestions",
            &[
                ("y", "yes, it is this person"),
                ("n", "no; it is not asked again"),
                ("l", "later"),
            ],
        ),
    ];
    html! {
        dialog #help aria-labelledby="help-title" {
            form method="dialog" { button aria-label="Close" { "✕" } }
            h2 #help-title { "Keys" }
            div .keys {
                @for (title, keys) in keys {
                    section {
                        h3 { (title) }
                        dl { @for (key, what) in keys { dt { kbd { (key) } } dd { (what) } } }
                    }
                }
            }
        }
    }
}

/// A page that says what went wrong. It needs nothing that only a known browser may load.
pub(crate) fn problem(text: &str) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "flickr-faces" }
            }
            body {
                h1 { "flickr-faces" }
                p #problem { (text) }
            }
        }
    }
}
