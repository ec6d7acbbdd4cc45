//! A filter as a sum of separable ones: its singular value decomposition, by one-sided Jacobi rotations
//! (Hestenes, Journal of the SIAM 6(1), 1958).
//!
//! dlib's filters were trained to have few singular values, and dlib drops those that are nothing beside
//! the largest (`build_fhog_filterbank` in dlib/image_processing/scan_fhog_pyramid.h). Which of the many
//! decompositions it is does not matter to their sum but for rounding.

/// Rows and columns of a filter.
pub(super) const WINDOW: usize = 10;

/// Singular values that are kept: above this, and above this share of the largest.
const LEAST: f64 = 1e-4;
const SHARE: f64 = 0.001;

/// Rotations of all pairs of columns at most; a filter of 10x10 takes six or seven.
const SWEEPS: usize = 60;

type Square = [[f64; WINDOW]; WINDOW];

/// A column and a row of weights for each singular value that counts: `filter[r][c]` is the sum of
/// `down[r] * across[c]`.
pub(super) fn parts(filter: &Square) -> Vec<([f32; WINDOW], [f32; WINDOW])> {
    // Both by columns: those of `left` become orthogonal, `right` gathers the rotations, and
    // `filter = left * right^T` holds throughout.
    let mut left = Square::default();
    let mut right = Square::default();
    for (row, line) in filter.iter().enumerate() {
        for (column, &value) in line.iter().enumerate() {
            left[column][row] = value;
        }
        right[row][row] = 1.0;
    }
    for _ in 0..SWEEPS {
        let mut rotated = false;
        for p in 0..WINDOW {
            for q in p + 1..WINDOW {
                rotated |= rotate(&mut left, &mut right, p, q);
            }
        }
        if !rotated {
            break;
        }
    }
    let sizes = left.map(|column| dot(&column, &column).sqrt());
    let largest = sizes.iter().copied().fold(0.0, f64::max);
    let least = (largest * SHARE).max(LEAST);
    let columns = left.iter().zip(&right).zip(sizes);
    columns
        .filter(|&(_, size)| size >= least)
        .map(|((left, right), size)| {
            let root = size.sqrt();
            (
                left.map(|value| (value / root) as f32),
                right.map(|value| (value * root) as f32),
            )
        })
        .collect()
}

/// Makes two columns orthogonal; tells whether they were not.
fn rotate(left: &mut Square, right: &mut Square, p: usize, q: usize) -> bool {
    let (pp, qq) = (dot(&left[p], &left[p]), dot(&left[q], &left[q]));
    let pq = dot(&left[p], &left[q]);
    if pq.abs() <= 1e-15 * (pp * qq).sqrt() {
        return false;
    }
    let zeta = (qq - pp) / (2.0 * pq);
    let tangent = zeta.signum() / (zeta.abs() + zeta.hypot(1.0));
    let cosine = 1.0 / tangent.hypot(1.0);
    let sine = cosine * tangent;
    for square in [left, right] {
        // q is behind p.
        let (before, from_q) = square.split_at_mut(q);
        for (at_p, at_q) in before[p].iter_mut().zip(&mut from_q[0]) {
            let (x, y) = (*at_p, *at_q);
            *at_p = cosine * x - sine * y;
            *at_q = sine * x + cosine * y;
        }
    }
    true
}

fn dot(a: &[f64; WINDOW], b: &[f64; WINDOW]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(parts: &[([f32; WINDOW], [f32; WINDOW])]) -> Square {
        let mut sum = Square::default();
        for (down, across) in parts {
            for (line, down) in sum.iter_mut().zip(down) {
                for (value, across) in line.iter_mut().zip(across) {
                    *value += f64::from(*down) * f64::from(*across);
                }
            }
        }
        sum
    }

    fn filter(value: impl Fn(f64, f64) -> f64) -> Square {
        std::array::from_fn(|row| std::array::from_fn(|column| value(row as f64, column as f64)))
    }

    #[test]
    fn the_parts_add_up_to_the_filter() {
        for (rank, filter) in [
            (0, filter(|_, _| 0.0)),
            (1, filter(|r, c| (r - 4.0) * (c + 0.5))),
            (2, filter(|r, c| r + c * 0.25)),
            (10, filter(|r, c| if r == c { r + 1.0 } else { 0.0 })),
            // Much of one part, little of another: less than a thousandth is dropped.
            (1, filter(|r, c| (r + 1.0) * (c + 1.0) + 1e-3 * (r - c))),
        ] {
            let parts = parts(&filter);
            assert_eq!(parts.len(), rank, "{filter:?}");
            for (found, expected) in sum(&parts).as_flattened().iter().zip(filter.as_flattened()) {
                assert!((found - expected).abs() < 2e-2, "{found} {expected}");
            }
        }
        let any = filter(|r, c| ((r * 7.3 + c * 3.1).sin() * 10.0).round());
        for (found, expected) in sum(&parts(&any))
            .as_flattened()
            .iter()
            .zip(any.as_flattened())
        {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}
