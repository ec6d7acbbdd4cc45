use std::io::Cursor;

use image::{ImageEncoder, Rgb, RgbImage, codecs::jpeg::JpegEncoder};

use super::{super::geometry::ORIENTATIONS, *};
use crate::faces::{self, Rect, crop};

const FACE: [i32; 4] = [50, 25, 109, 99];
const SHOWN: (u32, u32) = (320, 240);

/// What Flickr shows: a face that looks otherwise whichever way it is turned.
fn shown() -> RgbImage {
    RgbImage::from_fn(SHOWN.0, SHOWN.1, |x, y| {
        let (x, y) = (2 * (x as i32 - FACE[0]), 2 * (y as i32 - FACE[1]));
        let eye =
            (x - 30).pow(2) + (y - 40).pow(2) < 200 || (x - 85).pow(2) + (y - 45).pow(2) < 150;
        let mouth = (25..90).contains(&x) && (110..120).contains(&y)
            || (20..30).contains(&x) && (60..110).contains(&y);
        let face = (0..120).contains(&x) && (0..150).contains(&y);
        Rgb(match (face, eye || mouth) {
            (true, true) => [20, 20, 30],
            (true, false) => [200, 170, (y / 2) as u8],
            _ => [(x / 4) as u8, 90, (y / 3) as u8],
        })
    })
}

fn face() -> FaceBox {
    let [left, top, right, bottom] = FACE;
    let rect = Rect {
        left,
        top,
        right,
        bottom,
    };
    FaceBox { rect, image: SHOWN }
}

/// A file whose pixels are the shown ones, turned so that `turns` bring them back, with that EXIF.
fn file(path: &Path, turns: [Orientation; 2], exif: usize) {
    // The shown image, turned every way in turn until turning it back gives the shown one.
    let shown = DynamicImage::ImageRgb8(shown());
    let (mut pixels, mut found) = (None, 0);
    for first in ORIENTATIONS {
        let mut candidate = shown.clone();
        candidate.apply_orientation(first);
        let mut back = candidate.clone();
        back.apply_orientation(turns[0]);
        back.apply_orientation(turns[1]);
        if back == shown {
            (pixels, found) = (Some(candidate), found + 1);
        }
    }
    assert_eq!(found, 1);
    let large = pixels.unwrap();
    let large = large.resize(large.width() * 2, large.height() * 2, FilterType::Triangle);
    // TIFF 6.0: little-endian header, one directory with one entry: tag 0x0112, SHORT, one value.
    let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    tiff[18] = exif as u8 + 1;
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 80);
    encoder.set_exif_metadata(tiff).unwrap();
    large.to_rgb8().write_with_encoder(encoder).unwrap();
    std::fs::write(path, bytes.into_inner()).unwrap();
}

/// Where the face is said to lie, and where it does.
fn placed(
    path: &Path,
    rotation: Option<u32>,
    (turn, jpeg): (faces::Turn, &[u8]),
) -> Option<NormalizedRect> {
    let on = OnPhoto {
        faces: vec![("Ada".to_owned(), face())],
        rotation,
        ..OnPhoto::default()
    };
    let picture = NamedCrop {
        face: face(),
        turn,
        jpeg: jpeg.to_owned(),
    };
    match place(path, &on, || Ok(vec![picture])).unwrap() {
        Placed::Regions(wanted) => Some(wanted.regions[0].1),
        Placed::OtherShape(_) => None,
    }
}

#[test]
fn faces_are_found_however_a_photo_was_turned() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    // What was shown may have been turned for the face to be upright in its picture.
    let pictures = [0, 90, 180, 270].map(|degrees| {
        let turn = faces::Turn::from_degrees(degrees).unwrap();
        let upright = turn.image(&shown()).into_owned();
        (turn, crop(&upright, turn.face_box(face()).rect).unwrap())
    });
    let mut wrong = Vec::new();
    for (number, exif) in ORIENTATIONS.into_iter().enumerate() {
        for by_owner in [0, 90, 180, 270] {
            let more = rotation(by_owner).unwrap();
            file(&path, [exif, more], number);
            let right = Turn(exif, more).as_stored(face().normalized());
            // What Flickr may say, or not: the faces tell.
            for said in [None, Some(0), Some(90), Some(180), Some(270)] {
                let contradicts = by_owner != 0 && said.and_then(rotation) == Some(exif);
                for (turn, picture) in &pictures {
                    let found = placed(&path, said, (*turn, picture));
                    if !contradicts && found.is_none_or(|found| found.iou(right) < 0.9) {
                        wrong.push(format!(
                                "EXIF {number}, turned by {by_owner}, said {said:?}, {turn:?}: {found:?}"
                            ));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_a_picture_flickr_is_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    let stored = |turn: Turn| turn.as_stored(face().normalized());
    for (turned, said, believed) in [
        (UPRIGHT, None, Some(UPRIGHT)),
        (UPRIGHT, Some(180), Some(Orientation::Rotate180)),
        (Orientation::Rotate90, Some(90), Some(Orientation::Rotate90)),
        (Orientation::Rotate90, None, None),
        (Orientation::Rotate90, Some(0), None),
    ] {
        file(&path, [UPRIGHT, turned], 0);
        let expected = believed.map(|turn| stored(Turn(UPRIGHT, turn)));
        assert_eq!(
            placed(&path, said, (faces::Turn::None, b"")),
            expected,
            "{turned:?} {said:?}"
        );
    }
}
