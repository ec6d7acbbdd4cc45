//! Made-up faces.

use flickr_faces::cluster::{Cohort, DIMENSIONS};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Faces of a person, up to.
pub(crate) const EACH: usize = 30;

/// How far each number of a face is from its person's: faces of one person are then about 0.4 apart.
const SIGMA: f32 = 0.025;

/// A number of the normal distribution (G. E. P. Box, M. E. Muller, "A note on the generation of random normal
/// deviates", 1958).
pub(crate) fn normal(random: &mut ChaCha8Rng) -> f32 {
    let (u, v): (f64, f64) = (1.0 - random.random::<f64>(), random.random());
    ((-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
}

/// Made-up people as dense where people look alike to the network as people are, with their faces; shuffled as in photos.
pub(crate) fn faces(count: usize) -> anyhow::Result<Vec<[f32; DIMENSIONS]>> {
    let mut random = ChaCha8Rng::seed_from_u64(count as u64);
    let people = Cohort::of_dlib().like_it((2 * count / EACH).max(Cohort::FEWEST), 1)?;
    let mut faces = Vec::with_capacity(count);
    while faces.len() < count {
        for person in &people {
            for _ in 0..random.random_range(1..=EACH) {
                faces.push(person.map(|x| x + SIGMA * normal(&mut random)));
            }
        }
    }
    faces.truncate(count);
    // Each face goes to a photo of its own people's: a partner from anywhere.
    for face in 0..count {
        faces.swap(face, random.random_range(0..count));
    }
    Ok(faces)
}
