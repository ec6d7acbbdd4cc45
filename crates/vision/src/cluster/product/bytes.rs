//! Products of whole numbers of 8 bits: four times as many an instruction as of 32 bits.
//!
//! A face x is taken for s q, with a step s and whole numbers q from -127 to 127, and e = |x - s q|
//! is how far that is off, for this face exactly. By the triangle inequality two faces nearer than T
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
//! [`step`] is chosen so that the numbers of a usual face fill the range; e is then about 0.015 for
//! dlib's descriptors, and pairs that are looked at again those up to 0.03 above T. A face with larger
//! numbers is cut off at 127: its e is larger, and more of its pairs are looked at again.

use std::ops::Range;

use rayon::prelude::*;

use super::{COLUMNS, Columns, Hits, Kernel, Product, ROWS, is_tame};
use crate::cluster::{DIMENSIONS, point::Point};

/// The largest whole number.
const MOST: f64 = 127.0;

/// How often the root mean square of a face's numbers goes into the range.
const RANGE: f64 = 4.5;

/// What is added to a row's numbers, so that they have no sign.
const SHIFT: i32 = 128;

/// Bound on h either way: at the lower everything may be near, at the upper nothing.
const BOUND: i32 = 1 << 28;

/// Four dimensions at a time.
const QUADS: usize = DIMENSIONS / 4;

type Face = [f32; DIMENSIONS];

/// A face's whole numbers, each plus [`SHIFT`].
type Row = [u8; DIMENSIONS];

/// Faces in an order, for one threshold.
pub(in crate::cluster) struct Bytes {
    rows: Vec<Row>,
    /// h of the face at each place.
    offsets: Vec<i32>,
    kernel: Kernel,
}

/// `COLUMNS` faces, four numbers at a time.
pub(in crate::cluster) struct Panel {
    /// `[four dimensions][face][dimension]`.
    numbers: [[[i8; 4]; COLUMNS]; QUADS],
    offsets: [i32; COLUMNS],
}

/// The step of the whole numbers: of the median squared norm.
fn step(norms: &[f64]) -> f64 {
    let mut tame: Vec<f64> = norms
        .iter()
        .copied()
        .filter(|&norm| is_tame(norm))
        .collect();
    if tame.is_empty() {
        return 1.0;
    }
    let middle = tame.len() / 2;
    let median = *tame.select_nth_unstable_by(middle, f64::total_cmp).1;
    let step = RANGE * (median / DIMENSIONS as f64).sqrt() / MOST;
    if step > 1e-30 { step } else { 1.0 }
}

/// The threshold T, and the largest that a pair's shifts make of it, U.
#[derive(Clone, Copy)]
struct Thresholds {
    own: f64,
    widest: f64,
}

/// A face's row, and its h.
fn whole(face: &Face, shift: f64, step: f64, threshold: Thresholds) -> (Row, i32) {
    let mut row = [0; DIMENSIONS];
    let (mut squared, mut off) = (0, 0.0);
    for (number, &x) in row.iter_mut().zip(face) {
        let whole = (f64::from(x) / step).round().clamp(-MOST, MOST);
        let error = f64::from(x) - whole * step;
        off += error * error;
        squared += whole as i32 * whole as i32;
        *number = (whole as i32 + SHIFT) as u8;
    }
    // More than what 64 bits round off.
    let off = off.sqrt() / step * (1.0 + 1e-9);
    let (near, widest) = (threshold.own / step, threshold.widest / step);
    let room = near * near / 2.0 - shift / (step * step) + 2.0 * widest * off + 2.0 * off * off;
    let offset = ((f64::from(squared) - room) / 2.0).floor() - 1.0;
    (
        row,
        offset.clamp(f64::from(-BOUND), f64::from(BOUND)) as i32,
    )
}

impl Bytes {
    /// The faces `order` of `faces`, whose squared norms, by place, are `norms`; with a kernel of
    /// bytes.
    pub(in crate::cluster) fn new<D: Point>(
        faces: &[D],
        order: &[u32],
        norms: &[f64],
        threshold: f32,
        kernel: Kernel,
    ) -> Self {
        let step = step(norms);
        let own = f64::from(threshold);
        let tame = order.iter().zip(norms).filter(|&(_, &norm)| is_tame(norm));
        let lowest = tame
            .map(|(&face, _)| faces[face as usize].shift())
            .fold(0.0, f64::min);
        let threshold = Thresholds {
            own,
            widest: (own * own - 2.0 * lowest).sqrt(),
        };
        let (rows, offsets) = order
            .par_iter()
            .zip(norms)
            .map(|(&face, &norm)| {
                if is_tame(norm) {
                    let face = &faces[face as usize];
                    whole(face.descriptor(), face.shift(), step, threshold)
                } else {
                    ([SHIFT as u8; DIMENSIONS], BOUND)
                }
            })
            .unzip();
        Self {
            rows,
            offsets,
            kernel,
        }
    }
}

