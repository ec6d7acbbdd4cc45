//! "Same person?": people, and groups without a name, that are near each other and share no photo.

use std::sync::Arc;

use flickr_faces::{steps::naming::Side, text::count};
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
    // People first, then groups without a name.
    let mut asked: Vec<_> = pairs.iter().enumerate().collect();
    asked.sort_by_key(|(_, pair)| pair.left.person.is_none());
    asked.truncate(LINES);
    let shown: Vec<_> = asked.iter().map(|(at, _)| at.to_string()).collect();
    let body = html! {
        div .head {
            h1 { "Same person?" }
            p .about {
                @if asked.is_empty() { "No two people look like one." }
                @else { "Mark the pairs that are two people; Enter makes one person of each of the others." }
            }
        }
        @if !asked.is_empty() {
            form #pairs .screen method="post" action="pairs" {
                (hidden(&[("list", &number.to_string()), ("shown", &shown.join(","))]))
                div .ask {
                    button .main name="do" value="pairs" title="Enter" { "Merge the others" }
                    a #later .button href="people" { "Later" }
                    p #held role="status" .js {}
                }
                ol .rows {
                    @for (at, pair) in &asked {
                        li .row {
                            (side(&pair.left))
                            (side(&pair.right))
                            label .none { input type="checkbox" name="wrong" value=(at); " Two people" }
                        }
                    }
                }
            }
        }
        @if asked.is_empty() {
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
