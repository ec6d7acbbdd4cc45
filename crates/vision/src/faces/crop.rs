//! A small picture of a face, for montages.

use image::{RgbImage, imageops, imageops::FilterType};

use super::{FaceBox, FacesError, Rect};
use crate::photo::encode;

/// Longest side of a crop in pixels.
pub const CROP_SIDE: u32 = 160;

/// The same where the photo is not kept, and the naming page has nothing else to show.
pub const LARGE_CROP_SIDE: u32 = 320;

/// Of the face's longer side, added on each side: dlib's boxes end at the chin and the brows.
const MARGIN: f64 = 0.25;
const QUALITY: u8 = 85;

/// A square JPEG around the face in `rect`, at most 160 pixels a side; black where it
/// reaches outside `image`. Contains no metadata.
///
/// # Errors
/// `rect` is empty, or the square around it shares no pixel with `image`.
pub fn crop(image: &RgbImage, rect: Rect) -> Result<Vec<u8>, FacesError> {
    crop_within(image, rect, CROP_SIDE)
}

/// The same with at most `longest` pixels a side.
///
/// # Errors
/// Those of [`crop`].
pub fn crop_within(image: &RgbImage, rect: Rect, longest: u32) -> Result<Vec<u8>, FacesError> {
    let failed = |reason: String| FacesError::Crop { rect, reason };
    let outside = || FacesError::CropOutside {
        rect,
        width: image.width(),
        height: image.height(),
    };
    if rect.width() <= 0 || rect.height() <= 0 {
        return Err(outside());
    }
    let (left, top, square) = crop_square(rect);
    let side = square.min(f64::from(longest));
    let scale = side / square;

    // Of either axis: the part of the square inside the image, and where it goes in the crop.
    let axis = |start: f64, length: u32| {
        let from = start.max(0.0).round();
        let to = (start + square).min(f64::from(length)).round();
        let place = ((from - start) * scale).round().max(0.0);
        let end = ((to - start) * scale).round().min(side);
        (to - from >= 1.0 && end > place).then_some((
            from as u32,
            (to - from) as u32,
            place as u32,
            (end - place) as u32,
        ))
    };
    let (Some((x, width, to_x, to_width)), Some((y, height, to_y, to_height))) =
        (axis(left, image.width()), axis(top, image.height()))
    else {
        return Err(outside());
    };

    let part = imageops::crop_imm(image, x, y, width, height).to_image();
    let small = imageops::resize(&part, to_width, to_height, FilterType::Triangle);
    let mut canvas = RgbImage::new(side as u32, side as u32);
    imageops::replace(&mut canvas, &small, to_x.into(), to_y.into());

    encode(&canvas, QUALITY).map_err(|error| failed(error.to_string()))
}

/// The square that [`crop`] shows: its left edge, its top edge and its side, in pixels of the image.
pub fn crop_square(rect: Rect) -> (f64, f64, f64) {
    let side = (f64::from(rect.width().max(rect.height())) * (1.0 + 2.0 * MARGIN)).round();
    let start = |from: i32, to: i32| (f64::from(from) + f64::from(to) + 1.0 - side) / 2.0;
    (
        start(rect.left, rect.right),
        start(rect.top, rect.bottom),
        side,
    )
}

