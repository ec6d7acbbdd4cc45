//! What scripts load while a page is open: parts of long lists, names, news.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use axum::{
    Json,
    extract::{Path, State},
};
use flickr_faces::store::{FaceId, FaceState};
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
        .map(|&index| pages::card(&app, &clusters.view, index).to_json())
        .collect();
    Ok(Json(json!({ "cards": cards })))
}

/// `GET faces/NUMBER?from=&count=`: faces of a list.
pub(crate) async fn faces(State(app): Shared, Path(number): Path<u64>, fields: Fields) -> Answer {
    let list = app.face_lists.get(number).ok_or(Problem::Expired)?;
    let faces: Vec<_> = list.faces[range(&fields, list.faces.len())?]
        .iter()
        .map(pages::face_to_json)
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

/// `GET faces/NUMBER/same?list=&at=&faces=`: where faces are in this list that an earlier page has marked, by their
/// places in its list and by their ids. That list may be forgotten.
pub(crate) async fn same(State(app): Shared, Path(number): Path<u64>, fields: Fields) -> Answer {
    let list = app.face_lists.get(number).ok_or(Problem::Expired)?;
    let old = app.face_lists.get(fields.number_or("list", 0)?);
    let mut marked: HashSet<FaceId> = HashSet::new();
    if let Some(old) = old {
        for index in fields.indices("at", old.faces.len())? {
            marked.insert(old.faces[index].id.clone());
        }
    }
    let ids = fields.get("faces").unwrap_or_default().split(',');
    marked.extend(ids.filter_map(|id| app.session.face(id)));
    let places = list.faces.iter().enumerate();
    let same: Vec<_> = places
        .filter(|(_, face)| marked.contains(&face.id))
        .map(|(index, _)| index)
        .collect();
    Ok(Json(json!({ "same": same })))
}

/// `GET news?since=REVISION`: whether anything was decided elsewhere, and what.
pub(crate) async fn news(State(app): Shared, fields: Fields) -> Answer {
    let since: i64 = fields.number("since")?;
    app.session.refresh().await?;
    let revision = app.session.revision();
    if revision == since {
        return Ok(Json(json!({ "revision": revision })));
    }
    let left = app.session.undecided();
    let entries = app.session.store().journal(NEWS).await?;
    let news: Vec<_> = entries
        .iter()
        .map(|entry| json!({ "entry": entry.id, "what": entry.what, "faces": entry.faces }))
        .collect();
    Ok(Json(
        json!({ "revision": revision, "left": left, "news": news }),
    ))
}

/// `GET store`: whether its server is away; that itself is waited for by nobody.
pub(crate) async fn store(State(app): Shared) -> Json<Value> {
    Json(json!({ "away": app.session.store().is_away() }))
}

/// `GET names`: for completion, people in alphabetical order, then names from Flickr.
pub(crate) async fn names(State(app): Shared) -> Json<Value> {
    let people = app.session.people();
    let known: HashSet<String> = people.iter().map(|person| person.name.clone()).collect();
    let others = app.session.completions().into_iter();
    let others = others.filter(|name| !known.contains(name));
    let people = people.into_iter();
    let names: Vec<_> = people
        .map(|person| json!({ "name": person.name, "faces": person.faces, "id": person.id }))
        .chain(others.map(|name| json!({ "name": name })))
        .collect();
    Json(json!({ "names": names }))
}

/// `GET face/FACE`: what is needed to show its photo.
pub(crate) async fn face(State(app): Shared, PathFace(face): PathFace) -> Answer {
    let picture = app.session.picture(&face).await?;
    let picture = picture.ok_or(Problem::NotFound("photo"))?;
    let page = app.session.photo_page(&picture.face.photo).await?;
    let names = app.names();
    let beside = app.session.faces_beside(&face).await?;
    let faces: Vec<_> = beside
        .iter()
        .map(|other| {
            let (state, rect) = (app.state(&other.id), other.rect);
            json!({
                "face": other.id.to_string(),
                "box": [rect.left, rect.top, rect.width(), rect.height()],
                "who": state_label(state, &names),
                "person": match state { FaceState::Named(person) => Some(person), _ => None },
            })
        })
        .collect();
    Ok(Json(json!({
        "photo": picture.face.photo,
        "title": picture.face.title,
        "page": page,
        "there": picture.file.is_some(),
        "size": [picture.face.image.0, picture.face.image.1],
        "faces": faces,
    })))
}
