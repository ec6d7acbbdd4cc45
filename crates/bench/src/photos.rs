//! The photos that are measured with.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use flickr_faces::photo;
use image::{DynamicImage, RgbImage, imageops::FilterType};

/// A photo as it is measured: its pixels, no side longer than asked.
pub(crate) struct Photo {
    pub(crate) name: String,
    pub(crate) image: RgbImage,
}

/// Reads every JPEG and PNG at or below `paths`, in order of their names, and shrinks them to
/// `max_size` pixels on the longer side.
pub(crate) fn load(paths: &[PathBuf], max_size: u32) -> anyhow::Result<Vec<Photo>> {
    files(paths)?
        .into_iter()
        .map(|file| {
            let image = photo::decode(&file, &photo::Limits::default())?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            Ok(Photo {
                name: name.into_owned(),
                image: shrunk(image, max_size),
            })
        })
        .collect()
}

/// Every JPEG and PNG at or below `paths`, in order of their names.
pub(crate) fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let before = files.len();
        collect(path, &mut files)?;
        if files.len() == before {
            bail!("{}: no JPEG or PNG there", path.display());
        }
    }
    files.sort();
    Ok(files)
}

fn shrunk(image: RgbImage, max_size: u32) -> RgbImage {
    if image.width().max(image.height()) <= max_size {
        return image;
    }
    DynamicImage::from(image)
        .resize(max_size, max_size, FilterType::Triangle)
        .into_rgb8()
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let failed = || format!("cannot read {}", path.display());
    if !path.is_dir() {
        fs::metadata(path).with_context(failed)?;
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(failed)? {
        let path = entry.with_context(failed)?.path();
        let extension = path.extension().map(|e| e.to_ascii_lowercase());
        let is_photo = extension.is_some_and(|e| e == "jpg" || e == "jpeg" || e == "png");
        if path.is_dir() || is_photo {
            collect(&path, files)?;
        }
    }
    Ok(())
}

/// Millions of pixels of a photo, on average.
pub(crate) fn megapixels(photos: &[Photo]) -> f64 {
    let pixels: f64 = photos
        .iter()
        .map(|photo| f64::from(photo.image.width()) * f64::from(photo.image.height()))
        .sum();
    pixels / 1e6 / photos.len() as f64
}

/// Writes each as a JPEG file of its own into `folder`, `copies` times.
pub(crate) fn save(photos: &[Photo], copies: usize, folder: &Path) -> anyhow::Result<()> {
    for (number, photo) in photos.iter().enumerate() {
        for copy in 0..copies {
            let path = folder.join(format!("{number:04}-{}-{copy}.jpg", photo.name));
            let file = fs::File::create(&path).with_context(|| path.display().to_string())?;
            image::codecs::jpeg::JpegEncoder::new_with_quality(file, 92)
                .encode_image(&photo.image)
                .with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}
