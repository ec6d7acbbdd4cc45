//! Screens of `cluster-faces` at a terminal that shows faces as half blocks: rows of known people, pairs, single faces, and
//! two people who are to become one.

use std::sync::LazyLock;

use end_to_end::{Downloaded, Home, Sample, Terminal, rows};

/// Photos of each sample. Two of Obama's look like one man, Biden's like another.
const TIMES: [(Sample, usize); 3] = [(Sample::Obama, 4), (Sample::Biden, 4), (Sample::Obama2, 3)];

/// All faces, downloaded once for all tests.
static DOWNLOADED: LazyLock<Downloaded> = LazyLock::new(|| Downloaded::new(&TIMES, 11));

/// A home where two faces of Obama are Ada's, two of Biden Bob's, and those of the other photo of Obama Cyd's.
fn home() -> Home {
    let home = DOWNLOADED.home();
    let photos = &DOWNLOADED.photos;
    let first = |place: usize, most: usize| -> Vec<&str> {
        let theirs = photos[place].iter().take(most);
        theirs.map(String::as_str).collect()
    };
    home.write_tags(&[
        ("Ada", &first(0, 2)[..]),
        ("Bob", &first(1, 2)[..]),
        ("Cyd", &first(2, 3)[..]),
    ]);
    let _ = home.run("cluster-faces", &["people", "list"]).ends_with(0);
    assert_eq!(named(&home), 7);
    home
}

fn stored(home: &Home, table: &str, order: &str) -> usize {
    rows(&home.path("faces.sqlite"), table, order).len()
}

/// How many faces have a name.
fn named(home: &Home) -> usize {
    let faces = rows(&home.path("faces.sqlite"), "faces", "photo");
    let named = faces.iter().filter(|face| face["decision"] == "'named'");
    named.count()
}

/// Everyone in tags.json, with how many photos.
fn tagged(home: &Home) -> Vec<(String, usize)> {
    let people = home.tagged().into_iter();
    people.map(|(name, photos)| (name, photos.len())).collect()
}

/// What the entries of the journal are about, the newest first.
fn kinds(home: &Home) -> Vec<String> {
    let listed = home.run("cluster-faces", &["journal", "--json"]).json();
    let entries = listed["journal"].as_array().unwrap().iter();
    entries
        .map(|entry| entry["kind"].as_str().unwrap().to_owned())
        .collect()
}

/// The numbers of a row of faces, side by side, as they stand below it.
fn labels<'s>(screen: &'s str, first: &str) -> Vec<&'s str> {
    let below = screen.lines().find(|line| line.trim().starts_with(first));
    let below = below.unwrap_or_else(|| panic!("{first} in {screen}"));
    below
        .split("  ")
        .map(str::trim)
        .filter(|label| !label.is_empty())
        .collect()
}

/// Lines of `tiles` faces of `side` columns in half blocks, side by side.
fn lines_of_blocks(screen: &str, tiles: usize, side: usize) -> usize {
    let wide = tiles * side + (tiles - 1) * 2;
    let lines = screen.lines();
    let whole = lines.filter(|line| line.chars().filter(|&c| c == '\u{2584}').count() == wide);
    whole.count()
}

