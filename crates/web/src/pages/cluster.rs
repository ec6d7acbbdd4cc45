//! One cluster: all its faces, and the question who it is.

use std::collections::HashSet;

use flickr_faces::{
    steps::naming::View,
    store::{FaceId, FaceState},
    text::count,
};
use maud::{Markup, html};

use super::{
    PageRequest,
    frame::Tab,
    parts::{FACES, crop, face_image, hidden, name_field, threshold, tiles},
};
use crate::{
    app::{App, FaceList, PathFace, state_label},
    problem::Problem,
};

/// `GET cluster/FACE`: the cluster that this face is in.
pub(crate) async fn cluster(
    PathFace(face): PathFace,
    request: PageRequest,
) -> Result<Markup, Problem> {
    let app = &request.app;
    let threshold = threshold(&request.fields, app.session.settings().threshold)?;
    let view = app.view(threshold, false).await?;
    let index = view.cluster_of(&face);
    let cluster = index.and_then(|index| Some((index, view.clusters.get(index)?)));
    let faces: Vec<_> = cluster
        .iter()
        .flat_map(|(_, cluster)| app.unnamed(cluster))
        .cloned()
        .collect();
    let here = format!("cluster/{face}?threshold={threshold}");
    let Some((index, _)) = cluster.filter(|_| !faces.is_empty()) else {
        let body = decided(app, &face, threshold);
        return request
            .render(Tab::Clusters, "Already decided", &here, &body)
            .await;
    };
    let photos: HashSet<_> = faces.iter().map(|face| face.photo.clone()).collect();
    let all = faces.len();
    let ids: Vec<_> = faces.iter().map(|face| face.id.clone()).collect();
    let (number, list) = app.list(faces, FaceState::Unnamed);
    let body = html! {
        div .head {
            h1 { "Who is this?" }
            p .about {
                "Cluster " (index + 1) " of " (view.asked().len().max(index + 1)) ": "
                b { (count(all, "face", "faces")) } " in " (count(photos.len(), "photo", "photos"))
            }
        }
        (question(&Question {
            number,
            list: &list,
            hidden: &[("threshold", &threshold.to_string()), ("at", &index.to_string()), ("back", &here)],
            later: &next_address(app, &view, index),
            picking: false,
            choices: choices(app, &ids),
        }))
    };
    request
        .render(Tab::Clusters, "Who is this?", &here, &body)
        .await
}

/// Where the next cluster after `index` that is large enough is asked about; all clusters if there is
/// none.
pub(crate) fn next_address(app: &App, view: &View, index: usize) -> String {
    let threshold = view.threshold;
    let mut later = view.asked().iter().skip(index + 1);
    let next = later.find(|cluster| app.unnamed(cluster).count() >= app.min_cluster());
    match next.and_then(|cluster| app.unnamed(cluster).next()) {
        Some(face) => format!("cluster/{}?threshold={threshold}", face.id),
        None => format!("./?threshold={threshold}"),
    }
}

/// Who the faces of a list are.
pub(super) struct Question<'a> {
    pub number: u64,
    pub list: &'a FaceList,
    pub hidden: &'a [(&'a str, &'a str)],
    /// Where "later" leads to; nowhere if empty.
    pub later: &'a str,
    /// Whether faces are picked to be named, and not taken out.
    pub picking: bool,
    /// Names to choose from.
    pub choices: Markup,
}

