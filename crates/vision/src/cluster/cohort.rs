//! Made-up faces that say how crowded the network's space is around a real one.

use std::path::PathBuf;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::DIMENSIONS;

/// The faces that a made-up one is mixed of.
const MIXED: usize = 5;

/// The noise in each number of a made-up face: a standard deviation.
const NOISE: f32 = 0.03;

/// The nearest of the cohort that count.
const NEAREST: usize = 5;

/// Descriptors of one network that are nobody's, as dense where people look alike to the network as
/// people are.
#[derive(Debug, Clone, PartialEq)]
pub struct Cohort {
    descriptors: Vec<[f32; DIMENSIONS]>,
}

/// By which distances faces are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Distances {
    /// dlib's.
    Plain,
    /// Corrected by how crowded the network's space is around each face.
    Calibrated {
        /// The folder in which the [file](Cohort::file_name) of another encoder's cohort is looked for; dlib's is built
        /// in.
        cohorts: Option<PathBuf>,
    },
}

/// Bytes that are not a cohort.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CohortError {
    /// Not whole descriptors.
    #[error("{0} bytes, expected a multiple of 512: descriptors of 128 numbers of 32 bits")]
    Length(usize),
    /// Too few faces for the nearest of them to mean anything.
    #[error("{0} faces, expected 100 or more")]
    TooFew(usize),
    /// A number that is none.
    #[error("face {0} holds a number that is not finite")]
    NotFinite(usize),
}

/// The built-in cohort's file.
static DLIB: &[u8] = include_bytes!("cohort.f32");

impl Cohort {
    /// The fewest faces of a cohort.
    pub const FEWEST: usize = 100;

