//! Screens: many questions for one answer.

use tokio::task::JoinHandle;

use super::{
    tests::{named, options, talk, who},
    *,
};
use crate::{
    steps::naming::{
        Answer,
        tests::{Home, Photo, answer, face, photo, two_people},
    },
    store::FaceState,
};

/// Three photos of each of five people, two of them named; the fifth has a fourth photo.
async fn five_known() -> (Home, Session) {
    let mut photos = Vec::new();
    for person in 0..5 {
        photos.extend((0..3).map(|n| photo(vec![face(person, 0.1, 3 * person + n)])));
    }
    photos.push(photo(vec![face(4, 0.1, 20)]));
    let home = Home::new(photos).await;
    let session = home.session().await;
    for (person, name) in ["Ada", "Bob", "Eve", "Ian", "Zoe"].iter().enumerate() {
        let ids = [3 * person + 1, 3 * person + 2].map(|id| format!("{id}:0"));
        let ids = ids.each_ref().map(String::as_str);
        session.decide(answer(&session, &ids, name)).await.unwrap();
    }
    (home, session)
}

async fn entries(home: &Home) -> usize {
    home.store.journal(100).await.unwrap().len()
}

fn state(session: &Session, id: &str) -> FaceState {
    session.state(&session.face(id).unwrap()).unwrap()
}

#[tokio::test]
async fn known_people_are_rows_for_one_answer() {
    let (home, session) = five_known().await;
    let before = entries(&home).await;
    let mut review = Review::new(session.clone(), options(true));
    let said = talk(&mut review, &[]).await;
    let screen = &said[1];
    assert!(
        screen.starts_with("Known people, screen 1 of 1: 5 rows, 6 faces\n"),
        "{screen}"
    );
    let row = |name: &str| row(screen, name);
    // Bob is wrong, Eve is not sure, one of Zoe's two faces is wrong, the others are right.
    let line = format!("{} {}? {}.2", row("Bob"), row("Eve"), row("Zoe"));
    let said = talk(&mut review, &[&line]).await;
    assert_eq!(said[1], "3 faces: Ada, Ian, Zoe; not Bob, not Zoe");
    assert_eq!((named(&home).await, entries(&home).await), (13, before + 1));
    assert_eq!(home.store.rejections().await.unwrap().len(), 2);
    let counters = review.counters();
    assert_eq!(
        (counters.named, counters.rejected, counters.suggestions),
        (3, 2, 4)
    );
    // One undoing takes the screen back, and it comes again.
    let said = talk(&mut review, &[":u"]).await;
    assert_eq!(named(&home).await, 10);
    assert!(
        said.iter()
            .any(|line| line.starts_with("Known people, screen 1 of 1: 5 rows")),
        "{said:#?}"
    );
}

