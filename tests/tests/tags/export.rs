//! `export xmp` and `export csv`, read by programs of others.

use std::{fs, io::Cursor, path::Path, process::Command};

use end_to_end::Home;
use image::{
    DynamicImage, GrayImage, ImageEncoder, Luma, codecs::jpeg::JpegEncoder, metadata::Orientation,
};
use serde_json::{Value, json};

use super::*;

/// What exiftool reads out of files, structures kept.
fn exiftool(files: &[&Path]) -> Vec<Value> {
    let mut command = Command::new("exiftool");
    command
        .args(["-quiet", "-json", "-struct", "-XMP:all"])
        .args(files);
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("exiftool: {error}: run cargo xtask test"));
    assert!(output.status.success(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A white box on black, 1024x768 upright, stored so that EXIF's `number` turns it upright.
fn picture(
    [left, top, right, bottom]: [i32; 4],
    orientation: Orientation,
    number: u8,
    path: &Path,
) {
    let inside = |x: u32, y: u32| {
        (left..=right).contains(&(x as i32)) && (top..=bottom).contains(&(y as i32))
    };
    let shown = GrayImage::from_fn(1024, 768, |x, y| Luma([if inside(x, y) { 255 } else { 0 }]));
    let mut stored = DynamicImage::ImageLuma8(shown);
    stored.apply_orientation(orientation);
    // TIFF 6.0: little-endian header, one directory with one entry: tag 0x0112, SHORT, one value.
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0".to_vec();
    exif[18] = number;
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
    encoder.set_exif_metadata(exif).unwrap();
    stored.to_rgb8().write_with_encoder(encoder).unwrap();
    fs::write(path, bytes.into_inner()).unwrap();
}

/// The part of the stored pixels that a region covers, and the rest: how bright they are, 0 to 255.
fn brightness(file: &Path, area: &Value) -> (f64, f64) {
    let stored = image::open(file).unwrap().to_luma8();
    let (width, height) = (f64::from(stored.width()), f64::from(stored.height()));
    let number = |name: &str| area[name].as_f64().unwrap();
    let covers = |at: u32, side: f64, centre: f64, length: f64| {
        ((f64::from(at) + 0.5) / side - centre).abs() <= length / 2.0
    };
    let (mut inside, mut outside) = (Vec::new(), Vec::new());
    for (x, y, pixel) in stored.enumerate_pixels() {
        let is_in = covers(x, width, number("X"), number("W"))
            && covers(y, height, number("Y"), number("H"));
        let side = if is_in { &mut inside } else { &mut outside };
        side.push(f64::from(pixel.0[0]));
    }
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    (mean(&inside), mean(&outside))
}

#[test]
fn regions_lie_where_the_file_has_its_face() {
    const BOX: [i32; 4] = [100, 50, 379, 299];
    // How the upright picture is turned to be stored, and EXIF's number for turning it back.
    let cases = [
        ("1", Orientation::NoTransforms, 1),
        ("2", Orientation::FlipHorizontal, 2),
        ("3", Orientation::Rotate180, 3),
        ("4", Orientation::FlipVertical, 4),
        ("5", Orientation::Rotate90FlipH, 5),
        ("6", Orientation::Rotate270, 6),
        ("7", Orientation::Rotate270FlipH, 7),
        ("8", Orientation::Rotate90, 8),
    ];
    let (sandbox, _) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    let ids = cases.map(|(id, _, _)| id);
    let faces = ids.map(|id| (id, "Ada Lovelace", BOX));
    name_faces(&home, &faces);
    home.write_tags(&[("Ada Lovelace", &ids)]);
    let folder = home.path("album");
    fs::create_dir(&folder).unwrap();
    for (id, orientation, number) in cases {
        picture(BOX, orientation, number, &folder.join(format!("{id}.jpg")));
    }
    let _ = home.run(PROGRAM, &["export", "xmp", "album"]).ends_with(0);
    let mut wrong = Vec::new();
    for id in ids {
        let file = folder.join(format!("{id}.jpg"));
        let sidecar = folder.join(format!("{id}.jpg.xmp"));
        let found = &exiftool(&[&sidecar])[0];
        let info = &found["RegionInfo"];
        let region = &info["RegionList"][0];
        let (width, height) = image::image_dimensions(&file).unwrap();
        let size = json!({"W": width, "H": height, "Unit": "pixel"});
        let (inside, outside) = brightness(&file, &region["Area"]);
        if info["AppliedToDimensions"] != size
            || region["Area"]["Unit"] != "normalized"
            || (&region["Name"], &region["Type"]) != (&json!("Ada Lovelace"), &json!("Face"))
            || inside < 250.0
            || outside > 2.0
        {
            wrong.push(format!("{id}: {inside} {outside} {found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn sidecars_are_read_by_exiftool_and_others_are_left_alone() {
    let (sandbox, [a, b, c, d]) = photos([&[], &[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let odd = "Ann \"Nan\" <O'Neil> & Söhne 李";
    name_faces(
        &home,
        &[
            (&a, "Ada Lovelace", [100, 100, 299, 299]),
            (&a, odd, [500, 100, 699, 299]),
            (&b, "Ada Lovelace", [100, 100, 299, 299]),
            (&c, "Ada Lovelace", [100, 100, 299, 299]),
        ],
    );
    write_people(
        &home,
        json!([
            {"name": "Ada Lovelace", "photos": [a, b, c]},
            {"name": odd, "tag": "ann", "photos": [a, d]},
            {"name": "Cy", "write": false, "photos": [a]},
        ]),
    );
    let folder = home.path("album/2024");
    fs::create_dir_all(&folder).unwrap();
    let square = |name: &str, width: u32, height: u32| {
        let path = folder.join(name);
        image::RgbImage::new(width, height).save(&path).unwrap();
        path
    };
    // As Flickr names what is downloaded from its pages; larger than what was searched.
    let file_a = square(&format!("at-the-sea_{a}_o.jpg"), 2048, 1536);
    // Another program's sidecars, under both names.
    let file_b = square(&format!("{b}.jpg"), 1024, 768);
    let others = folder.join(format!("{b}.xmp"));
    fs::write(
        &others,
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\" x:xmptk=\"XMP Core 6.0\"/>",
    )
    .unwrap();
    // Cropped since.
    let file_c = square(&format!("{c}.png"), 500, 500);
    let run = home
        .run(PROGRAM, &["export", "xmp", "album", "--json"])
        .ends_with(0)
        .json();
    let xmp = &run["xmp"];
    assert_eq!(
        (
            &xmp["written"],
            &xmp["without_photo"],
            &xmp["without_face"],
            &xmp["never_write"]
        ),
        (&json!(3), &json!(1), &json!(1), &json!(1)),
        "{run}"
    );
    let at = |path: &Path| json!([path.strip_prefix(home.folder()).unwrap()]);
    assert_eq!(
        (&xmp["left_alone"], &xmp["other_shape"]),
        (&at(&others), &at(&file_c))
    );
    let beside = |file: &Path| {
        file.with_extension(format!(
            "{}.xmp",
            file.extension().unwrap().to_str().unwrap()
        ))
    };
    assert!(!beside(&file_b).exists(), "it would hide the other's");

    let alone = home.path(&format!("album/{d}.jpg.xmp"));
    let found = exiftool(&[&beside(&file_a), &beside(&file_c), &alone]);
    assert_eq!(found[0]["Subject"], json!(["Ada Lovelace", odd]));
    assert_eq!(
        found[0]["TagsList"],
        json!(["People/Ada Lovelace", format!("People/{odd}")])
    );
    assert_eq!(
        found[0]["RegionInfo"],
        json!({
            "AppliedToDimensions": {"H": 1536, "W": 2048, "Unit": "pixel"},
            "RegionList": [
                {"Area": {"H": 0.260417, "Unit": "normalized", "W": 0.195312, "X": 0.195312, "Y": 0.260417},
                    "Name": "Ada Lovelace", "Type": "Face"},
                {"Area": {"H": 0.260417, "Unit": "normalized", "W": 0.195312, "X": 0.585938, "Y": 0.260417},
                    "Name": odd, "Type": "Face"},
            ],
        })
    );
    assert_eq!(
        (&found[1]["Subject"], &found[1]["RegionInfo"]),
        (&json!(["Ada Lovelace"]), &Value::Null)
    );
    assert_eq!(
        (&found[2]["Subject"], &found[2]["RegionInfo"]),
        (&json!([odd]), &Value::Null)
    );

    // Again: nothing is written. Edited by another program, it is another's. Without a name, it goes.
    let run = home
        .run(PROGRAM, &["export", "xmp", "album", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["xmp"]["written"], &run["xmp"]["unchanged"]),
        (&json!(0), &json!(3))
    );
    let rated = Command::new("exiftool")
        .args(["-overwrite_original", "-XMP:Rating=5"])
        .arg(beside(&file_a))
        .output()
        .unwrap();
    assert!(rated.status.success(), "{rated:?}");
    let before = fs::read(beside(&file_a)).unwrap();
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let run = home
        .run(PROGRAM, &["export", "xmp", "album", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (
            &run["xmp"]["written"],
            &run["xmp"]["deleted"],
            &run["xmp"]["left_alone"]
        ),
        (&json!(0), &json!(1), &at(&beside(&file_a)))
    );
    assert_eq!(fs::read(beside(&file_a)).unwrap(), before);
    assert!(!beside(&file_c).exists());
    // Nothing of it was asked of Flickr.
    assert_eq!(sandbox.calls().api(), 0);
}

#[test]
fn the_table_is_one_for_spreadsheets() {
    let (sandbox, [a, b]) = photos([&[], &["Ada Lovelace"]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, "Ada Lovelace", [100, 100, 299, 299])]);
    write_people(
        &home,
        json!([
            {"name": "Ada Lovelace", "photos": [a, b]},
            {"name": "=SUM(1,2) \"x\"", "tag": "+tag", "photos": [a]},
            {"name": "Cy", "write": false, "photos": [a]},
        ]),
    );
    let _ = home.run(PROGRAM, &["--only", "Ada Lovelace"]).ends_with(0);
    let table = |arguments: &[&str]| {
        let run = home.run(PROGRAM, arguments).ends_with(0).json();
        assert_eq!(run["csv"]["rows"], 3);
        let script = "import csv, json, sys\n\
            rows = csv.DictReader(open(sys.argv[1], encoding='utf-8-sig', newline=''), strict=True)\n\
            print(json.dumps(list(rows)))";
        let mut python = Command::new("python3");
        python.args(["-c", script]).arg(home.path("table.csv"));
        let output = python
            .output()
            .unwrap_or_else(|error| panic!("python3: {error}: run cargo xtask test"));
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let found = table(&["export", "csv", "table.csv", "--json"]);
    let page = |id: &str| {
        format!(
            "https://www.flickr.com/photos/{}/{id}/",
            flickr_sandbox::NSID
        )
    };
    let row =
        |name: &str, tag: &str, photo: &str, title: &str, day: &str, faces: &str, on: &str| {
            json!({"name": name, "tag": tag, "photo": photo, "page": page(photo), "title": title,
            "uploaded": day, "faces": faces, "on_flickr": on})
        };
    let title = format!("photo {a}");
    // In the order of the names.
    let expected = json!([
        row(
            "'=SUM(1,2) \"x\"",
            "'+tag",
            &a,
            &title,
            "1970-01-01",
            "0",
            ""
        ),
        row(
            "Ada Lovelace",
            "Ada Lovelace",
            &a,
            &title,
            "1970-01-01",
            "1",
            "written"
        ),
        row("Ada Lovelace", "Ada Lovelace", &b, "", "", "0", "was there"),
    ]);
    assert_eq!(found, expected);
    let text = home.read("table.csv");
    assert!(
        text.starts_with("\u{feff}name,tag,") && text.ends_with("\r\n"),
        "{text}"
    );
    // In place of an earlier table, but of nothing else.
    assert_eq!(table(&["export", "csv", "table.csv", "--json"]), expected);
    home.write("letter.txt", "Dear Ada");
    let _ = home
        .run(PROGRAM, &["export", "csv", "letter.txt"])
        .ends_with(1)
        .complains(&["letter.txt: this file was not written by `tag-photos export csv`"]);
    assert_eq!(home.read("letter.txt"), "Dear Ada");
}
