//! The real digiKam and the real darktable read what `export xmp` has written. Too slow and too large for every
//! run, and run by hand, with Debian's packages digikam, darktable, xvfb, xauth and dbus-daemon:
//!
//!     cargo test --workspace --test tags -- --ignored digikam::

use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use end_to_end::Home;
use image::metadata::Orientation;
use serde_json::{Value, json};

use super::{
    PROGRAM,
    export::{exiftool, picture},
    name_faces, photos, write_people,
};

const BOX: [i32; 4] = [100, 50, 379, 299];

/// An album: names in a photo, in one on its side, and in a sidecar; its folder.
fn album(home: &Home, ids: [&str; 3]) -> PathBuf {
    let name = "Ann \"Nan\" O'Neil/李";
    let faces = ids.map(|id| (id, "Ada Lovelace", BOX));
    name_faces(
        home,
        &[&faces[..], &[(ids[0], name, [500, 400, 699, 599])]].concat(),
    );
    write_people(
        home,
        json!([
            {"name": "Ada Lovelace", "photos": ids},
            {"name": name, "tag": "ann", "photos": [ids[0]]},
        ]),
    );
    let folder = home.path("album");
    fs::create_dir(&folder).unwrap();
    picture(
        BOX,
        Orientation::NoTransforms,
        1,
        &folder.join(format!("{}.jpg", ids[0])),
    );
    picture(
        BOX,
        Orientation::Rotate270,
        6,
        &folder.join(format!("{}.jpg", ids[1])),
    );
    let _ = home
        .run(PROGRAM, &["export", "xmp", "album", "--embed"])
        .ends_with(0);
    picture(
        BOX,
        Orientation::NoTransforms,
        1,
        &folder.join(format!("{}.jpg", ids[2])),
    );
    let _ = home.run(PROGRAM, &["export", "xmp", "album"]).ends_with(0);
    folder
}

/// Asks an SQLite database, which another program may be writing.
fn ask(database: &Path, statement: &str) -> Option<Vec<Vec<Value>>> {
    let script = "import json, sqlite3, sys\n\
        with sqlite3.connect(sys.argv[1], timeout=20) as database:\n    \
            print(json.dumps(database.execute(sys.argv[2]).fetchall()))";
    let mut python = Command::new("python3");
    let output = python
        .args(["-c", script])
        .arg(database)
        .arg(statement)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).ok()
}

/// Runs digiKam without a screen until `is_done`.
fn digikam(home: &Path, until: &str, is_done: impl Fn() -> bool) {
    let runtime = home.join("runtime");
    fs::create_dir_all(&runtime).unwrap();
    let mut child = Command::new("xvfb-run")
        .args([
            "--auto-servernum",
            "dbus-run-session",
            "--",
            "digikam",
            "--database-directory",
        ])
        .arg(home.join("database"))
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_RUNTIME_DIR", runtime)
        // It shows web pages in some corners, whose sandbox root may not use.
        .env("QTWEBENGINE_DISABLE_SANDBOX", "1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("xvfb-run: {error}: see the head of this file"));
    let end = Instant::now() + Duration::from_secs(240);
    let mut done = false;
    while !done && Instant::now() < end && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_secs(1));
        done = is_done();
    }
    // What it writes last.
    thread::sleep(Duration::from_secs(5));
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    child.wait().unwrap();
    assert!(done || is_done(), "digiKam did not get so far: {until}");
}

