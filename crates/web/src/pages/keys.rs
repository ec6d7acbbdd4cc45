//! The keys, shown on `?`.

use maud::{Markup, html};

type Keys = (&'static str, &'static [(&'static str, &'static str)]);

const TYPING: Keys = (
    "While a name is typed",
    &[
        ("Enter", "name the faces and go on; if empty: later"),
        (
            "↑ ↓, Tab",
            "choose a known name; until then, what you typed counts",
        ),
        ("=", "in the empty field: same name as last"),
        (
            ":x 3 7-9",
            "take faces out; a name may follow, as in the terminal",
        ),
        (":i :n :u", "strangers, not faces, undo"),
        ("Esc", "leave the field for the faces and the keys below"),
    ],
);

const ANYWHERE: Keys = (
    "Anywhere with Alt; without it where nothing is typed",
    &[
        ("Alt+S, s", "strangers: do not ask about them again"),
        ("Alt+N, n", "not faces"),
        ("Alt+L, l", "later: on to the next"),
        ("Alt+P, p", "same name as last"),
        ("Alt+U, u", "undo the last answer of this tab"),
        ("Alt+O, o", "take the odd ones out"),
        ("g", "to all clusters"),
        ("/", "to the name field"),
        ("?", "these keys"),
    ],
);

const FACES: Keys = (
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
);

const SUGGESTIONS: Keys = (
    "Suggestions",
    &[
        ("y", "yes, it is this person"),
        ("n", "no; it is not asked again"),
        ("l", "later"),
    ],
);

/// Every key, as the overlay on `?` shows them.
pub(super) fn keys() -> Markup {
    html! {
        dialog #help aria-labelledby="help-title" {
            form method="dialog" { button aria-label="Close" { "✕" } }
            h2 #help-title { "Keys" }
            div .keys {
                @for (title, keys) in [TYPING, ANYWHERE, FACES, SUGGESTIONS] {
                    section {
                        h3 { (title) }
                        dl { @for (key, what) in keys { dt { kbd { (key) } } dd { (what) } } }
                    }
                }
            }
        }
    }
}
