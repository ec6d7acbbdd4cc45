//! Scores: the templates' filters over all features, tile by tile
//! (dlib/image_transforms/spatial_filtering.h, `float_spatially_filter_image_separable`).
//!
//! A separable filter goes across first and down then. A tile is sixteen columns and as many rows as
//! keep what lies between, and the sums of all templates, in the processor's first cache.

use super::avx2::Avx2;
use super::features::{BLOCK, Features, TILE};
use crate::nets::{HOG_WINDOW, HogFilter, HogModel};

/// Rows of a tile at most, a multiple of [`BLOCK`].
const STRIP: usize = 96;

type Line = [f32; TILE];

/// A place with a score of at least its template's threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hit {
    /// In cells of the features.
    pub(super) row: usize,
    pub(super) column: usize,
    /// Above the threshold by.
    pub(super) score: f32,
}

/// Memory for a tile.
#[derive(Debug)]
pub(super) struct Scores {
    /// Filtered across; a few rows more than a strip.
    across: Vec<Line>,
    /// [`STRIP`] rows for each template.
    sums: Vec<Line>,
}

impl Scores {
    pub(super) fn new(model: &HogModel) -> Self {
        Self {
            across: vec![[0.0; TILE]; STRIP + HOG_WINDOW + BLOCK],
            sums: vec![[0.0; TILE]; STRIP * model.thresholds.len()],
        }
    }

    /// Calls `found` with every place that may be a face.
    pub(super) fn find(
        &mut self,
        features: &Features,
        model: &HogModel,
        avx2: Option<Avx2>,
        mut found: impl FnMut(Hit),
    ) {
        for top in (0..features.height).step_by(STRIP) {
            let rows = (features.height - top).min(STRIP);
            for left in (0..features.width).step_by(TILE) {
                let columns = (features.width - left).min(TILE);
                self.tile(features, &model.filters, (top, left), rows, avx2);
                for (sums, &threshold) in self.sums.chunks_exact(STRIP).zip(&model.thresholds) {
                    for (row, sums) in sums[..rows].iter().enumerate() {
                        for (column, &sum) in sums[..columns].iter().enumerate() {
                            if f64::from(sum) >= threshold {
                                found(Hit {
                                    row: top + row,
                                    column: left + column,
                                    score: (f64::from(sum) - threshold) as f32,
                                });
                            }
                        }
                    }
                }
            }
        }
    }

    /// The scores of one tile, into `sums`.
    fn tile(
        &mut self,
        features: &Features,
        filters: &[HogFilter],
        (top, left): (usize, usize),
        rows: usize,
        avx2: Option<Avx2>,
    ) {
        self.sums.fill([0.0; TILE]);
        let rows = rows.next_multiple_of(BLOCK);
        for filter in filters {
            let tile = &features.plane(filter.plane)[top * features.stride + left..];
            let across = &mut self.across[..(rows + HOG_WINDOW - 1).next_multiple_of(BLOCK)];
            let sums = &mut self.sums[filter.template * STRIP..][..rows];
            #[cfg(target_arch = "x86_64")]
            if avx2.is_some() {
                // SAFETY: `Avx2` is only there where the processor has it.
                unsafe { x86::filter(tile, features.stride, filter, across, sums) };
                continue;
            }
            let _ = avx2;
            portable::filter(tile, features.stride, filter, across, sums);
        }
    }
}

mod portable {
    use super::{BLOCK, HOG_WINDOW, HogFilter, Line, TILE};

    /// Adds a filter's scores to `sums`. `tile` is a plane from the tile's first number on.
    pub(super) fn filter(
        tile: &[f32],
        stride: usize,
        filter: &HogFilter,
        across: &mut [Line],
        sums: &mut [Line],
    ) {
        let blocks = across.as_chunks_mut::<BLOCK>().0;
        for (block, tile) in blocks.iter_mut().zip(tile.chunks(BLOCK * stride)) {
            *block = [[0.0; TILE]; BLOCK];
            add(block, &filter.across, |row, tap| {
                tile.get(row * stride + tap..)?.first_chunk()
            });
        }
        let blocks = sums.as_chunks_mut::<BLOCK>().0;
        for (index, block) in blocks.iter_mut().enumerate() {
            let lines = &across[index * BLOCK..];
            add(block, &filter.down, |row, tap| lines.get(row + tap));
        }
    }

