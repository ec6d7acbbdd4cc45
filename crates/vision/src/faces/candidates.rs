//! Boxes that a detector takes for faces, and which of them stay: what dlib does after its scores,
//! with the CNN and with HOG alike.

use super::Rect;
use crate::nets::Overlap;

/// A pyramid level's pixel `p` is `p * 1.2 + 0.3` one level up (`pyramid_down<6>::point_up`).
const UP: f64 = 6.0 / 5.0;
const SHIFT: f64 = 0.3;

/// A box with its score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    /// In pixels of the image searched.
    pub(super) rect: Rect,
    pub(super) score: f32,
}

/// A place in a pyramid's level, in pixels of the image searched: rounded once at the end, halves
/// upwards (`rect_up`; dlib/geometry/drectangle.h).
pub(super) fn up(place: f64, levels: usize) -> i32 {
    let exact = (0..levels).fold(place, |place, _| place * UP + SHIFT);
    (exact + 0.5).floor() as i32
}

/// Best first, without those that overlap a better one (non-maximum suppression).
pub(super) fn suppressed(mut all: Vec<Candidate>, overlap: Overlap) -> Vec<Candidate> {
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in all {
        let covered = |better: &Candidate| overlaps(overlap, &better.rect, &candidate.rect);
        if !kept.iter().any(covered) {
            kept.push(candidate);
        }
    }
    kept
}

/// dlib/image_processing/box_overlap_testing.h, `test_box_overlap`.
fn overlaps(overlap: Overlap, a: &Rect, b: &Rect) -> bool {
    let area = |rect: &Rect| {
        let side = |from: i32, to: i32| (i64::from(to) - i64::from(from) + 1).max(0) as f64;
        side(rect.left, rect.right) * side(rect.top, rect.bottom)
    };
    let shared = area(&Rect {
        left: a.left.max(b.left),
        top: a.top.max(b.top),
        right: a.right.min(b.right),
        bottom: a.bottom.min(b.bottom),
    });
    let around = area(&Rect {
        left: a.left.min(b.left),
        top: a.top.min(b.top),
        right: a.right.max(b.right),
        bottom: a.bottom.max(b.bottom),
    });
    shared > 0.0
        && (shared / around > overlap.iou
            || shared / area(a) > overlap.covered
            || shared / area(b) > overlap.covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(left: i32, side: i32, score: f32) -> Candidate {
        let rect = Rect {
            left,
            top: 0,
            right: left + side - 1,
            bottom: side - 1,
        };
        Candidate { rect, score }
    }

    #[test]
    fn what_overlaps_a_better_one_goes() {
        let overlap = Overlap {
            iou: 0.33,
            covered: 0.79,
        };
        // 10x10 at 0; beside it at 4 (6 of 14 columns shared: 0.43) and at 6 (4 of 16: 0.25); and a
        // small one that lies within.
        let all = [
            square(4, 10, 2.0),
            square(0, 10, 3.0),
            square(6, 10, 1.0),
            square(2, 3, 0.5),
        ];
        assert_eq!(
            suppressed(all.to_vec(), overlap),
            [square(0, 10, 3.0), square(6, 10, 1.0)]
        );
    }

    #[test]
    fn places_go_up_level_by_level() {
        assert_eq!([up(0.5, 0), up(-0.6, 0), up(7.0, 0)], [1, -1, 7]);
        // (0.5 * 1.2 + 0.3) * 1.2 + 0.3 = 1.38; 79.5 gives 115.14
        assert_eq!([up(0.5, 2), up(79.5, 2)], [1, 115]);
    }
}
