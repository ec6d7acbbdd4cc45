//! Doubling an image as dlib does, and bringing rectangles back: the arithmetic alone.
//!
//! dlib's `pyramid_up` with `pyramid_down<2>` maps a pixel `p` to `(p + (1.25, 0.75)) * 2`, so the
//! doubled image is not quite twice the size and rectangles do not come back by a plain half
//! (dlib/image_transforms/image_pyramid.h, `pyramid_down_2_1`).

use super::{FacesError, Rect};

/// Width and height in pixels.
pub(super) type Size = (u32, u32);

/// Pixels of an image of that size.
pub(super) fn pixels((width, height): Size) -> u64 {
    u64::from(width) * u64::from(height)
}

/// The size that dlib's `pyramid_up` makes: the last pixel mapped as above, rounded, plus one.
/// 500x375 becomes 1002x751.
fn doubled((width, height): Size) -> Size {
    (
        width.saturating_mul(2).saturating_add(2),
        height.saturating_mul(2).saturating_add(1),
    )
}

/// The shortest side, after doubling, that a detector is given. dlib's `tensor_conv` throws where
/// the CNN's three convolutions of 5x5 with stride 2 leave nothing of the packed pyramid: at 9
/// columns or 6 rows. A face that the detectors know covers 40 pixels and more.
const MIN_SIDE: u32 = 16;

/// The sizes that an image is resized to, one after the other, before faces are looked for in the last:
/// doubled `wanted` times at most and not past `max_pixels`, perhaps never. `None` where it is too small
/// for any face.
///
/// # Errors
/// It has more than `max_pixels` at its own size.
pub(super) fn enlargements(
    own: Size,
    wanted: u8,
    max_pixels: u64,
) -> Result<Option<Vec<Size>>, FacesError> {
    if pixels(own) > max_pixels {
        return Err(FacesError::TooLarge {
            width: own.0,
            height: own.1,
            max_pixels,
        });
    }
    if pixels(own) == 0 {
        return Ok(None);
    }
    let larger = doublings(own, wanted, max_pixels);
    let &(width, height) = larger.last().unwrap_or(&own);
    Ok((width.min(height) >= MIN_SIDE).then_some(larger))
}

/// The sizes of [`enlargements`], for an image however small.
fn doublings(own: Size, wanted: u8, max_pixels: u64) -> Vec<Size> {
    let double = |&size: &Size| Some(doubled(size)).filter(|&next| pixels(next) <= max_pixels);
    let sizes: Vec<Size> = std::iter::successors(double(&own), double)
        .take(usize::from(wanted))
        .collect();
    let done = sizes.len();
    if done < usize::from(wanted) {
        tracing::warn!(
            width = own.0,
            height = own.1,
            wanted,
            done,
            max_pixels,
            "photo doubled less often than asked: doubled again it would pass the limit"
        );
    }
    sizes
}

/// A rectangle of an image doubled `levels` times, in pixels of the image itself: each corner by
/// `p / 2 - (1.25, 0.75)` per level, rounded once at the end, halves upwards (`rect_down`;
/// dlib/geometry/drectangle.h). dlib's Python bindings do this for the CNN and for HOG alike.
pub(super) fn halved(rect: &Rect, levels: usize) -> Rect {
    let down = |edge: i32, offset: f64| {
        let exact = (0..levels).fold(f64::from(edge), |value, _| value / 2.0 - offset);
        (exact + 0.5).floor() as i32
    };
    Rect {
        left: down(rect.left, 1.25),
        top: down(rect.top, 0.75),
        right: down(rect.right, 1.25),
        bottom: down(rect.bottom, 0.75),
    }
}

/// Whether a face is to be kept: the longer side of its box, in pixels of the image, is at least
/// `min_face`.
pub(super) fn is_large_enough(rect: &Rect, min_face: u32) -> bool {
    let side = |from: i32, to: i32| i64::from(to) - i64::from(from) + 1;
    side(rect.left, rect.right).max(side(rect.top, rect.bottom)) >= i64::from(min_face)
}

