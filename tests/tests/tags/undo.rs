//! `undo`: the account is as it was.

use std::{process::Stdio, thread::sleep, time::Duration};

use end_to_end::Home;
use flickr_sandbox::{Fault, FaultKind, MEMBERS};
use serde_json::json;

use super::*;

#[test]
fn after_apply_and_undo_nothing_has_changed() {
    let (sandbox, [a, b, c]) = photos([&["sea", "Ada-Lovelace"], &["Museum Exhibit"], &[]]);
    // People and notes of others' making are there, too.
    let own = flickr(&sandbox);
    let place = flickr_faces::flickr::NoteRect {
        x: 1,
        y: 2,
        w: 30,
        h: 40,
    };
    wait_for(async {
        own.photos_notes_add(&id(&a), place, "a boat")
            .await
            .unwrap();
        own.photos_people_add(&id(&b), MEMBERS[0].nsid, None)
            .await
            .unwrap();
        own.photos_people_add(&id(&c), MEMBERS[1].nsid, Some(place))
            .await
            .unwrap();
    });
    let home = Home::new(&sandbox, &[]);
    let faces: [Named<'_>; 4] = [
        (&a, "Ada Lovelace", [100, 100, 299, 299]),
        (&a, "Bob", [500, 100, 699, 299]),
        (&b, "Ada Lovelace", [0, 0, 99, 99]),
        (&c, "Ada Lovelace", [900, 600, 1100, 800]),
    ];
    name_faces(&home, &faces);
    write_people(
        &home,
        json!([
            {"name": "Ada Lovelace", "nsid": MEMBERS[1].nsid, "photos": [a, b, c]},
            {"name": "Bob", "tag": "people:name=Bob", "photos": [a, b]},
        ]),
    );
    let before = marks(&sandbox);
    let run = home
        .run(PROGRAM, &["--notes", "--people", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (
            &run["added"],
            &run["added_notes"],
            &run["added_people"],
            &run["already_there"]
        ),
        (&json!(4), &json!(4), &json!(2), &json!(1)),
        "{run}"
    );
    let written = marks(&sandbox);
    assert_eq!(written[&a].notes.len(), 3);
    assert_eq!(written[&c].people.len(), 1, "she was there");
    // Everything is there: nothing is written again.
    let run = home
        .run(PROGRAM, &["--notes", "--people", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["added"], &run["added_notes"], &run["added_people"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(marks(&sandbox), written);
    let _ = home
        .run(PROGRAM, &["verify", "--notes", "--people"])
        .ends_with(0);

    // What would be removed, without doing it.
    let plan = home.run(PROGRAM, &["undo", "--plan"]).ends_with(0);
    let _ = plan.says(&["would remove   4 tags, 4 notes and 2 people from 3 photos\n"]);
    assert_eq!(marks(&sandbox), written);
    // The names are no longer in tags.json.
    write_people(&home, json!([]));
    let run = home.run(PROGRAM, UNDO).ends_with(0).json();
    assert_eq!(
        (
            &run["tags"],
            &run["notes"],
            &run["people"],
            &run["still_there"],
            &run["checked"]
        ),
        (&json!(4), &json!(4), &json!(2), &json!([]), &json!(3))
    );
    assert_eq!(marks(&sandbox), before);
    // Nothing is left to be undone.
    sandbox.reset_calls();
    let run = home.run(PROGRAM, UNDO).ends_with(0).json();
    assert_eq!(
        (&run["tags"], &run["notes"], &run["people"]),
        (&json!(0), &json!(0), &json!(0))
    );
    assert_eq!(sandbox.calls().of(REMOVE_TAG), 0);
    all_by_post(&sandbox);
}

#[test]
fn notes_or_people_alone_can_be_undone() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, "Ada Lovelace", [100, 100, 299, 299])]);
    write_people(
        &home,
        json!([{"name": "Ada Lovelace", "nsid": MEMBERS[1].nsid, "photos": [a]}]),
    );
    let _ = home.run(PROGRAM, &["--notes", "--people"]).ends_with(0);
    let left = |sandbox: &Sandbox| {
        let marks = &marks(sandbox)[&a];
        (marks.tags.len(), marks.notes.len(), marks.people.len())
    };
    assert_eq!(left(&sandbox), (1, 1, 1));
    let _ = home.run(PROGRAM, &["undo", "--notes"]).ends_with(0);
    assert_eq!(left(&sandbox), (1, 0, 1));
    let _ = home.run(PROGRAM, &["undo", "--people"]).ends_with(0);
    assert_eq!(left(&sandbox), (1, 0, 0));
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    assert_eq!(left(&sandbox), (1, 1, 0));
    let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
    assert_eq!(left(&sandbox), (0, 0, 0));
}

