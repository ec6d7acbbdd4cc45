//! All clusters, largest first, and the slider that sets the threshold.

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use flickr_faces::{
    programs::Program,
    steps::naming::View,
    store::FaceId,
    text::{count, grouped},
};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{
    PageRequest,
    frame::Tab,
    parts::{crop, first, hidden, threshold},
};
use crate::{
    app::{App, ClusterList},
    fields::Fields,
    problem::Problem,
};

/// Cards on a page without scripts.
const CARDS: usize = 60;

/// Small pictures on a card, beside the large one.
const COVERS: usize = 5;

/// A cluster as the list shows it.
pub(crate) struct Card {
    /// Most typical first; empty once all faces are decided.
    pub covers: Vec<FaceId>,
    pub faces: usize,
    pub photos: usize,
}

impl Card {
    /// As scripts know it.
    pub(crate) fn to_json(&self) -> Value {
        let covers: Vec<_> = self.covers.iter().map(ToString::to_string).collect();
        json!({ "covers": covers, "faces": self.faces, "photos": self.photos })
    }
}

/// What the list shows of a cluster now.
pub(crate) fn card(app: &App, view: &View, index: usize) -> Card {
    let cluster = view.clusters.get(index);
    let faces: Vec<_> = cluster
        .into_iter()
        .flat_map(|cluster| app.unnamed(cluster))
        .collect();
    let photos: HashSet<_> = faces.iter().map(|face| &face.photo).collect();
    let covers = faces.iter().take(COVERS).map(|face| face.id.clone());
    Card {
        covers: covers.collect(),
        photos: photos.len(),
        faces: faces.len(),
    }
}

/// The clusters that are asked about at a threshold, remembered as a list.
pub(crate) async fn cluster_list(
    app: &App,
    fields: &Fields,
) -> Result<(u64, Arc<ClusterList>), Problem> {
    let threshold = threshold(fields, app.session.settings().threshold)?;
    let view = app.view(threshold, fields.has("regroup")).await?;
    // Looks at every face of the library.
    let order = tokio::task::block_in_place(|| {
        let clusters = view.asked().iter().enumerate();
        let mut order: Vec<(usize, usize)> = clusters
            .map(|(index, cluster)| (app.unnamed(cluster).count(), index))
            .filter(|&(faces, _)| faces >= app.min_cluster())
            .collect();
        // Stable: clusters of one size keep their order.
        order.sort_by_key(|&(faces, _)| Reverse(faces));
        order.into_iter().map(|(_, index)| index).collect()
    });
    let clusters = Arc::new(ClusterList { view, order });
    let number = app
        .cluster_lists
        .insert(Arc::clone(&clusters), clusters.order.len());
    Ok((number, clusters))
}

/// `2,345 faces in 67 clusters, 89 in smaller ones`.
pub(crate) fn summary(app: &App, clusters: &ClusterList) -> String {
    let all = &clusters.view.clusters;
    let (listed, unnamed) = tokio::task::block_in_place(|| {
        let listed = clusters.order.iter().filter_map(|&index| all.get(index));
        let listed: usize = listed.map(|cluster| app.unnamed(cluster).count()).sum();
        let unnamed = all.iter().map(|cluster| app.unnamed(cluster).count());
        (listed, unnamed.sum::<usize>())
    });
    let faces = count(listed, "face", "faces");
    let mut text = format!(
        "{faces} in {}",
        count(clusters.order.len(), "cluster", "clusters")
    );
    if unnamed > listed {
        text += &format!(", {} in smaller ones", grouped(unnamed - listed));
    }
    text
}

