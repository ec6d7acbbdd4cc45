use super::*;
use crate::faces::{Detector, onnx::Device};

const ORIGINAL: &str = "[flickr]\nkey = 0123456789abcdef\nsecret = fedcba98\npagesize = 100\n\
    maximagesize = 1000\nstartimage = 42\n\n[paths]\nimgs = imgs\nresults = results\n\
    encodings = encodings\n\n[recognition]\ndetectionmethod = cnn\nthreshold = 0.4\n";

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("home/config.ini"), text)
}

#[test]
fn the_python_originals_file_works_unchanged() {
    let config = parse(ORIGINAL).unwrap();
    assert_eq!(config.page_size, 100);
    assert_eq!(config.max_size, 1000);
    assert_eq!(config.start_image, 42);
    assert_eq!(config.detector, Detector::Cnn);
    assert!((config.threshold - 0.4).abs() < 1e-6);
    assert_eq!(config.photos, Path::new("home/imgs"));
    assert_eq!(config.results, Path::new("home/results"));
    assert_eq!(config.store, "home/encodings/faces.sqlite");
    assert!(config.api_key.is_some() && config.api_secret.is_some());
}

#[test]
fn what_is_wrong_is_named_with_file_line_key_and_what_would_be_right() {
    struct Case {
        text: &'static str,
        message: &'static str,
    }
    let cases = [
        Case {
            text: "[recognition]\ndetectionmethod = ncc\n",
            message: "home/config.ini, line 2: detectionmethod is `ncc`, expected `cnn` (finds more, slow) or `hog` (fast)",
        },
        Case {
            text: "threshold = 7",
            message: "home/config.ini, line 1: threshold is `7`, expected a distance above 0 and up to 1, such as 0.57",
        },
        Case {
            text: "THRESHOLD = 0",
            message: "home/config.ini, line 1: THRESHOLD is `0`, expected a distance above 0 and up to 1, such as 0.57",
        },
        Case {
            text: "THRESHOLD = NaN",
            message: "home/config.ini, line 1: THRESHOLD is `NaN`, expected a distance above 0 and up to 1, such as 0.57",
        },
        Case {
            text: "\n\nMAX_SIZE = 1024px",
            message: "home/config.ini, line 3: MAX_SIZE is `1024px`, expected the longest side of the photos to fetch, in pixels: 100 to 20000",
        },
        Case {
            text: "treshold = 0.5",
            message: "home/config.ini, line 1: unknown key `treshold`: did you mean `THRESHOLD`?",
        },
        Case {
            text: "colour = blue",
            message: "home/config.ini, line 1: unknown key `colour`",
        },
        Case {
            text: "max_size = 500\nmaximagesize = 500",
            message: "home/config.ini, line 2: `maximagesize` sets the same thing as `max_size` in line 1; keep one of them",
        },
        Case {
            text: "[flickr]\nkey",
            message: "home/config.ini, line 2: found `key`, expected `KEY = value`, `[section]` or a comment",
        },
        Case {
            text: "api_secret = \"quoted\"",
            message: "home/config.ini, line 1: api_secret is `(not shown)`, expected the secret of your Flickr app: letters and digits",
        },
        Case {
            text: "flickr_url = https://example.org",
            message: "home/config.ini, line 1: flickr_url is `https://example.org`, expected `flickr`, or http://127.0.0.1:PORT for a sandbox on this machine",
        },
        Case {
            text: "min_face = 0",
            message: "home/config.ini, line 1: min_face is `0`, expected the smallest face to look for, in pixels of the photo: 1 to 10000",
        },
        Case {
            text: "device = gpu",
            message: "home/config.ini, line 1: device is `gpu`, expected `auto`, `cpu` or `cuda` (an NVIDIA GPU)",
        },
        Case {
            text: "device = cuda\nengine = dlib",
            message: "home/config.ini, line 1: device is `cuda`, expected `auto` or `cpu` with engine = dlib, which runs on the CPU only; a GPU needs engine = onnxruntime",
        },
        Case {
            text: "cluster_method = kmeans",
            message: "home/config.ini, line 1: cluster_method is `kmeans`, expected `average`, `chinese_whispers` or `dbscan`",
        },
        Case {
            text: "min_samples = 0",
            message: "home/config.ini, line 1: min_samples is `0`, expected the faces that must be near a face for dbscan, itself among them: 1 to 1000",
        },
        Case {
            text: "neighbours_memory = 2 GB",
            message: "home/config.ini, line 1: neighbours_memory is `2 GB`, expected the memory for pairs of similar faces, in MB: 1 to 1000000",
        },
        Case {
            text: "allow_same_photo = maybe",
            message: "home/config.ini, line 1: allow_same_photo is `maybe`, expected `yes` or `no`",
        },
        Case {
            text: "encoder_model =",
            message: "home/config.ini, line 1: encoder_model is ``, expected `auto`, or a file of the same kind as dlib_face_recognition_resnet_model_v1.dat",
        },
        Case {
            text: "calls_per_hour = 5000",
            message: "home/config.ini, line 1: calls_per_hour is `5000`, expected API calls per hour: 1 to 3600",
        },
    ];
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| match parse(case.text) {
            Err(error) if error.to_string() == case.message => None,
            other => Some((case.text, other.map_err(|error| error.to_string()))),
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn earlier_names_of_keys_still_work() {
    let config = parse(
        "gate_min_size = 30\ngate_min_score = 0.5\ngate_min_sharpness = 4\ngate_max_turn = 0.7\n\
         neighbors_memory = 10\n",
    )
    .unwrap();
    let quality = config.quality;
    assert_eq!(quality.min_size, 30);
    assert_eq!(
        (quality.min_score, quality.min_sharpness, quality.max_yaw),
        (0.5, 4.0, 0.7)
    );
    assert_eq!(config.neighbours_memory, 10_000_000);
    let twice = parse("quality_min_size = 3\ngate_min_size = 3").unwrap_err();
    assert!(twice.to_string().contains("sets the same thing"), "{twice}");
}

#[test]
fn what_finds_and_encodes_faces_is_chosen() {
    let config = parse(
        "min_face = 20\nENGINE = ONNXRuntime\ndevice = CUDA\nencoder_model = nets/other.dat\n",
    )
    .unwrap();
    assert_eq!(config.min_face, 20);
    assert_eq!(config.engine, EngineChoice::Onnxruntime);
    assert_eq!(config.device, Device::Cuda);
    assert_eq!(
        config.encoder_model.as_deref(),
        Some(Path::new("home/nets/other.dat"))
    );
    let config = parse("engine = dlib\ndevice = cpu\nencoder_model = auto\n").unwrap();
    assert_eq!((config.device, config.encoder_model), (Device::Cpu, None));
}

#[test]
fn the_method_takes_its_min_samples_wherever_they_stand() {
    let dbscan = Method::Dbscan { min_samples: 7 };
    for text in [
        "cluster_method = DBSCAN\nmin_samples = 7",
        "min_samples = 7\ncluster_method = dbscan",
    ] {
        assert_eq!(parse(text).unwrap().method, dbscan);
    }
    let config = parse("min_samples = 7\nallow_same_photo = yes\nneighbours_memory = 300").unwrap();
    assert_eq!((config.method, config.calibrated), (Method::Average, true));
    let original = parse("cluster_method = chinese_whispers\ndistance = plain").unwrap();
    assert_eq!(original.method, Method::ChineseWhispers);
    assert!(!original.calibrated);
    assert_eq!((config.min_samples, config.same_photo), (7, true));
    assert_eq!(config.neighbours_memory, 300_000_000);
}

#[test]
fn pairs_of_faces_are_kept_beside_the_store_or_else_beside_config_ini() {
    for (store, file) in [
        ("faces.sqlite", "home/faces.sqlite.neighbours"),
        ("/there/is.db", "/there/is.db.neighbours"),
        ("postgres://me:word@host/faces", "home/faces.neighbours"),
    ] {
        let config = parse(&format!("store = {store}")).unwrap();
        assert_eq!(config.neighbours_file(), Path::new(file));
    }
}

#[test]
fn secrets_are_not_in_the_debug_text() {
    let shown = format!("{:?}", parse(ORIGINAL).unwrap());
    assert!(
        !shown.contains("0123456789abcdef") && !shown.contains("fedcba98"),
        "{shown}"
    );
}

#[test]
fn the_example_documents_every_key_with_its_default() {
    let text = include_str!("../../../../config.example.ini");
    let example = parse(text).unwrap();
    let defaults = Config::defaults(Path::new("home/config.ini"));
    assert_eq!(format!("{example:?}"), format!("{defaults:?}"));

    let entries = lines::entries(text).unwrap();
    let missing: Vec<_> = keys::KEYS
        .iter()
        .filter(|key| !entries.iter().any(|entry| entry.key == key.name))
        .map(|key| key.name)
        .collect();
    assert!(missing.is_empty(), "not in config.example.ini: {missing:?}");
    let first: Vec<_> = entries.iter().take(3).map(|entry| entry.key).collect();
    assert_eq!(first, ["MAX_SIZE", "DETECTION_METHOD", "THRESHOLD"]);
}

#[test]
fn start_image_is_written_back_under_the_name_it_has() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.ini");
    fs::write(&path, ORIGINAL).unwrap();
    Config::save_start_image(&path, 1234).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        ORIGINAL.replace("startimage = 42", "startimage = 1234")
    );
    assert_eq!(Config::read(&path).unwrap().start_image, 1234);
    let gone = Config::save_start_image(&folder.path().join("other.ini"), 1);
    assert!(matches!(gone, Err(ConfigError::Missing { .. })));
}

#[test]
fn rust_ini_reads_the_same_values() {
    let files = [ORIGINAL, include_str!("../../../../config.example.ini")];
    for text in files {
        let theirs = ini::Ini::load_from_str_noescape(text).unwrap();
        for entry in lines::entries(text).unwrap() {
            let found = theirs
                .iter()
                .find_map(|(_, section)| section.get(entry.key));
            assert_eq!(found, Some(entry.value), "{}", entry.key);
        }
    }
}
