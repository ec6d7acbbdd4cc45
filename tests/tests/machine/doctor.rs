//! `download doctor`.

use std::fs;

use serde_json::Value;

use super::*;

fn doctor(home: &Home, before: &str, code: i32) -> Vec<Value> {
    let mut command = home.command_after(before, "download");
    command.args(["doctor", "--json", "--quiet"]);
    let run = Run::of(command, "").ends_with(code);
    let said = run.json();
    assert_eq!(said["ok"], code == 0, "{run}");
    said["checks"].as_array().unwrap().clone()
}

/// What it says of a thing, each time it is looked at.
fn of<'a>(checks: &'a [Value], name: &str) -> Vec<(&'a str, &'a str)> {
    let checks = checks.iter().filter(|check| check["name"] == name);
    let text = |check: &'a Value, field: &str| check[field].as_str().unwrap();
    checks
        .map(|check| (text(check, "state"), text(check, "text")))
        .collect()
}

#[test]
fn a_sound_machine_is_described() {
    let home = home(3);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let checks = doctor(&home, "", 0);
    for (name, says) in [
        ("version", "flickr-faces "),
        ("memory", " free"),
        ("disk", " free for photos"),
        (
            "model",
            "mmod_human_face_detector.dat, SHA-256 4cb19393e2fb",
        ),
        (
            "model",
            "dlib_frontal_face_detector.dat, SHA-256 f3f7aa833fb4",
        ),
        ("engine", "hog, "),
        ("GPU", "not used: the library is built without CUDA"),
        ("store", "SQLite 3"),
        ("store", "3 photos, 3 done, 0 failed, 0 to do"),
        ("network", "127.0.0.1 answers in "),
        ("clock", "agrees with Flickr's"),
    ] {
        let found = of(&checks, name);
        let said = found.iter().any(|(_, text)| text.contains(says));
        assert!(said, "{name}: {found:?}");
    }
    let run = home.run("download", &["doctor"]).ends_with(0);
    let _ = run.says(&["version", "SQLite 3", "SHA-256"]);
    // Nobody was asked to sign in, and nothing was made.
    fs::remove_file(home.path("config.token.json")).unwrap();
    fs::remove_file(home.path("faces.sqlite")).unwrap();
    let checks = doctor(&home, "", 0);
    assert!(of(&checks, "store")[0].1.contains("is not there yet"));
    assert!(!home.path("faces.sqlite").exists());
}

#[test]
fn what_is_wrong_is_found_and_hides_nothing_else() {
    let home = home(3);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let path = home.path("faces.sqlite");
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(fs::metadata(&path).unwrap().len() / 2)
        .unwrap();
    home.set("flickr_url", "http://127.0.0.1:9");
    let checks = doctor(&home, "export FLICKR_FACES_CACHE=$PWD/none", 4);
    for (name, says) in [
        ("model", "does not exist"),
        ("engine", "was not found: `cargo xtask assets` fetches it"),
        ("store", "is damaged"),
        ("network", "127.0.0.1 cannot be reached"),
    ] {
        let found = of(&checks, name);
        let said = found
            .iter()
            .any(|(state, text)| *state == "error" && text.contains(says));
        assert!(said, "{name}: {found:?}");
    }
    home.write("config.ini", "[flickr]\nTHRESHHOLD = 0.5\n");
    let checks = doctor(&home, "", 4);
    assert!(
        of(&checks, "config.ini")[0].1.contains("did you mean"),
        "{checks:?}"
    );
    assert_eq!(of(&checks, "version")[0].0, "ok");
}
