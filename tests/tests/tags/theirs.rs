//! The owner edits tags, notes and visibility while the program runs, and Flickr lags behind.

use end_to_end::Home;
use flickr_sandbox::{Fault, FaultKind, NoteRect, Options, Quirks};
use serde_json::json;

use super::*;

const ADA: &str = "Ada Lovelace";

fn add_tag(raw: &str) -> Edit {
    Edit::AddTag {
        raw: raw.to_owned(),
        by_other: false,
    }
}

/// The owner edits a photo right before the next call of a method is handled.
fn before_call(method: &str, photo: &str, edit: Edit) -> Fault {
    let photo = photo.to_owned();
    Fault::once(method, FaultKind::Edit { photo, edit })
}

#[test]
fn a_tag_that_was_set_meanwhile_is_theirs() {
    let edits = [
        // After the plan, before the call: the same text, another text, by somebody else.
        (INFO, add_tag(ADA)),
        (INFO, add_tag("ada-lovelace")),
        (
            INFO,
            Edit::AddTag {
                raw: ADA.to_owned(),
                by_other: true,
            },
        ),
        // In the moment of the call: the reply shows the other text.
        (ADD_TAGS, add_tag("ada-lovelace")),
    ];
    let mut wrong = Vec::new();
    for (method, edit) in edits {
        for bare_tag_replies in [false, true] {
            let (sandbox, [a, b]) = photos([&["sea"], &[]]);
            sandbox.set_quirks(Quirks {
                bare_tag_replies,
                ..Quirks::default()
            });
            let home = Home::new(&sandbox, &[]);
            home.write_tags(&[(ADA, &[&a, &b])]);
            sandbox.set_faults([before_call(method, &a, edit.clone())]);
            let run = home.run(PROGRAM, &["--json"]);
            let counts = [&run.json()["added"], &run.json()["already_there"]];
            let right = run.code == Some(0) && counts == [&json!(1), &json!(1)];
            let theirs = tags(&sandbox, &a);
            let verified = home.run(PROGRAM, &["verify"]);
            let undone = home.run(PROGRAM, UNDO);
            let left = (tags(&sandbox, &a), tags(&sandbox, &b));
            if !right
                || (verified.code, undone.code) != (Some(0), Some(0))
                || left != (theirs, Vec::new())
            {
                wrong.push(format!("{edit:?}: {left:?} {run} {verified} {undone}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_owner_has_rewritten_stays() {
    let (sandbox, [a, b, c]) = photos([&[], &[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let face = [100, 100, 299, 299];
    name_faces(&home, &[(&a, ADA, face), (&b, ADA, face), (&c, ADA, face)]);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    let rewrite = |to: &str| Edit::RewriteTag {
        raw: ADA.to_owned(),
        to: to.to_owned(),
    };
    // The same tag to Flickr, under the same id.
    assert!(sandbox.edit(&a, &rewrite("ada LOVELACE")));
    let note = Edit::RewriteNote {
        text: ADA.to_owned(),
        to: "Countess of Lovelace".to_owned(),
    };
    assert!(sandbox.edit(&b, &note));
    let run = home.run(PROGRAM, UNDO).ends_with(0).json();
    assert_eq!(
        (&run["tags"], &run["notes"], &run["rewritten"]),
        (&json!(2), &json!(2), &json!(2)),
        "{run}"
    );
    assert_eq!(tags(&sandbox, &a), ["ada LOVELACE"]);
    assert_eq!(marks(&sandbox)[&b].notes[0].text, "Countess of Lovelace");
    // No later undo takes them, and no later run claims them.
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    let _ = home.run(PROGRAM, UNDO).ends_with(0);
    assert_eq!(tags(&sandbox, &a), ["ada LOVELACE"]);
    assert_eq!(marks(&sandbox)[&b].notes[0].text, "Countess of Lovelace");
}

#[test]
fn between_the_look_and_the_removal_what_was_marked_is_read_back() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[(ADA, &[&a])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    // It is away when it is to be removed, and back when that is checked.
    let away = Edit::RemoveTag {
        raw: ADA.to_owned(),
    };
    sandbox.set_faults([
        before_call(INFO, &a, away),
        before_call(SEARCH, &a, add_tag(ADA)),
    ]);
    let run = home.run(PROGRAM, UNDO).ends_with(2).json();
    assert_eq!(
        (&run["were_away"], &run["checked"], &run["still_there"]),
        (&json!(1), &json!(1), &json!([{"photo": a, "text": ADA}])),
        "{run}"
    );
}

/// A home and its sandbox, whose servers lag behind.
fn lagging(settings: &[(&str, &str)]) -> (std::sync::Arc<Sandbox>, String, Home) {
    let (sandbox, [a]) = photos([&["sea"]]);
    let home = Home::new(&sandbox, settings);
    home.set("flickr_lag", "0.6");
    sandbox.set_quirks(Quirks {
        lag_ms: 400,
        listing_lag_ms: 3_000,
        ..Quirks::default()
    });
    (sandbox, a, home)
}

#[test]
fn what_a_server_has_not_heard_of_yet_misleads_nobody() {
    let (sandbox, a, home) = lagging(&[]);
    let face = [100, 100, 299, 299];
    name_faces(&home, &[(&a, ADA, face)]);
    let before = marks(&sandbox);
    for round in 0..2 {
        let run = home
            .run(PROGRAM, &["--notes", "--json"])
            .ends_with(0)
            .json();
        // Just removed is not "there before".
        assert_eq!(
            (&run["added"], &run["added_notes"], &run["already_there"]),
            (&json!(1), &json!(1), &json!(0)),
            "round {round}: {run}"
        );
        // Just added is not "taken away".
        let run = home.run(PROGRAM, &["verify", "--json"]).ends_with(0).json();
        assert_eq!((&run["tags"], &run["notes"]), (&json!(1), &json!(1)));
        let run = home.run(PROGRAM, UNDO).ends_with(0).json();
        assert_eq!(
            (&run["tags"], &run["notes"]),
            (&json!(1), &json!(1)),
            "{run}"
        );
        assert_eq!(marks(&sandbox), before);
    }
}

#[test]
fn a_lost_answer_is_looked_up_when_every_server_knows() {
    for method in [ADD_TAGS, ADD_NOTE] {
        let (sandbox, a, home) = lagging(&[]);
        name_faces(&home, &[(&a, ADA, [100, 100, 299, 299])]);
        let before = marks(&sandbox);
        sandbox.set_faults([Fault::once(method, FaultKind::AnswerLost)]);
        let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
        let there = &marks(&sandbox)[&a];
        assert_eq!((there.tags.len(), there.notes.len()), (2, 1), "{method}");
        let _ = home.run(PROGRAM, UNDO).ends_with(0);
        assert_eq!(marks(&sandbox), before, "{method}");
    }
}

#[test]
fn a_photo_made_public_after_the_plan_gets_no_names() {
    let (sandbox, [a, b]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    let face = [100, 100, 299, 299];
    name_faces(&home, &[(&a, ADA, face), (&b, ADA, face)]);
    let before = marks(&sandbox);
    let public = Edit::SetPublic { public: true };
    sandbox.set_faults([before_call(INFO, &a, public)]);
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["added"], &run["added_notes"], &run["made_public"]),
        (&json!(1), &json!(1), &json!([a])),
        "{run}"
    );
    assert_eq!(marks(&sandbox)[&a], before[&a]);
    assert_eq!(tags(&sandbox, &b), [ADA]);
    // It is a public photo from then on.
    let run = home.run(PROGRAM, &["--json"]).ends_with(0).json();
    assert_eq!(run["skipped"], json!({"public": 1}));
}

#[test]
fn names_on_photos_that_are_public_by_now_are_told_and_removed() {
    let (sandbox, [a, b]) = photos([&["sea"], &[]]);
    let home = Home::new(&sandbox, &[]);
    let face = [100, 100, 299, 299];
    name_faces(&home, &[(&a, ADA, face), (&b, ADA, face)]);
    let before = marks(&sandbox);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    assert!(sandbox.edit(&a, &Edit::SetPublic { public: true }));
    let verified = home.run(PROGRAM, &["verify", "--json"]).ends_with(2).json();
    let public = json!({"what": "public", "photo": a, "text": ADA});
    assert_eq!(verified["differs"], json!([public]));
    let _ = home.run(PROGRAM, &["verify"]).ends_with(2).says(&[
        "public         1 item on photos that are public now; `tag-photos undo --public` removes them\n",
    ]);
    let plan = home.run(PROGRAM, &["undo", "--public", "--plan", "--json"]);
    let plan = plan.ends_with(0).json();
    assert_eq!(plan["photos"], 1);
    let run = home
        .run(PROGRAM, &["undo", "--public", "--json"])
        .ends_with(0)
        .json();
    assert_eq!((&run["tags"], &run["notes"]), (&json!(1), &json!(1)));
    assert_eq!(marks(&sandbox)[&a], before[&a]);
    assert_eq!(tags(&sandbox, &b), [ADA]);
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
    // With names on all photos, that is what was asked for.
    let all = Home::new(&sandbox, &[("write_to", "all")]);
    all.write_tags(&[(ADA, &[&a])]);
    let _ = all.run(PROGRAM, &[]).ends_with(0);
    let _ = all.run(PROGRAM, &["verify"]).ends_with(0);
}

#[test]
fn notes_of_others_in_the_same_place_stay() {
    let sandbox = end_to_end::sandbox(Options::default());
    let a = add(&sandbox, &[], true);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, ADA, [100, 100, 299, 299])]);
    let rect = NoteRect {
        x: 49,
        y: 49,
        w: 98,
        h: 98,
    };
    let note = |text: &str| Edit::AddNote {
        rect,
        text: text.to_owned(),
    };
    assert!(sandbox.edit(&a, &note("who is she?")));
    let before = marks(&sandbox);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    assert_eq!(marks(&sandbox)[&a].notes.len(), 2);
    let _ = home.run(PROGRAM, UNDO).ends_with(0);
    assert_eq!(marks(&sandbox), before);
}
