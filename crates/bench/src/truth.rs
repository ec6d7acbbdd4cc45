//! How many faces the detectors find, and how many that are none: in photos whose faces are known, made smaller, tilted,
//! and lying on their side.

mod known;
mod turned;

use flickr_faces::faces::{Analyser, Detector, Settings};

use self::known::{Known, Square, load};
use crate::engines::Engines;

/// Longer sides of faces, in pixels: a photo is made so small that its middle face has this size.
const SIZES: [u32; 4] = [20, 40, 80, 160];

/// Faces count where they are at most this much larger or smaller.
const NEAR: f64 = 1.45;

/// Degrees clockwise.
const TILTS: [u32; 4] = [0, 15, 30, 90];

const DETECTORS: [(Detector, u8); 4] = [
    (Detector::Hog, 0),
    (Detector::Hog, 1),
    (Detector::Cnn, 0),
    (Detector::Cnn, 1),
];

/// Prints two tables in Markdown.
pub(crate) fn truth(engines: &Engines, folder: &std::path::Path) -> anyhow::Result<()> {
    let photos = load(folder)?;
    found(engines, &photos)?;
    turned::turned(engines, &photos)
}

/// Of the faces of one size, found and there; and what was found that is none, in photos.
#[derive(Debug, Default, Clone, Copy)]
struct Count {
    found: usize,
    all: usize,
    wrong: usize,
    photos: usize,
}

fn found(engines: &Engines, photos: &[Known]) -> anyhow::Result<()> {
    println!("| turned by | detector, upsample | 20 px | 40 px | 80 px | 160 px | false faces |");
    println!("|---|---|---|---|---|---|---|");
    for tilt in TILTS {
        for (detector, upsample) in DETECTORS {
            let settings = Settings {
                detector,
                upsample,
                ..Settings::default()
            };
            let mut analyser = engines.onnx_with(settings, engines.threads)?.analyser()?;
            let mut row = Vec::new();
            for size in SIZES {
                let mut count = Count::default();
                for photo in photos.iter().filter_map(|photo| photo.with_faces_of(size)) {
                    add(&mut count, &mut *analyser, &photo.tilted(tilt), size)?;
                }
                row.push(count);
            }
            let cells: Vec<String> = row.iter().map(cell).collect();
            let wrong: usize = row.iter().map(|count| count.wrong).sum();
            let all: usize = row.iter().map(|count| count.photos).sum();
            println!(
                "| {tilt}° | {detector}, {upsample} | {} | {wrong} in {all} photos |",
                cells.join(" | ")
            );
        }
    }
    Ok(())
}

fn cell(count: &Count) -> String {
    match count.all {
        0 => "none".to_owned(),
        all => format!("{:.0}% of {all}", 100.0 * count.found as f64 / all as f64),
    }
}

fn add(
    count: &mut Count,
    analyser: &mut dyn Analyser,
    photo: &Known,
    size: u32,
) -> anyhow::Result<()> {
    let found = analyser.detect(&photo.image)?;
    let found: Vec<Square> = found.iter().map(|face| Square::of(face.rect)).collect();
    let (right, wrong) = photo.compared(&found);
    let size = f64::from(size);
    for (face, is_found) in photo.faces.iter().zip(right) {
        if (size / NEAR..=size * NEAR).contains(&face.side) {
            count.all += 1;
            count.found += usize::from(is_found);
        }
    }
    count.wrong += wrong;
    count.photos += 1;
    Ok(())
}
