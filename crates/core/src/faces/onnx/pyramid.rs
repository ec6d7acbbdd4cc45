//! All sizes of an image packed into one picture, which is what the detector looks at
//! (dlib/image_transforms/image_pyramid.h, `create_tiled_pyramid` with `pyramid_down<6>`, and
//! dlib/dnn/input.h, `input_rgb_image_pyramid`).

use image::RgbImage;

use super::resize::{Area, resize_areas};
use crate::nets::Means;

/// Each level is 5/6 of the one before.
const RATE: f64 = 5.0 / 6.0;

/// No level is lower, in pixels.
const MIN_HEIGHT: i64 = 5;

/// One level of the pyramid in the packed picture: its upper left corner and size in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// Where the levels lie: the larger below each other on the left, the smaller back upwards on the
/// right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Largest first.
    pub(super) levels: Vec<Level>,
}

impl Layout {
    /// `compute_tiled_image_pyramid_details` for an image that is not empty.
    pub(super) fn new(width: u32, height: u32, padding: usize, outer_padding: usize) -> Self {
        let (padding, outer) = (padding as i64, outer_padding as i64);
        let (width, height) = (i64::from(width), i64::from(height));
        let sizes: Vec<(i64, i64)> = std::iter::successors(Some((width, height)), |&(w, h)| {
            let smaller = |size: i64| (RATE * size as f64).floor() as i64;
            Some((smaller(w), smaller(h))).filter(|&(w, h)| w > 0 && h >= MIN_HEIGHT)
        })
        .collect();
        let total: i64 = sizes.iter().map(|(_, h)| h + padding).sum::<i64>() - 2 * padding;
        // Down the left side until the next fits beside the one before and half is done.
        let (mut column, mut before) = (0, 0);
        for &(w, h) in &sizes {
            if w <= width - before - padding && (column - height) * 2 >= total - height {
                break;
            }
            column += h + padding;
            before = w;
        }
        column -= padding;

        let mut levels: Vec<Level> = Vec::with_capacity(sizes.len());
        let mut y = outer;
        let mut rest = sizes.iter();
        while y < column + outer {
            let Some(&(width, height)) = rest.next() else {
                break;
            };
            levels.push(Level {
                left: outer,
                top: y,
                width,
                height,
            });
            y += height + padding;
        }
        y -= padding;
        // Up the right side; what would touch the first level is left out.
        for &(w, h) in rest {
            let level = Level {
                left: outer + width - w,
                top: y - h,
                width: w,
                height: h,
            };
            let touches = levels
                .first()
                .is_some_and(|first| level.top < first.top + first.height);
            if touches {
                break;
            }
            levels.push(level);
            y -= h + padding;
        }
        Self {
            width: (width + 2 * outer) as usize,
            height: (column + 2 * outer) as usize,
            levels,
        }
    }

    /// The level that a pixel of the picture belongs to: the one it is in, else the nearest
    /// (`nearest_rect`).
    pub(super) fn level_of(&self, x: i64, y: i64) -> usize {
        let away = |level: &Level| {
            let dx = x - x.clamp(level.left, level.left + level.width - 1);
            let dy = y - y.clamp(level.top, level.top + level.height - 1);
            dx * dx + dy * dy
        };
        (0..self.levels.len())
            .min_by_key(|&index| away(&self.levels[index]))
            .unwrap_or(0)
    }

    /// The picture: rows of red, of green and of blue in turn, `[height, 3, width]`, each number
    /// `(pixel - mean) / 256`, and 0 between the levels. `image` has the first level's size. What
    /// `picture` held before is gone, its memory is used again.
    pub(super) fn fill(&self, picture: &mut Vec<f32>, image: &RgbImage, means: Means) {
        picture.clear();
        picture.resize(self.width * self.height * 3, 0.0);
        let tables = means.0.map(|mean| -> Vec<f32> {
            (0..=255_u8)
                .map(|value| ((f32::from(value) - mean) as f64 / 256.0) as f32)
                .collect()
        });
        let areas: Vec<[Area; 3]> = self.levels.iter().map(|level| self.area(level)).collect();
        let Some(first) = areas.first() else {
            return;
        };
        let width = first[0].width;
        for (row, pixels) in image.as_raw().chunks_exact((width * 3).max(1)).enumerate() {
            for (channel, (area, table)) in first.iter().zip(&tables).enumerate() {
                let line = &mut picture[area.start + row * area.stride..][..width];
                for (number, pixel) in line.iter_mut().zip(pixels.as_chunks::<3>().0) {
                    *number = table[usize::from(pixel[channel])];
                }
            }
        }
        for pair in areas.windows(2) {
            resize_areas(picture, &pair[0], &pair[1]);
        }
    }

    /// A level's red, green and blue numbers in the picture.
    fn area(&self, level: &Level) -> [Area; 3] {
        [0, 1, 2].map(|channel| Area {
            start: (level.top as usize * 3 + channel) * self.width + level.left as usize,
            width: level.width as usize,
            height: level.height as usize,
            stride: self.width * 3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_lie_inside_and_apart() {
        for (width, height) in [
            (1002, 751),
            (16, 16),
            (17, 400),
            (400, 17),
            (1280, 720),
            (33, 31),
        ] {
            let layout = Layout::new(width, height, 10, 11);
            assert_eq!(layout.width, width as usize + 22);
            for (index, a) in layout.levels.iter().enumerate() {
                assert!(a.left >= 11 && a.top >= 11, "{width}x{height}: {a:?}");
                assert!(a.left + a.width + 11 <= layout.width as i64, "{a:?}");
                assert!(a.top + a.height + 11 <= layout.height as i64, "{a:?}");
                for b in &layout.levels[..index] {
                    let apart = a.left >= b.left + b.width
                        || b.left >= a.left + a.width
                        || a.top >= b.top + b.height
                        || b.top >= a.top + a.height;
                    assert!(apart, "{width}x{height}: {a:?} and {b:?}");
                }
            }
        }
    }

    #[test]
    fn a_place_belongs_to_the_level_it_is_in() {
        let layout = Layout::new(300, 200, 10, 11);
        for (index, level) in layout.levels.iter().enumerate() {
            assert_eq!(layout.level_of(level.left, level.top), index);
        }
        assert_eq!(layout.level_of(0, 0), 0);
    }
}
