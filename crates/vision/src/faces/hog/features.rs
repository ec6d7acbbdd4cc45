//! Features: 31 numbers for each cell (dlib/image_transforms/fhog.h, `impl_extract_fhog_features`).
//!
//! A cell's votes are divided by the strength of four blocks of 2x2 cells around it, each cut off at
//! 0.2: sums over the blocks for 18 directions and for 9 pairs of opposite ones, and sums over the
//! directions for the four blocks.

use super::avx2::Avx2;
use super::gradients::{DIRECTIONS, Directions};
use super::histograms::Histograms;
use super::planes::Planes;
use crate::nets::{HOG_PLANES, HOG_WINDOW};

/// Columns that filters are computed for at once.
pub(super) const TILE: usize = 16;

/// Rows that filters are computed for at once.
pub(super) const BLOCK: usize = 4;

/// Rows and columns of zeros before the first cell with features.
const BORDER: usize = (HOG_WINDOW - 1) / 2;

/// The features of one level.
#[derive(Debug, Default)]
pub(super) struct Features {
    /// Columns of cells with features: those of the image without its edge.
    pub(super) width: usize,
    /// Rows likewise.
    pub(super) height: usize,
    /// Numbers from row to row.
    pub(super) stride: usize,
    rows: usize,
    planes: Vec<f32>,
    histograms: Histograms,
    strengths: Vec<f32>,
}

impl Features {
    /// A plane, whose number `row * stride + column` is that of the cell at `(row - 4, column - 4)`: a
    /// filter of 10x10 that begins there has its middle on the cell. There are [`TILE`] more columns
    /// of zeros than a filter needs at the right, and rows for a whole [`BLOCK`] below.
    pub(super) fn plane(&self, index: usize) -> &[f32] {
        let area = self.rows * self.stride;
        &self.planes[index * area..][..area]
    }

    /// Computes the features of an image.
    pub(super) fn fill(&mut self, image: &Planes, directions: &Directions, avx2: Option<Avx2>) {
        #[cfg(target_arch = "x86_64")]
        if avx2.is_some() {
            // SAFETY: `Avx2` is only there where the processor has it.
            unsafe { self.fill_avx2(image, directions) };
            return;
        }
        let _ = avx2;
        self.fill_inline(image, directions);
    }

    /// The same code, compiled for AVX2.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn fill_avx2(&mut self, image: &Planes, directions: &Directions) {
        self.fill_inline(image, directions);
    }

    #[inline(always)]
    fn fill_inline(&mut self, image: &Planes, directions: &Directions) {
        self.histograms.fill(image, directions);
        let Histograms { rows, columns, .. } = self.histograms;
        self.width = columns.saturating_sub(2);
        self.height = rows.saturating_sub(2);
        if self.width == 0 || self.height == 0 {
            (self.width, self.height) = (0, 0);
            return;
        }
        self.strengths.clear();
        for row in 0..rows {
            for column in 0..columns {
                let histogram = self.histograms.at(row + 1, column + 1);
                let mut strength = 0.0;
                for both in opposites(histogram) {
                    strength += both * both;
                }
                self.strengths.push(strength);
            }
        }
        // An odd number of cache lines, so that rows do not fall on the same few places of the cache.
        self.stride = ((self.width.div_ceil(TILE) + 1) | 1) * TILE;
        self.rows = self.height.next_multiple_of(BLOCK) + HOG_WINDOW + BLOCK - 1;
        let area = self.rows * self.stride;
        self.planes.clear();
        self.planes.resize(area * HOG_PLANES, 0.0);
        for row in 0..self.height {
            for column in 0..self.width {
                let block = |row: usize, column: usize| {
                    let at = row * columns + column;
                    let (upper, lower) = (&self.strengths[at..], &self.strengths[at + columns..]);
                    upper[0] + upper[1] + lower[0] + lower[1]
                };
                let blocks = [
                    block(row + 1, column + 1),
                    block(row, column + 1),
                    block(row + 1, column),
                    block(row, column),
                ];
                let numbers = numbers(self.histograms.at(row + 2, column + 2), blocks);
                let at = (row + BORDER) * self.stride + column + BORDER;
                for (plane, number) in numbers.into_iter().enumerate() {
                    self.planes[plane * area + at] = number;
                }
            }
        }
    }
}

/// The votes for each direction and the one opposite together.
#[inline(always)]
fn opposites(histogram: &[f32; DIRECTIONS]) -> [f32; DIRECTIONS / 2] {
    std::array::from_fn(|index| histogram[index] + histogram[index + DIRECTIONS / 2])
}

/// A cell's features, from its votes and the strengths of the four blocks that it is in.
#[inline(always)]
fn numbers(histogram: &[f32; DIRECTIONS], blocks: [f32; 4]) -> [f32; HOG_PLANES] {
    let most = blocks.map(|block| 0.2 * (block + 0.0001).sqrt());
    let scale = most.map(|most| 0.1 / most);
    let shares = |votes: f32| -> [f32; 4] {
        std::array::from_fn(|block| votes.min(most[block]) * scale[block])
    };
    let sum = |shares: [f32; 4]| (shares[0] + shares[1]) + (shares[2] + shares[3]);
    let mut numbers = [0.0; HOG_PLANES];
    let mut texture = [0.0; 4];
    for (number, &votes) in numbers.iter_mut().zip(histogram) {
        let shares = shares(votes);
        for (texture, share) in texture.iter_mut().zip(shares) {
            *texture += share;
        }
        *number = sum(shares);
    }
    for (number, votes) in numbers[DIRECTIONS..].iter_mut().zip(opposites(histogram)) {
        *number = sum(shares(votes));
    }
    for (number, texture) in numbers[HOG_PLANES - 4..].iter_mut().zip(texture) {
        *number = texture * (2.0 * 0.2357);
    }
    numbers
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::planes::tests::rough;
    use super::*;

    pub(in crate::faces::hog) fn features(width: u32, height: u32, avx2: Option<Avx2>) -> Features {
        let mut planes = Planes::default();
        planes.fill(&rough(width, height));
        let mut features = Features::default();
        features.fill(&planes, &Directions::new(), avx2);
        features
    }

    #[test]
    fn sizes_are_dlib_s() {
        // (side / 8, rounded) - 2
        for (size, expected) in [
            ((80, 80), (8, 8)),
            ((83, 84), (8, 9)),
            ((19, 100), (0, 0)),
            ((20, 20), (1, 1)),
            ((1, 1), (0, 0)),
        ] {
            let found = features(size.0, size.1, None);
            assert_eq!((found.width, found.height), expected, "{size:?}");
        }
    }

    #[test]
    fn avx2_and_portable_give_the_same_bits() {
        let Some(avx2) = Avx2::detect() else { return };
        for (width, height) in [(64, 64), (91, 77), (250, 130)] {
            let (ours, portable) = (
                features(width, height, Some(avx2)),
                features(width, height, None),
            );
            assert_eq!(ours.planes, portable.planes, "{width}x{height}");
        }
    }

    /// Of one direction alone every share is cut off at 0.2: a cell in four blocks of equal cells has
    /// half of a block's strength, and 0.5 is above 0.2.
    #[test]
    fn shares_are_cut_off() {
        let mut histogram = [0.0; DIRECTIONS];
        histogram[3] = 10.0;
        let found = numbers(&histogram, [400.0; 4]);
        for (plane, expected) in [(3, 0.4), (0, 0.0), (18 + 3, 0.4), (27, 0.1 * 0.4714)] {
            assert!(
                (found[plane] - expected).abs() < 1e-6,
                "{plane}: {}",
                found[plane]
            );
        }
    }
}
