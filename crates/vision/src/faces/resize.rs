//! dlib's `resize_image` with bilinear interpolation (dlib/image_transforms/interpolation.h), to the
//! last bit.
//!
//! For a target pixel (x, y) between the source's columns l, r and rows t, b, with fractions f and g:
//! `(1-g)(1-f) tl + (1-g) f tr + g (1-f) bl + g f br`. What must be the same is the order of the
//! operations and their precision, which dlib changes near the right edge: four columns at a time in
//! `f32` while the right neighbour of the fourth is inside, the rest in `f64`. Pixels of 8 bits are
//! cut off, not rounded, so a difference in the last bit can be one of 256.

use image::RgbImage;

/// Where a target column lies among the source's columns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) left: usize,
    pub(super) right: usize,
    pub(super) fraction: f64,
}

/// All target columns; the first `fast` of them are dlib's four at a time.
pub(super) struct Columns {
    pub(super) columns: Vec<Column>,
    pub(super) fast: usize,
}

/// As many steps as fit between the first and the last pixel.
fn scale(from: usize, to: usize) -> f64 {
    from.saturating_sub(1) as f64 / to.saturating_sub(1).max(1) as f64
}

impl Columns {
    pub(super) fn new(from: usize, to: usize) -> Self {
        let scale = scale(from, to);
        let start = -4.0 * scale;
        let mut four = [0.0, 1.0, 2.0, 3.0].map(|step| (start + step * scale) as f32);
        let step = (4.0 * scale) as f32;
        let mut columns = Vec::with_capacity(to);
        loop {
            four = four.map(|x| x + step);
            let last = four[3] as usize + 1;
            if last >= from || columns.len() + 4 > to {
                break;
            }
            columns.extend(four.map(|x| {
                let left = x as usize;
                Column {
                    left,
                    right: left + 1,
                    fraction: f64::from(x - left as f32),
                }
            }));
        }
        let fast = columns.len();
        let mut x = -scale + fast as f64 * scale;
        while columns.len() < to {
            x += scale;
            let left = (x.floor() as usize).min(from - 1);
            columns.push(Column {
                left,
                right: (left + 1).min(from - 1),
                fraction: x - left as f64,
            });
        }
        Self { columns, fast }
    }
}

/// The rows that each target row lies between, and how far from the upper.
pub(super) fn rows(from: usize, to: usize) -> impl Iterator<Item = (usize, usize, f64)> {
    let scale = scale(from, to);
    let mut y = -scale;
    (0..to).map(move |_| {
        y += scale;
        let top = (y.floor() as usize).min(from - 1);
        (top, (top + 1).min(from - 1), y - top as f64)
    })
}

/// Resizes an image of 8-bit RGB. Either size 0 gives an empty image.
pub(super) fn resize_rgb(image: &RgbImage, width: u32, height: u32) -> RgbImage {
    let mut out = RgbImage::new(width, height);
    let (from_width, from_height) = image.dimensions();
    if [width, height, from_width, from_height].contains(&0) {
        return out;
    }
    let Columns { columns, fast } = Columns::new(from_width as usize, width as usize);
    let (fast_columns, slow_columns) = columns.split_at(fast);
    let stride = from_width as usize * 3;
    let source = image.as_raw();
    for ((top, bottom, g), out) in rows(from_height as usize, height as usize)
        .zip(out.as_mut().chunks_exact_mut(width as usize * 3))
    {
        let (top, bottom) = (
            &source[top * stride..][..stride],
            &source[bottom * stride..][..stride],
        );
        let (lower, upper) = (g as f32, (1.0 - g) as f32);
        let (fast_out, slow_out) = out.split_at_mut(fast * 3);
        for (column, out) in fast_columns.iter().zip(fast_out.as_chunks_mut::<3>().0) {
            let f = column.fraction as f32;
            let rest = 1.0 - f;
            let weights = [upper * rest, upper * f, lower * rest, lower * f];
            let top = &top[column.left * 3..][..6];
            let bottom = &bottom[column.left * 3..][..6];
            for (channel, out) in out.iter_mut().enumerate() {
                let value = weights[0] * f32::from(top[channel])
                    + weights[1] * f32::from(top[channel + 3])
                    + weights[2] * f32::from(bottom[channel])
                    + weights[3] * f32::from(bottom[channel + 3]);
                *out = value as u8;
            }
        }
        for (column, out) in slow_columns.iter().zip(slow_out.as_chunks_mut::<3>().0) {
            let f = column.fraction;
            let (left, right) = (column.left * 3, column.right * 3);
            for (channel, out) in out.iter_mut().enumerate() {
                let [tl, tr, bl, br] = [
                    top[left + channel],
                    top[right + channel],
                    bottom[left + channel],
                    bottom[right + channel],
                ]
                .map(f64::from);
                *out =
                    ((1.0 - g) * ((1.0 - f) * tl + f * tr) + g * ((1.0 - f) * bl + f * br)) as u8;
            }
        }
    }
    out
}

