//! Products of 32 bits.
//!
//! Faces a and b with shifts s are nearer than T where a·b > (|a|² + s(a) + |b|² + s(b) - T²) / 2. With
//!
//! h(a) = (|a|² + s(a)) / 2 - T² / 4 - ε (|a|² + |s(a)| + T² / 2) - 10⁻³⁰,
//!
//! a tile's sums begin at -(h(a) + h(b)) and add up the 128 products; a pair may be near where the sum
//! is not below zero.
//!
//! The margin. A sum of 128 products and one number, with or without fused multiply-add, is off by at
//! most 130 u (Σ|aᵢ bᵢ| + |h(a) + h(b)|), u = 2⁻²⁴ (Higham, Accuracy and Stability of Numerical
//! Algorithms, 2nd ed., §3.1), however much cancels. The first part is at most (|a|² + |b|²) / 2, the
//! second that, half the shifts and T² / 2; rounding each h and their sum adds 3 u of the second. Together
//! that is below 133 u N = 8e-6 N, N = |a|² + |b|² + |s(a)| + |s(b)| + T², while the two faces' margins
//! are ε N with ε = [`MARGIN`] = 1e-5. So the sum of two near faces is above zero. 10⁻³⁰
//! holds what is lost where products underflow, at most 128 x 2⁻¹⁴⁹.

use std::ops::Range;

use super::{COLUMNS, Columns, Hits, Kernel, Product, ROWS, Strip, strip_of};
use crate::cluster::{DIMENSIONS, point::Point};

/// ε above.
const MARGIN: f64 = 1e-5;

/// What underflow may lose, and more.
const UNDERFLOW: f64 = 1e-30;

/// Bound on h, so that no sum becomes an infinity less an infinity: there everything may be
/// near, since products of tame faces are smaller.
const LOWEST: f64 = -1e30;

type Face = [f32; DIMENSIONS];

/// Faces in an order, for one threshold.
pub(in crate::cluster) struct Floats<'a, D> {
    faces: &'a [D],
    order: &'a [u32],
    /// h of the face at each place.
    offsets: Vec<f32>,
    kernel: Kernel,
}

/// `COLUMNS` faces, number by number.
pub(in crate::cluster) struct Panel {
    /// `[dimension][face]`.
    numbers: [[f32; COLUMNS]; DIMENSIONS],
    offsets: [f32; COLUMNS],
}

impl<'a, D: Point> Floats<'a, D> {
    /// The faces `order` of `faces`, whose squared norms, by place, are `norms`.
    pub(in crate::cluster) fn new(
        faces: &'a [D],
        order: &'a [u32],
        norms: &[f64],
        threshold: f32,
        kernel: Kernel,
    ) -> Self {
        let squared = f64::from(threshold) * f64::from(threshold);
        let offset = |(&norm, &face): (&f64, &u32)| {
            let shift = faces[face as usize].shift();
            let size = norm + shift.abs() + squared / 2.0;
            let offset = (norm + shift) / 2.0 - squared / 4.0 - MARGIN * size - UNDERFLOW;
            offset.max(LOWEST) as f32
        };
        Self {
            faces,
            order,
            offsets: norms.iter().zip(order).map(offset).collect(),
            kernel,
        }
    }

    fn face(&self, place: usize) -> &Face {
        self.faces[self.order[place] as usize].descriptor()
    }
}

