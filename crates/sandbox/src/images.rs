//! The image host: files named as Flickr names them, drawn when asked for.
//!
//! Originals are sent as they are; resized files are upright and always JPEG.

use std::collections::{HashMap, VecDeque};
use std::io::{BufReader, Cursor};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::{Path as UrlPath, State as Extract};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Rgb, RgbImage};

use crate::faults::{FaultKind, Place, not_found, server_error};
use crate::library::{Content, Photo};
use crate::methods::SERVER;
use crate::quirks::Quirks;
use crate::state::Shared;

/// Bytes of drawn files that are kept.
const CACHE_BYTES: usize = 128 * 1024 * 1024;

/// The picture that Flickr once redirected to where a photo was gone: a GIF of
/// one pixel.
const UNAVAILABLE_GIF: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00\
    ,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

type CacheKey = (u64, &'static str);

/// Drawn files, the oldest dropped first.
#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<Files>);

#[derive(Debug, Default)]
struct Files {
    files: HashMap<CacheKey, Bytes>,
    order: VecDeque<CacheKey>,
    bytes: usize,
}

impl Cache {
    fn get(&self, key: CacheKey) -> Option<Bytes> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.files.get(&key).cloned()
    }

    fn put(&self, key: CacheKey, file: Bytes) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        files.bytes += file.len();
        match files.files.insert(key, file) {
            Some(before) => files.bytes -= before.len(),
            None => files.order.push_back(key),
        }
        while files.bytes > CACHE_BYTES {
            let Some(oldest) = files.order.pop_front() else {
                return;
            };
            if let Some(file) = files.files.remove(&oldest) {
                files.bytes -= file.len();
            }
        }
    }
}

/// What to draw of a photo.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    letter: &'static str,
    width: u32,
    height: u32,
    square: bool,
    content_type: &'static str,
}

/// `/{server}/{id}_{secret}{suffix}.{extension}`.
pub(crate) async fn file(
    Extract(shared): Extract<Arc<Shared>>,
    UrlPath((server, name)): UrlPath<(String, String)>,
) -> Response {
    shared.lock().calls.files += 1;
    let fault = shared.fault(Place::Static, |text| name.contains(text));
    if let Some(fault) = &fault {
        if let Some(response) = fault.instead(&shared.base) {
            return response;
        }
        fault.wait().await;
    }
    let found = {
        let state = shared.lock();
        find(&name, |id| state.library.get(id).cloned(), &state.quirks)
    };
    let Some((photo, wanted)) = found.filter(|_| server == SERVER) else {
        return not_found();
    };
    let key = (photo.id, wanted.letter);
    let drawn = match shared.cache.get(key) {
        Some(file) => Ok(file),
        None => {
            let task = tokio::task::spawn_blocking(move || draw(&photo, wanted).map(Bytes::from));
            match task.await {
                Ok(Ok(file)) => {
                    shared.cache.put(key, file.clone());
                    Ok(file)
                }
                Ok(Err(message)) => Err(message),
                Err(error) => Err(error.to_string()),
            }
        }
    };
    match drawn {
        // A file of the folder that changed or went away since the start.
        Err(message) => {
            let mut response = server_error(StatusCode::INTERNAL_SERVER_ERROR);
            if let Ok(value) = HeaderValue::from_str(&message.replace(['\r', '\n'], " ")) {
                let name = HeaderName::from_static("x-sandbox-error");
                response.headers_mut().insert(name, value);
            }
            response
        }
        Ok(file) => send(&file, key, wanted, &name, fault.as_ref()),
    }
}

/// The picture that says that a photo is not available.
pub(crate) async fn unavailable() -> Response {
    ([(header::CONTENT_TYPE, "image/gif")], UNAVAILABLE_GIF).into_response()
}

fn send(
    file: &Bytes,
    key: CacheKey,
    wanted: Wanted,
    name: &str,
    fault: Option<&FaultKind>,
) -> Response {
    let etag = format!("\"{}-{}-{}\"", key.0, key.1, file.len());
    let disposition = is_download(name).then(|| format!("attachment; filename={name}"));
    let headers = [
        (header::CONTENT_TYPE, Some(wanted.content_type.to_owned())),
        (
            header::CACHE_CONTROL,
            Some("public, max-age=31536000".to_owned()),
        ),
        (header::ETAG, Some(etag)),
        (header::SERVER, Some("Jubilee".to_owned())),
        (header::CONTENT_DISPOSITION, disposition),
        (
            HeaderName::from_static("imagewidth"),
            Some(wanted.width.to_string()),
        ),
        (
            HeaderName::from_static("imageheight"),
            Some(wanted.height.to_string()),
        ),
    ];
    let mut response = Response::new(Body::empty());
    for (name, value) in headers {
        if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
            response.headers_mut().insert(name, value);
        }
    }
    match fault {
        None => {
            *response.body_mut() = Body::from(file.clone());
            response
        }
        Some(fault) => match fault.spoil(Place::Static, file.to_vec()) {
            Some(spoiled) => spoiled.put_into(response),
            None => server_error(StatusCode::GATEWAY_TIMEOUT),
        },
    }
}

