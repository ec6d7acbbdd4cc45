//! `--notes` and `--people`: names on faces.

use end_to_end::Home;
use flickr_sandbox::{Fault, FaultKind, MEMBERS, NewPhoto, Note, NoteRect, Options, Quirks};
use serde_json::json;

use super::*;

fn place(note: &Note) -> [u32; 4] {
    let NoteRect { x, y, w, h } = note.rect;
    [x, y, w, h]
}

#[test]
fn each_face_gets_a_note_where_it_is() {
    // The medium image is 500x375; a small photo is measured by itself.
    let (sandbox, [a]) = photos([&[]]);
    let small = NewPhoto {
        private: true,
        width: Some(400),
        height: Some(300),
        ..NewPhoto::default()
    };
    let small = sandbox.add_photo(small).unwrap();
    let tall = NewPhoto {
        private: true,
        width: Some(600),
        height: Some(1000),
        ..NewPhoto::default()
    };
    let tall = sandbox.add_photo(tall).unwrap();
    let home = Home::new(&sandbox, &[]);
    name_faces(
        &home,
        &[
            (&a, "Ada Lovelace", [256, 192, 511, 383]),
            // A face that reaches beyond the photo, and a second one of the same person.
            (&a, "Bob", [900, 700, 1100, 850]),
            (&a, "Bob", [10, 10, 109, 109]),
            (&small, "Bob", [512, 384, 767, 575]),
            (&tall, "Bob", [0, 0, 99, 99]),
        ],
    );
    write_people(
        &home,
        json!([
            {"name": "Ada Lovelace", "tag": "people:name=Ada L.", "photos": [a, small]},
            {"name": "Bob", "photos": [a, small, tall]},
        ]),
    );
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(2)
        .json();
    assert_eq!(
        (&run["added"], &run["added_notes"]),
        (&json!(5), &json!(4)),
        "{run}"
    );
    // Not the photo that was searched: a note would stand in the wrong place.
    assert_eq!(run["failed"][0]["photo"], tall);
    let reason = run["failed"][0]["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("the photo was turned, cropped or replaced on Flickr"),
        "{reason}"
    );
    let marks = marks(&sandbox);
    let notes = |photo: &String| -> Vec<(String, [u32; 4])> {
        let notes = marks[photo].notes.iter();
        notes.map(|note| (note.text.clone(), place(note))).collect()
    };
    assert_eq!(
        notes(&a),
        [
            ("Ada L.".to_owned(), [125, 94, 125, 94]),
            ("Bob".to_owned(), [5, 5, 49, 49]),
            ("Bob".to_owned(), [439, 342, 61, 33]),
        ]
    );
    assert_eq!(notes(&small), [("Bob".to_owned(), [200, 150, 100, 75])]);
    // The plan knows them, and who has no face.
    let _ = home
        .run(PROGRAM, &["plan", "--notes"])
        .ends_with(0)
        .says(&["  no face             1 photo  no known face for a note\n"]);
    let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
    assert!(
        super::marks(&sandbox)
            .values()
            .all(|marks| marks.notes.is_empty())
    );
}

