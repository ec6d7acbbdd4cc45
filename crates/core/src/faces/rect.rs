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
