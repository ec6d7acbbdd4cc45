//! The convolution on registers of 8 numbers.

use std::arch::x86_64::{
    __m256, _mm256_add_ps, _mm256_fmadd_ps, _mm256_fnmadd_ps, _mm256_loadu_ps, _mm256_max_ps,
    _mm256_set1_ps, _mm256_setzero_ps, _mm256_storeu_ps, _mm256_sub_ps,
};

use super::layout::{
    BORDER, CHANNELS, COMPONENTS, FeatureMap, Filters, INPUT_TILE, LANES, OUTPUT_TILE, PADDING,
    SCORE_FILTER,
};

/// Tiles that go through together: their 64 matrices of up to 48 channels fit the second cache.
const TILES: usize = 32;

/// Registers of a pixel's output channels.
const REGISTERS: usize = CHANNELS / LANES;

/// The numbers of one component of all tiles, and a little more, so that the same tile's numbers of all
/// components do not meet in one set of the first cache.
const COMPONENT_STRIDE: usize = TILES * CHANNELS + 16;

/// The components of some tiles: [`COMPONENTS`] matrices of tiles by channels, `[component][tile][channel]`.
struct Components(Vec<f32>);

impl Components {
    fn new() -> Self {
        Self(vec![0.0; COMPONENTS * COMPONENT_STRIDE])
    }

    fn component(&self, component: usize) -> &[f32] {
        &self.0[component * COMPONENT_STRIDE..][..COMPONENT_STRIDE]
    }

    fn component_mut(&mut self, component: usize) -> &mut [f32] {
        &mut self.0[component * COMPONENT_STRIDE..][..COMPONENT_STRIDE]
    }
}

/// As [`super::convolve`]; `output` has its size and is all zeros.
pub(super) fn convolve(
    filters: &Filters,
    input: &FeatureMap,
    output: &mut FeatureMap,
    threads: usize,
) {
    let stride = output.stride();
    let tile_rows = input.rows.div_ceil(OUTPUT_TILE);
    let (rows, columns) = (output.rows, output.columns);
    // Each thread has its own rows of tiles, as many as the others.
    let share = tile_rows.div_ceil(threads.max(1)).max(1);
    let lines = &mut output.numbers[BORDER * stride..];
    let part = |first: usize, lines: &mut [f32]| {
        let (mut transformed, mut products) = (Components::new(), Components::new());
        for (index, lines) in lines.chunks_mut(OUTPUT_TILE * stride).enumerate() {
            let row = (first + index) * OUTPUT_TILE;
            let Some(count) = rows.checked_sub(row).filter(|&count| count > 0) else {
                break;
            };
            let mut lines = Lines {
                numbers: lines,
                stride,
                rows: count.min(OUTPUT_TILE),
                columns,
            };
            // SAFETY: `super::convolve` has made sure that the processor has AVX2 and FMA.
            unsafe {
                tile_row(
                    filters,
                    input,
                    row,
                    &mut lines,
                    &mut transformed,
                    &mut products,
                )
            };
        }
    };
    if threads <= 1 {
        part(0, lines);
        return;
    }
    std::thread::scope(|scope| {
        for (index, lines) in lines.chunks_mut(share * OUTPUT_TILE * stride).enumerate() {
            let part = &part;
            scope.spawn(move || part(index * share, lines));
        }
    });
}

/// Up to 4 rows of the output, with what is on their left and right.
struct Lines<'a> {
    numbers: &'a mut [f32],
    stride: usize,
    rows: usize,
    columns: usize,
}

#[target_feature(enable = "avx2,fma")]
fn tile_row(
    filters: &Filters,
    input: &FeatureMap,
    row: usize,
    lines: &mut Lines<'_>,
    transformed: &mut Components,
    products: &mut Components,
) {
    let tiles = input.columns.div_ceil(OUTPUT_TILE);
    let stride = input.stride();
    for first in (0..tiles).step_by(TILES) {
        let count = TILES.min(tiles - first);
        for tile in 0..count {
            let column = (first + tile) * OUTPUT_TILE;
            let corner = input.around(row, column, PADDING);
            input_transform(corner, stride, input.channels, tile, transformed);
        }
        for component in 0..COMPONENTS {
            let filters = &filters.numbers[component * filters.inputs * CHANNELS..]
                [..filters.inputs * CHANNELS];
            multiply(
                transformed.component(component),
                filters.as_chunks::<CHANNELS>().0,
                count,
                products.component_mut(component),
            );
        }
        for tile in 0..count {
            output_transform(
                products,
                tile,
                &filters.biases,
                (first + tile) * OUTPUT_TILE,
                lines,
            );
        }
    }
}

#[target_feature(enable = "avx2,fma")]
fn load(from: &[f32; LANES]) -> __m256 {
    // SAFETY: eight numbers are there; they need not be aligned.
    unsafe { _mm256_loadu_ps(from.as_ptr()) }
}

#[target_feature(enable = "avx2,fma")]
fn store(to: &mut [f32; LANES], value: __m256) {
    // SAFETY: there is room for eight numbers; it need not be aligned.
    unsafe { _mm256_storeu_ps(to.as_mut_ptr(), value) }
}

