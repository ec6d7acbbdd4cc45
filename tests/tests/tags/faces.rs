//! Notes follow faces: names swapped, taken back and shared.

use end_to_end::Home;
use flickr_faces::store::FaceId;
use flickr_sandbox::{Note, NoteRect};
use serde_json::json;

use super::*;

const LEFT: [i32; 4] = [100, 100, 299, 299];
const RIGHT: [i32; 4] = [600, 100, 799, 299];

/// Names faces anew, as `cluster-faces` does: each with a name, or nobody.
fn rename(home: &Home, photo: &str, names: &[(usize, Option<&str>)]) {
    let path = home.path("faces.sqlite");
    wait_for(async {
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        let all = store.faces().await.unwrap();
        let mut ids: Vec<FaceId> = (all.iter())
            .filter(|face| face.photo == id(photo))
            .map(|face| face.id.clone())
            .collect();
        ids.sort();
        for (number, name) in names {
            let decision = match name {
                Some(name) => Decision::Named(Name::new(name).unwrap()),
                None => Decision::Ignored,
            };
            let face = [ids[*number].clone()];
            store.decide(&face, &decision, &[], 10).await.unwrap();
        }
        tags_json::save(&store, &home.path("tags.json"))
            .await
            .unwrap();
        store.close().await;
    });
}

/// What a photo's notes say, from left to right.
fn notes(sandbox: &Sandbox, photo: &str) -> Vec<(u32, String)> {
    let mut notes: Vec<_> = (marks(sandbox)[photo].notes.iter())
        .map(
            |Note {
                 rect: NoteRect { x, .. },
                 text,
                 ..
             }| (*x, text.clone()),
        )
        .collect();
    notes.sort();
    notes
}

fn on(left: &str, right: &str) -> Vec<(u32, String)> {
    vec![(49, left.to_owned()), (293, right.to_owned())]
}

#[test]
fn names_swapped_between_two_faces_are_swapped_on_flickr() {
    // As it is today, and as earlier versions kept notes: without a face.
    for is_old in [false, true] {
        let (sandbox, [a]) = photos([&[]]);
        let home = Home::new(&sandbox, &[]);
        name_faces(&home, &[(&a, "Ada", LEFT), (&a, "Bob", RIGHT)]);
        let before = marks(&sandbox);
        let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
        assert_eq!(notes(&sandbox, &a), on("Ada", "Bob"));
        if is_old {
            std::fs::remove_file(home.path("tag-photos.journal.jsonl")).unwrap();
            end_to_end::execute(
                &home.path("faces.sqlite"),
                "UPDATE flickr_writes SET item = LOWER(text), clean = NULL WHERE kind = 'note'",
            );
            let run = home
                .run(PROGRAM, &["--notes", "--json"])
                .ends_with(0)
                .json();
            assert_eq!(
                (&run["added_notes"], &run["removed_notes"]),
                (&json!(0), &json!(0))
            );
            let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
        }
        rename(&home, &a, &[(0, Some("Bob")), (1, Some("Ada"))]);
        let verified = home.run(PROGRAM, &["verify", "--json"]).ends_with(2).json();
        let wrong = |text: &str| json!({"what": "wrong_note", "photo": a, "text": text});
        assert_eq!(verified["differs"], json!([wrong("Ada"), wrong("Bob")]));
        let _ = home
            .run(PROGRAM, &["plan", "--notes"])
            .ends_with(0)
            .says(&["would remove   2 notes: on faces that have another name now, or none\n"]);
        let run = home
            .run(PROGRAM, &["--notes", "--json"])
            .ends_with(0)
            .json();
        assert_eq!(
            (&run["added_notes"], &run["removed_notes"]),
            (&json!(2), &json!(2)),
            "{run}"
        );
        assert_eq!(notes(&sandbox, &a), on("Bob", "Ada"));
        let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
        let _ = home.run(PROGRAM, UNDO).ends_with(0);
        assert_eq!(marks(&sandbox), before);
    }
}

