//! "Same person?": people, and groups without a name, that are near each other and share no photo.

use std::sync::Arc;

use flickr_faces::{
    steps::naming::{Pair, Side},
    text::count,
};
use maud::{Markup, html};

use super::{
    PageRequest,
    frame::Tab,
    parts::{face_image, hidden},
};
use crate::problem::Problem;

/// Pairs on a screen: as many as can be looked at before Enter is pressed.
const LINES: usize = 10;

/// Faces of each side.
const FACES: usize = 5;

/// `GET pairs`
pub(crate) async fn pairs(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let view = app.view(app.session.settings().threshold, true).await?;
    let pairs = Arc::new(app.session.pairs(&view).await?);
    let number = app.pair_lists.insert(Arc::clone(&pairs), pairs.len());
    let is_people = |pair: &Pair| pair.left.person.is_some() && pair.right.person.is_some();
    let people: Vec<_> = pairs
        .iter()
        .enumerate()
        .filter(|(_, pair)| is_people(pair))
        .take(LINES)
        .collect();
    let groups: Vec<_> = pairs
        .iter()
        .filter(|pair| !is_people(pair))
        .take(LINES)
        .collect();
    let shown: Vec<_> = people.iter().map(|(at, _)| at.to_string()).collect();
    let body = html! {
        div .head {
            h1 { "Same person?" }
            p .about {
                @if people.is_empty() { "No two people look like one." }
                @else { "Mark the pairs that are two people; Enter makes one person of each of the others." }
            }
        }
        @if !people.is_empty() {
            form #pairs .screen method="post" action="pairs" {
                (hidden(&[("list", &number.to_string()), ("shown", &shown.join(","))]))
                div .ask {
                    button .main name="do" value="pairs" title="Enter" { "Merge the others" }
                    a #later .button href="people" { "Later" }
                    p #held role="status" .js {}
                }
                ol .rows {
                    @for (at, pair) in &people {
                        li .row {
                            (side(&pair.left))
                            (side(&pair.right))
                            label .none { input type="checkbox" name="wrong" value=(at); " Two people" }
                        }
                    }
                }
            }
        }
        @if !groups.is_empty() {
            h2 { "Groups without a name that look like one person" }
            ol .rows {
                @for pair in &groups {
                    li .row { (side(&pair.left)) (side(&pair.right)) }
                }
            }
        }
        @if people.is_empty() && groups.is_empty() {
            div .empty { p { a .button .main href="./" { "To the clusters" } } }
        }
    };
    request
        .render(Tab::People, "Same person?", "pairs", &body)
        .await
}

fn side(side: &Side) -> Markup {
    html! {
        div .known {
            @for face in side.faces.iter().take(FACES) { (face_image(&face.id)) }
            @match (&side.person, side.faces.first()) {
                (Some((person, name)), _) => { a href=(format!("person/{person}")) { (name) } },
                (None, Some(face)) => { a href=(format!("cluster/{}", face.id)) { "no name yet" } },
                (None, None) => {},
            }
            small { (count(side.of, "face", "faces")) }
        }
    }
}
