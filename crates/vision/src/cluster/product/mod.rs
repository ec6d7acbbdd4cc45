//! Which faces may be near each other, by products of matrices.
//!
//! |a - b|² = |a|² + |b|² - 2 a·b
//!
//! so that of two faces only a·b has to be computed, and for many faces at once that is a product of
//! two matrices, which a processor does several times as fast as differences. The subtraction cancels
//! digits, so that a product decides nothing here: it says which pairs cannot be near, with a proven
//! margin, and the others, hardly more than those that are near, are left to
//! [`distance`](super::distance). The edges are therefore the same whichever product is used:
//!
//! | | numbers | on |
//! |---|---|---|
//! | [`wide`] | whole ones of 8 bits, 4 products in each of an instruction's 16 lanes | processors with AVX-512 VNNI |
//! | [`bytes`] | the same in 8 lanes | processors with AVX-VNNI |
//! | [`floats`] | 32 bits, fused multiply-add | AVX2 and FMA |
//! | [`floats`], plainly | 32 bits | all others; the reference for those above |
//!
//! A tile of [`ROWS`] by [`COLUMNS`] products stays in registers: 12 of the 16 that AVX has. AVX-512 has 32, twice as
//! wide, and a tile of its own.

#[cfg(target_arch = "x86_64")]
pub(super) mod bytes;
pub(super) mod floats;
#[cfg(target_arch = "x86_64")]
pub(super) mod wide;

use std::ops::Range;

/// Rows of a tile.
pub(super) const ROWS: usize = 6;

/// Columns of a tile: two registers of eight numbers.
pub(super) const COLUMNS: usize = 16;

/// For each row of a tile, one bit a column: this pair may be near.
pub(super) type Hits = [u32; ROWS];

/// How products are computed; a processor may have several ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kernel {
    /// Without any of the processor's special instructions.
    Plain,
    /// AVX2 and FMA.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// AVX-VNNI.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// AVX-512 VNNI.
    #[cfg(target_arch = "x86_64")]
    Avx512Vnni,
}

impl Kernel {
    /// Those that this processor can run, the fastest last.
    pub(super) fn all() -> Vec<Self> {
        #[cfg_attr(
            not(target_arch = "x86_64"),
            expect(unused_mut, reason = "there are no others")
        )]
        let mut all = vec![Self::Plain];
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            if has!("avx2") && has!("fma") {
                all.push(Self::Avx2);
            }
            if has!("avx2") && has!("avxvnni") {
                all.push(Self::AvxVnni);
            }
            if has!("avx512f") && has!("avx512dq") && has!("avx512vnni") {
                all.push(Self::Avx512Vnni);
            }
        }
        all
    }

    /// The fastest that this processor can run.
    pub(super) fn fastest() -> Self {
        Self::all().pop().unwrap_or(Self::Plain)
    }
}

/// Faces, by their places in a list, and which pairs of them may be near.
pub(super) trait Product: Sync {
    /// [`COLUMNS`] faces laid out as columns of a matrix.
    type Panel;

    /// Lays out the faces at `places`.
    fn columns(&self, places: Range<usize>) -> Columns<Self::Panel>;

    /// Calls `hit` with the places of every pair of one of `rows` and one of `columns` that may be
    /// nearer than the threshold, with some that are not, never leaving out one that is. A face that
    /// [`is_tame`] denies may be left out.
    fn compare(
        &self,
        rows: Range<usize>,
        columns: &Columns<Self::Panel>,
        hit: &mut dyn FnMut(usize, usize),
    );
}

/// Panels of the faces from a place on; the last may be filled up with copies of its last face.
pub(super) struct Columns<P> {
    places: Range<usize>,
    panels: Vec<P>,
}

impl<P> Columns<P> {
    /// The faces at `places` in panels of `C`; `panel` makes one of `C` places, of which the last may be repeated.
    fn of<const C: usize>(places: Range<usize>, panel: impl Fn([usize; C]) -> P) -> Self {
        let last = places.end.saturating_sub(1);
        let panels = places.clone().step_by(C);
        let panels = panels.map(|first| panel(std::array::from_fn(|at| (first + at).min(last))));
        Self {
            panels: panels.collect(),
            places,
        }
    }

    /// Compares `rows`, tile by tile of `R` by `C`; `strip` gives what is needed of the `R` rows from a place on.
    fn tiles<const R: usize, const C: usize, S>(
        &self,
        rows: Range<usize>,
        strip: impl Fn(usize) -> S,
        hit: &mut dyn FnMut(usize, usize),
        tile: impl Fn(&S, &P) -> Option<[u32; R]>,
    ) {
        let (last_row, end) = (rows.end - 1, self.places.end);
        for first_row in rows.step_by(R) {
            let strip = strip(first_row);
            let panels = self.panels.iter();
            for (panel, first) in panels.zip((self.places.start..).step_by(C)) {
                let Some(hits) = tile(&strip, panel) else {
                    continue;
                };
                // The last strip may have more rows than there are.
                for (&bits, row) in hits.iter().zip(first_row..=last_row) {
                    for column in columns_of(bits, first).take_while(|&column| column < end) {
                        hit(row, column);
                    }
                }
            }
        }
    }
}

/// [`ROWS`] rows with their offsets, from the place `first` on; filled up with the last one before `end`.
type Strip<'r, R, O> = ([&'r R; ROWS], [O; ROWS]);

fn strip_of<'r, R, O: Copy>(
    first: usize,
    end: usize,
    row: impl Fn(usize) -> (&'r R, O),
) -> Strip<'r, R, O> {
    let strip: [_; ROWS] = std::array::from_fn(|i| row((first + i).min(end - 1)));
    (strip.map(|(face, _)| face), strip.map(|(_, offset)| offset))
}

/// Squared norms up to this are what the margins are reckoned for; a face's is near 2.
const TAMEST: f64 = 1e18;

/// Whether a face of this squared norm, in 64 bits, can go through the products: not one that holds
/// NaN or an infinity, nor huge numbers, whose products overflow.
pub(super) fn is_tame(norm: f64) -> bool {
    norm <= TAMEST
}

/// |a|², in 64 bits.
pub(super) fn norm(face: &[f32; super::DIMENSIONS]) -> f64 {
    face.iter().map(|&x| f64::from(x) * f64::from(x)).sum()
}

/// The columns that `bits` has, added to `first`.
fn columns_of(mut bits: u32, first: usize) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let column = bits.trailing_zeros() as usize;
        (bits != 0).then(|| {
            bits &= bits - 1;
            first + column
        })
    })
}
