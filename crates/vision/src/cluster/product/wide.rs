//! The products of [`bytes`](super::bytes) on AVX-512: sixteen lanes, and 32 registers, of which a tile of 12 rows by 32
//! columns takes 24.
//!
//! A tile's rows lie beside each other, four numbers of each, so that one address serves them all.

use std::{arch::x86_64::*, ops::Range};

use rayon::prelude::*;

use super::{
    Columns, Product,
    bytes::{BOUND, Panel, QUADS, Row, Whole},
};
use crate::cluster::point::Point;

/// Rows of a tile. Blocks of rows begin at multiples of it.
const ROWS: usize = 12;

/// Columns of a tile: two registers of sixteen numbers.
const COLUMNS: usize = 32;

/// The rows of a tile.
struct Strip {
    /// `[four dimensions][face][dimension]`, as a [`Row`] has them.
    numbers: [[[u8; 4]; ROWS]; QUADS],
    /// h of each face; where there are fewer faces, nothing is near the others.
    offsets: [i32; ROWS],
}

/// Faces in an order, for one threshold.
pub(in crate::cluster) struct Wide(Vec<Strip>);

impl Wide {
    /// The faces `order` of `faces`, whose squared norms, by place, are `norms`. Only where the processor has AVX-512
    /// VNNI and DQ.
    pub(in crate::cluster) fn new<D: Point>(
        faces: &[D],
        order: &[u32],
        norms: &[f64],
        threshold: f32,
    ) -> Self {
        let whole = Whole::new(faces, order, norms, threshold);
        let strip = |(order, norms): (&[u32], &[f64])| {
            let mut strip = Strip {
                numbers: [[[0; 4]; ROWS]; QUADS],
                offsets: [BOUND; ROWS],
            };
            for (at, (&face, &norm)) in order.iter().zip(norms).enumerate() {
                let (row, offset) = whole.row(&faces[face as usize], norm);
                for (line, &quad) in strip.numbers.iter_mut().zip(row.as_chunks().0) {
                    line[at] = quad;
                }
                strip.offsets[at] = offset;
            }
            strip
        };
        let strips = order.par_chunks(ROWS).zip(norms.par_chunks(ROWS));
        Self(strips.map(strip).collect())
    }

    /// The row, and h, of the face at a place.
    fn row(&self, place: usize) -> (Row, i32) {
        let (strip, at) = (&self.0[place / ROWS], place % ROWS);
        let mut row: Row = [0; _];
        for (quad, line) in row.as_chunks_mut().0.iter_mut().zip(&strip.numbers) {
            *quad = line[at];
        }
        (row, strip.offsets[at])
    }
}

impl Product for Wide {
    type Panel = Panel<COLUMNS>;

    fn columns(&self, places: Range<usize>) -> Columns<Self::Panel> {
        Columns::of(places, |places| Panel::of(places, |place| self.row(place)))
    }

    fn compare(
        &self,
        rows: Range<usize>,
        columns: &Columns<Self::Panel>,
        hit: &mut dyn FnMut(usize, usize),
    ) {
        debug_assert!(
            rows.start.is_multiple_of(ROWS),
            "a block begins with a strip"
        );
        let strip = |first: usize| &self.0[first / ROWS];
        columns.tiles::<ROWS, COLUMNS, _>(rows, strip, hit, |strip, panel| {
            // SAFETY: this kernel is chosen where the processor has AVX-512 F, DQ and VNNI.
            unsafe { tile(strip, panel) }
        });
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load<T: Copy>(line: &[T; COLUMNS]) -> [__m512i; 2] {
    const { assert!(size_of::<T>() == 4, "two registers of 64 bytes") };
    let at = line.as_ptr().cast::<__m512i>();
    // SAFETY: 128 bytes are there, of numbers; they need not be aligned.
    unsafe { [_mm512_loadu_si512(at), _mm512_loadu_si512(at.add(1))] }
}

/// A bit for each pair that may be near; `None` where none may be.
#[target_feature(enable = "avx512f,avx512dq,avx512vnni")]
fn tile(strip: &Strip, panel: &Panel<COLUMNS>) -> Option<[u32; ROWS]> {
    let columns = load(&panel.offsets);
    let mut sums = [[_mm512_setzero_si512(); 2]; ROWS];
    for (sums, &offset) in sums.iter_mut().zip(&strip.offsets) {
        for (sum, column) in sums.iter_mut().zip(columns) {
            let offset = _mm512_add_epi32(_mm512_set1_epi32(offset), column);
            *sum = _mm512_sub_epi32(_mm512_setzero_si512(), offset);
        }
    }
    for (quads, line) in strip.numbers.iter().zip(&panel.numbers) {
        let [low, high] = load(line);
        for (sums, &quad) in sums.iter_mut().zip(quads) {
            let quad = _mm512_set1_epi32(i32::from_ne_bytes(quad));
            sums[0] = _mm512_dpbusd_epi32(sums[0], quad, low);
            sums[1] = _mm512_dpbusd_epi32(sums[1], quad, high);
        }
    }
    // A sum below zero has its sign set: so has the conjunction where all have.
    let mut all = _mm512_and_si512(sums[0][0], sums[0][1]);
    for [low, high] in sums {
        all = _mm512_and_si512(all, _mm512_and_si512(low, high));
    }
    if _mm512_movepi32_mask(all) == u16::MAX {
        return None;
    }
    let near = |sum: __m512i| u32::from(!_mm512_movepi32_mask(sum));
    Some(sums.map(|[low, high]| near(low) | near(high) << 16))
}
