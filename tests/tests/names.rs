//! `cluster-faces` with answers from a pipe.

use std::{fs, path::Path, sync::LazyLock};

use end_to_end::{Downloaded, Home, KNOWN_CLUSTERS, Row, Sample, rows};
use serde_json::json;

/// Photos of each sample: at a strict threshold each is a cluster, largest first.
const TIMES: [(Sample, usize); 4] = [
    (Sample::Obama, 5),
    (Sample::Biden, 4),
    (Sample::Obama2, 3),
    (Sample::Obama3, 2),
];
/// Faces in all.
const FACES: u64 = 14;
/// Copies of one photo are this near, two photos of one man are not.
const STRICT: [&str; 2] = ["--threshold", "0.1"];
/// All faces, downloaded once for all tests.
static DOWNLOADED: LazyLock<Downloaded> = LazyLock::new(|| Downloaded::new(&TIMES, FACES));

/// A home of its own with all faces.
fn home() -> Home {
    DOWNLOADED.home()
}

/// Photo ids of one sample.
fn photos(who: Sample) -> &'static [String] {
    let place = TIMES.iter().position(|(sample, _)| *sample == who).unwrap();
    &DOWNLOADED.photos[place]
}

fn faces(home: &Home) -> Vec<Row> {
    rows(&home.path("faces.sqlite"), "faces", "photo")
}

/// How many faces have this decision; `NULL` where there is none.
fn decided(home: &Home, decision: &str) -> usize {
    let faces = faces(home);
    faces
        .iter()
        .filter(|row| row["decision"] == decision)
        .count()
}

fn jpegs(folder: &Path) -> usize {
    let files = fs::read_dir(folder).unwrap();
    files
        .filter(|file| image::open(file.as_ref().unwrap().path()).is_ok())
        .count()
}

#[test]
fn every_kind_of_answer_is_kept() {
    let home = home();
    let answers = "Ada Lovelace\n:x 2 Zoë Müller\n:i\n:n\n";
    let run = home
        .answer("cluster-faces", &STRICT, answers)
        .ends_with(0)
        .says(&[
            "14 faces without a name form 4 clusters of 2 or more",
            "Cluster 1 of 4: 5 faces",
            "Cluster 4 of 4: 2 faces",
            "Who is this? :x 2 Zoë Müller",
            "3 faces: Zoë Müller",
            "3 faces: strangers",
            "2 faces: not faces",
            "8 faces named in 4 clusters; 1 face without a name left.",
            "The names are in tags.json. Next: `tag-photos`, which writes them to Flickr.",
        ]);
    assert!(
        run.stderr.lines().all(|line| !line.contains("WARN")),
        "{run}"
    );
    assert_eq!(jpegs(&home.path("results")), 4, "a montage of each");

    let counts = ["'named'", "'stranger'", "'not_a_face'", "NULL"].map(|d| decided(&home, d));
    assert_eq!(counts, [8, 3, 2, 1]);
    let people = home.tagged();
    assert_eq!(
        people[0],
        ("Ada Lovelace".to_owned(), photos(Sample::Obama).to_vec())
    );
    assert_eq!(
        (people[1].0.as_str(), people[1].1.len(), people.len()),
        ("Zoë Müller", 3, 2)
    );
    // The face taken out is the one photo of his that is left.
    let faces = faces(&home);
    let left = faces.iter().find(|row| row["decision"] == "NULL").unwrap();
    let left = left["photo"].trim_matches('\'').to_owned();
    assert!(photos(Sample::Biden).contains(&left) && !people[1].1.contains(&left));
    assert_eq!(
        rows(&home.path("faces.sqlite"), "rejections", "face").len(),
        1
    );

    // Asked again about the rest only: one face, too few for a cluster of two.
    let run = home.run("cluster-faces", &["--json"]).ends_with(0);
    assert_eq!(run.json()["clusters"], 0);
    let arguments = ["--min-cluster", "1", "--json"];
    let run = home
        .answer("cluster-faces", &arguments, "Grace Hopper\n")
        .ends_with(0);
    assert_eq!(
        run.json(),
        json!({"clusters": 1, "suggestions": 0, "named": 1, "other_decisions": 0, "rejected": 0,
            "undecided": 0, "left_out": 0, "left_out_by_gate": 0, "tags": "tags.json"})
    );
    let names: Vec<_> = home.tagged().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Ada Lovelace", "Grace Hopper", "Zoë Müller"]);
    let _ = home
        .run("cluster-faces", &["-m", "1"])
        .ends_with(0)
        .says(&["Nothing left to review."]);
}

#[test]
fn an_answer_can_be_taken_back_and_the_rest_left_for_later() {
    let home = home();
    // The second answer goes to the first cluster again.
    let answers = "Wrong\n:u\nRight\n:?\n\n:u\n:u\n:i\n:q\nnever read\n";
    let _ = home
        .answer("cluster-faces", &STRICT, answers)
        .ends_with(0)
        .says(&[
            "Undone: entry 1, Wrong. 5 faces are as before.",
            "take faces 3, 7, 8 and 9 out",
            "Undone: entry 3, Right. 5 faces are as before.",
            "Nothing to undo in this session.",
            "5 faces: strangers",
            "0 faces named in 1 cluster; 9 faces without a name left.",
        ]);
    assert_eq!(
        (decided(&home, "'stranger'"), decided(&home, "NULL")),
        (5, 9)
    );
    assert_eq!(home.tagged(), []);
    // The same face as it was found: nothing is left of a name taken back.
    let people = rows(&home.path("faces.sqlite"), "faces", "id");
    assert!(people.iter().all(|row| row["person"] == "NULL"));
}