#[test]
fn enter_says_that_all_rows_are_right_and_one_undoing_takes_it_back() {
    let home = home();
    let before = kinds(&home).len();
    let mut terminal = Terminal::run_in((120, 40), &home, "cluster-faces", &[]);
    terminal
        .shows("Known people, screen 1 of 1: 2 rows, 4 faces")
        .shows("Are these all right?")
        .types("")
        .shows("4 faces: Ada, Bob")
        .shows("The same person? Screen 1 of 1: 1 pair")
        .shows("Are they one person?")
        .types(":q");
    let (code, screen) = terminal.ends();
    assert_eq!((code, named(&home)), (Some(0), 11), "{screen}");
    let people = [("Ada", 4), ("Bob", 4), ("Cyd", 3)];
    let people = people.map(|(name, photos)| (name.to_owned(), photos));
    assert_eq!(tagged(&home), people);
    assert_eq!(kinds(&home)[0], "decide");
    assert_eq!(kinds(&home).len(), before + 1);
    // A row is a known face and those that are asked about, numbered; faces are large enough to be known.
    for row in [["1 Ada", "1.1", "1.2"], ["2 Bob", "2.1", "2.2"]] {
        assert_eq!(labels(&screen, &format!("{}  ", row[0])), row, "{screen}");
    }
    // Of a pair both sides.
    let below = screen.lines().find(|line| line.contains("1 Cyd  "));
    let pair: Vec<_> = below
        .iter()
        .flat_map(|line| line.split_whitespace())
        .collect();
    assert_eq!(pair.join(" "), "1 Ada 1 Ada 1 Cyd 1 Cyd", "{screen}");
    assert!(lines_of_blocks(&screen, 3, 28) >= 2 * 14, "{screen}");

    let _ = home.run("cluster-faces", &["undo"]).ends_with(0);
    assert_eq!(named(&home), 7);
    assert_eq!(stored(&home, "rejections", "face"), 0);
}

#[test]
fn numbers_are_the_rows_and_faces_that_are_wrong() {
    let home = home();
    let mut terminal = Terminal::run_in((120, 40), &home, "cluster-faces", &[]);
    terminal
        .shows("Known people, screen 1 of 1: 2 rows, 4 faces")
        .shows("Are these all right?")
        .types("3")
        .shows("there is no row 3")
        .shows("Are these all right?")
        .types("1.2 2")
        .shows("1 face: ")
        .shows("not Ada, not Bob")
        .shows("?")
        .types(":q");
    let (code, screen) = terminal.ends();
    assert_eq!((code, named(&home)), (Some(0), 8), "{screen}");
    // One face of the first row, two of the second.
    assert_eq!(stored(&home, "rejections", "face"), 3);
    let photos: usize = tagged(&home).iter().map(|(_, photos)| photos).sum();
    assert_eq!(photos, 8);
    // They are never suggested for these people again.
    let mut terminal = Terminal::run(&home, "cluster-faces", &["--no-pictures"]);
    terminal.shows("?").types(":q");
    let (_, screen) = terminal.ends();
    assert!(
        !screen.contains("Is this Ada") && !screen.contains("Is this Bob"),
        "{screen}"
    );
}

#[test]
fn a_name_for_a_row_is_part_of_the_screen_s_one_entry_and_of_its_one_undoing() {
    let home = home();
    let before = kinds(&home).len();
    let mut terminal = Terminal::run_in((120, 40), &home, "cluster-faces", &[]);
    terminal
        .shows("  2  Bob: 2 faces")
        .shows("Are these all right?")
        .types("2 Mallory")
        .shows("Known people, screen 1 of 1: 2 rows, 4 faces")
        .shows("  2  Mallory, not Bob: 2 faces")
        .shows("Are these all right?")
        // Given back, nothing is decided; then typed once more.
        .types(":u")
        .shows("  2  Bob: 2 faces")
        .shows("Are these all right?")
        .types("2 Mallory")
        .shows("  2  Mallory, not Bob: 2 faces")
        .shows("Are these all right?");
    assert_eq!((named(&home), kinds(&home).len()), (7, before));
    terminal
        .types("")
        .shows("4 faces: Ada, Mallory; not Bob")
        .shows("Are they one person?")
        .types(":q");
    let (code, screen) = terminal.ends();
    assert_eq!((code, named(&home)), (Some(0), 11), "{screen}");
    let people = [("Ada", 4), ("Bob", 2), ("Cyd", 3), ("Mallory", 2)];
    let people = people.map(|(name, photos)| (name.to_owned(), photos));
    assert_eq!(tagged(&home), people);
    assert_eq!(kinds(&home).len(), before + 1);
    assert_eq!(kinds(&home)[0], "decide");
    assert_eq!(stored(&home, "rejections", "face"), 2);

    let _ = home
        .run("cluster-faces", &["undo"])
        .ends_with(0)
        .says(&["Ada, Mallory; not Bob"]);
    assert_eq!((named(&home), stored(&home, "rejections", "face")), (7, 0));
    let people = [("Ada", 2), ("Bob", 2), ("Cyd", 3)];
    let people = people.map(|(name, photos)| (name.to_owned(), photos));
    assert_eq!(tagged(&home), people);

    // What was said of a row is kept by who leaves, as what was taken out is: here by Ctrl-D.
    let mut terminal = Terminal::run_in((120, 40), &home, "cluster-faces", &[]);
    terminal
        .shows("Are these all right?")
        .types("1 Eve")
        .shows("  1  Eve, not Ada: 2 faces")
        .shows("Are these all right?")
        .presses("\u{4}");
    let (code, screen) = terminal.ends();
    assert_eq!((code, named(&home)), (Some(0), 9), "{screen}");
    assert_eq!(kinds(&home)[0], "decide");
    assert_eq!(tagged(&home)[3], ("Eve".to_owned(), 2), "{screen}");
}