/// Eight numbers from `at` on.
#[target_feature(enable = "avx2,fma")]
fn load_at(from: &[f32], at: usize) -> __m256 {
    match from[at..].first_chunk() {
        Some(from) => load(from),
        None => _mm256_setzero_ps(),
    }
}

#[target_feature(enable = "avx2,fma")]
fn store_at(to: &mut [f32], at: usize, value: __m256) {
    if let Some(to) = to[at..].first_chunk_mut() {
        store(to, value);
    }
}

/// B^T d, in one dimension. For the points a and -a the polynomials are `x q(x) + a q(x)` and `x q(x) - a q(x)`, with
/// `q(x) = x (x^2 - b^2) (x^2 - c^2)` of the other two pairs' b and c.
#[target_feature(enable = "avx2,fma")]
fn input_transform_1d(d: [__m256; INPUT_TILE]) -> [__m256; INPUT_TILE] {
    let [d0, d1, d2, d3, d4, d5, d6, d7] = d;
    let all = _mm256_set1_ps(5.25);
    // x^6 - 5.25 x^4 + 5.25 x^2 - 1, and the same times x.
    let zero = _mm256_fmadd_ps(all, _mm256_sub_ps(d2, d4), _mm256_sub_ps(d6, d0));
    let infinity = _mm256_fmadd_ps(all, _mm256_sub_ps(d3, d5), _mm256_sub_ps(d7, d1));
    // With s = b^2 + c^2 and m = b^2 c^2.
    let pair = |a: f32, s: f32, m: f32| {
        let (a, s, m) = (_mm256_set1_ps(a), _mm256_set1_ps(s), _mm256_set1_ps(m));
        let even = _mm256_fmadd_ps(m, d2, _mm256_fnmadd_ps(s, d4, d6));
        let odd = _mm256_fmadd_ps(m, d1, _mm256_fnmadd_ps(s, d3, d5));
        (
            _mm256_fmadd_ps(a, odd, even),
            _mm256_fnmadd_ps(a, odd, even),
        )
    };
    let (one, minus_one) = pair(1.0, 4.25, 1.0);
    let (two, minus_two) = pair(2.0, 1.25, 0.25);
    let (half, minus_half) = pair(0.5, 5.0, 4.0);
    [
        zero, one, minus_one, two, minus_two, half, minus_half, infinity,
    ]
}

/// A^T m, in one dimension: sums of the products, times the powers of the points.
#[target_feature(enable = "avx2,fma")]
fn output_transform_1d(m: [__m256; INPUT_TILE]) -> [__m256; OUTPUT_TILE] {
    let [
        zero,
        one,
        minus_one,
        two,
        minus_two,
        half,
        minus_half,
        infinity,
    ] = m;
    let times = |factor: f32, value, sum| _mm256_fmadd_ps(_mm256_set1_ps(factor), value, sum);
    let (s1, d1) = (_mm256_add_ps(one, minus_one), _mm256_sub_ps(one, minus_one));
    let (s2, d2) = (_mm256_add_ps(two, minus_two), _mm256_sub_ps(two, minus_two));
    let (s3, d3) = (
        _mm256_add_ps(half, minus_half),
        _mm256_sub_ps(half, minus_half),
    );
    [
        _mm256_add_ps(_mm256_add_ps(zero, s1), _mm256_add_ps(s2, s3)),
        times(2.0, d2, times(0.5, d3, d1)),
        times(4.0, s2, times(0.25, s3, s1)),
        times(8.0, d2, times(0.125, d3, _mm256_add_ps(d1, infinity))),
    ]
}

/// Column `index` of rows of registers.
fn column<const ROWS: usize, const COLUMNS: usize>(
    rows: &[[__m256; COLUMNS]; ROWS],
    index: usize,
) -> [__m256; ROWS] {
    rows.map(|row| row[index])
}

/// B^T d B: transforms the 8x8 inputs of a tile whose first number is `corner`'s first.
#[target_feature(enable = "avx2,fma")]
fn input_transform(
    corner: &[f32],
    stride: usize,
    channels: usize,
    tile: usize,
    transformed: &mut Components,
) {
    for channel in (0..channels).step_by(LANES) {
        // Down each column, then along each row.
        let mut down = [[_mm256_setzero_ps(); INPUT_TILE]; INPUT_TILE];
        for (x, down) in down.iter_mut().enumerate() {
            let mut d = [_mm256_setzero_ps(); INPUT_TILE];
            for (y, d) in d.iter_mut().enumerate() {
                *d = load_at(corner, y * stride + x * channels + channel);
            }
            *down = input_transform_1d(d);
        }
        for y in 0..INPUT_TILE {
            let line = input_transform_1d(column(&down, y));
            for (x, value) in line.into_iter().enumerate() {
                let to = transformed.component_mut(y * INPUT_TILE + x);
                store_at(to, tile * channels + channel, value);
            }
        }
    }
}

