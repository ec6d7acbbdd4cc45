//! Faces that are not asked about, and what was decided.

use std::sync::Arc;

use axum::extract::State;
use flickr_faces::{steps::naming::Member, store::FaceState};
use maud::{Markup, html};

use super::{
    cluster::{Question, question},
    frame::{Page, Tab, frame},
};
use crate::{
    app::{App, count},
    fields::Fields,
    problem::Problem,
};

/// Entries of the journal on its page.
const ENTRIES: u32 = 200;

/// `GET left-out`: faces that are not good enough to be grouped can be named even so.
pub(crate) async fn left_out(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    app.session.refresh().await?;
    let left_out = app.session.left_out();
    let mut reasons = std::collections::BTreeMap::new();
    for face in &left_out {
        *reasons.entry(face.why).or_insert(0_usize) += 1;
    }
    let reasons: Vec<_> = reasons
        .iter()
        .map(|(why, faces)| format!("{faces} {why}"))
        .collect();
    let faces: Vec<_> = left_out
        .into_iter()
        .map(|face| Member {
            id: face.id,
            photo: face.photo,
            distance: 0.0,
            outlier: false,
        })
        .collect();
    let all = faces.len();
    let (number, sheet) = app.sheet(faces, FaceState::Unnamed);
    let body = html! {
        div .head {
            h1 { (count(all, "face is", "faces are")) " left out" }
            p .about {
                @if all == 0 { "Every face is good enough to be grouped, as config.ini draws the line." }
                @else { "Not good enough to be grouped: " (reasons.join(", ")) ". Choose some and name them." }
            }
        }
        @if all > 0 {
            (question(&Question {
                sheet: number,
                hidden: &[("back", "left-out".to_owned())],
                later: "",
                odd: 0,
                picking: true,
            }, &sheet.faces))
        }
    };
    let page = Page {
        title: "Left out",
        tab: Tab::LeftOut,
        here: "left-out",
        body,
    };
    frame(app, &fields, page).await
}

/// `GET journal`: the last decisions, of the terminal and of all tabs; any can be undone.
pub(crate) async fn journal(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    app.session.refresh().await?;
    let entries = app.session.store().journal(ENTRIES).await?;
    let now = crate::app::now();
    let body = html! {
        div .head {
            h1 { "Journal" }
            p .about { "What was decided, here and in the terminal, newest first. Undoing leaves alone what was decided about a face since." }
        }
        @if entries.is_empty() { div .empty { p { "Nothing was decided yet." } } }
        ol .journal {
            @for entry in &entries {
                li .undone[entry.undone] {
                    span .what { @if entry.undoes.is_some() { "Taken back: " } (entry.what) }
                    span .counts {
                        @if entry.faces > 0 { (count(entry.faces as usize, "face", "faces")) " · " }
                        (ago(now - entry.made))
                    }
                    @if entry.undone {
                        span .mark { "undone" }
                    } @else {
                        form method="post" action="undo" {
                            input type="hidden" name="entry" value=(entry.id);
                            input type="hidden" name="back" value="journal";
                            button aria-label=(format!("Undo {}", entry.what)) { "Undo" }
                        }
                    }
                }
            }
        }
    };
    let page = Page {
        title: "Journal",
        tab: Tab::Journal,
        here: "journal",
        body,
    };
    frame(app, &fields, page).await
}

/// `just now`, `5 min ago`, `3 h ago`, `2 days ago`.
fn ago(seconds: i64) -> String {
    match seconds {
        ..60 => "just now".to_owned(),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} ago", count((seconds / 86_400) as usize, "day", "days")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_do() {
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
