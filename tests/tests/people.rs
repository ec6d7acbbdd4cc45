//! `cluster-faces people`: names that are changed, by the old flags and with lines from a pipe.

use std::{fs, sync::LazyLock};

use end_to_end::{
    Downloaded, Home, KNOWN_CLUSTERS, Run, Sample, Terminal, add_copies, rows, sandbox,
};
use flickr_sandbox::Options;
use serde_json::json;
use tempfile::TempDir;

/// Photos of each sample: at a strict threshold each is a cluster, largest first.
const TIMES: [(Sample, usize); 3] = [(Sample::Obama, 4), (Sample::Biden, 3), (Sample::Obama2, 2)];
/// All faces, downloaded once for all tests.
static DOWNLOADED: LazyLock<Downloaded> = LazyLock::new(|| Downloaded::new(&TIMES, 9));

/// A home of its own in which Ada, Bob and Cyd are named: 4, 3 and 2 faces.
fn home() -> Home {
    let home = DOWNLOADED.home();
    let _ = home
        .answer(
            "cluster-faces",
            &["--threshold", "0.1", "--no-suggestions"],
            "Ada\nBob\nCyd\n",
        )
        .ends_with(0);
    home
}

fn people(home: &Home, arguments: &[&str]) -> Run {
    home.run("cluster-faces", arguments)
}

fn names(home: &Home) -> Vec<String> {
    home.tagged().into_iter().map(|(name, _)| name).collect()
}

fn photos(place: usize) -> &'static [String] {
    &DOWNLOADED.photos[place]
}

#[test]
fn all_people_are_listed_with_counts() {
    let home = home();
    let _ = people(&home, &["--never-write", "cyd"]).ends_with(0);
    let _ = people(&home, &["--tag", "Ada=ada l"]).ends_with(0);
    let _ = people(&home, &["--nsid", "Ada=12345678@N00"]).ends_with(0);
    let _ = people(&home, &["--people"]).ends_with(0).says(&[
        "   Name  Faces  Photos  On Flickr\n",
        "1  Ada       4       4  tag \"ada l\", member 12345678@N00\n",
        "2  Bob       3       3\n",
        "3  Cyd       2       2  never written\n",
    ]);
    let listed = people(&home, &["--people", "--json"]).ends_with(0).json();
    assert_eq!(
        listed["people"][0],
        json!({"name": "Ada", "faces": 4, "photos": 4, "tag": "ada l", "write": true,
            "nsid": "12345678@N00"})
    );
    assert_eq!(listed["people"][2]["write"], false);
    let tags = home.tags();
    assert_eq!(tags["people"][0]["tag"], "ada l");
    assert_eq!(tags["people"][2]["write"], false);
    for flag in [
        ["--tag", "Ada="],
        ["--nsid", "Ada="],
        ["--may-write", "Cyd"],
    ] {
        let _ = people(&home, &flag).ends_with(0);
    }
    assert_eq!(
        home.tags()["people"][0],
        json!({"name": "Ada", "photos": home.tagged()[0].1})
    );
}

#[test]
fn every_flag_does_what_it_says_and_can_be_undone() {
    let home = home();
    let before = home.read("tags.json");
    let second = photos(0)[1].as_str();
    let take_photo = format!("Ada={second}");
    let cases: [(&[&str], &[&str]); 6] = [
        (
            &["--rename", "Ada=Ada Lovelace"],
            &["Ada Lovelace", "Bob", "Cyd"],
        ),
        (
            &["--people", "--rename", "ada = ADA"],
            &["ADA", "Bob", "Cyd"],
        ),
        (&["--merge", "Cyd=Ada"], &["Ada", "Bob"]),
        (&["--take-back", "Bob=1-3"], &["Ada", "Cyd"]),
        (&["--take-back", &take_photo], &["Ada", "Bob", "Cyd"]),
        (&["--tag", "Bob=bobby"], &["Ada", "Bob", "Cyd"]),
    ];
    for (arguments, then) in cases {
        let _ = people(&home, arguments).ends_with(0).says(&["Done: "]);
        assert_eq!(names(&home), then, "{arguments:?}");
        assert_ne!(home.read("tags.json"), before, "{arguments:?}");
        let undone = people(&home, &["--undo", "--json"]).ends_with(0).json();
        assert_eq!(home.read("tags.json"), before, "{arguments:?}");
        // And back again, and again.
        let again = undone["entry"].to_string();
        let _ = people(&home, &["--undo", &again]).ends_with(0);
        assert_eq!(names(&home), then, "{arguments:?}");
        let _ = people(&home, &["--undo"])
            .ends_with(0)
            .says(&["Undone: entry "]);
        assert_eq!(home.read("tags.json"), before, "{arguments:?}");
    }
}