/// A rectangle of numbers in a larger picture: the index of its first, its size, and from row to row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) start: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) stride: usize,
}

/// Resizes one area of `picture` into another below or beside it that shares none of its numbers.
/// Both lie inside `picture`.
pub(super) fn resize_areas(picture: &mut [f32], from: &[Area; 3], to: &[Area; 3]) {
    let (width, height) = (from[0].width, from[0].height);
    if [width, height, to[0].width, to[0].height].contains(&0) {
        return;
    }
    let Columns { columns, fast } = Columns::new(width, to[0].width);
    let (fast_columns, slow_columns) = columns.split_at(fast);
    let fast_columns: Vec<(u32, f32)> = fast_columns
        .iter()
        .map(|column| (column.left as u32, column.fraction as f32))
        .collect();
    let mut lines = [(); 3].map(|()| vec![0.0_f32; to[0].width]);
    for (row, (top, bottom, g)) in rows(height, to[0].height).enumerate() {
        let (lower, upper) = (g as f32, (1.0 - g) as f32);
        let line_of = |from: &Area, row: usize| &picture[from.start + row * from.stride..][..width];
        let [tops, bottoms] = [top, bottom].map(|row| from.each_ref().map(|a| line_of(a, row)));
        let [fast_red, fast_green, fast_blue] = lines.each_mut().map(|line| &mut line[..fast]);
        for (((&(left, f), red), green), blue) in fast_columns
            .iter()
            .zip(fast_red)
            .zip(fast_green)
            .zip(fast_blue)
        {
            let (left, rest) = (left as usize, 1.0 - f);
            let weights = [upper * rest, upper * f, lower * rest, lower * f];
            let weigh = |channel: usize| {
                let top = &tops[channel][left..left + 2];
                let bottom = &bottoms[channel][left..left + 2];
                weights[0] * top[0]
                    + weights[1] * top[1]
                    + weights[2] * bottom[0]
                    + weights[3] * bottom[1]
            };
            *red = weigh(0);
            *green = weigh(1);
            *blue = weigh(2);
        }
        for ((top, bottom), line) in tops.iter().zip(&bottoms).zip(&mut lines) {
            for (column, out) in slow_columns.iter().zip(&mut line[fast..]) {
                let f = column.fraction as f32;
                let upper = (1.0 - f) * top[column.left] + f * top[column.right];
                let lower = (1.0 - f) * bottom[column.left] + f * bottom[column.right];
                *out = ((1.0 - g) * f64::from(upper) + g * f64::from(lower)) as f32;
            }
        }
        for (line, to) in lines.iter().zip(to) {
            picture[to.start + row * to.stride..][..to.width].copy_from_slice(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_is_the_same_image() {
        let image = RgbImage::from_fn(13, 7, |x, y| image::Rgb([x as u8, y as u8, (x * y) as u8]));
        assert_eq!(resize_rgb(&image, 13, 7), image);
    }

    #[test]
    fn corners_stay_and_the_middle_is_cut_off() {
        let mut image = RgbImage::new(2, 2);
        image.put_pixel(1, 1, image::Rgb([255, 10, 1]));
        let larger = resize_rgb(&image, 3, 3);
        assert_eq!(larger.get_pixel(0, 0).0, [0, 0, 0]);
        assert_eq!(larger.get_pixel(2, 2).0, [255, 10, 1]);
        assert_eq!(larger.get_pixel(2, 1).0, [127, 5, 0]);
        assert_eq!(larger.get_pixel(1, 1).0, [63, 2, 0]);
    }

    #[test]
    fn any_size_becomes_any_size() {
        for (width, height) in [(1, 1), (1, 9), (9, 1), (5, 4), (0, 3)] {
            let image = RgbImage::from_pixel(width, height, image::Rgb([200, 200, 200]));
            for (to_width, to_height) in [(1, 1), (2, 3), (20, 19), (7, 1), (0, 4), (4, 0)] {
                let out = resize_rgb(&image, to_width, to_height);
                assert_eq!(out.dimensions(), (to_width, to_height));
                if width * height > 0 {
                    assert!(out.as_raw().iter().all(|&v| v >= 199), "{width}x{height}");
                }
            }
        }
    }
}
