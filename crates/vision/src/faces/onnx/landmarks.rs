//! Landmarks in a face's box (dlib/image_processing/shape_predictor.h).
//!
//! The regression begins with the mean shape. Each cascade looks at pixels around the shape as it is
//! so far; its trees compare two of them at each split and add a leaf to the shape. Shapes and
//! comparisons are `f32` as in dlib, places in the image `f64`.

use image::RgbImage;

use super::super::Rect;
use super::super::align::similarity;
use crate::nets::{Cascade, LandmarkModel, Split};

/// The landmarks, `[x, y]` in pixels of `image`, rounded.
pub(super) fn landmarks(model: &LandmarkModel, image: &RgbImage, rect: &Rect) -> Vec<[i32; 2]> {
    let mut shape = model.initial.clone();
    let (mut pixels, mut reached) = (Vec::new(), Vec::new());
    for cascade in &model.cascades {
        look(model, cascade, &shape, image, rect, &mut pixels);
        let splits = cascade.splits_per_tree;
        let depth = (splits + 1).ilog2();
        let trees = cascade.splits.chunks_exact(splits.max(1));
        let leaves = cascade
            .leaves
            .chunks_exact(((splits + 1) * shape.len()).max(1));
        // First all trees' leaves, then their sum: what is fetched from memory, 6 MB for a face, does
        // not depend on what came before, and no branch on a pixel.
        reached.clear();
        reached.extend(trees.map(|tree| {
            let mut node = 0;
            for _ in 0..depth {
                let Split {
                    one,
                    other,
                    threshold,
                } = tree[node];
                let left = pixels[one as usize] - pixels[other as usize] > threshold;
                node = 2 * node + 2 - usize::from(left);
            }
            node - splits
        }));
        for (&leaf, leaves) in reached.iter().zip(leaves) {
            let leaf = &leaves[leaf * shape.len()..];
            for (number, step) in shape.iter_mut().zip(leaf) {
                *number += step;
            }
        }
    }
    shape
        .as_chunks::<2>()
        .0
        .iter()
        .map(|&[x, y]| {
            let (x, y) = in_image(rect, f64::from(x), f64::from(y));
            [x as i32, y as i32]
        })
        .collect()
}

/// A point of the box, where (0, 0) and (1, 1) are its corners, in whole pixels of the image.
fn in_image(rect: &Rect, x: f64, y: f64) -> (i64, i64) {
    let place = |from: i32, to: i32, part: f64| {
        let (from, to) = (f64::from(from), f64::from(to));
        floor((part * (to - from) + from) + 0.5)
    };
    (
        place(rect.left, rect.right, x),
        place(rect.top, rect.bottom, y),
    )
}

/// `f64::floor` calls a function on processors of the first x86-64.
fn floor(value: f64) -> i64 {
    let whole = value as i64;
    whole - i64::from(whole as f64 > value)
}

/// The brightness of the cascade's pixels, 0 outside the image (`extract_feature_pixel_values`).
fn look(
    model: &LandmarkModel,
    cascade: &Cascade,
    shape: &[f32],
    image: &RgbImage,
    rect: &Rect,
    pixels: &mut Vec<f32>,
) {
    let [a, b] = rotation(&model.initial, shape);
    let shape = shape.as_chunks::<2>().0;
    pixels.clear();
    pixels.extend(
        cascade
            .anchors
            .iter()
            .zip(&cascade.deltas)
            .map(|(&anchor, &[dx, dy])| {
                // Anchors were checked when the model was read.
                let [x, y] = shape[anchor];
                let (x, y) = (a * dx + -b * dy + x, b * dx + a * dy + y);
                let (x, y) = in_image(rect, f64::from(x), f64::from(y));
                let pixel = u32::try_from(x)
                    .ok()
                    .zip(u32::try_from(y).ok())
                    .and_then(|(x, y)| image.get_pixel_checked(x, y));
                pixel.map_or(0.0, |pixel| {
                    let sum: u32 = pixel.0.iter().map(|&value| u32::from(value)).sum();
                    (sum / 3) as f32
                })
            }),
    );
}

fn rotation(from: &[f32], to: &[f32]) -> [f32; 2] {
    let (from, to) = (from.as_chunks::<2>().0, to.as_chunks::<2>().0);
    // One landmark has no rotation.
    if from.len() < 2 {
        return [1.0, 0.0];
    }
    similarity(from, to).map(|number| number as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One tree of one split that compares the pixels at the two landmarks.
    #[test]
    fn a_tree_moves_the_shape() {
        let model = LandmarkModel {
            initial: vec![0.0, 0.0, 1.0, 1.0],
            cascades: vec![Cascade {
                anchors: vec![0, 1],
                deltas: vec![[0.0, 0.0]; 2],
                splits_per_tree: 1,
                splits: vec![Split {
                    one: 0,
                    other: 1,
                    threshold: 10.0,
                }],
                leaves: vec![0.5, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5],
            }],
        };
        let rect = Rect {
            left: 2,
            top: 2,
            right: 12,
            bottom: 12,
        };
        let mut image = RgbImage::new(20, 20);
        assert_eq!(landmarks(&model, &image, &rect), [[2, 2], [12, 7]]);
        image.put_pixel(2, 2, image::Rgb([33, 0, 0]));
        assert_eq!(landmarks(&model, &image, &rect), [[7, 2], [12, 12]]);
        // Outside the image all is dark.
        let rect = Rect {
            left: -30,
            top: -30,
            right: -20,
            bottom: -20,
        };
        assert_eq!(landmarks(&model, &image, &rect), [[-30, -30], [-20, -25]]);
    }
}
