//! `export xmp` and `export csv`, read by programs of others.

use std::{
    fs::{self, Permissions},
    io::Cursor,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use end_to_end::Home;
use image::{
    DynamicImage, GrayImage, ImageEncoder, Luma, codecs::jpeg::JpegEncoder, metadata::Orientation,
};
use serde_json::{Value, json};

use super::*;

/// What exiftool reads out of files, structures kept.
pub(super) fn exiftool(files: &[&Path]) -> Vec<Value> {
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
pub(super) fn picture(
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

/// What exiv2 reads: each line is a key and its values.
fn exiv2(file: &Path) -> String {
    let output = Command::new("exiv2")
        .args(["--quiet", "-Pkt"])
        .arg(file)
        .output()
        .unwrap_or_else(|error| panic!("exiv2: {error}: run cargo xtask test"));
    // It exits with 1 where there is nothing.
    assert!(output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn write_by_exiftool(file: &Path, arguments: &[&str]) {
    let output = Command::new("exiftool")
        .args(["-quiet", "-overwrite_original"])
        .args(arguments)
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn beside(file: &Path) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(".xmp");
    path.into()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// An album in the home's folder, and a way to put pictures there.
fn album(home: &Home) -> (PathBuf, impl Fn(&str, u32, u32) -> PathBuf) {
    let folder = home.path("album/2024");
    fs::create_dir_all(&folder).unwrap();
    let inside = folder.clone();
    let picture = move |name: &str, width: u32, height: u32| {
        let path = inside.join(name);
        image::RgbImage::new(width, height).save(&path).unwrap();
        path
    };
    (folder, picture)
}

#[track_caller]
fn export(home: &Home, more: &[&str]) -> Value {
    let arguments = [&["export", "xmp", "album", "--json"], more].concat();
    home.run(PROGRAM, &arguments).ends_with(0).json()["xmp"].clone()
}

#[test]
fn sidecars_are_read_by_exiftool_and_merged_into_others() {
    let (sandbox, [a, b, c, d]) = photos([&[], &[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let odd = "Ann \"Nan\" <O'Neil> & Söhne/李";
    let written = "Ann \"Nan\" <O'Neil> & Söhne-李";
    name_faces(
        &home,
        &[
            (&a, "Ada Lovelace", [100, 100, 299, 299]),
            (&a, odd, [500, 100, 699, 299]),
            (&b, "Ada Lovelace", [100, 100, 299, 299]),
            (&c, "Ada Lovelace", [100, 100, 299, 299]),
            (&d, odd, [100, 100, 299, 299]),
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
    let (folder, picture) = album(&home);
    // As Flickr names what is downloaded from its pages; larger than what was searched.
    let file_a = picture(&format!("at-the-sea_{a}_o.jpg"), 2048, 1536);
    fs::set_permissions(&file_a, Permissions::from_mode(0o640)).unwrap();
    // Another program's sidecar.
    let file_b = picture(&format!("{b}.jpg"), 1024, 768);
    let others = folder.join(format!("{b}.xmp"));
    write_by_exiftool(
        &others,
        &[
            "-XMP:Rating=5",
            "-XMP:Subject=sea",
            "-XMP:RegionInfo={RegionList=[{Area={W=0.1,H=0.1,X=0.8,Y=0.8,Unit=normalized},Name=Eve,Type=Face}]}",
        ],
    );
    let before = fs::read(&others).unwrap();
    // Cropped since; with the number of a camera that looks like one of Flickr's.
    let file_c = picture(&format!("{c}.png"), 500, 500);
    let _ = picture(&format!("IMG_{a}_123456.jpg"), 1024, 768);
    fs::write(folder.join(".writing-Ab12Cd"), "half").unwrap();
    let xmp = export(&home, &[]);
    assert_eq!(
        (&xmp["sidecars"], &xmp["names"], &xmp["regions"]),
        (
            &json!({"written": 3, "unchanged": 0, "deleted": 0}),
            &json!({"added": 4, "removed": 0}),
            &json!({"added": 3, "removed": 0})
        ),
        "{xmp}"
    );
    let at = |path: &Path| json!([path.strip_prefix(home.folder()).unwrap()]);
    let counts = [
        "without_photo",
        "without_face",
        "never_write",
        "unknown",
        "swept",
    ];
    assert_eq!(
        counts.map(|count| xmp[count].as_u64().unwrap()),
        [1, 0, 1, 1, 1]
    );
    assert_eq!(xmp["other_shape"], at(&file_c));
    assert!(!beside(&file_b).exists(), "it would hide the other's");
    assert!(!folder.join(".writing-Ab12Cd").exists());
    assert_eq!(mode(&beside(&file_a)), 0o640, "as the photo's");
    // Without its photo in the folder, a sidecar is written only where that is asked for.
    let alone = home.path(&format!("album/{d}.jpg.xmp"));
    assert!(!alone.exists());
    assert_eq!(export(&home, &["--all"])["sidecars"]["written"], 1);

    let found = exiftool(&[&beside(&file_a), &others, &beside(&file_c), &alone]);
    let names = json!(["Ada Lovelace", written]);
    let people = json!(["People/Ada Lovelace", format!("People/{written}")]);
    let tree = json!(["People|Ada Lovelace", format!("People|{written}")]);
    for (field, value) in [
        ("Subject", &names),
        ("PersonInImage", &names),
        ("TagsList", &people),
        ("HierarchicalSubject", &tree),
    ] {
        assert_eq!(&found[0][field], value, "{field}");
    }
    assert_eq!(
        found[0]["RegionInfo"],
        json!({
            "AppliedToDimensions": {"H": 1536, "W": 2048, "Unit": "pixel"},
            "RegionList": [
                {"Area": {"H": 0.260417, "Unit": "normalized", "W": 0.195312, "X": 0.195312, "Y": 0.260417},
                    "Name": "Ada Lovelace", "Type": "Face"},
                {"Area": {"H": 0.260417, "Unit": "normalized", "W": 0.195312, "X": 0.585938, "Y": 0.260417},
                    "Name": written, "Type": "Face"},
            ],
        })
    );
    assert_eq!(
        found[0]["RegionInfoMP"]["Regions"],
        json!([
            {"PersonDisplayName": "Ada Lovelace", "Rectangle": "0.097656, 0.130208, 0.195312, 0.260417"},
            {"PersonDisplayName": written, "Rectangle": "0.488281, 0.130208, 0.195312, 0.260417"},
        ])
    );
    let regions = found[1]["RegionInfo"]["RegionList"].as_array().unwrap();
    let named: Value = regions
        .iter()
        .map(|region| region["Name"].clone())
        .collect();
    assert_eq!(
        (&found[1]["Subject"], &found[1]["Rating"], named),
        (
            &json!(["sea", "Ada Lovelace"]),
            &json!(5),
            json!(["Eve", "Ada Lovelace"])
        )
    );
    assert_eq!(
        (&found[2]["Subject"], &found[2]["RegionInfo"]),
        (&json!(["Ada Lovelace"]), &Value::Null)
    );
    assert_eq!(
        (
            &found[3]["Subject"],
            &found[3]["RegionInfo"]["RegionList"][0]["Name"]
        ),
        (&json!([written]), &json!(written))
    );
    let read = exiv2(&beside(&file_a));
    for (key, value) in [
        ("Xmp.dc.subject", format!("Ada Lovelace, {written}")),
        (
            "Xmp.mwg-rs.Regions/mwg-rs:RegionList[2]/mwg-rs:Name",
            written.to_owned(),
        ),
        (
            "Xmp.MP.RegionInfo/MPRI:Regions[1]/MPReg:PersonDisplayName",
            "Ada Lovelace".to_owned(),
        ),
    ] {
        let line = read.lines().find(|line| line.starts_with(key));
        assert!(
            line.is_some_and(|line| line.ends_with(&value)),
            "{key}: {read}"
        );
    }

    // Again: nothing is written. What another program has rewritten is still known for what it is.
    assert_eq!(
        export(&home, &["--all"])["sidecars"],
        json!({"written": 0, "unchanged": 4, "deleted": 0})
    );
    write_by_exiftool(&beside(&file_a), &["-XMP:Rating=4"]);
    let rounds = Command::new("exiv2")
        .args(["-M", "set Xmp.xmp.Label XmpText red"])
        .arg(beside(&file_a))
        .output()
        .unwrap();
    assert!(rounds.status.success(), "{rounds:?}");
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let xmp = export(&home, &[]);
    assert_eq!(
        xmp["sidecars"],
        json!({"written": 2, "unchanged": 0, "deleted": 2})
    );
    assert_eq!(
        fs::read(&others).unwrap(),
        before,
        "every byte of the other's"
    );
    let found = &exiftool(&[&beside(&file_a)])[0];
    assert_eq!(
        (&found["Subject"], &found["Rating"], &found["Label"]),
        (&json!(["Ada Lovelace"]), &json!(4), &json!("red"))
    );
    assert_eq!(
        found["RegionInfo"]["RegionList"].as_array().unwrap().len(),
        1
    );
    assert!(!beside(&file_c).exists() && !alone.exists());
    // Nothing of it was asked of Flickr.
    assert_eq!(sandbox.calls().api(), 0);
}

#[test]
fn a_run_about_one_person_and_people_who_are_never_written() {
    let (sandbox, [a, b]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let people = |cy: bool, ada: &[&String]| {
        write_people(
            &home,
            json!([
                {"name": "Ada", "photos": ada},
                {"name": "Bob", "photos": [a, b]},
                {"name": "Cy", "write": cy, "photos": [a]},
            ]),
        );
    };
    people(true, &[&a]);
    let (folder, picture) = album(&home);
    let file_a = picture(&format!("{a}.jpg"), 1024, 768);
    let file_b = picture(&format!("{b}.jpg"), 1024, 768);
    let subjects = |file: &Path| exiftool(&[&beside(file)])[0]["Subject"].clone();
    let xmp = export(&home, &["--only", "ada"]);
    assert_eq!(
        (&xmp["names"]["added"], &xmp["without_face"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(subjects(&file_a), json!(["Ada"]));
    assert!(!beside(&file_b).exists());
    let _ = export(&home, &[]);
    assert_eq!(subjects(&file_a), json!(["Ada", "Bob", "Cy"]));
    // Cy is not to be written any more, and somebody has named him on another photo.
    people(false, &[]);
    write_by_exiftool(&beside(&file_b), &["-XMP:PersonInImage+=Cy"]);
    let xmp = export(&home, &["--only", "Ada"]);
    assert_eq!(
        (&xmp["names"], &xmp["withdrawn"]),
        (&json!({"added": 0, "removed": 1}), &json!([]))
    );
    assert_eq!(subjects(&file_a), json!(["Bob", "Cy"]));
    let xmp = export(&home, &["--except", "Cy"]);
    assert_eq!(
        (&xmp["names"]["removed"], &xmp["never_write"]),
        (&json!(0), &json!(0))
    );
    let run = home.run(PROGRAM, &["export", "xmp", "album"]).ends_with(0);
    let _ = run.says(&[
        "skipped        1 person with \"write\": false",
        &format!("taken out      1: they named someone with \"write\": false\n  album/2024/{a}.jpg.xmp"),
        &format!("still named    1: not by tag-photos, someone with \"write\": false\n  album/2024/{b}.jpg.xmp"),
    ]);
    assert_eq!(subjects(&file_a), json!(["Bob"]));
    assert_eq!(
        exiftool(&[&beside(&file_b)])[0]["PersonInImage"],
        json!(["Bob", "Cy"])
    );
    let _ = folder;
}

/// A JPEG file without the segments that hold XMP.
fn without_xmp(file: &Path) -> Vec<u8> {
    let bytes = fs::read(file).unwrap();
    let (mut rest, mut at) = (bytes[..2].to_vec(), 2);
    while bytes[at + 1] != 0xda {
        let end = at + 2 + usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
        if !bytes[at + 4..end].starts_with(b"http://ns.adobe.com/x") {
            rest.extend(&bytes[at..end]);
        }
        at = end;
    }
    rest.extend(&bytes[at..]);
    rest
}

#[test]
fn names_go_into_jpeg_files_and_out_again_and_nothing_else_changes() {
    let (sandbox, [a, b, c, d, e, f]) = photos([&[], &[], &[], &[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let all = [&a, &b, &c, &d, &e, &f];
    let faces = all.map(|id| (id.as_str(), "Ada Lovelace", [100, 100, 299, 299]));
    name_faces(&home, &faces);
    let ids = all.map(String::as_str);
    home.write_tags(&[("Ada Lovelace", &ids)]);
    let (_, picture) = album(&home);
    let bare = picture(&format!("{a}.jpg"), 1024, 768);
    fs::set_permissions(&bare, Permissions::from_mode(0o640)).unwrap();
    // EXIF, IPTC and XMP by another program.
    let rich = picture(&format!("{b}_0123456789_o.jpg"), 2048, 1536);
    write_by_exiftool(
        &rich,
        &[
            "-EXIF:Artist=Me",
            "-IPTC:Keywords=sea",
            "-XMP:Subject=sea",
            "-XMP:Rating=5",
            "-ICC_Profile:all=",
            "-XMP:RegionInfo={RegionList=[{Area={W=0.1,H=0.1,X=0.8,Y=0.8,Unit=normalized},Name=Eve,Type=Face}]}",
        ],
    );
    // XMP that does not fit into one segment, and such as fits hardly.
    let long = home.path("long.txt");
    let extended = picture(&format!("{c}.jpg"), 1024, 768);
    let full = picture(&format!("{d}.jpg"), 1024, 768);
    for (file, length) in [(&extended, 150_000), (&full, 62_000)] {
        fs::write(&long, "long ".repeat(length / 5)).unwrap();
        write_by_exiftool(
            file,
            &[
                &format!("-XMP-dc:Description<={}", long.display()),
                "-XMP-dc:Subject=sea",
            ],
        );
    }
    let png = picture(&format!("{e}.png"), 1024, 768);
    let files = [&bare, &rich, &extended, &full];
    let before = files.map(|file| fs::read(file).unwrap());
    let rest = files.map(|file| without_xmp(file));

    let xmp = export(&home, &["--embed"]);
    assert_eq!(
        (&xmp["photos"], &xmp["sidecars"], &xmp["without_photo"]),
        (
            &json!({"written": 4, "unchanged": 0, "deleted": 0}),
            &json!({"written": 1, "unchanged": 0, "deleted": 0}),
            &json!(1)
        ),
        "{xmp}"
    );
    for (file, rest) in files.iter().zip(&rest) {
        assert!(
            without_xmp(file) == *rest,
            "{} but for its XMP",
            file.display()
        );
        assert!(!beside(file).exists());
        let read = exiv2(file);
        let keyword = read.lines().find(|line| line.starts_with("Xmp.dc.subject"));
        assert!(
            keyword.is_some_and(|line| line.contains("Ada Lovelace")),
            "{read}"
        );
    }
    assert_eq!(mode(&bare), 0o640);
    let found = exiftool(&files.map(PathBuf::as_path));
    let region = |found: &Value| {
        found["RegionInfo"]["RegionList"]
            .as_array()
            .unwrap()
            .last()
            .unwrap()
            .clone()
    };
    for found in &found {
        assert_eq!(region(found)["Name"], "Ada Lovelace", "{found}");
        assert_eq!(found["PersonInImage"], json!(["Ada Lovelace"]), "{found}");
    }
    assert_eq!(
        (&found[1]["Subject"], &found[1]["Rating"]),
        (&json!(["sea", "Ada Lovelace"]), &json!(5))
    );
    assert_eq!(found[1]["RegionInfo"]["RegionList"][0]["Name"], "Eve");
    assert_eq!(found[2]["Description"].as_str().unwrap().len(), 150_000);
    assert_eq!(found[3]["Description"].as_str().unwrap().len(), 62_000);
    assert_eq!(found[2]["Subject"], json!(["sea", "Ada Lovelace"]));
    // Again: nothing is written. Without --embed the photos are left, and told where they differ.
    let with = files.map(|file| fs::read(file).unwrap());
    assert_eq!(
        export(&home, &["--embed"])["photos"],
        json!({"written": 0, "unchanged": 4, "deleted": 0})
    );
    home.write_tags(&[("Ada Lovelace", &[])]);
    assert_eq!(
        export(&home, &[])["outdated_inside"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    assert!(files.map(|file| fs::read(file).unwrap()) == with);
    // Out again: what others had written is there, byte by byte.
    let xmp = export(&home, &["--embed"]);
    assert_eq!(
        (&xmp["photos"]["written"], &xmp["regions"]),
        (&json!(4), &json!({"added": 0, "removed": 4}))
    );
    for (number, before) in before.iter().enumerate().take(2) {
        assert!(
            fs::read(files[number]).unwrap() == *before,
            "{}",
            files[number].display()
        );
    }
    // Extensions are there, with the same in them.
    for (found, length) in exiftool(&[&extended, &full]).iter().zip([150_000, 62_000]) {
        let text = found["Description"].as_str().unwrap();
        assert_eq!((&found["Subject"], text.len()), (&json!(["sea"]), length));
        assert_eq!(
            (&found["PersonInImage"], &found["Added"]),
            (&Value::Null, &Value::Null)
        );
    }
    assert!(!beside(&png).exists());

    // A file that may not be written is left.
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    fs::set_permissions(&bare, Permissions::from_mode(0o444)).unwrap();
    let _ = home
        .run(PROGRAM, &["export", "xmp", "album", "--embed"])
        .ends_with(2)
        .says(&[&format!(
            "left           1 as they are\n  album/2024/{a}.jpg: it is read-only"
        )]);
    assert!(fs::read(&bare).unwrap() == before[0]);
}

#[test]
fn originals_under_their_own_names_are_matched_by_title_date_or_table() {
    let (sandbox, [a, b, c]) = photos([&[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    // Taken in seconds 1, 2 and 3.
    let faces = [&a, &b, &c].map(|id| (id.as_str(), "Ada", [100, 100, 299, 299]));
    name_faces(&home, &faces);
    let (folder, picture) = album(&home);
    let titled = picture(&format!("photo {a}.jpg"), 1024, 768);
    let dated = picture("IMG_20050712_123402.jpg", 1024, 768);
    let twice = ["x.jpg", "y.jpg"].map(|name| picture(name, 1024, 768));
    write_by_exiftool(&dated, &["-EXIF:DateTimeOriginal=2005:07:12 12:34:02"]);
    for file in &twice {
        write_by_exiftool(file, &["-EXIF:DateTimeOriginal=2005:07:12 12:34:03"]);
    }
    home.write("which.csv", format!("photo id,file\n{c},2024/x.jpg\n"));
    let written = |more: &[&str]| {
        let xmp = export(&home, more);
        let mut found = Vec::new();
        for file in [&titled, &dated, &twice[0], &twice[1]] {
            if fs::remove_file(beside(file)).is_ok() {
                found.push(file.file_name().unwrap().to_str().unwrap().to_owned());
            }
        }
        let counts = ["without_photo", "unknown"].map(|count| xmp[count].as_u64().unwrap());
        (found, counts, xmp["ambiguous"].as_array().unwrap().len())
    };
    let name = |file: &Path| vec![file.file_name().unwrap().to_str().unwrap().to_owned()];
    assert_eq!(written(&[]), (vec![], [3, 4], 0));
    assert_eq!(written(&["--match", "title"]), (name(&titled), [2, 3], 0));
    assert_eq!(written(&["--match", "date"]), (name(&dated), [2, 1], 1));
    assert_eq!(
        written(&["--match", "which.csv"]),
        (vec!["x.jpg".to_owned()], [2, 3], 0)
    );
    let _ = home
        .run(PROGRAM, &["export", "xmp", "album", "--match", "date"])
        .ends_with(0)
        .says(&[
            "ambiguous      1 that may be more than one; skipped",
            "x.jpg, album/2024/y.jpg: photo ",
        ]);
    home.write("which.csv", "photo id,file\nx,2024/x.jpg\n");
    let _ = home
        .run(PROGRAM, &["export", "xmp", "album", "--match", "which.csv"])
        .ends_with(1)
        .complains(&["which.csv:2: \"x\" is not a photo id"]);
    let _ = folder;
}

#[test]
fn a_photo_that_was_turned_on_flickr_keeps_its_regions() {
    const BOX: [i32; 4] = [100, 50, 379, 299];
    let (sandbox, [a, b]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, "Ada", BOX), (&b, "Ada", BOX)]);
    // Faces were found in what Flickr shows, 1024x768; the original stands on its head, or on its side.
    let cases = [
        (&a, 180, Orientation::Rotate180),
        (&b, 90, Orientation::Rotate270),
    ];
    let path = home.path("faces.sqlite");
    wait_for(async {
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        for (photo, rotation, _) in &cases {
            let listed = ListedPhoto {
                id: id(photo),
                uploaded: 1,
                title: String::new(),
                tags: Vec::new(),
                taken: None,
                rotation: Some(*rotation),
                secret: None,
                image: None,
            };
            store.add_listed(&[listed]).await.unwrap();
        }
        store.close().await;
    });
    let (folder, _) = album(&home);
    for (photo, _, back) in cases {
        let file = folder.join(format!("{photo}_0123456789_o.jpg"));
        picture(BOX, back, 1, &file);
        // Larger than what was searched.
        let large = image::open(&file).unwrap();
        let large = large.resize(1536, 1536, image::imageops::FilterType::Nearest);
        large.save(&file).unwrap();
        let xmp = export(&home, &["--embed"]);
        assert_eq!(xmp["other_shape"], json!([]));
        let found = &exiftool(&[&file])[0];
        let (inside, outside) = brightness(&file, &found["RegionInfo"]["RegionList"][0]["Area"]);
        assert!(
            inside > 240.0 && outside < 5.0,
            "{inside} {outside} {found}"
        );
    }
}

#[test]
fn a_mistyped_folder_is_not_made() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    write_people(&home, json!([{"name": "Ada", "photos": [a]}]));
    let _ = home
        .run(PROGRAM, &["export", "xmp", "albm"])
        .ends_with(1)
        .complains(&["albm: there is no such folder"]);
    assert!(!home.path("albm").exists());
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
