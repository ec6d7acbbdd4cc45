//! A face's chip: 150x150 pixels, upright and of one size, cut out by its five landmarks
//! (dlib/image_transforms/interpolation.h, `get_face_chip_details` and `extract_image_chips`).

use image::RgbImage;

use crate::nets::EncoderNet;

const SIDE: f64 = EncoderNet::SIDE as f64;

/// Where the landmarks lie in a chip without padding, from 0 to 1.
const MEAN_FACE: [[f64; 2]; 5] = [
    [0.859_567_459_599_2, 0.213_498_153_801_4],
    [0.646_060_476_410_4, 0.228_967_438_767_7],
    [0.120_575_062_078_9, 0.213_727_452_684_8],
    [0.334_085_061_371_2, 0.229_064_240_324_2],
    [0.490_112_313_567_9, 0.627_797_531_647_5],
];

/// Room around the face, as a part of its side.
const PADDING: f64 = 0.25;

/// dlib's `drectangle`: all edges inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Area {
    left: f64,
    top: f64,
    right: f64,
    bottom: f64,
}

impl Area {
    fn width(&self) -> f64 {
        if self.is_empty() {
            0.0
        } else {
            self.right - self.left + 1.0
        }
    }

    fn height(&self) -> f64 {
        if self.is_empty() {
            0.0
        } else {
            self.bottom - self.top + 1.0
        }
    }

    fn is_empty(&self) -> bool {
        self.top > self.bottom || self.left > self.right
    }

    /// Whether it has more pixels than a chip.
    fn larger_than_a_chip(&self) -> bool {
        self.width() * self.height() > SIDE * SIDE
    }

    /// The same in the image of half the size (`pyramid_down<2>::rect_down`).
    fn halved(&self) -> Self {
        Self {
            left: self.left / 2.0 - 1.25,
            top: self.top / 2.0 - 0.75,
            right: self.right / 2.0 - 1.25,
            bottom: self.bottom / 2.0 - 0.75,
        }
    }

    /// Its corners turned around its middle: upper left, upper right, lower left, lower right.
    fn turned(&self, angle: f64) -> [[f64; 2]; 4] {
        let middle = [
            (self.left + self.right) / 2.0,
            (self.top + self.bottom) / 2.0,
        ];
        let (sin, cos) = (angle.sin(), angle.cos());
        [
            [self.left, self.top],
            [self.right, self.top],
            [self.left, self.bottom],
            [self.right, self.bottom],
        ]
        .map(|[x, y]| {
            let (x, y) = (x - middle[0], y - middle[1]);
            [cos * x - sin * y + middle[0], sin * x + cos * y + middle[1]]
        })
    }
}

/// The part of the image that a chip shows, before it is turned by an angle in radians.
fn details(landmarks: &[[i32; 2]; 5]) -> (Area, f64) {
    let from =
        MEAN_FACE.map(|point| point.map(|part| (PADDING + part) / (2.0 * PADDING + 1.0) * SIDE));
    let to = landmarks.map(|point| point.map(f64::from));
    let [a, b] = similarity(&from, &to);
    let (from_mean, to_mean) = (mean(&from), mean(&to));
    let shift = [
        to_mean[0] - (a * from_mean[0] - b * from_mean[1]),
        to_mean[1] - (b * from_mean[0] + a * from_mean[1]),
    ];
    let half = SIDE / 2.0;
    let middle = [
        a * half - b * half + shift[0],
        b * half + a * half + shift[1],
    ];
    let side = SIDE * a.hypot(b) - 1.0;
    let area = Area {
        left: middle[0] - side / 2.0,
        top: middle[1] - side / 2.0,
        right: middle[0] + side / 2.0,
        bottom: middle[1] + side / 2.0,
    };
    (area, b.atan2(a))
}

/// The chip of the face with these landmarks, dlib's five in pixels of `image`: 150x150 pixels, upright,
/// with a quarter of the face's side around it. Outside the image it is black.
pub fn chip(image: &RgbImage, landmarks: &[[i32; 2]; 5]) -> RgbImage {
    let (area, angle) = details(landmarks);
    let mut depth = 0;
    // Each halving needs two more pixels around, to keep the edges out.
    let mut grow = 2.0;
    let mut rest = area.halved();
    while rest.larger_than_a_chip() {
        rest = rest.halved();
        depth += 1;
        grow = grow * 2.0 + 2.0;
    }
    let Some(part) = part_of(image, &area.turned(angle), grow) else {
        return RgbImage::new(EncoderNet::SIDE as u32, EncoderNet::SIDE as u32);
    };
    let mut area = Area {
        left: area.left - f64::from(part.left),
        top: area.top - f64::from(part.top),
        right: area.right - f64::from(part.left),
        bottom: area.bottom - f64::from(part.top),
    };
    let mut source = cropped(image, &part);
    for _ in 0..depth {
        area = area.halved();
        source = halve(&source);
    }
    cut(&source, area.turned(angle))
}