#[test]
fn any_decision_of_an_earlier_session_can_be_undone() {
    let home = home();
    let _ = people(&home, &["--journal"]).ends_with(0).says(&[
        "Entry  When",
        "    1  ",
        "      4  Ada\n",
        "      3  Bob\n",
        "      2  Cyd\n",
    ]);
    // Ada's faces become Bob's, but for one: the older answer is undone, the later word stays.
    let _ = people(&home, &["--take-back", "Ada=4"]).ends_with(0);
    let _ = people(&home, &["--merge", "Ada=Bob"]).ends_with(0);
    let _ = people(&home, &["--undo", "1"]).ends_with(0).says(&[
        "Undone: entry 1, Ada.",
        "4 faces were decided again since and stay so.",
    ]);
    assert_eq!(names(&home), ["Bob", "Cyd"]);
    let _ = people(&home, &["--undo", "1"]).ends_with(1).complains(&[
        "journal entry 1 was already undone, by entry 6",
        "cluster-faces journal",
    ]);
    let _ = people(&home, &["--undo", "99"])
        .ends_with(1)
        .complains(&["the journal has no entry 99; the newest is 6"]);
    let listed = people(&home, &["--journal", "2", "--json"]).json();
    let kinds: Vec<_> = (listed["journal"].as_array().unwrap().iter())
        .map(|entry| (entry["kind"].as_str().unwrap(), entry["undoes"].as_i64()))
        .collect();
    assert_eq!(kinds, [("undo", Some(1)), ("merge", None)]);
}

