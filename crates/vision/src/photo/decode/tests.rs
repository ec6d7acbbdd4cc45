use std::io::Cursor;
use std::path::PathBuf;

use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, GrayAlphaImage, GrayImage, ImageBuffer, ImageFormat, LumaA, Rgb, Rgba, RgbaImage,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;

/// A picture with something to see in every corner: 40x24, left half dark, top row red.
fn picture() -> RgbImage {
    ImageBuffer::from_fn(40, 24, |x, y| match (x, y) {
        (_, 0..8) => Rgb([200, 20, 20]),
        (0..20, _) => Rgb([10, 10, 10]),
        _ => Rgb([240, 240, 240]),
    })
}

fn jpeg() -> Vec<u8> {
    crate::photo::encode(&picture(), 95).unwrap()
}

fn png(image: &DynamicImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

/// A JPEG with an EXIF segment that holds an orientation (EXIF 2.3, 4.6.4, tag 0x0112).
fn oriented(orientation: u8) -> Vec<u8> {
    let mut bytes = b"\xff\xd8\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01".to_vec();
    bytes.extend([
        0x01,
        0x12,
        0,
        3,
        0,
        0,
        0,
        1,
        0,
        orientation,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    bytes.extend(&jpeg()[2..]);
    bytes
}

fn in_file<T>(bytes: &[u8], act: impl FnOnce(&Path) -> T) -> T {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("photo.jpg");
    std::fs::write(&path, bytes).unwrap();
    act(&path)
}

fn decoded(bytes: &[u8]) -> Result<RgbImage, PhotoError> {
    in_file(bytes, |path| decode(path, &Limits::default()))
}

#[test]
fn orientation_is_applied() {
    let red = |image: &RgbImage, x, y| {
        let Rgb([r, g, _]) = *image.get_pixel(x, y);
        r > 150 && g < 100
    };
    struct Case {
        orientation: u8,
        size: (u32, u32),
        red: (u32, u32),
        not_red: (u32, u32),
    }
    // The top row of the file's pixels is red; where it is shown, by orientation.
    let cases = [
        Case {
            orientation: 1,
            size: (40, 24),
            red: (20, 2),
            not_red: (20, 21),
        },
        Case {
            orientation: 3,
            size: (40, 24),
            red: (20, 21),
            not_red: (20, 2),
        },
        Case {
            orientation: 6,
            size: (24, 40),
            red: (21, 20),
            not_red: (2, 20),
        },
        Case {
            orientation: 8,
            size: (24, 40),
            red: (2, 20),
            not_red: (21, 20),
        },
        Case {
            orientation: 99,
            size: (40, 24),
            red: (20, 2),
            not_red: (20, 21),
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let image = decoded(&oriented(case.orientation)).unwrap();
        if image.dimensions() != case.size
            || !red(&image, case.red.0, case.red.1)
            || red(&image, case.not_red.0, case.not_red.1)
        {
            wrong.push((case.orientation, image.dimensions()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    let size = in_file(&oriented(6), |path| check(path, &Limits::default()));
    assert_eq!(size.unwrap(), (24, 40));
    for (orientation, degrees) in [
        (1, Some(0)),
        (3, Some(180)),
        (6, Some(90)),
        (8, Some(270)),
        (5, None),
        (99, Some(0)),
    ] {
        let found = in_file(&oriented(orientation), |path| {
            exif_rotation(path, &Limits::default()).unwrap()
        });
        assert_eq!(found, degrees, "{orientation}");
    }
}

#[test]
fn other_pixel_forms_become_rgb_as_in_pillow() {
    struct Case {
        name: &'static str,
        image: DynamicImage,
        pixel: [u8; 3],
    }
    let cases = [
        Case {
            name: "alpha is dropped, not blended",
            image: RgbaImage::from_pixel(3, 2, Rgba([10, 200, 30, 0])).into(),
            pixel: [10, 200, 30],
        },
        Case {
            name: "grey",
            image: GrayImage::from_pixel(3, 2, [77].into()).into(),
            pixel: [77, 77, 77],
        },
        Case {
            name: "grey with alpha",
            image: GrayAlphaImage::from_pixel(3, 2, LumaA([77, 5])).into(),
            pixel: [77, 77, 77],
        },
        Case {
            name: "16 bits are cut: 0x12f0 would round to 0x13",
            image: DynamicImage::ImageRgb16(ImageBuffer::from_pixel(
                3,
                2,
                Rgb([0x12f0, 0xffff, 0x00ff]),
            )),
            pixel: [0x12, 0xff, 0x00],
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let image = decoded(&png(&case.image)).unwrap();
        if image.pixels().any(|pixel| pixel.0 != case.pixel) {
            wrong.push((case.name, *image.get_pixel(0, 0)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    let grey = DynamicImage::from(picture()).into_luma8();
    let mut bytes = Vec::new();
    JpegEncoder::new(&mut bytes).encode_image(&grey).unwrap();
    let image = decoded(&bytes).unwrap();
    assert!(image.pixels().all(|Rgb([r, g, b])| r == g && g == b));
}

/// But for its end marker: what is left then is all of the picture.
#[test]
fn every_cut_is_an_error() {
    for (whole, end) in [(jpeg(), 2), (oriented(6), 2), (png(&picture().into()), 12)] {
        let expected = decoded(&whole).unwrap();
        let accepted: Vec<_> = (0..whole.len())
            .filter(|&length| {
                decoded(&whole[..length]).is_ok_and(|found| {
                    assert_eq!(found, expected, "cut to {length} of {}", whole.len());
                    true
                })
            })
            .collect();
        let without_end = whole.len() - end;
        assert!(accepted.contains(&without_end), "{accepted:?}");
        // A marker may be cut within, and the last byte be needed for nothing.
        let early = accepted.iter().filter(|&&length| length + 1 < without_end);
        assert_eq!(early.count(), 0, "of {}: {accepted:?}", whole.len());
    }
}

/// A cut picture whose end marker was put behind it again.
#[test]
fn an_end_marker_does_not_make_a_picture_whole() {
    let whole = jpeg();
    let expected = decoded(&whole).unwrap();
    for length in 0..whole.len() - 2 {
        let bytes = [&whole[..length], b"\xff\xd9"].concat();
        if let Ok(found) = decoded(&bytes) {
            assert_eq!(found, expected, "cut to {length} of {}", whole.len());
        }
    }
}

#[test]
fn what_is_no_photo_is_named() {
    let messages: Vec<_> = [
        &b"<html><body>Photo unavailable"[..],
        b"GIF89a\x01\x00",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"\0\0\0\x18ftypheic\0\0\0\0",
        b"",
        b"\x00\x01",
    ]
    .iter()
    .map(|bytes| {
        in_file(bytes, |path| {
            decode(path, &Limits::default())
                .unwrap_err()
                .to_string()
                .replace(&path.display().to_string(), "PATH")
        })
    })
    .collect();
    insta::assert_snapshot!(messages.join("\n"), @r"
        PATH is not a JPEG or PNG but a web page: it begins with `<html><body>Photo unavai`
        PATH is not a JPEG or PNG but a GIF: it begins with `GIF89a\x01\x00`
        PATH is not a JPEG or PNG but a WebP image: it begins with `RIFF\x10\x00\x00\x00WEBPVP8 `
        PATH is not a JPEG or PNG but a HEIC image: it begins with `\x00\x00\x00\x18ftypheic\x00\x00\x00\x00`
        PATH is not a JPEG or PNG but an empty file: it has no bytes
        PATH is not a JPEG or PNG but something else: it begins with `\x00\x01`
        ");
    let missing = PathBuf::from("/nowhere/photo.jpg");
    let error = decode(&missing, &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("/nowhere/photo.jpg"), "{error}");
}

#[test]
fn limits_hold_before_anything_is_decoded() {
    let small = Limits {
        max_pixels: 40 * 24 - 1,
        ..Limits::default()
    };
    for bytes in [jpeg(), png(&picture().into())] {
        let error = in_file(&bytes, |path| decode(path, &small)).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("40x24 pixels, 959 pixels at most"),
            "{error}"
        );
    }
    let short = Limits {
        max_bytes: 100,
        ..Limits::default()
    };
    let error = in_file(&jpeg(), |path| decode(path, &short)).unwrap_err();
    assert!(matches!(error, PhotoError::TooLarge { .. }), "{error}");

    // Bombs: the size in the header raised to 65,500 a side.
    let mut bomb = jpeg();
    let frame = bomb
        .windows(2)
        .position(|pair| pair == [0xff, 0xc0])
        .unwrap();
    bomb[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    let error = decoded(&bomb).unwrap_err();
    assert!(matches!(error, PhotoError::TooLarge { .. }), "{error}");
}

/// Damage of any kind gives pixels or an error, never a panic.
#[test]
fn a_header_that_claims_more_than_the_file_can_hold_is_refused() {
    let mut bytes = jpeg();
    let frame = bytes
        .windows(2)
        .position(|two| two == [0xff, 0xc0])
        .unwrap();
    // Height and width, behind the segment's length and the precision (T.81, B.2.2).
    bytes[frame + 5..frame + 9].copy_from_slice(&[0x23, 0x28, 0x23, 0x28]);
    let error = decoded(&bytes).unwrap_err().to_string();
    assert!(error.contains("9000x9000 pixels in "), "{error}");
    // One colour, as small as it gets.
    let plain = RgbImage::from_pixel(2000, 1500, Rgb([90, 90, 90]));
    let plain = crate::photo::encode(&plain, 1).unwrap();
    assert!(plain.len() as u64 > 5 * jpeg::least_bytes(2000, 1500));
    assert_eq!(decoded(&plain).unwrap().dimensions(), (2000, 1500));
}

#[test]
fn damage_does_not_panic() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    for whole in [jpeg(), oriented(3), png(&picture().into())] {
        for _ in 0..1500 {
            let mut bytes = whole.clone();
            for _ in 0..random.random_range(1..6) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.next_u32() as u8;
            }
            let _ = decoded(&bytes);
        }
    }
}
