//! All sizes of an image packed into one picture, which is what the detector looks at
//! (dlib/image_transforms/image_pyramid.h, `create_tiled_pyramid` with `pyramid_down<6>`, and
//! dlib/dnn/input.h, `input_rgb_image_pyramid`).

use image::RgbImage;

use crate::faces::resize::{Area, resize_areas};
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
    /// Sizes of the pyramid's levels that are larger still and were left out; the image's own first.
    pub(super) left_out: Vec<(i64, i64)>,
}

impl Layout {
    /// `compute_tiled_image_pyramid_details` for an image that is not empty, as though the first
    /// `left_out` levels of its pyramid were not there; `None` where no other is.
    pub(super) fn new(
        (width, height): (u32, u32),
        left_out: usize,
        padding: usize,
        outer_padding: usize,
    ) -> Option<Self> {
        let (padding, outer) = (padding as i64, outer_padding as i64);
        let own = (i64::from(width), i64::from(height));
        let mut sizes: Vec<(i64, i64)> = std::iter::successors(Some(own), |&(w, h)| {
            let smaller = |size: i64| (RATE * size as f64).floor() as i64;
            Some((smaller(w), smaller(h))).filter(|&(w, h)| w > 0 && h >= MIN_HEIGHT)
        })
        .collect();
        let rest = sizes.split_off(left_out.min(sizes.len()));
        let (left_out, sizes) = (sizes, rest);
        let &(width, height) = sizes.first()?;
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
        Some(Self {
            width: (width + 2 * outer) as usize,
            height: (column + 2 * outer) as usize,
            levels,
            left_out,
        })
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
    /// `(pixel - mean) / 256`, and 0 between the levels. `image` has the size of the pyramid's
    /// first level. What `picture` held before is gone, its memory is used again.
    pub(super) fn fill(&self, picture: &mut Vec<f32>, image: &RgbImage, means: Means) {
        picture.clear();
        picture.resize(self.width * self.height * 3, 0.0);
        let areas: Vec<[Area; 3]> = self.levels.iter().map(|level| self.area(level)).collect();
        let Some(first) = areas.first() else {
            return;
        };
        match self.above() {
            None => put(picture, first, image, means),
            Some(above) => {
                let mut larger = Vec::new();
                above.fill(&mut larger, image, means);
                if let Some(level) = above.levels.last() {
                    for (from, to) in above.area(level).iter().zip(first) {
                        for row in 0..to.height {
                            picture[to.start + row * to.stride..][..to.width].copy_from_slice(
                                &larger[from.start + row * from.stride..][..from.width],
                            );
                        }
                    }
                }
            }
        }
        for pair in areas.windows(2) {
            resize_areas(picture, &pair[0], &pair[1]);
        }
    }

    /// The levels that were left out and the first that was not, below each other without any
    /// padding: each is made of the one before. `None` where none was left out.
    fn above(&self) -> Option<Self> {
        let &(width, _) = self.left_out.first()?;
        let first = self.levels.first()?;
        let mut height = 0;
        let levels = self
            .left_out
            .iter()
            .chain([&(first.width, first.height)])
            .map(|&(width, level_height)| {
                let top = height;
                height += level_height;
                Level {
                    left: 0,
                    top,
                    width,
                    height: level_height,
                }
            })
            .collect();
        Some(Self {
            width: width as usize,
            height: height as usize,
            levels,
            left_out: Vec::new(),
        })
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

/// Writes an image's red, green and blue into areas of its size.
fn put(picture: &mut [f32], areas: &[Area; 3], image: &RgbImage, means: Means) {
    let tables = means.0.map(|mean| -> Vec<f32> {
        (0..=255_u8)
            .map(|value| ((f32::from(value) - mean) as f64 / 256.0) as f32)
            .collect()
    });
    let width = areas[0].width;
    for (row, pixels) in image.as_raw().chunks_exact((width * 3).max(1)).enumerate() {
        for (channel, (area, table)) in areas.iter().zip(&tables).enumerate() {
            let line = &mut picture[area.start + row * area.stride..][..width];
            for (number, pixel) in line.iter_mut().zip(pixels.as_chunks::<3>().0) {
                *number = table[usize::from(pixel[channel])];
            }
        }
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
            let layout = Layout::new((width, height), 0, 10, 11).unwrap();
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
        let layout = Layout::new((300, 200), 0, 10, 11).unwrap();
        for (index, level) in layout.levels.iter().enumerate() {
            assert_eq!(layout.level_of(level.left, level.top), index);
        }
        assert_eq!(layout.level_of(0, 0), 0);
    }

    #[test]
    fn skipped_levels_do_not_change_the_others() {
        let image = RgbImage::from_fn(90, 70, |x, y| {
            image::Rgb([(x * 2) as u8, (y * 3) as u8, (x * y) as u8])
        });
        let means = Means([122.0, 117.0, 104.0]);
        let all = Layout::new((90, 70), 0, 10, 11).unwrap();
        let some = Layout::new((90, 70), 2, 10, 11).unwrap();
        assert_eq!(some.left_out, [(90, 70), (75, 58)]);
        let (mut all_picture, mut some_picture) = (Vec::new(), Vec::new());
        all.fill(&mut all_picture, &image, means);
        some.fill(&mut some_picture, &image, means);
        for (index, level) in some.levels.iter().enumerate() {
            let other = &all.levels[index + 2];
            assert_eq!((level.width, level.height), (other.width, other.height));
            for (a, b) in some.area(level).iter().zip(&all.area(other)) {
                for row in 0..a.height {
                    assert_eq!(
                        some_picture[a.start + row * a.stride..][..a.width],
                        all_picture[b.start + row * b.stride..][..b.width],
                        "level {index}, row {row}"
                    );
                }
            }
        }
        assert_eq!(Layout::new((90, 70), 99, 10, 11), None);
    }
}
