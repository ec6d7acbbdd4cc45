//! dlib and its libraries are in `download` alone; and a `download` built without dlib has everything but
//! HOG.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use end_to_end::{DOWNLOAD_WITHOUT_DLIB, Home, Sample, program, rows, sample, sandbox};
use flickr_sandbox::{NewPhoto, Options};

/// The shared libraries that a program asks the system for.
fn libraries(program: &Path) -> Vec<String> {
    let output = Command::new("ldd")
        .arg(program)
        .stderr(Stdio::inherit())
        .output()
        .expect("ldd, a part of the C library's package, runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text
        .split_whitespace()
        .filter(|word| word.starts_with("lib"));
    names.map(str::to_owned).collect()
}

/// Looked at in both builds, so that it is known to see dlib where it is.
#[test]
fn dlib_and_its_libraries_are_in_download_alone_and_only_with_the_feature() {
    for name in [
        "download",
        DOWNLOAD_WITHOUT_DLIB,
        "cluster-faces",
        "tag-photos",
    ] {
        let found = libraries(&program(name));
        assert!(
            found.iter().any(|library| library.starts_with("libc.so")),
            "{name}: {found:?}"
        );
        let of_dlib: Vec<_> = found
            .iter()
            .filter(|library| {
                let parts = [
                    "libdlib",
                    "libopenblas",
                    "libblas",
                    "liblapack",
                    "libstdc++",
                ];
                parts.iter().any(|part| library.starts_with(part))
            })
            .collect();
        let expected = name == "download";
        assert_eq!(!of_dlib.is_empty(), expected, "{name}: {found:?}");
    }
}

/// All three programs, cnn on ONNX Runtime: the same two people whichever build it is.
#[test]
fn the_main_job_is_done_with_cnn_on_onnx_runtime() {
    for download in ["download", DOWNLOAD_WITHOUT_DLIB] {
        main_job(download);
    }
}

fn main_job(download: &str) {
    let sandbox = sandbox(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let mut ids = Vec::new();
    for person in [Sample::Obama, Sample::Obama2, Sample::Obama3, Sample::Biden] {
        let file = folder.path().join(format!("{person:?}.jpg"));
        sample(person, 400, &file);
        let photo = NewPhoto {
            file: Some(file),
            ..NewPhoto::default()
        };
        ids.push(sandbox.add_photo(photo).unwrap());
    }
    let home = Home::new(
        &sandbox,
        &[
            ("MAX_SIZE", "400"),
            ("upsample", "0"),
            ("DETECTION_METHOD", "cnn"),
            ("engine", "onnxruntime"),
            ("write_to", "all"),
        ],
    );
    let run = home.run(download, &["--json"]).ends_with(0);
    assert_eq!(run.json()["photos"], 4, "{run}");
    let store = home.path("faces.sqlite");
    let engines: Vec<_> = rows(&store, "photos", "id")
        .iter()
        .map(|row| row["done_engine"].clone())
        .collect();
    assert_eq!(engines, ["'onnxruntime'"; 4]);
    assert_eq!(rows(&store, "faces", "id").len(), 4);

    let _ = home
        .answer("cluster-faces", &[], "Barack Obama\n")
        .ends_with(0);
    let run = home.run("tag-photos", &[]).ends_with(0);
    for (id, expected) in ids.iter().zip([true, true, true, false]) {
        let tags = sandbox.tags_of(id).unwrap();
        assert_eq!(tags == ["Barack Obama"], expected, "{id}: {tags:?}, {run}");
    }
}

/// A new config.ini is one that works, up to the API key.
#[test]
fn a_new_config_ini_asks_for_a_detector_that_is_there() {
    for (download, expected) in [("download", "hog"), (DOWNLOAD_WITHOUT_DLIB, "cnn")] {
        let sandbox = sandbox(Options::default());
        let home = Home::signed_out(&sandbox, &[]);
        std::fs::remove_file(home.path("config.ini")).unwrap();
        let run = home.run(download, &[]).complains(&["api_key"]);
        let line = format!("DETECTION_METHOD = {expected}");
        let text = home.read("config.ini");
        assert!(text.lines().any(|found| found == line), "{text}\n{run}");
    }
}

#[test]
fn what_needs_dlib_is_refused_in_words() {
    let sandbox = sandbox(Options::default());
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "DETECTION_METHOD = hog (the default) needs dlib"),
        (
            &[("DETECTION_METHOD", "hog")],
            "DETECTION_METHOD = hog (the default) needs dlib",
        ),
        (
            &[("DETECTION_METHOD", "hog"), ("engine", "dlib")],
            "DETECTION_METHOD = hog (the default) needs dlib",
        ),
        (
            &[("DETECTION_METHOD", "cnn"), ("engine", "dlib")],
            "engine = dlib needs dlib",
        ),
    ];
    for (settings, says) in cases {
        let home = Home::new(&sandbox, settings);
        let _ = home
            .run(DOWNLOAD_WITHOUT_DLIB, &[])
            .ends_with(1)
            .complains(&[
                says,
                "built without it",
                "hint:",
                "set DETECTION_METHOD = cnn and engine = auto",
            ]);
        assert!(!home.path("faces.sqlite").exists(), "{settings:?}");
    }
}
