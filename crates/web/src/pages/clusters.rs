//! All clusters, largest first, and the slider that groups anew.

use std::{collections::HashSet, sync::Arc};

use axum::extract::State;
use flickr_faces::{steps::naming::View, store::FaceId};
use maud::{Markup, html};

use super::frame::{Page, Tab, frame};
use crate::{
    app::{App, Board, count, grouped},
    fields::Fields,
    problem::Problem,
};

/// Cards on a page without scripts.
const CARDS: usize = 60;

/// Small pictures on a card, beside the large one.
const COVERS: usize = 5;

/// A cluster as the list shows it.
pub(crate) struct Card {
    /// Most typical first; none where all was decided meanwhile.
    pub covers: Vec<FaceId>,
    pub faces: usize,
    pub photos: usize,
}

/// What is to be shown of a cluster now.
pub(crate) fn card_of(app: &App, view: &View, place: usize) -> Card {
    let faces = view
        .clusters
        .get(place)
        .map_or_else(Vec::new, |cluster| app.undecided(cluster));
    let photos: HashSet<_> = faces.iter().map(|face| &face.photo).collect();
    Card {
        photos: photos.len(),
        faces: faces.len(),
        covers: faces
            .iter()
            .take(COVERS)
            .map(|face| face.id.clone())
            .collect(),
    }
}

/// The distance that the address asks for, or that of config.ini.
pub(super) fn threshold_of(app: &App, fields: &Fields) -> Result<f32, Problem> {
    let threshold = fields.number_or("threshold", app.session.settings().threshold)?;
    if threshold > 0.0 && threshold <= 1.0 {
        Ok(threshold)
    } else {
        let found = fields.get("threshold").unwrap_or_default();
        Err(Problem::field(
            "threshold",
            found,
            "a distance above 0 and up to 1",
        ))
    }
}

/// The clusters that are open at a threshold, kept as a list.
pub(crate) async fn board_of(app: &App, fields: &Fields) -> Result<(u64, Arc<Board>), Problem> {
    let threshold = threshold_of(app, fields)?;
    let view = app.view(threshold, fields.get("anew").is_some()).await?;
    // Over all faces of the library.
    let order = tokio::task::block_in_place(|| {
        let asked = view.asked().iter().enumerate();
        let mut order: Vec<(usize, usize)> = asked
            .map(|(place, cluster)| (app.count_undecided(cluster), place))
            .filter(|&(faces, _)| faces >= app.session.settings().min_cluster.max(1))
            .collect();
        // Stable: of equal ones the first stays first.
        order.sort_by_key(|&(faces, _)| std::cmp::Reverse(faces));
        order
            .into_iter()
            .map(|(_, place)| place)
            .collect::<Vec<_>>()
    });
    let board = Arc::new(Board { view, order });
    let number = app.boards.keep(Arc::clone(&board), board.order.len());
    Ok((number, board))
}

/// In words: what there is at this threshold.
pub(crate) fn summary(app: &App, board: &Board) -> String {
    let view = &board.view;
    let (in_clusters, undecided) = tokio::task::block_in_place(|| {
        let open = board
            .order
            .iter()
            .filter_map(|&place| view.clusters.get(place));
        let in_clusters: usize = open.map(|cluster| app.count_undecided(cluster)).sum();
        let all = view.clusters.iter();
        (
            in_clusters,
            all.map(|cluster| app.count_undecided(cluster))
                .sum::<usize>(),
        )
    });
    let mut text = format!(
        "{} in {}",
        count(in_clusters, "face", "faces"),
        count(board.order.len(), "cluster", "clusters"),
    );
    let small = undecided.saturating_sub(in_clusters);
    if small > 0 {
        text += &format!(", {} in smaller ones", grouped(small));
    }
    text
}

/// `GET .`
pub(crate) async fn clusters(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<Markup, Problem> {
    let app = app.as_ref();
    app.session.refresh().await?;
    let (number, board) = board_of(app, &fields).await?;
    let is_empty = board.order.is_empty();
    let is_done = is_empty && {
        let counts = app.session.counts().await?;
        counts.faces > 0 && counts.undecided == 0
    };
    let from: usize = fields.number_or("from", 0)?;
    let threshold = board.view.threshold;
    let (least, most) = (threshold.min(0.3), threshold.max(0.65));
    let link = |from: usize| format!("./?threshold={threshold}&from={from}");
    let body = html! {
        form #grouping method="get" action="./" {
            label for="threshold" { "Alike within" }
            span .ends aria-hidden="true" { "strict" }
            input #threshold type="range" name="threshold" min=(least) max=(most) step="0.01" value=(threshold)
                aria-describedby="summary";
            span .ends aria-hidden="true" { "loose" }
            output #distance for="threshold" { (format!("{threshold:.2}")) }
            button name="anew" value="1" { "Group anew" }
            p #summary role="status" { (summary(app, &board)) }
        }
        @if is_empty {
            div .empty #empty {
                @if is_done {
                    p { "Every face has its answer." }
                    p { "Next: " kbd { "tag-photos" } ", which writes the names to Flickr. Or look at the "
                        a href="people" { "people" } " once more." }
                } @else {
                    p { "No cluster is left at this distance." }
                    p { "Move the slider to group what is left more strictly or more loosely, look at the "
                        a href="suggestions" { "suggestions" } ", or at the "
                        a href="people" { "people" } "." }
                }
            }
        }
        ul #board .cards data-board=(number) data-total=(board.order.len()) data-threshold=(threshold) {
            @for (at, &place) in board.order.iter().enumerate().skip(from).take(CARDS) {
                @let card = card_of(app, &board.view, place);
                @if let Some(first) = card.covers.first() {
                    li { a .card href=(format!("cluster/{first}?threshold={threshold}")) data-at=(at) {
                        span .covers { @for face in &card.covers {
                            img src=(format!("crop/{face}")) alt="" loading="lazy" width="160" height="160";
                        } }
                        span .counts {
                            b { (count(card.faces, "face", "faces")) }
                            " " span { (count(card.photos, "photo", "photos")) }
                        }
                    } }
                }
            }
        }
        nav .pager aria-label="More clusters" {
            @if from > 0 { a href=(link(from.saturating_sub(CARDS))) { "Larger ones" } }
            @if from + CARDS < board.order.len() { a href=(link(from + CARDS)) { "Smaller ones" } }
        }
    };
    let page = Page {
        title: "Clusters",
        tab: Tab::Clusters,
        here: &format!("./?threshold={threshold}"),
        body,
    };
    frame(app, &fields, page).await
}
