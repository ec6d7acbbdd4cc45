//! A face's rectangle, in dlib's convention.

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
