//! The list is complete, whatever Flickr's listings leave out, and says so where it cannot be.

use std::{
    collections::BTreeSet,
    process::Stdio,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{Home, execute, one, rows, sandbox, send};
use flickr_sandbox::{
    Edit, Fault, FaultKind, Generated, Media, NewPhoto, Options, Quirks, Sandbox, Source,
};
use serde_json::json;

const SEARCH: &str = "flickr.photos.search";
const PERSON: &str = "flickr.people.getPhotos";

const QUICK: [(&str, &str); 3] = [("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "8")];

/// The photos come late: what they take of the processor the listing has.
fn late() -> Fault {
    Fault::once("static", FaultKind::Delay { ms: 1_000 }).always()
}

/// An account of so many photos, three in each second.
fn account(photos: u64) -> Arc<Sandbox> {
    sandbox(Options {
        source: Source::Generated(Generated::new(photos)),
        ..Options::default()
    })
}

/// Ids of the photos that the account has, without videos.
fn there(sandbox: &Sandbox) -> BTreeSet<String> {
    let photos = sandbox.photos().into_iter();
    let photos = photos.filter(|photo| photo.media == Media::Photo);
    photos.map(|photo| photo.id).collect()
}

/// Ids in the list that are not known to be deleted.
fn listed(home: &Home) -> BTreeSet<String> {
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    let photos = photos.into_iter().filter(|row| row["state"] != "'deleted'");
    photos
        .map(|row| row["id"].trim_matches('\'').to_owned())
        .collect()
}

/// A fact of the store.
fn fact(home: &Home, name: &str) -> Option<String> {
    let facts = rows(&home.path("faces.sqlite"), "facts", "name");
    let quoted = format!("'{name}'");
    let mut facts = facts.iter().filter(|row| row["name"] == quoted);
    Some(facts.next()?["value"].trim_matches('\'').to_owned())
}

/// Runs `download` until its listing has ended, and stops it then.
fn list(home: &Home) {
    let store = home.path("faces.sqlite");
    // Makes the store where there is none; and what an earlier listing has left is taken away.
    let _ = home.run("download", &["status"]).ends_with(0);
    execute(&store, "DELETE FROM facts WHERE name = 'listing_gaps'");
    let mut child = home
        .command("download")
        .arg("--quiet")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while fact(home, "listing_gaps").is_none() && child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(240), "it hangs");
        sleep(Duration::from_millis(50));
    }
    sleep(Duration::from_millis(200));
    if child.try_wait().unwrap().is_none() {
        send("INT", &child);
    }
    child.wait().unwrap();
}

fn assert_complete(home: &Home, name: &str) -> Vec<String> {
    let (there, listed) = (there(&home.sandbox), listed(home));
    let missing = there.difference(&listed).count();
    let too_many = listed.difference(&there).count();
    match (missing, too_many) {
        (0, 0) => vec![],
        _ => vec![format!(
            "{name}: {missing} of {} are missing, {too_many} too many",
            there.len()
        )],
    }
}

#[test]
fn rows_that_a_listing_leaves_out_are_found() {
    // As many as were lost: 2.2 % of 3,000 photos, 4.8 % of 4,600.
    let cases: [(&str, u64, Vec<Fault>); 5] = [
        (
            "search leaves out 11 rows of each page",
            3_000,
            vec![Fault::once(SEARCH, FaultKind::DropRows { rows: 11 }).always()],
        ),
        (
            "both methods leave out 24 rows of each page",
            4_600,
            vec![
                Fault::once(SEARCH, FaultKind::DropRows { rows: 24 }).always(),
                Fault::once(PERSON, FaultKind::DropRows { rows: 24 }).always(),
            ],
        ),
        (
            "search has not indexed every 45th photo, and does not count it",
            3_000,
            vec![
                Fault::once(
                    SEARCH,
                    FaultKind::NotIndexed {
                        every: 45,
                        counted: false,
                    },
                )
                .always(),
            ],
        ),
        (
            "search has not indexed every 20th photo, and counts it",
            4_600,
            vec![
                Fault::once(
                    SEARCH,
                    FaultKind::NotIndexed {
                        every: 20,
                        counted: true,
                    },
                )
                .always(),
            ],
        ),
        (
            "people.getPhotos does not know every 45th photo",
            1_000,
            vec![
                Fault::once(
                    PERSON,
                    FaultKind::NotIndexed {
                        every: 45,
                        counted: false,
                    },
                )
                .always(),
            ],
        ),
    ];
    let mut wrong = Vec::new();
    for (name, photos, faults) in cases {
        let sandbox = account(photos);
        sandbox.set_faults(faults.into_iter().chain([late()]));
        let home = Home::new(&sandbox, &QUICK);
        list(&home);
        println!("{name}: {} calls", sandbox.calls().api());
        wrong.extend(assert_complete(&home, name));
        if fact(&home, "listing_gaps").as_deref() != Some("[]") {
            wrong.push(format!("{name}: {:?}", fact(&home, "listing_gaps")));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn ties_odd_dates_and_a_late_index_lose_no_photo() {
    let quirks = Quirks {
        changing_ties: true,
        overlapping_pages: true,
        index_lag_ms: 600_000,
        odd_dates: vec![
            json!(""),
            json!("0"),
            json!("none"),
            json!("-1"),
            json!(null),
        ],
        every: 7,
        ..Quirks::default()
    };
    let mut generated = Generated::new(3_000);
    generated.same_second = 40;
    let sandbox = sandbox(Options {
        source: Source::Generated(generated),
        quirks,
        ..Options::default()
    });
    sandbox.set_faults([late()]);
    let home = Home::new(&sandbox, &QUICK);
    list(&home);
    let wrong = assert_complete(&home, "all of that");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn photos_that_are_deleted_while_pages_are_turned_hide_no_others() {
    let sandbox = account(1_500);
    let ids: Vec<_> = there(&sandbox).into_iter().collect();
    // As many as the pages leave out, so that the account's count alone would agree.
    let delete = ids.iter().step_by(60).enumerate().map(|(n, photo)| {
        let edit = Edit::Delete;
        let photo = photo.clone();
        Fault::once(SEARCH, FaultKind::Edit { photo, edit }).after(n as u32 % 3)
    });
    let drop = Fault::once(SEARCH, FaultKind::DropRows { rows: 8 }).always();
    sandbox.set_faults(delete.chain([drop, late()]));
    let home = Home::new(&sandbox, &QUICK);
    list(&home);
    assert!(there(&sandbox).len() < 1_500);
    let wrong = assert_complete(&home, "deleted");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_cannot_be_had_is_said_and_looked_for_again() {
    let sandbox = account(60);
    let video = NewPhoto {
        media: Media::Video,
        ..NewPhoto::default()
    };
    sandbox.add_photo(video).unwrap();
    // Flickr counts them and shows them nowhere.
    let hidden = FaultKind::NotIndexed {
        every: 20,
        counted: true,
    };
    let on = |method| Fault::once(method, hidden.clone()).always();
    sandbox.set_faults([on(SEARCH), on(PERSON), on("flickr.photos.recentlyUpdated")]);
    let home = Home::new(&sandbox, &QUICK);
    let run = home.run("download", &[]).ends_with(2);
    let run = run.says(&["missing    3 photos that Flickr counts and does not list"]);
    let run = run.complains(&["Flickr counts more photos than it lists: "]);
    assert!(run.stdout.contains("failed     none"), "{run}");
    assert_eq!(listed(&home).len(), 57, "{run}");

    sandbox.reset_calls();
    let status = home.run("download", &["status"]).ends_with(0);
    let _ = status.says(&[
        "listing    3 photos missing as of ",
        "\nCounted by Flickr and not listed, to be looked for by the next download:\n",
        "\n  1 photo uploaded ",
    ]);
    assert_eq!(sandbox.calls().api(), 0);
    let status = home
        .run("download", &["status", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&status["listing_complete"], &status["flickr"]),
        (&json!(false), &json!(null))
    );
    let missing = status["missing"].as_array().unwrap().iter();
    let missing: u64 = missing.map(|gap| gap["photos"].as_u64().unwrap()).sum();
    assert_eq!(missing, 3);
    let verify = home.run("download", &["status", "--verify"]).ends_with(2);
    let _ = verify
        .says(&["Flickr     60 photos and 1 video, 3 more than in the store: run `download`"]);

    sandbox.set_faults([]);
    let run = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(
        (&run.json()["missing"], &run.json()["new"]),
        (&json!(0), &json!(3))
    );
    let verify = home.run("download", &["status", "--verify"]).ends_with(0);
    let verify = verify.says(&[
        "Flickr     60 photos and 1 video, the same as in the store\n",
        "listing    complete as of ",
    ]);
    assert!(!verify.stdout.contains("missing"), "{verify}");
    let json = home
        .run("download", &["status", "--verify", "--json"])
        .ends_with(0);
    let expected = json!({"photos": 60, "videos": 1, "photos_and_videos": 61,
        "photos_found_by_search": 60, "more_than_known": 0});
    assert_eq!(json.json()["flickr"], expected);
}

#[test]
fn a_deleted_photo_is_settled_by_the_next_run_and_verified() {
    let sandbox = account(40);
    let home = Home::new(&sandbox, &QUICK);
    let _ = home.run("download", &[]).ends_with(0);
    let ids: Vec<_> = there(&sandbox).into_iter().collect();
    for id in [&ids[3], &ids[20]] {
        assert!(sandbox.delete_photo(id));
    }
    let verify = home.run("download", &["status", "--verify"]).ends_with(2);
    let _ = verify.says(&["Flickr     38 photos, 2 fewer than in the store: run `download`"]);
    let run = home.run("download", &[]).ends_with(0);
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    for (place, id) in ids.iter().enumerate() {
        let state = one(&photos, ("id", &format!("'{id}'")), "state");
        let deleted = [3, 20].contains(&place);
        assert_eq!(state == "'deleted'", deleted, "{id}: {state} {run}");
    }
    let _ = home.run("download", &["status", "--verify"]).ends_with(0);
}

#[test]
fn what_changed_is_taken_over_and_processed_again_only_where_the_picture_is_another() {
    let sandbox = account(12);
    let home = Home::new(&sandbox, &QUICK);
    let _ = home.run("download", &[]).ends_with(0);
    let ids: Vec<_> = there(&sandbox).into_iter().collect();
    let (replaced, turned, tagged, hidden) = (&ids[1], &ids[2], &ids[3], &ids[4]);
    let replace = Edit::Replace {
        file: None,
        width: None,
        height: None,
    };
    assert!(sandbox.edit(replaced, &replace));
    assert!(sandbox.edit(turned, &Edit::Turn { degrees: 90 }));
    let tag = Edit::AddTag {
        raw: "Sea".to_owned(),
        by_other: false,
    };
    assert!(sandbox.edit(tagged, &tag));
    assert!(sandbox.edit(hidden, &Edit::SetPublic { public: false }));
    let before = rows(&home.path("faces.sqlite"), "photos", "id");
    sandbox.reset_calls();

    let run = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(
        (&run.json()["photos"], &run.json()["new"]),
        (&json!(2), &json!(0)),
        "{run}"
    );
    assert_eq!(
        sandbox.calls().files,
        2,
        "the files on disk are of the old pictures"
    );
    let after = rows(&home.path("faces.sqlite"), "photos", "id");
    let of =
        |rows: &[_], id: &str, column| one(rows, ("id", &format!("'{id}'")), column).to_owned();
    for id in &ids {
        let changed = [replaced, turned].contains(&id);
        let attempts = of(&after, id, "attempts");
        let expected = if changed { "2" } else { "1" };
        assert_eq!(
            (attempts.as_str(), of(&after, id, "state").as_str()),
            (expected, "'done'"),
            "{id}"
        );
        let other_address = of(&before, id, "url") != of(&after, id, "url");
        assert_eq!(other_address, changed, "{id}");
    }
    assert_ne!(of(&before, turned, "width"), of(&after, turned, "width"));
    assert_eq!(of(&after, tagged, "tags"), "'sea'");

    // Nothing is done twice.
    let run = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(run.json()["photos"], 0, "{run}");
    assert_eq!(sandbox.calls().files, 2);
}
