//! Large libraries of generated faces.

use std::{fs, path::Path};

use end_to_end::{Home, sandbox, wait_for};
use flickr_faces::faces::Models;
use flickr_sandbox::Options;
use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Faces of one generated person.
const EACH: usize = 50;

/// Pictures that the generated faces share.
const PICTURES: usize = 64;

/// A home whose store holds so many faces, each in a photo of its own: Gaussian clusters of
/// [`EACH`] around centres of norm 0.65, sigma 0.03. All have the name of one person where `named`.
pub fn generated(faces: usize, named: bool) -> Home {
    let home = Home::signed_out(
        &sandbox(Options::default()),
        &[
            ("THRESHOLD", "0.55"),
            ("distance", "plain"),
            ("cluster_method", "chinese_whispers"),
        ],
    );
    // Makes the tables.
    let _ = home.run("cluster-faces", &[]).ends_with(0);
    wait_for(fill(&home.path("faces.sqlite"), faces, named));
    home
}

/// The id of a face's photo.
fn photo(number: usize) -> u64 {
    53_000_000_000 + number as u64
}

/// Puts the files of the photos into the home.
pub fn with_photos(home: &Home, faces: usize) {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    let folder = home.path("photos");
    fs::create_dir_all(&folder).unwrap();
    let file = |number| folder.join(format!("{}.jpg", photo(number)));
    for number in 0..faces {
        if number < PICTURES {
            fs::write(file(number), picture(&mut random, 640, 480)).unwrap();
        } else {
            fs::hard_link(file(number % PICTURES), file(number)).unwrap();
        }
    }
}

async fn fill(store: &Path, faces: usize, named: bool) {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let pictures: Vec<_> = (0..PICTURES)
        .map(|_| picture(&mut random, 160, 160))
        .collect();
    let options = SqliteConnectOptions::new().filename(store);
    let mut store = SqliteConnection::connect_with(&options).await.unwrap();
    let mut write = store.begin().await.unwrap();
    if named {
        sqlx::query("INSERT INTO people (id, name, name_key) VALUES (1, 'Ada', 'ada')")
            .execute(&mut *write)
            .await
            .unwrap();
    }
    let mut centre = Vec::new();
    for number in 0..faces {
        if number % EACH == 0 {
            centre = gaussian(&mut random);
            let norm = centre.iter().map(|x| x * x).sum::<f64>().sqrt();
            centre.iter_mut().for_each(|x| *x *= 0.65 / norm);
        }
        let noise = gaussian(&mut random);
        let descriptor: Vec<u8> = centre
            .iter()
            .zip(&noise)
            .flat_map(|(mean, noise)| ((mean + 0.03 * noise) as f32).to_le_bytes())
            .collect();
        let photo = photo(number).to_string();
        let face = format!("{photo}:0");
        sqlx::query("INSERT INTO photos (id, uploaded, title, state) VALUES ($1, $2, '', 'done')")
            .bind(&photo)
            .bind(number as i64)
            .execute(&mut *write)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO faces (id, photo, number, box_left, box_top, box_right, box_bottom,
                image_width, image_height, score, landmarks, decision, person, encoder, sharpness, turn)
             VALUES ($1, $2, 0, 100, 100, 219, 219, 640, 480, 1.0, '', $3, $4, $5, 500.0, 0.0)",
        )
        .bind(&face)
        .bind(&photo)
        .bind(named.then_some("named"))
        .bind(named.then_some(1_i64))
        .bind(Models::ENCODER.sha256)
        .execute(&mut *write)
        .await
        .unwrap();
        for (insert, large) in [
            (
                "INSERT INTO face_descriptors (face, descriptor) VALUES ($1, $2)",
                &descriptor,
            ),
            (
                "INSERT INTO face_crops (face, crop) VALUES ($1, $2)",
                &pictures[number % PICTURES],
            ),
        ] {
            sqlx::query(insert)
                .bind(&face)
                .bind(large)
                .execute(&mut *write)
                .await
                .unwrap();
        }
    }
    write.commit().await.unwrap();
    store.close().await.unwrap();
}

/// 128 independent numbers of mean 0 and deviation 1 (Box and Muller, 1958).
fn gaussian(random: &mut ChaCha8Rng) -> Vec<f64> {
    let mut one = || {
        let (a, b): (f64, f64) = (random.random(), random.random());
        (-2.0 * (1.0 - a).ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    };
    (0..128).map(|_| one()).collect()
}

/// A JPEG about as hard to compress as a face.
fn picture(random: &mut ChaCha8Rng, width: u32, height: u32) -> Vec<u8> {
    let colour: [u8; 3] = random.random();
    let across = width.div_ceil(8);
    let blocks = across * height.div_ceil(8);
    let rough: Vec<u8> = (0..blocks).map(|_| random.random_range(0..60)).collect();
    let image = RgbImage::from_fn(width, height, |x, y| {
        let more = rough[(y / 8 * across + x / 8) as usize];
        Rgb(colour.map(|part| part.saturating_add(more)))
    });
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, 85)
        .encode_image(&image)
        .unwrap();
    bytes
}
