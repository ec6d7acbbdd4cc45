//! The Euclidean distance of two descriptors, so that every threshold decides as 64 bits do.
//!
//! d(a, b) = √ Σ (aᵢ - bᵢ)²,  i = 1 ... 128
//!
//! [`exact`] adds up in 64 bits, term by term: what dlib computes. [`distance`] is that number rounded
//! down to 32 bits. For a threshold t, itself a number of 32 bits, d < t holds exactly where d rounded
//! down is below t: rounding down moves d to at most d, and never past a number of 32 bits.
//! So the distances that a graph keeps decide at any threshold, without the descriptors, what dlib
//! would decide.
//!
//! A sum term by term waits for each addition. [`distance`] adds over [`LANES`] independent sums
//! first, which differs from the other order by less than [`TOLERANCE`], relatively: of 128 terms each
//! order is within 130 x 2⁻⁵³ = 1.5e-14 of the true sum (Higham, Accuracy and Stability of Numerical
//! Algorithms, 2nd ed., §4.2), and the root halves that. Only where a number of 32 bits lies within
//! the tolerance, about once in a hundred thousand, is the order that counts taken.

use super::DIMENSIONS;

/// Independent sums: two AVX registers of four, or four SSE registers of two.
const LANES: usize = 8;

/// Bound on the relative difference between the two orders of summation, with room to spare.
const TOLERANCE: f64 = 1e-13;

/// The distance in 64 bits, term by term: what dlib computes, and the reference for [`distance`].
/// NaN where an element is NaN, or where infinities meet.
pub(super) fn exact(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f64 {
    let terms = a.iter().zip(b).map(|(&a, &b)| {
        let difference = f64::from(a) - f64::from(b);
        difference * difference
    });
    terms.sum::<f64>().sqrt()
}

/// [`exact`], rounded down to 32 bits: `distance(a, b) < t` exactly where `exact(a, b) < t`.
pub(super) fn distance(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f32 {
    let near = over_lanes(a, b);
    let lowest = rounded_down(near * (1.0 - TOLERANCE));
    if lowest == rounded_down(near * (1.0 + TOLERANCE)) {
        lowest
    } else {
        rounded_down(exact(a, b))
    }
}

/// As [`exact`], in another order of summation.
fn over_lanes(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f64 {
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
    sums.iter().sum::<f64>().sqrt()
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
            let error = (over_lanes(&a, &b) - exact).abs();
            prop_assert!(error <= 0.1 * TOLERANCE * exact, "{error} of {exact}");
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