/// `[tiles, inputs]` times `[inputs, CHANNELS]`: two tiles at a time, whose sums fill twelve
/// registers.
#[target_feature(enable = "avx2,fma")]
fn multiply(tiles: &[f32], filters: &[[f32; CHANNELS]], count: usize, products: &mut [f32]) {
    let inputs = filters.len().max(1);
    // An odd last tile is multiplied with the one behind it, which is not looked at.
    let pairs = tiles
        .chunks_exact(2 * inputs)
        .zip(products.as_chunks_mut::<{ 2 * CHANNELS }>().0);
    for (pair, products) in pairs.take(count.div_ceil(2)) {
        let (one, other) = pair.split_at(inputs);
        let mut sums = [[_mm256_setzero_ps(); REGISTERS]; 2];
        for ((filters, &one), &other) in filters.iter().zip(one).zip(other) {
            let (one, other) = (_mm256_set1_ps(one), _mm256_set1_ps(other));
            let filters = filters.as_chunks::<LANES>().0;
            for (index, filters) in filters.iter().enumerate() {
                let filters = load(filters);
                sums[0][index] = _mm256_fmadd_ps(one, filters, sums[0][index]);
                sums[1][index] = _mm256_fmadd_ps(other, filters, sums[1][index]);
            }
        }
        let [first, second] = sums;
        let rooms = products.as_chunks_mut::<LANES>().0;
        for (to, value) in rooms.iter_mut().zip(first.into_iter().chain(second)) {
            store(to, value);
        }
    }
}

/// A^T m A: transforms a tile's products back, adds the biases, applies ReLU, and writes what lies inside
/// the feature map.
#[target_feature(enable = "avx2,fma")]
fn output_transform(
    products: &Components,
    tile: usize,
    biases: &[f32; CHANNELS],
    first_column: usize,
    lines: &mut Lines<'_>,
) {
    let columns = OUTPUT_TILE.min(lines.columns - first_column);
    for channel in (0..CHANNELS).step_by(LANES) {
        let bias = load_at(biases, channel);
        let mut down = [[_mm256_setzero_ps(); OUTPUT_TILE]; INPUT_TILE];
        for (x, down) in down.iter_mut().enumerate() {
            let mut m = [_mm256_setzero_ps(); INPUT_TILE];
            for (y, m) in m.iter_mut().enumerate() {
                *m = load_at(
                    products.component(y * INPUT_TILE + x),
                    tile * CHANNELS + channel,
                );
            }
            *down = output_transform_1d(m);
        }
        for y in 0..lines.rows {
            let line = output_transform_1d(column(&down, y));
            for (x, value) in line.into_iter().take(columns).enumerate() {
                let value = _mm256_max_ps(_mm256_add_ps(value, bias), _mm256_setzero_ps());
                let at = y * lines.stride + (BORDER + first_column + x) * CHANNELS + channel;
                store_at(lines.numbers, at, value);
            }
        }
    }
}

/// As [`super::scores`]; adds to what `scores` holds.
pub(super) fn scores(weights: &[f32], input: &FeatureMap, scores: &mut [f32], threads: usize) {
    let columns = input.columns.max(1);
    let part = |first: usize, scores: &mut [f32]| {
        for (index, scores) in scores.chunks_mut(columns).enumerate() {
            for (down, weights) in weights.chunks_exact(SCORE_FILTER * CHANNELS).enumerate() {
                // `down` rows below the first that the filter reaches.
                let line = &input.around(first + index, 0, BORDER)[down * input.stride()..];
                // SAFETY: `super::scores` has made sure that the processor has AVX2 and FMA.
                unsafe { add_products(line, weights, scores) };
            }
        }
    };
    if threads <= 1 {
        part(0, scores);
        return;
    }
    let share = input.rows.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for (index, scores) in scores.chunks_mut(share * columns).enumerate() {
            let part = &part;
            scope.spawn(move || part(index * share, scores));
        }
    });
}

/// Adds to each pixel's score the product of `weights` and the channels of as many pixels of `line`,
/// from its own on.
#[target_feature(enable = "avx2,fma")]
fn add_products(line: &[f32], weights: &[f32], scores: &mut [f32]) {
    let weights = weights.as_chunks::<LANES>().0.as_chunks::<6>().0;
    for (pixel, score) in scores.iter_mut().enumerate() {
        let numbers = line[pixel * CHANNELS..].as_chunks::<LANES>().0;
        let mut sums = [_mm256_setzero_ps(); 6];
        for (numbers, weights) in numbers.as_chunks::<6>().0.iter().zip(weights) {
            for ((sum, number), weight) in sums.iter_mut().zip(numbers).zip(weights) {
                *sum = _mm256_fmadd_ps(load(number), load(weight), *sum);
            }
        }
        let [a, b, c, d, e, f] = sums;
        let add = |a, b| _mm256_add_ps(a, b);
        let mut numbers = [0.0; LANES];
        store(&mut numbers, add(add(add(a, b), add(c, d)), add(e, f)));
        *score += numbers.iter().sum::<f32>();
    }
}
