//! Where each tile of a montage goes.

use super::tile::TILE;

/// Between the tiles and around them, in pixels.
pub(super) const GAP: u32 = 4;

/// A picture with words on it is as wide as two tiles: so are the words.
pub(super) const LEAST_WIDTH: u32 = 2 * (TILE + GAP) + GAP;

/// The proportion of width to height that fits screens and terminals.
const PROPORTION: f64 = 1.5;

/// Columns and rows of square tiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    columns: u32,
    rows: u32,
}

impl Grid {
    /// The grid for `tiles` tiles that is nearest to 3:2 and has the fewest empty places, weighing one
    /// against the other. One place where there are no tiles.
    pub(super) fn of(tiles: usize) -> Self {
        let tiles = u32::try_from(tiles).unwrap_or(u32::MAX).max(1);
        let mut best = Self {
            columns: tiles,
            rows: 1,
        };
        for columns in (1..tiles).rev() {
            let grid = Self {
                columns,
                rows: tiles.div_ceil(columns),
            };
            if grid.cost(tiles) < best.cost(tiles) {
                best = grid;
            }
        }
        best
    }

    /// One row of `tiles` tiles.
    pub(super) fn row(tiles: usize) -> Self {
        Self {
            columns: u32::try_from(tiles).unwrap_or(u32::MAX).max(1),
            rows: 1,
        }
    }

    /// How far the proportion is off, as a logarithm, so that twice too wide is as bad as twice too
    /// high, plus the share of empty places.
    fn cost(self, tiles: u32) -> f64 {
        let off = (f64::from(self.columns) / f64::from(self.rows) / PROPORTION)
            .ln()
            .abs();
        off + f64::from(self.columns * self.rows - tiles) / f64::from(tiles)
    }

    /// Width and height of the picture, in pixels.
    pub(super) fn size(self) -> (u32, u32) {
        let length = |tiles: u32| tiles * (TILE + GAP) + GAP;
        (length(self.columns), length(self.rows))
    }

    /// Left and top pixel of a tile.
    pub(super) fn corner(self, index: usize) -> (u32, u32) {
        let index = index as u32;
        let place = |tiles: u32| tiles * (TILE + GAP) + GAP;
        (place(index % self.columns), place(index / self.columns))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grids_are_near_three_to_two() {
        let cases = [
            (0, (1, 1)),
            (1, (1, 1)),
            (2, (2, 1)),
            (3, (3, 1)),
            (4, (2, 2)),
            (5, (3, 2)),
            (6, (3, 2)),
            (7, (4, 2)),
            (9, (3, 3)),
            (12, (4, 3)),
            (24, (6, 4)),
            (37, (8, 5)),
            (48, (8, 6)),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(tiles, expected)| (tiles, Grid::of(tiles), expected))
            .filter(|(_, found, expected)| (found.columns, found.rows) != *expected)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn every_tile_has_its_own_place_in_the_picture() {
        for tiles in 1..=60 {
            let grid = Grid::of(tiles);
            let (width, height) = grid.size();
            let mut corners: Vec<_> = (0..tiles).map(|index| grid.corner(index)).collect();
            assert!(
                corners
                    .iter()
                    .all(|(x, y)| x + TILE + GAP <= width && y + TILE + GAP <= height)
            );
            corners.sort_unstable();
            corners.dedup();
            assert_eq!(corners.len(), tiles);
        }
    }
}