#[test]
fn a_face_taken_back_loses_its_note_and_a_merge_undone_gets_the_right_ones() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    // Both faces were one person's, by mistake.
    name_faces(&home, &[(&a, "Ada", LEFT), (&a, "Ada", RIGHT)]);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    assert_eq!(notes(&sandbox, &a), on("Ada", "Ada"));
    rename(&home, &a, &[(1, Some("Bob"))]);
    let _ = home.run(PROGRAM, &["verify"]).ends_with(2);
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["added_notes"], &run["removed_notes"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(notes(&sandbox, &a), on("Ada", "Bob"));
    rename(&home, &a, &[(1, None)]);
    // Without --notes it is told, and stays.
    let _ = home
        .run(PROGRAM, &[])
        .ends_with(0)
        .says(&["  wrong notes         1 photo  on faces"]);
    assert_eq!(notes(&sandbox, &a), on("Ada", "Bob"));
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["added_notes"], &run["removed_notes"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(notes(&sandbox, &a), [(49, "Ada".to_owned())]);
    let _ = home.run(PROGRAM, UNDO).ends_with(0);
    assert!(notes(&sandbox, &a).is_empty());
}

#[test]
fn a_note_that_its_owner_has_rewritten_is_not_corrected() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, "Ada", LEFT), (&a, "Bob", RIGHT)]);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    let note = Edit::RewriteNote {
        text: "Bob".to_owned(),
        to: "Bobby".to_owned(),
    };
    assert!(sandbox.edit(&a, &note));
    rename(&home, &a, &[(1, Some("Cy"))]);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    let texts: Vec<_> = notes(&sandbox, &a).into_iter().map(|note| note.1).collect();
    assert_eq!(texts, ["Ada", "Bobby", "Cy"]);
}

#[test]
fn two_people_of_one_alias_have_two_notes_and_one_tag() {
    let (sandbox, [a]) = photos([&[]]);
    let home = Home::new(&sandbox, &[]);
    name_faces(&home, &[(&a, "Max A", LEFT), (&a, "Max B", RIGHT)]);
    write_people(
        &home,
        json!([{"name": "Max A", "tag": "Max", "photos": [a]}, {"name": "Max B", "tag": "Max", "photos": [a]}]),
    );
    let run = home
        .run(PROGRAM, &["--notes", "--json"])
        .ends_with(0)
        .json();
    assert_eq!((&run["added"], &run["added_notes"]), (&json!(1), &json!(2)));
    assert_eq!(notes(&sandbox, &a), on("Max", "Max"));
    let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
    // Each takes away what is theirs: the tag goes with the last.
    let undone = |name| {
        let run = home.run(PROGRAM, &["undo", "--only", name, "--json"]);
        let run = run.ends_with(0).json();
        (run["tags"].clone(), run["notes"].clone())
    };
    assert_eq!(undone("Max A"), (json!(0), json!(1)));
    assert_eq!(notes(&sandbox, &a), [(293, "Max".to_owned())]);
    assert_eq!(tags(&sandbox, &a), ["Max"]);
    assert_eq!(undone("Max B"), (json!(1), json!(1)));
    assert!(tags(&sandbox, &a).is_empty());
}

#[test]
fn undo_of_one_name_takes_nothing_of_another() {
    let (sandbox, [a, b]) = photos([&[], &[]]);
    let home = Home::new(&sandbox, &[]);
    // Bob goes by Ada's name, and comes to her photo later.
    write_people(
        &home,
        json!([{"name": "Ada", "photos": [a]}, {"name": "Bob", "tag": "Ada", "photos": [b]}]),
    );
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    write_people(
        &home,
        json!([{"name": "Ada", "photos": [a]}, {"name": "Bob", "tag": "Ada", "photos": [a, b]}]),
    );
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    let run = home
        .run(PROGRAM, &["undo", "--only", "Ada", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(
        (&run["tags"], run["shared"].as_array().map(Vec::len)),
        (&json!(0), Some(1))
    );
    assert_eq!(
        (tags(&sandbox, &a), tags(&sandbox, &b)),
        (vec!["Ada".to_owned()], vec!["Ada".to_owned()])
    );
    let run = home
        .run(PROGRAM, &["undo", "--only", "Bob", "--json"])
        .ends_with(0)
        .json();
    assert_eq!(run["tags"], 2);
}
