//! One person: their photos and faces, and what can be changed.

use std::{collections::HashSet, sync::Arc};

use axum::extract::{Path, State};
use flickr_faces::{
    naming::PhotoId,
    steps::naming::Member,
    store::{FaceState, PersonRow},
};
use maud::{Markup, html};

use super::{
    cluster::FACES,
    frame::{Page, Tab, frame},
};
use crate::{
    app::{App, count},
    fields::Fields,
    problem::Problem,
};

/// Photos on a page without scripts.
const PHOTOS: usize = 120;

/// Faces shown of each part of a split.
const SHOWN: usize = 12;

pub(crate) fn person_of(app: &App, id: i64) -> Result<PersonRow, Problem> {
    let people = app.session.people();
    let person = people.iter().find(|person| person.id == id);
    person.cloned().ok_or(Problem::NotThere("person"))
}

/// `GET person/ID`
pub(crate) async fn person(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    app.session.refresh().await?;
    let person = person_of(app, id)?;
    let faces = app.faces_of(id).await?;
    let mut seen = HashSet::new();
    let mut photos: Vec<Member> = faces
        .iter()
        .filter(|face| seen.insert(face.photo.clone()))
        .cloned()
        .collect();
    // Flickr's numbers ascend as photos are uploaded; the newest first.
    photos.sort_by_cached_key(|face| std::cmp::Reverse(PhotoId::new(&face.photo).ok()));
    let here = format!("person/{id}");
    let (all, photo_count) = (faces.len(), photos.len());
    let odd = faces.iter().filter(|face| face.outlier).count();
    let (sheet, kept) = app.sheet(faces, FaceState::Named(id));
    let (photo_sheet, kept_photos) = app.sheet(photos, FaceState::Named(id));
    let body = html! {
        div .head .person {
            @if let Some(face) = kept.faces.first() {
                img .portrait src=(format!("crop/{}", face.id)) alt="" width="160" height="160";
            }
            div {
                h1 { (person.name) }
                p .about { (count(all, "face", "faces")) " in " (count(photo_count, "photo", "photos")) }
            }
        }
        div .changes {
            form method="post" action=(format!("person/{id}/rename")) {
                label for="rename" { "Rename" }
                input #rename type="text" name="name" value=(person.name) maxlength="255" autocomplete="off" required;
                button { "Rename" }
            }
            form method="post" action=(format!("person/{id}/merge")) {
                label for="merge" { "The same person as" }
                div .name {
                    input #merge type="text" name="name" maxlength="255" autocomplete="off" required data-known="merge-known"
                        role="combobox" aria-expanded="false" aria-controls="merge-known" aria-autocomplete="list";
                    ul #merge-known role="listbox" aria-label="Known names" hidden {}
                }
                button { "Merge" }
            }
            form method="get" action=(format!("person/{id}/split")) {
                label for="split" { "Two people? Group more strictly, within" }
                input #split type="number" name="threshold" min="0.2" max="0.65" step="0.01" value="0.45" required;
                button { "Split" }
            }
        }
        h2 #photos-title { (count(photo_count, "photo", "photos")) }
        ul #photos .photos data-sheet=(photo_sheet) data-total=(photo_count) data-kind="photo" aria-labelledby="photos-title" {
            @for face in kept_photos.faces.iter().take(PHOTOS) {
                li { a .look href=(format!("photo/{}", face.id)) data-face=(face.id) {
                    img src=(format!("small/{}", face.id)) alt=(format!("Photo {}", face.photo)) loading="lazy" width="360" height="270";
                } }
            }
        }
        h2 { (count(all, "face", "faces")) }
        p .hint .js { "Choose faces that are not " (person.name) " with a click or " kbd { "x" } "; the odd ones are marked." }
        form #question method="post" action="take-back" {
            input type="hidden" name="sheet" value=(sheet);
            input type="hidden" name="picking" value="1";
            input type="hidden" name="back" value=(here);
            input type="hidden" name="person" value=(id);
            div .ask {
                button .main name="do" value="take-back" { "Not " (person.name) }
                div .name {
                    label for="name" .hidden { "Name" }
                    input #name type="text" name="name" autocomplete="off" placeholder="or somebody else's name" maxlength="255"
                        role="combobox" aria-expanded="false" aria-controls="known" aria-autocomplete="list";
                    ul #known role="listbox" aria-label="Known names" hidden {}
                }
                button name="do" value="name" formaction="decide" { "Name" }
                @if odd > 0 {
                    button #odd .js type="button" title="Alt+O" { "Choose " (count(odd, "odd one", "odd ones")) }
                }
                p #chosen role="status" .js {}
            }
            ul #faces .faces data-sheet=(sheet) data-total=(all) data-picking="1" aria-label="Faces" {
                @for (at, face) in kept.faces.iter().enumerate().take(FACES) {
                    li { label .face .odd[face.outlier] {
                        img src=(format!("crop/{}", face.id)) alt=(format!("Face {}", at + 1)) loading="lazy" width="160" height="160";
                        input type="checkbox" name="only" value=(at);
                        a href=(format!("photo/{}", face.id)) { "photo" }
                    } }
                }
            }
        }
    };
    let page = Page {
        title: &person.name,
        tab: Tab::People,
        here: &here,
        body,
    };
    frame(app, &fields, page).await
}

