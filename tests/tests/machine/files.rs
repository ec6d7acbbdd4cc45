//! Files that are something else than they should be.

use std::fs;

use end_to_end::{Sample, files_below, rows, sample};
use flickr_sandbox::{Fault, FaultKind};

use super::*;

#[test]
fn a_config_that_is_no_text_file_is_refused_at_once() {
    struct Case {
        what: &'static str,
        make: fn(&Home),
        says: &'static str,
    }
    fn link(home: &Home, to: &str) {
        fs::remove_file(home.path("config.ini")).unwrap();
        std::os::unix::fs::symlink(to, home.path("config.ini")).unwrap();
    }
    fn in_utf_16(home: &Home, units: impl Fn(u16) -> [u8; 2]) {
        let text = format!("\u{feff}{}", home.read("config.ini"));
        home.write(
            "config.ini",
            text.encode_utf16().flat_map(units).collect::<Vec<u8>>(),
        );
    }
    let cases = [
        Case {
            what: "UTF-16 of Windows",
            make: |home| in_utf_16(home, u16::to_le_bytes),
            says: "found a file in UTF-16 (save it as UTF-8)",
        },
        Case {
            what: "UTF-16, the other byte first",
            make: |home| in_utf_16(home, u16::to_be_bytes),
            says: "found a file in UTF-16",
        },
        Case {
            what: "a pipe",
            make: |home| {
                fs::remove_file(home.path("config.ini")).unwrap();
                let made = Command::new("mkfifo").arg(home.path("config.ini")).status();
                assert!(made.unwrap().success());
            },
            says: "found a pipe, socket or device",
        },
        Case {
            what: "a device without end",
            make: |home| link(home, "/dev/zero"),
            says: "found a pipe, socket or device",
        },
        Case {
            what: "a folder",
            make: |home| link(home, "/"),
            says: "found a folder",
        },
        Case {
            what: "100 MB",
            make: |home| {
                let file = fs::File::create(home.path("config.ini")).unwrap();
                file.set_len(100_000_000).unwrap();
            },
            says: "found 100,000,000 bytes, expected a text file in UTF-8 of at most 1 MB",
        },
        Case {
            what: "with NUL",
            make: |home| {
                let text = home.read("config.ini");
                home.write("config.ini", format!("{text}\nTHRESH\0OLD = 0.5\n"));
            },
            says: "found a NUL character in line ",
        },
        Case {
            what: "in Latin 1",
            make: |home| {
                let mut text = b"# gr\xfc\xdfe\n".to_vec();
                text.extend(home.read("config.ini").bytes());
                home.write("config.ini", text);
            },
            says: "found bytes in line 1 that are not UTF-8",
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let home = home(1);
        (case.make)(&home);
        for (program, arguments) in COMMANDS {
            let (run, took) = timed(home.command(program), arguments);
            let said = run.stderr.contains("config.ini") && run.stderr.contains(case.says);
            if run.code != Some(1) || !said || took > Duration::from_secs(5) {
                wrong.push(format!("{}: {took:?} {run}", case.what));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_cannot_be_read_or_written_is_never_a_wrong_setting() {
    // Root may do anything to a file, but nobody writes to a full disk.
    let home = home(1);
    fs::remove_file(home.path("tags.json")).unwrap();
    fs::create_dir(home.path("tags.json")).unwrap();
    for (program, arguments) in [
        ("cluster-faces", &["report"][..]),
        ("tag-photos", &["plan"]),
    ] {
        let run = timed(home.command(program), arguments);
        let complaint = complaint(&run, &["tags.json"]);
        assert!(complaint.is_none(), "{}", complaint.unwrap_or_default());
    }
}

#[test]
fn a_garbled_reply_is_told_while_it_is_asked_again() {
    let home = home(2);
    for (kind, found) in [
        (FaultKind::DeepJson, "recursion limit exceeded"),
        (FaultKind::HtmlPage, "Please try again in a moment."),
    ] {
        home.sandbox
            .set_faults([Fault::once("flickr.photos.search", kind.clone())]);
        let run = home.run("download", &["--relist"]).ends_with(0);
        let line = run
            .stderr
            .lines()
            .find(|line| line.contains("asking again"));
        let line = line.unwrap_or_default();
        let told = ["flickr.photos.search: expected JSON", "found: ", found];
        assert!(
            told.iter().all(|text| line.contains(text)),
            "{kind:?}: {run}"
        );
    }
}

#[test]
fn a_header_that_lies_is_its_photos_failure() {
    let home = home(3);
    home.sandbox
        .set_faults([Fault::once("static", FaultKind::LyingHeader)]);
    let run = home.run("download", &[]).ends_with(2);
    let _ = run.complains(&[
        "the file says that it has 10000x10000 pixels, expected 240x180 as Flickr names them",
    ]);
    let _ = home.run("download", &[]).ends_with(0);
}

#[test]
fn faces_are_larger_where_photos_go() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("face.jpg");
    sample(Sample::Obama, 1000, &file);
    let sandbox = sandbox(Options::default());
    let photo = NewPhoto {
        file: Some(file),
        ..NewPhoto::default()
    };
    sandbox.add_photo(photo).unwrap();
    let side = |keep_photos| {
        let home = Home::new(
            &sandbox,
            &[("MAX_SIZE", "1024"), ("keep_photos", keep_photos)],
        );
        let _ = home.run("download", &[]).ends_with(0);
        let files = files_below(&home.path("photos")).len();
        let faces = rows(&home.path("faces.sqlite"), "faces", "id");
        // X'FFD8...', as SQLite writes bytes.
        let hex = faces[0]["crop"]
            .trim_start_matches("X'")
            .trim_end_matches('\'');
        let bytes: Vec<u8> = (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect();
        (files, image::load_from_memory(&bytes).unwrap().width())
    };
    assert_eq!(side("yes"), (1, 160));
    let (files, side) = side("no");
    // As large as the face is in the photo, up to 320.
    assert!(files == 0 && (240..=320).contains(&side), "{files}, {side}");
}
