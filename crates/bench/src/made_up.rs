//! Made-up faces.

use std::path::Path;

use flickr_faces::{
    cluster::{Cohort, DIMENSIONS},
    faces::{Descriptor, Detector, Face, Models, Quality, Rect, Turn},
    store::{FoundFace, ListedPhoto, Outcome, Processing, Store},
};
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

/// What made-up faces are said to be found with.
pub(crate) fn processing() -> Processing {
    Processing {
        max_size: 1024,
        detector: Detector::Hog,
        upsample: 1,
        min_face: 40,
        turned: false,
        encoder: Models::ENCODER.sha256.to_owned(),
        engine: "bench",
    }
}

/// A photo; `number` tells its id and its place in the order of upload.
pub(crate) fn listed(number: u32) -> anyhow::Result<ListedPhoto> {
    Ok(ListedPhoto {
        id: (u64::from(number) + 1).to_string().parse()?,
        uploaded: i64::from(number),
        title: String::new(),
        tags: Vec::new(),
        taken: None,
        rotation: None,
        secret: None,
        image: None,
    })
}

/// A photo's faces, side by side, each with a picture of `crop` bytes.
pub(crate) fn found<'a>(
    descriptors: impl IntoIterator<Item = &'a [f32; DIMENSIONS]>,
    crop: usize,
) -> Outcome {
    let faces = (0..)
        .zip(descriptors)
        .map(|(place, &descriptor)| FoundFace {
            face: Face {
                rect: Rect {
                    left: 100 * place,
                    top: 0,
                    right: 100 * place + 79,
                    bottom: 79,
                },
                score: Some(1.0),
                landmarks: [[0, 0]; 5],
                quality: Quality {
                    sharpness: 100.0,
                    yaw: 0.0,
                },
                descriptor: Descriptor(descriptor),
            },
            crop: vec![0x5a; crop],
            turn: Turn::None,
        });
    Outcome::Done {
        width: 1024,
        height: 768,
        faces: faces.collect(),
    }
}

/// The SQLite store in `folder`.
pub(crate) async fn store(folder: &Path) -> anyhow::Result<Store> {
    Ok(Store::open(&folder.join("faces.sqlite").to_string_lossy()).await?)
}

/// A runtime for the library's steps.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?)
}