#[test]
fn a_pair_is_merged_by_enter_and_undo_gives_both_back() {
    let home = home();
    let _ = home
        .answer("cluster-faces", &[], "y\n\n")
        .ends_with(0)
        .says(&["2 faces: Ada"]);
    let to_the_pairs = |home: &Home| -> Terminal {
        let mut terminal = Terminal::run_in((80, 24), home, "cluster-faces", &[]);
        terminal
            .shows("Suggestion 1 of 1: 2 faces")
            .shows("Is this Bob?")
            .types("")
            .shows("The same person? Screen 1 of 1: 1 pair")
            .shows("Ada (4 faces) and Cyd (3 faces)")
            .shows("Are they one person?");
        terminal
    };
    // Looked at and left: it comes again at the same place.
    let mut terminal = to_the_pairs(&home);
    terminal.types(":l");
    let (code, screen) = terminal.ends();
    assert_eq!((code, tagged(&home).len()), (Some(0), 3), "{screen}");
    let mut terminal = to_the_pairs(&home);
    terminal.types("").shows("merged");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(kinds(&home)[0], "merge");
    let merged = tagged(&home);
    let photos: Vec<usize> = merged.iter().map(|(_, photos)| *photos).collect();
    assert_eq!(photos.iter().sum::<usize>(), 9, "{merged:?}");
    assert_eq!(merged.len(), 2, "{merged:?}");
    let _ = home.run("cluster-faces", &["undo"]).ends_with(0);
    assert_eq!(tagged(&home).len(), 3);
    // Two people: kept, and not asked about again.
    let mut terminal = to_the_pairs(&home);
    terminal.types("n").shows("not Ada");
    let _ = terminal.ends();
    assert_eq!(
        (kinds(&home)[0].as_str(), tagged(&home).len()),
        ("reject", 3)
    );
    let mut terminal = Terminal::run(&home, "cluster-faces", &["--no-pictures"]);
    terminal.shows("Is this Bob?").types(":l");
    let (code, screen) = terminal.ends();
    assert!(
        code == Some(0) && !screen.contains("The same person?"),
        "{screen}"
    );
}

