//! Where faces lie in a file: they were found in the image that Flickr shows, and a region is of the image as
//! its file stores it, before its EXIF orientation, as digiKam, Lightroom and Immich read them.
//!
//! Flickr turns photos upright by EXIF, and their owner may turn them further. A file may be the original, what
//! Flickr made of it, or a copy that somebody has turned. Where Flickr says that nothing but EXIF has turned the
//! photo, that is believed; otherwise the pictures of the faces in the store are compared with the file.

use std::{collections::BTreeSet, path::Path};

use image::{
    DynamicImage, GrayImage, ImageDecoder, ImageError, ImageReader, ImageResult,
    imageops::{self, FilterType},
    metadata::Orientation,
};

use super::{
    geometry::{as_stored, same_shape},
    xmp::Wanted,
};
use crate::{
    faces::{FaceBox, NormalizedRect, crop_square},
    store::{NamedCrop, StoreError},
};

/// Side of the pictures that are compared, in pixels.
const SIDE: u32 = 32;
/// From this correlation on two pictures show the same face.
const SAME: f64 = 0.7;
/// By this much the best way to turn a file must be better than the others.
const CLEARLY: f64 = 0.15;
/// Faces of a photo that are compared, the largest first.
const FACES: usize = 3;

/// The people on a photo, and their faces.
#[derive(Debug, Default)]
pub(super) struct OnPhoto {
    pub(super) names: BTreeSet<String>,
    pub(super) faces: Vec<(String, FaceBox)>,
    pub(super) without_face: u64,
    /// By how many degrees Flickr shows it turned clockwise against the original's pixels.
    pub(super) rotation: Option<u32>,
}

/// What is to be said about a file.
pub(super) enum Placed {
    Regions(Wanted),
    /// Its shape is not that of the image in which the faces were found: nothing is said of places.
    OtherShape(Wanted),
}

/// How the pixels of a file are turned to be shown: first by one, then by the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Turn(Orientation, Orientation);

const UPRIGHT: Orientation = Orientation::NoTransforms;

impl Turn {
    /// Width and height as shown.
    fn shown(self, (width, height): (u32, u32)) -> (u32, u32) {
        match is_turned(self.0) == is_turned(self.1) {
            true => (width, height),
            false => (height, width),
        }
    }

    fn as_stored(self, rect: NormalizedRect) -> NormalizedRect {
        as_stored(as_stored(rect, self.1), self.0)
    }
}

impl OnPhoto {
    pub(super) fn without_places(&self) -> Wanted {
        Wanted {
            names: self.names.clone(),
            ..Wanted::default()
        }
    }

    /// For a photo that is not there: of the image in which the faces were found.
    pub(super) fn as_searched(&self) -> Wanted {
        match self.faces.first() {
            Some((_, face)) => self.placed(face.image, Turn(UPRIGHT, UPRIGHT)),
            None => self.without_places(),
        }
    }

    fn placed(&self, size: (u32, u32), turn: Turn) -> Wanted {
        let faces = self.faces.iter();
        let regions = faces.map(|(name, face)| (name.clone(), turn.as_stored(face.normalized())));
        Wanted {
            size: Some(size),
            regions: regions.collect(),
            ..self.without_places()
        }
    }

    fn fits(&self, size: (u32, u32), turn: Turn) -> bool {
        let shown = turn.shown(size);
        (self.faces.iter()).all(|(_, face)| same_shape(face.image, shown))
    }
}

