//! One person: their photos and faces, and what can be changed.

use std::{cmp::Reverse, collections::HashSet};

use flickr_faces::{
    steps::{naming::Member, people::SplitBy},
    store::FaceState,
    text::count,
};
use maud::{Markup, html};

use super::{
    PageRequest,
    cluster::status_line,
    frame::Tab,
    parts::{hidden, look, member, name_field, threshold, tiles},
};
use crate::{app::PathPerson, problem::Problem};

/// Photos on a page without scripts.
const PHOTOS: usize = 120;

/// Faces shown of each group of a split.
const SHOWN: usize = 12;

/// `GET person/ID`
pub(crate) async fn person(
    PathPerson(person): PathPerson,
    request: PageRequest,
) -> Result<Markup, Problem> {
    let app = &request.app;
    let id = person.id;
    let faces = app.faces_of(id).await?;
    let cover = app.cover(id).await?;
    let mut seen = HashSet::new();
    let mut photos: Vec<Member> = faces
        .iter()
        .filter(|face| seen.insert(&face.photo))
        .cloned()
        .collect();
    // Flickr's ids ascend with the upload; the newest first.
    photos.sort_by_cached_key(|face| Reverse(face.photo.clone()));
    let here = format!("person/{id}");
    let outliers = faces.iter().filter(|face| face.outlier).count();
    let (all_faces, all_photos) = (
        count(faces.len(), "face", "faces"),
        count(photos.len(), "photo", "photos"),
    );
    let (number, faces) = app.list(faces, FaceState::Named(id));
    let (photo_number, photos) = app.list(photos, FaceState::Named(id));
    let body = html! {
        div .head .person {
            @if let Some(face) = &cover {
                img .portrait src=(format!("crop/{face}")) alt="" width="160" height="160";
            }
            div {
                h1 { (person.name) }
                p .about { (all_faces) " in " (all_photos) }
            }
        }
        div .changes {
            form method="post" action=(format!("{here}/rename")) {
                label for="rename" { "Rename" }
                input #rename type="text" name="name" value=(person.name) maxlength="255" autocomplete="off" required;
                button { "Rename" }
            }
            form method="post" action=(format!("{here}/merge")) {
                label for="merge" { "Same person as" }
                (name_field("merge", "Same person as", "", false))
                button { "Merge" }
            }
            form method="get" action=(format!("{here}/split")) {
                label for="split" { "Two people? How alike each one's faces must be (lower is stricter)" }
                input #split type="number" name="threshold" min="0.2" max="0.65" step="0.01" value="0.45" required;
                button { "Split" }
            }
        }
        h2 { (all_faces) }
        p .hint .js { "Choose faces that are not " (person.name) " by a click; the odd ones are marked." }
        form #question method="post" action="take-back" {
            (hidden(&[("list", &number.to_string()), ("picking", "1"), ("back", &here), ("person", &id.to_string())]))
            div .ask {
                button .main name="do" value="take-back" { "Not " (person.name) }
                (name_field("name", "Name", "or the right name", false))
                button name="do" value="name" formaction="decide" { "Name" }
                button name="do" value="cover" formaction=(format!("{here}/cover")) { "Let it stand for " (person.name) }
                @if outliers > 0 {
                    button #odd .js type="button" title="Alt+O" { "Choose " (count(outliers, "odd one", "odd ones")) }
                }
            }
            (status_line())
            (tiles(number, &faces, true, "Faces"))
        }
        h2 #photos-title { (all_photos) }
        ul #photos .photos data-list=(photo_number) data-total=(photos.faces.len()) aria-labelledby="photos-title" {
            @for face in photos.faces.iter().take(PHOTOS) {
                li { a .look href=(format!("photo/{}", face.id)) data-face=(face.id) {
                    img src=(format!("small/{}", face.id)) alt=(format!("Photo {}", face.photo)) loading="lazy" width="360" height="270";
                } }
            }
        }
    };
    request
        .render(Tab::People, &person.name, &here, &body)
        .await
}

/// `GET person/ID/split`: their faces, grouped more strictly.
pub(crate) async fn split(
    PathPerson(person): PathPerson,
    request: PageRequest,
) -> Result<Markup, Problem> {
    let app = &request.app;
    let id = person.id;
    let threshold = threshold(&request.fields, 0.45)?;
    let settings = app.session.settings();
    let by = SplitBy {
        threshold,
        method: settings.method,
        seed: settings.seed,
        same_photo: settings.same_photo,
    };
    let parts = app.people.parts(&person, by).await?;
    let here = format!("person/{id}/split?threshold={threshold}");
    let body = html! {
        div .head {
            h1 { a href=(format!("person/{id}")) { (person.name) } ", split" }
            p .about { (count(parts.len(), "group", "groups")) ". Name those that are someone else; the others stay." }
        }
        form .again method="get" action=(format!("person/{id}/split")) {
            label for="split" { "How alike the faces of a group must be (lower is stricter)" }
            input #split type="number" name="threshold" min="0.2" max="0.65" step="0.01" value=(format!("{threshold:.2}")) required;
            button { "Split again" }
        }
        @for (group, part) in (1..).zip(parts) {
            @let all = part.faces.len();
            @let faces = part.faces.into_iter().map(|face| member(face.id, face.photo));
            @let (number, list) = app.list(faces.collect(), FaceState::Named(id));
            form .part method="post" action="decide" {
                (hidden(&[("list", &number.to_string()), ("back", &here), ("person", &id.to_string())]))
                h2 { "Group " (group) ": " (count(all, "face", "faces")) @if part.alone { ", each like no other" } }
                ul .faces {
                    @for (shown, face) in (1..).zip(list.faces.iter().take(SHOWN)) {
                        li { (look(&face.id, &format!("Face {shown}"))) }
                    }
                    @if all > SHOWN { li .more { "and " (all - SHOWN) " more" } }
                }
                div .ask {
                    (name_field(&format!("group-{group}"), &format!("Name of group {group}"), "Someone else's name", false))
                    button name="do" value="name" { "Name" }
                    button name="do" value="take-back" formaction="take-back" { "Take back" }
                }
            }
        }
    };
    let title = format!("Split {}", person.name);
    request.render(Tab::People, &title, &here, &body).await
}