/// Columns and rows of an image.
struct Part {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
}

/// A copy of a part of the image, which lies inside.
fn cropped(image: &RgbImage, part: &Part) -> RgbImage {
    let mut out = RgbImage::new(part.width, part.height);
    let stride = image.width() as usize * 3;
    let lines = image.as_raw().chunks_exact(stride.max(1));
    let (left, width) = (part.left as usize * 3, part.width as usize * 3);
    for (line, out) in lines
        .skip(part.top as usize)
        .zip(out.chunks_exact_mut(width.max(1)))
    {
        out.copy_from_slice(&line[left..][..width]);
    }
    out
}

/// The part of the image that holds the corners, and `grow` pixels around.
fn part_of(image: &RgbImage, corners: &[[f64; 2]; 4], grow: f64) -> Option<Part> {
    let range = |axis: usize, size: u32| {
        let values = corners.iter().map(|corner| corner[axis]);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let last = f64::from(size) - 1.0;
        let (low, high) = ((low - grow).max(0.0), (high + grow).min(last));
        let (low, high) = ((low + 0.5).floor(), (high + 0.5).floor());
        (low <= high).then_some((low as u32, high as u32))
    };
    let (left, right) = range(0, image.width())?;
    let (top, bottom) = range(1, image.height())?;
    Some(Part {
        left,
        top,
        width: right - left + 1,
        height: bottom - top + 1,
    })
}

/// Half the size by a 5x5 Gaussian filter of 1, 4, 6, 4, 1 (`pyramid_down_2_1`, for RGB). An image
/// of 8 pixels or less on a side becomes empty.
fn halve(image: &RgbImage) -> RgbImage {
    let (width, height) = image.dimensions();
    if width <= 8 || height <= 8 {
        return RgbImage::new(0, 0);
    }
    let (half_width, half_height) = ((width - 3) / 2, (height - 3) / 2);
    let (stride, half_stride) = (width as usize * 3, half_width as usize * 3);
    let lines: Vec<&[u8]> = image.as_raw().chunks_exact(stride).collect();
    let mut half = RgbImage::new(half_width, half_height);
    // Down, whole lines at a time; then across. Sums reach 255 * 256, so nothing is lost.
    let mut down = vec![0_u16; stride];
    for (row, out) in half.chunks_exact_mut(half_stride).enumerate() {
        let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|line| &lines[2 * row + line][..stride]);
        for (at, down) in down.iter_mut().enumerate() {
            *down = weigh([a[at], b[at], c[at], d[at], e[at]].map(u16::from));
        }
        for (pixel, out) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let five = &down[pixel * 6..][..15];
            for (channel, out) in out.iter_mut().enumerate() {
                let sum = weigh([0, 3, 6, 9, 12].map(|step| five[step + channel]));
                *out = (sum >> 8) as u8;
            }
        }
    }
    half
}

/// The filter.
fn weigh([a, b, c, d, e]: [u16; 5]) -> u16 {
    a + 4 * (b + d) + 6 * c + e
}

/// Maps the chip onto the quadrangle with these corners and interpolates (`transform_image`,
/// `interpolate_bilinear`): values are cut off, not rounded.
fn cut(source: &RgbImage, corners: [[f64; 2]; 4]) -> RgbImage {
    let [origin, right, down, _] = corners;
    let last = SIDE - 1.0;
    let step = |to: [f64; 2]| [(to[0] - origin[0]) / last, (to[1] - origin[1]) / last];
    let (across, along) = (step(right), step(down));
    let (width, height) = source.dimensions();
    let stride = width as usize * 3;
    let mut chip = RgbImage::new(EncoderNet::SIDE as u32, EncoderNet::SIDE as u32);
    for (row, line) in chip.chunks_exact_mut(EncoderNet::SIDE * 3).enumerate() {
        for (column, pixel) in line.as_chunks_mut::<3>().0.iter_mut().enumerate() {
            let (c, r) = (column as f64, row as f64);
            let x = across[0] * c + along[0] * r + origin[0];
            let y = across[1] * c + along[1] * r + origin[1];
            if !(x >= 0.0 && y >= 0.0) {
                continue;
            }
            let (left, top) = (x as usize, y as usize);
            if left + 1 >= width as usize || top + 1 >= height as usize {
                continue;
            }
            let (f, g) = (x - left as f64, y - top as f64);
            let at = top * stride + left * 3;
            let upper = &source.as_raw()[at..][..6];
            let lower = &source.as_raw()[at + stride..][..6];
            for (channel, value) in pixel.iter_mut().enumerate() {
                let across = |line: &[u8]| {
                    (1.0 - f) * f64::from(line[channel]) + f * f64::from(line[channel + 3])
                };
                *value = ((1.0 - g) * across(upper) + g * across(lower)) as u8;
            }
        }
    }
    chip
}