impl Product for Bytes {
    type Panel = Panel;

    fn columns(&self, places: Range<usize>) -> Columns<Panel> {
        let panel = |first: usize| {
            let mut panel = Panel {
                numbers: [[[0; 4]; COLUMNS]; QUADS],
                offsets: [0; COLUMNS],
            };
            for column in 0..COLUMNS {
                let place = (first + column).min(places.end - 1);
                let mut sum = 0;
                for (line, quad) in panel.numbers.iter_mut().zip(self.rows[place].as_chunks().0) {
                    line[column] = quad.map(|number| {
                        let whole = i32::from(number) - SHIFT;
                        sum += whole;
                        whole as i8
                    });
                }
                panel.offsets[column] = self.offsets[place] + SHIFT * sum;
            }
            panel
        };
        Columns {
            panels: places.clone().step_by(COLUMNS).map(panel).collect(),
            places,
        }
    }

    fn compare(
        &self,
        rows: Range<usize>,
        columns: &Columns<Panel>,
        hit: &mut dyn FnMut(usize, usize),
    ) {
        let row = |place: usize| (&self.rows[place], self.offsets[place]);
        match self.kernel {
            #[cfg(target_arch = "x86_64")]
            Kernel::AvxVnni => columns.tiles(rows, row, hit, |faces, offsets, panel| {
                // SAFETY: this kernel is chosen where the processor has AVX2 and AVX-VNNI.
                unsafe { avx_vnni::tile(faces, offsets, panel) }
            }),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx512Vnni => columns.tiles(rows, row, hit, |faces, offsets, panel| {
                // SAFETY: this kernel is chosen where the processor has AVX2, AVX-512 VNNI and VL.
                unsafe { avx512_vnni::tile(faces, offsets, panel) }
            }),
            _ => columns.tiles(rows, row, hit, plain),
        }
    }
}

/// A tile, number by number: the reference.
fn plain(faces: &[&Row; ROWS], offsets: &[i32; ROWS], panel: &Panel) -> Option<Hits> {
    let mut hits = [0; ROWS];
    for ((hits, face), offset) in hits.iter_mut().zip(faces).zip(offsets) {
        let mut sums = panel.offsets.map(|column| -(offset + column));
        for (quad, line) in face.as_chunks::<4>().0.iter().zip(&panel.numbers) {
            for (sum, other) in sums.iter_mut().zip(line) {
                for (&x, &y) in quad.iter().zip(other) {
                    *sum += i32::from(x) * i32::from(y);
                }
            }
        }
        for (column, sum) in sums.iter().enumerate() {
            *hits |= u16::from(*sum >= 0) << column;
        }
    }
    hits.iter().any(|&bits| bits != 0).then_some(hits)
}

/// A tile with the instruction that adds four products of bytes to each of eight sums; it has two
/// names, for two sets of features.
#[cfg(target_arch = "x86_64")]
macro_rules! with_vnni {
    ($module:ident, $features:literal, $multiply:ident) => {
        mod $module {
            use std::arch::x86_64::{
                __m256i, _mm256_add_epi32, _mm256_and_si256, _mm256_castsi256_ps,
                _mm256_loadu_si256, _mm256_movemask_ps, _mm256_set1_epi32, _mm256_setzero_si256,
                _mm256_sub_epi32, $multiply,
            };

            use super::{COLUMNS, Hits, Panel, ROWS, Row};

            #[inline]
            #[target_feature(enable = $features)]
            fn load<T: Copy>(line: &[T; COLUMNS]) -> [__m256i; 2] {
                const { assert!(size_of::<T>() == 4, "two registers of 32 bytes") };
                let at = line.as_ptr().cast::<__m256i>();
                // SAFETY: 64 bytes are there, of numbers; they need not be aligned.
                unsafe { [_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))] }
            }

            /// `None` where no pair may be near.
            #[target_feature(enable = $features)]
            pub(super) fn tile(
                faces: &[&Row; ROWS],
                offsets: &[i32; ROWS],
                panel: &Panel,
            ) -> Option<Hits> {
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
                        sums[0] = $multiply(sums[0], quad, low);
                        sums[1] = $multiply(sums[1], quad, high);
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
                Some(sums.map(|[low, high]| !((signs(low) | (signs(high) << 8)) as u16)))
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
with_vnni!(avx_vnni, "avx2,avxvnni", _mm256_dpbusd_avx_epi32);
#[cfg(target_arch = "x86_64")]
with_vnni!(avx512_vnni, "avx2,avx512vnni,avx512vl", _mm256_dpbusd_epi32);