/// Levels of the CNN's pyramid, counted from the largest, that can only find faces smaller than
/// `min_face` pixels of the image. Each level is 5/6 of the one before, and finds faces of `window`
/// pixels; the first is the image doubled `doublings` times.
pub(super) fn levels_too_fine(window: usize, doublings: usize, min_face: u32) -> usize {
    let first = (0..doublings).fold(window as f64, |side, _| side / 2.0);
    // A box's edges are rounded, which may make it a pixel larger.
    let too_small = |side: &f64| side + 1.0 < f64::from(min_face);
    std::iter::successors(Some(first), |side| Some(side * 1.2))
        .take_while(too_small)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Straight from the header: `rect_up` of the image's rectangle, rounded.
    fn dlib_size((width, height): Size) -> Size {
        let up = |last: u32, offset: f64| {
            ((f64::from(last - 1) + offset) * 2.0 + 0.5).floor() as u32 + 1
        };
        (up(width, 1.25), up(height, 0.75))
    }

    #[test]
    fn doubled_sizes_are_dlib_s() {
        assert_eq!(doubled((500, 375)), (1002, 751));
        for width in [1, 2, 3, 150, 499, 2048] {
            for height in [1, 2, 7, 150, 375, 1365] {
                assert_eq!(doubled((width, height)), dlib_size((width, height)));
            }
        }
    }

    #[test]
    fn doubling_stops_at_the_limit() {
        let own = (100, 100);
        assert_eq!(doublings(own, 0, 10), []);
        assert_eq!(doublings(own, 2, 1_000_000), [(202, 201), (406, 403)]);
        assert_eq!(doublings(own, 2, 202 * 201), [(202, 201)]);
        assert_eq!(doublings(own, 2, 202 * 201 - 1), []);
        assert_eq!(doublings(own, 255, 1_000_000).len(), 3);
    }

    #[test]
    fn levels_are_skipped_only_where_all_faces_are_too_small() {
        // 80 pixels of the doubled image are 40 of the image, then 48, 57.6, 69.12, 82.944.
        for (doublings, min_face, expected) in [
            (1, 40, 0),
            (0, 40, 0),
            (0, 1, 0),
            (1, 41, 0),
            (1, 42, 1),
            (1, 49, 1),
            (1, 50, 2),
            (1, 80, 4),
            (2, 40, 4),
            (3, 40, 8),
        ] {
            assert_eq!(
                levels_too_fine(80, doublings, min_face),
                expected,
                "{doublings} doublings, {min_face}"
            );
        }
    }

    #[test]
    fn the_longer_side_counts() {
        let rect = |right, bottom| Rect {
            left: -3,
            top: 2,
            right,
            bottom,
        };
        assert!(is_large_enough(&rect(36, 20), 40));
        assert!(is_large_enough(&rect(9, 41), 40));
        assert!(!is_large_enough(&rect(35, 40), 40));
        assert!(!is_large_enough(&rect(i32::MIN, 0), 1));
    }

    #[test]
    fn rectangles_come_back_as_rect_down_does() {
        let rect = Rect {
            left: 208,
            top: 388,
            right: 280,
            bottom: -3,
        };
        // 208 / 2 - 1.25 = 102.75; 388 / 2 - 0.75 = 193.25; 138.75; -2.25
        let once = halved(&rect, 1);
        assert_eq!(
            [once.left, once.top, once.right, once.bottom],
            [103, 193, 139, -2]
        );
        // Not rounded in between: 102.75 / 2 - 1.25 = 50.125; 95.875; 68.125; -1.875
        let twice = halved(&rect, 2);
        assert_eq!(
            [twice.left, twice.top, twice.right, twice.bottom],
            [50, 96, 68, -2]
        );
        assert_eq!(halved(&rect, 0), rect);
    }
}