/// The number of a person's row.
fn row(screen: &str, name: &str) -> usize {
    let line = screen
        .lines()
        .find(|line| line.contains(&format!("{name}: ")));
    let line = line.unwrap_or_else(|| panic!("{name} in {screen}"));
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// What a screen of five rows says but for its notes.
fn title_and_rows(screen: &str) -> Vec<&str> {
    let lines: Vec<&str> = screen.lines().collect();
    let rows = lines.iter().skip(1).rev().take(5).rev();
    lines.iter().take(1).chain(rows).copied().collect()
}

/// What each of the faces without a name in [`five_known`] is, in the order of their people; two are Zoe's.
async fn answers(session: &Session) -> Vec<String> {
    session.refresh().await.unwrap();
    let names: std::collections::HashMap<_, _> = (session.people().into_iter())
        .map(|p| (p.id, p.name))
        .collect();
    let ids = [3, 6, 9, 12, 15, 16].map(|id| format!("{id}:0"));
    let words = ids.map(|id| match state(session, &id) {
        FaceState::Named(person) => names[&person].clone(),
        state => format!("{state:?}"),
    });
    words.to_vec()
}

/// Whom faces are not, by name.
async fn denied(home: &Home, session: &Session) -> Vec<(String, String)> {
    let people = session.people();
    let rejections = home.store.rejections().await.unwrap().into_iter();
    let mut denied: Vec<_> = rejections
        .map(|(face, person)| {
            let name = people.iter().find(|row| row.id == person);
            (
                face.to_string(),
                name.map_or("-", |row| &row.name).to_owned(),
            )
        })
        .collect();
    denied.sort();
    denied
}

#[tokio::test]
async fn a_name_for_a_row_is_part_of_the_screen_s_one_answer() {
    let (home, session) = five_known().await;
    let before = entries(&home).await;
    let mut review = Review::new(session.clone(), options(true));
    let screen = talk(&mut review, &[]).await[1].clone();
    let (bob, ian, zoe) = (
        row(&screen, "Bob"),
        row(&screen, "Ian"),
        row(&screen, "Zoe"),
    );
    // It is seen on the screen, whose rows stay where they are, and nothing is decided yet.
    let said = talk(&mut review, &[&format!("{bob} Somebody Else")]).await;
    let again = screen.replace("Bob: 1 face", "Somebody Else, not Bob: 1 face");
    assert_eq!(title_and_rows(&said[1]), title_and_rows(&again));
    assert_eq!((named(&home).await, entries(&home).await), (10, before));
    // Other rows, and one of its own faces that is wrong; then all at once.
    let lines = [&*format!("{zoe} :i"), &format!("{ian} {zoe}.2")];
    let said = talk(&mut review, &lines).await;
    assert_eq!(
        said[3],
        "4 faces: Ada, Eve, Somebody Else and 1 more; not Bob, not Ian, not Zoe"
    );
    assert_eq!(entries(&home).await, before + 1);
    let expected = [
        "Ada",
        "Somebody Else",
        "Eve",
        "Unnamed",
        "Ignored",
        "Unnamed",
    ];
    assert_eq!(answers(&session).await, expected);
    let not = [
        ("12:0", "Ian"),
        ("15:0", "Zoe"),
        ("16:0", "Zoe"),
        ("6:0", "Bob"),
    ];
    let not = not.map(|(face, name)| (face.to_owned(), name.to_owned()));
    assert_eq!(denied(&home, &session).await, not);
    let counters = review.counters();
    assert_eq!(
        (
            counters.named,
            counters.others,
            counters.rejected,
            counters.suggestions
        ),
        (3, 1, 2, 5)
    );
    // One undoing takes all of it back, and the screen comes as it was at first.
    let said = talk(&mut review, &[":u"]).await;
    let first = title_and_rows(&screen);
    let again = said.iter().any(|line| title_and_rows(line) == first);
    assert!(again, "{said:#?}");
    assert_eq!((named(&home).await, entries(&home).await), (10, before + 2));
    assert_eq!(denied(&home, &session).await, []);
    assert_eq!(review.counters(), Counters::default());
}

#[tokio::test]
async fn what_was_said_of_a_row_can_be_given_back_changed_and_left_with() {
    // What is typed, and what the faces are then.
    let unnamed = "Unnamed";
    let cases: [(&[&str], [&str; 6]); 9] = [
        // Undone: nothing was decided.
        (&["B Max", ":u", ":q"], [unnamed; 6]),
        (
            &["B Max", "B Tom", ""],
            ["Ada", "Tom", "Eve", "Ian", "Zoe", "Zoe"],
        ),
        // The row is right after all, or wrong without a name, or not sure.
        (
            &["B Max", "B bob", ""],
            ["Ada", "Bob", "Eve", "Ian", "Zoe", "Zoe"],
        ),
        (
            &["B Max", "B", ""],
            ["Ada", unnamed, "Eve", "Ian", "Zoe", "Zoe"],
        ),
        (
            &["B Max", "B?", ""],
            ["Ada", unnamed, "Eve", "Ian", "Zoe", "Zoe"],
        ),
        // No row is right; a name for one of them is.
        (
            &["B Max", "n"],
            [unnamed, "Max", unnamed, unnamed, unnamed, unnamed],
        ),
        // The others later, and leaving, keep it.
        (
            &["B Max", ":l"],
            [unnamed, "Max", unnamed, unnamed, unnamed, unnamed],
        ),
        (
            &["B Max", ":q"],
            [unnamed, "Max", unnamed, unnamed, unnamed, unnamed],
        ),
        (
            &["B Max", ":rest", "y"],
            ["Ignored", "Max", "Ignored", "Ignored", "Ignored", "Ignored"],
        ),
    ];
    let mut wrong = Vec::new();
    for (lines, expected) in cases {
        let (home, session) = five_known().await;
        let mut review = Review::new(session.clone(), options(true));
        let screen = talk(&mut review, &[]).await[1].clone();
        let bob = row(&screen, "Bob").to_string();
        let lines: Vec<String> = lines.iter().map(|line| line.replace('B', &bob)).collect();
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let said = talk(&mut review, &lines).await;
        let found = answers(&session).await;
        if found != expected {
            wrong.push((lines.join(" | "), found, said));
        }
        drop(home);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // So does the end of the input.
    let (_home, session) = five_known().await;
    let mut review = Review::new(session.clone(), options(true));
    let screen = talk(&mut review, &[]).await[1].clone();
    talk(&mut review, &[&format!("{} Max", row(&screen, "Bob"))]).await;
    review.leave().await.unwrap();
    assert_eq!(
        talk(&mut review, &[]).await,
        ["1 face: Max; not Bob", "Left"]
    );
}

#[tokio::test]
async fn a_name_for_a_row_is_asked_about_before_the_screen_is() {
    // Two rows that share a photo, whose faces are said to be one person.
    let mut photos: Vec<_> = (0..2).map(|n| photo(vec![face(0, 0.1, n)])).collect();
    photos.extend((2..4).map(|n| photo(vec![face(1, 0.1, n)])));
    photos.push(photo(vec![face(0, 0.1, 4), face(1, 0.1, 5)]));
    let home = Home::new(photos).await;
    let session = home.session().await;
    for (ids, name) in [(["1:0", "2:0"], "Ada"), (["3:0", "4:0"], "Bob")] {
        session.decide(answer(&session, &ids, name)).await.unwrap();
    }
    let mut review = Review::new(session.clone(), options(true));
    let screen = talk(&mut review, &[]).await[1].clone();
    let (ada, bob) = (row(&screen, "Ada"), row(&screen, "Bob"));
    let lines = [
        &*format!("{bob} Ada"),
        "",
        &format!("{ada} Max"),
        &format!("{bob} Max"),
        "",
    ];
    let said = talk(&mut review, &lines).await;
    let asked = |name: &str| format!("{name} is on this photo already: take the face out? [y/n] ");
    assert_eq!(
        (&said[1], &said[5]),
        (&asked("Ada"), &asked("Max")),
        "{said:#?}"
    );
    // A slip is one here, too.
    let said = talk(&mut review, &[&format!("{bob} q"), "", ":u", ":q"]).await;
    assert!(said[1].ends_with("[y/N] "), "{said:#?}");
    assert_eq!(named(&home).await, 4);
    // Who was said not to be somebody before is named so only where that is meant.
    let bobs = session
        .people()
        .iter()
        .find(|row| row.name == "Bob")
        .unwrap()
        .id;
    let face = session.face("5:0").unwrap();
    session.reject(vec![face.clone()], bobs).await.unwrap();
    let mut review = Review::new(session.clone(), options(true));
    let screen = talk(&mut review, &[]).await[1].clone();
    let ada = row(&screen, "Ada");
    let line = format!("{ada} Bob");
    let said = talk(
        &mut review,
        &[
            &line,
            "n",
            "",
            &line,
            "n",
            "y",
            &format!("{}", row(&screen, "Bob")),
        ],
    )
    .await;
    let anyway = "This face was said not to be Bob before. Name it Bob anyway? [y/N] ";
    assert_eq!(
        (&*said[2], &*said[5]),
        (anyway, &*format!("{anyway}y")),
        "{said:#?}"
    );
    session.refresh().await.unwrap();
    assert_eq!(session.state(&face), Some(FaceState::Named(bobs)));
}

#[tokio::test]
async fn rows_leave_what_was_answered_elsewhere() {
    let (home, session) = five_known().await;
    let mut review = Review::new(session, options(true));
    talk(&mut review, &[]).await;
    let there = home.session().await;
    there
        .decide(Answer {
            faces: vec![there.face("3:0").unwrap()],
            decision: who("Max"),
            rejected: Vec::new(),
            force: false,
            open: Vec::new(),
        })
        .await
        .unwrap();
    let said = talk(&mut review, &[""]).await;
    assert!(
        said[1].starts_with("Answered elsewhere meanwhile: of these faces 1 is Max."),
        "{said:#?}"
    );
    assert!(
        said[2].starts_with("Known people, screen 1 of 1: 4 rows, 5 faces"),
        "{said:#?}"
    );
    talk(&mut review, &[""]).await;
    assert_eq!(named(&home).await, 16);
}

#[tokio::test]
async fn a_script_is_asked_about_one_suggestion_after_the_other() {
    let (home, session) = five_known().await;
    let mut review = Review::new(session, options(false));
    let said = talk(&mut review, &["y", "n", "", "y", "y"]).await;
    assert!(
        said.iter().all(|line| !line.starts_with("Known people")),
        "{said:#?}"
    );
    assert!(named(&home).await > 12);
}

#[tokio::test]
async fn people_with_two_names_are_merged_and_a_no_is_remembered() {
    let mut photos: Vec<_> = (0..4).map(|n| photo(vec![face(0, 0.1, n)])).collect();
    photos.extend((4..8).map(|n| photo(vec![face(1, 0.1, n)])));
    photos.extend((8..10).map(|n| photo(vec![face(2, 0.1, n)])));
    let home = Home::new(photos).await;
    let session = home.session().await;
    for (ids, name) in [
        (["1:0", "2:0"], "Ada"),
        (["3:0", "4:0"], "Countess"),
        (["5:0", "6:0"], "Bob"),
        (["7:0", "8:0"], "Twin"),
    ] {
        session.decide(answer(&session, &ids, name)).await.unwrap();
    }
    let pairs = async |review: &mut Review| -> String {
        let said = talk(review, &[""]).await;
        let screen = said
            .iter()
            .find(|line| line.starts_with("The same person?"));
        screen.cloned().unwrap_or_default()
    };
    let mut review = Review::new(session.clone(), options(true));
    let screen = pairs(&mut review).await;
    assert!(
        screen.starts_with("The same person? Screen 1 of 1: 2 pairs"),
        "{screen}"
    );
    let line = screen.lines().find(|line| line.contains("Twin")).unwrap();
    let twin = line.split_whitespace().next().unwrap();
    // Both are shown, with their faces' number.
    assert!(
        line.contains("Bob (2 faces)") && line.contains("Twin (2 faces)"),
        "{line}"
    );
    let before = entries(&home).await;
    let said = talk(&mut review, &[twin]).await;
    assert!(
        said[1].contains("merged") && said[1].contains("not Bob, not Twin"),
        "{said:#?}"
    );
    assert_eq!(
        (session.names().len(), entries(&home).await),
        (3, before + 1)
    );
    // Neither is asked about again.
    let mut again = Review::new(session.clone(), options(true));
    assert_eq!(pairs(&mut again).await, "");
    // Undone, both are.
    let entry = home.store.last_decision().await.unwrap().unwrap();
    session.undo(entry).await.unwrap();
    let mut again = Review::new(session.clone(), options(true));
    assert!(pairs(&mut again).await.contains("2 pairs"));
    assert_eq!(session.names().len(), 4);
}

#[tokio::test]
async fn pairs_are_asked_about_where_every_face_has_a_name() {
    let home = Home::new((0..6).map(|n| photo(vec![face(n / 4, 0.1, n)])).collect()).await;
    let session = home.session().await;
    for (ids, name) in [
        (["1:0", "2:0"], "Ada"),
        (["3:0", "4:0"], "Countess"),
        (["5:0", "6:0"], "Bob"),
    ] {
        session.decide(answer(&session, &ids, name)).await.unwrap();
    }
    // A script, and who wants no suggestions, is not asked.
    for (interactive, suggestions) in [(false, true), (true, false)] {
        let quiet = Options {
            suggestions,
            ..options(interactive)
        };
        let mut review = Review::new(session.clone(), quiet);
        assert_eq!(talk(&mut review, &[]).await, ["NothingToAsk"]);
    }
    let sweep = Options {
        thresholds: vec![0.6, 0.5],
        ..options(true)
    };
    let mut review = Review::new(session.clone(), sweep);
    let said = talk(&mut review, &["", ":u"]).await;
    let screen = "The same person? Screen 1 of 1: 1 pair\nLeft is one, right the other; no photo shows both.\n  \
                  1  Ada (2 faces) and Countess (2 faces)";
    let question = "Are they one person? ";
    // The end comes once there is no question left; the answer is undone in a session of its own.
    assert_eq!(
        said,
        [screen, question, "Countess is Ada, merged.", "Through"]
    );
    assert_eq!(session.names().len(), 2);
    let entry = home.store.last_decision().await.unwrap().unwrap();
    session.undo(entry).await.unwrap();
    // Later is later, and no is no.
    for (line, last) in [(":l", screen), ("n", "NothingToAsk")] {
        let mut review = Review::new(session.clone(), options(true));
        let said = talk(&mut review, &[line]).await;
        assert_eq!(said.last().unwrap(), "Through", "{said:#?}");
        let mut next = Review::new(session.clone(), options(true));
        assert_eq!(talk(&mut next, &[]).await[0], last);
    }
}

#[tokio::test]
async fn groups_that_are_one_person_are_asked_about_together() {
    // Four people in two groups of two each: at this threshold only the very same picture is near.
    let mut photos = Vec::new();
    for person in 0..4 {
        photos.extend((0..4).map(|n| photo(vec![face(person, 0.1, 2 * person + n / 2)])));
    }
    let home = Home::new(photos).await;
    let session = home.session().await;
    let strict = Options {
        thresholds: vec![0.1],
        ..options(true)
    };
    let mut review = Review::new(session.clone(), strict);
    let said = talk(&mut review, &["4"]).await;
    assert!(
        said[1].starts_with("The same person? Screen 1 of 1: 4 pairs"),
        "{said:#?}"
    );
    assert_eq!(
        said[3],
        "3 pairs are one person each; 1 pair is two people."
    );
    assert!(said[5].starts_with("Cluster 1 of 5: 4 faces"), "{said:#?}");
    // It is known in the next session, at every threshold.
    for (threshold, sizes) in [(0.1, vec![4, 4, 4, 2, 2]), (0.6, vec![4, 4, 4, 2, 2])] {
        let later = home.session().await;
        let view = later.view(threshold, Subset::Usable).await.unwrap();
        let found = view.clusters.iter().map(|cluster| cluster.faces.len());
        assert_eq!(found.collect::<Vec<_>>(), sizes, "at {threshold}");
        assert_eq!(later.pairs(&view).await.unwrap(), []);
    }
    // Undone, it is asked again; and the groups are those of before.
    let said = talk(&mut review, &[":u"]).await;
    assert!(said[1].starts_with("Undone: entry 1, 3 pairs"), "{said:#?}");
    let again = "The same person? Screen 1 of 1: 4 pairs";
    assert!(said[2].starts_with(again), "{said:#?}");
    let said = talk(&mut review, &["1-3 4?"]).await;
    assert_eq!(said[1], "3 pairs are two people each.");
    assert!(said[3].starts_with("Cluster 1 of 8: 2 faces"), "{said:#?}");
    assert_eq!(named(&home).await, 0);
    // What was left without an answer comes in the next session, at the same place.
    let strict = Options {
        thresholds: vec![0.1],
        ..options(true)
    };
    let later = home.session().await;
    let view = later.view(0.1, Subset::Usable).await.unwrap();
    assert_eq!(later.pairs(&view).await.unwrap().len(), 1);
    let mut next = Review::new(later, strict);
    // One pair is not worth a screen before the clusters.
    let said = talk(&mut next, &[]).await;
    assert!(said[1].starts_with("Cluster 1 of 8"), "{said:#?}");
}

#[tokio::test]
async fn a_large_library_is_not_grouped_anew_before_its_first_clusters() {
    // Two groups of each of four people, three of whom are said to be one each, and the fourth two; and two faces of a fifth,
    // one of which has a name.
    let mut photos = Vec::new();
    for person in 0..4 {
        photos.extend((0..4).map(|n| photo(vec![face(person, 0.1, 2 * person + n / 2)])));
    }
    photos.extend((0..2).map(|_| photo(vec![face(4, 0.1, 20)])));
    let home = Home::new(photos).await;
    let session = home.session().await;
    let ada = answer(&session, &["17:0"], "Ada");
    session.decide(ada).await.unwrap();
    for at_once in [5_000, 0] {
        let session = home.session().await;
        let strict = Options {
            thresholds: vec![0.1],
            ..options(true)
        };
        let mut review = Review::new(session.clone(), strict);
        review.looking.at_once = at_once;
        let _ = talk(&mut review, &[]).await;
        assert_eq!(review.looking.pairs.is_some(), at_once == 0);
        let said = talk(&mut review, &["y", "4"]).await.join("\n");
        for told in [
            "The same person? Screen 1 of 1: 4 pairs",
            "3 pairs are one person each; 1 pair is two people.",
            // What was said of the groups is so, in either.
            "Cluster 1 of 5: 4 faces",
        ] {
            assert!(said.contains(told), "{told}: {said}");
        }
        // In a large one these are the groups of before, without whose name is known by now.
        let again = session.view(0.1, Subset::Usable).await.unwrap();
        let (begun, _) = review.begun.clone().unwrap();
        let left = session.without_answered(&begun).await.unwrap();
        assert_eq!(left.clusters, again.clusters);
        assert_eq!((begun.clusters.len(), left.clusters.len()), (9, 5));
        let _ = talk(&mut review, &["Bob"]).await;
        let left = session.without_answered(&begun).await.unwrap();
        assert_eq!((left.faces, left.clusters.len()), (12, 4));
        let said = talk(&mut review, &[":u", ":u", ":u"]).await;
        let undone = said.iter().filter(|line| line.starts_with("Undone"));
        assert_eq!(undone.count(), 3, "{said:#?}");
    }
}

/// Five people, each in a group of four faces and one of three, which are two clusters at 0.1; the larger ones named.
async fn named_in_groups(looking: Looking) -> (Home, Review) {
    let mut photos = Vec::new();
    for person in 0..5 {
        photos.extend((0..7).map(|n| photo(vec![face(person, 0.1, 2 * person + n / 4)])));
    }
    let home = Home::new(photos).await;
    let strict = Options {
        thresholds: vec![0.1],
        ..options(true)
    };
    let mut review = Review::new(home.session().await, strict);
    review.looking = looking;
    // The pairs are left for later.
    let said = talk(&mut review, &[":l", "Ada", "Bob", "Eve", "Ian", "Zoe"]).await;
    assert!(said[5].starts_with("4 faces: Ada"), "{said:#?}");
    (home, review)
}

#[tokio::test]
async fn known_people_are_looked_for_in_a_small_library_at_once() {
    let looking = Looking {
        every: 5,
        ..Looking::default()
    };
    let (_home, mut review) = named_in_groups(looking).await;
    let said = talk(&mut review, &[]).await;
    assert_eq!(said, ["Are these all right?"]);
}

#[tokio::test]
async fn in_a_large_library_they_are_looked_for_behind_the_questions() {
    let looking = Looking {
        every: 5,
        at_once: 0,
        ..Looking::default()
    };
    let (home, mut review) = named_in_groups(looking).await;
    // Asked from what is known.
    let said = talk(&mut review, &[]).await;
    assert_eq!(said, ["Who is this?"]);
    let behind = review.looking.behind.as_ref();
    while !behind.is_some_and(JoinHandle::is_finished) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    // What has got an answer meanwhile is not on the screen.
    let said = talk(&mut review, &["Someone Else"]).await;
    let screen = "Known people, screen 1 of 1: 4 rows, 12 faces\n";
    assert!(said[2].starts_with(screen), "{said:#?}");
    talk(&mut review, &[""]).await;
    assert_eq!(named(&home).await, 35);
}

#[tokio::test]
async fn a_name_is_not_suggested_for_a_group_that_is_somebody_else() {
    // Two groups that look like one person.
    let home = Home::new((0..8).map(|n| photo(vec![face(0, 0.1, n / 4)])).collect()).await;
    let session = home.session().await;
    let suggested = async || -> Vec<(String, usize)> {
        session.refresh().await.unwrap();
        let view = session.view(0.1, Subset::Usable).await.unwrap();
        let found = session.suggestions(&view).await.unwrap();
        let words = found.iter().map(|row| (row.name.clone(), row.faces.len()));
        words.collect()
    };
    let name = async |ids: [&str; 4]| {
        let answered = session.decide(answer(&session, &ids, "Ada")).await;
        answered.unwrap()
    };
    let (one, other) = (["1:0", "2:0", "3:0", "4:0"], ["5:0", "6:0", "7:0", "8:0"]);
    let ada = [("Ada".to_owned(), 4)];
    let named = name(one).await;
    assert_eq!(suggested().await, ada);
    session.undo(named.entry.unwrap()).await.unwrap();
    // They are two people.
    let view = session.view(0.1, Subset::Usable).await.unwrap();
    let pairs = session.pairs(&view).await.unwrap();
    let said = session.decide_pairs(&[], &[&pairs[0]]).await.unwrap();
    assert_eq!(said.what, "1 pair is two people");
    let before = entries(&home).await;
    let named = name(one).await;
    assert_eq!(
        (suggested().await.len(), entries(&home).await),
        (0, before + 1)
    );
    // Who names them so all the same is told.
    assert_eq!(name(other).await.blocked.len(), 4);
    // Undone with the naming; and nothing comes of it where what was said is undone.
    session.undo(named.entry.unwrap()).await.unwrap();
    assert_eq!(denied(&home, &session).await, []);
    session.undo(said.entry.unwrap()).await.unwrap();
    name(one).await;
    assert_eq!(suggested().await, ada);
}

#[tokio::test]
async fn tags_of_most_photos_and_few_others_are_names_to_press() {
    let tagged = |tags, n: usize, person| Photo {
        tags,
        faces: vec![face(person, 0.1, n)],
    };
    let mut photos: Vec<_> = (0..3)
        .map(|n| tagged(&["adalovelace", "paris", "2005"], n, 0))
        .collect();
    photos.push(tagged(&["paris"], 3, 0));
    photos.extend((4..7).map(|n| tagged(&["paris", "bob"], n, 1)));
    let home = Home::new(photos).await;
    let session = home.session().await;
    let mut review = Review::new(session.clone(), options(true));
    let said = talk(&mut review, &["1", "2"]).await;
    // Paris is on as many others.
    assert!(
        said[1]
            .ends_with("Tags on Flickr that may be the name:\n  1  adalovelace: on 3 of 4 photos"),
        "{said:#?}"
    );
    assert_eq!(said[3], "4 faces: adalovelace");
    assert!(
        said[4].ends_with("\n  1  bob: on 3 of 3 photos"),
        "{said:#?}"
    );
    // There is no second one: a number is no name by itself.
    assert_eq!(said[6], "That is a number. Is 2 really a name? [y/N]");
    // Somebody known by the tag has their own spelling.
    session
        .decide(answer(&session, &["5:0"], "Bob!"))
        .await
        .unwrap();
    let faces = ["5:0", "6:0", "7:0"].map(|id| session.face(id).unwrap());
    let choices = session.name_choices(&faces);
    assert_eq!(choices[0].name.as_str(), "Bob!");
}

#[tokio::test]
async fn single_faces_come_last_and_the_rest_are_strangers_in_one_answer() {
    let home = two_people().await;
    let session = home.session_with(|settings| settings.min_cluster = 4).await;
    let mut review = Review::new(session.clone(), options(true));
    let said = talk(&mut review, &["Ada", "1-2 Bob", "Bob", ":rest", "y"]).await;
    let few = said
        .iter()
        .position(|line| line.contains("From here on"))
        .unwrap();
    assert!(
        said[few].starts_with("5 faces have names. 3 faces remain."),
        "{said:#?}"
    );
    assert!(
        said[few + 1].starts_with("Single faces, screen 1 of 1: 3 faces"),
        "{said:#?}"
    );
    assert_eq!(said[few + 3], "2 faces: Bob");
    assert_eq!(
        said[few + 4].lines().next(),
        Some("Single faces, screen 1 of 1: 1 face")
    );
    assert_eq!(
        said[few + 5..],
        [
            "Is anyone here that you know? Bob",
            "1 face: Bob",
            "Through",
        ],
        "{said:#?}"
    );
    // All that is left, as one entry.
    let home = two_people().await;
    let session = home.session().await;
    let mut review = Review::new(session.clone(), options(true));
    let said = talk(&mut review, &[":rest", "", ":rest", "y"]).await;
    assert_eq!(
        said[2..],
        [
            "Who is this? :rest",
            "All that is left, 8 faces, are strangers? [y/N] ",
            "Who is this? :rest",
            "All that is left, 8 faces, are strangers? [y/N] y",
            "8 faces: strangers",
            "Through",
        ]
    );
    assert_eq!(state(&session, "1:0"), FaceState::Ignored);
    let entry = home.store.last_decision().await.unwrap().unwrap();
    session.undo(entry).await.unwrap();
    assert_eq!(state(&session, "1:0"), FaceState::Unnamed);
}
