//! Pictures: a face's crop from the store, its photo from the folder of photos.

use std::{path::PathBuf, sync::Arc};

use axum::{
    extract::{Path, State},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Redirect, Response},
};
use flickr_faces::photo::{self, Kind, Limits};

use crate::{app::App, problem::Problem};

/// Longest side of a photo in a list.
const SMALL: u32 = 360;

type Shared = State<Arc<App>>;

/// The face's small JPEG.
pub(crate) async fn crop(
    State(app): Shared,
    Path(face): Path<String>,
) -> Result<Response, Problem> {
    let face = app.face(&face)?;
    let crop = app.session.crop(&face).await?;
    Ok(jpeg(crop.ok_or(Problem::NotThere("picture"))?))
}

/// The picture of a person's most typical face.
pub(crate) async fn cover(
    State(app): Shared,
    Path(person): Path<i64>,
) -> Result<Response, Problem> {
    let faces = app.faces_of(person).await?;
    let face = faces.first().ok_or(Problem::NotThere("person"))?;
    crop(State(app), Path(face.id.to_string())).await
}

/// The photo that the face is in, made small; the face alone where the photo is not kept.
pub(crate) async fn small(
    State(app): Shared,
    Path(face): Path<String>,
) -> Result<Response, Problem> {
    let id = app.face(&face)?;
    let Some(file) = file_of(&app, &face).await? else {
        return crop(State(app), Path(face)).await;
    };
    let turn = app.drawing.acquire().await;
    let drawn =
        tokio::task::spawn_blocking(move || photo::small(&file, &Limits::default(), SMALL)).await;
    drop(turn);
    match drawn {
        Ok(Ok(bytes)) => Ok(jpeg(bytes)),
        Ok(Err(error)) => {
            tracing::warn!("{error}");
            crop(State(app), Path(id.to_string())).await
        }
        Err(_) => Err(Problem::Picture("drawing it broke off".to_owned())),
    }
}

/// The whole photo that the face is in, as it was fetched.
pub(crate) async fn whole(
    State(app): Shared,
    Path(face): Path<String>,
) -> Result<Response, Problem> {
    let file = file_of(&app, &face).await?;
    let file = file.ok_or(Problem::NotThere("photo on this disk"))?;
    let bytes = tokio::fs::read(&file)
        .await
        .map_err(|error| Problem::Picture(format!("{}: {error}", file.display())))?;
    let kind = match photo::sniff(&bytes) {
        Kind::Jpeg => "image/jpeg",
        Kind::Png => "image/png",
        _ => return Err(Problem::Picture(format!("{}: no photo", file.display()))),
    };
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}

/// On to the photo's page on Flickr.
pub(crate) async fn on_flickr(
    State(app): Shared,
    Path(face): Path<String>,
) -> Result<Response, Problem> {
    let face = app.face(&face)?;
    let picture = app.session.picture(&face).await?;
    let photo = picture.ok_or(Problem::NotThere("photo"))?.face.photo;
    let page = app.session.photo_page(&photo).await?;
    let page = page.ok_or(Problem::NotThere("page on Flickr"))?;
    Ok(Redirect::to(&page).into_response())
}

async fn file_of(app: &App, face: &str) -> Result<Option<PathBuf>, Problem> {
    let face = app.face(face)?;
    let picture = app.session.picture(&face).await?;
    Ok(picture.ok_or(Problem::NotThere("photo"))?.file)
}

fn jpeg(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "image/jpeg")], bytes).into_response()
}
