//! What scripts load while a page is open: parts of long lists, names, news.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Json,
    extract::{Path, State},
};
use flickr_faces::store::FaceState;
use serde_json::{Value, json};

use crate::{
    app::{App, PathFace, state_label},
    fields::Fields,
    pages,
    problem::Problem,
};

type Shared = State<Arc<App>>;

/// JSON, or what is wrong.
type Answer = Result<Json<Value>, Problem>;

/// The most items in one response.
const MAX_ITEMS: usize = 500;

/// Journal entries that are reported as news.
const NEWS: u32 = 5;

/// `from` and `count` of an address.
fn range(fields: &Fields, length: usize) -> Result<std::ops::Range<usize>, Problem> {
    let from = fields.number_or("from", 0)?.min(length);
    let count = fields.number_or("count", MAX_ITEMS)?.min(MAX_ITEMS);
    Ok(from..from.saturating_add(count).min(length))
}

/// `GET regroup?threshold=`: the clusters at another threshold.
pub(crate) async fn regroup(State(app): Shared, fields: Fields) -> Answer {
    app.session.refresh().await?;
    let (number, clusters) = pages::cluster_list(&app, &fields).await?;
    Ok(Json(json!({
        "list": number,
        "total": clusters.order.len(),
        "threshold": clusters.view.threshold.to_string(),
        "summary": pages::summary(&app, &clusters),
    })))
}

/// `GET clusters/NUMBER?from=&count=`: cards of clusters.
pub(crate) async fn clusters(
    State(app): Shared,
    Path(number): Path<u64>,
    fields: Fields,
) -> Answer {
    let clusters = app.cluster_lists.get(number).ok_or(Problem::Expired)?;
    let cards: Vec<_> = clusters.order[range(&fields, clusters.order.len())?]
        .iter()
        .map(|&index| {
            let card = pages::card(&app, &clusters.view, index);
            let covers: Vec<_> = card.covers.iter().map(ToString::to_string).collect();
            json!({ "covers": covers, "faces": card.faces, "photos": card.photos })
        })
        .collect();
    Ok(Json(json!({ "cards": cards })))
}

/// `GET faces/NUMBER?from=&count=`: faces of a list.
pub(crate) async fn faces(State(app): Shared, Path(number): Path<u64>, fields: Fields) -> Answer {
    let list = app.face_lists.get(number).ok_or(Problem::Expired)?;
    let faces: Vec<_> = list.faces[range(&fields, list.faces.len())?]
        .iter()
        .map(|face| {
            json!({ "face": face.id.to_string(), "photo": face.photo, "outlier": face.outlier })
        })
        .collect();
    Ok(Json(json!({ "faces": faces })))
}

/// `GET faces/NUMBER/states`: the faces that were decided since the list was shown, by index; and the
/// indices of the outliers.
pub(crate) async fn states(State(app): Shared, Path(number): Path<u64>) -> Answer {
    let list = app.face_lists.get(number).ok_or(Problem::Expired)?;
    let names = app.names();
    let mut states = HashMap::new();
    let mut outliers = Vec::new();
    for (index, face) in list.faces.iter().enumerate() {
        let state = app.state(&face.id);
        if state != list.expected_state {
            let label = state_label(state, &names).unwrap_or_else(|| "unnamed".to_owned());
            states.insert(index.to_string(), label);
        }
        if face.outlier {
            outliers.push(index);
        }
    }
    Ok(Json(json!({ "states": states, "outliers": outliers })))
}

/// `GET news?since=REVISION`: whether anything was decided elsewhere, and what.
pub(crate) async fn news(State(app): Shared, fields: Fields) -> Answer {
    let since: i64 = fields.number("since")?;
    app.session.refresh().await?;
    let revision = app.session.revision();
    if revision == since {
        return Ok(Json(json!({ "revision": revision })));
    }
    let left = app.session.counts().await?.undecided;
    let entries = app.session.store().journal(NEWS).await?;
    let news: Vec<_> = entries
        .iter()
        .map(|entry| json!({ "entry": entry.id, "what": entry.what, "faces": entry.faces }))
        .collect();
    Ok(Json(
        json!({ "revision": revision, "left": left, "news": news }),
    ))
}

/// `GET names`: for completion, in alphabetical order.
pub(crate) async fn names(State(app): Shared) -> Json<Value> {
    let people = app.session.people().into_iter();
    let names: Vec<_> = people.map(|person| person.name).collect();
    Json(json!({ "names": names }))
}

/// `GET face/FACE`: what is needed to show its photo.
pub(crate) async fn face(State(app): Shared, PathFace(face): PathFace) -> Answer {
    let picture = app.session.picture(&face).await?;
    let picture = picture.ok_or(Problem::NotFound("photo"))?;
    let page = app.session.photo_page(&picture.face.photo).await?;
    let state = app.state(&face);
    let rect = picture.face.rect;
    Ok(Json(json!({
        "photo": picture.face.photo,
        "title": picture.face.title,
        "page": page,
        "there": picture.file.is_some(),
        "size": [picture.face.image.0, picture.face.image.1],
        "box": [rect.left, rect.top, rect.width(), rect.height()],
        "who": state_label(state, &app.names()),
        "person": match state { FaceState::Named(person) => Some(person), _ => None },
    })))
}
