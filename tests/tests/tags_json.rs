//! tags.json changed by hand: `cluster-faces` takes the change over and says so.

use end_to_end::{Home, KNOWN_CLUSTERS, Sample, add_copies, rows, sandbox};
use flickr_sandbox::Options;

/// A home in which Ada has three photos and Bob two; the photos' ids.
fn home() -> (Home, Vec<String>) {
    let sandbox = sandbox(Options::default());
    let folder = tempfile::tempdir().unwrap();
    let mut photos = Vec::new();
    for (who, times) in [(Sample::Obama, 3), (Sample::Biden, 2)] {
        photos.extend(add_copies(&sandbox, folder.path(), who, times));
    }
    let home = Home::new(&sandbox, &KNOWN_CLUSTERS);
    let _ = home.run("download", &[]).ends_with(0);
    let _ = home
        .answer("cluster-faces", &["-t", "0.1"], "Ada\nBob\n")
        .ends_with(0);
    (home, photos)
}

#[test]
fn an_edit_is_taken_over_at_the_next_start_and_said() {
    let (home, photos) = home();
    let before = home.read("tags.json");
    // Ada has another name, and one of Bob's photos is not his; an unknown one shows Ada.
    home.write_tags(&[
        ("Ada Lovelace", &["99", &photos[0], &photos[1], &photos[2]]),
        ("Bob", &[&photos[3]]),
    ]);
    let edited = home.tagged();
    let _ = home
        .run("cluster-faces", &["--people", "--json"])
        .ends_with(0)
        .complains(&[
            "tags.json was changed by hand: 1 photo is no longer Bob's; Ada is Ada Lovelace now; \
             1 photo is Ada Lovelace's now. 1 photo has no face that can be named; it stays in the file.",
        ]);
    assert_eq!(home.tagged(), edited);
    // Once. The face waits for a name, and is known not to be Bob's.
    let again = home.run("cluster-faces", &["--people"]).ends_with(0);
    assert!(!again.stdout.contains("changed by hand"), "{again}");
    assert_eq!(
        rows(&home.path("faces.sqlite"), "rejections", "face").len(),
        1
    );
    let _ = home
        .run("cluster-faces", &["-t", "0.1"])
        .ends_with(0)
        .says(&["1 face without a name"]);
    assert_eq!(home.tagged(), edited, "and it is still there");
    // It is one decision, which can be undone.
    let _ = home.run("cluster-faces", &["--undo"]).ends_with(0);
    assert_eq!(home.read("tags.json"), before);
}

#[test]
fn an_edit_while_it_is_asked_is_not_overwritten() {
    let (home, photos) = home();
    home.write_tags(&[
        ("Ada", &[&photos[0], &photos[1]]),
        ("Bob", &[&photos[3], &photos[4]]),
    ]);
    let _ = home
        .run("cluster-faces", &["--rename", "Bob=Robert"])
        .ends_with(0)
        .says(&["tags.json was changed by hand: 1 photo is no longer Ada's."]);
    assert_eq!(
        home.tagged(),
        [
            ("Ada".to_owned(), photos[..2].to_vec()),
            ("Robert".to_owned(), photos[3..].to_vec())
        ]
    );
    assert!(!home.path("tags.edited-1.json").exists());
}

#[test]
fn a_damaged_file_is_named_with_its_place_and_left_alone() {
    let (home, _) = home();
    let whole = home.read("tags.json");
    let damaged = whole.replacen("},", "}", 1);
    let others = whole.replacen("@N", "1@N", 1);
    for (text, why) in [
        (&damaged, "tags.json:"),
        (&others, "holds photos of account"),
    ] {
        home.write("tags.json", text);
        for arguments in [&["-t", "0.1"][..], &["--people"], &["--rename", "Ada=Eve"]] {
            let _ = home
                .run("cluster-faces", arguments)
                .ends_with(1)
                .complains(&[why]);
            assert_eq!(&home.read("tags.json"), text);
        }
        let _ = home
            .run("cluster-faces", &["journal"])
            .ends_with(0)
            .complains(&[
                "tags.json is neither read nor written until this is mended",
                why,
            ]);
    }
    home.write("tags.json", &whole);
    let _ = home.run("cluster-faces", &["--people"]).ends_with(0);
    assert_eq!(home.read("tags.json"), whole);
    std::fs::remove_file(home.path("tags.json")).unwrap();
    let _ = home.run("cluster-faces", &["--people"]).ends_with(0);
    assert_eq!(
        home.read("tags.json"),
        whole,
        "a missing file is written again"
    );
}