/// The largest square of a [`crop`] that shows the photo alone, around the face; `None` where all of the crop does, or
/// it cannot be read. Beyond the photo's edges a crop is black, so that it can be told where in it the box lies; nobody
/// wants to look at that.
pub fn without_bars(jpeg: &[u8], face: FaceBox) -> Option<Vec<u8>> {
    let (left, top, square) = crop_square(face.rect);
    let (width, height) = (f64::from(face.image.0), f64::from(face.image.1));
    let is_inside = |start: f64, length: f64| start >= -1.0 && start + square <= length + 1.0;
    if is_inside(left, width) && is_inside(top, height) {
        return None;
    }
    let crop = image::load_from_memory(jpeg).ok()?.into_rgb8();
    let scale = f64::from(crop.width()) / square;
    // Of either axis, in pixels of the crop: from where to where it shows the photo.
    let shown = |start: f64, length: f64| {
        let from = (-start).max(0.0) * scale;
        let to = (length - start).min(square) * scale;
        (from.ceil(), to.floor())
    };
    let ((x, to_x), (y, to_y)) = (shown(left, width), shown(top, height));
    let side = (to_x - x).min(to_y - y);
    if side < 8.0 {
        return None;
    }
    // As near to the face, which is in the middle, as the photo goes.
    let middle = f64::from(crop.width()) / 2.0;
    let place = |from: f64, to: f64| (middle - side / 2.0).clamp(from, to - side).round() as u32;
    let (x, y) = (place(x, to_x), place(y, to_y));
    let part = imageops::crop_imm(&crop, x, y, side as u32, side as u32).to_image();
    encode(&part, QUALITY).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    const RED: Rgb<u8> = Rgb([220, 30, 30]);

    fn crop_of(size: (u32, u32), [left, top, right, bottom]: [i32; 4]) -> RgbImage {
        let image = RgbImage::from_pixel(size.0, size.1, RED);
        let rect = Rect {
            left,
            top,
            right,
            bottom,
        };
        let jpeg = crop(&image, rect).unwrap();
        image::load_from_memory(&jpeg).unwrap().into_rgb8()
    }

    fn is_red(pixel: &Rgb<u8>) -> bool {
        pixel.0[0] > 180 && pixel.0[1] < 80
    }

    #[test]
    fn a_crop_can_be_larger_and_is_never_enlarged() {
        let image = RgbImage::from_pixel(1000, 1000, image::Rgb([120, 90, 70]));
        let side = |size: i32, longest| {
            let rect = Rect {
                left: 300,
                top: 300,
                right: 300 + size - 1,
                bottom: 300 + size - 1,
            };
            let jpeg = crop_within(&image, rect, longest).unwrap();
            image::load_from_memory(&jpeg).unwrap().width()
        };
        // With the margin of a quarter on each side.
        assert_eq!(side(400, CROP_SIDE), 160);
        assert_eq!(side(400, LARGE_CROP_SIDE), 320);
        assert_eq!(side(100, LARGE_CROP_SIDE), 150);
    }

    #[test]
    fn what_lies_beyond_the_photo_is_not_shown() {
        let image = RgbImage::from_pixel(500, 400, RED);
        let shown = |[left, top, right, bottom]: [i32; 4]| {
            let rect = Rect {
                left,
                top,
                right,
                bottom,
            };
            let jpeg = crop(&image, rect).unwrap();
            let size = (image.width(), image.height());
            let face = FaceBox { rect, image: size };
            let part = without_bars(&jpeg, face)?;
            Some(image::load_from_memory(&part).unwrap().into_rgb8())
        };
        assert_eq!(shown([200, 150, 299, 249]), None, "all of it is inside");
        // A quarter of the box is the margin: 75 of 300 pixels are outside, 40 of the crop's 160.
        for rect in [
            [0, 150, 199, 349],
            [300, 100, 499, 299],
            [150, 0, 349, 199],
            [-50, -50, 149, 149],
        ] {
            let part = shown(rect).unwrap();
            assert_eq!(part.width(), part.height());
            assert!(part.width() >= 100, "{rect:?}: {}", part.width());
            let black = part.pixels().filter(|pixel| !is_red(pixel)).count();
            assert!(black <= part.width() as usize, "{rect:?}: {black} pixels");
        }
    }

    #[test]
    fn crops_are_square_and_small() {
        struct Case {
            name: &'static str,
            size: (u32, u32),
            rect: [i32; 4],
            side: u32,
            /// Points of the crop, in hundredths of its side, that show the photo.
            photo: &'static [(u32, u32)],
            /// Those that are black.
            black: &'static [(u32, u32)],
        }
        let cases = [
            Case {
                name: "large face",
                size: (2000, 1500),
                rect: [700, 500, 1099, 899],
                side: 160,
                photo: &[(2, 2), (97, 97)],
                black: &[],
            },
            Case {
                name: "small face",
                size: (500, 500),
                rect: [100, 100, 139, 139],
                side: 60,
                photo: &[(2, 2), (97, 97)],
                black: &[],
            },
            Case {
                name: "reaches outside at the top left",
                size: (500, 500),
                rect: [-100, -100, 99, 99],
                side: 160,
                photo: &[(75, 75), (97, 60)],
                black: &[(2, 2), (30, 90), (90, 30)],
            },
            Case {
                name: "reaches outside at the bottom right",
                size: (500, 500),
                rect: [400, 400, 599, 599],
                side: 160,
                photo: &[(2, 2), (30, 40)],
                black: &[(97, 97), (70, 10)],
            },
            Case {
                name: "larger than the photo",
                size: (20, 20),
                rect: [-1000, -1000, 1019, 1019],
                side: 160,
                photo: &[],
                black: &[(2, 2), (97, 97)],
            },
            Case {
                name: "one pixel",
                size: (20, 20),
                rect: [5, 5, 5, 5],
                side: 2,
                photo: &[],
                black: &[],
            },
        ];
        let mut wrong = Vec::new();
        for case in cases {
            let picture = crop_of(case.size, case.rect);
            if picture.dimensions() != (case.side, case.side) {
                wrong.push(format!("{}: {:?}", case.name, picture.dimensions()));
                continue;
            }
            for (points, red) in [(case.photo, true), (case.black, false)] {
                for &(x, y) in points {
                    let pixel = picture.get_pixel(x * case.side / 100, y * case.side / 100);
                    if is_red(pixel) != red {
                        wrong.push(format!("{}: {pixel:?} at {x}, {y}", case.name));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn rectangles_outside_are_refused() {
        let image = RgbImage::from_pixel(20, 20, RED);
        for [left, top, right, bottom] in [
            [100, 0, 120, 20],
            [0, -300, 20, -200],
            [10, 10, 5, 5],
            [i32::MIN, i32::MIN, i32::MIN, i32::MIN],
            [i32::MIN, 0, i32::MAX, 1],
        ] {
            let rect = Rect {
                left,
                top,
                right,
                bottom,
            };
            assert!(
                matches!(crop(&image, rect), Err(FacesError::CropOutside { .. })),
                "{rect:?} was accepted"
            );
        }
        let none = RgbImage::new(0, 0);
        let rect = Rect {
            left: 0,
            top: 0,
            right: 9,
            bottom: 9,
        };
        assert!(matches!(
            crop(&none, rect),
            Err(FacesError::CropOutside { .. })
        ));
    }
}
