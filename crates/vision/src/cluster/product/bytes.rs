//! Products of whole numbers of 8 bits: four times as many an instruction as of 32 bits.
//!
//! A face x is taken for c + s q, with the mean c of all faces, a step s and whole numbers q from -127 to 127, and
//! e = |x - c - s q| is how far that is off, for this face exactly. (Distances are the same from any c; dlib's descriptors
//! lie on one side of the origin, so that from their mean the numbers are less than half as large, and s with them.) By the triangle inequality two faces nearer than T
//! have s |q(a) - q(b)| < T + e(a) + e(b). With shifts z, T² is T² - z(a) - z(b) for a pair, at most
//! T² - 2 min z = U². In steps, t = T / s, u = U / s, e for e / s and z for z / s²:
//!
//! |q(a)|² + |q(b)|² - 2 q(a)·q(b)  <  t² - z(a) - z(b) + 2 u (e(a) + e(b)) + (e(a) + e(b))²
//!                                  ≤  r(a) + r(b),   r = t² / 2 - z + 2 u e + 2 e²,
//!
//! since (e(a) + e(b))² ≤ 2 e(a)² + 2 e(b)². With h = ⌊(|q|² - r) / 2⌋ - 1 a pair may be near where
//! q(a)·q(b) - h(a) - h(b) ≥ 0. All but h is computed in whole numbers, without any rounding, and the
//! -1 holds the rounding of h in 64 bits. The largest sum, 2²⁹ and 2 x 128 x 255 x 127, fits in 32 bits.
//!
//! The instruction multiplies numbers without sign and with: rows are stored as q + 128, and the
//! surplus 128 Σ q(b) is part of the columns' offsets.
//!
//! The step is chosen so that the numbers of a usual face fill the range; e is then about 0.006 for
//! dlib's descriptors, and pairs that are looked at again those up to 0.012 above T. A face with larger
//! numbers is cut off at 127: its e is larger, and more of its pairs are looked at again.

use std::{arch::x86_64::*, borrow::Borrow, ops::Range};

use rayon::prelude::*;

use super::{COLUMNS, Columns, Hits, Product, ROWS, is_tame, strip_of};
use crate::cluster::{DIMENSIONS, point::Point};

/// The largest whole number.
const MOST: f64 = 127.0;

/// How often the root mean square of a face's numbers goes into the range.
const RANGE: f64 = 4.5;

/// What is added to a row's numbers, so that they have no sign.
const SHIFT: i32 = 128;

/// Bound on h either way: at the lower everything may be near, at the upper nothing.
pub(super) const BOUND: i32 = 1 << 28;

/// Four dimensions at a time.
pub(super) const QUADS: usize = DIMENSIONS / 4;

/// A face's whole numbers, each plus [`SHIFT`].
pub(super) type Row = [u8; DIMENSIONS];

/// Faces in an order, for one threshold.
pub(in crate::cluster) struct Bytes {
    rows: Vec<Row>,
    /// h of the face at each place.
    offsets: Vec<i32>,
}

/// `C` faces, four numbers at a time.
#[repr(align(64))]
pub(in crate::cluster) struct Panel<const C: usize> {
    /// `[four dimensions][face][dimension]`.
    pub(super) numbers: [[[i8; 4]; C]; QUADS],
    pub(super) offsets: [i32; C],
}

impl<const C: usize> Panel<C> {
    /// The faces at `places`; `row` gives each one's row and its h.
    pub(super) fn of<R: Borrow<Row>>(places: [usize; C], row: impl Fn(usize) -> (R, i32)) -> Self {
        let mut panel = Self {
            numbers: [[[0; 4]; C]; QUADS],
            offsets: [0; C],
        };
        for (at, place) in places.into_iter().enumerate() {
            let (row, offset) = row(place);
            let (numbers, surplus) = column(row.borrow());
            for (line, quad) in panel.numbers.iter_mut().zip(numbers) {
                line[at] = quad;
            }
            panel.offsets[at] = offset + surplus;
        }
        panel
    }
}