#[test]
fn a_person_is_split_at_a_stricter_threshold() {
    let home = home();
    let _ = people(&home, &["--merge", "Bob=Ada"]).ends_with(0);
    let parts = people(&home, &["--split", "Ada", "--threshold", "0.1", "--json"])
        .ends_with(0)
        .json();
    let sizes: Vec<_> = (parts["parts"].as_array().unwrap().iter())
        .map(|part| part["faces"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [4, 3]);
    let picture = parts["parts"][1]["pictures"][0].as_str().unwrap();
    assert!(
        image::open(home.folder().join(picture)).is_ok(),
        "{picture}"
    );
    // By options, and then by typed answers.
    let split = ["--split", "ada", "-t", "0.1"];
    let _ = people(&home, &[&split[..], &["--part", "2=Joe"]].concat())
        .ends_with(0)
        .says(&["Done: Joe, split off Ada."]);
    assert_eq!(names(&home), ["Ada", "Cyd", "Joe"]);
    assert_eq!(home.tagged()[2].1, photos(1));
    let _ = people(&home, &["--undo"]).ends_with(0);
    let _ = home
        .answer("cluster-faces", &split, "\n:?\nJoe\n:q\n")
        .ends_with(0)
        .says(&[
            "fall into 2 parts",
            "Part 1 of 2: 4 faces",
            "Part 2 of 2: 3 faces",
        ]);
    assert_eq!(names(&home), ["Ada", "Cyd", "Joe"]);
    // What was split off is never offered again.
    let rejections = rows(&home.path("faces.sqlite"), "rejections", "face");
    assert_eq!(rejections.len(), 3);
    let _ = people(&home, &["--split", "Cyd", "-t", "0.1"])
        .ends_with(0)
        .says(&["are still one part; try a lower threshold"]);
}

#[test]
fn what_cannot_be_changed_is_explained_and_nothing_is_lost() {
    let home = home();
    let before = home.read("tags.json");
    let cases: [(&[&str], &str); 14] = [
        (
            &["--rename", "Adam=Eve"],
            "no one is called \"Adam\"; did you mean \"Ada\"?",
        ),
        (&["--rename", "Ada"], "\"Ada\": expected OLD=NEW"),
        (&["--rename", "Ada=:q"], "a name cannot begin with a colon"),
        (
            &["--rename", "Ada=BOB"],
            "\"Bob\" already exists; if they are one person, merge the two",
        ),
        (&["--merge", "Ada=Dan"], "no one is called \"Dan\""),
        (
            &["--merge", "Ada=ada"],
            "\"Ada\" cannot be merged with itself",
        ),
        (
            &["--take-back", "Ada=9"],
            "\"9\" is not a face of Ada's: expected numbers from 1 to 4",
        ),
        (&["--take-back", "Ada="], "say which of Ada's faces"),
        (
            &["--nsid", "Ada=me"],
            "\"me\": expected an NSID such as 12345678@N00",
        ),
        (
            &["--split", "Ada", "-t", "0.1", "--part", "7=Eve"],
            "there is no part 7",
        ),
        (&["--split", "Ada", "--part", "Eve"], "expected NUMBER=NAME"),
        (
            &["--rename", "Ada=A", "--merge", "Ada=Bob"],
            "cannot be used with",
        ),
        (&["--journal", "--sweep"], "cannot be used with"),
        (&["--part", "1=Ada"], "unexpected argument '--part'"),
    ];
    for (arguments, why) in cases {
        let _ = people(&home, arguments).ends_with(1).complains(&[why]);
        assert_eq!(home.read("tags.json"), before, "{arguments:?}");
    }
    assert_eq!(rows(&home.path("faces.sqlite"), "journal", "id").len(), 3);
}

#[test]
fn lines_from_a_pipe_do_what_the_prompt_does() {
    let home = home();
    let script = "1\n:r Ada Lovelace\n:m Cyd = Bob\n:t Bob = bobby\n:w Bob = no\n\
                  :f Bob = 12345678@N00\n:s Bob 0.1\n\nDan\n:x Ada Lovelace = 1 3-4\n:l\n:j 3\n:u\n:?\n:q\n";
    let _ = home
        .answer("cluster-faces", &["--people"], script)
        .ends_with(0)
        .says(&[
            "Ada: 4 faces in 4 photos",
            "results/person-0001-01.jpg",
            "Done: Ada is Ada Lovelace.",
            "Done: Cyd is Bob, merged.",
            "fall into 2 parts",
            "Done: Dan, split off Bob.",
            "Done: not Ada Lovelace.",
            "Undone: entry ",
        ]);
    assert_eq!(names(&home), ["Ada Lovelace", "Bob", "Dan"]);
    assert_eq!(
        home.tagged()[0].1,
        photos(0),
        "the last decision was undone"
    );
    assert_eq!(home.tags()["people"][1]["write"], false);
    let _ = home
        .answer("cluster-faces", &["--people"], ":l\n:z\n:r Bob = Eve\n")
        .ends_with(1)
        .complains(&["\":z\": there is no command \":z\"; :? shows what can be typed"]);
    assert_eq!(
        names(&home),
        ["Ada Lovelace", "Bob", "Dan"],
        "the line after it was not read"
    );
}

/// The rest of a line of the list, by the name in it.
const LISTED: &str = "  Faces  Photos  On Flickr";

#[test]
fn those_with_most_faces_come_first_a_page_at_a_time() {
    let home = home();
    // Without a face, as people of tags.json may be: more than a terminal of 40 rows shows.
    let photo = photos(0)[0].as_str();
    let _ = people(&home, &["people", "rename", "Cyd", "Zoë"]).ends_with(0);
    let mut tags = home.tags();
    for number in 10..50 {
        let more = json!({"name": format!("Guest {number}"), "photos": [photo]});
        tags["people"].as_array_mut().unwrap().push(more);
    }
    home.write("tags.json", tags.to_string());
    let run = people(&home, &["people", "list", "--json"]).ends_with(0);
    let listed = run.json();
    let names = listed["people"].as_array().unwrap().iter();
    let names: Vec<_> = names.map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!((names[0], names[2], names[42]), ("Ada", "Guest 10", "Zoë"));
    let found = people(&home, &["people", "list", "zoe"]).ends_with(0);
    let lines: Vec<_> = found.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "   Name  Faces  Photos  On Flickr",
            "3  Zoë       2       2"
        ]
    );
    let _ = people(&home, &["people", "list", "xyz"])
        .ends_with(0)
        .says(&["No one has \"xyz\" in their name."]);

    let mut terminal = Terminal::run(&home, "cluster-faces", &["people", "--no-pictures"]);
    terminal
        .shows(LISTED)
        .shows(" 1  Ada")
        .shows(" 3  Zoë")
        .shows("more: Enter lists them")
        .shows("People:")
        .types("")
        .shows(LISTED)
        .shows("Guest 49")
        .shows("People:")
        .types("")
        .shows("People:")
        .types(":l GUEST 4")
        .shows(LISTED)
        .shows("34  Guest 40")
        .shows("43  Guest 49")
        .shows("People:")
        .types("3")
        .shows("Zoë: 2 faces in 2 photos")
        .shows("People:")
        .types(":q");
    let (code, text) = terminal.ends();
    assert_eq!(code, Some(0), "{text}");
    let first = text.find("Enter lists them").unwrap();
    assert!(!text[..first].contains("Guest 49"), "{text}");
}

