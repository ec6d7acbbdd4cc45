//! Names into JPEG files: all but the XMP is compared byte by byte, by a reader of segments of its own.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::{PermissionsExt, symlink},
};

use super::super::{Rules, Wanted, fresh, merge};
use super::*;

fn segment(marker: u8, inside: &[u8]) -> Vec<u8> {
    let length = u16::try_from(inside.len() + 2).unwrap();
    [&[0xff, marker], &length.to_be_bytes()[..], inside].concat()
}

const JFIF: &[u8] = b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
const TIFF: &[u8] = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0";

/// A JPEG file with these segments between its start and its picture; much follows the picture.
fn jpeg(segments: &[Vec<u8>]) -> Vec<u8> {
    let pixels = image::RgbImage::from_fn(40, 24, |x, y| image::Rgb([x as u8, y as u8, 7]));
    let encoded = crate::photo::encode(&pixels, 90).unwrap();
    // Without the encoder's own start and JFIF segment, but with a fill byte before the next.
    let rest = 4 + usize::from(u16::from_be_bytes([encoded[4], encoded[5]])) - 2;
    let tail = b"\0\0\xff\xe1\0\x1fhttp://ns.adobe.com/xap/1.0/\0video".repeat(9);
    [
        b"\xff\xd8",
        &segments.concat()[..],
        b"\xff",
        &encoded[rest + 2..],
        &tail,
    ]
    .concat()
}

/// Its bytes without the segments of XMP, and what these hold.
fn apart(bytes: &[u8]) -> (Vec<u8>, Vec<Vec<u8>>) {
    let (mut rest, mut xmp, mut at) = (bytes[..2].to_vec(), Vec::new(), 2);
    while bytes[at + 1] != 0xda {
        if bytes[at + 1] == 0xff {
            rest.push(0xff);
            at += 1;
            continue;
        }
        let end = at + 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        let inside = &bytes[at + 4..end];
        if bytes[at + 1] == 0xe1 && inside.starts_with(b"http://ns.adobe.com/x") {
            xmp.push(inside.to_owned());
        } else {
            rest.extend(&bytes[at..end]);
        }
        at = end;
    }
    rest.extend(&bytes[at..]);
    (rest, xmp)
}

fn packet(text: &str) -> Vec<u8> {
    segment(0xe1, &[PACKET, text.as_bytes()].concat())
}

fn wanted(names: &[&str]) -> Wanted {
    Wanted {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Wanted::default()
    }
}

fn rules() -> Rules {
    Rules {
        people: BTreeSet::new(),
        is_only: false,
        never: BTreeSet::new(),
        again: false,
    }
}

/// Brings the file to name these people.
fn embed(path: &Path, names: &[&str]) -> Result<(), String> {
    let file = JpegXmp::read(path)
        .map_err(|error| error.to_string())?
        .unwrap();
    let texts = if file.texts.is_empty() {
        vec![fresh()]
    } else {
        file.texts.clone()
    };
    let merged = merge(&texts, &wanted(names), &rules()).map_err(|error| error.to_string())?;
    let texts = if merged.is_spent {
        Vec::new()
    } else {
        merged.texts
    };
    file.write(path, &texts)
        .unwrap()
        .map_err(|error| error.to_string())
}

#[track_caller]
fn texts(path: &Path) -> Vec<String> {
    JpegXmp::read(path).unwrap().unwrap().texts
}

fn rdf(inside: &str) -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='{RDF}' xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:my='http://example.org/' xmlns:xmpNote='{NOTE}'><rdf:Description rdf:about=''>{inside}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
}

