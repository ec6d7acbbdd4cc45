//! Decoding real photos, whole and cut off.

use std::path::Path;

use crate::common::{SAMPLES, sample_jpeg, sample_pixels};
use flickr_faces::photo::{Kind, Limits, check, decode, sniff};

#[test]
fn real_jpegs_decode_to_libjpeg_s_pixels() {
    let other: Vec<_> = SAMPLES
        .into_iter()
        .filter(|name| {
            let ours = decode(&sample_jpeg(name), &Limits::default());
            ours.unwrap_or_else(|error| panic!("{error}")) != sample_pixels(name)
        })
        .collect();
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn real_jpegs_cut_anywhere_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("cut.jpg");
    let mut accepted = Vec::new();
    for name in SAMPLES {
        let whole = std::fs::read(sample_jpeg(name)).unwrap();
        assert_eq!(sniff(&whole), Kind::Jpeg, "{name}");
        let even = (0..40).map(|part| whole.len() * part / 40);
        let near_the_end = whole.len() - 8..whole.len();
        for length in even.chain(near_the_end) {
            std::fs::write(&path, &whole[..length]).unwrap();
            // But for its end marker, or a byte of it, the picture is whole.
            if check(&path, &Limits::default()).is_ok() && length + 2 < whole.len() {
                accepted.push(format!("{name} after {length} of {} bytes", whole.len()));
            }
        }
    }
    assert!(accepted.is_empty(), "{accepted:#?}");
}

/// `tests/data/cmyk.jpg` was written by Pillow, one colour, which it reads back as (200, 40, 90).
#[test]
fn cmyk_is_converted() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cmyk.jpg");
    let image = decode(&path, &Limits::default()).unwrap();
    let wrong = image.pixels().find(|pixel| {
        let distances = pixel.0.iter().zip([200_u8, 40, 90]);
        distances.map(|(a, b)| a.abs_diff(b)).max() > Some(3)
    });
    assert_eq!(wrong, None);
}
