//! Several clusters as one question: they are the same person, or all strangers.

use flickr_faces::{store::FaceState, text::count};
use maud::{Markup, html};

use super::{
    PageRequest,
    cluster::{Question, choices, question},
    frame::Tab,
};
use crate::problem::Problem;

/// `GET together?list=NUMBER&at=1,4`: the chosen clusters of a list.
pub(crate) async fn together(request: PageRequest) -> Result<Markup, Problem> {
    let (app, fields) = (&request.app, &request.fields);
    let number: u64 = fields.number("list")?;
    let clusters = app.cluster_lists.get(number).ok_or(Problem::Expired)?;
    let places = fields.indices("at", clusters.order.len())?;
    let chosen = places.iter().filter_map(|&at| {
        let index = *clusters.order.get(at)?;
        clusters.view.clusters.get(index)
    });
    let faces: Vec<_> = chosen
        .flat_map(|cluster| app.unnamed(cluster))
        .cloned()
        .collect();
    let threshold = clusters.view.threshold;
    let back = format!("./?threshold={threshold}");
    let all = faces.len();
    let ids: Vec<_> = faces.iter().map(|face| face.id.clone()).collect();
    let (list_number, list) = app.list(faces, FaceState::Unnamed);
    let body = html! {
        div .head {
            h1 { "Who are these?" }
            p .about {
                (count(places.len(), "group", "groups")) " together: " b { (count(all, "face", "faces")) }
                ". A name is given to all of them."
            }
        }
        @if all > 0 {
            (question(&Question {
                number: list_number,
                list: &list,
                hidden: &[("back", &back)],
                later: &back,
                picking: false,
                choices: choices(app, &ids),
            }))
        } @else {
            div .empty { p { "All of them are decided." } p { a .button href=(back) { "To the clusters" } } }
        }
    };
    let at: Vec<_> = places.iter().map(usize::to_string).collect();
    let here = format!("together?list={number}&at={}", at.join(","));
    request
        .render(Tab::Clusters, "Several groups", &here, &body)
        .await
}
