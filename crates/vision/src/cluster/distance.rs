//! The distance of two faces, so that every threshold decides as 64 bits do.
//!
//! d(a, b) = √ max(0, Σ (aᵢ - bᵢ)² + s(a) + s(b)),  i = 1 ... 128
//!
//! where the [shifts](Point::shift) s are 0 for plain distances, which are Euclid's.
//! [`exact`] adds up in 64 bits, term by term: what dlib computes. [`distance`] is that number rounded
//! down to 32 bits. For a threshold t, itself a number of 32 bits, d < t holds exactly where d rounded
//! down is below t: rounding down moves d to at most d, and never past a number of 32 bits.
//! So the distances that a graph keeps decide at any threshold, without the descriptors, what dlib
//! would decide.
//!
//! A sum term by term waits for each addition. [`distance`] adds over [`LANES`] independent sums
//! first, which differs from the other order by less than [`TOLERANCE`], relatively: of 128 terms each
//! order is within 130 x 2⁻⁵³ = 1.5e-14 of the true sum (Higham, Accuracy and Stability of Numerical
//! Algorithms, 2nd ed., §4.2). Only where a number of 32 bits lies within
//! the tolerance, about once in a hundred thousand, is the order that counts taken.

use super::{DIMENSIONS, point::Point};

/// Independent sums: two AVX registers of four, or four SSE registers of two.
const LANES: usize = 8;

/// Bound on the relative difference between the two orders of summation, with room to spare.
const TOLERANCE: f64 = 1e-13;

/// The distance in 64 bits, term by term: what dlib computes, and the reference for [`distance`].
/// NaN where an element is NaN, or where infinities meet.
pub(super) fn exact(a: &impl Point, b: &impl Point) -> f64 {
    let terms = a.descriptor().iter().zip(b.descriptor()).map(|(&a, &b)| {
        let difference = f64::from(a) - f64::from(b);
        difference * difference
    });
    root(terms.sum::<f64>(), a.shift() + b.shift())
}

/// The exact distance, rounded down to 32 bits: `distance(a, b) < t` exactly where `exact(a, b) < t`.
pub fn distance(a: &impl Point, b: &impl Point) -> f32 {
    let near = over_lanes(a.descriptor(), b.descriptor());
    let shift = a.shift() + b.shift();
    let lowest = rounded_down(root(near * (1.0 - TOLERANCE), shift));
    if lowest == rounded_down(root(near * (1.0 + TOLERANCE), shift)) {
        lowest
    } else {
        rounded_down(exact(a, b))
    }
}

/// The root of a squared distance and the shifts of both faces.
fn root(squared: f64, shift: f64) -> f64 {
    let calibrated = squared + shift;
    // Not `max`, which would make 0 of NaN.
    if calibrated < 0.0 {
        0.0
    } else {
        calibrated.sqrt()
    }
}

/// The squared distance as in [`exact`], in another order of summation, which is the same on every processor.
fn over_lanes(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { over_lanes_avx2(a, b) };
    }
    over_lanes_plainly(a, b)
}

/// The same sums, four in a register.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn over_lanes_avx2(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f64 {
    over_lanes_plainly(a, b)
}

#[inline(always)]
fn over_lanes_plainly(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f64 {
    let mut sums = [0.0_f64; LANES];
    for (a, b) in a
        .as_chunks::<LANES>()
        .0
        .iter()
        .zip(b.as_chunks::<LANES>().0)
    {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            let difference = f64::from(a) - f64::from(b);
            *sum += difference * difference;
        }
    }
    sums.iter().sum()
}

/// The largest number of 32 bits that is not above `x`; NaN for NaN.
fn rounded_down(x: f64) -> f32 {
    let nearest = x as f32;
    if f64::from(nearest) > x {
        nearest.next_down()
    } else {
        nearest
    }
}

#[cfg(test)]
mod tests {
    use super::super::point::{Calibrated, USUAL_CROWDING};
    use super::*;
    use proptest::prelude::*;

