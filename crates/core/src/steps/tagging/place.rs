//! From a face's box, in pixels of the processed and upright image, to the frames of others: the
//! medium image of notes, and the image file of a sidecar.

use image::metadata::Orientation;

use crate::{
    faces::{self, Rect},
    flickr::Place,
};

/// Longest side of Flickr's medium image, which notes are measured on.
const MEDIUM: u32 = 500;

/// How far the shapes (width to height) of two images of one photo may differ: rounding. Beyond, the
/// photo was turned, cropped or replaced since.
const SAME_SHAPE: f64 = 0.03;

/// A rectangle as parts of an image's sides, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Part {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Whether two images can be of one photo that was only resized.
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

impl Part {
    /// A box's part of its image; what lies outside the image is cut off.
    pub(super) fn of(rect: Rect, (width, height): (u32, u32)) -> Self {
        let part = |at: i32, side: u32| (f64::from(at) / f64::from(side.max(1))).clamp(0.0, 1.0);
        Self {
            left: part(rect.left, width),
            top: part(rect.top, height),
            // The edges are inclusive.
            right: part(rect.right.saturating_add(1), width),
            bottom: part(rect.bottom.saturating_add(1), height),
        }
    }

    /// In pixels of a frame, inside it and at least a pixel wide and high.
    pub(super) fn on(self, (width, height): (u32, u32)) -> Place {
        let along = |from: f64, to: f64, side: u32| {
            let side = side.max(1);
            let pixel = |part: f64| (part * f64::from(side)).round() as u32;
            let start = pixel(from).min(side - 1);
            (start, pixel(to).clamp(start + 1, side) - start)
        };
        let (x, w) = along(self.left, self.right, width);
        let (y, h) = along(self.top, self.bottom, height);
        Place { x, y, w, h }
    }

    /// Where it lies in the pixels as a file stores them, which `orientation` (EXIF) turns upright.
    pub(super) fn as_stored(self, orientation: Orientation) -> Self {
        let corners = [(self.left, self.top), (self.right, self.bottom)];
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
        Self {
            left: one.0.min(other.0),
            top: one.1.min(other.1),
            right: one.0.max(other.0),
            bottom: one.1.max(other.1),
        }
    }
}

/// Whether two places are about the same face: intersection over union of a half or more.
pub(super) fn overlap(one: Place, other: Place) -> bool {
    let edges = |place: Place| {
        let [left, top, width, height] = [place.x, place.y, place.w, place.h].map(f64::from);
        [left, top, left + width, top + height]
    };
    faces::overlap(edges(one), edges(other)) >= 0.5
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, GenericImageView, Rgba, RgbaImage};

    use super::*;

    fn rect(left: i32, top: i32, right: i32, bottom: i32) -> Rect {
        Rect {
            left,
            top,
            right,
            bottom,
        }
    }

    fn place(x: u32, y: u32, w: u32, h: u32) -> Place {
        Place { x, y, w, h }
    }

    #[test]
    fn notes_are_measured_on_the_medium_image() {
        struct Case {
            rect: Rect,
            image: (u32, u32),
            medium: Option<(u32, u32)>,
            frame: (u32, u32),
            place: Place,
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
            let place = Part::of(case.rect, case.image).on(frame);
            if (frame, place) != (case.frame, case.place) {
                wrong.push(format!("{:?}: {frame:?} {place:?}", case.rect));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn a_part_is_stored_where_the_decoder_takes_it_from() {
        // One pixel of a stored image of 4x2 is marked; shown, it must lie in the part.
        let orientations = [
            Orientation::NoTransforms,
            Orientation::FlipHorizontal,
            Orientation::Rotate180,
            Orientation::FlipVertical,
            Orientation::Rotate90FlipH,
            Orientation::Rotate90,
            Orientation::Rotate270FlipH,
            Orientation::Rotate270,
        ];
        let mut wrong = Vec::new();
        for orientation in orientations {
            for (x, y) in (0..4).flat_map(|x| (0..2).map(move |y| (x, y))) {
                let mut stored = RgbaImage::new(4, 2);
                stored.put_pixel(x, y, Rgba([255; 4]));
                let mut shown = DynamicImage::ImageRgba8(stored);
                shown.apply_orientation(orientation);
                let at = shown.pixels().find(|(_, _, pixel)| pixel.0[0] == 255);
                let (at_x, at_y, _) = at.unwrap();
                let (left, top) = (at_x as i32, at_y as i32);
                let part = Part::of(rect(left, top, left, top), shown.dimensions());
                let found = part.as_stored(orientation).on((4, 2));
                if found != place(x, y, 1, 1) {
                    wrong.push(format!("{orientation:?} {x},{y}: {found:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn shapes_and_places_are_compared_with_patience() {
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
