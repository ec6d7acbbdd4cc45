//! What was decided.

use std::time::{SystemTime, UNIX_EPOCH};

use flickr_faces::{store::FaceState, text::count};
use maud::{Markup, html};

use super::{
    PageRequest,
    frame::Tab,
    parts::{hidden, look},
};
use crate::problem::Problem;

/// Entries of the journal on its page.
const ENTRIES: u32 = 200;

/// `GET journal`: the last decisions, of the terminal and of all tabs; each can be undone.
pub(crate) async fn journal(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let store = app.session.store();
    let mut entries = Vec::new();
    for entry in store.journal(ENTRIES).await? {
        // One that is no longer there has no picture.
        let face = store.journal_face(&entry).await?;
        let face = face.filter(|face| app.session.state(face).is_some());
        entries.push((entry, face));
    }
    let now = now();
    let body = html! {
        div .head {
            h1 { "Journal" }
            p .about { "What was decided, here and in the terminal, newest first. Undo leaves faces alone that were decided again since." }
        }
        @if entries.is_empty() {
            div .empty {
                p { "Nothing has been decided yet." }
                p { a .button .main href="./" { "Name the first group" } }
            }
        }
        ol .journal {
            @for (entry, face) in &entries {
                li .undone[entry.undone] {
                    span .shown { @if let Some(face) = face { (look(face, &format!("A face of: {}", entry.what))) } }
                    span .what {
                        @if entry.undoes.is_some() { "Undid: " }
                        @match face.as_ref().map(|face| app.state(face)) {
                            Some(FaceState::Named(person)) => { a href=(format!("person/{person}")) { (entry.what) } },
                            _ => (entry.what),
                        }
                    }
                    span .counts {
                        @if entry.faces > 0 { (count(entry.faces, "face", "faces")) " · " }
                        (ago(now - entry.made))
                    }
                    @if entry.undone {
                        span .mark { "undone" }
                    } @else {
                        form method="post" action="undo" {
                            (hidden(&[("entry", &entry.id.to_string()), ("back", "journal")]))
                            button aria-label=(format!("Undo {}", entry.what)) { "Undo" }
                        }
                    }
                }
            }
        }
    };
    request
        .render(Tab::Journal, "Journal", "journal", &body)
        .await
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// `just now`, `5 min ago`, `3 h ago`, `2 days ago`.
fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} ago", count(seconds / 86_400, "day", "days")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_given_in_the_largest_unit() {
        let cases = [
            (-5, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (7200, "2 h ago"),
            (86_400, "1 day ago"),
            (864_000, "10 days ago"),
        ];
        for (seconds, text) in cases {
            assert_eq!(ago(seconds), text);
        }
    }
}
