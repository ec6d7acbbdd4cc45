//! `--only`, `--except`, `--limit` and `--again`.

use end_to_end::Home;
use serde_json::json;

use super::*;

#[test]
fn people_are_chosen_by_name() {
    let (sandbox, [a, b]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a, &b]), ("Bob", &[&a]), ("Zoë", &[&b])]);
    let _ = home.run(PROGRAM, &["--only", "bob"]).ends_with(0);
    assert_eq!(
        (tags(&sandbox, &a), tags(&sandbox, &b).len()),
        (vec!["Bob".to_owned()], 0)
    );
    let _ = home
        .run(PROGRAM, &["--except", "ZOË", "--except", "Bob"])
        .ends_with(0);
    assert_eq!(tags(&sandbox, &b), ["Ada Lovelace"]);
    let _ = home
        .run(PROGRAM, &["--only", "Ada Lovelac"])
        .ends_with(1)
        .complains(&[
            "tags.json has no person named \"Ada Lovelac\"; did you mean \"Ada Lovelace\"?",
        ]);
    let _ = home
        .run(PROGRAM, &["undo", "--only", "Zoey"])
        .ends_with(1)
        .complains(&["what was written to Flickr has no person named \"Zoey\""]);
    // She is known, and nothing of hers was written.
    let run = home.run(PROGRAM, &["undo", "--only", "Zoë", "--json"]);
    assert_eq!(run.ends_with(0).json()["tags"], 0);
    let _ = home
        .run(PROGRAM, &["undo", "--only", "Ada Lovelace"])
        .ends_with(0);
    assert_eq!(
        (tags(&sandbox, &a), tags(&sandbox, &b).len()),
        (vec!["Bob".to_owned()], 0)
    );
}

#[test]
fn a_limit_leaves_the_rest_for_later() {
    let (sandbox, ids) = photos([&[] as &[&str]; 5]);
    let home = Home::new(&sandbox, &[]);
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada Lovelace", &all), ("Bob", &all[..1])]);
    let run = home
        .run(PROGRAM, &["--limit", "2", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["added"], &run["skipped"]),
        (&json!(3), &json!({"limit": 3}))
    );
    assert_eq!(tags(&sandbox, &ids[0]), ["Ada Lovelace", "Bob"]);
    let run = home
        .run(PROGRAM, &["--limit", "2", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(run["added"], 2);
    let _ = home
        .run(PROGRAM, &["plan", "--limit", "1"])
        .ends_with(0)
        .says(&["would add      1 tag to 1 photo of 1 person\n"]);
    let run = home
        .run(PROGRAM, &["undo", "--limit", "1", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(run["tags"], 2);
    assert!(tags(&sandbox, &ids[0]).is_empty());
    assert_eq!(tags(&sandbox, &ids[3]), ["Ada Lovelace"]);
}

#[test]
fn what_was_removed_by_hand_is_not_written_unless_asked() {
    let (sandbox, [ours, theirs]) = photos([&[], &["Ada Lovelace"]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&ours, &theirs])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    take_away_by_hand(&sandbox, &ours, "Ada Lovelace");
    take_away_by_hand(&sandbox, &theirs, "Ada Lovelace");
    // A new name on the same photos: they are looked at, and their tags are missed.
    home.write_tags(&[
        ("Ada Lovelace", &[&ours, &theirs]),
        ("Bob", &[&ours, &theirs]),
    ]);
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(
        (&run["added"], &run["skipped"]),
        (&json!(2), &json!({"taken_away": 2}))
    );
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    assert_eq!(tags(&sandbox, &ours), ["Bob"]);
    let run = home
        .run(PROGRAM, &["--again", "--only", "Ada Lovelace", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(run["added"], 2);
    assert_eq!(tags(&sandbox, &theirs), ["Bob", "Ada Lovelace"]);
    // It is ours from now on.
    let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
    assert!(tags(&sandbox, &theirs).is_empty());
}
