//! `download` with one engine and another, and with descriptor networks that cannot be compared.

use std::{fs, path::PathBuf, sync::Arc};

use end_to_end::{ENGINES, Home, Row, Run, Sample, download_of, rows, sample, sandbox};
use flickr_faces::{faces::Models, nets::EncoderNet};
use flickr_faces_terminal::args::cache_folder;
use flickr_sandbox::{NewPhoto, Options, Sandbox};
use tempfile::TempDir;

/// An account on a sandbox.
struct Account {
    sandbox: Arc<Sandbox>,
    /// Photo ids, oldest first.
    ids: Vec<String>,
    /// What the sandbox makes its images of.
    files: TempDir,
}

impl Account {
    /// With a photo of each sample.
    fn with(samples: &[Sample]) -> Self {
        let mut account = Self {
            sandbox: sandbox(Options::default()),
            ids: Vec::new(),
            files: TempDir::new().unwrap(),
        };
        for who in samples {
            account.add(*who);
        }
        account
    }

    fn add(&mut self, who: Sample) {
        let file = self.files.path().join(format!("{who:?}.jpg"));
        sample(who, 320, &file);
        let photo = NewPhoto {
            file: Some(file),
            ..NewPhoto::default()
        };
        self.ids.push(self.sandbox.add_photo(photo).unwrap());
    }
}

/// dlib's own descriptor network.
fn dlibs_network() -> PathBuf {
    let folder = std::path::absolute(cache_folder()).unwrap();
    let path = folder.join("models").join(Models::ENCODER.name);
    assert!(path.is_file(), "{}: run cargo xtask test", path.display());
    path
}

/// dlib's network but for one weight: descriptors of it differ a little, in their first number.
fn other_network() -> Vec<u8> {
    let path = dlibs_network();
    let mut bytes = fs::read(&path).unwrap();
    let weights = EncoderNet::open(&path).unwrap().weights;
    let first: Vec<u8> = weights[..64].iter().flat_map(|w| w.to_le_bytes()).collect();
    let place = bytes
        .windows(first.len())
        .position(|window| window == first)
        .unwrap();
    bytes[place..place + 4].copy_from_slice(&(weights[0] + 0.1).to_le_bytes());
    bytes
}

fn faces(home: &Home) -> Vec<Row> {
    rows(&home.path("faces.sqlite"), "faces", "photo, number")
}

fn column(rows: &[Row], name: &str) -> Vec<String> {
    rows.iter().map(|row| row[name].clone()).collect()
}

