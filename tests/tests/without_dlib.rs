//! dlib and its libraries are in no program, unless `download` is built with the feature `dlib`; and one built
//! without says so where it is asked for dlib.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use end_to_end::{DOWNLOAD_WITH_DLIB, Home, Sample, program, rows, sample, sandbox};
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

/// Whether a program asks for dlib or one of its libraries.
fn has_dlib(name: &str) -> bool {
    let found = libraries(&program(name));
    assert!(
        found.iter().any(|library| library.starts_with("libc.so")),
        "{name}: {found:?}"
    );
    let of_dlib = [
        "libdlib",
        "libopenblas",
        "libblas",
        "liblapack",
        "libstdc++",
    ];
    found
        .iter()
        .any(|library| of_dlib.iter().any(|part| library.starts_with(part)))
}

#[test]
fn dlib_and_its_libraries_are_in_no_program() {
    let programs = ["download", "cluster-faces", "tag-photos"];
    let with: Vec<_> = programs.into_iter().filter(|name| has_dlib(name)).collect();
    assert!(with.is_empty(), "{with:?}");
}

/// So that it is known to be seen where it is.
#[test]
#[cfg_attr(not(feature = "dlib"), ignore = "needs the feature dlib")]
fn dlib_and_its_libraries_are_in_download_with_the_feature() {
    assert!(has_dlib(DOWNLOAD_WITH_DLIB));
}

/// All three programs, with either detector: the same two people.
#[test]
fn the_main_job_is_done_without_dlib() {
    for detector in ["hog", "cnn"] {
        main_job(detector);
    }
}

fn main_job(detector: &str) {
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
            ("DETECTION_METHOD", detector),
            ("write_to", "all"),
        ],
    );
    let run = home.run("download", &["--json"]).ends_with(0);
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

#[test]
fn dlib_is_refused_in_words() {
    let sandbox = sandbox(Options::default());
    for detector in ["hog", "cnn"] {
        let home = Home::new(
            &sandbox,
            &[("DETECTION_METHOD", detector), ("engine", "dlib")],
        );
        let _ = home.run("download", &[]).ends_with(1).complains(&[
            "engine = dlib needs dlib, and this program was built without it",
            "hint:  set engine = auto in config.ini, or install dlib and build with it:",
            "cargo build --release --features dlib",
        ]);
        assert!(!home.path("faces.sqlite").exists(), "{detector}");
    }
}
