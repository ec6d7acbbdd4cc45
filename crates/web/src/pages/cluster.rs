//! One cluster: all its faces, and the question who it is.

use std::sync::Arc;

use axum::extract::{Path, State};
use flickr_faces::{steps::naming::Member, store::FaceState};
use maud::{Markup, html};

use super::{
    clusters::threshold_of,
    frame::{Page, Tab, frame},
};
use crate::{
    app::{App, count, in_words},
    fields::Fields,
    problem::Problem,
};

/// Faces on a page without scripts.
pub(super) const FACES: usize = 240;

/// `GET cluster/FACE`: the cluster that this face is in.
pub(crate) async fn cluster(
    State(app): State<Arc<App>>,
    Path(face): Path<String>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    app.session.refresh().await?;
    let face = app.face(&face)?;
    let threshold = threshold_of(app, &fields)?;
    let view = app.view(threshold, false).await?;
    let Some(place) = view.cluster_of(&face) else {
        return decided(app, &fields, &face, threshold).await;
    };
    let cluster = view
        .clusters
        .get(place)
        .ok_or(Problem::NotThere("cluster"))?;
    let faces = app.undecided(cluster);
    if faces.is_empty() {
        return decided(app, &fields, &face, threshold).await;
    }
    let photos: std::collections::HashSet<_> = faces.iter().map(|face| &face.photo).collect();
    let (all, photos) = (faces.len(), photos.len());
    let (number, sheet) = app.sheet(faces, FaceState::Unnamed);
    let here = format!("cluster/{face}?threshold={threshold}");
    let next = next_address(app, &view, Some(place));
    let odd = sheet.faces.iter().filter(|face| face.outlier).count();
    let body = html! {
        div .head {
            h1 { "Who is this?" }
            p .about {
                "Cluster " (place + 1) " of " (view.asked().len().max(place + 1)) ": "
                b { (count(all, "face", "faces")) } " in " (count(photos, "photo", "photos"))
                ", alike within " (format!("{threshold:.2}"))
            }
        }
        (question(&Question {
            sheet: number,
            hidden: &[("threshold", threshold.to_string()), ("at", place.to_string()), ("back", here.clone())],
            later: &next,
            odd,
            picking: false,
        }, &sheet.faces))
    };
    let page = Page {
        title: "Who is this?",
        tab: Tab::Clusters,
        here: &here,
        body,
    };
    frame(app, &fields, page).await
}

/// Where the next open cluster after that place is asked about; all clusters where there is none.
pub(crate) fn next_address(
    app: &App,
    view: &flickr_faces::steps::naming::View,
    place: Option<usize>,
) -> String {
    let threshold = view.threshold;
    let next = place
        .and_then(|place| app.next_open(view, place))
        .and_then(|next| view.clusters.get(next))
        .and_then(|cluster| app.undecided(cluster).into_iter().next());
    match next {
        Some(face) => format!("cluster/{}?threshold={threshold}", face.id),
        None => format!("./?threshold={threshold}"),
    }
}

/// What to ask about which list.
pub(super) struct Question<'a> {
    pub sheet: u64,
    pub hidden: &'a [(&'static str, String)],
    /// Where "later" leads to.
    pub later: &'a str,
    pub odd: usize,
    /// Whether faces are picked to be named, and not taken out.
    pub picking: bool,
}

/// The form with the name field, and the faces below it.
pub(super) fn question(question: &Question<'_>, faces: &[Member]) -> Markup {
    let all = faces.len();
    let field = if question.picking { "only" } else { "out" };
    html! {
        form #question method="post" action="decide" {
            input type="hidden" name="sheet" value=(question.sheet);
            @if question.picking { input type="hidden" name="picking" value="1"; }
            @for (name, value) in question.hidden { input type="hidden" name=(name) value=(value); }
            div .ask {
                div .name {
                    label for="name" .hidden { "Name" }
                    input #name type="text" name="name" autocomplete="off" autocapitalize="words" spellcheck="false"
                        autofocus placeholder="Name" maxlength="255" enterkeyhint="go"
                        role="combobox" aria-expanded="false" aria-controls="known" aria-autocomplete="list";
                    ul #known role="listbox" aria-label="Known names" hidden {}
                }
                button .main name="do" value="name" title="Enter" { "Name" }
                button #same .js type="button" hidden title="= or Alt+P" { "Same as last" }
                button name="do" value="stranger" title="Alt+S" { "Strangers" }
                button name="do" value="not_a_face" title="Alt+N" { "Not faces" }
                @if !question.later.is_empty() {
                    a #later .button href=(question.later) title="Alt+L" { "Later" }
                }
                @if question.odd > 0 {
                    button #odd .js type="button" title="Alt+O" {
                        "Take " (count(question.odd, "odd one", "odd ones")) " out"
                    }
                }
                p #chosen role="status" .js {}
            }
            p .hint .js {
                kbd { "Enter" } " names · " kbd { "Esc" } " then arrows and " kbd { "x" }
                " take faces out · " kbd { "v" } " the whole photo · " kbd { "?" } " all keys"
            }
            p .hint .nojs {
                @if question.picking { "Tick the faces to be named." }
                @else { "Tick the faces that are somebody else's." }
            }
            ul #faces .faces data-sheet=(question.sheet) data-total=(all) data-picking=[question.picking.then_some("1")]
                aria-label="Faces" {
                @for (at, face) in faces.iter().enumerate().take(FACES) {
                    li { label .face .odd[face.outlier] {
                        img src=(format!("crop/{}", face.id)) alt=(format!("Face {}", at + 1)) loading="lazy" width="160" height="160";
                        input type="checkbox" name=(field) value=(at);
                        a href=(format!("photo/{}", face.id)) { "photo" }
                    } }
                }
            }
            @if all > FACES {
                p .nojs { "The first " (FACES) " of " (all) " faces are shown; an answer is about all of them." }
            }
        }
    }
}

/// For a face that nothing is asked about any more.
async fn decided(
    app: &App,
    fields: &Fields,
    face: &flickr_faces::store::FaceId,
    threshold: f32,
) -> Result<Markup, Problem> {
    let state = app.state(face);
    let word = in_words(state, &app.names());
    let body = html! {
        div .head { h1 { "Decided already" } }
        div .empty {
            img src=(format!("crop/{face}")) alt="The face" width="160" height="160";
            p {
                "This face is "
                @match (state, &word) {
                    (FaceState::Named(person), Some(name)) => { a href=(format!("person/{person}")) { (name) } },
                    (_, Some(word)) => (word),
                    (_, None) => "in no cluster at this distance",
                }
                "."
            }
            p { a .button href=(format!("./?threshold={threshold}")) { "To the clusters" } }
        }
    };
    let page = Page {
        title: "Decided already",
        tab: Tab::Clusters,
        here: &format!("cluster/{face}?threshold={threshold}"),
        body,
    };
    frame(app, fields, page).await
}
