//! Names of every script, whatever Flickr makes of them.

use end_to_end::Home;
use flickr_sandbox::{CleanRule, Quirks};
use serde_json::json;

use super::*;

const RULES: [CleanRule; 3] = [
    CleanRule::Alphanumeric,
    CleanRule::LettersAndNumbers,
    CleanRule::Folded,
];

/// Hindi, Thai, vocalised Arabic, an emoji, an accent.
const NAMES: [&str; 5] = [
    "दीपिका पादुकोण",
    "ธนาธร จึงรุ่งเรืองกิจ",
    "مُحَمَّد",
    "Ada \u{1f33b}",
    "Zoë Hara",
];

fn sorted(mut texts: Vec<String>) -> Vec<String> {
    texts.sort();
    texts
}

#[test]
fn names_of_every_script_are_written_known_again_and_removed() {
    let mut wrong = Vec::new();
    for clean in RULES {
        for bare_tag_replies in [false, true] {
            let (sandbox, [a, b, c, d]) = photos([&["sea"], &[], &[], &[]]);
            sandbox.set_quirks(Quirks {
                clean,
                bare_tag_replies,
                ..Quirks::default()
            });
            let home = Home::new(&sandbox, &[]);
            for name in NAMES {
                // Set by hand before: as it is, and spelt another way.
                add_by_hand(&sandbox, &b, name);
                add_by_hand(&sandbox, &c, &format!("-{}-", name.replace(' ', "_")));
            }
            let all: Vec<&str> = [&a, &b, &c, &d].map(String::as_str).into();
            home.write_tags(&NAMES.map(|name| (name, all.as_slice())));
            let before = marks(&sandbox);
            let run = home.run(PROGRAM, &["--json"]);
            let counts = |run: &end_to_end::Run| {
                let run = run.json();
                [&run["added"], &run["already_there"]].map(serde_json::Value::clone)
            };
            let written = marks(&sandbox);
            let is_right = run.code == Some(0)
                && counts(&run) == [json!(10), json!(10)]
                && sorted(tags(&sandbox, &d)) == sorted(NAMES.map(str::to_owned).into())
                && (written[&b].clone(), written[&c].clone())
                    == (before[&b].clone(), before[&c].clone());
            if !is_right {
                wrong.push(format!("{clean:?} {bare_tag_replies}: {run} {written:?}"));
                continue;
            }
            let verified = home.run(PROGRAM, &["verify", "--json"]);
            let again = home.run(PROGRAM, &["plan", "--json"]).json();
            let undone = home.run(PROGRAM, UNDO);
            if (verified.code, undone.code) != (Some(0), Some(0))
                || verified.json()["tags"] != 10
                || again["would_add"] != 0
                || undone.json()["tags"] != 10
                || marks(&sandbox) != before
            {
                let marks = marks(&sandbox);
                wrong.push(format!("{clean:?}: {verified} {again} {undone} {marks:?}"));
            }
            // And again: what was removed is written, what is theirs is not.
            let run = home.run(PROGRAM, &["--json"]);
            if counts(&run) != [json!(10), json!(10)] {
                wrong.push(format!("{clean:?}, again: {run}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_account_that_is_read_by_its_listing_knows_every_script() {
    let mut wrong = Vec::new();
    for clean in RULES {
        let (sandbox, ids) = photos([&[] as &[&str]; 5]);
        sandbox.set_quirks(Quirks {
            clean,
            ..Quirks::default()
        });
        let home = Home::new(&sandbox, &[]);
        let face = [10, 10, 99, 99];
        name_faces(&home, &[(&ids[0], NAMES[0], face)]);
        let all: Vec<&str> = ids.iter().map(String::as_str).collect();
        home.write_tags(&NAMES.map(|name| (name, all.as_slice())));
        let before = marks(&sandbox);
        let _ = home.run(PROGRAM, &[]).ends_with(0);
        sandbox.reset_calls();
        let verified = home.run(PROGRAM, &["verify", "--json"]).ends_with(0);
        if sandbox.calls().of(INFO) > 0 || verified.json()["tags"] != 25 {
            wrong.push(format!("{clean:?}: {:?} {verified}", sandbox.calls()));
        }
        // Taken away by hand is known to be so.
        take_away_by_hand(&sandbox, &ids[1], NAMES[2]);
        let verified = home.run(PROGRAM, &["verify", "--json"]).ends_with(2).json();
        let away =
            json!([{"what": "taken_away", "photo": ids[1], "kind": "tag", "text": NAMES[2]}]);
        assert_eq!(verified["differs"], away, "{clean:?}");
        let _ = home.run(PROGRAM, UNDO).ends_with(0);
        assert_eq!(marks(&sandbox), before, "{clean:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_that_became_one_tag_stop_the_run_and_can_be_removed() {
    let (sandbox, [a, b]) = photos([&["sea"], &[]]);
    sandbox.set_quirks(Quirks {
        comma_tags: true,
        ..Quirks::default()
    });
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a, &b]), ("Bob", &[&a])]);
    let before = marks(&sandbox);
    let _ = home.run(PROGRAM, &[]).ends_with(4).complains(&[
        &format!("photo {a}: Flickr did not keep \"Ada Lovelace\", \"Bob\" as it was sent"),
        "the photo has the tags \"sea\", \"Ada Lovelace Bob\" now",
        "hint:  `--only NAME` writes one name a call",
    ]);
    assert_eq!(tags(&sandbox, &a), ["sea", "Ada Lovelace Bob"]);
    let run = home.run(PROGRAM, UNDO).ends_with(0).json();
    assert_eq!(run["tags"], 1);
    assert_eq!(marks(&sandbox), before);
    // One name a call is what any account keeps.
    for name in ["Ada Lovelace", "Bob"] {
        let _ = home.run(PROGRAM, &["--only", name]).ends_with(0);
    }
    assert_eq!(tags(&sandbox, &a), ["sea", "Ada Lovelace", "Bob"]);
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
    let _ = home.run(PROGRAM, UNDO).ends_with(0);
    assert_eq!(marks(&sandbox), before);
}

#[test]
fn two_names_that_flickr_takes_for_one_share_the_tag() {
    let (sandbox, [a]) = photos([&[]]);
    sandbox.set_quirks(Quirks {
        clean: CleanRule::Folded,
        ..Quirks::default()
    });
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Zoe", &[&a]), ("Zoë", &[&a])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    assert_eq!(tags(&sandbox, &a).len(), 1);
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
    let _ = home
        .run(PROGRAM, &["undo", "--only", "Zoe"])
        .ends_with(0)
        .says(&["  kept                1 photo  the tag stands for someone else, too\n"]);
    assert_eq!(tags(&sandbox, &a).len(), 1);
    let _ = home.run(PROGRAM, &["undo"]).ends_with(0);
    assert!(tags(&sandbox, &a).is_empty());
    // Both are written again.
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    assert_eq!(tags(&sandbox, &a).len(), 1);
}
