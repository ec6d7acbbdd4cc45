//! The image host: files named as Flickr names them, drawn on request.
//!
//! Originals are sent as they are; resized files are upright and always JPEG.

use std::io::Cursor;
use std::sync::Arc;

use axum::extract::{Path, State as Extract};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat, ImageResult, Rgb, RgbImage};

use crate::faults::{Target, damage, gif, server_error};
use crate::photo::{Photo, PhotoFile};
use crate::picture::upright;
use crate::state::{Shared, State};

/// `/{server}/{id}_{secret}{suffix}.{extension}`.
pub(crate) async fn file(
    Extract(shared): Extract<Arc<Shared>>,
    Path((server, name)): Path<(String, String)>,
) -> Result<Response, Response> {
    shared.lock().calls.files += 1;
    let contains = |text: &str| name.contains(text);
    let fault = shared.intercept(Target::Static, contains, 0).await?;
    let found = find(&shared.lock(), &name).filter(|(photo, _)| server == photo.server());
    let (photo, file) = found.ok_or_else(|| server_error(StatusCode::NOT_FOUND))?;
    let answer = send(photo, file, &name).await;
    Ok(damage(fault.as_ref(), Target::Static, answer).await)
}

/// The photo and the file of this name; `_d` before the extension asks for a
/// download.
fn find(state: &State, name: &str) -> Option<(Photo, PhotoFile)> {
    let (id, _) = name.split_once('_')?;
    let photo = state.library.get(id)?;
    let name = name.replacen("_d.", ".", 1);
    let mut files = photo.files(&state.quirks).into_iter();
    let file = files.find(|file| file.name == name)?;
    Some((photo.clone(), file))
}

async fn send(photo: Photo, file: PhotoFile, name: &str) -> Response {
    let drawing = tokio::task::spawn_blocking(move || (draw(&photo, &file), file));
    let (bytes, file) = match drawing.await {
        Ok((Ok(bytes), file)) => (bytes, file),
        // A file of the folder that changed or disappeared since the start.
        Ok((Err(error), _)) => return cannot_draw(&error.to_string()),
        Err(error) => return cannot_draw(&error.to_string()),
    };
    let content_type = if name.ends_with(".png") {
        "image/png"
    } else {
        "image/jpeg"
    };
    let width = HeaderName::from_static("imagewidth");
    let height = HeaderName::from_static("imageheight");
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CACHE_CONTROL, "public, max-age=31536000".to_owned()),
        (header::ETAG, format!("\"{}-{}\"", file.name, bytes.len())),
        (header::SERVER, "Jubilee".to_owned()),
        (width, file.width.to_string()),
        (height, file.height.to_string()),
    ];
    let mut answer = (headers, bytes).into_response();
    let disposition = HeaderValue::from_str(&format!("attachment; filename={name}"));
    if let Some(value) = disposition.ok().filter(|_| file.name != name) {
        let name = header::CONTENT_DISPOSITION;
        answer.headers_mut().insert(name, value);
    }
    answer
}

fn cannot_draw(message: &str) -> Response {
    let header = [("x-sandbox-error", message.replace(['\r', '\n'], " "))];
    (header, server_error(StatusCode::INTERNAL_SERVER_ERROR)).into_response()
}

/// The picture that says that a photo is not available.
pub(crate) async fn unavailable() -> Response {
    gif()
}

/// The bytes of a file.
fn draw(photo: &Photo, file: &PhotoFile) -> ImageResult<Vec<u8>> {
    let (width, height) = (file.width, file.height);
    let image = match &photo.picture.file {
        None => pattern(photo, file),
        Some(path) if file.letter == "o" => return Ok(std::fs::read(path)?),
        Some(path) => upright(path, photo.picture.turned)?,
    };
    let image = if file.square {
        image.resize_to_fill(width, height, FilterType::CatmullRom)
    } else if (image.width(), image.height()) != (width, height) {
        image.resize_exact(width, height, FilterType::CatmullRom)
    } else {
        image
    };
    let mut bytes = Cursor::new(Vec::new());
    let image = DynamicImage::ImageRgb8(image.into_rgb8());
    image.write_to(&mut bytes, ImageFormat::Jpeg)?;
    Ok(bytes.into_inner())
}

/// A gradient whose colours depend on the photo's id, and on how often it was
/// replaced.
fn pattern(photo: &Photo, file: &PhotoFile) -> DynamicImage {
    let which = photo.id + u64::from(photo.replaced);
    let mixed = which.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    let [red, green, blue, ..] = mixed;
    let shade = |at: u32, of: u32| u8::try_from(255 * u64::from(at) / u64::from(of.max(1)));
    let image = RgbImage::from_fn(file.width, file.height, |x, y| {
        let right = shade(x, file.width).unwrap_or(255);
        let down = shade(y, file.height).unwrap_or(255);
        Rgb([red ^ right, green ^ down, blue])
    });
    DynamicImage::ImageRgb8(image)
}
