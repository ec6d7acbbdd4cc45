//! Files of circumstances out of public bug reports, each decoded or refused as it should be. The files lie
//! beside the reference numbers: run by `cargo xtask test --reference DIR`. Made-up files of each kind are in
//! the unit tests of `photo`.

use std::env;
use std::path::{Path, PathBuf};

use crate::common::rgb_sha256;
use flickr_faces::photo::{Limits, decode};
use image::imageops::rotate270;

/// What is right for a file.
enum Right {
    /// The picture, with the pixels that expected.tsv has where it has any.
    Picture,
    /// The same, turned: EXIF says that it lies on its side.
    Turned,
    /// An error with these words.
    Refused(&'static str),
}

use Right::{Picture, Refused, Turned};

const FILES: [(&str, Right); 20] = [
    ("a02-arithmetic.jpg", Picture),
    ("a04-lossless-sof3.jpg", Picture),
    ("a07-ycck.jpg", Picture),
    ("a10-adobe-short-app14.jpg", Picture),
    ("a10-adobe-transform-unknown5.jpg", Picture),
    ("a11-sample-3x1.jpg", Picture),
    (
        "a11-sample-1x1_2x2_2x2.jpg",
        Refused("a chroma component out-samples luma"),
    ),
    ("a14-no-eoi.jpg", Picture),
    ("a14-cut-60-plus-eoi.jpg", Refused("is cut off")),
    ("a21-bad-extended-xmp.jpg", Picture),
    ("d01-noninterleaved-2x2.jpg", Picture),
    ("d10-mjpeg-no-dht.jpg", Picture),
    ("b03-orientation-long.jpg", Turned),
    ("b03-orientation-count2.jpg", Turned),
    ("b03-two-exif-first-right.jpg", Turned),
    ("b03-exif-without-second-nul.jpg", Turned),
    ("b05-png-exif-6-after-idat.png", Turned),
    (
        "e02-webp-named.jpg",
        Refused("not a JPEG or PNG but a WebP image"),
    ),
    (
        "e02-heic-named.jpg",
        Refused("not a JPEG or PNG but a HEIC image"),
    ),
    ("c07-no-iend.png", Picture),
];

/// The pixels of nearly all others: these files are forms of one picture.
const PLAIN: &str = "bca57cbc583daf591ad40caf13a764032a275aa87b3c254d77eb58126877ea2d";

fn folder() -> PathBuf {
    let reference = env::var_os("FLICKR_FACES_REFERENCE")
        .expect("FLICKR_FACES_REFERENCE is not set: run cargo xtask test --reference DIR");
    Path::new(&reference).join("../pictures")
}

fn wrong(path: &Path, right: &Right, hash: &str) -> Option<String> {
    let found = decode(path, &Limits::default());
    let image = match (right, found) {
        (Refused(words), Err(error)) => {
            let text = error.to_string();
            return (!text.contains(words)).then_some(text);
        }
        (Refused(_), Ok(_)) => return Some("it was decoded".to_owned()),
        (_, Err(error)) => return Some(error.to_string()),
        (Turned, Ok(image)) => {
            if image.dimensions() != (900, 1125) {
                return Some(format!("it has {:?} pixels", image.dimensions()));
            }
            rotate270(&image)
        }
        (Picture, Ok(image)) => image,
    };
    let found = rgb_sha256(&image);
    let expected = if hash == "-" { PLAIN } else { hash };
    (found != expected).then(|| format!("pixels {found}, expected {expected}"))
}

#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE=DIR, given by cargo xtask test --reference DIR"]
fn every_picture_is_decoded_or_refused_in_words() {
    let folder = folder();
    let list = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = list
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), FILES.len(), "files in expected.tsv");
    let mut all_wrong = Vec::new();
    for row in &rows {
        let (name, hash) = (row[0], row[2]);
        let (_, right) = FILES
            .iter()
            .find(|(file, _)| *file == name)
            .unwrap_or_else(|| panic!("{name} is not known here"));
        if let Some(what) = wrong(&folder.join(name), right, hash) {
            all_wrong.push(format!("{name}: {what}"));
        }
    }
    assert!(all_wrong.is_empty(), "{all_wrong:#?}");
}
