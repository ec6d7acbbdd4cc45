//! 5x5 convolutions with stride 1 by Winograd's minimal filtering, F(4x4, 5x5): 64 multiplications
//! where the plain sum takes 400, for each 4x4 outputs and each pair of channels
//! (A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, 2015; S. Winograd,
//! Arithmetic Complexity of Computations, 1980).
//!
//! In one dimension, with the points 0, 1, -1, 2, -2, 1/2, -1/2 and infinity, the m = 4 outputs of
//! m + r - 1 = 8 inputs d and a filter g of r = 5 are `A^T [(G g) * (B^T d)]`, multiplied component by
//! component; in two they are `A^T [(G g G^T) * (B^T d B)] A`. G g G^T is computed once, as the filters
//! are read. What is left is, for each of the 64 components, a product of matrices: tiles by input
//! channels, times input channels by output channels.
//!
//! It saves about a seventh of the detector's time (`docs/tuning.md`), without which `pipeline` would not be ten
//! times dlib's.
//!
//! The sums are other ones than those of the plain convolution: numbers differ by some 1e-6 of the
//! largest, which the test here bounds.
//!
//! For processors with AVX2 and FMA; others leave these convolutions to ONNX Runtime.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod layout;

use self::layout::{BORDER, COMPONENTS, FILTER, INPUT_TILE, LANES, PADDING, SCORE_FILTER};
pub(super) use self::layout::{CHANNELS, FeatureMap, Filters};
use crate::nets::Convolution;

/// The interpolation points but infinity.
const POINTS: [f64; INPUT_TILE - 1] = [0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5];

/// Whether this processor can.
pub(super) fn is_supported() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

impl Filters {
    /// Transforms the filters of a convolution of 5x5 with padding 2 and stride 1, whose inputs come
    /// in `inputs` channels, a multiple of 8 of which it knows the first. `None` for another.
    pub(super) fn new(convolution: &Convolution, inputs: usize) -> Option<Self> {
        let fits = convolution.size == [FILTER; 2]
            && convolution.stride == [1; 2]
            && convolution.padding == [PADDING; 2]
            && convolution.outputs <= CHANNELS
            && convolution.inputs <= inputs
            && inputs.is_multiple_of(LANES);
        if !fits {
            return None;
        }
        let g = filter_matrix();
        let mut numbers = vec![0.0; COMPONENTS * inputs * CHANNELS];
        let mut biases = [0.0; CHANNELS];
        for (bias, &from) in biases.iter_mut().zip(&convolution.biases) {
            *bias = from;
        }
        let filters = convolution.filters.as_chunks::<{ FILTER * FILTER }>().0;
        for (index, filter) in filters.iter().enumerate() {
            let (output, input) = (index / convolution.inputs, index % convolution.inputs);
            let rows = filter.as_chunks::<FILTER>().0;
            for (component, number) in (0..COMPONENTS).map(|component| {
                let (y, x) = (component / INPUT_TILE, component % INPUT_TILE);
                let sum: f64 = rows
                    .iter()
                    .zip(g[y])
                    .map(|(row, gy)| {
                        let across = row.iter().zip(g[x]);
                        gy * across.map(|(&w, gx)| f64::from(w) * gx).sum::<f64>()
                    })
                    .sum();
                (component, sum as f32)
            }) {
                numbers[(component * inputs + input) * CHANNELS + output] = number;
            }
        }
        Some(Self {
            inputs,
            numbers,
            biases,
        })
    }
}

/// The weights of a convolution of 9x9 with padding 4 to one channel, as [`scores`] wants them:
/// `[rows, columns, CHANNELS]`. `None` for another.
pub(super) fn score_weights(convolution: &Convolution) -> Option<Vec<f32>> {
    let fits = convolution.size == [SCORE_FILTER; 2]
        && convolution.stride == [1; 2]
        && convolution.padding == [BORDER; 2]
        && convolution.outputs == 1
        && convolution.inputs <= CHANNELS;
    if !fits {
        return None;
    }
    let mut weights = vec![0.0; SCORE_FILTER * SCORE_FILTER * CHANNELS];
    let channels = convolution
        .filters
        .chunks_exact(SCORE_FILTER * SCORE_FILTER);
    for (channel, filter) in channels.enumerate() {
        for (tap, &weight) in filter.iter().enumerate() {
            weights[tap * CHANNELS + channel] = weight;
        }
    }
    Some(weights)
}