    /// The built-in one, of dlib's network ([`Models::ENCODER`](crate::faces::Models::ENCODER)): 1,000 faces. Its recipe is in
    /// `docs/decisions/clusters.md`.
    #[must_use]
    #[expect(
        clippy::missing_panics_doc,
        reason = "a test reads the built-in cohort"
    )]
    pub fn of_dlib() -> Self {
        Self::read(DLIB).expect("a test reads the built-in cohort")
    }

    /// Reads little-endian numbers of 32 bits, 128 a face.
    ///
    /// # Errors
    /// Where they are not whole descriptors, fewer than [`FEWEST`](Self::FEWEST), or not finite.
    pub fn read(bytes: &[u8]) -> Result<Self, CohortError> {
        let (faces, rest) = bytes.as_chunks::<{ 4 * DIMENSIONS }>();
        if !rest.is_empty() {
            return Err(CohortError::Length(bytes.len()));
        }
        if faces.len() < Self::FEWEST {
            return Err(CohortError::TooFew(faces.len()));
        }
        let number =
            |face: &[u8; 4 * DIMENSIONS], i: usize| f32::from_le_bytes(face.as_chunks().0[i]);
        let descriptors: Vec<[f32; DIMENSIONS]> = faces
            .iter()
            .map(|face| std::array::from_fn(|i| number(face, i)))
            .collect();
        match descriptors.iter().position(is_broken) {
            Some(face) => Err(CohortError::NotFinite(face)),
            None => Ok(Self { descriptors }),
        }
    }

    /// Makes a cohort of `count` faces out of descriptors of real people, one network's all, best of one face each of
    /// thousands of people. Each is a mean, with random weights, of a face and its four nearest, plus noise of 0.03 in each
    /// number, at the length of the first: nobody's own. The same `seed` gives the same.
    ///
    /// # Errors
    /// Where `people` or `count` are fewer than [`FEWEST`](Self::FEWEST), or a number of theirs is not finite.
    pub fn make(
        people: &[[f32; DIMENSIONS]],
        count: usize,
        seed: u64,
    ) -> Result<Self, CohortError> {
        if let Some(face) = people.iter().position(is_broken) {
            return Err(CohortError::NotFinite(face));
        }
        let fewest = people.len().min(count);
        if fewest < Self::FEWEST {
            return Err(CohortError::TooFew(fewest));
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut made_up = || {
            let first = &people[random.random_range(..people.len())];
            let mut near: Vec<(f32, &[f32; DIMENSIONS])> = people
                .iter()
                .map(|other| (squared(first, other), other))
                .collect();
            near.select_nth_unstable_by(MIXED - 1, |a, b| a.0.total_cmp(&b.0));
            let mut face = [0.0_f32; DIMENSIONS];
            for (_, other) in &near[..MIXED] {
                let weight = random.random::<f32>();
                (face.iter_mut().zip(*other)).for_each(|(sum, x)| *sum += weight * x);
            }
            // The length first: the noise is meant for a descriptor's scale.
            scale(&mut face, length(first));
            for x in &mut face {
                *x += NOISE * normal(&mut random);
            }
            scale(&mut face, length(first));
            face
        };
        Ok(Self {
            descriptors: (0..count).map(|_| made_up()).collect(),
        })
    }

    /// Made-up people of its network, for measurements: [`made`](Self::make) of its own faces.
    ///
    /// # Errors
    /// As for [`make`](Self::make).
    pub fn like_it(&self, count: usize, seed: u64) -> Result<Vec<[f32; DIMENSIONS]>, CohortError> {
        Ok(Self::make(&self.descriptors, count, seed)?.descriptors)
    }

    /// As [`read`](Self::read) takes it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let numbers = self.descriptors.iter().flatten();
        numbers.flat_map(|number| number.to_le_bytes()).collect()
    }

    /// The name of the file that holds the cohort of an encoder, known by the SHA-256 of its own file, in hexadecimal.
    #[must_use]
    pub fn file_name(encoder: &str) -> String {
        format!("cohort-{encoder}.f32")
    }

    /// How many faces it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.descriptors.len()
    }

    /// Whether it has none; never so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.descriptors.is_empty()
    }

    /// How crowded it is around a face: the mean of the squared distances to the five nearest of the cohort,
    /// near 0.36 for a usual face and smaller where it is crowded. NaN where the descriptor holds NaN.
    #[must_use]
    pub fn crowding(&self, face: &[f32; DIMENSIONS]) -> f32 {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has AVX2.
            return unsafe { self.crowding_avx2(face) };
        }
        self.crowding_plainly(face)
    }

    /// The same sums, eight in a register.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn crowding_avx2(&self, face: &[f32; DIMENSIONS]) -> f32 {
        self.crowding_plainly(face)
    }

    #[inline(always)]
    fn crowding_plainly(&self, face: &[f32; DIMENSIONS]) -> f32 {
        let mut nearest = [f32::INFINITY; NEAREST];
        let mut sum_of_nan = 0.0;
        for other in &self.descriptors {
            let squared = squared(face, other);
            if squared.is_nan() {
                sum_of_nan = f32::NAN;
            }
            let last = NEAREST - 1;
            if squared < nearest[last] {
                let place = nearest.partition_point(|&known| known <= squared);
                nearest[place..].rotate_right(1);
                nearest[place] = squared;
            }
        }
        nearest.iter().sum::<f32>() / NEAREST as f32 + sum_of_nan
    }
}

fn is_broken(face: &[f32; DIMENSIONS]) -> bool {
    face.iter().any(|x| !x.is_finite())
}

fn length(face: &[f32; DIMENSIONS]) -> f32 {
    face.iter().map(|x| x * x).sum::<f32>().sqrt()
}

/// To this length; a face of zeros stays.
fn scale(face: &mut [f32; DIMENSIONS], wanted: f32) {
    let length = length(face);
    if length > 0.0 {
        face.iter_mut().for_each(|x| *x *= wanted / length);
    }
}

/// A number of the normal distribution (G. Box and M. Muller, A note on the generation of random normal deviates,
/// 1958).
fn normal(random: &mut ChaCha8Rng) -> f32 {
    // Above zero, so that the logarithm is finite.
    let radius = (-2.0 * (1.0 - random.random::<f32>()).ln()).sqrt();
    radius * (std::f32::consts::TAU * random.random::<f32>()).cos()
}