#[test]
fn all_but_the_xmp_stays_byte_by_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    let pictures = segment(0xe2, b"MPF\0II*\0");
    let others = packet(&rdf("<my:x>1</my:x>"));
    let padded = packet(&format!(
        "{}{}<?xpacket end='w'?>",
        rdf("<my:x>1</my:x>"),
        " ".repeat(900)
    ));
    let cases: [(&str, Vec<Vec<u8>>); 6] = [
        ("JFIF", vec![segment(0xe0, JFIF)]),
        (
            "JFIF and EXIF",
            vec![
                segment(0xe0, JFIF),
                segment(0xe1, TIFF),
                segment(0xe2, b"ICC_PROFILE\0"),
            ],
        ),
        (
            "EXIF and pictures",
            vec![segment(0xe1, TIFF), pictures.clone()],
        ),
        ("bare", vec![]),
        (
            "another's XMP",
            vec![
                segment(0xe1, TIFF),
                segment(0xed, b"Photoshop 3.0\0"),
                others.clone(),
                segment(0xe2, b"ICC_PROFILE\0"),
            ],
        ),
        ("another's XMP with room", vec![padded, segment(0xe1, TIFF)]),
    ];
    let mut wrong = Vec::new();
    for (what, segments) in cases {
        let before = jpeg(&segments);
        fs::write(&path, &before).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        embed(&path, &["Ada"]).unwrap();
        let with = fs::read(&path).unwrap();
        let (rest, xmp) = apart(&with);
        let text = texts(&path).join("");
        embed(&path, &[]).unwrap();
        // EXIF's segment stays in front, as it must.
        let place = with.windows(4).position(|bytes| bytes == b"Exif");
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        for (is_right, why) in [
            (rest == apart(&before).0, "the rest changed"),
            (xmp.len() == 1 && text.contains(">Ada<"), "no name"),
            (fs::read(&path).unwrap() == before, "does not go again"),
            (
                place.is_none_or(|place| place < 40 || what.ends_with("room")),
                "EXIF is not first",
            ),
            (mode == 0o640, "mode"),
        ] {
            if !is_right {
                wrong.push(format!("{what}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    // An index of pictures counts from itself: what stands behind it may not grow.
    let before = jpeg(&[segment(0xe1, TIFF), pictures, others]);
    fs::write(&path, &before).unwrap();
    let error = embed(&path, &["Ada"]).unwrap_err();
    assert_eq!(error, "its XMP stands behind its index of pictures");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (
        folder.path().join("photo.jpg"),
        folder.path().join("link.jpg"),
    );
    fs::write(&path, jpeg(&[])).unwrap();
    symlink("photo.jpg", &link).unwrap();
    embed(&link, &["Ada"]).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(texts(&path)[0].contains(">Ada<"));
}

/// An extension in segments as Lightroom writes it.
fn extended(text: &str) -> (String, Vec<Vec<u8>>) {
    let digest: String = Md5::digest(text)
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    let parts = (0_u32..)
        .zip(text.as_bytes().chunks(50_000))
        .map(|(number, part)| {
            let offset = (number * 50_000).to_be_bytes();
            segment(
                0xe1,
                &[EXTENSION, digest.as_bytes(), &length, &offset, part].concat(),
            )
        });
    (digest.clone(), parts.collect())
}

#[test]
fn extended_xmp_is_merged_into_and_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    let long = "x".repeat(120_000);
    // The keywords are in the extension: they are added to there, once.
    let extension = rdf(&format!(
        "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li></rdf:Bag></dc:subject><my:long>{long}</my:long>"
    ));
    let (digest, mut parts) = extended(&extension);
    // In whatever order; and a part of an extension that belongs to no packet stays.
    parts.reverse();
    let stray = segment(
        0xe1,
        &[
            EXTENSION,
            "0".repeat(32).as_bytes(),
            &[0, 0, 0, 1, 0, 0, 0, 0],
            b"x",
        ]
        .concat(),
    );
    let main = packet(&rdf(&format!(
        "<xmpNote:HasExtendedXMP>{digest}</xmpNote:HasExtendedXMP>"
    )));
    let segments = [
        vec![segment(0xe1, TIFF), main],
        parts.clone(),
        vec![stray.clone()],
    ]
    .concat();
    let before = jpeg(&segments);
    fs::write(&path, &before).unwrap();
    embed(&path, &["Ada"]).unwrap();
    let [main, whole] = <[String; 2]>::try_from(texts(&path)).unwrap();
    assert!(whole.contains("<rdf:li>sea</rdf:li><rdf:li>Ada</rdf:li>") && whole.contains(&long));
    assert!(
        main.contains("PersonInImage") && !main.contains("dc:subject>") && !main.contains(&digest)
    );
    let (rest, xmp) = apart(&fs::read(&path).unwrap());
    assert_eq!(rest, apart(&before).0);
    assert_eq!(
        xmp.iter().filter(|part| part.starts_with(PACKET)).count(),
        1
    );
    assert!(xmp.iter().any(|part| stray.ends_with(part)));
    embed(&path, &[]).unwrap();
    assert_eq!(texts(&path)[1], extension);
    // A part is missing: nothing is written.
    let cut = jpeg(&[&segments[..2], &parts[..1]].concat());
    fs::write(&path, &cut).unwrap();
    assert_eq!(
        embed(&path, &["Ada"]).unwrap_err(),
        "parts of its extended XMP are missing"
    );
    assert_eq!(fs::read(&path).unwrap(), cut);
}

#[test]
fn what_does_not_fit_into_a_segment_moves_to_an_extension() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    let long = "é".repeat(32_200);
    let before = jpeg(&[
        segment(0xe1, TIFF),
        packet(&rdf(&format!("<my:long>{long}</my:long><my:x>1</my:x>"))),
    ]);
    fs::write(&path, &before).unwrap();
    let names: Vec<String> = (0..20).map(|number| format!("Person {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    embed(&path, &names).unwrap();
    let [main, whole] = <[String; 2]>::try_from(texts(&path)).unwrap();
    assert!(
        main.contains("<my:x>1</my:x>") && main.contains("Person 19") && !main.contains("my:long")
    );
    assert!(whole.contains(&format!("<my:long>{long}</my:long>")));
    assert_eq!(apart(&fs::read(&path).unwrap()).0, apart(&before).0);
    // Again, it is as it is to be; and exiftool, whose rules are Adobe's, finds it whole.
    let again = fs::read(&path).unwrap();
    embed(&path, &names).unwrap();
    assert_eq!(fs::read(&path).unwrap(), again);
}

#[test]
fn damaged_files_are_told_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("photo.jpg");
    let whole = jpeg(&[segment(0xe1, TIFF), packet(&rdf(""))]);
    let twice = jpeg(&[packet(&rdf("")), packet(&rdf(""))]);
    let not_text = jpeg(&[segment(0xe1, &[PACKET, b"\xff\xfe<\0"].concat())]);
    for (bytes, why) in [
        (&twice[..], "it has two XMP packets"),
        (&not_text[..], "its XMP is not UTF-8"),
        (b"\xff\xd8\xff\xe1\0\x01", "not a whole JPEG file"),
        (b"\xff\xd8\0", "not a whole JPEG file"),
        (&whole[..30], "not a whole JPEG file"),
    ] {
        fs::write(&path, bytes).unwrap();
        assert_eq!(embed(&path, &["Ada"]).unwrap_err(), why);
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    fs::write(&path, b"GIF89a").unwrap();
    assert!(JpegXmp::read(&path).unwrap().is_none());
    for length in 0..whole.len().min(400) {
        fs::write(&path, &whole[..length]).unwrap();
        let _ = JpegXmp::read(&path);
    }
}
