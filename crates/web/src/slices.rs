//! What scripts ask for: parts of long lists, names, news.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{Path, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
};
use flickr_faces::store::FaceState;
use serde_json::{Value, json};

use crate::{
    app::{App, in_words},
    fields::Fields,
    pages,
    problem::Problem,
};

type Shared = State<Arc<App>>;

/// The most things in one answer.
const MOST: usize = 500;

/// Entries of the journal that are told as news.
const NEWS: u32 = 5;

fn answer(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// `from` and `count` of an address.
fn range(fields: &Fields, length: usize) -> Result<std::ops::Range<usize>, Problem> {
    let from = fields.number_or("from", 0)?.min(length);
    let count = fields.number_or("count", MOST)?.min(MOST);
    Ok(from..from.saturating_add(count).min(length))
}

/// `GET boards?threshold=`: the clusters at another distance, grouped anew.
pub(crate) async fn boards(State(app): Shared, fields: Fields) -> Result<Response, Problem> {
    app.session.refresh().await?;
    let (number, board) = pages::board_of(&app, &fields).await?;
    Ok(answer(&json!({
        "board": number,
        "total": board.order.len(),
        "threshold": board.view.threshold.to_string(),
        "summary": pages::summary(&app, &board),
    })))
}

/// `GET board/NUMBER?from=&count=`: cards of clusters.
pub(crate) async fn board(
    State(app): Shared,
    Path(number): Path<u64>,
    fields: Fields,
) -> Result<Response, Problem> {
    let board = app.boards.get(number).ok_or(Problem::TooOld)?;
    let cards: Vec<_> = board.order[range(&fields, board.order.len())?]
        .iter()
        .map(|&place| {
            let card = pages::card_of(&app, &board.view, place);
            let covers: Vec<_> = card.covers.iter().map(ToString::to_string).collect();
            json!({ "covers": covers, "faces": card.faces, "photos": card.photos })
        })
        .collect();
    Ok(answer(&json!({ "cards": cards })))
}

/// `GET sheet/NUMBER?from=&count=`: faces of a list.
pub(crate) async fn sheet(
    State(app): Shared,
    Path(number): Path<u64>,
    fields: Fields,
) -> Result<Response, Problem> {
    let sheet = app.sheets.get(number).ok_or(Problem::TooOld)?;
    let faces: Vec<_> = sheet.faces[range(&fields, sheet.faces.len())?]
        .iter()
        .map(
            |face| json!({ "face": face.id.to_string(), "photo": face.photo, "odd": face.outlier }),
        )
        .collect();
    Ok(answer(&json!({ "faces": faces })))
}

/// `GET sheet/NUMBER/states`: faces that are no longer what they were when they were shown, by place.
/// And the places of the odd ones.
pub(crate) async fn states(
    State(app): Shared,
    Path(number): Path<u64>,
) -> Result<Response, Problem> {
    let sheet = app.sheets.get(number).ok_or(Problem::TooOld)?;
    let names = app.names();
    let mut now = HashMap::new();
    for (place, face) in sheet.faces.iter().enumerate() {
        let state = app.state(&face.id);
        if state != sheet.believed {
            let word = in_words(state, &names).unwrap_or_else(|| "undecided".to_owned());
            now.insert(place.to_string(), word);
        }
    }
    let odd: Vec<_> = (0..)
        .zip(&sheet.faces)
        .filter(|(_, face)| face.outlier)
        .map(|(place, _): (usize, _)| place)
        .collect();
    Ok(answer(&json!({ "states": now, "odd": odd })))
}

/// `GET news?since=REVISION`: whether anything was decided elsewhere, and what.
pub(crate) async fn news(State(app): Shared, fields: Fields) -> Result<Response, Problem> {
    let since: i64 = fields.number("since")?;
    app.session.refresh().await?;
    let revision = app.session.revision();
    if revision == since {
        return Ok(answer(&json!({ "revision": revision })));
    }
    let left = app.session.counts().await?.undecided;
    let entries = app.session.store().journal(NEWS).await?;
    let news: Vec<_> = entries
        .iter()
        .map(|entry| {
            json!({ "entry": entry.id, "what": entry.what, "faces": entry.faces, "undone": entry.undone })
        })
        .collect();
    Ok(answer(
        &json!({ "revision": revision, "left": left, "news": news }),
    ))
}

/// `GET names`: for completion, by name.
pub(crate) async fn names(State(app): Shared) -> Result<Response, Problem> {
    let people = app.session.people();
    let names: Vec<_> = people.iter().map(|person| person.name.as_str()).collect();
    Ok(answer(&json!({ "names": names })))
}

/// `GET face/FACE`: what is needed to show its photo.
pub(crate) async fn face(
    State(app): Shared,
    Path(face): Path<String>,
) -> Result<Response, Problem> {
    let id = app.face(&face)?;
    let picture = app.session.picture(&id).await?;
    let picture = picture.ok_or(Problem::NotThere("photo"))?;
    let page = app.session.photo_page(&picture.face.photo).await?;
    let state = app.state(&id);
    let rect = picture.face.rect;
    Ok(answer(&json!({
        "photo": picture.face.photo,
        "title": picture.face.title,
        "page": page,
        "there": picture.file.is_some(),
        "size": [picture.face.image.0, picture.face.image.1],
        "box": [rect.left, rect.top, rect.width(), rect.height()],
        "who": in_words(state, &app.names()),
        "person": match state { FaceState::Named(person) => Some(person), _ => None },
    })))
}
