//! Faces below the quality limits of config.ini: they are in no cluster, and can be named even so.

use std::collections::BTreeMap;

use flickr_faces::{store::FaceState, text::count};
use maud::{Markup, html};

use super::{
    PageRequest,
    cluster::{Question, question},
    frame::Tab,
    parts::member,
};
use crate::problem::Problem;

/// `GET low-quality`
pub(crate) async fn low_quality(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let skipped = app.session.low_quality();
    let mut reasons = BTreeMap::new();
    for face in &skipped {
        *reasons.entry(face.why).or_insert(0_usize) += 1;
    }
    let reasons: Vec<_> = reasons
        .iter()
        .map(|(why, faces)| format!("{faces} {why}"))
        .collect();
    let faces: Vec<_> = skipped
        .into_iter()
        .map(|face| member(face.id, face.photo))
        .collect();
    let all = faces.len();
    let (number, list) = app.list(faces, FaceState::Unnamed);
    let body = html! {
        div .head {
            h1 { (count(all, "low-quality face", "low-quality faces")) }
            @if all > 0 {
                p .about { "Below the quality limits: " (reasons.join(", ")) ". Choose some and name them." }
            }
        }
        @if all > 0 {
            (question(&Question {
                number,
                list: &list,
                hidden: &[("back", "low-quality")],
                later: "",
                picking: true,
                choices: html! {},
            }))
        } @else {
            div .empty {
                p { "No face is below the quality limits." }
                p { a .button href="./" { "To the clusters" } }
            }
        }
    };
    request
        .render(Tab::LowQuality, "Low quality", "low-quality", &body)
        .await
}
