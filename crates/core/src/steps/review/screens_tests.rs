//! Screens: many questions for one answer.

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
    let row = |name: &str| -> usize {
        let line = screen
            .lines()
            .find(|line| line.contains(&format!("{name}: ")));
        let line = line.unwrap_or_else(|| panic!("{name} in {screen}"));
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
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
    // A row has another name; the other rows are asked about again.
    let said = talk(&mut review, &[&format!("{} Somebody Else", row("Bob"))]).await;
    assert_eq!(said[1], "1 face: Somebody Else");
    assert!(
        said[2].starts_with("Known people, screen 1 of 1: 4 rows, 5 faces"),
        "{said:#?}"
    );
    talk(&mut review, &[""]).await;
    assert_eq!((named(&home).await, entries(&home).await), (16, before + 4));
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
