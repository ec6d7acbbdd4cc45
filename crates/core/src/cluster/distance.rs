//! The Euclidean distance of two descriptors, fast in 32 bits, and exact where it decides.
//!
//! d²(a, b) = Σ (aᵢ - bᵢ)²,  i = 1 ... 128
//!
//! [`squared`] adds it up in 32 bits over [`LANES`] independent sums, which the compiler turns into
//! vector instructions. It is within [`TOLERANCE`] of the truth, relatively: a
//! difference is rounded once, which its square doubles, the square once, a sum of 8 terms 8 times and
//! the sum of the sums 4 times, each by at most 2⁻²⁴ (Higham, Accuracy and Stability of Numerical
//! Algorithms, 2nd ed., §4.2): together 15 x 2⁻²⁴ = 0.9e-6. Whoever compares with a limit asks
//! [`exact`] within the tolerance, so that the answer is that of 64-bit arithmetic, which is dlib's.

use super::DIMENSIONS;

/// Independent sums: four SSE registers of four, or two AVX registers of eight.
const LANES: usize = 16;

/// Bound on the relative error of [`squared`], with room to spare.
const TOLERANCE: f64 = 1e-5;

/// Absolute error granted beside it, for squares so small that 32 bits lose them.
const UNDERFLOW: f64 = 1e-30;

/// The squared distance, in 32 bits. NaN where an element is NaN, or where infinities meet.
#[inline]
pub(super) fn squared(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (a, b) in a
        .as_chunks::<LANES>()
        .0
        .iter()
        .zip(b.as_chunks::<LANES>().0)
    {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            let difference = a - b;
            *sum += difference * difference;
        }
    }
    // Halves onto halves: a plain sum would be a chain of 16 additions, each waiting for the last.
    let mut half = LANES / 2;
    while half > 0 {
        let (low, high) = sums.split_at_mut(half);
        for (low, high) in low.iter_mut().zip(high) {
            *low += *high;
        }
        half /= 2;
    }
    sums[0]
}

/// The distance in 64 bits, term by term: what dlib computes, and the reference for [`squared`].
pub(super) fn exact(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f64 {
    let terms = a.iter().zip(b).map(|(&a, &b)| {
        let difference = f64::from(a) - f64::from(b);
        difference * difference
    });
    terms.sum::<f64>().sqrt()
}

/// A limit on distances, ready to be compared with many.
pub(super) struct Limit {
    distance: f64,
    surely: f32,
    perhaps: f32,
}

impl Limit {
    /// Distances strictly below `threshold`; none where it is zero, negative or NaN.
    pub(super) fn below(threshold: f32) -> Option<Self> {
        let distance = f64::from(threshold);
        let squared = distance * distance;
        (threshold > 0.0).then_some(Self {
            distance,
            surely: (squared * (1.0 - TOLERANCE) - UNDERFLOW) as f32,
            perhaps: (squared * (1.0 + TOLERANCE) + UNDERFLOW) as f32,
        })
    }

    /// The distance of `a` and `b` where it is strictly below the limit.
    #[inline]
    pub(super) fn distance(&self, a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> Option<f32> {
        let squared = squared(a, b);
        if squared < self.surely {
            return Some(squared.sqrt());
        }
        // Also false for NaN: what has no distance has no neighbour.
        if squared <= self.perhaps {
            let exact = exact(a, b);
            return (exact < self.distance).then_some(exact as f32);
        }
        None
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

    proptest! {
        #[test]
        fn fast_is_well_within_the_tolerance_of_exact(
            a in prop::collection::vec(-1.0_f32..1.0, DIMENSIONS),
            b in prop::collection::vec(-1.0_f32..1.0, DIMENSIONS),
        ) {
            let a: [f32; DIMENSIONS] = a.try_into().unwrap();
            let b: [f32; DIMENSIONS] = b.try_into().unwrap();
            let truth = exact(&a, &b).powi(2);
            let error = (f64::from(squared(&a, &b)) - truth).abs();
            prop_assert!(error <= 0.1 * TOLERANCE * truth, "{error} of {truth}");
        }
    }

    #[test]
    fn the_limit_itself_is_not_below_the_limit() {
        struct Case {
            by: f32,
            threshold: f32,
            near: bool,
        }
        let next_up = f32::from_bits(0.6_f32.to_bits() + 1);
        let cases = [
            Case {
                by: 0.6,
                threshold: 0.6,
                near: false,
            },
            Case {
                by: 0.6,
                threshold: next_up,
                near: true,
            },
            Case {
                by: next_up,
                threshold: 0.6,
                near: false,
            },
            Case {
                by: 0.0,
                threshold: 1e-30,
                near: true,
            },
            Case {
                by: 1e-30,
                threshold: 1e-30,
                near: false,
            },
            Case {
                by: 5e-31,
                threshold: 1e-30,
                near: true,
            },
            Case {
                by: 1e30,
                threshold: 1.0,
                near: false,
            },
            Case {
                by: 1e30,
                threshold: f32::INFINITY,
                near: true,
            },
            Case {
                by: f32::INFINITY,
                threshold: f32::INFINITY,
                near: false,
            },
            Case {
                by: f32::NAN,
                threshold: 1.0,
                near: false,
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| {
                let [a, b] = apart(case.by);
                Limit::below(case.threshold)
                    .unwrap()
                    .distance(&a, &b)
                    .is_some()
                    != case.near
            })
            .map(|case| (case.by, case.threshold))
            .collect();
        assert!(wrong.is_empty(), "(distance, threshold): {wrong:?}");
    }

    #[test]
    fn nothing_is_nearer_than_nothing() {
        for threshold in [0.0, -0.0, -1.0, f32::NAN, f32::NEG_INFINITY] {
            assert!(Limit::below(threshold).is_none(), "{threshold}");
        }
    }
}