/// G, `[INPUT_TILE, FILTER]`: for the point a, the powers of a, over the product of a's distances to the other points.
fn filter_matrix() -> [[f64; FILTER]; INPUT_TILE] {
    let mut g = [[0.0; FILTER]; INPUT_TILE];
    for (row, &point) in g.iter_mut().zip(&POINTS) {
        let others = POINTS.iter().filter(|&&other| other != point);
        let product: f64 = others.map(|other| point - other).product();
        for (power, number) in row.iter_mut().enumerate() {
            *number = point.powi(power as i32) / product;
        }
    }
    g[INPUT_TILE - 1][FILTER - 1] = 1.0;
    g
}

/// `max(filters * input + biases, 0)` into `output`, on `threads` threads.
///
/// # Panics
/// Where [`is_supported`] says no.
pub(super) fn convolve(
    filters: &Filters,
    input: &FeatureMap,
    output: &mut FeatureMap,
    threads: usize,
) {
    assert!(is_supported(), "AVX2 and FMA are there");
    output.reset(input.rows, input.columns, CHANNELS);
    if input.channels != filters.inputs || input.rows == 0 || input.columns == 0 {
        return;
    }
    #[cfg(target_arch = "x86_64")]
    avx2::convolve(filters, input, output, threads);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = threads;
}

