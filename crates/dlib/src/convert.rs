//! Between dlib's types and ours.

use std::path::Path;

use dlib_face_recognition::{FaceLandmarks, ImageMatrix, Rectangle};
use flickr_faces::faces::{Descriptor, FacesError, Rect};
use image::RgbImage;

/// Loads one model. The crate makes a C string of the path and panics where it cannot.
pub(crate) fn load<T>(
    path: &Path,
    open: impl Fn(&Path) -> Result<T, String>,
) -> Result<T, FacesError> {
    let failed = |reason: String| FacesError::ModelLoad {
        path: path.to_owned(),
        reason,
    };
    match path.to_str() {
        None => Err(failed("dlib needs a path that is valid UTF-8".to_owned())),
        Some(text) if text.contains('\0') => Err(failed(
            "dlib needs a path without a null character".to_owned(),
        )),
        Some(_) => open(path).map_err(failed),
    }
}

/// dlib's copy of an image. The crate's own conversion wants another version of `image`.
pub(crate) fn matrix_of(image: &RgbImage) -> ImageMatrix {
    let (width, height) = image.dimensions();
    // SAFETY: the constructor reads width * height * 3 bytes, rows one after another, and keeps
    // nothing; an `RgbImage` holds at least as many.
    unsafe { ImageMatrix::new(width as usize, height as usize, image.as_raw().as_ptr()) }
}

/// dlib's `long` edges as ours. An edge is at most a few window widths outside an image of less
/// than 2^31 pixels, so nothing is cut.
pub(crate) fn plain(rect: &Rectangle) -> Rect {
    Rect {
        left: narrow(rect.left),
        top: narrow(rect.top),
        right: narrow(rect.right),
        bottom: narrow(rect.bottom),
    }
}

/// Our edges as dlib's.
pub(crate) fn wide(rect: &Rect) -> Rectangle {
    Rectangle {
        left: rect.left.into(),
        top: rect.top.into(),
        right: rect.right.into(),
        bottom: rect.bottom.into(),
    }
}

fn narrow(value: i64) -> i32 {
    value.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32
}

/// dlib's five landmarks.
pub(crate) fn points(landmarks: &FaceLandmarks) -> Result<[[i32; 2]; 5], FacesError> {
    let points = landmarks
        .iter()
        .map(|point| [narrow(point.x()), narrow(point.y())]);
    exactly("landmarks", points.collect())
}

/// The crate widens the network's `float` to `double`: going back loses nothing.
pub(crate) fn descriptor(numbers: &[f64]) -> Result<Descriptor, FacesError> {
    let numbers = numbers.iter().map(|&number| number as f32);
    exactly("numbers", numbers.collect()).map(Descriptor)
}

/// An array of what dlib gave, which must be `N` of them.
pub(crate) fn exactly<T, const N: usize>(
    what: &'static str,
    found: Vec<T>,
) -> Result<[T; N], FacesError> {
    found
        .try_into()
        .map_err(|found: Vec<T>| FacesError::Engine {
            what,
            found: found.len(),
            expected: N,
        })
}