/// How faces become whole numbers, for one threshold.
pub(super) struct Whole {
    /// The mean of all faces.
    centre: [f64; DIMENSIONS],
    step: f64,
    /// The threshold T.
    own: f64,
    /// The largest that a pair's shifts make of it, U.
    widest: f64,
}

impl Whole {
    /// For the faces `order` of `faces`, whose squared norms, by place, are `norms`.
    pub(super) fn new<D: Point>(faces: &[D], order: &[u32], norms: &[f64], threshold: f32) -> Self {
        let own = f64::from(threshold);
        let tame = order.iter().zip(norms).filter(|&(_, &norm)| is_tame(norm));
        let lowest = tame
            .map(|(&face, _)| faces[face as usize].shift())
            .fold(0.0, f64::min);
        let centre = centre(faces, order, norms);
        Self {
            step: step(faces, order, norms, &centre),
            centre,
            own,
            widest: (own * own - 2.0 * lowest).sqrt(),
        }
    }

    /// A face's row, and its h.
    pub(super) fn row(&self, face: &impl Point, norm: f64) -> (Row, i32) {
        let mut row = [SHIFT as u8; DIMENSIONS];
        if !is_tame(norm) {
            return (row, BOUND);
        }
        let step = self.step;
        let (mut squared, mut off) = (0, 0.0);
        let numbers = face.descriptor().iter().zip(&self.centre);
        for (number, (&x, c)) in row.iter_mut().zip(numbers) {
            let x = f64::from(x) - c;
            let whole = (x / step).round().clamp(-MOST, MOST);
            let error = x - whole * step;
            off += error * error;
            squared += whole as i32 * whole as i32;
            *number = (whole as i32 + SHIFT) as u8;
        }
        // More than what 64 bits round off.
        let off = off.sqrt() / step * (1.0 + 1e-9);
        let (near, widest) = (self.own / step, self.widest / step);
        let room =
            near * near / 2.0 - face.shift() / (step * step) + 2.0 * widest * off + 2.0 * off * off;
        let offset = ((f64::from(squared) - room) / 2.0).floor() - 1.0;
        let offset = offset.clamp(f64::from(-BOUND), f64::from(BOUND));
        (row, offset as i32)
    }
}

/// The mean of the faces that are tame; any other place would do, too.
fn centre<D: Point>(faces: &[D], order: &[u32], norms: &[f64]) -> [f64; DIMENSIONS] {
    let mut sum = [0.0; DIMENSIONS];
    let mut count = 0.0_f64;
    for (&face, _) in order.iter().zip(norms).filter(|&(_, &norm)| is_tame(norm)) {
        for (sum, &x) in sum.iter_mut().zip(faces[face as usize].descriptor()) {
            *sum += f64::from(x);
        }
        count += 1.0;
    }
    sum.map(|sum| sum / count.max(1.0))
}

/// The step of the whole numbers: of the median squared distance to the centre.
fn step<D: Point>(faces: &[D], order: &[u32], norms: &[f64], centre: &[f64; DIMENSIONS]) -> f64 {
    let squared = |&face: &u32| -> f64 {
        let numbers = faces[face as usize].descriptor().iter().zip(centre);
        numbers.map(|(&x, c)| (f64::from(x) - c).powi(2)).sum()
    };
    let tame = order.par_iter().zip(norms);
    let tame = tame.filter(|&(_, &norm)| is_tame(norm));
    let mut tame: Vec<f64> = tame.map(|(face, _)| squared(face)).collect();
    if tame.is_empty() {
        return 1.0;
    }
    let middle = tame.len() / 2;
    let median = *tame.select_nth_unstable_by(middle, f64::total_cmp).1;
    let step = RANGE * (median / DIMENSIONS as f64).sqrt() / MOST;
    // What rounds in 64 bits when the centre is taken away stays far below a step, however alike the faces are.
    let far = centre.iter().map(|c| c * c).sum::<f64>().sqrt();
    let step = step.max(1e-9 * far);
    if step > 1e-30 { step } else { 1.0 }
}