/// Why nothing is known of a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlaceError {
    #[error(transparent)]
    File(#[from] ImageError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is to be said about a photo's file. `pictures` are those of its faces, where they are needed.
pub(super) fn place(
    file: &Path,
    on: &OnPhoto,
    pictures: impl FnOnce() -> Result<Vec<NamedCrop>, StoreError>,
) -> Result<Placed, PlaceError> {
    let Some((_, first)) = on.faces.first() else {
        return Ok(Placed::Regions(on.without_places()));
    };
    let (size, exif) = stored(file)?;
    let by_exif = Turn(exif, UPRIGHT);
    let by_flickr = on.rotation.and_then(rotation);
    if by_flickr == Some(exif) && on.fits(size, by_exif) {
        return Ok(Placed::Regions(on.placed(size, by_exif)));
    }
    let turns = [
        UPRIGHT,
        Orientation::Rotate90,
        Orientation::Rotate180,
        Orientation::Rotate270,
    ];
    let mut ways: Vec<Turn> = turns.iter().map(|turn| Turn(exif, *turn)).collect();
    if is_mirrored(exif) {
        // Whether Flickr turns these upright is not known.
        ways.extend(turns.iter().map(|turn| Turn(UPRIGHT, *turn)));
    }
    ways.retain(|turn| on.fits(size, *turn));
    let seen = match ways.is_empty() {
        true => None,
        false => compared(file, &ways, pictures()?)?,
    };
    let is_searched = by_exif.shown(size) == first.image;
    let by_flickr = by_flickr
        .map(|turn| Turn(UPRIGHT, turn))
        .filter(|_| !is_searched);
    let turn = seen.or(by_flickr.filter(|turn| on.fits(size, *turn)));
    let turn = turn.or(Some(by_exif).filter(|turn| on.fits(size, *turn)));
    Ok(match turn {
        Some(turn) => Placed::Regions(on.placed(size, turn)),
        None => Placed::OtherShape(on.without_places()),
    })
}

/// Width and height of an image as its file stores it, and how it is to be turned.
fn stored(path: &Path) -> ImageResult<((u32, u32), Orientation)> {
    let reader = ImageReader::open(path)?.with_guessed_format()?;
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    Ok((decoder.dimensions(), orientation))
}

fn rotation(degrees: u32) -> Option<Orientation> {
    match degrees {
        0 => Some(UPRIGHT),
        90 => Some(Orientation::Rotate90),
        180 => Some(Orientation::Rotate180),
        270 => Some(Orientation::Rotate270),
        _ => None,
    }
}

fn is_turned(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

fn is_mirrored(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::FlipHorizontal
            | Orientation::FlipVertical
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The way to turn the file in which the faces look as they do in their pictures, where one is clearly best.
fn compared(file: &Path, ways: &[Turn], mut pictures: Vec<NamedCrop>) -> ImageResult<Option<Turn>> {
    pictures.sort_by_key(|picture| std::cmp::Reverse(picture.face.rect.width()));
    let faces = pictures.iter().take(FACES);
    let faces: Vec<(NormalizedRect, GrayImage)> = faces.filter_map(looks).collect();
    if faces.is_empty() {
        return Ok(None);
    }
    let pixels = ImageReader::open(file)?
        .with_guessed_format()?
        .decode()?
        .into_luma8();
    let likeness = |turn: Turn| {
        let of_faces = faces.iter().map(|(rect, face)| {
            let part = part(&pixels, turn.as_stored(*rect));
            let mut part = DynamicImage::ImageLuma8(part);
            part.apply_orientation(turn.0);
            part.apply_orientation(turn.1);
            correlation(&part.into_luma8(), face)
        });
        of_faces.sum::<f64>() / faces.len() as f64
    };
    let mut likenesses: Vec<(f64, Turn)> =
        ways.iter().map(|turn| (likeness(*turn), *turn)).collect();
    likenesses.sort_by(|one, other| other.0.total_cmp(&one.0));
    let second = likenesses.get(1).map_or(0.0, |(likeness, _)| *likeness);
    let best = likenesses.first();
    Ok(best
        .filter(|(likeness, _)| *likeness >= SAME && likeness - second >= CLEARLY)
        .map(|(_, turn)| *turn))
}

/// The part of a face's box that lies inside its image, and how it looks there: on its side where the image lies so.
fn looks(picture: &NamedCrop) -> Option<(NormalizedRect, GrayImage)> {
    let NamedCrop { face, turn, jpeg } = picture;
    let upright = image::load_from_memory(jpeg).ok()?.into_rgb8();
    let picture = turn.back().image(&upright).into_owned();
    let picture = DynamicImage::ImageRgb8(picture).into_luma8();
    let inside = face.normalized().clamped();
    let (width, height) = (f64::from(face.image.0), f64::from(face.image.1));
    let (left, top, side) = crop_square(face.rect);
    let of_picture = NormalizedRect {
        left: (inside.left * width - left) / side,
        top: (inside.top * height - top) / side,
        right: (inside.right * width - left) / side,
        bottom: (inside.bottom * height - top) / side,
    };
    Some((inside, part(&picture, of_picture)))
}

/// A part of a picture, made small.
fn part(picture: &GrayImage, rect: NormalizedRect) -> GrayImage {
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let rect = rect.clamped();
    let (left, top) = ((rect.left * width) as u32, (rect.top * height) as u32);
    let side = |from: f64, to: f64, length: f64| (((to - from) * length).round() as u32).max(1);
    let part = imageops::crop_imm(
        picture,
        left,
        top,
        side(rect.left, rect.right, width),
        side(rect.top, rect.bottom, height),
    );
    imageops::resize(&part.to_image(), SIDE, SIDE, FilterType::Triangle)
}

/// Pearson's correlation of two pictures' brightness: 1 where they look alike, whatever their exposure.
fn correlation(one: &GrayImage, other: &GrayImage) -> f64 {
    let values = |picture: &GrayImage| -> Vec<f64> {
        let values: Vec<f64> = picture
            .pixels()
            .map(|pixel| f64::from(pixel.0[0]))
            .collect();
        let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
        values.into_iter().map(|value| value - mean).collect()
    };
    let (one, other) = (values(one), values(other));
    let product = |one: &[f64], other: &[f64]| -> f64 {
        one.iter().zip(other).map(|(one, other)| one * other).sum()
    };
    let scale = (product(&one, &one) * product(&other, &other)).sqrt();
    if scale > 0.0 {
        product(&one, &other) / scale
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests;
