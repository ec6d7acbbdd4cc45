use super::*;

#[test]
fn ids_are_read_from_names_of_flickrs_forms_alone() {
    let cases: [(&str, &[&str]); 17] = [
        ("53000000001.jpg", &["53000000001"]),
        ("a/53000000001.PNG", &["53000000001"]),
        ("53000000001_0a23456789.jpg", &["53000000001"]),
        ("53000000001_0a23456789_o.jpg", &["53000000001"]),
        (
            "53000000001_0123456789_o.jpg",
            &["53000000001", "0123456789"],
        ),
        ("53000000001_0a23456789_3k.jpg", &["53000000001"]),
        ("at-the-sea_53000000001_o.jpeg", &["53000000001"]),
        ("at_the_sea_53000000001_o (2).jpeg", &["53000000001"]),
        ("_53000000001_o.jpg", &["53000000001"]),
        ("IMG_20050712_123456.jpg", &[]),
        ("20050712_123456.jpg", &[]),
        ("PXL_20050712_123456789.jpg", &[]),
        ("IMG_0815.jpg", &[]),
        ("DSC_53000000001.jpg", &[]),
        ("o.jpg", &[]),
        ("sea_o.jpg", &[]),
        ("sea.jpg", &[]),
    ];
    let mut wrong = Vec::new();
    for (name, ids) in cases {
        let found = ids_in_name(Path::new(name));
        if found != ids {
            wrong.push(format!("{name}: {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn photo(id: &str, title: &str, taken: Option<&str>) -> PhotoTitle {
    PhotoTitle {
        photo: PhotoId::new(id).unwrap(),
        title: title.to_owned(),
        uploaded: 0,
        taken: taken.map(str::to_owned),
        rotation: None,
    }
}

/// The files of each photo by name, and what is ambiguous.
fn found(folder: &Path, photos: &[PhotoTitle], matching: &Matching) -> (String, usize, u64) {
    let found = PhotoFiles::find(folder, photos, matching).unwrap();
    let name = |path: &PathBuf| path.strip_prefix(folder).unwrap().display().to_string();
    let lines = found.of.iter().map(|(photo, files)| {
        let files: Vec<_> = files.iter().map(name).collect();
        format!("{photo}={}", files.join(","))
    });
    let lines: Vec<_> = lines.collect();
    (lines.join(" "), found.ambiguous.len(), found.unknown)
}

/// A TIFF header and the directories that hold DateTimeOriginal (EXIF 2.3, 4.6.3 and 4.6.5).
fn jpeg_taken(date: &str) -> Vec<u8> {
    let mut exif =
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x1a\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"\x01\0\x03\x90\x02\0\x14\0\0\0\x2c\0\0\0\0\0\0\0");
    exif.extend(date.as_bytes());
    exif.push(0);
    let mut jpeg = b"\xff\xd8\xff\xe1\0".to_vec();
    jpeg.push(exif.len() as u8 + 2);
    jpeg.extend(exif);
    jpeg.extend(b"\xff\xd9");
    jpeg
}

#[test]
fn files_are_matched_by_id_title_date_or_table() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::create_dir_all(folder.join("2005")).unwrap();
    fs::create_dir_all(folder.join(".thumbnails")).unwrap();
    for (name, date) in [
        ("7.jpg", "2005:07:12 12:34:56"),
        ("Tom & Ada.jpg", "2005:07:12 12:34:57"),
        ("IMG_1.jpg", "2005:07:12 12:34:58"),
        ("2005/IMG_1.jpg", "2005:07:12 12:34:58"),
        ("2005/Zoe\u{308}.JPG", "2005:07:12 12:34:59"),
        (".thumbnails/8.jpg", "2005:07:12 12:34:57"),
    ] {
        fs::write(folder.join(name), jpeg_taken(date)).unwrap();
    }
    fs::write(folder.join("9.jpg.xmp"), "").unwrap();
    fs::write(folder.join("9.xmp"), "").unwrap();
    let photos = [
        photo("7", "IMG_1", Some("2005-07-12 12:34:56")),
        photo("8", "Tom &amp; Ada", Some("2005-07-12 12:34:57")),
        photo("9", "Zoë.JPG", Some("2005-07-12 12:34:58")),
        photo("10", "", None),
        photo("11", "x", Some("2005-07-12 12:34:59")),
        photo("12", "y", Some("2005-07-12 12:34:59")),
    ];
    let find = |matching| found(folder, &photos, &matching);
    assert_eq!(find(Matching::Id), ("7=7.jpg".to_owned(), 0, 4));
    assert_eq!(
        find(Matching::Title),
        ("8=Tom & Ada.jpg 9=2005/Zoe\u{308}.JPG".to_owned(), 1, 1)
    );
    assert_eq!(
        find(Matching::Date),
        ("7=7.jpg 8=Tom & Ada.jpg".to_owned(), 2, 0)
    );
    let table = folder.join("table.csv");
    for rows in [
        "\u{feff}file,Photo ID\r\n7.jpg,9\r\n2005/IMG_1.jpg,9\r\nIMG_1.jpg,10\r\n",
        "9,7.jpg\n10,IMG_1.jpg\n9, 2005/IMG_1.jpg",
    ] {
        fs::write(&table, rows).unwrap();
        assert_eq!(
            find(Matching::Table(table.clone())),
            ("9=7.jpg,2005/IMG_1.jpg 10=IMG_1.jpg".to_owned(), 0, 2)
        );
    }
    for (rows, problem) in [
        (
            "photo,file\n9,7.jpg\nx,7.jpg",
            ":3: \"x\" is not a photo id",
        ),
        ("9,7.jpg\n10,7.jpg", ":2: 7.jpg is photo 9 already"),
        ("9", ":1: photo 9 has no file beside it"),
        ("9,8.jpg", ":1: 8.jpg: no JPEG or PNG file is there"),
        ("9,9.xmp", ":1: 9.xmp: no JPEG or PNG file is there"),
    ] {
        fs::write(&table, rows).unwrap();
        let matching = Matching::Table(table.clone());
        let error = PhotoFiles::find(folder, &photos, &matching).unwrap_err();
        let error = error
            .to_string()
            .replace(&format!("{}/", folder.display()), "");
        assert!(error.starts_with(&format!("table.csv{problem}")), "{error}");
    }
    let alone = PhotoFiles::find(folder, &photos, &Matching::Id).unwrap();
    let nine = PhotoId::new("9").unwrap();
    assert_eq!(alone.sidecar_alone[&nine], [folder.join("9.jpg")]);
    let error = PhotoFiles::find(&folder.join("2006"), &photos, &Matching::Id).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("/2006: there is no such folder"),
        "{error}"
    );
    assert!(!folder.join("2006").exists());
}
