//! From a face's box to the frames of others: the medium image that notes are measured on, and the
//! image file beside a sidecar.

use image::metadata::Orientation;

use crate::{
    faces::{self, NormalizedRect},
    flickr::NoteRect,
};

/// Longest side of Flickr's medium image, which notes are measured on, in pixels.
const MEDIUM: u32 = 500;

/// How far the shapes (width to height) of two images of one photo may differ by rounding. Beyond it,
/// the photo was turned, cropped or replaced.
const SAME_SHAPE: f64 = 0.03;

/// Intersection over union from which two notes are about the same face.
const SAME_FACE: f64 = 0.5;

/// Whether two images, given by width and height, can be of one photo that was only resized.
pub(super) fn same_shape(one: (u32, u32), other: (u32, u32)) -> bool {
    let shape = |(width, height): (u32, u32)| f64::from(width.max(1)) / f64::from(height.max(1));
    // A side of few pixels rounds coarsely.
    let least = [one.0, one.1, other.0, other.1].into_iter().min();
    let rounding = 1.0 / f64::from(least.unwrap_or(1).max(1));
    (shape(one) / shape(other)).ln().abs() <= SAME_SHAPE.max(rounding)
}

/// Width and height of the frame that notes are measured in: those of the medium image, or, where
/// Flickr has none, of the photo itself, which is then smaller.
pub(super) fn frame(image: (u32, u32), medium: Option<(u32, u32)>) -> (u32, u32) {
    medium.unwrap_or_else(|| {
        let longest = image.0.max(image.1).max(1);
        if longest <= MEDIUM {
            return image;
        }
        let scaled = |side: u32| (2 * side * MEDIUM + longest) / (2 * longest);
        (scaled(image.0).max(1), scaled(image.1).max(1))
    })
}

/// A rectangle in pixels of a frame of this width and height, inside it and at least a pixel wide and
/// high.
pub(super) fn rect_on(rect: NormalizedRect, (width, height): (u32, u32)) -> NoteRect {
    let rect = rect.clamped();
    let along = |from: f64, to: f64, side: u32| {
        let side = side.max(1);
        let pixel = |fraction: f64| (fraction * f64::from(side)).round() as u32;
        let start = pixel(from).min(side - 1);
        (start, pixel(to).clamp(start + 1, side) - start)
    };
    let (x, w) = along(rect.left, rect.right, width);
    let (y, h) = along(rect.top, rect.bottom, height);
    NoteRect { x, y, w, h }
}

/// Where a rectangle of the upright image lies in the pixels as a file stores them, which `orientation`
/// (EXIF) turns upright.
pub(super) fn as_stored(rect: NormalizedRect, orientation: Orientation) -> NormalizedRect {
    let rect = rect.clamped();
    let corners = [(rect.left, rect.top), (rect.right, rect.bottom)];
    let [one, other] = corners.map(|(x, y)| match orientation {
        Orientation::NoTransforms => (x, y),
        Orientation::FlipHorizontal => (1.0 - x, y),
        Orientation::Rotate180 => (1.0 - x, 1.0 - y),
        Orientation::FlipVertical => (x, 1.0 - y),
        Orientation::Rotate90FlipH => (y, x),
        // Turned right to be upright: what is stored as the left edge is shown as the top.
        Orientation::Rotate90 => (y, 1.0 - x),
        Orientation::Rotate270FlipH => (1.0 - y, 1.0 - x),
        Orientation::Rotate270 => (1.0 - y, x),
    });
    NormalizedRect {
        left: one.0.min(other.0),
        top: one.1.min(other.1),
        right: one.0.max(other.0),
        bottom: one.1.max(other.1),
    }
}

/// Whether two rectangles of notes are about the same face.
pub(super) fn overlap(one: NoteRect, other: NoteRect) -> bool {
    let edges = |NoteRect { x, y, w, h }| {
        let (left, top) = (f64::from(x), f64::from(y));
        [left, top, left + f64::from(w), top + f64::from(h)]
    };
    faces::overlap(edges(one), edges(other)) >= SAME_FACE
}

