//! A face's rectangle: in pixels, in dlib's convention, and as fractions of its image.

/// A rectangle in pixels of the image that the faces were found in (EXIF orientation applied).
///
/// As in dlib's `rectangle`, all four edges belong to it, and it may reach outside the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rect {
    /// First column.
    pub left: i32,
    /// First row.
    pub top: i32,
    /// Last column.
    pub right: i32,
    /// Last row.
    pub bottom: i32,
}

impl Rect {
    /// Columns: `right - left + 1`.
    pub fn width(&self) -> i32 {
        self.right.saturating_sub(self.left).saturating_add(1)
    }

    /// Rows: `bottom - top + 1`.
    pub fn height(&self) -> i32 {
        self.bottom.saturating_sub(self.top).saturating_add(1)
    }
}

/// A face's box with the size of the image it was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaceBox {
    /// The box in pixels of the image.
    pub rect: Rect,
    /// The image's width and height in pixels.
    pub image: (u32, u32),
}

impl FaceBox {
    /// The box as fractions of its image.
    pub fn normalized(self) -> NormalizedRect {
        let (width, height) = self.image;
        let fraction = |at: i32, side: u32| f64::from(at) / f64::from(side.max(1));
        NormalizedRect {
            left: fraction(self.rect.left, width),
            top: fraction(self.rect.top, height),
            // The last column and row belong to the box.
            right: fraction(self.rect.right.saturating_add(1), width),
            bottom: fraction(self.rect.bottom.saturating_add(1), height),
        }
    }
}

/// A rectangle as fractions of an image's width and height: comparable between images of two sizes.
///
/// 0 is the image's left or top edge, 1 its right or bottom one; a box may reach outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormalizedRect {
    /// Left edge.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Bottom edge.
    pub bottom: f64,
}

impl NormalizedRect {
    /// The part that lies inside the image.
    pub fn clamped(self) -> Self {
        let inside = |edge: f64| edge.clamp(0.0, 1.0);
        Self {
            left: inside(self.left),
            top: inside(self.top),
            right: inside(self.right),
            bottom: inside(self.bottom),
        }
    }

    /// Intersection over union: 0 for rectangles apart, 1 for equal ones.
    pub fn iou(self, other: Self) -> f64 {
        let edges = |rect: Self| [rect.left, rect.top, rect.right, rect.bottom];
        overlap(edges(self), edges(other))
    }
}

/// How much two rectangles share: their intersection over their union, from 0 to 1. Each is left, top,
/// right and bottom, the last two just outside, in whatever unit.
pub fn overlap(one: [f64; 4], other: [f64; 4]) -> f64 {
    let area =
        |[left, top, right, bottom]: [f64; 4]| (right - left).max(0.0) * (bottom - top).max(0.0);
    let shared = area([
        one[0].max(other[0]),
        one[1].max(other[1]),
        one[2].min(other[2]),
        one[3].min(other[3]),
    ]);
    let union = area(one) + area(other) - shared;
    if union > 0.0 { shared / union } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_compared_between_sizes() {
        let face = |left, top, right, bottom, image| {
            let rect = Rect {
                left,
                top,
                right,
                bottom,
            };
            FaceBox { rect, image }.normalized()
        };
        let small = face(10, 10, 29, 29, (100, 50));
        let large = face(20, 20, 59, 59, (200, 100));
        assert_eq!(small, large);
        assert_eq!(small.iou(large), 1.0);
        // Half of each is shared: a third of both together.
        let beside = face(20, 10, 39, 29, (100, 50));
        assert!((small.iou(beside) - 1.0 / 3.0).abs() < 1e-9);
        assert_eq!(small.iou(face(60, 10, 79, 29, (100, 50))), 0.0);
        let outside = face(-10, -10, 109, 109, (100, 50));
        assert_eq!(
            (outside.clamped().left, outside.clamped().bottom),
            (0.0, 1.0)
        );
    }

    #[test]
    fn edges_are_inclusive() {
        let rect = Rect {
            left: -3,
            top: 5,
            right: 6,
            bottom: 5,
        };
        assert_eq!((rect.width(), rect.height()), (10, 1));
    }

    #[test]
    fn overlap_is_the_intersection_over_the_union() {
        let cases = [
            ([0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 2.0], 1.0),
            ([0.0, 0.0, 2.0, 2.0], [1.0, 0.0, 3.0, 2.0], 1.0 / 3.0),
            ([0.0, 0.0, 2.0, 2.0], [2.0, 0.0, 4.0, 2.0], 0.0),
            ([0.0, 0.0, 2.0, 2.0], [5.0, 5.0, 6.0, 6.0], 0.0),
            ([1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0], 0.0),
        ];
        for (one, other, shared) in cases {
            assert_eq!(overlap(one, other), shared, "{one:?} {other:?}");
            assert_eq!(overlap(other, one), shared, "{other:?} {one:?}");
        }
    }

    #[test]
    fn extreme_edges_do_not_overflow() {
        let rect = Rect {
            left: i32::MIN,
            top: 0,
            right: i32::MAX,
            bottom: -1,
        };
        assert_eq!((rect.width(), rect.height()), (i32::MAX, 0));
    }
}
