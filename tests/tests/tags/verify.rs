//! `verify`: the account read back.

use end_to_end::Home;
use flickr_sandbox::{Fault, FaultKind, MEMBERS, Quirks};
use serde_json::json;

use super::*;

#[test]
fn differences_end_with_exit_code_2() {
    let (sandbox, [a, b, c, d]) = photos([&[], &["Ada Lovelace"], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a, &b, &c])]);
    let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(2).json();
    let missing =
        |photo: &String| json!({"what": "not_written", "photo": photo, "name": "Ada Lovelace"});
    assert_eq!(run["differs"], json!([missing(&a), missing(&c)]));
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(0).json();
    assert_eq!(
        (&run["tags"], &run["were_there"], &run["differs"]),
        (&json!(2), &json!(1), &json!([]))
    );

    take_away_by_hand(&sandbox, &a, "Ada Lovelace");
    take_away_by_hand(&sandbox, &b, "Ada Lovelace");
    sandbox.delete_photo(&c);
    home.write_tags(&[("Ada Lovelace", &[&a, &b, &c]), ("Bob", &[&d])]);
    let away = |photo: &String| json!({"what": "taken_away", "photo": photo, "kind": "tag", "text": "Ada Lovelace"});
    let expected = json!([
        {"what": "not_written", "photo": d, "name": "Bob"}, away(&a), away(&b),
        {"what": "no_photo", "photo": c},
    ]);
    for _ in 0..2 {
        let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(2).json();
        assert_eq!(run["differs"], expected);
    }
    let _ = home.run(PROGRAM, &["verify"]).ends_with(2).says(&[
        &format!("missing        1 tag not written yet; run `tag-photos` to write what fits\n  photo {d}: Bob\n"),
        &format!("removed        2 items on Flickr; not added again unless --again\n  photo {a}: tag \"Ada Lovelace\"\n"),
        &format!("no photo       1 photo not in your account\n  photo {c}\n"),
        "Flickr and tags.json differ.\n",
    ]);
    // Never again, unless told.
    let run = home.run(PROGRAM, &["--json"]).json();
    assert_eq!(run["added"], 1);
    assert!(tags(&sandbox, &a).is_empty());
    let run = home.run(PROGRAM, &["--again", "--json"]).json();
    assert_eq!(run["added"], 2);
    assert_eq!(tags(&sandbox, &a), ["Ada Lovelace"]);
}

#[test]
fn the_account_is_read_500_photos_a_call() {
    let sandbox = end_to_end::sandbox(flickr_sandbox::Options::default());
    let ids: Vec<String> = (0..600).map(|_| add(&sandbox, &[], true)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let home = Home::new(&sandbox, &[("MAX_SIZE", "100")]);
    // As much of the account as `download` has listed decides which way is shorter.
    let faces: Vec<Named<'_>> = ids
        .iter()
        .map(|id| (*id, "Ada Lovelace", [0, 0, 99, 99]))
        .collect();
    name_faces(&home, &faces[..3]);
    home.write_tags(&[("Ada Lovelace", &ids[..30])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    sandbox.reset_calls();
    let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(0).json();
    assert_eq!((&run["tags"], sandbox.calls().of(INFO)), (&json!(30), 0));
    assert!(sandbox.calls().of(SEARCH) <= 3, "{:?}", sandbox.calls());
    // The tags that were read are kept for cluster-faces.
    let photos = rows(&home.path("faces.sqlite"), "photos", "id");
    assert_eq!(photos[0]["tags"], "'adalovelace'");

    // A listing that lags behind is no reason for alarm: the photos themselves are asked.
    sandbox.set_quirks(Quirks {
        stale_tags: true,
        ..Quirks::default()
    });
    let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(0).json();
    assert_eq!(run["tags"], 30);
    home.write_tags(&[("Ada Lovelace", &ids[..30]), ("Bob", &ids[..30])]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(
        (&run["added"], &run["already_there"]),
        (&json!(30), &json!(30))
    );
    let run = home.run(PROGRAM, UNDO).ends_with(0).json();
    assert_eq!(run["tags"], 60);
    assert!(marks(&sandbox).values().all(|marks| marks.tags.is_empty()));
}

#[test]
fn notes_and_people_are_compared_too() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, "Ada Lovelace", [100, 100, 299, 299])]);
    let nsid = MEMBERS[1].nsid;
    write_people(
        &home,
        json!([{"name": "Ada Lovelace", "nsid": nsid, "photos": [a]}]),
    );
    let _ = home.run(PROGRAM, &["--notes", "--people"]).ends_with(0);
    let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(0).json();
    assert_eq!(
        (&run["tags"], &run["notes"], &run["people"]),
        (&json!(1), &json!(1), &json!(1))
    );
    let note = marks(&sandbox)[&a].notes[0].id.clone();
    let flickr = flickr(&sandbox);
    wait_for(flickr.photos_notes_delete(&note)).unwrap();
    wait_for(flickr.photos_people_delete(&id(&a), nsid)).unwrap();
    let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(2).json();
    let away = |kind: &str| json!({"what": "taken_away", "photo": a, "kind": kind, "text": "Ada Lovelace"});
    assert_eq!(run["differs"], json!([away("note"), away("person")]));
    // They are not written again, unless that is asked for.
    let run = home
        .run(PROGRAM, &["--notes", "--people", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["added_notes"], &run["added_people"]),
        (&json!(0), &json!(0))
    );
    let run = home
        .run(PROGRAM, &["--notes", "--people", "--again", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["added_notes"], &run["added_people"]),
        (&json!(1), &json!(1))
    );
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
}

#[test]
fn a_photo_that_cannot_be_read_now_is_no_difference() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    // Two tries fail, the third is right.
    sandbox.set_faults([Fault::once(SEARCH, FaultKind::ServerError { status: 500 }).times(2)]);
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
    assert_eq!(journal(&home), ["added"]);
}
