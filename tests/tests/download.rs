//! `download` against a Flickr that misbehaves, and a person who changes their mind.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{Home, Sample, Terminal, files_below, on_its_side, one, rows, sample, sandbox};
use flickr_sandbox::{Fault, FaultKind, Media, NewPhoto, Options, Quirks, Sandbox};
use serde_json::json;

const GET_SIZES: &str = "flickr.photos.getSizes";
const SEARCH: &str = "flickr.photos.search";

/// Small photos, looked at quickly.
const QUICK: [(&str, &str); 3] = [("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "8")];

/// A sandbox with a number of small patterns; their ids.
fn patterns(number: usize) -> (Arc<Sandbox>, Vec<String>) {
    let sandbox = sandbox(Options::default());
    let ids = (0..number).map(|_| pattern(&sandbox)).collect();
    (sandbox, ids)
}

fn pattern(sandbox: &Sandbox) -> String {
    let photo = NewPhoto {
        width: Some(240),
        height: Some(180),
        ..NewPhoto::default()
    };
    sandbox.add_photo(photo).unwrap()
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

#[test]
fn a_photo_that_fails_is_recorded_and_done_by_the_next_run() {
    struct Case {
        kind: FaultKind,
        /// As often as one run asks for it.
        times: u32,
        reason: &'static str,
    }
    let cases = [
        Case {
            kind: FaultKind::HtmlPage,
            times: 4,
            reason: "content type text/html, expected an image",
        },
        Case {
            kind: FaultKind::PhotoUnavailable,
            times: 1,
            reason: "Flickr says that this photo is unavailable",
        },
        Case {
            kind: FaultKind::Truncated,
            times: 8,
            reason: "bytes, expected ",
        },
        Case {
            kind: FaultKind::CutShort,
            times: 1,
            reason: "data ends before its last pixel",
        },
        Case {
            kind: FaultKind::Corrupt,
            times: 1,
            reason: "is cut off: no picture in ",
        },
        Case {
            kind: FaultKind::NotFound,
            times: 2,
            reason: "HTTP status 404",
        },
        Case {
            kind: FaultKind::ServerError { status: 502 },
            times: 8,
            reason: "HTTP status 502",
        },
    ];
    let (sandbox, ids) = patterns(cases.len() + 1);
    let home = Home::new(&sandbox, &QUICK);
    sandbox.set_faults(cases.iter().zip(&ids).map(|(case, id)| {
        Fault::once("static", case.kind.clone())
            .times(case.times)
            .containing(id)
    }));

    let run = home.run("download", &["--json"]).ends_with(2);
    let said = run.json();
    assert_eq!(
        (&said["photos"], &said["failed"], &said["left"]),
        (&json!(1), &json!(cases.len()), &json!(0)),
        "{run}"
    );
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    let mut wrong = Vec::new();
    for (case, id) in cases.iter().zip(&ids) {
        let error = one(&photos, ("id", &quoted(id)), "error");
        let warned = run
            .stderr
            .lines()
            .any(|line| line.contains(&format!("photo {id}: ")) && line.contains(case.reason));
        if !error.contains(case.reason)
            || one(&photos, ("id", &quoted(id)), "state") != "'failed'"
            || !warned
        {
            wrong.push(format!("{:?}: {error}, warned {warned}", case.kind));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n{run}");
    assert_eq!(files_below(&home.path("photos")).len(), 1);

    let run = home.run("download", &[]).ends_with(0);
    assert!(run.stdout.contains("failed     none\n"), "{run}");
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    let left: Vec<_> = photos
        .iter()
        .filter(|row| row["state"] != "'done'" || row["error"] != "NULL")
        .collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn status_tells_what_the_store_holds_without_flickr() {
    let (sandbox, ids) = patterns(5);
    let home = Home::new(&sandbox, &[&QUICK[..], &[("longest_wait", "0")]].concat());
    let status = || home.run("download", &["status"]).ends_with(0);
    let json = || home.run("download", &["status", "--json"]).ends_with(0);
    let _ = status().says(&[
        "photos     0\n",
        "faces      0, 0 without a name\n",
        "listing    not known to be complete: run `download`\n",
    ]);
    assert_eq!(sandbox.calls().api(), 0);

    // Flickr answers no page of the list.
    sandbox.set_faults([Fault::once(SEARCH, FaultKind::ServerError { status: 502 }).times(1_000)]);
    let _ = home.run("download", &["run"]).ends_with(4);
    let _ = status().says(&["listing    stopped before its end: run `download` to go on\n"]);
    assert_eq!(json().json()["listing_complete"], false);

    let not_found = |id: &String| {
        Fault::once("static", FaultKind::NotFound)
            .times(2)
            .containing(id)
    };
    let html = Fault::once("static", FaultKind::HtmlPage).times(4);
    sandbox.set_faults(
        ids[..2]
            .iter()
            .map(not_found)
            .chain([html.containing(&ids[2])]),
    );
    let _ = home.run("download", &["run", "--json"]).ends_with(2);
    sandbox.reset_calls();
    let run = status().says(&[
        "photos     5: 2 done, 3 failed\n",
        "listing    complete as of ",
        "\nFailed, to be tried again by the next download:\n       2  HTTP status 404",
        &format!("({}, {})\n       1  ", ids[0], ids[1]),
        &format!("content type text/html, expected an image ({})\n", ids[2]),
    ]);
    assert!(!run.stdout.contains("--redo"), "{run}");
    let said = json().json();
    assert_eq!(
        (
            &said["photos"],
            &said["done"],
            &said["failed"],
            &said["to_do"]
        ),
        (&json!(5), &json!(2), &json!(3), &json!(0)),
        "{said}"
    );
    assert_eq!(said["listing_complete"], true);
    assert_eq!(said["failed_because"][0]["examples"], json!(ids[..2]));
    assert_eq!(said["no_image_because"], json!([]));

    home.set("MAX_SIZE", "320");
    let _ = status().says(&["2 photos were processed with another MAX_SIZE"]);
    assert_eq!(json().json()["outdated"], 2);
    assert_eq!(
        sandbox.calls().api() + sandbox.calls().files,
        0,
        "nothing is asked of Flickr"
    );

    // Options of `run` do not go with it.
    let _ = home
        .run("download", &["--redo", "status"])
        .ends_with(1)
        .complains(&["unexpected argument '--redo' found"]);
    let _ = home.run("download", &["status", "--redo"]).ends_with(1);
    let redone = home
        .run("download", &["--json", "--redo", "run"])
        .ends_with(0);
    assert_eq!(redone.json()["photos"], 5, "{redone}");
}

#[test]
fn flickr_asking_to_slow_down_is_obeyed() {
    let (sandbox, _) = patterns(2);
    let home = Home::new(&sandbox, &QUICK);
    let retry_after = Some("1".to_owned());
    sandbox.set_faults([
        Fault::once(
            SEARCH,
            FaultKind::TooManyRequests {
                retry_after: retry_after.clone(),
            },
        ),
        Fault::once("static", FaultKind::TooManyRequests { retry_after }),
    ]);
    let begun = Instant::now();
    let run = home.run("download", &["--json"]).ends_with(0);
    // Two pauses of a second that Flickr asked for.
    assert!(begun.elapsed() >= Duration::from_secs(2), "{run}");
    let run = run.complains(&[
        "Flickr asks to slow down (HTTP 429), for 0 s now: next try in 1 s, giving up after 1 h 0 min",
        "Flickr's image host asks to slow down (HTTP 429), for 0 s now: next try in 1 s",
    ]);
    assert_eq!(run.json()["photos"], 2);
    // With two hours to wait it says so instead.
    pattern(&sandbox);
    let retry_after = Some("7200".to_owned());
    sandbox.set_faults([Fault::once(
        SEARCH,
        FaultKind::TooManyRequests { retry_after },
    )]);
    let _ = home.run("download", &[]).ends_with(4).complains(&[
        "error: Flickr asks to slow down",
        "wait 7200 s",
        "hint:",
    ]);
    assert_eq!(
        home.run("download", &["--json"]).ends_with(0).json()["photos"],
        1
    );
}

#[test]
fn what_is_fetched_is_the_best_size_upright_and_no_video() {
    let sandbox = sandbox(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("turned.jpg");
    // Flickr's sizes of it are 100, 240, 320 and 400 pixels: the original is the largest below 500.
    on_its_side(Sample::Obama, 440, &file);
    let turned = sandbox
        .add_photo(NewPhoto {
            file: Some(file.clone()),
            ..NewPhoto::default()
        })
        .unwrap();
    let video = sandbox
        .add_photo(NewPhoto {
            media: Media::Video,
            ..NewPhoto::default()
        })
        .unwrap();
    let large = sandbox.add_photo(NewPhoto::default()).unwrap();
    let home = Home::new(&sandbox, &[("MAX_SIZE", "500"), ("upsample", "0")]);
    assert_eq!(
        home.run("download", &["--json"]).ends_with(0).json()["photos"],
        2
    );

    let store = home.path("faces.sqlite");
    let photos = rows(&store, "photos", "id");
    assert!(
        !photos.iter().any(|row| row["id"] == quoted(&video)),
        "{photos:#?}"
    );
    let side = |id: &str, column| one(&photos, ("id", &quoted(id)), column).to_owned();
    assert_eq!(
        (side(&large, "width"), side(&large, "height")),
        ("500".into(), "375".into())
    );
    let (width, height) = image::image_dimensions(&file).unwrap();
    assert_eq!(
        (side(&turned, "width"), side(&turned, "height")),
        (height.to_string(), width.to_string()),
        "the sides as shown"
    );
    assert_eq!(
        (side(&turned, "rotation"), side(&large, "rotation")),
        ("90".into(), "0".into())
    );
    let taken = side(&turned, "taken");
    assert!(taken.len() == 21 && taken.contains(' '), "{taken}");
    assert_eq!(
        fs::read(home.photo(&turned)).unwrap(),
        fs::read(&file).unwrap(),
        "the original as it was taken"
    );
    // hog finds faces that stand upright only.
    let faces = rows(&store, "faces", "id");
    assert_eq!(faces.len(), 1, "{faces:#?}");
    assert_eq!(faces[0]["photo"], quoted(&turned));
}

#[test]
fn get_sizes_is_called_for_those_alone_whose_size_the_list_lacks() {
    let (sandbox, _) = patterns(6);
    sandbox.set_quirks(Quirks {
        unlisted_sizes: ["s".to_owned()].into(),
        every: 2,
        ..Quirks::default()
    });
    let large: Vec<_> = (0..4)
        .map(|_| sandbox.add_photo(NewPhoto::default()).unwrap())
        .collect();
    let lacking = large
        .iter()
        .filter(|id| id.parse::<u64>().unwrap().is_multiple_of(2))
        .count() as u64;
    assert!((1..4).contains(&lacking));
    let home = Home::new(&sandbox, &QUICK);
    let run = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(run.json()["photos"], 10, "{run}");
    // The small ones need no call: their originals are listed, and as large as the size.
    assert_eq!(sandbox.calls().of(GET_SIZES), lacking, "{run}");
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    let small: Vec<_> = photos.iter().filter(|row| row["width"] != "240").collect();
    assert!(small.is_empty(), "{small:#?}");
}

#[test]
fn redo_keeps_the_names() {
    let sandbox = sandbox(Options::default());
    let folder = tempfile::tempdir().unwrap();
    for (who, times) in [(Sample::Obama, 2), (Sample::Biden, 1)] {
        let file = folder.path().join(format!("{who:?}.jpg"));
        sample(who, 800, &file);
        for _ in 0..times {
            let photo = NewPhoto {
                file: Some(file.clone()),
                ..NewPhoto::default()
            };
            sandbox.add_photo(photo).unwrap();
        }
    }
    let settings = [("MAX_SIZE", "320"), ("upsample", "1"), ("min_cluster", "1")];
    let home = Home::new(&sandbox, &settings);
    let _ = home.run("download", &[]).ends_with(0);
    let _ = home
        .answer("cluster-faces", &[], "Barack\nJoe\n")
        .ends_with(0);
    let names = home.tags();
    assert_eq!(names["people"].as_array().unwrap().len(), 2);
    let decisions = || -> Vec<[String; 4]> {
        let faces = rows(&home.path("faces.sqlite"), "faces", "photo, number");
        let wanted = ["photo", "decision", "person", "decided"];
        faces
            .iter()
            .map(|row| wanted.map(|column| row[column].clone()))
            .collect()
    };
    let decided = decisions();
    assert_eq!(decided.len(), 3);

    home.set("MAX_SIZE", "500");
    let files = sandbox.calls().files;
    let _ = home.run("download", &[]).ends_with(0).says(&[
        "photos     0 processed",
        "3 photos were processed with another MAX_SIZE, DETECTION_METHOD, upsample, min_face, turned or encoder_model; \
         `download --redo` processes them again.",
    ]);
    assert_eq!(
        sandbox.calls().files,
        files,
        "nothing is fetched without --redo"
    );
    assert_eq!(decisions(), decided);

    let run = home
        .run("download", &["--redo", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["photos"], &run["done_otherwise"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(sandbox.calls().files, files + 3);
    assert_eq!(
        decisions(),
        decided,
        "names and decisions go over to the new faces"
    );
    let faces = rows(&home.path("faces.sqlite"), "faces", "id");
    assert!(
        faces
            .iter()
            .all(|row| row["image_width"] == "400" || row["image_height"] == "500")
    );
    let _ = home
        .answer("cluster-faces", &[], "")
        .ends_with(0)
        .says(&["Nothing left to review"]);
    assert_eq!(home.tags(), names);
}

#[test]
fn a_wrong_config_ini_is_explained() {
    struct Case {
        line: &'static str,
        says: &'static str,
    }
    let cases = [
        Case {
            line: "detectionmethod = ncc",
            says: "detectionmethod is `ncc`, expected `cnn`",
        },
        Case {
            line: "threshold = 7",
            says: "threshold is `7`, expected a distance above 0 and up to 1",
        },
        Case {
            line: "MAX_SIZE = big",
            says: "MAX_SIZE is `big`, expected the longest side",
        },
        Case {
            line: "MAX_SIZE = 99",
            says: "MAX_SIZE is `99`",
        },
        Case {
            line: "upsample = 4",
            says: "upsample is `4`",
        },
        Case {
            line: "downlaods = 4",
            says: "unknown key `downlaods`: did you mean `downloads`?",
        },
        Case {
            line: "just words",
            says: "found `just words`, expected `KEY = value`",
        },
        Case {
            line: "startimage = 5",
            says: "`startimage` sets the same thing as `start_image` in line 9",
        },
    ];
    let (sandbox, _) = patterns(1);
    let mut wrong = Vec::new();
    for case in cases {
        let home = Home::new(&sandbox, &[]);
        let text = home.read("config.ini");
        let number = text.lines().count() + 1;
        home.write("config.ini", format!("{text}{}\n", case.line));
        for program in ["download", "cluster-faces", "tag-photos"] {
            let run = home.run(program, &[]);
            let place = format!("error: config.ini, line {number}: ");
            if run.code != Some(1)
                || !run.stderr.contains(&place)
                || !run.stderr.contains(case.says)
                || !run.stdout.is_empty()
            {
                wrong.push(format!("{program}, {}: {run}", case.line));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(sandbox.calls().api(), 0, "nothing was asked of Flickr");
}

#[test]
fn without_a_key_it_says_where_to_get_one() {
    let (sandbox, _) = patterns(1);
    let home = Home::signed_out(&sandbox, &QUICK);
    fs::remove_file(home.path("config.ini")).unwrap();
    let _ = home.run("download", &[]).ends_with(1).complains(&[
        "Created config.ini; every setting is documented in it.",
        "error: config.ini: api_key is not set",
        "hint:  get a key at https://www.flickr.com/services/apps/create/",
        "`download` in a terminal asks for key and secret and tries them",
        "`--api-key KEY --api-secret-file FILE` gives them",
        "enter them in config.ini under [flickr]",
    ]);
    assert_eq!(
        home.read("config.ini"),
        include_str!("../../config.example.ini")
    );
    assert_eq!(mode(&home.path("config.ini")), 0o600);
    // The second time the file is there.
    let _ = home
        .run("download", &[])
        .ends_with(1)
        .complains(&["api_key is not set"]);
    assert_eq!(
        sandbox.calls().api() + sandbox.calls().oauth.values().sum::<u64>(),
        0
    );
}

#[test]
fn a_person_without_a_key_is_asked_for_one_until_flickr_knows_it() {
    let (sandbox, _) = patterns(1);
    let home = Home::signed_out(&sandbox, &QUICK);
    let (key, secret) = (sandbox.key(), sandbox.secret());
    let config = home.read("config.ini").replace(key, "").replace(secret, "");
    home.write("config.ini", &config);
    let mut terminal = Terminal::run(&home, "download", &["--no-browser"]);
    terminal
        .shows("https://www.flickr.com/services/apps/create/")
        .shows("Key:")
        .types("no key")
        .shows("Letters and digits are expected.")
        .types(&"0".repeat(32))
        .shows("Secret (not shown):")
        .types(secret)
        .shows("Flickr does not know this key.")
        .shows("Key:")
        .types(key)
        .shows("Secret (not shown):")
        .types("0123456789abcdef")
        .shows("This secret does not belong to the key.")
        .shows("Key:")
        .types(key)
        .shows("Secret (not shown):")
        .types(secret)
        .shows("Flickr knows them; saved in config.ini.")
        .shows("type the nine-digit code")
        .presses("\u{3}");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(130), "{screen}");
    assert!(!screen.contains(secret), "{screen}");
    let [with_key, with_secret] =
        [key, secret].map(|text| home.read("config.ini").matches(text).count());
    assert_eq!(
        (with_key, with_secret),
        (1, 1),
        "{}",
        home.read("config.ini")
    );
}

#[test]
fn a_revoked_sign_in_is_made_again_in_the_browser() {
    let (sandbox, _) = patterns(1);
    let home = Home::new(&sandbox, &QUICK);
    let old = home.read("config.token.json");
    sandbox.revoke_all();
    let _ = home.run("download", &[]).ends_with(0).complains(&[
        "Flickr no longer accepts the sign-in: please sign in again.",
        "Signed in as Sandbox Person. The sign-in is saved in config.token.json.",
    ]);
    assert_ne!(home.read("config.token.json"), old);
    sandbox.reset_calls();
    let run = home.run("download", &[]).ends_with(0);
    assert!(!run.stderr.contains("sign"), "{run}");
    assert_eq!(sandbox.calls().oauth.values().sum::<u64>(), 0);
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Every file below a folder.
#[test]
fn files_are_private_and_no_secret_is_printed() {
    let sandbox = sandbox(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("face.jpg");
    sample(Sample::Obama, 500, &file);
    let id = sandbox
        .add_photo(NewPhoto {
            file: Some(file),
            private: true,
            ..NewPhoto::default()
        })
        .unwrap();
    let settings = [("MAX_SIZE", "320"), ("min_cluster", "1")];
    let home = Home::signed_out(&sandbox, &settings);
    fs::set_permissions(home.path("config.ini"), fs::Permissions::from_mode(0o600)).unwrap();
    sandbox.set_faults([
        Fault::once(SEARCH, FaultKind::HtmlPage),
        Fault::once("static", FaultKind::HtmlPage),
        Fault::once("static", FaultKind::NotFound),
        Fault::once("flickr.photos.addTags", FaultKind::AnswerLost),
    ]);
    let runs = [
        home.run("download", &["-vv"]).ends_with(0),
        home.answer("cluster-faces", &["-vv"], "Barack Obama\n")
            .ends_with(0),
        home.run("tag-photos", &["-vv"]).ends_with(0),
        // With a secret that does not belong to the key.
        {
            let text = home.read("config.ini");
            home.write(
                "config.ini",
                text.replace(sandbox.secret(), "0123456789abcdef"),
            );
            home.run("tag-photos", &["-vv"]).ends_with(3)
        },
    ];
    assert_eq!(sandbox.tags_of(&id).unwrap(), ["Barack Obama"]);

    let token: serde_json::Value = serde_json::from_str(&home.read("config.token.json")).unwrap();
    let secrets = [
        ("API key", sandbox.key()),
        ("API secret", sandbox.secret()),
        ("token", token["oauth_token"].as_str().unwrap()),
        (
            "token secret",
            token["oauth_token_secret"].as_str().unwrap(),
        ),
        // With a photo's address anybody sees a private photo.
        ("address of a photo", &format!("{id}_")),
    ];
    for run in &runs {
        for (what, secret) in secrets {
            assert!(secret.len() > 8);
            assert!(
                !run.stdout.contains(secret) && !run.stderr.contains(secret),
                "the {what} is in {run}"
            );
        }
    }
    assert!(
        runs[0].stderr.contains(SEARCH),
        "-vv says what is called: {}",
        runs[0]
    );

    let files = files_below(home.folder());
    for name in ["config.token.json", "faces.sqlite", "tags.json"] {
        assert!(
            files.contains(&home.path(name)),
            "{name} is not among {files:?}"
        );
    }
    assert!(files.contains(&home.photo(&id)), "{files:?}");
    assert!(
        files
            .iter()
            .any(|file| file.starts_with(home.path("results"))),
        "{files:?}"
    );
    let open: Vec<_> = files.iter().filter(|file| mode(file) != 0o600).collect();
    assert!(open.is_empty(), "not of mode 0600: {open:?}");
    let of_photo = home.photo(&id).parent().unwrap().to_owned();
    for folder in [home.path("photos"), of_photo, home.path("results")] {
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
    }
}

/// Waits until something is so.
fn until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "waited too long until {what}"
        );
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn json_is_the_only_thing_on_standard_output() {
    let (sandbox, _) = patterns(2);
    let home = Home::new(&sandbox, &QUICK);
    let run = home.run("download", &["--json", "--quiet"]).ends_with(0);
    assert!(run.stderr.is_empty(), "{run}");
    let said = run.json();
    let keys: Vec<_> = said
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected = [
        "all_faces",
        "api_calls",
        "bytes",
        "claimed",
        "deleted",
        "disk",
        "done_otherwise",
        "faces",
        "failed",
        "left",
        "limited_by",
        "listed",
        "missing",
        "new",
        "no_image",
        "others",
        "outlook",
        "photos",
        "seconds",
        "seconds_left",
        "stopped",
    ];
    let sorted = {
        let mut keys = keys.clone();
        keys.sort_unstable();
        keys
    };
    assert_eq!(sorted, expected);
    assert_eq!(said["api_calls"], sandbox.calls().api());
    assert!(said["bytes"].as_u64().unwrap() > 0);
    assert_eq!(said["stopped"], false);
}

mod processes {
    //! Programs that are talked to while they run.

    use std::{
        io::{BufRead, BufReader, Read, Write},
        process::Stdio,
    };

    use end_to_end::{send, wait_for};
    use flickr_sandbox::approval::{Approval, approve};

    use super::*;

    #[test]
    fn a_code_typed_by_hand_signs_in() {
        let (sandbox, _) = patterns(1);
        let home = Home::signed_out(&sandbox, &QUICK);
        let mut child = home
            .command("download")
            .args(["--no-browser", "--json"])
            .env("BROWSER", "false")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let page = loop {
            let start = said.len();
            assert!(
                stderr.read_line(&mut said).unwrap() > 0,
                "no page to open: {said}"
            );
            let line = said[start..].trim();
            if line.starts_with(home.sandbox.base_url()) {
                break line.to_owned();
            }
        };
        assert!(page.contains("perms=write"), "{page}");
        let Approval::Code(code) = wait_for(approve(&page)).unwrap() else {
            panic!("no code at {page}");
        };
        let mut stdin = child.stdin.take().unwrap();
        writeln!(stdin, "not a code\n\n{code}").unwrap();
        drop(stdin);
        stderr.read_to_string(&mut said).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("expected the nine-digit code"), "{said}");
        assert!(said.contains("Signed in as Sandbox Person"), "{said}");
        assert_eq!(sandbox.calls().files, 1);
        // No code at all.
        fs::remove_file(home.path("config.token.json")).unwrap();
        let _ = home
            .run("download", &["--no-browser"])
            .ends_with(3)
            .complains(&["the end of the input"]);
    }

    /// Starts a download of slow photos and waits until some are done.
    fn slow(home: &Home, delay: u64) -> std::process::Child {
        let kind = FaultKind::Delay { ms: delay };
        home.sandbox
            .set_faults([Fault::once("static", kind).times(1_000)]);
        let before = home.sandbox.calls().files;
        let child = home
            .command("download")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        until("photos are fetched", || {
            home.sandbox.calls().files >= before + 4
        });
        child
    }

    #[test]
    fn ctrl_c_finishes_saves_and_says_how_to_go_on() {
        let (sandbox, _) = patterns(60);
        let home = Home::new(
            &sandbox,
            &[("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "2")],
        );
        let child = slow(&home, 300);
        send("INT", &child);
        let output = child.wait_with_output().unwrap();
        let (stdout, stderr) = (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        );
        assert_eq!(output.status.code(), Some(130), "{stdout}{stderr}");
        assert!(
            stderr.contains("Stopping: the photos under way are finished and saved."),
            "{stderr}"
        );
        assert!(
            stdout.contains("Stopped with ") && stdout.contains("Run `download` again to go on."),
            "{stdout}"
        );
        let left: Vec<_> = files_below(&home.path("photos"))
            .into_iter()
            .filter(|file| file.extension().is_some_and(|end| end == "part"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
        let photos = rows(&home.path("faces.sqlite"), "photos", "uploaded, id");
        let done = photos.iter().filter(|row| row["state"] == "'done'").count();
        assert!(done < 60, "it was to be stopped before the end");
        let next = photos
            .iter()
            .position(|row| row["state"] != "'done'")
            .unwrap();
        assert!(
            home.read("config.ini")
                .contains(&format!("start_image = {next}\n"))
        );

        sandbox.set_faults([]);
        let run = home.run("download", &["--json"]).ends_with(0).json();
        assert_eq!(run["photos"], 60 - done);
        assert!(sandbox.calls().files <= 60 + 2, "{:?}", sandbox.calls());
    }

    #[test]
    fn a_second_ctrl_c_leaves_at_once() {
        let (sandbox, _) = patterns(8);
        let home = Home::new(&sandbox, &QUICK);
        // Longer than the five seconds that a photo under way gets.
        let mut child = slow(&home, 60_000);
        send("INT", &child);
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("Stopping") {
            assert!(stderr.read_line(&mut said).unwrap() > 0, "{said}");
        }
        send("INT", &child);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        assert!(output.stdout.is_empty(), "no summary: it left at once");
        sandbox.set_faults([]);
        assert_eq!(
            home.run("download", &["--json"]).ends_with(0).json()["photos"],
            8
        );
    }
}

#[test]
fn photos_where_an_earlier_version_has_put_them_are_found() {
    let (sandbox, ids) = patterns(3);
    let home = Home::new(&sandbox, &QUICK);
    let _ = home.run("download", &[]).ends_with(0);
    for id in &ids {
        let file = home.photo(id);
        fs::rename(&file, home.path(&format!("photos/{id}.jpg"))).unwrap();
        fs::remove_dir(file.parent().unwrap()).ok();
    }
    home.set("upsample", "1");
    let before = sandbox.calls().files;
    let run = home.run("download", &["--redo", "--json"]).ends_with(0);
    assert_eq!(run.json()["photos"], ids.len(), "{run}");
    assert_eq!(sandbox.calls().files, before, "none was fetched again");
}