/// A face's 128 numbers, out of the SQL literal `X'...'`.
fn descriptor(row: &Row) -> Vec<f32> {
    let hex = row["descriptor"].trim_matches(['X', '\'']);
    let bytes: Vec<u8> = (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    let (numbers, []) = bytes.as_chunks::<4>() else {
        panic!("{} bytes", bytes.len());
    };
    assert_eq!(numbers.len(), 128);
    numbers
        .iter()
        .map(|number| f32::from_le_bytes(*number))
        .collect()
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f32>().sqrt()
}

/// What becomes of names and clusters when `encoder_model` changes, with one engine; the descriptors
/// that the other network gives at the end.
fn change_of_network(engine: &str) -> Vec<Vec<f32>> {
    let mut account = Account::with(&[Sample::Obama, Sample::Obama, Sample::Biden]);
    let home = Home::new(
        &account.sandbox,
        &[
            ("MAX_SIZE", "320"),
            ("min_cluster", "1"),
            ("engine", engine),
            ("encoder_model", "auto"),
            ("write_to", "all"),
        ],
    );
    let _ = home.run(download_of(engine), &[]).ends_with(0);
    let _ = home
        .answer("cluster-faces", &[], "Barack Obama\n")
        .ends_with(0)
        .says(&["3 faces without a name form 2 clusters"]);
    let dlibs = faces(&home);
    assert_eq!(
        column(&dlibs, "decision"),
        ["'named'", "'named'", "NULL"],
        "{engine}"
    );

    // One more photo of the man without a name, described by the other network.
    home.write("other.dat", other_network());
    home.set("encoder_model", "other.dat");
    account.add(Sample::Biden);
    let _ = home.run(download_of(engine), &[]).ends_with(0).says(&[
        "photos     1 processed, 4 in the list",
        "3 photos were processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face, turned or encoder_model; \
         `download --redo` processes them again.",
    ]);
    let mixed = faces(&home);
    assert_eq!(mixed[..3], dlibs, "what was there is as it was");
    let networks = column(&mixed, "encoder");
    let dlibs_name = format!("'{}'", Models::ENCODER.sha256);
    assert_eq!(networks[..3], [&*dlibs_name; 3]);
    assert_ne!(networks[3], dlibs_name);
    let photos = rows(&home.path("faces.sqlite"), "photos", "uploaded, id");
    assert_eq!(column(&photos, "done_encoder"), networks);
    // So near that they would be one cluster, but not to be compared.
    let apart = distance(&descriptor(&mixed[2]), &descriptor(&mixed[3]));
    assert!(apart > 1e-3 && apart < 0.5, "{engine}: {apart}");
    let run = home.run("cluster-faces", &[]).ends_with(0).says(&[
        "1 face without a name forms 1 cluster of 1 or more (threshold 0.57).",
        "Skipped 1 face made with another encoder_model than the last download",
        "`download --redo` encodes",
        "Cluster 1 of 1: 1 face ",
    ]);
    assert_eq!(run.stdout.matches("Cluster 1 of").count(), 1, "{run}");
    let run = home.run("cluster-faces", &["--json"]).ends_with(0).json();
    assert_eq!(
        (&run["undecided"], &run["left_out"]),
        (&2.into(), &1.into())
    );

    let run = home
        .run(download_of(engine), &["--redo", "--json"])
        .ends_with(0);
    let said = run.json();
    assert_eq!(
        (&said["photos"], &said["done_otherwise"]),
        (&3.into(), &0.into()),
        "{run}"
    );
    let redone = faces(&home);
    assert_eq!(column(&redone, "encoder"), [&*networks[3]; 4]);
    for kept in ["photo", "decision", "person", "decided"] {
        assert_eq!(
            column(&redone, kept),
            column(&mixed, kept),
            "{engine}: {kept}"
        );
    }
    let _ = home
        .answer("cluster-faces", &[], "Joe Biden\n")
        .ends_with(0)
        .says(&["2 faces without a name form 1 cluster of 1 or more (threshold 0.57).\n"]);
    let _ = home.run("tag-photos", &[]).ends_with(0);
    let tags: Vec<_> = account
        .ids
        .iter()
        .map(|id| account.sandbox.tags_of(id).unwrap())
        .collect();
    assert_eq!(
        tags.concat(),
        ["Barack Obama", "Barack Obama", "Joe Biden", "Joe Biden"]
    );

    // Back to dlib's: the named faces alone are of the other, so that there is nothing to ask.
    home.set("encoder_model", "auto");
    let _ = home
        .run(download_of(engine), &[])
        .ends_with(0)
        .says(&["4 photos were processed with another"]);
    let _ = home
        .run("cluster-faces", &[])
        .ends_with(0)
        .says(&["Nothing left to review"]);
    redone.iter().map(descriptor).collect()
}

#[test]
fn faces_of_two_networks_are_never_clustered_together() {
    let found: Vec<_> = ENGINES
        .iter()
        .map(|engine| change_of_network(engine))
        .collect();
    for descriptors in &found {
        assert_eq!(descriptors.len(), 4);
        for (a, b) in descriptors.iter().zip(&found[0]) {
            assert!(distance(a, b) < 1e-5, "{}", distance(a, b));
        }
    }
}

#[test]
fn without_any_face_to_compare_it_says_why() {
    let account = Account::with(&[Sample::Obama]);
    let home = Home::new(
        &account.sandbox,
        &[("MAX_SIZE", "320"), ("encoder_model", "auto")],
    );
    let _ = home.run("download", &[]).ends_with(0);
    home.write("other.dat", other_network());
    home.set("encoder_model", "other.dat");
    let _ = home.run("download", &[]).ends_with(0);
    let run = home.run("cluster-faces", &[]).ends_with(0);
    assert_eq!(
        run.stdout,
        "Skipped 1 face made with another encoder_model than the last download: the two cannot be \
         compared. `download --redo` encodes them again and keeps their names.\n"
    );
}

#[test]
fn a_file_that_is_no_descriptor_network_is_refused() {
    let whole = fs::read(dlibs_network()).unwrap();
    let cut = &whole[..whole.len() / 2];
    let detector = dlibs_network().with_file_name(Models::DETECTOR.name);
    let detector = fs::read(detector).unwrap();
    struct Case<'a> {
        file: Option<&'a [u8]>,
        says: &'a str,
    }
    let cases = [
        Case {
            file: None,
            says: "cannot read model file ./net.dat: No such file",
        },
        Case {
            file: Some(cut),
            says: "model file ./net.dat is damaged or of another kind: byte ",
        },
        Case {
            file: Some(&detector),
            says: "model file ./net.dat is damaged or of another kind: byte ",
        },
        Case {
            file: Some(b""),
            says: "model file ./net.dat is damaged or of another kind: byte 0",
        },
    ];
    let account = Account::with(&[]);
    let mut wrong = Vec::new();
    for &engine in ENGINES {
        for case in &cases {
            let home = Home::new(
                &account.sandbox,
                &[("engine", engine), ("encoder_model", "./net.dat")],
            );
            if let Some(file) = case.file {
                home.write("net.dat", file);
            }
            let run = home.run(download_of(engine), &[]);
            if run.code != Some(4)
                || !run.stderr.contains(case.says)
                || !run
                    .stderr
                    .contains("hint:  the descriptor network is named by `encoder_model`")
            {
                wrong.push(format!("{engine}: {run}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(
        account.sandbox.calls().api(),
        0,
        "nothing was asked of Flickr"
    );
}

#[test]
fn the_engine_and_its_device_are_reported() {
    struct Case<'a> {
        settings: &'a [(&'a str, &'a str)],
        /// A library that is none, before the one in the cache.
        damaged: bool,
        code: i32,
        says: &'a [&'a str],
    }
    let cases = [
        Case {
            settings: &[],
            damaged: false,
            code: 0,
            says: &["Faces: hog, ONNX Runtime on the CPU, 2 workers\n"],
        },
        Case {
            settings: &[("DETECTION_METHOD", "cnn"), ("device", "cpu")],
            damaged: false,
            code: 0,
            says: &["Faces: cnn, ONNX Runtime on the CPU, 2 workers\n"],
        },
        Case {
            settings: &[],
            damaged: true,
            code: 4,
            says: &["error: cannot load ONNX Runtime from", "damaged.so"],
        },
        Case {
            settings: &[("engine", "onnxruntime")],
            damaged: true,
            code: 4,
            says: &[
                "error: cannot load ONNX Runtime from",
                "hint:  run `cargo xtask assets`",
            ],
        },
        Case {
            settings: &[("device", "cuda")],
            damaged: true,
            code: 4,
            says: &["error: cannot load ONNX Runtime from"],
        },
        Case {
            settings: &[("onnxruntime_library", "nowhere.so")],
            damaged: false,
            code: 4,
            says: &["nowhere.so: there is no such file"],
        },
        // The library in the cache is built for the CPU.
        Case {
            settings: &[("device", "cuda")],
            damaged: false,
            code: 4,
            says: &[
                "error: no CUDA with ONNX Runtime from",
                "hint:  set `device = auto`",
            ],
        },
        Case {
            settings: &[("device", "cuda"), ("engine", "dlib")],
            damaged: false,
            code: 1,
            says: &["device is `cuda`, expected `auto` or `cpu` with engine = dlib"],
        },
    ];
    let with_dlib = [
        Case {
            settings: &[("engine", "dlib")],
            damaged: true,
            code: 0,
            says: &["Faces: hog, dlib on the CPU, 2 workers\n"],
        },
        Case {
            settings: &[],
            damaged: true,
            code: 0,
            says: &[
                "cannot load ONNX Runtime from",
                "damaged.so",
                "dlib itself finds and describes the faces, several times slower.\n`cargo xtask assets` fetches",
                "Faces: hog, dlib on the CPU, 2 workers\n",
            ],
        },
        Case {
            settings: &[("DETECTION_METHOD", "cnn")],
            damaged: true,
            code: 0,
            says: &[
                "cnn runs in dlib itself, many times slower.\n",
                "Faces: cnn, dlib on the CPU, 2 workers\n",
            ],
        },
    ];
    let account = Account::with(&[]);
    let download = |home: &Home, program: &str, damaged: bool, arguments: &[&str]| -> Run {
        let mut command = home.command(program);
        command.args(arguments);
        if damaged {
            command.env("ORT_DYLIB_PATH", home.path("damaged.so"));
        }
        Run::of(command, "")
    };
    let mut wrong = Vec::new();
    let all = ENGINES.iter().flat_map(|&engine| {
        let cases = if engine == "dlib" {
            &with_dlib[..]
        } else {
            &cases
        };
        cases.iter().map(move |case| (download_of(engine), case))
    });
    for (program, case) in all {
        let home = Home::new(&account.sandbox, case.settings);
        let text = home.read("config.ini");
        home.write("config.ini", text + "workers = 2\n");
        home.write("damaged.so", "\u{7f}ELF");
        let run = download(&home, program, case.damaged, &[]);
        if run.code != Some(case.code)
            || case.says.iter().any(|text| !run.stderr.contains(text))
            || run.stderr.matches("Faces: ").count() > 1
        {
            wrong.push(format!("{:?}: {run}", case.settings));
        }
        let json = download(&home, program, case.damaged, &["--json"]);
        if case.code == 0 && (!json.json().is_object() || !json.stderr.contains("Faces: ")) {
            wrong.push(format!("{:?} with --json: {json}", case.settings));
        }
        let quiet = download(&home, program, case.damaged, &["--quiet"]);
        if quiet.stderr.contains("Faces: ") || quiet.code != Some(case.code) {
            wrong.push(format!("{:?} with --quiet: {quiet}", case.settings));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faces_below_min_face_are_skipped() {
    let account = Account::with(&[Sample::Obama, Sample::Biden]);
    let home = Home::new(&account.sandbox, &[("MAX_SIZE", "320"), ("min_face", "40")]);
    let _ = home.run("download", &[]).ends_with(0);
    let side = |row: &Row| -> i64 {
        let edge = |name: &str| row[name].parse::<i64>().unwrap();
        let wide = edge("box_right") - edge("box_left") + 1;
        wide.max(edge("box_bottom") - edge("box_top") + 1)
    };
    let mut sides: Vec<i64> = faces(&home).iter().map(side).collect();
    sides.sort_unstable();
    let [small, large] = sides[..] else {
        panic!("{sides:?}");
    };
    // More than the smaller has: HOG's box has 73 pixels where its window, which counts, has 80.
    let least = (small + 1) * 80 / 73 + 1;
    let left = usize::from(large >= least * 73 / 80);
    home.set("min_face", &least.to_string());
    let _ = home
        .run("download", &[])
        .ends_with(0)
        .says(&["2 photos were processed with another"]);
    assert_eq!(faces(&home).len(), 2);
    let _ = home.run("download", &["--redo"]).ends_with(0);
    assert_eq!(faces(&home).len(), left);
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    assert_eq!(
        column(&photos, "done_min_face"),
        [least.to_string(), least.to_string()]
    );
}