fn is_download(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, _)| stem.ends_with("_d"))
}

/// The photo and size that a file's name means, if its secret is right.
fn find(
    name: &str,
    photo: impl Fn(u64) -> Option<Photo>,
    quirks: &Quirks,
) -> Option<(Photo, Wanted)> {
    let (stem, extension) = name.rsplit_once('.')?;
    let stem = stem.strip_suffix("_d").unwrap_or(stem);
    let (id, rest) = stem.split_once('_')?;
    let photo = photo(id.parse().ok()?)?;
    let at = rest.find('_').unwrap_or(rest.len());
    let (secret, suffix) = rest.split_at(at);
    if suffix == "_o" {
        let is_right = secret == photo.secret_of("o")
            && extension == photo.picture.format
            && !quirks.withholds(photo.id, "o");
        let (width, height) = photo.picture.stored;
        let wanted = Wanted {
            letter: "o",
            width,
            height,
            square: false,
            content_type: if extension == "png" {
                "image/png"
            } else {
                "image/jpeg"
            },
        };
        return is_right.then_some((photo, wanted));
    }
    let sizes = photo.sizes(quirks);
    let size = sizes.iter().find(|size| size.kind.suffix == suffix)?;
    let right_secret = if size.kind.own_secret {
        photo.secret_of(size.kind.letter)
    } else {
        photo.secret()
    };
    let wanted = Wanted {
        letter: size.kind.letter,
        width: size.width,
        height: size.height,
        square: size.kind.square,
        content_type: "image/jpeg",
    };
    (secret == right_secret && extension == "jpg").then_some((photo, wanted))
}

/// The bytes of a file.
fn draw(photo: &Photo, wanted: Wanted) -> Result<Vec<u8>, String> {
    let path = match &photo.picture.content {
        Content::Pattern => return encode(&pattern(photo.id, wanted)),
        Content::File(path) => path,
    };
    if wanted.letter == "o" {
        return std::fs::read(path).map_err(|error| error.to_string());
    }
    let image = upright(path).map_err(|error| error.to_string())?;
    let resized = if wanted.square {
        image.resize_to_fill(wanted.width, wanted.height, FilterType::CatmullRom)
    } else if (image.width(), image.height()) == (wanted.width, wanted.height) {
        image
    } else {
        image.resize_exact(wanted.width, wanted.height, FilterType::CatmullRom)
    };
    encode(&DynamicImage::ImageRgb8(resized.into_rgb8()))
}

/// Decodes a file and turns it as its EXIF orientation says.
fn upright(path: &Path) -> Result<DynamicImage, image::ImageError> {
    let file = std::fs::File::open(path)?;
    let mut decoder = ImageReader::new(BufReader::new(file))
        .with_guessed_format()?
        .into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}

fn encode(image: &DynamicImage) -> Result<Vec<u8>, String> {
    let mut bytes = Cursor::new(Vec::new());
    image
        .write_to(&mut bytes, ImageFormat::Jpeg)
        .map_err(|error| error.to_string())?;
    Ok(bytes.into_inner())
}

/// A gradient whose corners have colours of the photo's own.
fn pattern(id: u64, wanted: Wanted) -> DynamicImage {
    let mixed = id.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
    let [red, green, blue, ..] = mixed;
    let shade = |at: u32, of: u32| u8::try_from(255 * u64::from(at) / u64::from(of.max(1)));
    let image = RgbImage::from_fn(wanted.width, wanted.height, |x, y| {
        let right = shade(x, wanted.width).unwrap_or(255);
        let down = shade(y, wanted.height).unwrap_or(255);
        Rgb([red ^ right, green ^ down, blue])
    });
    DynamicImage::ImageRgb8(image)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_drops_the_oldest_files() {
        let cache = Cache::default();
        let half = Bytes::from(vec![0; CACHE_BYTES / 2]);
        for id in 0..3 {
            cache.put((id, "l"), half.clone());
        }
        let there: Vec<bool> = (0..3).map(|id| cache.get((id, "l")).is_some()).collect();
        assert_eq!(there, [false, true, true]);
    }
}
