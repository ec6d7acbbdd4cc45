//! Photos with faces, made small from the sample photos.

use std::{fs, io::Cursor, path::Path};

use image::{
    DynamicImage, ImageEncoder, codecs::jpeg::JpegEncoder, imageops::FilterType,
    metadata::Orientation,
};

use flickr_sandbox::{NewPhoto, Sandbox};

use crate::home::cache;

/// A sample photo: one face each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sample {
    /// Joe Biden.
    Biden,
    /// Barack Obama.
    Obama,
    /// Barack Obama.
    Obama2,
    /// Barack Obama.
    Obama3,
}

fn read(sample: Sample) -> DynamicImage {
    let name = match sample {
        Sample::Biden => "biden.jpg",
        Sample::Obama => "obama.jpg",
        Sample::Obama2 => "obama2.jpg",
        Sample::Obama3 => "obama3.jpg",
    };
    let path = cache().join("samples").join(name);
    let photo = image::open(&path);
    let photo =
        photo.unwrap_or_else(|error| panic!("{}: {error}: run cargo xtask test", path.display()));
    // The head and the shoulders: the whole of some is very tall.
    photo.crop_imm(
        0,
        0,
        photo.width(),
        photo.height().min(photo.width() * 5 / 4),
    )
}

/// Writes a sample as an upright JPEG whose longest side has `side` pixels.
///
/// # Panics
/// Where the sample is missing or the file cannot be written.
pub fn sample(sample: Sample, side: u32, path: &Path) {
    let photo = read(sample).resize(side, side, FilterType::Triangle);
    write(&photo, None, path);
}

/// Adds `times` photos to a sandbox, all of one sample of 320 pixels, and returns their ids. The file
/// lies in `folder`, which must be there as long as the sandbox is asked for it.
///
/// # Panics
/// Where the file cannot be written or the photo is refused.
pub fn add_copies(sandbox: &Sandbox, folder: &Path, who: Sample, times: usize) -> Vec<String> {
    let file = folder.join(format!("{who:?}.jpg"));
    sample(who, 320, &file);
    let add = |_| {
        let photo = NewPhoto {
            file: Some(file.clone()),
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).expect("the sandbox takes a photo")
    };
    (0..times).map(add).collect()
}

/// The same, its pixels turned by a quarter to the left, with the EXIF orientation (6, "turn right
/// to show") that says so.
///
/// # Panics
/// Where the sample is missing or the file cannot be written.
pub fn on_its_side(sample: Sample, side: u32, path: &Path) {
    let mut photo = read(sample).resize(side, side, FilterType::Triangle);
    photo.apply_orientation(Orientation::Rotate270);
    // TIFF 6.0: little-endian header, one directory with one entry: tag 0x0112, SHORT, one value.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    write(&photo, Some(exif.to_vec()), path);
}

/// The same, turned by so many degrees clockwise and without a word of that, as scans are.
///
/// # Panics
/// Where the sample is missing or the file cannot be written; for other degrees than 0, 90, 180 and 270.
pub fn lying(sample: Sample, side: u32, degrees: u32, path: &Path) {
    let photo = read(sample).resize(side, side, FilterType::Triangle);
    let photo = match degrees {
        0 => photo,
        90 => photo.rotate90(),
        180 => photo.rotate180(),
        270 => photo.rotate270(),
        _ => panic!("{degrees} degrees"),
    };
    write(&photo, None, path);
}

fn write(photo: &DynamicImage, exif: Option<Vec<u8>>, path: &Path) {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 92);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).expect("JPEG has EXIF");
    }
    photo.to_rgb8().write_with_encoder(encoder).expect("a JPEG");
    fs::write(path, bytes.into_inner())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}
