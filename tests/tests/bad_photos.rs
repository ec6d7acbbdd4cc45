//! `download` where photos are refused, deleted, replaced or trickle, where the image host is out, and where
//! an earlier run was killed: one bad photo holds up no other, and what is left is told.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use end_to_end::{Home, Sample, files_below, one, rows, sample, sandbox, send};
use flickr_sandbox::{Edit, Fault, FaultKind, NewPhoto, Options, Sandbox};
use serde_json::json;

const GET_SIZES: &str = "flickr.photos.getSizes";

/// Small photos, looked at quickly.
const QUICK: [(&str, &str); 3] = [("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "8")];

/// A sandbox with a number of small patterns; their ids, oldest first.
fn patterns(number: usize) -> (Arc<Sandbox>, Vec<String>) {
    let sandbox = sandbox(Options::default());
    let pattern = || NewPhoto {
        width: Some(240),
        height: Some(180),
        ..NewPhoto::default()
    };
    let ids = (0..number).map(|_| sandbox.add_photo(pattern()).unwrap());
    let ids = ids.collect();
    (sandbox, ids)
}

/// A file that always goes wrong.
fn bad(id: &str, kind: FaultKind) -> Fault {
    Fault::once("static", kind).always().containing(id)
}

fn throttled(retry_after: Option<&str>) -> FaultKind {
    FaultKind::TooManyRequests {
        retry_after: retry_after.map(str::to_owned),
    }
}

/// Each of 450 pixels, so that the original is the largest at or below MAX_SIZE, and Flickr's own next to it has 400.
#[test]
fn an_original_that_cannot_be_read_gives_way_to_another_of_flickrs_sizes() {
    let sandbox = sandbox(Options::default());
    let photo = || NewPhoto {
        width: Some(450),
        height: Some(330),
        ..NewPhoto::default()
    };
    let [webp, cut] = [(); 2].map(|()| sandbox.add_photo(photo()).unwrap());
    let settings = [("MAX_SIZE", "500"), ("upsample", "0")];
    let home = Home::new(&sandbox, &settings);
    // Where every size of a photo is like that, it fails, and is told in words.
    sandbox.set_faults([
        bad(&format!("{webp}_"), FaultKind::Webp),
        bad(&format!("{cut}_"), FaultKind::CutShort),
    ]);
    let _ = home
        .run("download", &[])
        .ends_with(2)
        .complains(&["it is a WebP image, expected a JPEG or a PNG", "is cut off"]);
    let widths = || {
        let photos = files_below(&home.path("photos"));
        let photos = photos.iter().filter(|file| {
            let end = file.extension().and_then(|end| end.to_str());
            end == Some("jpg")
        });
        let widths = photos.map(|file| image::image_dimensions(file).unwrap().0);
        widths.collect::<Vec<_>>()
    };
    for kind in [FaultKind::Webp, FaultKind::CutShort] {
        sandbox.set_faults([bad("_o.", kind)]);
        let run = home.run("download", &["--redo", "--json"]).ends_with(0);
        assert_eq!(run.json()["failed"], 0, "{run}");
        assert_eq!(widths(), [400, 400], "{run}");
    }
    sandbox.set_faults([]);
    let _ = home.run("download", &["--redo"]).ends_with(0);
}

#[test]
fn old_photos_that_are_refused_for_ever_hold_up_no_other() {
    let kinds = [
        (FaultKind::ServerError { status: 403 }, "HTTP status 403"),
        (FaultKind::ServerError { status: 451 }, "HTTP status 451"),
        (FaultKind::HtmlPage, "content type text/html"),
        (FaultKind::Gif, "expected a JPEG or a PNG"),
        (FaultKind::ServerError { status: 502 }, "HTTP status 502"),
    ];
    let (sandbox, ids) = patterns(80);
    let home = Home::new(&sandbox, &QUICK);
    let expected = |place: usize| match place {
        19 => (throttled(None), "HTTP status 429"),
        18 => (throttled(Some("7200")), "HTTP status 429"),
        place => kinds[place % kinds.len()].clone(),
    };
    sandbox.set_faults((0..20).map(|place| bad(&ids[place], expected(place).0)));
    let mut failing = Vec::new();
    for run in 1..=2 {
        let run = match run {
            1 => home.run("download", &["--json"]).ends_with(2).json(),
            _ => {
                // One more than there was: it comes before those that failed.
                let id = sandbox.add_photo(NewPhoto::default()).unwrap();
                let said = home.run("download", &["--json"]).ends_with(2).json();
                let photos = rows(&home.path("faces.sqlite"), "photos", "id");
                assert_eq!(one(&photos, ("id", &format!("'{id}'")), "state"), "'done'");
                said
            }
        };
        failing.push((
            run["photos"].clone(),
            run["failed"].clone(),
            run["left"].clone(),
        ));
    }
    assert_eq!(
        failing,
        [
            (json!(60), json!(20), json!(0)),
            (json!(1), json!(20), json!(0))
        ]
    );
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    let mut wrong = Vec::new();
    for (place, id) in ids.iter().enumerate().take(20) {
        let (kind, reason) = expected(place);
        let error = one(&photos, ("id", &format!("'{id}'")), "error");
        if !error.contains(reason) {
            wrong.push(format!("{kind:?}: {error}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // The host gives them after all.
    sandbox.set_faults([]);
    let run = home.run("download", &["--json"]).ends_with(0).json();
    assert_eq!((&run["photos"], &run["failed"]), (&json!(20), &json!(0)));
}

#[test]
fn a_deleted_photo_is_settled_and_a_replaced_one_is_fetched_from_where_it_is() {
    let (sandbox, ids) = patterns(6);
    let home = Home::new(&sandbox, &QUICK);
    let changed = |id: &String, edit| {
        let photo = id.clone();
        Fault::once("static", FaultKind::Edit { photo, edit }).containing(id)
    };
    let replace = Edit::Replace {
        file: None,
        width: Some(200),
        height: Some(100),
    };
    // Just when its file is asked for.
    sandbox.set_faults([
        changed(&ids[1], Edit::Delete),
        changed(&ids[2], replace),
        changed(&ids[3], Edit::Turn { degrees: 90 }),
        Fault::once("static", FaultKind::PhotoUnavailable).containing(&ids[4]),
    ]);
    sandbox.reset_calls();
    let run = home.run("download", &["--json"]).ends_with(2);
    let told = format!("photo {} is no longer on Flickr", ids[1]);
    assert_eq!(run.stderr.matches(&told).count(), 1, "{run}");
    let said = run.json();
    assert_eq!(
        (
            &said["photos"],
            &said["deleted"],
            &said["failed"],
            &said["left"]
        ),
        (&json!(4), &json!(1), &json!(1), &json!(0)),
        "{run}"
    );
    assert_eq!(sandbox.calls().of(GET_SIZES), 4, "once each");
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    let of = |id: &String, column| one(&photos, ("id", &format!("'{id}'")), column).to_owned();
    assert_eq!(of(&ids[1], "state"), "'deleted'");
    assert_eq!(
        (of(&ids[2], "width"), of(&ids[2], "height")),
        ("200".into(), "100".into())
    );
    assert_eq!(
        (of(&ids[3], "width"), of(&ids[3], "height")),
        ("180".into(), "240".into())
    );
    assert!(of(&ids[4], "error").contains("unavailable"));

    // Told once, and nothing is asked of it any more.
    sandbox.reset_calls();
    let run = home.run("download", &[]).ends_with(0);
    assert!(
        !run.stderr.contains(&ids[1]) && !run.stdout.contains("deleted"),
        "{run}"
    );
    assert_eq!(sandbox.calls().of(GET_SIZES), 0);
    let _ = home
        .run("download", &["status"])
        .ends_with(0)
        .says(&["1 deleted on Flickr"]);
}

#[test]
fn a_deleted_photo_leaves_the_questions_and_tags_json_and_comes_back() {
    let sandbox = sandbox(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let mut ids = Vec::new();
    for (who, times) in [(Sample::Obama, 2), (Sample::Biden, 1)] {
        let file = folder.path().join(format!("{who:?}.jpg"));
        sample(who, 500, &file);
        for _ in 0..times {
            let file = Some(file.clone());
            let photo = NewPhoto {
                file,
                private: true,
                ..NewPhoto::default()
            };
            ids.push(sandbox.add_photo(photo).unwrap());
        }
    }
    let settings = [
        ("MAX_SIZE", "320"),
        ("min_cluster", "1"),
        ("keep_photos", "no"),
    ];
    let home = Home::new(&sandbox, &settings);
    let _ = home.run("download", &[]).ends_with(0);
    let _ = home.answer("cluster-faces", &[], "Barack\n").ends_with(0);
    assert_eq!(home.tagged(), [("Barack".to_owned(), ids[..2].to_vec())]);

    // One that is named and the one that is not, found out as they are fetched again.
    for id in &ids[1..] {
        assert!(sandbox.delete_photo(id));
    }
    home.set("MAX_SIZE", "400");
    let run = home
        .run("download", &["--redo", "--json"])
        .ends_with(0)
        .json();
    assert_eq!((&run["photos"], &run["deleted"]), (&json!(1), &json!(2)));
    let _ = home
        .answer("cluster-faces", &[], "")
        .ends_with(0)
        .says(&["Nothing left to review"]);
    assert_eq!(home.tagged(), [("Barack".to_owned(), ids[..1].to_vec())]);
    sandbox.reset_calls();
    let run = home.run("tag-photos", &["--json"]).ends_with(0);
    assert!(
        !run.stdout.contains(&ids[1]) && !run.stderr.contains(&ids[1]),
        "{run}"
    );
    assert_eq!(sandbox.calls().of("flickr.photos.addTags"), 1);
    // The name is kept with the face.
    let faces = rows(&home.path("faces.sqlite"), "faces", "photo, number");
    let named = faces.iter().filter(|row| row["decision"] == "'named'");
    assert_eq!(named.count(), 2);
}

#[test]
fn a_file_that_trickles_fails_alone() {
    let (sandbox, ids) = patterns(4);
    let home = Home::new(
        &sandbox,
        &[("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "2")],
    );
    sandbox.set_faults([bad(&ids[0], FaultKind::Trickle { ms: 10_000 })]);
    let run = home.run("download", &["--json"]).ends_with(2);
    let said = run.json();
    assert_eq!(
        (&said["photos"], &said["failed"]),
        (&json!(3), &json!(1)),
        "{run}"
    );
    let _ = run.complains(&[" bytes in 30 s, expected 30720 at least"]);
    sandbox.set_faults([]);
    assert_eq!(
        home.run("download", &["--json"]).ends_with(0).json()["photos"],
        1
    );
}

/// A download under way, and what it says.
struct Running {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    said: String,
}

impl Running {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let mut child = home
            .command("download")
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let said = String::new();
        Self {
            child,
            stderr,
            said,
        }
    }

    fn until_it_says(&mut self, text: &str) {
        while !self.said.contains(text) {
            let read = self.stderr.read_line(&mut self.said).unwrap();
            assert!(read > 0, "it ended without {text}: {}", self.said);
        }
    }

    /// Exit code, standard output and all of standard error.
    fn end(mut self) -> (Option<i32>, String, String) {
        self.stderr.read_to_string(&mut self.said).unwrap();
        let output = self.child.wait_with_output().unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), stdout, self.said)
    }
}

#[test]
fn an_outage_of_the_image_host_is_waited_out_and_no_photo_fails() {
    let (sandbox, _) = patterns(30);
    let home = Home::new(&sandbox, &QUICK);
    let out = |status| Fault::once("static", FaultKind::ServerError { status }).always();
    // Some come first.
    sandbox.set_faults([out(503).after(6)]);
    let mut run = Running::start(&home, &["--json"]);
    run.until_it_says("Flickr sends no photos, for ");
    sandbox.set_faults([]);
    let (code, stdout, stderr) = run.end();
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stderr.contains("next try in ") && stderr.contains("giving up after 1 h"),
        "{stderr}"
    );
    assert!(stderr.contains("Flickr is back after "), "{stderr}");
    assert!(
        !stderr.contains("warning: photo ")
            && !stderr.contains(": HTTP status 503, expected 200 and an image\n"),
        "{stderr}"
    );
    let said: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(
        (&said["photos"], &said["failed"]),
        (&json!(30), &json!(0)),
        "{stderr}"
    );

    // Ctrl-C leaves at once.
    let photo = NewPhoto::default();
    sandbox.add_photo(photo).unwrap();
    sandbox.set_faults([out(503)]);
    let mut run = Running::start(&home, &[]);
    run.until_it_says("Flickr sends no photos, for ");
    let begun = Instant::now();
    send("INT", &run.child);
    let (code, stdout, stderr) = run.end();
    assert_eq!(code, Some(130), "{stdout}{stderr}");
    // Not at the end of the wait; the models may still be read from the disk.
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(
        stdout.contains("Stopped with 1 photo of the list left."),
        "{stdout}"
    );

    // What is not waited for any longer is told, and is to do.
    let text = home.read("config.ini");
    home.write("config.ini", format!("{text}longest_wait = 0\n"));
    let _ = home.run("download", &[]).ends_with(4).complains(&[
        "error: Flickr sends no photos: given up after ",
        "HTTP status 503",
        "1 photo left to do",
    ]);
    sandbox.set_faults([]);
    assert_eq!(
        home.run("download", &["--json"]).ends_with(0).json()["photos"],
        1
    );
}

#[test]
fn what_a_killed_run_had_claimed_is_done_by_the_next_wherever_that_runs() {
    let (sandbox, _) = patterns(40);
    let home = Home::new(&sandbox, &QUICK);
    let late = FaultKind::Delay { ms: 60_000 };
    sandbox.set_faults([Fault::once("static", late).always().after(10)]);
    let run = Running::start(&home, &[]);
    let claimed = || {
        let photos = rows(&home.path("faces.sqlite"), "photos", "id");
        photos
            .iter()
            .filter(|row| row["claimed_by"] != "NULL")
            .count()
    };
    let begun = Instant::now();
    while sandbox.calls().files < 18 {
        assert!(
            begun.elapsed() < Duration::from_secs(120),
            "no photos are fetched"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    send("KILL", &run.child);
    assert_eq!(run.end().0, None);
    assert!(claimed() >= 8, "{} claimed", claimed());
    sandbox.set_faults([]);

    // A folder of another name: claims are made under it.
    let renamed = Home::signed_out(&sandbox, &QUICK);
    for entry in fs::read_dir(home.folder()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        fs::rename(entry.path(), renamed.folder().join(name)).unwrap();
    }
    let home = renamed;
    let run = home.run("download", &["--json"]).ends_with(0);
    let said = run.json();
    assert_eq!(
        (&said["left"], &said["claimed"]),
        (&json!(0), &json!(0)),
        "{run}"
    );
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    assert!(photos.iter().all(|row| row["state"] == "'done'"), "{run}");
    assert!(photos.iter().all(|row| row["claimed_by"] == "NULL"));
}