#[test]
fn a_removal_whose_answer_is_lost_is_looked_up() {
    let kinds = [
        FaultKind::AnswerLost,
        FaultKind::ServerError { status: 502 },
        FaultKind::ServerError { status: 504 },
        FaultKind::HtmlPage,
        FaultKind::CutShort,
        FaultKind::TooManyRequests {
            retry_after: Some("0".to_owned()),
        },
    ];
    let mut wrong = Vec::new();
    for kind in kinds {
        for method in [REMOVE_TAG, DELETE_NOTE, DELETE_PERSON] {
            let (sandbox, [a, b]) = photos([&["sea"], &[]]);
            let home = Home::new(&sandbox, &[]);
            name_faces(&home, &[(&a, "Ada Lovelace", [100, 100, 299, 299])]);
            let nsid = MEMBERS[1].nsid;
            write_people(
                &home,
                json!([{"name": "Ada Lovelace", "nsid": nsid, "photos": [a, b]}]),
            );
            let before = marks(&sandbox);
            let _ = home.run(PROGRAM, &["--notes", "--people"]).ends_with(0);
            sandbox.set_faults([Fault::once(method, kind.clone())]);
            let run = home.run(PROGRAM, UNDO);
            if run.code != Some(0) || marks(&sandbox) != before {
                wrong.push(format!("{method} {kind:?}: {run}"));
            }
            // Each time: it is reported, stays ours, and the next run does it.
            let _ = home.run(PROGRAM, &["--notes", "--people"]).ends_with(0);
            let down = FaultKind::ServerError { status: 502 };
            sandbox.set_faults([Fault::once(method, down).times(3)]);
            let _ = home.run(PROGRAM, UNDO).ends_with(2);
            let _ = home.run(PROGRAM, UNDO).ends_with(0);
            assert_eq!(marks(&sandbox), before);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_not_there_any_more_is_no_failure() {
    let (sandbox, [a, b, c]) = photos([&[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a, &b, &c])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    take_away_by_hand(&sandbox, &a, "Ada Lovelace");
    sandbox.delete_photo(&b);
    let run = home.run(PROGRAM, UNDO).ends_with(0).json();
    assert_eq!((&run["tags"], &run["were_away"]), (&json!(1), &json!(2)));
    assert!(tags(&sandbox, &c).is_empty());
    // Removed by hand, known to be so, and put back by hand: it is theirs.
    let _ = home.run(PROGRAM, &["--only", "Ada Lovelace"]).ends_with(2);
    take_away_by_hand(&sandbox, &c, "Ada Lovelace");
    let _ = home.run(PROGRAM, &["verify"]).ends_with(2);
    add_by_hand(&sandbox, &c, "Ada Lovelace");
    let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
    assert_eq!(tags(&sandbox, &c), ["Ada Lovelace"]);
}

#[test]
fn a_tag_of_two_people_stays_for_the_other() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    write_people(
        &home,
        json!([{"name": "Max A", "tag": "Max", "photos": [a]}, {"name": "Max B", "tag": "max", "photos": [a]}]),
    );
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    let _ = home
        .run(PROGRAM, &["undo", "--only", "Max A"])
        .ends_with(0)
        .says(&["  kept                1 photo  the tag stands for someone else, too\n"]);
    assert_eq!(tags(&sandbox, &a), ["Max"]);
    let _ = home
        .run(PROGRAM, &["undo", "--only", "Max A", "--only", "Max B"])
        .ends_with(0);
    assert!(tags(&sandbox, &a).is_empty());
}

#[test]
fn killed_in_the_middle_an_undo_goes_on() {
    const PHOTOS: usize = 20;
    let (sandbox, ids) = photos([&["sea"] as &[&str]; PHOTOS]);
    let home = Home::new(&sandbox, &[]);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada Lovelace", &ids)]);
    let before = marks(&sandbox);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    for wait in [0, 10, 25] {
        sandbox.set_faults([Fault::once(REMOVE_TAG, FaultKind::Delay { ms: 20 }).times(1_000)]);
        let done = sandbox.calls().of(REMOVE_TAG);
        let mut child = home
            .command(PROGRAM)
            .arg("undo")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while sandbox.calls().of(REMOVE_TAG) < done + 4 {
            assert!(child.try_wait().unwrap().is_none(), "it was done before");
            sleep(Duration::from_millis(1));
        }
        sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    sandbox.set_faults([]);
    let _ = home.run(PROGRAM, UNDO).ends_with(0);
    assert_eq!(marks(&sandbox), before);
    let calls = sandbox.calls().of(REMOVE_TAG) as usize;
    assert!((PHOTOS..=PHOTOS + 3).contains(&calls), "{calls} calls");
}

#[test]
fn another_account_is_not_touched() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    let store = home.path("faces.sqlite");
    wait_for(async {
        let store = Store::open(store.to_str().unwrap()).await.unwrap();
        store.set_metadata("account", "12345678@N00").await.unwrap();
        store.close().await;
    });
    for arguments in [&["undo"][..], &["verify"], &[]] {
        let _ = home
            .run(PROGRAM, arguments)
            .ends_with(4)
            .complains(&["the store holds the photos of account 12345678@N00"]);
    }
    assert_eq!(tags(&sandbox, &a), ["Ada Lovelace"]);
}