/// One channel out of all: for each pixel the sum over a square of pixels, [`SCORE_FILTER`] on each side and
/// [`BORDER`] of them on its left and above, of channels times `weights`, `[rows, columns, CHANNELS]`,
/// and `bias`. Gives `[rows, columns]`.
///
/// # Panics
/// Where [`is_supported`] says no.
pub(super) fn scores(weights: &[f32], bias: f32, input: &FeatureMap, threads: usize) -> Vec<f32> {
    assert!(is_supported(), "AVX2 and FMA are there");
    let mut scores = vec![bias; input.rows * input.columns];
    if input.channels != CHANNELS || weights.len() != SCORE_FILTER * SCORE_FILTER * CHANNELS {
        return scores;
    }
    #[cfg(target_arch = "x86_64")]
    avx2::scores(weights, input, &mut scores, threads);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (threads, &mut scores);
    scores
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn random(random: &mut ChaCha8Rng, count: usize) -> Vec<f32> {
        (0..count).map(|_| random.random_range(-1.0..1.0)).collect()
    }

    /// The sum that the convolution is, in `f64`.
    fn plain(convolution: &Convolution, input: &FeatureMap, row: usize, column: usize) -> Vec<f64> {
        let [side, _] = convolution.size;
        let area = side * side;
        let from = input.around(row, column, convolution.padding[0]);
        (0..convolution.outputs)
            .map(|output| {
                let mut sum = f64::from(convolution.biases[output]);
                for channel in 0..convolution.inputs {
                    let filter = (output * convolution.inputs + channel) * area;
                    for tap in 0..area {
                        let line = tap / side * input.stride();
                        let at = line + tap % side * input.channels + channel;
                        sum += f64::from(convolution.filters[filter + tap]) * f64::from(from[at]);
                    }
                }
                sum
            })
            .collect()
    }

    #[test]
    fn it_is_the_plain_convolution() {
        assert!(is_supported(), "these tests need AVX2 and FMA");
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        for (rows, columns, known, inputs, outputs, threads) in [
            (1, 1, 8, 8, 1, 1),
            (4, 4, 32, 32, 45, 1),
            (5, 3, 45, 48, 45, 2),
            (13, 150, 45, 48, 48, 3),
            (30, 9, 3, 16, 48, 2),
        ] {
            let mut input = FeatureMap::default();
            input.reset(rows, columns, inputs);
            for row in 0..rows {
                let numbers = random(&mut rng, columns * inputs);
                input.row_mut(row).copy_from_slice(&numbers);
            }
            let convolution = Convolution {
                outputs,
                inputs: known,
                size: [5; 2],
                stride: [1; 2],
                padding: [2; 2],
                filters: random(&mut rng, outputs * known * 25),
                biases: random(&mut rng, outputs),
            };
            let filters = Filters::new(&convolution, inputs).unwrap();
            // Remains of an earlier picture must not show.
            let mut output = FeatureMap::default();
            output.reset(rows + 3, columns + 9, CHANNELS);
            output.numbers.fill(7.0);
            convolve(&filters, &input, &mut output, threads);
            let mut worst: f64 = 0.0;
            let mut largest: f64 = 1.0;
            for row in 0..rows {
                for column in 0..columns {
                    let expected = plain(&convolution, &input, row, column);
                    let found = &output.row_mut(row)[column * CHANNELS..][..CHANNELS];
                    assert!(found[outputs..].iter().all(|&number| number == 0.0));
                    for (found, expected) in found.iter().zip(expected) {
                        worst = worst.max((f64::from(*found) - expected.max(0.0)).abs());
                        largest = largest.max(expected);
                    }
                }
            }
            assert!(
                worst < 1e-5 * largest,
                "{rows}x{columns}: {worst:e} of {largest}"
            );
            // What lies around stays zero: it is the next convolution's padding.
            let inside: f64 = (0..rows)
                .flat_map(|row| output.row_mut(row).to_vec())
                .map(f64::from)
                .sum();
            let all: f64 = output.numbers.iter().copied().map(f64::from).sum();
            assert!((inside - all).abs() < 1e-3, "{inside} {all}");
        }
    }

    #[test]
    fn scores_are_the_plain_convolution() {
        let mut rng = ChaCha8Rng::seed_from_u64(6);
        for (rows, columns, threads) in [(1, 1, 1), (9, 30, 2), (14, 7, 3)] {
            let mut input = FeatureMap::default();
            input.reset(rows, columns, CHANNELS);
            for row in 0..rows {
                let numbers = random(&mut rng, columns * CHANNELS);
                input.row_mut(row).copy_from_slice(&numbers);
            }
            let convolution = Convolution {
                outputs: 1,
                inputs: 45,
                size: [9; 2],
                stride: [1; 2],
                padding: [4; 2],
                filters: random(&mut rng, 45 * 81),
                biases: random(&mut rng, 1),
            };
            let weights = score_weights(&convolution).unwrap();
            let found = scores(&weights, convolution.biases[0], &input, threads);
            assert_eq!(found.len(), rows * columns);
            for row in 0..rows {
                for column in 0..columns {
                    let expected = plain(&convolution, &input, row, column)[0];
                    let difference = f64::from(found[row * columns + column]) - expected;
                    assert!(difference.abs() < 1e-4, "{row}, {column}: {difference:e}");
                }
            }
        }
    }

    #[test]
    fn other_convolutions_are_refused() {
        let convolution = |size, stride, outputs| Convolution {
            outputs,
            inputs: 8,
            size: [size; 2],
            stride: [stride; 2],
            padding: [2; 2],
            filters: vec![0.0; outputs * 8 * size * size],
            biases: vec![0.0; outputs],
        };
        assert!(Filters::new(&convolution(5, 1, 48), 8).is_some());
        assert!(Filters::new(&convolution(5, 1, 48), 12).is_none());
        assert!(Filters::new(&convolution(5, 2, 48), 8).is_none());
        assert!(Filters::new(&convolution(3, 1, 48), 8).is_none());
        assert!(Filters::new(&convolution(5, 1, 49), 8).is_none());
    }
}
