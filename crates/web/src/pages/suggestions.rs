//! Known people on one screen: of each the faces that are known, and those that may be theirs. All is right with one key,
//! and what is not is marked.

use std::sync::Arc;

use flickr_faces::{
    steps::naming::{Suggestion, Why, screens},
    store::FaceState,
    text::count,
};
use maud::{Markup, html};

use super::{
    PageRequest,
    frame::Tab,
    parts::{crop, face_image, hidden, name_field_as},
};
use crate::{app::App, fields::Fields, problem::Problem};

/// Known faces in a row.
const SAMPLES: usize = 3;

/// A list of screens: its number, the screens, and the first one from the wanted place on where something is open.
type Screens = (u64, Arc<Vec<Vec<Suggestion>>>, Option<usize>);

/// The list of screens that the address names, or a new one.
async fn screen_list(app: &App, fields: &Fields) -> Result<Screens, Problem> {
    let at: usize = fields.number_or("at", 0)?;
    let number: u64 = fields.number_or("queue", 0)?;
    if let Some(list) = app.suggestion_lists.get(number)
        && let Some(open) = first_open(app, &list, at)
    {
        return Ok((number, list, Some(open)));
    }
    // At the end of the list answers may have led to new suggestions.
    let view = app.view(app.session.settings().threshold, true).await?;
    let list = Arc::new(screens(&app.session.suggestions(&view).await?));
    let rows = list.iter().map(Vec::len).sum();
    let number = app.suggestion_lists.insert(Arc::clone(&list), rows);
    let open = first_open(app, &list, 0);
    Ok((number, list, open))
}

fn first_open(app: &App, list: &[Vec<Suggestion>], at: usize) -> Option<usize> {
    let is_open = |suggestion: &Suggestion| !app.session.still_open(suggestion).is_empty();
    (at..list.len()).find(|&screen| list[screen].iter().any(is_open))
}

/// `GET suggestions`
pub(crate) async fn suggestions(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let (number, list, open) = screen_list(app, &request.fields).await?;
    let (here, body) = match open {
        Some(at) => (
            format!("suggestions?queue={number}&at={at}"),
            asked(app, number, &list, at),
        ),
        None => (
            "suggestions".to_owned(),
            html! {
                div .head { h1 { "No suggestions" } }
                div .empty {
                    p { "No unnamed face looks enough like a named person. " (app.session.remaining().words()) }
                    p { "Name some groups: faces that look like them are then suggested here." }
                    p {
                        a .button .main href="./" { "To the clusters" } " "
                        a .button href="pairs" { "Same person?" }
                    }
                }
            },
        ),
    };
    request
        .render(Tab::Suggestions, "Suggestions", &here, &body)
        .await
}

fn asked(app: &App, number: u64, list: &[Vec<Suggestion>], at: usize) -> Markup {
    let left: usize = list[at..].iter().map(Vec::len).sum();
    html! {
        div .head {
            h1 { "Are these right?" }
            p .about {
                (count(left, "row", "rows")) " left. Click the faces that are wrong; Enter says that all others are right."
            }
        }
        form #rows .screen method="post" action="rows" {
            (hidden(&[("queue", &number.to_string()), ("at", &at.to_string())]))
            div .ask {
                button .main name="do" value="rows" title="Enter" autofocus { "All right" }
                a #later .button href=(format!("suggestions?queue={number}&at={}", at + 1)) title="Alt+L" { "Later" }
                a .button href="pairs" { "Same person?" }
                p #held role="status" .js {}
            }
            ol .rows {
                @for (row, suggestion) in list[at].iter().enumerate() {
                    (one(app, row, suggestion))
                }
            }
        }
    }
}

/// A person, and the faces that may be theirs.
fn one(app: &App, row: usize, suggestion: &Suggestion) -> Markup {
    let open = app.session.still_open(suggestion);
    if open.is_empty() {
        return html! {};
    }
    let name = &suggestion.name;
    let (list, faces) = app.list(open, FaceState::Unnamed);
    html! {
        li .row {
            (hidden(&[(&format!("list-{row}"), &list.to_string())]))
            div .known {
                @for sample in suggestion.samples.iter().take(SAMPLES) { (face_image(sample)) }
                a href=(format!("person/{}", suggestion.person)) { (name) }
                @if suggestion.why != Why::Looks { small { "has the tag" } }
            }
            div .asked {
                @for (face, member) in faces.faces.iter().enumerate() {
                    label .pick {
                        input type="checkbox" name=(format!("wrong-{row}")) value=(face)
                            aria-label=(format!("Face {} is not {name}", face + 1));
                        (crop_for_both(&member.id))
                    }
                }
            }
            div .wrong {
                label .none {
                    input type="checkbox" name=(format!("none-{row}")) value="1"; " None is " (name)
                }
                (name_field_as(&format!("who-{row}"), &format!("who-{row}"), &format!("Who is in row {} instead", row + 1), "Who is it? (may stay empty)", false))
            }
        }
    }
}

fn crop_for_both(face: &flickr_faces::store::FaceId) -> Markup {
    html! { img .js data-face=(face) alt="" width="160" height="160"; noscript { (crop(face, "")) } }
}