/// Over eight sums, which a processor adds at once; the same number on every one.
#[inline(always)]
fn squared(a: &[f32; DIMENSIONS], b: &[f32; DIMENSIONS]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a - b) * (a - b);
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_cohort_is_whole() {
        let cohort = Cohort::of_dlib();
        assert_eq!(cohort.len(), 1000);
        // The length of dlib's descriptors.
        for face in &cohort.descriptors {
            let norm: f32 = face.iter().map(|x| x * x).sum();
            assert!((1.0..3.0).contains(&norm), "{norm}");
        }
    }

    #[test]
    fn crowding_is_the_mean_of_the_five_nearest() {
        let at = |x: f32| {
            let mut face = [0.0; DIMENSIONS];
            face[17] = x;
            face
        };
        let descriptors = (1..=100).map(|i| at(i as f32)).collect();
        let cohort = Cohort { descriptors };
        // 1, 4, 9, 16 and 25.
        assert_eq!(cohort.crowding(&at(0.0)), 11.0);
        // 0, 1, 1, 4 and 4.
        assert_eq!(cohort.crowding(&at(50.0)), 2.0);
        assert!(cohort.crowding(&at(f32::NAN)).is_nan());
        assert_eq!(cohort.crowding(&at(f32::INFINITY)), f32::INFINITY);
        let cohort = Cohort::of_dlib();
        for face in Cohort::make(&cohort.descriptors, 100, 2)
            .unwrap()
            .descriptors
        {
            assert_eq!(
                cohort.crowding(&face).to_bits(),
                cohort.crowding_plainly(&face).to_bits()
            );
        }
    }

    #[test]
    fn made_up_faces_lie_among_those_they_are_made_of() {
        let people = Cohort::of_dlib().descriptors;
        let cohort = Cohort::make(&people, 300, 1).unwrap();
        assert_eq!(cohort, Cohort::make(&people, 300, 1).unwrap());
        assert_ne!(cohort, Cohort::make(&people, 300, 2).unwrap());
        assert_eq!(Cohort::read(&cohort.to_bytes()), Ok(cohort.clone()));
        let nearest = |face| {
            let distances = people.iter().map(|other| squared(face, other));
            distances.fold(f32::INFINITY, f32::min)
        };
        let mut nearest: Vec<f32> = cohort.descriptors.iter().map(nearest).collect();
        nearest.sort_by(f32::total_cmp);
        // Nobody's own, by the noise alone: 128 times 0.03 squared is 0.115; and nearer to somebody than people are
        // to each other.
        assert!(nearest[0] > 0.08 && nearest[150] < 0.3, "{nearest:?}");
        assert_eq!(
            Cohort::make(&people[..99], 300, 1),
            Err(CohortError::TooFew(99))
        );
        assert_eq!(Cohort::make(&people, 99, 1), Err(CohortError::TooFew(99)));
        let mut broken = people.clone();
        broken[3][5] = f32::INFINITY;
        assert_eq!(
            Cohort::make(&broken, 300, 1),
            Err(CohortError::NotFinite(3))
        );
    }

    #[test]
    fn what_is_no_cohort_is_refused() {
        let zeros = |faces: usize| vec![0; faces * 4 * DIMENSIONS];
        assert_eq!(
            Cohort::read(&zeros(100)).map(|cohort| cohort.len()),
            Ok(100)
        );
        assert_eq!(Cohort::read(&zeros(99)), Err(CohortError::TooFew(99)));
        assert_eq!(
            Cohort::read(&zeros(100)[1..]),
            Err(CohortError::Length(51_199))
        );
        let mut broken = zeros(100);
        broken[512 * 7..512 * 7 + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        assert_eq!(Cohort::read(&broken), Err(CohortError::NotFinite(7)));
    }
}