/// People that the faces may be, each once, with a picture where they are near: a click writes the name into the field, and decides nothing. The
/// line is always there, so that nothing moves.
pub(super) fn choices(app: &App, faces: &[FaceId]) -> Markup {
    let names = app.names();
    let near = app.session.nearest_people(faces, NEAREST);
    let near = near.iter();
    let near: Vec<_> = near
        .filter_map(|(person, face)| Some((names.get(person)?, face)))
        .collect();
    let tags = app.session.name_choices(faces);
    let is_tag = |name: &str| tags.iter().any(|choice| choice.name.as_str() == name);
    html! {
        div .choices .js aria-label="Names to choose from" role="group" {
            @for (number, choice) in (1..).zip(&tags) {
                button type="button" data-name=(choice.name) title=(choice.words()) {
                    kbd { (number) }
                    @if let Some((_, face)) = near.iter().find(|(name, _)| *name == choice.name.as_str()) { (face_image(face)) }
                    span { (choice.name) } small { "on " (choice.photos) " of " (choice.of) }
                }
            }
            @for (name, face) in near.iter().filter(|(name, _)| !is_tag(name)) {
                button type="button" data-name=(name) { (face_image(face)) span { (name) } "?" }
            }
        }
    }
}

/// People who are shown beside a question.
const NEAREST: usize = 5;

/// The form with the name field, and the faces below it.
pub(super) fn question(question: &Question<'_>) -> Markup {
    let faces = &question.list.faces;
    let outliers = faces.iter().filter(|face| face.outlier).count();
    html! {
        form #question method="post" action="decide" data-kind=(if question.picking { "pick" } else { "name" }) {
            (hidden(&[("list", &question.number.to_string())]))
            @if question.picking { (hidden(&[("picking", "1")])) }
            (hidden(question.hidden))
            div .ask {
                (name_field("name", "Name", "Name", true))
                button .main name="do" value="name" title="Enter" { "Name" }
                button name="do" value="stranger" title="Alt+S" { "Strangers" }
                button name="do" value="not_a_face" title="Alt+N" { "Not faces" }
                @if !question.later.is_empty() {
                    a #later .button href=(question.later) title="Alt+L" { "Later" }
                }
                // There with none, too: nothing moves between questions.
                button #odd .js type="button" title="Odd: least like the others, perhaps someone else (Alt+O)" disabled[outliers == 0] {
                    @if outliers == 0 { "No odd ones" }
                    @else { (if question.picking { "Choose " } else { "Take out " }) (count(outliers, "odd one", "odd ones")) }
                }
                button #same .js type="button" title="= or Alt+P" disabled { "Again: the last name" }
            }
            (status_line())
            (question.choices)
            p .hint .nojs {
                @if question.picking { "Tick the faces to name." }
                @else { "Tick the faces of someone else." }
            }
            (tiles(question.number, question.list, question.picking, "Faces"))
            @if faces.len() > FACES {
                p .nojs { "The first " (FACES) " of " (faces.len()) " faces are shown; an answer is about all of them." }
            }
        }
    }
}

/// One line below a bar of buttons: what is chosen, what waits, which keys there are. It is always there, so that
/// nothing moves.
pub(super) fn status_line() -> Markup {
    html! {
        div .line .js {
            p #chosen role="status" {}
            p #held role="status" {}
            p .hint .typing {
                kbd { "Enter" } " names · " kbd { "Esc" } " then single keys and arrows · " kbd { "?" } " all keys"
            }
            p .hint .letters {
                "Keys: " kbd { "s" } " strangers " kbd { "n" } " not faces " kbd { "l" } " later " kbd { "x" } " take out "
                kbd { "v" } " photo " kbd { "u" } " undo"
            }
            button #mode type="button" hidden { "Back to typing" }
        }
    }
}

/// For a face that is not asked about any more.
fn decided(app: &App, face: &FaceId, threshold: f32) -> Markup {
    let state = app.state(face);
    let label = state_label(state, &app.names());
    html! {
        div .head { h1 { "Already decided" } }
        div .empty {
            (crop(face, "The face"))
            p {
                "This face is "
                @match (state, &label) {
                    (FaceState::Named(person), Some(name)) => { a href=(format!("person/{person}")) { (name) } },
                    (_, Some(label)) => (label),
                    (_, None) => "in none of these groups",
                }
                "."
            }
            p { a .button href=(format!("./?threshold={threshold}")) { "To the clusters" } }
        }
    }
}