#[test]
#[ignore = "wants digiKam: see the head of this file"]
fn digikam_finds_people_and_their_faces() {
    let (sandbox, ids) = photos([&[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let folder = album(&home, [&ids[0], &ids[1], &ids[2]]);
    let theirs = home.path("digikam");
    let database = theirs.join("database/digikam4.db");
    fs::create_dir_all(theirs.join("database")).unwrap();
    let path = theirs.join("database/");
    let settings = format!(
        "[General Settings]\nVersion=7.9.0\nScan At Start=true\n\
         [Album Settings]\nAlbum Paths={}\n\
         [Database Settings]\nDatabase Type=QSQLITE\nDatabase Name={path}\n\
         Database Name Face={path}\nDatabase Name Thumbnails={path}\nDatabase Name Similarity={path}\n\
         [Metadata Settings]\nUse XMP Sidecar For Reading=true\nSave Face Tags=true\n",
        folder.display(),
        path = path.display()
    );
    fs::write(theirs.join("digikamrc"), settings).unwrap();
    digikam(&theirs, "its database", || {
        ask(
            &database,
            "SELECT value FROM Settings WHERE keyword = 'DBVersion'",
        )
        .is_some_and(|rows| !rows.is_empty())
    });
    // A folder on the network is one that it looks for nowhere but at its path.
    let root = format!(
        "INSERT INTO AlbumRoots (label, status, type, identifier, specificPath)
         VALUES ('album', 0, 3, 'networkshareid:?mountpath={}', '/')",
        folder.display()
    );
    ask(&database, &root).unwrap();
    let regions = "SELECT Images.name, People.name, Tags.name, value FROM ImageTagProperties
         JOIN Images ON Images.id = imageid JOIN Tags ON Tags.id = tagid JOIN Tags AS People ON People.id = Tags.pid
         WHERE property = 'tagRegion' ORDER BY Images.id, Tags.name";
    digikam(&theirs, "four faces", || {
        ask(&database, regions).is_some_and(|rows| rows.len() == 4)
    });
    let found = ask(&database, regions).unwrap();
    println!("{}", json!(found));
    // Pixels of the photo as it is shown: 1024x768, whatever its EXIF says.
    let face = r#"<rect x="100" y="50" width="280" height="250"/>"#;
    let row = |id: &str, name: &str, rect: &str| json!([format!("{id}.jpg"), "People", name, rect]);
    assert_eq!(
        json!(found),
        json!([
            row(&ids[0], "Ada Lovelace", face),
            row(
                &ids[0],
                "Ann \"Nan\" O'Neil-李",
                r#"<rect x="500" y="400" width="200" height="200"/>"#
            ),
            row(&ids[1], "Ada Lovelace", face),
            row(&ids[2], "Ada Lovelace", face),
        ])
    );
    // Nobody twice, and no level too many.
    let people = "SELECT Tags.name FROM Tags JOIN ImageTags ON tagid = Tags.id GROUP BY Tags.id ORDER BY Tags.name";
    let people = ask(&database, people).unwrap();
    println!("{}", json!(people));
    assert_eq!(
        json!(people),
        json!([["Ada Lovelace"], ["Ann \"Nan\" O'Neil-李"]])
    );
}

#[test]
#[ignore = "wants darktable: see the head of this file"]
fn darktable_imports_the_keywords() {
    let (sandbox, ids) = photos([&[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let folder = album(&home, [&ids[0], &ids[1], &ids[2]]);
    let theirs = home.path("darktable");
    fs::create_dir(&theirs).unwrap();
    for id in &ids {
        let output = Command::new("xvfb-run")
            .args(["--auto-servernum", "darktable-cli"])
            .arg(folder.join(format!("{id}.jpg")))
            .arg(theirs.join(format!("{id}-out.jpg")))
            .args(["--width", "64", "--core", "--disable-opencl", "--library"])
            .arg(theirs.join("library.db"))
            .arg("--configdir")
            .arg(&theirs)
            .arg("--cachedir")
            .arg(&theirs)
            .env("HOME", &theirs)
            .output()
            .unwrap_or_else(|error| panic!("xvfb-run: {error}: see the head of this file"));
        assert!(output.status.success(), "{output:?}");
        // What it makes of a photo keeps the names, too.
        let made = &exiftool(&[&theirs.join(format!("{id}-out.jpg"))])[0];
        assert!(
            made["Subject"].to_string().contains("Ada Lovelace"),
            "{made}"
        );
    }
    let tags = ask(
        &theirs.join("data.db"),
        "SELECT name FROM tags WHERE name NOT LIKE 'darktable|%' ORDER BY name",
    )
    .unwrap();
    println!("{}", json!(tags));
    assert_eq!(
        json!(tags),
        json!([["People|Ada Lovelace"], ["People|Ann \"Nan\" O'Neil-李"]])
    );
    let tagged = ask(&theirs.join("library.db"), "SELECT filename, COUNT(*) FROM images JOIN tagged_images ON imgid = images.id GROUP BY filename ORDER BY images.id").unwrap();
    println!("{}", json!(tagged));
    // The keywords, and a tag of darktable's own for the format.
    assert_eq!(
        json!(tagged),
        json!([
            [format!("{}.jpg", ids[0]), 3],
            [format!("{}.jpg", ids[1]), 2],
            [format!("{}.jpg", ids[2]), 2]
        ])
    );
}