#[test]
fn people_who_may_be_one_are_asked_about_where_every_face_has_a_name() {
    let home = DOWNLOADED.home();
    let photos = &DOWNLOADED.photos;
    let all = |place: usize| -> Vec<&str> { photos[place].iter().map(String::as_str).collect() };
    home.write_tags(&[
        ("Ada", &all(0)[..]),
        ("Bob", &all(1)[..]),
        ("Cyd", &all(2)[..]),
    ]);
    let _ = home.run("cluster-faces", &["people", "list"]).ends_with(0);
    assert_eq!(named(&home), 11);
    // A script has no such question.
    let _ = home
        .answer("cluster-faces", &[], "\n")
        .ends_with(0)
        .says(&["Nothing left to review."]);
    let mut terminal = Terminal::run_in((80, 24), &home, "cluster-faces", &[]);
    terminal
        .shows("The same person? Screen 1 of 1: 1 pair")
        .shows("Ada (4 faces) and Cyd (3 faces)")
        .shows("Are they one person?")
        .types("")
        .shows("Cyd is Ada, merged.");
    let (code, screen) = terminal.ends();
    assert_eq!(
        (code, kinds(&home)[0].as_str()),
        (Some(0), "merge"),
        "{screen}"
    );
    assert!(!screen.contains("Nothing left"), "{screen}");
    let people = [("Ada", 7), ("Bob", 4)].map(|(name, photos)| (name.to_owned(), photos));
    assert_eq!(tagged(&home), people);
    // Now there is nothing left.
    let mut terminal = Terminal::run(&home, "cluster-faces", &[]);
    terminal.shows("Nothing left to review.");
    assert_eq!(terminal.ends().0, Some(0));
}

#[test]
fn single_faces_stand_on_one_screen_like_beside_like() {
    let home = DOWNLOADED.home();
    home.set("min_cluster", "5");
    let strict = ["--threshold", "0.1"];
    let mut terminal = Terminal::run_in((120, 40), &home, "cluster-faces", &strict);
    terminal
        .shows("0 faces have names. 11 faces remain.")
        .shows("Single faces, screen 1 of 1: 11 faces")
        .shows("Page 1 of 2.")
        .shows("Is anyone here that you know?")
        .types(":m")
        .shows("Page 2 of 2.")
        .shows("Is anyone here that you know?")
        .types("1-3 Ada")
        .shows("3 faces: Ada")
        .shows("Single faces, screen 1 of 1: 8 faces")
        .shows("Is anyone here that you know?")
        .types(":i")
        .shows("8 faces: strangers");
    let (code, screen) = terminal.ends();
    assert_eq!((code, named(&home)), (Some(0), 3), "{screen}");
    assert_eq!(stored(&home, "journal", "id"), 2);
    // The first page is the first faces in order, and each photo's copies follow each other.
    assert_eq!(labels(&screen, "1"), ["1", "2", "3", "4"]);
    assert_eq!(labels(&screen, "5"), ["5", "6", "7", "8"]);
    let faces = rows(&home.path("faces.sqlite"), "faces", "photo");
    let ada = faces.iter().filter(|face| face["decision"] == "'named'");
    let ada: Vec<String> = ada.map(|face| face["photo"].replace('\'', "")).collect();
    let of_one = |photos: &Vec<String>| ada.iter().all(|photo| photos.contains(photo));
    assert!(DOWNLOADED.photos.iter().any(of_one), "{ada:?}");
}

#[test]
fn both_who_are_to_be_one_are_seen_in_a_small_window() {
    let home = home();
    let mut terminal = Terminal::run_in(
        (80, 24),
        &home,
        "cluster-faces",
        &["people", "merge", "Cyd", "Ada"],
    );
    terminal
        .shows("Cyd: 3 faces in 3 photos")
        .shows("Ada: 2 faces in 2 photos")
        .shows("Is Cyd the same person as Ada?")
        .types("y")
        .shows("Done: Cyd is Ada, merged.");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(0), "{screen}");
    assert_eq!(lines_of_blocks(&screen, 2, 24), 12, "{screen}");
    let below = screen
        .lines()
        .filter(|line| line.trim().starts_with("Cyd  "));
    let below: Vec<_> = below
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .collect();
    assert_eq!(below, [["Cyd", "Ada"]], "{screen}");
    let people = [("Ada", 5), ("Bob", 2)].map(|(name, photos)| (name.to_owned(), photos));
    assert_eq!(tagged(&home), people);
    assert_eq!(kinds(&home)[0], "merge");
}
