//! `download`, killed at any moment and run again, ends as if nothing had happened.

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{Home, Row, Sample, files_below, rows, sample, sandbox};
use flickr_sandbox::{Fault, FaultKind, Generated, Options, Sandbox, Source};
use image::{Rgb, RgbImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PHOTOS: u64 = 200;
const KILLS: u64 = 20;
const DOWNLOADS: u64 = 4;
/// So few photos a page that the listing takes many calls and can be killed in the middle.
const SETTINGS: [(&str, &str); 9] = [
    ("MAX_SIZE", "240"),
    ("DETECTION_METHOD", "hog"),
    ("upsample", "1"),
    ("page_size", "25"),
    ("downloads", "4"),
    ("workers", "2"),
    // The original's way, whose clusters of these few faces are known.
    ("THRESHOLD", "0.6"),
    ("distance", "plain"),
    ("cluster_method", "chinese_whispers"),
];

/// What a run leaves behind.
#[derive(Debug, PartialEq, Eq)]
struct End {
    photos: Vec<Row>,
    faces: Vec<Row>,
    files: BTreeMap<String, Vec<u8>>,
    config: String,
}

impl End {
    fn of(home: &Home) -> Self {
        let store = home.path("faces.sqlite");
        Self {
            photos: rows(&store, "photos", "id"),
            faces: rows(&store, "faces", "photo, number"),
            files: files(&home.path("photos")),
            config: home.read("config.ini"),
        }
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = files_below(folder).into_iter().map(|path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(&path).unwrap())
    });
    entries.collect()
}

fn requests(sandbox: &Sandbox) -> u64 {
    let calls = sandbox.calls();
    calls.api() + calls.files
}

/// Set `KILL_SEED` to look for other moments, or to see those of a failure again.
fn seed() -> u64 {
    let chosen = env::var("KILL_SEED").ok();
    chosen.map_or(1, |seed| seed.parse().expect("KILL_SEED is a number"))
}

/// Runs `download` until the sandbox has seen `target` requests of it and `wait` has passed, then
/// kills it. Says whether it had still to end.
fn run_and_kill(home: &Home, target: u64, wait: Duration) -> bool {
    let before = requests(&home.sandbox);
    let mut child = home
        .command("download")
        .arg("--quiet")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while requests(&home.sandbox) - before < target && child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(300), "it hangs");
        sleep(Duration::from_millis(1));
    }
    sleep(wait);
    let under_way = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    under_way
}

/// Where a kill fell, as the store and the folder tell.
fn moment(home: &Home) -> (bool, bool, bool) {
    let store = home.path("faces.sqlite");
    if !store.exists() {
        return (false, false, false);
    }
    let photos = rows(&store, "photos", "id");
    let listing = (1..PHOTOS).contains(&(photos.len() as u64));
    let folder = home.path("photos");
    let names: Vec<_> = if folder.exists() {
        files(&folder).into_keys().collect()
    } else {
        Vec::new()
    };
    let fetching = names.iter().any(|name| name.ends_with(".part"));
    // A photo's file is whole, but its faces are not stored yet.
    let processing = photos.iter().any(|row| {
        let name = format!("{}.jpg", row["id"].trim_matches('\''));
        row["state"] == "'listed'" && names.contains(&name)
    });
    (listing, fetching, processing)
}

#[test]
fn a_run_killed_20_times_ends_as_an_undisturbed_one() {
    let seed = seed();
    println!("KILL_SEED={seed}");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let pictures = tempfile::tempdir().unwrap();
    for (name, who) in [("a", Sample::Biden), ("c", Sample::Obama2)] {
        sample(who, 300, &pictures.path().join(format!("{name}.jpg")));
    }
    // Half of the photos have no face, which is quick.
    for name in ["b", "d"] {
        let grey = RgbImage::from_fn(300, 200, |x, y| Rgb([(x / 2) as u8, y as u8, 90]));
        grey.save(pictures.path().join(format!("{name}.jpg")))
            .unwrap();
    }
    let sandbox = sandbox(Options {
        source: Source::Generated(Generated {
            count: PHOTOS,
            same_second: 3,
            faces: Some(pictures.path().to_owned()),
        }),
        ..Options::default()
    });

    let home = Home::new(&sandbox, &SETTINGS);
    let run = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(run.json()["photos"], PHOTOS);
    let undisturbed = End::of(&home);
    assert_eq!(undisturbed.photos.len() as u64, PHOTOS);
    assert_eq!(undisturbed.faces.len() as u64, PHOTOS / 2);
    assert_eq!(sandbox.calls().files, PHOTOS);

    sandbox.reset_calls();
    let home = Home::new(&sandbox, &SETTINGS);
    let before = home.read("config.ini");
    let (mut listing, mut fetching, mut processing) = (0, 0, 0);
    for kill in 1..=KILLS {
        // The first ones early and while pages come slowly, so that the listing is met.
        let pages = Fault::once("flickr.photos.search", FaultKind::Delay { ms: 100 });
        sandbox.set_faults((kill <= 4).then(|| pages.times(1_000)));
        let target = random.random_range(0..if kill <= 4 { 8 } else { 18 });
        let wait = Duration::from_millis(random.random_range(0..200));
        assert!(
            run_and_kill(&home, target, wait),
            "everything was done before kill {kill}: choose earlier moments"
        );
        let (in_listing, in_fetching, in_processing) = moment(&home);
        listing += u64::from(in_listing);
        fetching += u64::from(in_fetching);
        processing += u64::from(in_processing);
    }
    println!("kills while listing {listing}, fetching {fetching}, processing {processing}");
    assert!(listing > 0 && processing > 0, "the kills miss a phase");
    sandbox.set_faults([]);
    let so_far = sandbox.calls().files;
    let run = home.run("download", &["--json"]).ends_with(0);
    let calls = sandbox.calls();
    println!(
        "{so_far} files asked for before the last run, {} in all",
        calls.files
    );

    let killed = End::of(&home);
    for (found, expected) in killed.photos.iter().zip(&undisturbed.photos) {
        // `attempts` among the columns: no photo was processed twice.
        assert_eq!(found, expected);
    }
    assert_eq!(killed.faces, undisturbed.faces);
    assert_eq!(
        killed.files.keys().collect::<Vec<_>>(),
        undisturbed.files.keys().collect::<Vec<_>>(),
        "no .part, no photo too few"
    );
    assert!(killed.files == undisturbed.files, "other bytes in photos/");
    assert_eq!(
        home.read("config.ini"),
        before.replace("start_image = 0", &format!("start_image = {PHOTOS}"))
    );
    let run = run.json();
    assert_eq!((&run["listed"], &run["left"]), (&PHOTOS.into(), &0.into()));
    // A kill may cost the files that were under way, never one that had arrived.
    assert!(
        (PHOTOS..=PHOTOS + KILLS * DOWNLOADS).contains(&calls.files),
        "{} files asked for",
        calls.files
    );
    let again = home.run("download", &["--json"]).ends_with(0).json();
    assert_eq!((&again["photos"], &again["new"]), (&0.into(), &0.into()));
    assert_eq!(sandbox.calls().files, calls.files);
}