    fn add<'a>(
        block: &mut [Line; BLOCK],
        weights: &[f32; HOG_WINDOW],
        line: impl Fn(usize, usize) -> Option<&'a Line>,
    ) {
        // By value: the compiler then keeps the sums in registers.
        let mut sums = *block;
        for (tap, weight) in weights.iter().enumerate() {
            for (row, sums) in sums.iter_mut().enumerate() {
                if let Some(line) = line(row, tap) {
                    for (sum, number) in sums.iter_mut().zip(line) {
                        *sum += weight * number;
                    }
                }
            }
        }
        *block = sums;
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256, _mm256_add_ps, _mm256_loadu_ps, _mm256_mul_ps, _mm256_set1_ps, _mm256_setzero_ps,
        _mm256_storeu_ps,
    };

    use super::{BLOCK, HOG_WINDOW, HogFilter, Line, TILE};

    type Sums = [[__m256; 2]; BLOCK];

    /// As the portable one: eight numbers in a register, eight sums at a time.
    #[target_feature(enable = "avx2")]
    pub(super) fn filter(
        tile: &[f32],
        stride: usize,
        filter: &HogFilter,
        across: &mut [Line],
        sums: &mut [Line],
    ) {
        let blocks = across.as_chunks_mut::<BLOCK>().0;
        for (index, block) in blocks.iter_mut().enumerate() {
            let rows = &tile[index * BLOCK * stride..];
            // One check for all that is read.
            let rows = &rows[..(BLOCK - 1) * stride + HOG_WINDOW - 1 + TILE];
            let start = [[_mm256_setzero_ps(); 2]; BLOCK];
            store(
                block,
                add(start, &filter.across, |row, tap| {
                    rows[row * stride + tap..].first_chunk()
                }),
            );
        }
        let blocks = sums.as_chunks_mut::<BLOCK>().0;
        for (index, block) in blocks.iter_mut().enumerate() {
            let Some(lines) = across[index * BLOCK..].first_chunk::<{ BLOCK + HOG_WINDOW - 1 }>()
            else {
                return;
            };
            let start = std::array::from_fn(|row| load(&block[row]));
            store(
                block,
                add(start, &filter.down, |row, tap| lines.get(row + tap)),
            );
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(line: &Line) -> [__m256; 2] {
        // SAFETY: sixteen numbers are there; they need not be aligned.
        unsafe {
            [
                _mm256_loadu_ps(line.as_ptr()),
                _mm256_loadu_ps(line.as_ptr().add(8)),
            ]
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn store(block: &mut [Line; BLOCK], sums: Sums) {
        for (line, [low, high]) in block.iter_mut().zip(sums) {
            // SAFETY: sixteen numbers are there; they need not be aligned.
            unsafe {
                _mm256_storeu_ps(line.as_mut_ptr(), low);
                _mm256_storeu_ps(line.as_mut_ptr().add(8), high);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn add<'a>(
        mut sums: Sums,
        weights: &[f32; HOG_WINDOW],
        line: impl Fn(usize, usize) -> Option<&'a Line>,
    ) -> Sums {
        for (tap, weight) in weights.iter().enumerate() {
            let weight = _mm256_set1_ps(*weight);
            for (row, sums) in sums.iter_mut().enumerate() {
                let Some(line) = line(row, tap) else { continue };
                for (sum, numbers) in sums.iter_mut().zip(load(line)) {
                    *sum = _mm256_add_ps(*sum, _mm256_mul_ps(weight, numbers));
                }
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::super::features::tests::features;
    use super::*;
    use crate::nets::{HOG_PLANES, Overlap};

    fn model() -> HogModel {
        let filters = (0..HOG_PLANES * 2).map(|index| {
            let weight = |place: usize, turn: f32| (place as f32 * turn + index as f32).sin();
            HogFilter {
                template: index % 2,
                plane: index / 2,
                across: std::array::from_fn(|place| weight(place, 0.7)),
                down: std::array::from_fn(|place| weight(place, 1.3)),
            }
        });
        HogModel {
            overlap: Overlap {
                iou: 0.5,
                covered: 1.0,
            },
            thresholds: vec![-1e9, 0.25],
            filters: filters.collect(),
        }
    }

    fn hits(features: &Features, avx2: Option<Avx2>) -> Vec<Hit> {
        let model = model();
        let mut hits = Vec::new();
        Scores::new(&model).find(features, &model, avx2, |hit| hits.push(hit));
        hits
    }

    /// The sum over all planes and weights, straight from the definition; in a level higher than a strip.
    #[test]
    fn a_score_is_the_sum_over_the_window() {
        for (width, height) in [(80, 80), (170, 860)] {
            let features = features(width, height, None);
            let found = hits(&features, None);
            let model = model();
            let mut expected = 0;
            for row in 0..features.height {
                for column in 0..features.width {
                    let mut sums = [0.0_f64; 2];
                    for filter in &model.filters {
                        let plane = features.plane(filter.plane);
                        for (down, v) in filter.down.iter().enumerate() {
                            for (across, h) in filter.across.iter().enumerate() {
                                let at = (row + down) * features.stride + column + across;
                                sums[filter.template] +=
                                    f64::from(*v) * f64::from(*h) * f64::from(plane[at]);
                            }
                        }
                    }
                    for (sum, threshold) in sums.into_iter().zip(&model.thresholds) {
                        let score = sum - threshold;
                        let near = |hit: &&Hit| {
                            (hit.row, hit.column) == (row, column)
                                && (f64::from(hit.score) - score).abs() < 1e-4 * score.max(1.0)
                        };
                        if score >= 1e-3 {
                            expected += 1;
                            assert!(found.iter().any(|hit| near(&hit)), "{row} {column} {score}");
                        }
                    }
                }
            }
            assert!(expected > 0 && found.len() >= expected);
        }
    }

    #[test]
    fn avx2_and_portable_give_the_same_bits() {
        let Some(avx2) = Avx2::detect() else { return };
        for (width, height) in [(24, 24), (150, 90), (211, 803)] {
            let features = features(width, height, None);
            assert_eq!(hits(&features, Some(avx2)), hits(&features, None));
        }
    }
}