#[test]
fn the_end_of_the_answers_leaves_the_rest_for_later() {
    let home = home();
    let _ = home.run("cluster-faces", &STRICT).ends_with(0);
    assert_eq!(decided(&home, "NULL") as u64, FACES);
    // No newline at the end, as from printf.
    let _ = home
        .answer("cluster-faces", &STRICT, "Ada Lovelace")
        .ends_with(0);
    assert_eq!(decided(&home, "'named'"), 5);
}

#[test]
fn a_line_that_is_no_answer_decides_nothing() {
    struct Case {
        line: &'static str,
        says: &'static str,
    }
    let cases = [
        Case {
            line: ":x 9 Bob",
            says: "there is no face 9: the faces are numbered 1 to 4",
        },
        Case {
            line: ":z",
            says: "there is no command \":z\"",
        },
        Case {
            line: ":x 1-4",
            says: "that takes out all 4 faces",
        },
        Case {
            line: "...",
            says: "a name needs a letter or a digit",
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let home = home();
        let answers = format!("Ada Lovelace\n{}\nMeant for the next\n", case.line);
        let run = home.answer("cluster-faces", &STRICT, &answers);
        let explained = run.stderr.contains(case.says)
            && run.stderr.contains("line 2 of the answers")
            && run
                .stderr
                .contains("nothing was decided about this cluster");
        let kept = (decided(&home, "'named'"), decided(&home, "NULL")) == (5, 9);
        if run.code != Some(1) || !explained || !kept {
            wrong.push(format!("{}: {run}", case.line));
        }
        assert_eq!(home.tagged().len(), 1);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_lower_threshold_splits_what_a_higher_one_joins() {
    let home = home();
    // Both men, whatever the photo.
    let _ = home
        .answer("cluster-faces", &["-t", "0.6"], "\n\n\n")
        .ends_with(0)
        .says(&[
            "14 faces without a name form 2 clusters of 2 or more (threshold 0.6).",
            "Cluster 1 of 2: 10 faces",
            "Cluster 2 of 2: 4 faces",
            "0 faces named in 0 clusters; 14 faces without a name left.",
        ]);
    let _ = home
        .answer("cluster-faces", &STRICT, "\nJoe Biden\n")
        .ends_with(0);
    assert_eq!(
        home.tagged(),
        [("Joe Biden".to_owned(), photos(Sample::Biden).to_vec())]
    );
    let _ = home
        .answer("cluster-faces", &[], "Barack Obama\n")
        .ends_with(0)
        .says(&[
            "form 1 cluster of 2 or more (threshold 0.6).",
            "10 faces: Barack Obama",
        ]);
    // A name of another case is the same person.
    assert_eq!(decided(&home, "NULL"), 0);
    let _ = home
        .run("cluster-faces", &["-t", "1.5"])
        .ends_with(1)
        .complains(&["--threshold"]);
}

#[test]
fn tags_json_changed_by_hand_is_taken_over() {
    let home = home();
    let _ = home
        .answer("cluster-faces", &STRICT, "Ada Lovelace\n")
        .ends_with(0);
    let edited = home.read("tags.json").replace("Ada Lovelace", "Ada King");
    home.write("tags.json", &edited);
    let _ = home
        .answer(
            "cluster-faces",
            &[&STRICT[..], &["--no-suggestions"]].concat(),
            "Grace Hopper\nAlan Turing\n",
        )
        .ends_with(0)
        .says(&["tags.json was changed by hand: Ada Lovelace is Ada King now."]);
    let names: Vec<_> = home.tagged().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["Ada King", "Alan Turing", "Grace Hopper"]);
}

#[test]
fn a_pipe_gets_plain_text() {
    let home = home();
    for (name, value) in [("TERM", "xterm-256color"), ("NO_COLOR", "1")] {
        let mut command = home.command("cluster-faces");
        command.args(STRICT).env(name, value);
        let run = end_to_end::Run::of(command, "\n:?\n\n").ends_with(0);
        assert!(
            !run.stdout.contains('\u{1b}') && !run.stderr.contains('\u{1b}'),
            "{run}"
        );
    }
}

#[test]
fn without_faces_it_says_what_comes_first() {
    let home = Home::signed_out(&DOWNLOADED.sandbox, &KNOWN_CLUSTERS);
    let _ = home
        .run("cluster-faces", &[])
        .ends_with(0)
        .says(&["run `download` first"]);
    // Without config.ini it names the program that makes one.
    fs::remove_file(home.path("config.ini")).unwrap();
    let _ = home.run("cluster-faces", &[]).ends_with(1).complains(&[
        "error: config.ini: there is no such file",
        "hint:  run `download` once",
    ]);
}