/// A row's numbers without what was added, and what a row's surplus adds to their face's offset as a column.
fn column(row: &Row) -> ([[i8; 4]; QUADS], i32) {
    let mut sum = 0;
    let mut column = [[0; 4]; QUADS];
    for (column, quad) in column.iter_mut().zip(row.as_chunks().0) {
        *column = quad.map(|number| {
            let whole = i32::from(number) - SHIFT;
            sum += whole;
            whole as i8
        });
    }
    (column, SHIFT * sum)
}

impl Bytes {
    /// The faces `order` of `faces`, whose squared norms, by place, are `norms`. Only where the processor has
    /// AVX-VNNI.
    pub(in crate::cluster) fn new<D: Point>(
        faces: &[D],
        order: &[u32],
        norms: &[f64],
        threshold: f32,
    ) -> Self {
        let whole = Whole::new(faces, order, norms, threshold);
        let (rows, offsets) = order
            .par_iter()
            .zip(norms)
            .map(|(&face, &norm)| whole.row(&faces[face as usize], norm))
            .unzip();
        Self { rows, offsets }
    }

    /// The row, and h, of the face at a place.
    fn row(&self, place: usize) -> (&Row, i32) {
        (&self.rows[place], self.offsets[place])
    }
}

impl Product for Bytes {
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
        let end = rows.end;
        let strip = |first| strip_of(first, end, |place| self.row(place));
        columns.tiles::<ROWS, COLUMNS, _>(rows, strip, hit, |(faces, offsets), panel| {
            // SAFETY: these products are chosen where the processor has AVX2 and AVX-VNNI.
            unsafe { tile(faces, offsets, panel) }
        });
    }
}

#[inline]
#[target_feature(enable = "avx2,avxvnni")]
fn load<T: Copy>(line: &[T; COLUMNS]) -> [__m256i; 2] {
    const { assert!(size_of::<T>() == 4, "two registers of 32 bytes") };
    let at = line.as_ptr().cast::<__m256i>();
    // SAFETY: 64 bytes are there, of numbers; they need not be aligned.
    unsafe { [_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))] }
}

/// A tile with the instruction that adds four products of bytes to each of eight sums; `None` where no pair may be near.
#[target_feature(enable = "avx2,avxvnni")]
fn tile(faces: &[&Row; ROWS], offsets: &[i32; ROWS], panel: &Panel<COLUMNS>) -> Option<Hits> {
    let columns = load(&panel.offsets);
    let mut sums = [[_mm256_setzero_si256(); 2]; ROWS];
    for (sums, &offset) in sums.iter_mut().zip(offsets) {
        for (sum, column) in sums.iter_mut().zip(columns) {
            let offset = _mm256_add_epi32(_mm256_set1_epi32(offset), column);
            *sum = _mm256_sub_epi32(_mm256_setzero_si256(), offset);
        }
    }
    for (k, line) in panel.numbers.iter().enumerate() {
        let [low, high] = load(line);
        for (sums, face) in sums.iter_mut().zip(faces) {
            let quad = face.as_chunks::<4>().0[k];
            let quad = _mm256_set1_epi32(i32::from_ne_bytes(quad));
            sums[0] = _mm256_dpbusd_avx_epi32(sums[0], quad, low);
            sums[1] = _mm256_dpbusd_avx_epi32(sums[1], quad, high);
        }
    }
    // A sum below zero has its sign set: so has the conjunction where all have.
    // (Not through `flatten`: the sums would then be kept in memory.)
    let mut all = _mm256_and_si256(sums[0][0], sums[0][1]);
    for [low, high] in sums {
        all = _mm256_and_si256(all, _mm256_and_si256(low, high));
    }
    let signs = |sum: __m256i| _mm256_movemask_ps(_mm256_castsi256_ps(sum));
    if signs(all) == 0xff {
        return None;
    }
    let negative = |[low, high]: [__m256i; 2]| (signs(low) | (signs(high) << 8)) as u16;
    Some(sums.map(|sums| u32::from(!negative(sums))))
}