#[test]
fn before_two_people_become_one_both_are_shown() {
    let home = home();
    let merge = ["people", "merge", "--no-pictures", "cyd", "bob"];
    let mut terminal = Terminal::run(&home, "cluster-faces", &merge);
    terminal
        .shows("Cyd: 2 faces in 2 photos")
        .shows("Bob: 3 faces in 3 photos")
        .shows("No photo shows both.")
        .shows("results/same-person-")
        .shows("Is Cyd the same person as Bob?")
        .types("")
        .shows("They stay two people.");
    let (code, text) = terminal.ends();
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(names(&home), ["Ada", "Bob", "Cyd"]);
    let drawn = fs::read_dir(home.path("results")).unwrap();
    let name = |file: std::io::Result<fs::DirEntry>| file.unwrap().path();
    let drawn = drawn
        .map(name)
        .find(|path| path.to_string_lossy().contains("same-person"));
    assert!(image::open(drawn.unwrap()).is_ok());

    let mut terminal = Terminal::run(&home, "cluster-faces", &["people", "--no-pictures"]);
    terminal
        .shows("People:")
        .types(":m Cyd = Dan")
        .shows("no one is called \"Dan\"")
        .shows("People:")
        .types(":m Cyd = Bob")
        .shows("Is Cyd the same person as Bob?")
        .types("n")
        .shows("They stay two people.")
        .shows("People:")
        .types(":m Cyd = Bob")
        .shows("Is Cyd the same person as Bob?")
        .types("y")
        .shows("Done: Cyd is Bob, merged.")
        .shows("People:")
        .types(":q");
    let (code, text) = terminal.ends();
    assert_eq!(
        (code, names(&home)),
        (Some(0), vec!["Ada".to_owned(), "Bob".to_owned()]),
        "{text}"
    );

    let mut terminal = Terminal::run(
        &home,
        "cluster-faces",
        &["people", "merge", "--yes", "Bob", "Ada"],
    );
    terminal.shows("Done: Bob is Ada, merged.");
    let (code, text) = terminal.ends();
    assert!(code == Some(0) && !text.contains("same person"), "{text}");
}

#[test]
fn more_photos_and_other_thresholds_change_no_name() {
    let sandbox = sandbox(Options::default());
    let folder = TempDir::new().unwrap();
    let first = add_copies(&sandbox, folder.path(), Sample::Obama, 3);
    let second = add_copies(&sandbox, folder.path(), Sample::Biden, 2);
    let home = Home::new(&sandbox, &KNOWN_CLUSTERS);
    let _ = home.run("download", &[]).ends_with(0);
    let _ = home
        .answer("cluster-faces", &["-t", "0.1"], "Ada\nBob\n")
        .ends_with(0);
    let named = |home: &Home| {
        let faces = rows(&home.path("faces.sqlite"), "faces", "id").into_iter();
        let named: Vec<_> = (faces.filter(|face| face["decision"] == "'named'"))
            .map(|face| {
                (
                    face["id"].clone(),
                    face["person"].clone(),
                    face["decided"].clone(),
                )
            })
            .collect();
        let people = rows(&home.path("faces.sqlite"), "people", "id").into_iter();
        let people: Vec<_> = people.map(|person| person["name"].clone()).collect();
        (named, people, home.read("tags.json"))
    };
    let before = named(&home);
    assert_eq!(before.0.len(), 5);
    assert_eq!(
        home.tagged(),
        [("Ada".to_owned(), first), ("Bob".to_owned(), second)]
    );
    for who in [Sample::Obama, Sample::Biden, Sample::Obama2, Sample::Obama3] {
        let _ = add_copies(&sandbox, folder.path(), who, 2);
    }
    let run = home.run("download", &["--json"]).ends_with(0).json();
    assert_eq!(run["faces"], 8);
    assert_eq!(named(&home), before, "after more photos");
    for threshold in ["0.6", "0.5", "0.4", "0.3", "0.1"] {
        let _ = home.run("cluster-faces", &["-t", threshold]).ends_with(0);
        assert_eq!(named(&home), before, "at {threshold}");
    }
}
