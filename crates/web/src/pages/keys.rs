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
        ("=", "in the empty field: write the last name again"),
        (
            ":x 3 7-9",
            "take faces out; a name may follow, as in the terminal",
        ),
        (":i :n :u", "strangers, not faces, undo"),
        (
            "Esc",
            "empty the field; once more for the single keys below",
        ),
    ],
);

const ANYWHERE: Keys = (
    "Single keys: after Esc, or anywhere with Alt",
    &[
        ("s", "strangers: do not ask about them again"),
        ("n", "not faces"),
        ("l", "later: on to the next"),
        ("p", "write the last name again"),
        ("u", "undo the last answer of this tab"),
        ("o", "take the odd ones out"),
        ("g", "to all clusters (after Esc)"),
        ("/, Esc", "back to the name field (after Esc)"),
        ("?", "these keys"),
    ],
);

const FACES: Keys = (
    "Among the faces",
    &[
        (
            "↑ ↓ ← →",
            "to another face; with Shift, marking those on the way",
        ),
        (
            "Space, x",
            "take it out, or in again; with Shift, all from the last one (x after Esc)",
        ),
        ("a drag", "marks all faces that it goes over"),
        (
            "Enter, v",
            "the whole photo (v after Esc); there, ← → for the next",
        ),
        ("f", "the photo's page on Flickr (after Esc)"),
    ],
);

const SUGGESTIONS: Keys = (
    "Rows and pairs",
    &[
        ("Enter", "all are right, but for those that are marked"),
        ("Tab, Space", "to a face, and mark it"),
        ("Alt+L", "later"),
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
            p { label { input #single-keys type="checkbox"; " After Esc, single letters are commands" } }
        }
    }
}