/// `GET person/ID/split`: their faces, grouped more strictly.
pub(crate) async fn split(
    State(app): State<Arc<App>>,
    Path(id): Path<i64>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    app.session.refresh().await?;
    let person = person_of(app, id)?;
    let threshold: f32 = fields.number_or("threshold", 0.45)?;
    if !(threshold > 0.0 && threshold <= 1.0) {
        let found = fields.get("threshold").unwrap_or_default();
        return Err(Problem::field(
            "threshold",
            found,
            "a distance above 0 and up to 1",
        ));
    }
    let parts = app.split(id, threshold).await?;
    let here = format!("person/{id}/split?threshold={threshold}");
    let body = html! {
        div .head {
            h1 { a href=(format!("person/{id}")) { (person.name) } ", grouped within " (format!("{threshold:.2}")) }
            p .about { (count(parts.len(), "group", "groups")) ". Name those that are somebody else; the others stay." }
        }
        form .again method="get" action=(format!("person/{id}/split")) {
            label for="split" { "Within" }
            input #split type="number" name="threshold" min="0.2" max="0.65" step="0.01" value=(format!("{threshold:.2}")) required;
            button { "Group again" }
        }
        @for (number, part) in (1..).zip(parts) {
            @let all = part.len();
            @let kept = app.sheet(part, FaceState::Named(id));
            form .part method="post" action="decide" {
                input type="hidden" name="sheet" value=(kept.0);
                input type="hidden" name="back" value=(here);
                input type="hidden" name="person" value=(id);
                h2 { "Group " (number) ": " (count(all, "face", "faces")) }
                ul .faces {
                    @for (at, face) in (1..).zip(kept.1.faces.iter().take(SHOWN)) {
                        li { a .look href=(format!("photo/{}", face.id)) data-face=(face.id) {
                            img src=(format!("crop/{}", face.id)) alt=(format!("Face {at}")) loading="lazy" width="160" height="160";
                        } }
                    }
                    @if all > SHOWN { li .more { "and " (all - SHOWN) " more" } }
                }
                div .ask {
                    div .name {
                        input type="text" name="name" autocomplete="off" placeholder="Somebody else's name" maxlength="255"
                            aria-label=(format!("Name of group {number}")) data-known=(format!("known-{number}"))
                            role="combobox" aria-expanded="false" aria-controls=(format!("known-{number}")) aria-autocomplete="list";
                        ul id=(format!("known-{number}")) role="listbox" aria-label="Known names" hidden {}
                    }
                    button name="do" value="name" { "Name" }
                    button name="do" value="take-back" formaction="take-back" { "Take back" }
                }
            }
        }
    };
    let page = Page {
        title: &format!("Split {}", person.name),
        tab: Tab::People,
        here: &here,
        body,
    };
    frame(app, &fields, page).await
}
