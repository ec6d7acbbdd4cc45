//! What an ICC profile does to faces: photos in other colours than sRGB's, with their profiles used and not.

use std::{path::Path, time::Instant};

use anyhow::Context as _;
use flickr_faces::{
    faces::{Detector, Face, Rect, overlap},
    photo::{Limits, PhotoError, decode, decode_as_stored},
};
use image::{ImageEncoder as _, RgbImage, codecs::jpeg::JpegEncoder};
use moxcms::{ColorProfile, Layout, TransformOptions};

use crate::{engines::Engines, photos::Photo};

/// Boxes that overlap this much (intersection over union) are one face.
const SAME: f64 = 0.5;

/// Of JPEG, for all versions of a photo.
const QUALITY: u8 = 95;

type Decode = fn(&Path, &Limits) -> Result<RgbImage, PhotoError>;

/// What became of the faces of the photos in sRGB.
#[derive(Default)]
struct Kept {
    faces: usize,
    found: usize,
    same_box: usize,
    distances: Vec<f32>,
    seconds: f64,
}

/// Prints a table in Markdown.
pub(crate) fn profiles(engines: &Engines, photos: &[Photo]) -> anyhow::Result<()> {
    let mut analyser = engines.onnx(Detector::Hog, engines.threads)?.analyser()?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("photo.jpg");
    let ways: [(&str, Decode); 2] = [("used", decode), ("not used", decode_as_stored)];
    println!(
        "| colours | profile | faces found | boxes the same | distance to itself, mean | at most | decoding, seconds |"
    );
    println!("|---|---|---|---|---|---|---|");
    for (name, profile) in [
        ("sRGB", ColorProfile::new_srgb()),
        ("Display P3", ColorProfile::new_display_p3()),
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("ProPhoto RGB", ColorProfile::new_pro_photo_rgb()),
    ] {
        let mut kept = [Kept::default(), Kept::default()];
        for photo in photos {
            save(&photo.image, None, &path)?;
            let right = analyser.analyse(&decode(&path, &Limits::default())?)?;
            save(&photo.image, Some(&profile), &path)?;
            for ((_, decode), kept) in ways.iter().zip(&mut kept) {
                let begun = Instant::now();
                let image = decode(&path, &Limits::default())?;
                kept.seconds += begun.elapsed().as_secs_f64();
                kept.add(&right, &analyser.analyse(&image)?);
            }
        }
        for ((way, _), kept) in ways.iter().zip(&kept) {
            println!("| {name} | {way} | {} |", kept.cells());
        }
    }
    Ok(())
}

/// Intersection over union.
fn shared(one: Rect, other: Rect) -> f64 {
    let edges = |rect: Rect| [rect.left, rect.top, rect.right + 1, rect.bottom + 1].map(f64::from);
    overlap(edges(one), edges(other))
}

/// Writes a photo of sRGB's colours as a JPEG in those of `profile`.
fn save(image: &RgbImage, profile: Option<&ColorProfile>, path: &Path) -> anyhow::Result<()> {
    let mut pixels = image.clone();
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    if let Some(profile) = profile {
        ColorProfile::new_srgb()
            .create_transform_8bit(
                Layout::Rgb,
                profile,
                Layout::Rgb,
                TransformOptions::default(),
            )?
            .transform(image.as_raw(), &mut pixels)?;
        encoder
            .set_icc_profile(profile.encode()?)
            .context("a JPEG takes no profile")?;
    }
    encoder.encode_image(&pixels)?;
    Ok(std::fs::write(path, bytes)?)
}

impl Kept {
    fn add(&mut self, right: &[Face], found: &[Face]) {
        self.faces += right.len();
        for face in right {
            let overlap = |other: &Face| shared(face.rect, other.rect);
            let near = found
                .iter()
                .max_by(|a, b| overlap(a).total_cmp(&overlap(b)));
            let Some(near) = near.filter(|near| overlap(near) >= SAME) else {
                continue;
            };
            self.found += 1;
            self.same_box += usize::from(face.rect == near.rect);
            self.distances
                .push(face.descriptor.distance(&near.descriptor));
        }
    }

    fn cells(&self) -> String {
        let sum: f32 = self.distances.iter().sum();
        let most = self.distances.iter().copied().fold(0.0, f32::max);
        format!(
            "{} of {} | {} | {:.3} | {most:.3} | {:.2}",
            self.found,
            self.faces,
            self.same_box,
            sum / self.distances.len() as f32,
            self.seconds,
        )
    }
}
