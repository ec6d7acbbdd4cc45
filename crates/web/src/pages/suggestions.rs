//! "Is this Ada?": one question after the other, the most certain first.

use std::sync::Arc;

use axum::extract::State;
use flickr_faces::{
    naming::suggest::coverage,
    steps::naming::{Suggestion, Why},
    store::FaceState,
};
use maud::{Markup, html};

use super::frame::{Page, Tab, frame};
use crate::{
    app::{App, count},
    fields::Fields,
    problem::Problem,
};

/// Further faces of the person beside the large one, and of the group.
const MORE: usize = 23;

/// The queue that the address names, or a new one; and the first question from `at` on that is
/// still open.
async fn queue(
    app: &App,
    fields: &Fields,
) -> Result<(u64, Arc<Vec<Suggestion>>, Option<usize>), Problem> {
    let at: usize = fields.number_or("at", 0)?;
    let number: u64 = fields.number_or("queue", 0)?;
    if let Some(queue) = app.queues.get(number)
        && let Some(open) = first_open(app, &queue, at)
    {
        return Ok((number, queue, Some(open)));
    }
    // The end of the queue, or none: answers may have led to new questions.
    let settings = app.session.settings();
    let view = app.view(settings.threshold, true).await?;
    let queue = app.session.suggestions(&view).await?;
    let number = app.queues.keep(Arc::clone(&queue), queue.len());
    let open = first_open(app, &queue, 0);
    Ok((number, queue, open))
}

fn first_open(app: &App, queue: &[Suggestion], at: usize) -> Option<usize> {
    let open = |suggestion: &Suggestion| !app.session.still_open(suggestion).is_empty();
    let rest = queue.iter().enumerate().skip(at);
    rest.filter(|(_, suggestion)| open(suggestion))
        .map(|(at, _)| at)
        .next()
}

/// `GET suggestions`
pub(crate) async fn suggestions(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    app.session.refresh().await?;
    let (number, queue, open) = queue(app, &fields).await?;
    let body = match open.and_then(|at| Some((at, queue.get(at)?))) {
        Some((at, suggestion)) => asked(app, number, &queue, at, suggestion),
        None => html! {
            div .head { h1 { "No suggestions" } }
            div .empty {
                p { "Nobody without a name looks enough like somebody with one." }
                p { "Name some " a href="./" { "clusters" } ": then faces that are like theirs are asked about here." }
            }
        },
    };
    let page = Page {
        title: "Suggestions",
        tab: Tab::Suggestions,
        here: &open.map_or_else(
            || "suggestions".to_owned(),
            |at| format!("suggestions?queue={number}&at={at}"),
        ),
        body,
    };
    frame(app, &fields, page).await
}

fn asked(
    app: &App,
    number: u64,
    queue: &[Suggestion],
    at: usize,
    suggestion: &Suggestion,
) -> Markup {
    let faces = app.session.still_open(suggestion);
    let all = faces.len();
    let sizes: Vec<_> = queue[at..]
        .iter()
        .map(|suggestion| suggestion.faces.len())
        .collect();
    let (answers, percent) = coverage(sizes.iter().copied(), sizes.iter().sum());
    let why = match suggestion.why {
        Why::Looks => "looks alike",
        Why::TaggedOnFlickr => "the photo has the tag on Flickr",
        Why::Both => "looks alike, and the photo has the tag on Flickr",
    };
    let (sheet, kept) = app.sheet(faces, FaceState::Unnamed);
    let first = kept.faces.first();
    html! {
        div .head {
            h1 { "Is this " a href=(format!("person/{}", suggestion.person)) { (suggestion.name) } "?" }
            p .about {
                (count(queue.len() - at, "question", "questions")) " left; "
                (count(answers, "answer covers", "answers cover")) " " (percent) "% of the faces asked about. "
                "Here: " (why) "."
            }
        }
        form #suggestion method="post" action="suggest" {
            input type="hidden" name="sheet" value=(sheet);
            input type="hidden" name="queue" value=(number);
            input type="hidden" name="at" value=(at);
            div .pair {
                figure {
                    @if let Some(face) = first {
                        a .look href=(format!("photo/{}", face.id)) data-face=(face.id) {
                            img src=(format!("crop/{}", face.id)) alt="The face without a name" width="160" height="160";
                        }
                    }
                    figcaption { (count(all, "face", "faces")) " without a name" }
                }
                figure {
                    @if let Some(sample) = suggestion.samples.first() {
                        a .look href=(format!("photo/{sample}")) data-face=(sample) {
                            img src=(format!("crop/{sample}")) alt=(format!("A face of {}", suggestion.name)) width="160" height="160";
                        }
                    }
                    figcaption { (suggestion.name) }
                }
            }
            div .ask .answers {
                button .main name="do" value="yes" title="y" autofocus { kbd { "y" } " Yes" }
                button name="do" value="no" title="n" { kbd { "n" } " No" }
                a #later .button href=(format!("suggestions?queue={number}&at={}", at + 1)) title="l" { kbd { "l" } " Later" }
            }
            div .beside {
                @if all > 1 {
                    ul #faces .faces data-sheet=(sheet) data-total=(all) aria-label="Faces without a name" {
                        @for (at, face) in kept.faces.iter().enumerate().take(MORE + 1) {
                            li { label .face {
                                img src=(format!("crop/{}", face.id)) alt=(format!("Face {}", at + 1)) loading="lazy" width="160" height="160";
                                input type="checkbox" name="out" value=(at);
                            } }
                        }
                    }
                }
                ul .faces .theirs aria-label=(format!("Faces of {}", suggestion.name)) {
                    @for sample in suggestion.samples.iter().skip(1) {
                        li { a .look href=(format!("photo/{sample}")) data-face=(sample) {
                            img src=(format!("crop/{sample}")) alt=(format!("A face of {}", suggestion.name)) loading="lazy" width="160" height="160";
                        } }
                    }
                }
            }
        }
    }
}