impl<D: Point> Product for Floats<'_, D> {
    type Panel = Panel;

    fn columns(&self, places: Range<usize>) -> Columns<Panel> {
        Columns::of(places, |places: [usize; COLUMNS]| {
            let mut panel = Panel {
                numbers: [[0.0; COLUMNS]; DIMENSIONS],
                offsets: places.map(|place| self.offsets[place]),
            };
            for (column, place) in places.into_iter().enumerate() {
                for (line, &x) in panel.numbers.iter_mut().zip(self.face(place)) {
                    line[column] = x;
                }
            }
            panel
        })
    }

    fn compare(
        &self,
        rows: Range<usize>,
        columns: &Columns<Panel>,
        hit: &mut dyn FnMut(usize, usize),
    ) {
        let end = rows.end;
        let strip = |first| strip_of(first, end, |place| (self.face(place), self.offsets[place]));
        match self.kernel {
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => {
                columns.tiles::<ROWS, COLUMNS, _>(rows, strip, hit, |(faces, offsets), panel| {
                    // SAFETY: this kernel is chosen where the processor has AVX2 and FMA.
                    unsafe { avx2::tile(faces, offsets, panel) }
                });
            }
            _ => columns.tiles::<ROWS, COLUMNS, _>(rows, strip, hit, plain),
        }
    }
}

/// A tile, one row after the other.
fn plain((faces, offsets): &Strip<'_, Face, f32>, panel: &Panel) -> Option<Hits> {
    let mut hits = [0; ROWS];
    for ((hits, face), offset) in hits.iter_mut().zip(faces).zip(offsets) {
        let mut sums = panel.offsets.map(|column| -(offset + column));
        for (&x, line) in face.iter().zip(&panel.numbers) {
            for (sum, &y) in sums.iter_mut().zip(line) {
                *sum += x * y;
            }
        }
        for (column, sum) in sums.iter().enumerate() {
            *hits |= u32::from(*sum >= 0.0) << column;
        }
    }
    hits.iter().any(|&bits| bits != 0).then_some(hits)
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256, _mm256_add_ps, _mm256_and_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_movemask_ps,
        _mm256_set1_ps, _mm256_setzero_ps, _mm256_sub_ps,
    };

    use super::{COLUMNS, Face, Hits, Panel, ROWS};

    #[inline]
    #[target_feature(enable = "avx2,fma")]
    fn load(line: &[f32; COLUMNS]) -> [__m256; 2] {
        // SAFETY: sixteen numbers are there; they need not be aligned.
        unsafe {
            [
                _mm256_loadu_ps(line.as_ptr()),
                _mm256_loadu_ps(line.as_ptr().add(8)),
            ]
        }
    }

    /// A tile on registers of eight numbers; `None` where no pair may be near.
    #[target_feature(enable = "avx2,fma")]
    pub(super) fn tile(
        faces: &[&Face; ROWS],
        offsets: &[f32; ROWS],
        panel: &Panel,
    ) -> Option<Hits> {
        let columns = load(&panel.offsets);
        let mut sums = [[_mm256_setzero_ps(); 2]; ROWS];
        for (sums, &offset) in sums.iter_mut().zip(offsets) {
            for (sum, column) in sums.iter_mut().zip(columns) {
                let offset = _mm256_add_ps(_mm256_set1_ps(offset), column);
                *sum = _mm256_sub_ps(_mm256_setzero_ps(), offset);
            }
        }
        for (k, line) in panel.numbers.iter().enumerate() {
            let [low, high] = load(line);
            for (sums, face) in sums.iter_mut().zip(faces) {
                let x = _mm256_set1_ps(face[k]);
                sums[0] = _mm256_fmadd_ps(x, low, sums[0]);
                sums[1] = _mm256_fmadd_ps(x, high, sums[1]);
            }
        }
        // A sum below zero has its sign set: so has the conjunction where all have.
        // (Not through `flatten`: the sums would then be kept in memory.)
        let mut all = _mm256_and_ps(sums[0][0], sums[0][1]);
        for [low, high] in sums {
            all = _mm256_and_ps(all, _mm256_and_ps(low, high));
        }
        if _mm256_movemask_ps(all) == 0xff {
            return None;
        }
        Some(sums.map(|[low, high]| {
            let negative = _mm256_movemask_ps(low) | (_mm256_movemask_ps(high) << 8);
            u32::from(!(negative as u16))
        }))
    }
}
