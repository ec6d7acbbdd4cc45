//! The mean of the squared distances between all faces of two groups, from sums alone.
//!
//! With u the mean of |a|² + s(a) over a group's faces, s their [shifts](Point::shift) and x the mean of
//! their descriptors, the mean of d²(a, b) is u(A) + u(B) - 2 x(A)·x(B). Calibrated squared distances below
//! zero, of faces that are nearly the same picture, count as they are and not as zero.

use std::{
    iter::Sum,
    ops::{AddAssign, Mul},
};

use super::{DIMENSIONS, point::Point};

/// A group's faces, as sums.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    count: f64,
    /// Of |a|² + s(a).
    squares: f64,
    /// Of the descriptors.
    descriptor: Box<[f64; DIMENSIONS]>,
}

impl Sums {
    /// One face.
    pub(super) fn of(face: &impl Point) -> Self {
        let numbers = face.descriptor().map(f64::from);
        Self {
            count: 1.0,
            squares: dot(&numbers, &numbers) + face.shift(),
            descriptor: Box::new(numbers),
        }
    }

    /// Takes another group's faces in.
    pub(super) fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.squares += other.squares;
        for (sum, x) in self.descriptor.iter_mut().zip(&*other.descriptor) {
            *sum += x;
        }
    }

    /// The mean of |a|² + s(a), and of the descriptors.
    pub(super) fn means(&self) -> (f32, [f32; DIMENSIONS]) {
        let mean = |sum: f64| (sum / self.count) as f32;
        (mean(self.squares), self.descriptor.map(mean))
    }

    /// The mean of the squared distances of all pairs; from either group to the other the very same
    /// number.
    pub(super) fn distance(&self, other: &Self) -> f64 {
        let product = dot(&self.descriptor, &other.descriptor) / (self.count * other.count);
        (self.squares / self.count + other.squares / other.count) - 2.0 * product
    }
}

/// Over eight sums, which a processor adds at once.
pub(super) fn dot<T>(a: &[T; DIMENSIONS], b: &[T; DIMENSIONS]) -> T
where
    T: Copy + Default + Mul<Output = T> + AddAssign + Sum,
{
    let mut sums = [T::default(); 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
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
        let mean = sums(&a).distance(&sums(&b));
        assert!((mean - 36.0 / 6.0).abs() < 1e-12, "{mean}");
        assert_eq!(mean, sums(&b).distance(&sums(&a)));
        let crowded = b.each_ref().map(|descriptor| Calibrated {
            descriptor,
            crowding: Some(0.2),
        });
        // Each pair has half of 0.36 - 0.2 more.
        let mean = sums(&a).distance(&sums(&crowded));
        assert!((mean - 6.08).abs() < 1e-6, "{mean}");
    }

    fn sums<P: Point>(faces: &[P]) -> Sums {
        let mut sums = Sums::of(&faces[0]);
        for face in &faces[1..] {
            sums.add(&Sums::of(face));
        }
        sums
    }
}
