//! `tag-photos plan`: what would be written, and nothing is.

use end_to_end::{Home, Terminal, sandbox};
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
    let text = plan
        .stdout
        .replace(sandbox.base_url(), "https://www.flickr.com");
    insta::assert_snapshot!(with_letters(&text, &ids), @r#"
    would add      1 tag to 1 photo of 1 person
    already there  1 tag
    API calls      2

    Person        To tag  Tagged  Skipped                         Photos on Flickr
    Ada Lovelace       1       1        2                         https://www.flickr.com/photos/99999999@N00/tags/adalovelace/
    Bob                -       -        1  tag "people:name=bob"  https://www.flickr.com/photos/99999999@N00/tags/people:name=bob/
    Cy                 -       -        2
    Nobody             -       -        -                         https://www.flickr.com/photos/99999999@N00/tags/nobody/

    Left out
      never written      2 photos  "write": false in tags.json
      public              1 photo  names go to private photos only (write_to)
      tag removed         1 photo  by hand on Flickr; --again adds it again
      not found           1 photo  in tags.json, but not in your account
        photo 4711: Ada Lovelace

    A link shows the photos that have the tag, so those to be tagged after the run.
    Nothing was written. The same without `plan` writes it, with `--limit 5` to five
    photos.
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
                {"photo": "4711", "reason": "not_found"}, {"photo": c, "reason": "public"}],
            "link": format!("{}/photos/99999999@N00/tags/adalovelace/", sandbox.base_url())})
    );
    let exceptions = json["exceptions"].as_array().unwrap().iter();
    let exceptions: Vec<_> = exceptions
        .map(|row| {
            (
                row["kind"].as_str().unwrap(),
                row["count"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        exceptions,
        [
            ("never_write", 2),
            ("public", 1),
            ("taken_away", 1),
            ("not_found", 1)
        ]
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
fn a_large_plan_is_one_row_a_person() {
    const PHOTOS: usize = 200;
    const PEOPLE: usize = 50;
    let (sandbox, ids) = photos([&[] as &[&str]; PHOTOS]);
    let public = add(&sandbox, &[], false);
    let home = Home::new(&sandbox, &[]);
    let people = (0..PEOPLE).map(|number| {
        let mut photos: Vec<&str> = (ids.iter().skip(number))
            .step_by(7)
            .map(String::as_str)
            .collect();
        photos.push(&public);
        json!({"name": format!("Person {number:02}"), "photos": photos})
    });
    write_people(&home, people.collect());
    // The names are taken over.
    let _ = home.run(PROGRAM, &["plan"]).ends_with(0);
    home.set("calls_per_hour", "3600");
    let plan = home.run(PROGRAM, &["plan"]).ends_with(0).stdout;
    home.set("calls_per_hour", "1000000000");
    let lines: Vec<&str> = plan.lines().collect();
    assert!(lines.len() <= PEOPLE + 12, "{} lines:\n{plan}", lines.len());
    assert!(lines[0].starts_with("would add      1,"), "{plan}");
    assert!(
        lines[0].ends_with(" tags to 200 photos of 50 people"),
        "{plan}"
    );
    assert!(
        lines[2].starts_with("API calls      400, about 6 min 40 s"),
        "{plan}"
    );
    let row = lines.iter().find(|line| line.starts_with("Person 07"));
    let words: Vec<&str> = row.unwrap().split_whitespace().collect();
    assert_eq!(words[..5], ["Person", "07", "28", "-", "1"]);
    // The link leads to the person's photos, once they are tagged.
    let page = |link: &str| -> String {
        let link = link.to_owned();
        // Whether another test has done so before is chance; it matters only to the first.
        rustls::crypto::ring::default_provider()
            .install_default()
            .ok();
        wait_for(async { reqwest::get(link).await.unwrap().text().await.unwrap() })
    };
    let link = words[5];
    assert!(
        link.ends_with("/photos/99999999@N00/tags/person07/"),
        "{link}"
    );
    assert!(!page(link).contains(&ids[7]));
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    assert_eq!(page(link).matches("<p>").count(), 28);
    assert!(page(link).contains(&ids[7]));
    // Each photo, where it is asked for.
    let left = home.run(PROGRAM, &["plan", "--full"]).ends_with(0).stdout;
    let listed = format!("/photos/99999999@N00/{public}/  Person 00, Person 01");
    assert!(left.contains(&listed), "{left}");
    // An undo's plan has the same shape.
    let undo = home.run(PROGRAM, &["undo", "--plan"]).ends_with(0).stdout;
    let lines: Vec<&str> = undo.lines().collect();
    assert!(lines.len() <= PEOPLE + 12, "{undo}");
    assert!(lines[0].ends_with(" tags from 200 photos"), "{undo}");
    let row = lines.iter().find(|line| line.starts_with("Person 07"));
    let words: Vec<&str> = row.unwrap().split_whitespace().collect();
    assert_eq!(words[..5], ["Person", "07", "28", "28", link]);
    let full = home.run(PROGRAM, &["undo", "--plan", "--full"]).stdout;
    let of = |text: &str| full.matches(text).count();
    assert_eq!(of("tag \"Person 07\""), 28);
    let json = home.run(PROGRAM, &["undo", "--plan", "--json"]).json();
    let row = &json["people"][7];
    assert_eq!(
        (&row["tags"], &row["names"]),
        (&json!(28), &json!(["Person 07"]))
    );
    assert_eq!(
        (&json["photos"], &row["links"]),
        (&json!(200), &json!([link]))
    );
}

#[test]
fn a_row_that_is_too_long_for_the_terminal_has_its_link_below() {
    let (sandbox, [photo]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    for (name, below) in [
        ("Bob", false),
        ("The one with the longest name of all", true),
    ] {
        home.write_tags(&[(name, &[&photo])]);
        // Of 100 columns.
        let (code, text) = Terminal::run(&home, PROGRAM, &["plan"]).ends();
        assert_eq!(code, Some(0), "{text}");
        let table = text.lines().skip_while(|line| !line.starts_with("Person"));
        let table: Vec<&str> = table.map(str::trim_end).collect();
        assert!(table.iter().all(|line| line.len() <= 100), "{text}");
        let link = table.iter().find(|line| line.contains("/tags/")).unwrap();
        assert_eq!(link.starts_with("  http"), below, "{text}");
        assert_eq!(link.starts_with(name), !below, "{text}");
    }
}

/// Two writes on one photo are one photo, wherever photos are counted.
#[test]
fn counts_are_of_what_they_say() {
    let (sandbox, ids) = photos([&[] as &[&str]; 3]);
    let home = Home::new(&sandbox, &[]);
    let faces = ids.iter();
    let faces: Vec<Named<'_>> = faces
        .map(|id| (id.as_str(), "Ada", [100, 100, 299, 299]))
        .collect();
    name_faces(&home, &faces);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    let _ = home.run(PROGRAM, &["undo", "--plan"]).ends_with(0).says(&[
        "would remove   3 tags and 3 notes from 3 photos\n",
        "API calls      9\n",
    ]);
    home.write_tags(&[]);
    let outdated =
        "  outdated           3 photos  not in tags.json any more; see `undo --outdated`";
    let _ = home.run(PROGRAM, &["plan"]).ends_with(0).says(&[outdated]);
    let refused = flickr_sandbox::FaultKind::ApiFailure {
        code: 2,
        message: Some("not yours".to_owned()),
    };
    let faults = [REMOVE_TAG, DELETE_NOTE]
        .map(|method| flickr_sandbox::Fault::once(method, refused.clone()).times(3));
    sandbox.set_faults(faults);
    let run = home.run(PROGRAM, UNDO).ends_with(2);
    assert_eq!(run.json()["failed"].as_array().unwrap().len(), 3);
    sandbox.set_faults(
        [REMOVE_TAG, DELETE_NOTE]
            .map(|method| flickr_sandbox::Fault::once(method, refused.clone()).times(3)),
    );
    let _ = home.run(PROGRAM, &["undo"]).ends_with(2).says(&[
        "failed         3 photos\n",
        "Run `tag-photos undo` again to try what failed.\n",
    ]);
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
        "  outdated           2 photos  not in tags.json any more; see `undo --outdated`";
    let run = home.run(PROGRAM, &["plan"]).ends_with(0);
    let _ = run.says(&["would add      1 tag to 1 photo of 1 person\n", outdated]);
    let _ = home
        .run(PROGRAM, &[])
        .ends_with(0)
        .says(&["added          1 tag\n", outdated]);
    assert_eq!(tags(&sandbox, &a), ["sea", "Ada Byron", "Ada Lovelace"]);
    let _ = home
        .run(PROGRAM, &["verify"])
        .ends_with(2)
        .says(&["outdated       2 items no longer in tags.json"]);
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
