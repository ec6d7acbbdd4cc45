//! The mean of the squared distances between all faces of two groups, from sums alone.
//!
//! With u the mean of |a|² + s(a) over a group's faces, s their [shifts](Point::shift) and x the mean of
//! their descriptors, the mean of d²(a, b) is u(A) + u(B) - 2 x(A)·x(B). Calibrated squared distances below
//! zero, of faces that are nearly the same picture, count as they are and not as zero.
//!
//! A group of one or two has no sums of its own: they are added up from its faces each time, which takes less memory
//! and reads no more of it.

use super::{DIMENSIONS, point::Point};

/// A group's faces, as sums.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sums<'a> {
    pub(super) count: f64,
    /// Of |a|² + s(a).
    pub(super) squares: f64,
    pub(super) descriptor: Descriptor<'a>,
}

/// The sum of a group's descriptors.
#[derive(Debug, Clone, Copy)]
pub(super) enum Descriptor<'a> {
    /// Of one face.
    One(&'a [f32; DIMENSIONS]),
    /// Of two.
    Two([&'a [f32; DIMENSIONS]; 2]),
    /// Of more.
    Several(&'a [f64; DIMENSIONS]),
}

/// |a|² + s(a) of one face.
pub(super) fn square(face: &impl Point) -> f64 {
    let numbers = face.descriptor();
    dot(&numbers, &numbers) + face.shift()
}

impl Sums<'_> {
    /// The mean of the squared distances of all pairs; from either group to the other the very same
    /// number.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        let product = self.descriptor.dot(other.descriptor) / (self.count * other.count);
        (self.squares / self.count + other.squares / other.count) - 2.0 * product
    }
}

impl Descriptor<'_> {
    /// Together with another group's.
    pub(super) fn plus(self, other: Self) -> [f64; DIMENSIONS] {
        let (mut sum, other) = (self.numbers(), other.numbers());
        for (sum, x) in sum.iter_mut().zip(other) {
            *sum += x;
        }
        sum
    }

    fn numbers(self) -> [f64; DIMENSIONS] {
        match self {
            Self::One(face) => face.map(f64::from),
            Self::Two([a, b]) => std::array::from_fn(|i| f64::from(a[i]) + f64::from(b[i])),
            Self::Several(sum) => *sum,
        }
    }

    fn dot(self, other: Self) -> f64 {
        fn with(a: &impl Numbers, other: Descriptor<'_>) -> f64 {
            match other {
                Descriptor::One(b) => dot(a, &b),
                Descriptor::Two(b) => dot(a, &b),
                Descriptor::Several(b) => dot(a, &b),
            }
        }
        match self {
            Self::One(a) => with(&a, other),
            Self::Two(a) => with(&a, other),
            Self::Several(a) => with(&a, other),
        }
    }
}

/// Sums that a processor adds at once.
const LANES: usize = 8;

/// A descriptor, or the sum of some.
trait Numbers {
    /// So many of its numbers, from a multiple of [`LANES`] on.
    fn lanes(&self, from: usize) -> [f64; LANES];
}

impl Numbers for &[f32; DIMENSIONS] {
    #[inline(always)]
    fn lanes(&self, from: usize) -> [f64; LANES] {
        self.as_chunks::<LANES>().0[from / LANES].map(f64::from)
    }
}

impl Numbers for &[f64; DIMENSIONS] {
    #[inline(always)]
    fn lanes(&self, from: usize) -> [f64; LANES] {
        self.as_chunks().0[from / LANES]
    }
}

impl Numbers for [&[f32; DIMENSIONS]; 2] {
    #[inline(always)]
    fn lanes(&self, from: usize) -> [f64; LANES] {
        let (mut sum, other) = (self[0].lanes(from), self[1].lanes(from));
        for (sum, x) in sum.iter_mut().zip(other) {
            *sum += x;
        }
        sum
    }
}

/// Over [`LANES`] sums: the same number on every processor.
fn dot(a: &impl Numbers, b: &impl Numbers) -> f64 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has AVX2.
        return unsafe { dot_avx2(a, b) };
    }
    over_lanes(a, b)
}

/// The same sums, four in a register.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn dot_avx2(a: &impl Numbers, b: &impl Numbers) -> f64 {
    over_lanes(a, b)
}

#[inline(always)]
fn over_lanes(a: &impl Numbers, b: &impl Numbers) -> f64 {
    let mut sums = [0.0; LANES];
    for from in (0..DIMENSIONS).step_by(LANES) {
        let (a, b) = (a.lanes(from), b.lanes(from));
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.into_iter().sum()
}

#[cfg(test)]
mod tests {
    use super::super::Calibrated;
    use super::*;

    #[test]
    fn the_mean_is_that_over_all_pairs() {
        let at = |x: f32, y: f32| {
            let mut face = [0.0; DIMENSIONS];
            (face[0], face[100]) = (x, y);
            face
        };
        let (a, b) = (
            [at(0.0, 0.0), at(0.0, 2.0)],
            [at(3.0, 0.0), at(0.0, 0.0), at(0.0, -1.0)],
        );
        // 9 + 0 + 1 and 13 + 4 + 9.
        let mean = distance(&a, &b);
        assert!((mean - 36.0 / 6.0).abs() < 1e-12, "{mean}");
        assert_eq!(mean, distance(&b, &a));
        let crowded = b.each_ref().map(|descriptor| Calibrated {
            descriptor,
            crowding: Some(0.2),
        });
        let plain = a.each_ref().map(|descriptor| Calibrated {
            descriptor,
            crowding: None,
        });
        // Each pair has half of 0.36 - 0.2 more.
        let mean = distance(&plain, &crowded);
        assert!((mean - 6.08).abs() < 1e-6, "{mean}");
        // Of one, and of two: 9 + 4.
        let mean = distance(&a[1..], &b[..1]);
        assert!((mean - 13.0).abs() < 1e-12, "{mean}");
        let mean = distance(&a[1..], &b[..2]);
        assert!((mean - 8.5).abs() < 1e-12, "{mean}");
    }

    fn distance<P: Point>(a: &[P], b: &[P]) -> f64 {
        let (of_a, of_b) = (sum(a), sum(b));
        sums(a, &of_a).distance(&sums(b, &of_b))
    }

    fn sum<P: Point>(faces: &[P]) -> [f64; DIMENSIONS] {
        let one = |face: &P| Descriptor::One(face.descriptor()).numbers();
        let add = |sum: [f64; DIMENSIONS], face: &P| {
            Descriptor::Several(&sum).plus(Descriptor::One(face.descriptor()))
        };
        faces[1..].iter().fold(one(&faces[0]), add)
    }

    fn sums<'a, P: Point>(faces: &'a [P], sum: &'a [f64; DIMENSIONS]) -> Sums<'a> {
        Sums {
            count: faces.len() as f64,
            squares: faces.iter().map(square).sum(),
            descriptor: match faces {
                [one] => Descriptor::One(one.descriptor()),
                [a, b] => Descriptor::Two([a.descriptor(), b.descriptor()]),
                _ => Descriptor::Several(sum),
            },
        }
    }
}
