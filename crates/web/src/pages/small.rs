//! Groups too small to be asked about one by one: single faces, and those of a few.

use flickr_faces::{store::FaceState, text::count};
use maud::{Markup, html};

use super::{
    PageRequest,
    cluster::{Question, question},
    frame::Tab,
    parts::threshold,
};
use crate::problem::Problem;

/// `GET small?threshold=`: their faces on one page, those that are alike beside each other.
pub(crate) async fn small(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let threshold = threshold(&request.fields, app.session.settings().threshold)?;
    let view = app.view(threshold, false).await?;
    let mut faces = app.session.singles(&view).await?;
    faces.retain(|face| app.state(&face.id) == FaceState::Unnamed);
    let all = faces.len();
    let (number, list) = app.list(faces, FaceState::Unnamed);
    let here = format!("small?threshold={threshold}");
    let body = html! {
        div .head {
            h1 { (count(all, "face", "faces")) " in small groups" }
            p .about {
                @if all == 0 { "None is left. " a href="./" { "To the clusters" } }
                @else { "Fewer than " (app.min_cluster()) " alike. Choose those of one person and name them, or mark strangers." }
            }
        }
        @if all > 0 {
            (question(&Question {
                number,
                list: &list,
                hidden: &[("back", &here)],
                later: "",
                picking: true,
                choices: html! {},
            }))
        }
    };
    request
        .render(Tab::Clusters, "Small groups", &here, &body)
        .await
}