    fn apart(by: f32) -> [[f32; DIMENSIONS]; 2] {
        let mut b = [0.0; DIMENSIONS];
        b[77] = by;
        [[0.0; DIMENSIONS], b]
    }

    fn descriptor(scale: f32) -> impl Strategy<Value = [f32; DIMENSIONS]> {
        prop::collection::vec(-scale..scale, DIMENSIONS).prop_map(|x| x.try_into().unwrap())
    }

    proptest! {
        #[test]
        fn rounded_down_it_decides_as_64_bits_do(
            (a, b) in (1e-20_f32..1e20).prop_flat_map(|scale| (descriptor(scale), descriptor(scale))),
        ) {
            let exact = exact(&a, &b);
            let distance = distance(&a, &b);
            prop_assert_eq!(distance, super::distance(&b, &a));
            prop_assert!(f64::from(distance) <= exact && exact < f64::from(distance.next_up()));
            prop_assert_eq!(over_lanes(&a, &b).to_bits(), over_lanes_plainly(&a, &b).to_bits());
            let error = (over_lanes(&a, &b).sqrt() - exact).abs();
            prop_assert!(error <= 0.1 * TOLERANCE * exact, "{error} of {exact}");
        }
    }

    proptest! {
        #[test]
        fn calibrated_it_decides_as_64_bits_do(
            (a, b) in (descriptor(0.3), descriptor(0.3)),
            crowding in (0.0_f32..1.0, 0.0_f32..1.0),
        ) {
            let (x, y) = (Calibrated { descriptor: &a, crowding: Some(crowding.0) },
                Calibrated { descriptor: &b, crowding: Some(crowding.1) });
            let squared: f64 = exact(&a, &b).powi(2);
            let mean = f64::midpoint(crowding.0.into(), crowding.1.into());
            let expected = (squared - mean + USUAL_CROWDING).max(0.0).sqrt();
            let exact = exact(&x, &y);
            prop_assert!((exact - expected).abs() <= 1e-7, "{exact} {expected}");
            let distance = distance(&x, &y);
            prop_assert_eq!(distance, super::distance(&y, &x));
            prop_assert!(f64::from(distance) <= exact && exact < f64::from(distance.next_up()));
        }
    }

    #[test]
    fn the_limit_itself_is_not_below_the_limit() {
        struct Case {
            by: f32,
            threshold: f32,
            near: bool,
        }
        let case = |by, threshold, near| Case {
            by,
            threshold,
            near,
        };
        let cases = [
            case(0.6, 0.6, false),
            case(0.6, 0.6_f32.next_up(), true),
            case(0.6_f32.next_up(), 0.6, false),
            case(0.6_f32.next_down(), 0.6, true),
            case(0.0, 1e-30, true),
            case(1e-30, 1e-30, false),
            case(5e-31, 1e-30, true),
            case(1e30, 1.0, false),
            case(1e30, f32::INFINITY, true),
            case(f32::INFINITY, f32::INFINITY, false),
            case(f32::NAN, 1.0, false),
            case(f32::NAN, f32::INFINITY, false),
            case(0.0, 0.0, false),
            case(0.0, -1.0, false),
            case(0.0, f32::NAN, false),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| {
                let [a, b] = apart(case.by);
                (distance(&a, &b) < case.threshold) != case.near
            })
            .map(|case| (case.by, case.threshold))
            .collect();
        assert!(wrong.is_empty(), "(distance, threshold): {wrong:?}");
    }

    #[test]
    fn where_a_number_of_32_bits_is_near_the_order_that_counts_is_taken() {
        // Descriptors that differ by 0.6 in one element and by dust in the others: the sum lies
        // within the tolerance of 0.6 squared, above it.
        let [a, mut b] = apart(0.6);
        b[3] = 1e-7;
        assert!(exact(&a, &b) > f64::from(0.6_f32));
        assert_eq!(distance(&a, &b), 0.6);
        b[77] = 0.6_f32.next_down();
        assert_eq!(distance(&a, &b), 0.6_f32.next_down());
    }
}