/// All there are.
#[cfg(test)]
pub(super) const ORIENTATIONS: [Orientation; 8] = [
    Orientation::NoTransforms,
    Orientation::FlipHorizontal,
    Orientation::Rotate180,
    Orientation::FlipVertical,
    Orientation::Rotate90FlipH,
    Orientation::Rotate90,
    Orientation::Rotate270FlipH,
    Orientation::Rotate270,
];

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GenericImageView, Rgba, RgbaImage};

    use super::*;
    use crate::faces::{FaceBox, Rect};

    fn rect(left: i32, top: i32, right: i32, bottom: i32) -> Rect {
        Rect {
            left,
            top,
            right,
            bottom,
        }
    }

    fn place(x: u32, y: u32, w: u32, h: u32) -> NoteRect {
        NoteRect { x, y, w, h }
    }

    fn normalized(rect: Rect, image: (u32, u32)) -> NormalizedRect {
        FaceBox { rect, image }.normalized()
    }

    #[test]
    fn notes_are_measured_on_the_medium_image() {
        struct Case {
            rect: Rect,
            image: (u32, u32),
            medium: Option<(u32, u32)>,
            frame: (u32, u32),
            place: NoteRect,
        }
        let cases = [
            Case {
                rect: rect(256, 192, 511, 383),
                image: (1024, 768),
                medium: Some((500, 375)),
                frame: (500, 375),
                place: place(125, 94, 125, 94),
            },
            // Flickr's sizes are not known: the same by its rule.
            Case {
                rect: rect(0, 0, 1023, 767),
                image: (1024, 768),
                medium: None,
                frame: (500, 375),
                place: place(0, 0, 500, 375),
            },
            Case {
                rect: rect(0, 0, 99, 99),
                image: (683, 1024),
                medium: None,
                frame: (333, 500),
                place: place(0, 0, 49, 49),
            },
            // A box that reaches beyond the image, as dlib's do.
            Case {
                rect: rect(-20, -5, 59, 44),
                image: (400, 300),
                medium: None,
                frame: (400, 300),
                place: place(0, 0, 60, 45),
            },
            Case {
                rect: rect(380, 280, 430, 330),
                image: (400, 300),
                medium: None,
                frame: (400, 300),
                place: place(380, 280, 20, 20),
            },
            Case {
                rect: rect(399, 299, 399, 299),
                image: (400, 300),
                medium: Some((40, 30)),
                frame: (40, 30),
                place: place(39, 29, 1, 1),
            },
        ];
        let mut wrong = Vec::new();
        for case in cases {
            let frame = frame(case.image, case.medium);
            let place = rect_on(normalized(case.rect, case.image), frame);
            if (frame, place) != (case.frame, case.place) {
                wrong.push(format!("{:?}: {frame:?} {place:?}", case.rect));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_rectangle_is_stored_where_the_decoder_takes_it_from() {
        // One pixel of a stored image of 4x2 is marked; shown, it must lie in the rectangle.
        let mut wrong = Vec::new();
        for orientation in ORIENTATIONS {
            for (x, y) in (0..4).flat_map(|x| (0..2).map(move |y| (x, y))) {
                let mut stored = RgbaImage::new(4, 2);
                stored.put_pixel(x, y, Rgba([255; 4]));
                let mut shown = DynamicImage::ImageRgba8(stored);
                shown.apply_orientation(orientation);
                let at = shown.pixels().find(|(_, _, pixel)| pixel.0[0] == 255);
                let (at_x, at_y, _) = at.unwrap();
                let (left, top) = (at_x as i32, at_y as i32);
                let pixel = normalized(rect(left, top, left, top), shown.dimensions());
                let found = rect_on(as_stored(pixel, orientation), (4, 2));
                if found != place(x, y, 1, 1) {
                    wrong.push(format!("{orientation:?} {x},{y}: {found:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn shapes_and_places_are_compared_with_tolerance() {
        assert!(same_shape((1024, 768), (500, 375)));
        assert!(same_shape((1024, 683), (500, 333)));
        assert!(same_shape((100, 10), (1000, 104)));
        assert!(!same_shape((1024, 768), (375, 500)));
        assert!(!same_shape((1024, 768), (500, 500)));
        assert!(overlap(place(10, 10, 20, 20), place(12, 11, 20, 20)));
        assert!(!overlap(place(10, 10, 20, 20), place(25, 10, 20, 20)));
        assert!(!overlap(place(0, 0, 0, 0), place(0, 0, 0, 0)));
    }
}