/// Scale and rotation of the similarity transform that brings `from` nearest to `to`: a and b of
/// the matrix (a, -b; b, a).
///
/// dlib follows Umeyama (Least-squares estimation of transformation parameters between two point
/// patterns, equations 34 to 43) with a singular value decomposition; in two dimensions that is
/// `a = sum(u . v) / sum(u . u)` and `b = sum(u x v) / sum(u . u)` over the points u of `from` and v
/// of `to`, both less their means.
pub(super) fn similarity<T: Copy + Into<f64>>(from: &[[T; 2]], to: &[[T; 2]]) -> [f64; 2] {
    let (from_mean, to_mean) = (mean(from), mean(to));
    let (mut a, mut b, mut square) = (0.0, 0.0, 0.0);
    for (from, to) in from.iter().zip(to) {
        let u = [from[0].into() - from_mean[0], from[1].into() - from_mean[1]];
        let v = [to[0].into() - to_mean[0], to[1].into() - to_mean[1]];
        a += u[0] * v[0] + u[1] * v[1];
        b += u[0] * v[1] - u[1] * v[0];
        square += u[0] * u[0] + u[1] * u[1];
    }
    if square == 0.0 {
        [1.0, 0.0]
    } else {
        [a / square, b / square]
    }
}

/// The mean of points.
pub(super) fn mean<T: Copy + Into<f64>>(points: &[[T; 2]]) -> [f64; 2] {
    let sum = points.iter().fold([0.0, 0.0], |sum, point| {
        [sum[0] + point[0].into(), sum[1] + point[1].into()]
    });
    sum.map(|sum| sum / points.len().max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_similarity_is_found_again() {
        let from = [[0.0, 0.0], [2.0, 1.0], [-1.0, 5.0]];
        let (a, b) = (0.6, -1.1);
        let to = from.map(|[x, y]: [f64; 2]| [a * x - b * y + 3.0, b * x + a * y - 7.0]);
        let found = similarity(&from, &to);
        assert!(
            (found[0] - a).abs() < 1e-12 && (found[1] - b).abs() < 1e-12,
            "{found:?}"
        );
        assert_eq!(similarity(&[[1.0, 1.0]; 3], &[[2.0, 5.0]; 3]), [1.0, 0.0]);
    }

    /// Landmarks that lie in the image exactly as in a chip, up to rounding.
    fn upright(scale: f64, shift: f64) -> [[i32; 2]; 5] {
        MEAN_FACE.map(|point| {
            point.map(|part| {
                ((PADDING + part) / (2.0 * PADDING + 1.0) * SIDE * scale + shift) as i32
            })
        })
    }

    #[test]
    fn an_upright_face_is_cut_out_as_it_is() {
        let (area, angle) = details(&upright(2.0, 40.0));
        assert!(angle.abs() < 0.02, "{angle}");
        assert!((area.width() - 300.0).abs() < 3.0, "{area:?}");
        assert!((area.left - 40.0).abs() < 3.0, "{area:?}");
    }

    #[test]
    fn a_chip_of_any_size_and_place_is_cut_out() {
        let image = RgbImage::from_pixel(400, 300, image::Rgb([90, 120, 150]));
        for (scale, shift, white) in [(0.1, 20.0, true), (1.0, 50.0, true), (8.0, -300.0, false)] {
            let chip = chip(&image, &upright(scale, shift));
            let middle = chip.get_pixel(75, 75).0;
            if white {
                assert_eq!(middle, [90, 120, 150], "scale {scale}");
            }
        }
        // Outside, and all landmarks in one place.
        let black = RgbImage::new(150, 150);
        assert_eq!(chip(&image, &upright(1.0, 5000.0)), black);
        assert_eq!(chip(&image, &[[-40, -40]; 5]), black);
        let _ = chip(
            &image,
            &[[i32::MAX, i32::MIN], [0, 0], [1, 1], [7, 7], [i32::MIN, 3]],
        );
    }

    #[test]
    fn halving_is_the_filter() {
        let image = RgbImage::from_fn(11, 9, |x, _| image::Rgb([(10 * x) as u8, 200, 0]));
        let half = halve(&image);
        assert_eq!(half.dimensions(), (4, 3));
        assert_eq!(half.get_pixel(0, 0).0, [20, 200, 0]);
        assert_eq!(half.get_pixel(3, 2).0, [80, 200, 0]);
        assert_eq!(halve(&RgbImage::new(8, 40)).dimensions(), (0, 0));
    }
}
