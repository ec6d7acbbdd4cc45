//! Histograms: each pixel's gradient voted into the four cells around it (dlib/image_transforms/fhog.h,
//! `impl_extract_fhog_features`).
//!
//! A pixel's vote is its gradient's length, shared by how near the middle of each cell is. Pixels
//! between the same four middles are summed first, for the four together, and the sums added to the
//! cells: a fourth of the work of adding each pixel to four cells.

use super::gradients::{DIRECTIONS, Directions, gradients};
use super::planes::Planes;

/// Rows and columns of a cell, in pixels.
pub(super) const CELL: usize = 8;

/// The votes of one cell, by direction.
pub(super) type Histogram = [f32; DIRECTIONS];

/// The cells of an image, with a border of one all around that takes votes and is not used.
#[derive(Debug, Default)]
pub(super) struct Histograms {
    /// Without the border.
    pub(super) rows: usize,
    /// Without the border.
    pub(super) columns: usize,
    cells: Vec<Histogram>,
    /// Eight rows of gradients.
    places: Vec<u32>,
    lengths: Vec<f32>,
}

/// How a pixel's vote is shared: by its row and column between the middles of cells, for the cell above
/// left, above right, below left, below right.
const SHARES: [[[f32; 4]; CELL]; CELL] = {
    let mut shares = [[[0.0; 4]; CELL]; CELL];
    let mut row = 0;
    while row < CELL {
        let mut column = 0;
        while column < CELL {
            let (down, across) = ((row as f32 + 0.5) / 8.0, (column as f32 + 0.5) / 8.0);
            let (up, left) = (1.0 - down, 1.0 - across);
            shares[row][column] = [up * left, up * across, down * left, down * across];
            column += 1;
        }
        row += 1;
    }
    shares
};

impl Histograms {
    /// The cell `(row, column)` with the border counted: (1, 1) is the image's first.
    #[inline(always)]
    pub(super) fn at(&self, row: usize, column: usize) -> &Histogram {
        &self.cells[row * (self.columns + 2) + column]
    }

    /// Takes the votes of an image.
    #[inline(always)]
    pub(super) fn fill(&mut self, image: &Planes, directions: &Directions) {
        let cells = |side: usize| (side as f32 / CELL as f32 + 0.5) as usize;
        (self.rows, self.columns) = (cells(image.height), cells(image.width));
        let stride = self.columns + 2;
        self.cells.clear();
        self.cells
            .resize(stride * (self.rows + 2), [0.0; DIRECTIONS]);
        // The last pixels that vote; those on the image's edge have no gradient.
        let rows = (self.rows * CELL).min(image.height).saturating_sub(1);
        let columns = (self.columns * CELL).min(image.width).saturating_sub(1);
        // dlib takes eight columns at a time while eight are left, and one at a time after that.
        let eights = columns.saturating_sub(CELL).div_ceil(CELL);
        let split = (1 + CELL * eights).min(columns);
        // The middle of a cell is between its fourth and fifth pixel.
        let half = CELL / 2;
        let width = (self.columns + 1) * CELL;
        self.places.clear();
        self.places.resize(width * CELL, 0);
        self.lengths.clear();
        self.lengths.resize(width * CELL, 0.0);
        for band in 0..=self.rows {
            let first = (band * CELL).saturating_sub(half).max(1);
            let last = (band * CELL + half).min(rows);
            if first >= last {
                continue;
            }
            for row in first..last {
                let at = (row + half) % CELL * width + half;
                let places = &mut self.places[at..];
                let lengths = &mut self.lengths[at..];
                let parts = (1..split, split..columns);
                gradients::<true>(
                    image,
                    (1, row),
                    &mut places[parts.0.clone()],
                    &mut lengths[parts.0],
                );
                gradients::<false>(
                    image,
                    (split, row),
                    &mut places[parts.1.clone()],
                    &mut lengths[parts.1],
                );
            }
            let inside = (first + half) % CELL..(first + half) % CELL + (last - first);
            for column in 0..=self.columns {
                let sums = self.votes(column * CELL, width, inside.clone(), directions);
                let above = band * stride + column;
                for (direction, sum) in sums.iter().enumerate() {
                    for (cell, vote) in [above, above + 1, above + stride, above + stride + 1]
                        .into_iter()
                        .zip(sum)
                    {
                        self.cells[cell][direction] += vote;
                    }
                }
            }
        }
    }

    /// The votes of eight columns from `first` on, between the middles of four cells.
    #[inline(always)]
    fn votes(
        &self,
        first: usize,
        width: usize,
        rows: std::ops::Range<usize>,
        directions: &Directions,
    ) -> [[f32; 4]; DIRECTIONS] {
        // Two sums in turn: neighbours often have one direction, and each sum waits for the one before.
        let mut sums = [[[0.0_f32; 4]; DIRECTIONS]; 2];
        for row in rows {
            let at = row * width + first;
            let (places, lengths) = (&self.places[at..][..CELL], &self.lengths[at..][..CELL]);
            let pixels = places.iter().zip(lengths).zip(&SHARES[row]);
            for (column, ((&place, &length), shares)) in pixels.enumerate() {
                let sum = &mut sums[column % 2][directions.at(place) % DIRECTIONS];
                for (sum, share) in sum.iter_mut().zip(shares) {
                    *sum += share * length;
                }
            }
        }
        let [even, odd] = &mut sums;
        for (even, odd) in even.iter_mut().zip(odd) {
            for (even, odd) in even.iter_mut().zip(odd) {
                *even += *odd;
            }
        }
        *even
    }
}

#[cfg(test)]
mod tests {
    use super::super::planes::tests::rough;
    use super::*;

    /// Each pixel by itself, in double precision, as dlib's code for one pixel says.
    #[test]
    fn every_pixel_votes_for_the_four_cells_around_it() {
        for (width, height) in [(24, 24), (40, 33), (61, 47)] {
            let image = rough(width, height);
            let mut planes = Planes::default();
            planes.fill(&image);
            let directions = Directions::new();
            let mut found = Histograms::default();
            found.fill(&planes, &directions);
            let (rows, columns) = (found.rows, found.columns);
            let mut expected = vec![vec![[0.0_f64; DIRECTIONS]; columns + 2]; rows + 2];
            for y in 1..(rows * 8).min(height as usize) - 1 {
                for x in 1..(columns * 8).min(width as usize) - 1 {
                    let (mut place, mut length) = ([0], [0.0]);
                    gradients::<true>(&planes, (x, y), &mut place, &mut length);
                    let (xp, yp) = ((x as f64 + 0.5) / 8.0 - 0.5, (y as f64 + 0.5) / 8.0 - 0.5);
                    let (ix, iy) = (xp.floor(), yp.floor());
                    for (down, v) in [(0, 1.0 - (yp - iy)), (1, yp - iy)] {
                        for (across, h) in [(0, 1.0 - (xp - ix)), (1, xp - ix)] {
                            let row = (iy as i64 + 1 + down) as usize;
                            let column = (ix as i64 + 1 + across) as usize;
                            expected[row][column][directions.at(place[0])] +=
                                v * h * f64::from(length[0]);
                        }
                    }
                }
            }
            for (row, line) in expected.iter().enumerate() {
                for (column, cell) in line.iter().enumerate() {
                    for (found, expected) in found.at(row, column).iter().zip(cell) {
                        let difference = (f64::from(*found) - expected).abs();
                        assert!(difference < 1e-3, "{row} {column}: {found} {expected}");
                    }
                }
            }
        }
    }
}
