//! `tag-photos plan`: what would be written, and nothing is.

use end_to_end::{Home, sandbox};
use flickr_sandbox::Options;
use serde_json::json;

use super::*;

/// Photos whose ids stand as letters in what is said.
fn with_letters(text: &str, ids: &[&str]) -> String {
    let letters = ('A'..).zip(ids);
    letters.fold(text.to_owned(), |text, (letter, id)| {
        text.replace(id, &format!("PHOTO-{letter}"))
    })
}

#[test]
fn everything_is_said_before_anything_is_written() {
    let sandbox = sandbox(Options::default());
    let a = add(&sandbox, &[], true);
    let b = add(&sandbox, &["adalovelace"], true);
    let c = add(&sandbox, &[], false);
    let d = add(&sandbox, &[], true);
    let ids = [a.as_str(), &b, &c, &d];
    let home = Home::new(&sandbox, &[]);
    write_people(
        &home,
        json!([
            {"name": "Ada Lovelace", "photos": [a, b, c, "4711"]},
            {"name": "Bob", "tag": "people:name=bob", "photos": [d]},
            {"name": "Cy", "write": false, "photos": [a, d]},
            {"name": "Nobody", "photos": []},
        ]),
    );
    // An earlier run has tagged one, and it was removed by hand.
    let _ = home.run(PROGRAM, &["--only", "bob"]).ends_with(0);
    take_away_by_hand(&sandbox, &d, "people:name=bob");
    let _ = home.run(PROGRAM, &["verify"]).ends_with(2);
    let before = marks(&sandbox);
    let calls = sandbox.calls().of(ADD_TAGS);
    let plan = home.run(PROGRAM, &["plan"]).ends_with(0);
    insta::assert_snapshot!(with_letters(&plan.stdout, &ids), @r#"
    Ada Lovelace
      to tag       1 photo: PHOTO-A
      tagged       1 photo, not by tag-photos
      skipped      1 photo, public (write_to = private): PHOTO-C
      skipped      1 photo, not in your account: 4711

    Bob (as "people:name=bob")
      skipped      1 photo, tag removed on Flickr: PHOTO-D

    Cy
      skipped      2 photos: never written ("write": false in tags.json)

    Nobody
      no photos    none in tags.json

    would add      1 tag to 1 photo
    already there  1 tag
    skipped        2 photos: never written ("write": false in tags.json)
    skipped        1 photo: public, and names go to private photos only
                   (write_to = private in config.ini; `all` includes public photos)
    skipped        1 photo: tag removed on Flickr (--again adds it again)
    not found      1 photo in tags.json that your account does not have: 4711
    API calls      2
    Nothing was written. Run `tag-photos` to write it.
    "#);
    let dry = home.run(PROGRAM, &["--dry-run"]).ends_with(0);
    assert_eq!(dry.stdout, plan.stdout);

    let json = home.run(PROGRAM, &["plan", "--json"]).ends_with(0).json();
    assert_eq!(
        json["photos"],
        json!([{"photo": a, "tags": ["Ada Lovelace"], "notes": [], "people": []}])
    );
    assert_eq!(
        json["people"][0],
        json!({"name": "Ada Lovelace", "tag": "Ada Lovelace", "never_write": false, "add": [a],
            "written": [], "present": [b], "notes": null, "member": null, "skipped": [
                {"photo": "4711", "reason": "not_found"}, {"photo": c, "reason": "public"}]})
    );
    assert_eq!(
        json["people"][1]["skipped"],
        json!([{"photo": d, "reason": "taken_away"}])
    );
    assert_eq!(json["people"][2]["never_write"], true);
    assert_eq!(
        (&json["would_add"], &json["already_there"], &json["calls"]),
        (&json!(1), &json!(1), &json!(2))
    );
    assert_eq!(
        (marks(&sandbox), sandbox.calls().of(ADD_TAGS)),
        (before, calls)
    );
}

#[test]
fn a_long_plan_is_short_unless_all_of_it_is_asked_for() {
    let (sandbox, ids) = photos([&[] as &[&str]; 8]);
    let home = Home::new(&sandbox, &[]);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada Lovelace", &ids)]);
    let short = format!("8 photos: {} and 3 more\n", ids[..5].join(", "));
    let _ = home.run(PROGRAM, &["plan"]).ends_with(0).says(&[&short]);
    let long = format!("8 photos: {}\n", ids.join(", "));
    let _ = home
        .run(PROGRAM, &["plan", "-v"])
        .ends_with(0)
        .says(&[&long]);
}

#[test]
fn a_renamed_tag_is_added_and_the_old_one_reported() {
    let (sandbox, [a, b]) = photos([&["sea"], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Byron", &[&a, &b])]);
    let before = marks(&sandbox);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    // A new name; and one photo was not hers.
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let outdated =
        "outdated       \"Ada Byron\" on 2 photos: written before, no longer in tags.json;";
    let run = home.run(PROGRAM, &["plan"]).ends_with(0);
    let _ = run.says(&[&format!("to tag       1 photo: {a}\n"), outdated]);
    let _ = home
        .run(PROGRAM, &[])
        .ends_with(0)
        .says(&["added          1 tag\n", outdated]);
    assert_eq!(tags(&sandbox, &a), ["sea", "Ada Byron", "Ada Lovelace"]);
    let _ = home
        .run(PROGRAM, &["verify"])
        .ends_with(2)
        .says(&["outdated       2 no longer in tags.json"]);
    let run = home
        .run(PROGRAM, &["undo", "--outdated", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(run["tags"], 2);
    assert_eq!(tags(&sandbox, &a), ["sea", "Ada Lovelace"]);
    assert!(tags(&sandbox, &b).is_empty());
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
    let _ = home.run(PROGRAM, UNDO).ends_with(0);
    assert_eq!(marks(&sandbox), before);
    // Another spelling is the same tag to Flickr: nothing is to be done.
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    home.write_tags(&[("ADA-LOVELACE", &[&a])]);
    let run = home.run(PROGRAM, &["plan", "--json"]).ends_with(0).json();
    assert_eq!(
        (&run["would_add"], &run["outdated"]),
        (&json!(0), &json!([]))
    );
}