#[test]
fn notes_of_lost_answers_are_never_doubled() {
    struct Case {
        method: &'static str,
        kind: FaultKind,
        times: u32,
        code: i32,
        /// Notes and people after the run.
        there: (usize, usize),
    }
    let case = |method, kind, times, code, there| Case {
        method,
        kind,
        times,
        code,
        there,
    };
    let down = |status| FaultKind::ServerError { status };
    let slow = FaultKind::TooManyRequests {
        retry_after: Some("0".to_owned()),
    };
    let refuses = |code: i64| FaultKind::ApiFailure {
        code,
        message: Some("no".to_owned()),
    };
    let cases = [
        case(ADD_NOTE, FaultKind::AnswerLost, 1, 0, (1, 1)),
        case(ADD_NOTE, FaultKind::CutShort, 1, 0, (1, 1)),
        case(ADD_NOTE, FaultKind::HtmlPage, 1, 0, (1, 1)),
        case(ADD_NOTE, down(502), 2, 0, (1, 1)),
        case(ADD_NOTE, down(504), 3, 2, (0, 1)),
        case(ADD_NOTE, slow.clone(), 1, 0, (1, 1)),
        case(ADD_NOTE, refuses(1), 1, 2, (0, 1)),
        case(ADD_NOTE, refuses(2), 1, 2, (0, 1)),
        case(ADD_NOTE, refuses(3), 1, 2, (0, 1)),
        case(ADD_NOTE, refuses(4), 1, 2, (0, 1)),
        case(ADD_NOTE, refuses(5), 1, 2, (0, 1)),
        // Too fast: it waits.
        case(ADD_NOTE, refuses(6), 1, 0, (1, 1)),
        case(ADD_PERSON, FaultKind::AnswerLost, 1, 0, (1, 1)),
        case(ADD_PERSON, FaultKind::CutShort, 1, 0, (1, 1)),
        case(ADD_PERSON, FaultKind::HtmlPage, 1, 0, (1, 1)),
        case(ADD_PERSON, down(502), 2, 0, (1, 1)),
        case(ADD_PERSON, down(504), 3, 2, (1, 0)),
        case(ADD_PERSON, slow, 1, 0, (1, 1)),
        case(ADD_PERSON, refuses(1), 1, 2, (1, 0)),
        case(ADD_PERSON, refuses(8), 1, 2, (1, 0)),
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let (sandbox, [a]) = photos([&[]]);
        let home = Home::new(&sandbox, &[]);
        name_faces(&home, &[(&a, "Ada Lovelace", [100, 100, 299, 299])]);
        let nsid = MEMBERS[1].nsid;
        write_people(
            &home,
            json!([{"name": "Ada Lovelace", "nsid": nsid, "photos": [a]}]),
        );
        let before = marks(&sandbox);
        sandbox.set_faults([Fault::once(case.method, case.kind.clone()).times(case.times)]);
        let run = home.run(PROGRAM, &["--notes", "--people", "--json"]);
        let there = |sandbox: &Sandbox| {
            let marks = &marks(sandbox)[&a];
            (marks.notes.len(), marks.people.len())
        };
        let found = there(&sandbox);
        // The next run does what was not done; what was refused for good it does where that is wanted.
        let mut arguments = Vec::new();
        if let FaultKind::ApiFailure {
            code: 1..=5 | 8, ..
        } = case.kind
        {
            sandbox.reset_calls();
            let next = home.run(PROGRAM, &["--notes", "--people", "--json"]);
            let skipped = (next.code, there(&sandbox), sandbox.calls().api());
            if skipped != (Some(2), case.there, 1) {
                wrong.push(format!("{:?}: {skipped:?}", case.kind));
            }
            arguments.push("--again");
        }
        arguments.extend(["--notes", "--people", "--json"]);
        let next = home.run(PROGRAM, &arguments);
        let ends = (next.code, there(&sandbox), home.run(PROGRAM, UNDO).code);
        if run.code != Some(case.code)
            || found != case.there
            || ends != (Some(0), (1, 1), Some(0))
            || marks(&sandbox) != before
        {
            let (method, kind) = (case.method, case.kind);
            wrong.push(format!("{method} {kind:?}: {found:?} {ends:?} {run}"));
        }
        all_by_post(&sandbox);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn killed_before_the_answer_a_note_is_found_again() {
    for method in [ADD_NOTE, ADD_PERSON] {
        let (sandbox, [a]) = photos([&[]]);
        let home = Home::new(&sandbox, &[]);
        name_faces(&home, &[(&a, "Ada Lovelace", [100, 100, 299, 299])]);
        let nsid = MEMBERS[1].nsid;
        write_people(
            &home,
            json!([{"name": "Ada Lovelace", "nsid": nsid, "photos": [a]}]),
        );
        let before = marks(&sandbox);
        // Carried out, and the answer comes after the timeout.
        sandbox.set_faults([Fault::once(method, FaultKind::Delay { ms: 300 })]);
        let mut child = home
            .command(PROGRAM)
            .args(["--notes", "--people"])
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while sandbox.calls().of(method) == 0 {
            assert!(
                child.try_wait().unwrap().is_none(),
                "{method}: it was done before"
            );
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(600));
        let run = home
            .run(PROGRAM, &["--notes", "--people", "--json"])
            .ends_with(0)
            .json();
        let there = &marks(&sandbox)[&a];
        assert_eq!(
            (there.notes.len(), there.people.len()),
            (1, 1),
            "{method}: {run}"
        );
        let _ = home.run(PROGRAM, UNDO).ends_with(0);
        assert_eq!(marks(&sandbox), before, "{method}");
    }
}

#[test]
fn flickrs_limits_on_notes_and_people_are_reported() {
    let (sandbox, [a, b]) = photos([&[], &[]]);
    sandbox.set_quirks(Quirks {
        max_notes: 1,
        ..Quirks::default()
    });
    let home = Home::new(&sandbox, &[]);
    name_faces(
        &home,
        &[
            (&a, "Ada Lovelace", [100, 100, 299, 299]),
            (&a, "Bob", [400, 100, 599, 299]),
            (&b, "Bob", [400, 100, 599, 299]),
        ],
    );
    write_people(
        &home,
        json!([
            {"name": "Ada Lovelace", "nsid": MEMBERS[2].nsid, "photos": [a]},
            {"name": "Bob", "nsid": MEMBERS[3].nsid, "photos": [b]},
            {"name": "Cy", "nsid": "1@N00", "photos": [b]},
        ]),
    );
    let run = home
        .run(PROGRAM, &["--notes", "--people", "--json"])
        .ends_with(2)
        .json();
    let reasons: Vec<_> = run["failed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reason"].as_str().unwrap())
        .collect();
    // Two things failed on one photo: it is one photo.
    let texts = [
        "Person can't be tagged in any photo\" (code 5)",
        "Can't add that person to a non-public photo\" (code 7); \
         flickr.photos.people.add: Flickr says \"Person not found\" (code 1)",
    ];
    assert_eq!(reasons.len(), texts.len(), "{reasons:?}");
    for (reason, text) in reasons.iter().zip(texts) {
        assert!(reason.contains(text), "{reason}");
    }
    assert_eq!((&run["added"], &run["added_notes"]), (&json!(3), &json!(2)));
    // One note more than Flickr takes.
    let home = Home::new(&sandbox, &[]);
    name_faces(
        &home,
        &[
            (&a, "Ada Lovelace", [100, 100, 299, 299]),
            (&a, "Bob", [400, 100, 599, 299]),
        ],
    );
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(2)
        .json();
    let reason = run["failed"][0]["reason"].as_str().unwrap();
    assert!(
        reason.contains("Maximum number of notes reached"),
        "{reason}"
    );
}

#[test]
fn a_note_that_is_there_is_left_and_public_photos_get_none() {
    let sandbox = end_to_end::sandbox(Options::default());
    let (a, public) = (add(&sandbox, &[], true), add(&sandbox, &[], false));
    let flickr = flickr(&sandbox);
    let near = flickr_faces::flickr::NoteRect {
        x: 50,
        y: 50,
        w: 95,
        h: 95,
    };
    wait_for(flickr.photos_notes_add(&id(&a), near, "ada lovelace")).unwrap();
    let home = Home::new(&sandbox, &[]);
    name_faces(
        &home,
        &[
            (&a, "Ada Lovelace", [100, 100, 299, 299]),
            (&public, "Ada Lovelace", [100, 100, 299, 299]),
        ],
    );
    home.write_tags(&[("Ada Lovelace", &[&a, &public])]);
    let before = marks(&sandbox);
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(0)
        .json();
    assert_eq!((&run["added"], &run["added_notes"]), (&json!(1), &json!(0)));
    let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
    assert_eq!(marks(&sandbox), before);
}
