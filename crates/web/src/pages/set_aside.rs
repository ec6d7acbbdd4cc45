//! What was set aside: strangers, and what is no face. Any of them can get a name after all.

use flickr_faces::{store::FaceState, text::count};
use maud::{Markup, html};

use super::{
    PageRequest,
    cluster::{Question, question},
    frame::Tab,
};
use crate::problem::Problem;

/// `GET set-aside?which=not-faces`
pub(crate) async fn set_aside(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let not_faces = request.fields.get("which") == Some("not-faces");
    let (state, here) = match not_faces {
        true => (FaceState::NotAFace, "set-aside?which=not-faces"),
        false => (FaceState::Ignored, "set-aside"),
    };
    let faces = app.session.decided_as(state);
    let all = faces.len();
    let (number, list) = app.list(faces, state);
    let current = |is: bool| is.then_some("page");
    let body = html! {
        div .head {
            h1 {
                @if not_faces { (count(all, "picture", "pictures")) " of no face" }
                @else { (count(all, "face", "faces")) " of strangers" }
            }
            nav .kinds aria-label="What was set aside" {
                a href="set-aside" aria-current=[current(!not_faces)] { "Strangers" }
                a href="set-aside?which=not-faces" aria-current=[current(not_faces)] { "Not faces" }
            }
        }
        @if all > 0 {
            p .about { "They are not asked about again. Choose some and name them, if you know them after all." }
            (question(&Question {
                number,
                list: &list,
                hidden: &[("back", here)],
                later: "",
                picking: true,
                choices: html! {},
            }))
        } @else {
            div .empty {
                p { "Nothing was set aside as this." }
                p { a .button href="./" { "To the clusters" } }
            }
        }
    };
    request.render(Tab::People, "Set aside", here, &body).await
}
