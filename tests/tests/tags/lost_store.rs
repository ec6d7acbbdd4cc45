//! The journal file beside the store: what was written can be removed whatever becomes of the store.

use std::{
    collections::BTreeMap, fs, os::unix::fs::PermissionsExt, process::Stdio, thread::sleep,
    time::Duration,
};

use end_to_end::Home;
use flickr_sandbox::{Fault, FaultKind};
use serde_json::{Value, json};

use super::*;

const FILE: &str = "tag-photos.journal.jsonl";

fn lose_store(home: &Home) {
    for file in ["faces.sqlite", "faces.sqlite-wal", "faces.sqlite-shm"] {
        fs::remove_file(home.path(file)).ok();
    }
}

/// The last word of the file on each entry: state and id.
fn in_file(home: &Home) -> BTreeMap<[String; 3], [String; 2]> {
    let text = home.read(FILE);
    let lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let field = |line: &Value, name: &str| line[name].as_str().unwrap_or("NULL").to_owned();
    lines
        .map(|line| {
            let key = ["kind", "photo", "item"].map(|name| field(&line, name));
            (key, ["state", "flickr_id"].map(|name| field(&line, name)))
        })
        .collect()
}

/// The same of the store.
fn in_store(home: &Home) -> BTreeMap<[String; 3], [String; 2]> {
    let writes = rows(&home.path("faces.sqlite"), "flickr_writes", "photo, item");
    let field = |row: &BTreeMap<String, String>, name: &str| {
        row[name].trim_matches('\'').replace("''", "'")
    };
    writes
        .iter()
        .map(|row| {
            let row: BTreeMap<String, String> = row.clone().into_iter().collect();
            let key = ["kind", "photo", "item"].map(|name| field(&row, name));
            (key, ["state", "flickr_id"].map(|name| field(&row, name)))
        })
        .collect()
}

#[test]
fn without_the_store_everything_can_still_be_undone() {
    let (sandbox, [a, b]) = photos([&["sea"], &[]]);
    let home = Home::new(&sandbox, &[]);
    let face = [100, 100, 299, 299];
    name_faces(&home, &[(&a, "Ada Lovelace", face), (&b, "Bob", face)]);
    let before = marks(&sandbox);
    let _ = home.run(PROGRAM, &["--notes"]).ends_with(0);
    let mode = fs::metadata(home.path(FILE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(in_file(&home), in_store(&home));
    let secrets = [home.sandbox.key(), home.sandbox.secret()];
    assert!(
        secrets
            .iter()
            .all(|secret| !home.read(FILE).contains(secret))
    );

    // A copy of the file is all that is left, its last line cut by a kill.
    fs::rename(home.path(FILE), home.path("copy.jsonl")).unwrap();
    let text = home.read("copy.jsonl") + "{\"at\":17";
    home.write("copy.jsonl", &text);
    lose_store(&home);
    // An empty store beside the names of another knows nothing of what is on Flickr, and says so.
    let told = "tags.json was written from another store, and this one has no journal of tags";
    let plan = home.run(PROGRAM, &["plan"]).ends_with(0);
    let _ = plan.complains(&["warning: ", told]);
    // Also when tags.json has been written again since, from this one.
    for arguments in [UNDO, &["verify"]] {
        let run = home.run(PROGRAM, arguments).ends_with(4);
        let _ = run.complains(&["faces.sqlite: ", told, "tag-photos undo --journal"]);
    }
    assert_ne!(marks(&sandbox), before);
    let undo = ["undo", "--journal", "copy.jsonl", "--json"];
    let plan = home.run(PROGRAM, &[&undo[..], &["--plan"]].concat());
    assert_eq!(plan.ends_with(0).json()["photos"], 2);
    let run = home.run(PROGRAM, &[&undo[..], &["--only", "Bob"]].concat());
    assert_eq!(run.ends_with(0).json()["tags"], 1);
    let run = home.run(PROGRAM, &undo).ends_with(0).json();
    assert_eq!(
        (&run["tags"], &run["notes"]),
        (&json!(1), &json!(1)),
        "{run}"
    );
    assert_eq!(marks(&sandbox), before);
    assert_eq!(home.read("copy.jsonl"), text, "a named file stays as it is");

    let _ = home
        .run(PROGRAM, &["undo", "--journal", "tags.json"])
        .ends_with(1)
        .complains(&["tags.json:1: this is not a journal of tag-photos"]);
    home.write("other.jsonl", text.replace(flickr_sandbox::NSID, "1@N00"));
    let _ = home
        .run(PROGRAM, &["undo", "--journal", "other.jsonl"])
        .ends_with(4)
        .complains(&["other.jsonl", "1@N00"]);
}

#[test]
fn a_store_from_before_learns_what_was_written_since() {
    let (sandbox, [a, b]) = photos([&["sea"], &[]]);
    let home = Home::new(&sandbox, &[]);
    home.write_tags(&[("Ada Lovelace", &[&a])]);
    let before = marks(&sandbox);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    fs::copy(home.path("faces.sqlite"), home.path("backup.sqlite")).unwrap();
    home.write_tags(&[("Ada Lovelace", &[&a, &b])]);
    let _ = home.run(PROGRAM, &[]).ends_with(0);
    for lost in [false, true] {
        lose_store(&home);
        if !lost {
            fs::copy(home.path("backup.sqlite"), home.path("faces.sqlite")).unwrap();
        }
        // It is known to be ours, not found there.
        let plan = home.run(PROGRAM, &["plan", "--json"]).ends_with(0);
        assert_eq!(plan.json()["people"][0]["written"], json!([a, b]), "{plan}");
        let _ = home.run(PROGRAM, &[]).ends_with(0);
        let _ = home.run(PROGRAM, &["verify"]).ends_with(0);
        assert_eq!(in_file(&home), in_store(&home));
    }
    let run = home.run(PROGRAM, UNDO).ends_with(0).json();
    assert_eq!(run["tags"], 2);
    assert_eq!(marks(&sandbox), before);
}

#[test]
fn file_and_store_agree_whatever_is_killed_when() {
    const PHOTOS: usize = 12;
    let (sandbox, ids) = photos([&[] as &[&str]; PHOTOS]);
    let home = Home::new(&sandbox, &[]);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada Lovelace", &ids), ("Bob", &ids)]);
    let before = marks(&sandbox);
    for (arguments, method) in [(&[][..], ADD_TAGS), (&["undo"], REMOVE_TAG)] {
        for wait in [0, 3, 6, 9, 12, 15, 18, 21] {
            sandbox.set_faults([Fault::once(method, FaultKind::Delay { ms: 10 }).times(1_000)]);
            let done = sandbox.calls().of(method);
            let mut child = home
                .command(PROGRAM)
                .args(arguments)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            while sandbox.calls().of(method) == done && child.try_wait().unwrap().is_none() {
                sleep(Duration::from_millis(1));
            }
            sleep(Duration::from_millis(wait));
            child.kill().ok();
            child.wait().unwrap();
        }
        sandbox.set_faults([]);
        let _ = home.run(PROGRAM, arguments).ends_with(0);
        assert_eq!(in_file(&home), in_store(&home), "{arguments:?}");
    }
    assert_eq!(marks(&sandbox), before);
}
