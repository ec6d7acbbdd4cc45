//! From the detector's scores to boxes (dlib/dnn/loss.h, `loss_mmod_::to_label`).

use super::pyramid::Layout;
use crate::faces::Rect;
use crate::faces::candidates::{Candidate, suppressed, up};
use crate::nets::Overlap;

/// Where in the packed picture the middle of the window is for a place in the map of scores:
/// `place * step + offset`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Places {
    pub(super) step: i64,
    pub(super) offset: i64,
}

/// All boxes with a score above 0, best first, without those that overlap a better one.
///
/// `scores` is a map of rows of `width` numbers.
pub(super) fn boxes(
    scores: &[f32],
    width: usize,
    places: Places,
    window: [usize; 2],
    layout: &Layout,
    overlap: Overlap,
) -> Vec<Candidate> {
    let all = scores
        .chunks_exact(width.max(1))
        .enumerate()
        .flat_map(|(row, line)| {
            line.iter()
                .enumerate()
                .map(move |(column, &score)| (row, column, score))
        })
        .filter(|&(_, _, score)| score > 0.0)
        .map(|(row, column, score)| {
            let at = |place: usize| place as i64 * places.step + places.offset;
            Candidate {
                rect: in_image(layout, at(column), at(row), window),
                score,
            }
        })
        .collect();
    suppressed(all, overlap)
}

/// The window around a pixel of the picture, in pixels of the image (`tiled_pyramid_to_image`).
fn in_image(layout: &Layout, x: i64, y: i64, window: [usize; 2]) -> Rect {
    let index = layout.level_of(x, y);
    let (left, top) = layout
        .levels
        .get(index)
        .map_or((0, 0), |level| (level.left, level.top));
    let [half_width, half_height] = window.map(|side| (side as f64 - 1.0) / 2.0);
    let levels = layout.left_out.len() + index;
    let up = |place| up(place, levels);
    let (x, y) = ((x - left) as f64, (y - top) as f64);
    Rect {
        left: up(x - half_width),
        top: up(y - half_height),
        right: up(x + half_width),
        bottom: up(y + half_height),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAP: Overlap = Overlap {
        iou: 0.338_276,
        covered: 1.0,
    };
    const PLACES: Places = Places {
        step: 8,
        offset: 14,
    };

    #[test]
    fn the_best_of_neighbours_is_kept() {
        let layout = Layout::new((200, 200), 0, 10, 11).unwrap();
        let width = (layout.width - 29) / 8 + 1;
        let height = (layout.height - 29) / 8 + 1;
        let mut scores = vec![-1.0; width * height];
        scores[5 * width + 5] = 0.5;
        scores[5 * width + 6] = 0.8;
        scores[20 * width + 20] = 0.1;
        let found = boxes(&scores, width, PLACES, [80, 80], &layout, OVERLAP);
        // Column 6, row 5 is the pixel (62, 54) of the picture, (51, 43) of the image.
        let rect = Rect {
            left: 12,
            top: 4,
            right: 91,
            bottom: 83,
        };
        assert_eq!(found[0], Candidate { rect, score: 0.8 });
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].score, 0.1);
    }

    #[test]
    fn a_lower_level_finds_larger_faces() {
        let layout = Layout::new((200, 200), 0, 10, 11).unwrap();
        let level = layout.levels[2];
        let rect = in_image(&layout, level.left + 40, level.top + 40, [80, 80]);
        // (0.5 * 1.2 + 0.3) * 1.2 + 0.3 = 1.38; 79.5 gives 115.14
        assert_eq!(
            rect,
            Rect {
                left: 1,
                top: 1,
                right: 115,
                bottom: 115
            }
        );
    }

    #[test]
    fn nothing_above_zero_is_nothing() {
        let layout = Layout::new((100, 100), 0, 10, 11).unwrap();
        assert!(
            boxes(
                &[0.0, -1.0, f32::NAN, 0.0],
                2,
                PLACES,
                [80, 80],
                &layout,
                OVERLAP
            )
            .is_empty()
        );
    }
}
