//! Pictures: a face's crop from the store, its photo from the folder of photos.

use std::{path::PathBuf, sync::Arc};

use axum::{
    extract::State,
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Redirect, Response},
};
use flickr_faces::{
    photo::{self, Kind, Limits},
    store::FaceId,
};

use crate::{
    app::{App, PathFace, PathPerson},
    fields::Fields,
    problem::Problem,
};

/// Longest side of a photo in a list, in pixels.
const SMALL: u32 = 360;

type Shared = State<Arc<App>>;

/// The face's small JPEG.
pub(crate) async fn crop(
    State(app): Shared,
    PathFace(face): PathFace,
) -> Result<Response, Problem> {
    crop_of(&app, &face).await
}

/// The crop of a person's most typical face.
pub(crate) async fn cover(
    State(app): Shared,
    PathPerson(person): PathPerson,
) -> Result<Response, Problem> {
    let face = app.cover(person.id).await?;
    crop_of(&app, &face.ok_or(Problem::NotFound("face"))?).await
}

/// The most faces whose pictures are sent at once.
const MOST: usize = 250;

/// `GET crops?faces=ID,ID`: the small JPEGs of many faces in one response. For each its length, four bytes with the
/// highest first, and then the bytes; a face that is not there has none.
pub(crate) async fn crops(State(app): Shared, fields: Fields) -> Result<Response, Problem> {
    let named = fields.get("faces").unwrap_or_default();
    let faces: Vec<FaceId> = named
        .split(',')
        .map(|id| app.session.face(id).ok_or(Problem::NotFound("face")))
        .collect::<Result<_, _>>()?;
    if faces.len() > MOST {
        return Err(Problem::field("faces", named, "at most 250 faces"));
    }
    let mut all = Vec::new();
    for crop in app.session.crops(&faces).await? {
        let length = u32::try_from(crop.len()).unwrap_or_default();
        all.extend(length.to_be_bytes());
        all.extend(crop);
    }
    Ok(([(CONTENT_TYPE, "application/octet-stream")], all).into_response())
}

/// The photo that the face is in, scaled down; the face alone if the photo is not kept.
pub(crate) async fn small(
    State(app): Shared,
    PathFace(face): PathFace,
) -> Result<Response, Problem> {
    let Some(file) = file_of(&app, &face).await? else {
        return crop_of(&app, &face).await;
    };
    let permit = app.scaling.acquire().await;
    let scaling =
        tokio::task::spawn_blocking(move || photo::small(&file, &Limits::default(), SMALL));
    let scaled = scaling.await;
    drop(permit);
    match scaled {
        Ok(Ok(bytes)) => Ok(jpeg(bytes)),
        Ok(Err(error)) => {
            tracing::warn!("{error}");
            crop_of(&app, &face).await
        }
        Err(_) => Err(Problem::Picture("scaling stopped unexpectedly".to_owned())),
    }
}

/// The whole photo that the face is in, as it was downloaded.
pub(crate) async fn whole(
    State(app): Shared,
    PathFace(face): PathFace,
) -> Result<Response, Problem> {
    let file = file_of(&app, &face).await?;
    let file = file.ok_or(Problem::NotFound("photo on this disk"))?;
    let problem = |what: &str| Problem::Picture(format!("{}: {what}", file.display()));
    let read = tokio::fs::read(&file).await;
    let bytes = read.map_err(|error| problem(&error.to_string()))?;
    let kind = match photo::sniff(&bytes) {
        Kind::Jpeg => "image/jpeg",
        Kind::Png => "image/png",
        _ => return Err(problem("neither a JPEG nor a PNG file")),
    };
    Ok(([(CONTENT_TYPE, kind)], bytes).into_response())
}

/// On to the photo's page on Flickr.
pub(crate) async fn on_flickr(
    State(app): Shared,
    PathFace(face): PathFace,
) -> Result<Redirect, Problem> {
    let picture = app.session.picture(&face).await?;
    let photo = picture.ok_or(Problem::NotFound("photo"))?.face.photo;
    let page = app.session.photo_page(&photo).await?;
    let page = page.ok_or(Problem::NotFound("page on Flickr"))?;
    Ok(Redirect::to(&page))
}

async fn file_of(app: &App, face: &FaceId) -> Result<Option<PathBuf>, Problem> {
    let picture = app.session.picture(face).await?;
    Ok(picture.ok_or(Problem::NotFound("photo"))?.file)
}

async fn crop_of(app: &App, face: &FaceId) -> Result<Response, Problem> {
    let crop = app.session.crop(face).await?;
    Ok(jpeg(crop.ok_or(Problem::NotFound("picture"))?))
}

fn jpeg(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "image/jpeg")], bytes).into_response()
}
