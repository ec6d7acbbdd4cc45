//! How good a picture of a face is, apart from its size and the detector's score.
//!
//! Small, blurred and turned faces have descriptors that say little: they look like each other's.
//! What is measured here is stored with the face; where the line is drawn is decided when faces are
//! clustered.

use image::RgbImage;

/// How well a face can be seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Variance of the Laplacian over the face's chip, in squared grey levels of 0 to 255: from 0,
    /// a plain surface; below about 50 is blurred or enlarged from few pixels, in the hundreds sharp
    /// (J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy: a comparative
    /// study", ICPR 2000).
    pub sharpness: f32,
    /// How far the face is turned to a side: the distance of the nose's base from the line that
    /// stands upright between the eyes, in distances of the eyes. 0 looks into the camera, about 0.5
    /// is turned by 45 degrees; at most 2.
    pub yaw: f32,
}

impl Quality {
    /// The largest `yaw`: the eyes lie behind each other.
    pub const MAX_YAW: f32 = 2.0;

    /// Measures the face in `chip` (150x150 pixels, upright), whose dlib's five `landmarks` are in
    /// pixels of its photo.
    #[must_use]
    pub fn of(chip: &RgbImage, landmarks: &[[i32; 2]; 5]) -> Self {
        Self {
            sharpness: sharpness(chip) as f32,
            yaw: yaw(landmarks) as f32,
        }
    }
}

/// Variance of the Laplacian (the four direct neighbours less four times the middle) over the grey
/// levels. Where the chip reaches outside its photo it is black: that edge says nothing of the face.
fn sharpness(chip: &RgbImage) -> f64 {
    let (width, height) = chip.dimensions();
    let grey = |x: u32, y: u32| {
        let [red, green, blue] = chip.get_pixel(x, y).0.map(f64::from);
        // ITU-R BT.601.
        let luma = 0.299 * red + 0.587 * green + 0.114 * blue;
        (luma > 0.0).then_some(luma)
    };
    let (mut count, mut sum, mut squares) = (0_u32, 0.0, 0.0);
    for y in 1..height.saturating_sub(1) {
        for x in 1..width.saturating_sub(1) {
            let cross = [(x, y), (x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)];
            let [
                Some(middle),
                Some(left),
                Some(right),
                Some(above),
                Some(below),
            ] = cross.map(|(x, y)| grey(x, y))
            else {
                continue;
            };
            let laplacian = left + right + above + below - 4.0 * middle;
            count += 1;
            sum += laplacian;
            squares += laplacian * laplacian;
        }
    }
    let count = f64::from(count.max(1));
    let mean = sum / count;
    (squares / count - mean * mean).max(0.0)
}

fn yaw(landmarks: &[[i32; 2]; 5]) -> f64 {
    let [right_outer, right_inner, left_outer, left_inner, nose] =
        landmarks.map(|point| point.map(f64::from));
    let middle = |a: [f64; 2], b: [f64; 2]| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let (right, left) = (
        middle(right_outer, right_inner),
        middle(left_outer, left_inner),
    );
    let between = middle(left, right);
    let axis = [right[0] - left[0], right[1] - left[1]];
    let apart = axis[0].hypot(axis[1]);
    let along = (nose[0] - between[0]) * axis[0] + (nose[1] - between[1]) * axis[1];
    let most = f64::from(Quality::MAX_YAW);
    if apart == 0.0 {
        return most;
    }
    (along / apart / apart).abs().min(most)
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const FRONTAL: [[i32; 2]; 5] = [[140, 100], [115, 100], [60, 100], [85, 100], [100, 140]];

    fn of(chip: &RgbImage) -> f32 {
        Quality::of(chip, &FRONTAL).sharpness
    }

    #[test]
    fn sharpness_is_the_variance_of_the_laplacian() {
        // Columns of 100 and 104: a pixel's neighbours at its sides differ by 4 from it.
        let stripes = RgbImage::from_fn(150, 150, |x, _| Rgb([100 + 4 * (x % 2) as u8; 3]));
        assert!((of(&stripes) - 64.0).abs() < 1e-3, "{}", of(&stripes));
        let plain = RgbImage::from_pixel(150, 150, Rgb([90, 120, 30]));
        assert_eq!(of(&plain), 0.0);
        assert_eq!(of(&RgbImage::new(1, 1)), 0.0);
    }

    #[test]
    fn blur_lowers_it_and_the_photos_edge_does_not_raise_it() {
        let noise = RgbImage::from_fn(150, 150, |x, y| {
            Rgb([(60 + (x * 7919 + y * 104_729) % 97) as u8; 3])
        });
        let blurred = image::imageops::blur(&noise, 2.0);
        assert!(of(&blurred) < of(&noise) / 10.0);
        let mut cut = RgbImage::from_pixel(150, 150, Rgb([90; 3]));
        for (x, _, pixel) in cut.enumerate_pixels_mut() {
            if x < 40 {
                *pixel = Rgb([0; 3]);
            }
        }
        assert_eq!(of(&cut), 0.0);
    }

    #[test]
    fn yaw_is_the_noses_way_from_the_middle() {
        struct Case {
            landmarks: [[i32; 2]; 5],
            yaw: f32,
        }
        let nose_at = |x, y| {
            let mut landmarks = FRONTAL;
            landmarks[4] = [x, y];
            landmarks
        };
        let cases = [
            Case {
                landmarks: FRONTAL,
                yaw: 0.0,
            },
            Case {
                landmarks: nose_at(127, 140),
                yaw: 27.0 / 55.0,
            },
            Case {
                landmarks: nose_at(73, 150),
                yaw: 27.0 / 55.0,
            },
            // The head tilted by a quarter: the same yaw.
            Case {
                landmarks: nose_at(127, 140).map(|[x, y]| [-y, x]),
                yaw: 27.0 / 55.0,
            },
            Case {
                landmarks: nose_at(i32::MAX, 0),
                yaw: Quality::MAX_YAW,
            },
            Case {
                landmarks: [[7, 7]; 5],
                yaw: Quality::MAX_YAW,
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|case| (yaw(&case.landmarks) as f32, case.yaw))
            .filter(|(found, expected)| (found - expected).abs() > 1e-6)
            .collect();
        assert!(wrong.is_empty(), "(found, expected): {wrong:?}");
    }
}