/// `GET .`
pub(crate) async fn clusters(request: PageRequest) -> Result<Markup, Problem> {
    let app = &request.app;
    let (number, clusters) = cluster_list(app, &request.fields).await?;
    let is_empty = clusters.order.is_empty();
    let is_done = is_empty && !app.session.is_empty() && app.session.undecided() == 0;
    let from: usize = request.fields.number_or("from", 0)?;
    let threshold = clusters.view.threshold;
    let (least, most) = (threshold.min(0.3), app.session.widest());
    let here = format!("./?threshold={threshold}");
    let cards: Vec<_> = (from..)
        .zip(clusters.order.iter().skip(from).take(CARDS))
        .map(|(at, &index)| (at, card(app, &clusters.view, index)))
        .collect();
    let brought: &[_] = if from == 0 { &cards } else { &[] };
    let small = clusters.view.small().1;
    let groups = clusters.view.clusters.iter();
    let left: usize = groups.map(|group| app.unnamed(group).count()).sum();
    let body = html! {
        div .head {
            h1 { "Who are these people?" }
            p .about {
                "Each group looks like one person. Open one and type a name"
                span .mouse { "; or choose several with Shift or Ctrl and name them together" }
                span .touch { "; or rest a finger on several and name them together" } "."
            }
        }
        form #grouping method="get" action="./" {
            label for="threshold" { "How alike the faces of a group must be" }
            span .ends aria-hidden="true" { "stricter" }
            input #threshold type="range" name="threshold" min=(least) max=(most) step="0.01" value=(threshold)
                aria-describedby="summary";
            span .ends aria-hidden="true" { "looser" }
            output #distance for="threshold" { (format!("{threshold:.2}")) }
            button name="regroup" value="1" { "Regroup" }
            p #summary role="status" { (summary(app, &clusters)) }
            p .about { (app.session.remaining().words()) }
            @if small > 0 { a href=(format!("small?threshold={threshold}")) { "The smaller groups" } }
        }
        @if is_empty {
            div .empty #empty {
                @if is_done {
                    p { "Nothing left to review." }
                    p { "Next: run " kbd { (Program::TagPhotos) } ", which writes the names to Flickr. Or check the "
                        a href="people" { "people" } " once more." }
                } @else {
                    p { "No faces are as alike as that." }
                    p { "Move the slider to group the remaining faces more strictly or more loosely, or go to the "
                        a href="suggestions" { "suggestions" } " or the " a href="people" { "people" } "." }
                }
            }
        }
        div #clusters .cards data-list=(number) data-total=(clusters.order.len()) data-threshold=(threshold)
            data-first=(first(brought.iter().map(|(_, card)| card.to_json()))) aria-label="Groups" {}
        form #together .js method="get" action="together" hidden {
            (hidden(&[("list", &number.to_string()), ("threshold", &threshold.to_string())]))
            input type="hidden" name="at" value="";
            p role="status" {}
            button .main { "Look at them together" }
            button type="button" #none { "Choose none" }
        }
        noscript { ul .cards {
            @for (at, card) in &cards {
                @if let Some(first) = card.covers.first() {
                    li { a .card href=(format!("cluster/{first}?threshold={threshold}")) data-at=(at) {
                        span .covers { @for face in &card.covers { (crop(face, "")) } }
                        span .counts {
                            b { (count(card.faces, "face", "faces")) }
                            " " span { "in " (count(card.photos, "photo", "photos")) }
                        }
                    } }
                }
            }
        } }
        @if !is_done {
            form .rest method="post" action="rest" data-confirm="All faces that are left, also those of the small groups, are strangers? One Undo brings them back." {
                (hidden(&[("threshold", &threshold.to_string()), ("left", &left.to_string()), ("back", &here)]))
                button { "The rest are strangers" }
            }
        }
        nav .pager aria-label="More clusters" {
            @if from > 0 { a href=(format!("{here}&from={}", from.saturating_sub(CARDS))) { "Larger" } }
            @if from + CARDS < clusters.order.len() { a href=(format!("{here}&from={}", from + CARDS)) { "Smaller" } }
        }
    };
    request
        .render(Tab::Clusters, "Clusters", &here, &body)
        .await
}
