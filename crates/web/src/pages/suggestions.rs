//! "Is this Ada?": one question after the other, the most certain first.

use std::sync::Arc;

use flickr_faces::{
    naming::coverage,
    steps::naming::{Suggestion, Why},
    store::FaceState,
    text::count,
};
use maud::{Markup, html};

use super::{
    PageRequest,
    frame::Tab,
    parts::{hidden, look, name_field, tiles},
};
use crate::{app::App, fields::Fields, problem::Problem};

/// The list of suggestions that the address names, or a new one; and the first from index `at` on that
/// is still open.
async fn suggestion_list(
    app: &App,
    fields: &Fields,
) -> Result<(u64, Arc<Vec<Suggestion>>, Option<usize>), Problem> {
    let at: usize = fields.number_or("at", 0)?;
    let number: u64 = fields.number_or("queue", 0)?;
    if let Some(list) = app.suggestion_lists.get(number)
        && let Some(open) = first_open(app, &list, at)
    {
        return Ok((number, list, Some(open)));
    }
    // At the end of the list answers may have led to new suggestions.
    let view = app.view(app.session.settings().threshold, true).await?;
    let list = app.session.suggestions(&view).await?;
    let number = app.suggestion_lists.insert(Arc::clone(&list), list.len());
    let open = first_open(app, &list, 0);
    Ok((number, list, open))
}

fn first_open(app: &App, list: &[Suggestion], at: usize) -> Option<usize> {
    (at..list.len()).find(|&index| !app.session.still_open(&list[index]).is_empty())
}

/// `GET suggestions`
pub(crate) async fn suggestions(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let (number, list, open) = suggestion_list(app, &request.fields).await?;
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
                    p { "No unnamed face looks enough like a named person." }
                    p { "Name some groups: faces that look like them are then suggested here." }
                    p { a .button .main href="./" { "To the clusters" } }
                }
            },
        ),
    };
    request
        .render(Tab::Suggestions, "Suggestions", &here, &body)
        .await
}

fn asked(app: &App, number: u64, list: &[Suggestion], at: usize) -> Markup {
    let suggestion = &list[at];
    let name = &suggestion.name;
    let (list_number, faces) = app.list(app.session.still_open(suggestion), FaceState::Unnamed);
    let all = faces.faces.len();
    let sizes = list[at..].iter().map(|suggestion| suggestion.faces.len());
    let (answers, percent) = coverage(sizes.clone(), sizes.sum());
    let why = match suggestion.why {
        Why::Looks => "looks alike",
        Why::TaggedOnFlickr => "the photo has the tag on Flickr",
        Why::Both => "looks alike, and the photo has the tag on Flickr",
    };
    html! {
        div .head {
            h1 { "Is this " a href=(format!("person/{}", suggestion.person)) { (name) } "?" }
            p .about {
                (count(list.len() - at, "question", "questions")) " left; "
                (count(answers, "answer covers", "answers cover")) " " (percent) "% of their faces. "
                "Here: " (why) "."
            }
        }
        form #suggestion method="post" action="suggest" {
            (hidden(&[("list", &list_number.to_string()), ("queue", &number.to_string()), ("at", &at.to_string())]))
            div .pair {
                figure {
                    @if let Some(face) = faces.faces.first() { (look(&face.id, "The unnamed face")) }
                    figcaption { (count(all, "unnamed face", "unnamed faces")) }
                }
                figure {
                    @if let Some(sample) = suggestion.samples.first() { (look(sample, &format!("A face of {name}"))) }
                    figcaption { (name) }
                }
            }
            div .ask .answers {
                button .main name="do" value="yes" title="Alt+Y" { "Yes" }
                button name="do" value="no" title="Alt+N" { "No" }
                a #later .button href=(format!("suggestions?queue={number}&at={}", at + 1)) title="Alt+L" { "Later" }
                (name_field("name", "y, n, or who it is", "y, n, or who it is", true))
            }
            div .line .js {
                p #chosen role="status" {}
                p #held role="status" {}
                p .hint .typing { kbd { "y" } " or " kbd { "n" } " and " kbd { "Enter" } " · " kbd { "Esc" } " then single keys" }
                p .hint .letters { "Keys: " kbd { "y" } " yes " kbd { "n" } " no " kbd { "l" } " later " kbd { "u" } " undo" }
                button #mode type="button" hidden { "Back to typing" }
            }
            div .beside {
                @if all > 1 { (tiles(list_number, &faces, false, "Unnamed faces")) }
                ul .faces .theirs aria-label=(format!("Faces of {name}")) {
                    @for sample in suggestion.samples.iter().skip(1) {
                        li { (look(sample, &format!("A face of {name}"))) }
                    }
                }
            }
        }
    }
}
