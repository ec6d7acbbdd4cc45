//! Photos that always fail, outages, stops in pauses: a run goes on or ends, and always says how.

use std::{
    process::Stdio,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{Home, send, side_by_side};
use flickr_sandbox::{Fault, FaultKind, NewPhoto};
use serde_json::{Value, json};

use super::*;

const CHECK_TOKEN: &str = "flickr.auth.oauth.checkToken";
const SIZES: &str = "flickr.photos.getSizes";
const FOR_EVER: u32 = 1_000_000;

fn fails(code: i64) -> FaultKind {
    FaultKind::ApiFailure {
        code,
        message: Some("no luck".to_owned()),
    }
}

fn pause() -> FaultKind {
    FaultKind::TooManyRequests {
        retry_after: Some("600".to_owned()),
    }
}

/// A home in which Ada is on all photos, by her face.
fn ada(sandbox: &Arc<Sandbox>, ids: &[String], settings: &[(&str, &str)]) -> Home {
    let home = Home::new(sandbox, settings);
    let faces = ids.iter();
    let faces: Vec<Named<'_>> = faces
        .map(|id| (id.as_str(), "Ada", [100, 100, 299, 299]))
        .collect();
    name_faces(&home, &faces);
    home
}

#[test]
fn a_photo_that_fails_for_ever_is_that_photos_failure() {
    let internal = || FaultKind::ServerError { status: 500 };
    let cases = [
        // In the plan: a listing that lags behind leaves the photos to be asked one by one.
        (&["--notes"][..], INFO, fails(0), 5),
        (&["--notes"], INFO, fails(3), 5),
        (&["--notes"], INFO, fails(106), 5),
        (&["--notes"], INFO, internal(), 5),
        (&[], ADD_TAGS, fails(106), 5),
        (&[], ADD_TAGS, fails(0), 5),
        (&[], ADD_TAGS, internal(), 5),
        (&["--notes"], ADD_NOTE, fails(106), 5),
        (&["--notes"], ADD_NOTE, internal(), 5),
        (&["verify"], INFO, fails(0), 0),
        (&["undo"], REMOVE_TAG, fails(106), 0),
        (&["undo"], REMOVE_TAG, internal(), 0),
        (&["undo"], DELETE_NOTE, internal(), 0),
        // Where it is looked whether everything is gone.
        (&["undo"], INFO, fails(3), 0),
    ];
    let wrong = side_by_side(&cases, |(arguments, method, kind, added)| {
        let (arguments, method, added) = (*arguments, *method, *added);
        let mut wrong = Vec::new();
        let (sandbox, ids) = photos([&[] as &[&str]; 6]);
        let home = ada(&sandbox, &ids, &[]);
        if added == 0 {
            let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
        }
        let fault = Fault::once(method, kind.clone()).times(FOR_EVER);
        let of_photo = match method {
            DELETE_NOTE => marks(&sandbox)[&ids[2]].notes[0].id.clone(),
            _ => ids[2].clone(),
        };
        sandbox.set_faults([fault.containing(of_photo)]);
        let run = home.run(PROGRAM, &[arguments, &["--json"]].concat());
        let said = run.json();
        let failed: Vec<_> = said["failed"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["photo"].as_str().unwrap().to_owned())
            .collect();
        let others = ids.iter().filter(|id| **id != ids[2]);
        let tagged = others.filter(|id| !tags(&sandbox, id).is_empty()).count();
        let done = arguments == ["verify"] || tagged == added;
        let whole = (&said["left"], &said["stopped"], &said["error"])
            == (&json!(0), &json!(false), &Value::Null);
        if run.code != Some(2) || failed != [ids[2].clone()] || !done || !whole {
            wrong.push(format!("{arguments:?} {method} {kind:?}: {tagged} {run}"));
        }
        // It is named to people, too, and counted once.
        let mut command: Vec<_> = arguments.to_vec();
        if added > 0 {
            command = vec!["plan", "--notes"];
        }
        let run = home.run(PROGRAM, &command);
        if added == 0 && run.code == Some(2) && !run.stdout.contains("failed         1 photo\n") {
            wrong.push(format!("{arguments:?} {method} {kind:?}: {run}"));
        }
        wrong
    });
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_outage_is_waited_for_with_few_calls_and_given_up() {
    const PHOTOS: usize = 100;
    let (sandbox, ids) = photos([&[] as &[&str]; PHOTOS]);
    // In minutes: 3 seconds.
    let home = ada(&sandbox, &ids, &[("longest_wait", "0.05")]);
    let down = |times| FaultKindTimes(fails(105), times);
    sandbox.set_faults([down(FOR_EVER).on(ADD_TAGS)]);
    sandbox.reset_calls();
    let run = home.run(PROGRAM, &["--json"]).ends_with(4).complains(&[
        "Flickr takes no changes, for 0 s now: next try in",
        "giving up after 3 s",
        "no luck (code 105)",
        "error: Flickr takes no changes: given up after",
        "hint:",
    ]);
    let said = run.json();
    assert_eq!(
        (&said["added"], &said["left"], &said["failed"]),
        (&json!(0), &json!(PHOTOS), &json!([]))
    );
    assert!(
        said["error"].as_str().unwrap().contains("given up"),
        "{said}"
    );
    // Three photos, then one: each is tried three times, with a look after each.
    let calls = sandbox.calls();
    assert!(calls.of(ADD_TAGS) <= 12 && calls.api() <= 32, "{calls:?}");

    // It passes: what was set aside is done first, and nothing is a failure.
    home.set("longest_wait", "0.1");
    sandbox.set_faults([down(10).on(ADD_TAGS)]);
    let run = home
        .run(PROGRAM, &["--json"])
        .ends_with(0)
        .complains(&["Flickr is back after"]);
    assert_eq!(run.json()["added"], PHOTOS);
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);

    // The same for a listing that does not come, in the plan.
    home.write_tags(&[("Bob", &ids.each_ref().map(String::as_str))]);
    sandbox.set_faults([FaultKindTimes(pause(), FOR_EVER).on(SEARCH)]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(4).json();
    assert_eq!((&run["added"], &run["stopped"]), (&json!(0), &json!(false)));
    assert!(
        run["error"].as_str().unwrap().contains("does not list"),
        "{run}"
    );
}

/// A fault that happens so often.
struct FaultKindTimes(FaultKind, u32);

impl FaultKindTimes {
    fn on(self, method: &str) -> Fault {
        Fault::once(method, self.0).times(self.1)
    }
}

#[test]
fn a_sign_in_that_is_lost_leaves_a_summary() {
    let (sandbox, ids) = photos([&[] as &[&str]; 3]);
    let home = ada(&sandbox, &ids, &[]);
    let lost = || FaultKindTimes(fails(98), FOR_EVER);
    sandbox.set_faults([lost().on(ADD_TAGS).after(1)]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(3);
    let _ = run
        .clone()
        .complains(&["no longer accepts the sign-in", "hint:"]);
    let said = run.json();
    assert_eq!((&said["added"], &said["left"]), (&json!(1), &json!(2)));
    assert!(
        said["error"].as_str().unwrap().contains("sign-in"),
        "{said}"
    );
    sandbox.set_faults([lost().on(ADD_TAGS).after(1)]);
    let _ = home.run(PROGRAM, &[]).ends_with(3).says(&[
        "added          1 tag\n",
        "Stopped with 1 photo left. Run `tag-photos` again to continue.\n",
    ]);
    sandbox.set_faults([lost().on(REMOVE_TAG).after(1)]);
    let run = home.run(PROGRAM, UNDO).ends_with(3).json();
    // One that was begun when the sign-in was lost may be there, too.
    assert_eq!((&run["tags"], &run["left"]), (&json!(1), &json!(2)));
    // Before anything: in the plan, and where the arguments are wrong.
    sandbox.set_faults([lost().on("api").after(1)]);
    for command in [&["--json"][..], &["verify", "--json"]] {
        let run = home.run(PROGRAM, command).ends_with(3).json();
        assert!(run["error"].as_str().unwrap().contains("sign-in"), "{run}");
    }
    sandbox.set_faults([]);
    let run = home.run(PROGRAM, &["--only", "Xi", "--json"]).ends_with(1);
    assert!(run.json()["error"].as_str().unwrap().contains("Xi"));
}

#[test]
fn ctrl_c_ends_every_pause_within_five_seconds() {
    struct Case {
        arguments: &'static [&'static str],
        /// Whether everything is written before.
        written: bool,
        method: &'static str,
        kind: FaultKind,
        /// Calls of it until it waits.
        calls: u64,
        settings: &'static [(&'static str, &'static str)],
    }
    let case = |arguments, written, method, kind, calls| Case {
        arguments,
        written,
        method,
        kind,
        calls,
        settings: &[],
    };
    let down = || FaultKind::ServerError { status: 503 };
    let cases = [
        case(&[][..], false, CHECK_TOKEN, pause(), 1),
        case(&["plan"], false, SEARCH, pause(), 1),
        case(&[], false, SEARCH, down(), 4),
        case(&[], false, ADD_TAGS, pause(), 1),
        // An outage: three photos, three tries each.
        case(&[], false, ADD_TAGS, fails(105), 9),
        case(&[], false, ADD_TAGS, FaultKind::Delay { ms: 20_000 }, 1),
        case(&["--notes"], false, ADD_NOTE, fails(6), 1),
        case(&["--notes"], false, INFO, down(), 4),
        case(&["undo"], true, REMOVE_TAG, pause(), 1),
        case(&["undo"], true, REMOVE_TAG, fails(105), 9),
        case(&["undo"], true, SEARCH, pause(), 1),
        case(&["verify"], true, SEARCH, down(), 4),
        case(&["verify"], true, INFO, pause(), 1),
        Case {
            // The second call may go an hour after the first.
            settings: &[("calls_per_hour", "2")],
            ..case(&[], false, CHECK_TOKEN, FaultKind::Delay { ms: 1 }, 1)
        },
    ];
    let wrong = side_by_side(&cases, |case| {
        let mut wrong = None;
        let (sandbox, ids) = photos([&[] as &[&str]; 5]);
        let home = ada(&sandbox, &ids, &[]);
        if case.written {
            let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
        }
        for (key, value) in case.settings {
            home.set(key, value);
        }
        sandbox.reset_calls();
        sandbox.set_faults([Fault::once(case.method, case.kind.clone()).times(FOR_EVER)]);
        let child = home
            .command(PROGRAM)
            .args(case.arguments)
            .arg("--json")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let begun = Instant::now();
        while sandbox.calls().of(case.method) < case.calls {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{:?} {} {:?}: {:?}",
                case.arguments,
                case.method,
                case.kind,
                sandbox.calls()
            );
            sleep(Duration::from_millis(5));
        }
        sleep(Duration::from_millis(300));
        let asked = Instant::now();
        send("INT", &child);
        let output = child.wait_with_output().unwrap();
        let took = asked.elapsed();
        let said: Result<Value, _> = serde_json::from_slice(&output.stdout);
        let stopped = said.is_ok_and(|said| said["stopped"] == true && said["error"].is_null());
        if output.status.code() != Some(130) || took > Duration::from_secs(5) || !stopped {
            wrong = Some(format!(
                "{:?} {} {:?}: {took:?} {output:?}",
                case.arguments, case.method, case.kind
            ));
        }
        // Nothing is lost by it.
        sandbox.set_faults([]);
        if case.settings.is_empty() && case.arguments == ["undo"] {
            let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
            assert!(marks(&sandbox).values().all(|marks| marks.tags.is_empty()));
        } else if case.settings.is_empty() {
            let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
            let marks = marks(&sandbox);
            let once = |marks: &Annotations| (marks.tags.len(), marks.notes.len()) == (1, 1);
            assert!(marks.values().all(once), "{marks:?}");
        }
        wrong
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_asked_twice() {
    const PHOTOS: usize = 4;
    let sandbox = end_to_end::sandbox(flickr_sandbox::Options::default());
    // Smaller than the medium image, as the listing says.
    let small = || NewPhoto {
        private: true,
        width: Some(400),
        height: Some(300),
        ..NewPhoto::default()
    };
    let ids: [String; PHOTOS] = std::array::from_fn(|_| sandbox.add_photo(small()).unwrap());
    let home = Home::new(&sandbox, &[]);
    let mut faces: Vec<Named<'_>> = Vec::new();
    for id in &ids {
        faces.push((id, "Ada", [100, 100, 299, 299]));
        faces.push((id, "Bob", [500, 100, 699, 299]));
    }
    name_faces(&home, &faces);
    sandbox.reset_calls();
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(0)
        .json();
    assert_eq!((&run["added"], &run["added_notes"]), (&json!(8), &json!(8)));
    let calls = sandbox.calls();
    assert_eq!(
        (calls.of(INFO), calls.of(SIZES), calls.of(LIST_PHOTO)),
        (PHOTOS as u64, 0, 0),
        "{calls:?}"
    );
    assert_eq!(calls.of(ADD_TAGS), PHOTOS as u64, "one call for all tags");
    sandbox.reset_calls();
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
    let calls = sandbox.calls();
    assert_eq!((calls.of(INFO), calls.of(SEARCH)), (PHOTOS as u64, 1));
    sandbox.reset_calls();
    let _ = home.run(PROGRAM, UNDO).ends_with(0);
    let calls = sandbox.calls();
    assert_eq!(
        (calls.of(REMOVE_TAG), calls.of(DELETE_NOTE), calls.of(INFO)),
        (8, 8, 2 * PHOTOS as u64),
        "once before, once after: {calls:?}"
    );
}
