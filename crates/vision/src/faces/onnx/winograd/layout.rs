//! How feature maps and transformed filters lie in memory.

/// m: outputs of a tile, along one side.
pub(super) const OUTPUT_TILE: usize = 4;
/// m + r - 1: inputs of a tile, along one side.
pub(super) const INPUT_TILE: usize = OUTPUT_TILE + FILTER - 1;
/// Components of a transformed tile or filter.
pub(super) const COMPONENTS: usize = INPUT_TILE * INPUT_TILE;
/// r: rows and columns of a filter.
pub(super) const FILTER: usize = 5;
/// Zeros on each side: what keeps the size.
pub(super) const PADDING: usize = 2;
/// Pixels around a [`FeatureMap`] that are zero: as many as the scores' filter reaches out.
pub(super) const BORDER: usize = 4;
/// Rows and columns of the scores' filter.
pub(super) const SCORE_FILTER: usize = 2 * BORDER + 1;
/// Numbers of a register.
pub(super) const LANES: usize = 8;
/// Output channels: the detector's 45 fill six registers.
pub(in super::super) const CHANNELS: usize = 48;

/// `[rows, columns, channels]`, with zeros around: [`BORDER`] pixels on each
/// side, and more on the right and below up to the last tile's edge.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct FeatureMap {
    pub(in super::super) rows: usize,
    pub(in super::super) columns: usize,
    pub(in super::super) channels: usize,
    pub(super) numbers: Vec<f32>,
}

impl FeatureMap {
    /// Bytes that it takes.
    pub(in super::super) fn bytes(&self) -> usize {
        self.numbers.capacity() * size_of::<f32>()
    }

    /// Makes it all zeros of this size; memory is used again.
    pub(in super::super) fn reset(&mut self, rows: usize, columns: usize, channels: usize) {
        (self.rows, self.columns, self.channels) = (rows, columns, channels);
        let length = self.height() * self.stride();
        self.numbers.clear();
        self.numbers.resize(length, 0.0);
    }

    /// Rows with what is around them.
    pub(super) fn height(&self) -> usize {
        self.rows.next_multiple_of(OUTPUT_TILE) + 2 * BORDER
    }

    /// Numbers from one row to the next.
    pub(super) fn stride(&self) -> usize {
        (self.columns.next_multiple_of(OUTPUT_TILE) + 2 * BORDER) * self.channels
    }

    /// The channels of the pixels of a row.
    pub(in super::super) fn row_mut(&mut self, row: usize) -> &mut [f32] {
        let start = (row + BORDER) * self.stride() + BORDER * self.channels;
        let length = self.columns * self.channels;
        &mut self.numbers[start..][..length]
    }

    /// The numbers from the pixel `reach` above and on the left of a pixel on.
    #[cfg_attr(
        not(any(target_arch = "x86_64", test)),
        expect(dead_code, reason = "for AVX2 alone")
    )]
    pub(super) fn around(&self, row: usize, column: usize, reach: usize) -> &[f32] {
        let (row, column) = (row + BORDER - reach, column + BORDER - reach);
        &self.numbers[row * self.stride() + column * self.channels..]
    }
}

/// G g G^T of each of a convolution's filters g.
#[derive(Debug, Clone)]
#[cfg_attr(
    not(target_arch = "x86_64"),
    expect(dead_code, reason = "for AVX2 alone")
)]
pub(in super::super) struct Filters {
    pub(super) inputs: usize,
    /// `[COMPONENTS, inputs, CHANNELS]`.
    pub(super) numbers: Vec<f32>,
    pub(super) biases: [f32; CHANNELS],
}
