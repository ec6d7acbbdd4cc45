use super::*;
use crate::{
    naming::Name,
    steps::naming::{
        Answer,
        tests::{Home, answer, two_people},
    },
    store::{Decision, FaceState},
};

pub(super) fn options(interactive: bool) -> Options {
    Options {
        thresholds: vec![0.6],
        subset: Subset::Usable,
        suggestions: true,
        interactive,
        room: Room::default(),
    }
}

/// Answers questions with `lines` until there are no more; all that was asked, answered and told.
pub(super) async fn talk(review: &mut Review, lines: &[&str]) -> Vec<String> {
    let mut lines = lines.iter();
    let mut said = Vec::new();
    loop {
        match review.next().await.unwrap() {
            Next::Tell(event) => said.push(event.to_string().trim_start().to_owned()),
            Next::Ask(prompt) => match lines.next() {
                Some(line) => {
                    said.push(format!("{} {line}", prompt.text));
                    review.answer(line).await.unwrap();
                }
                None => {
                    said.push(prompt.text);
                    return said;
                }
            },
            Next::End(outcome) => {
                said.push(format!("{outcome:?}"));
                return said;
            }
        }
    }
}

pub(super) async fn named(home: &Home) -> usize {
    let states = home.store.face_states().await.unwrap();
    let is_named = |state: &FaceState| matches!(state, FaceState::Named(_));
    states.iter().filter(|(_, state)| is_named(state)).count()
}

#[tokio::test]
async fn clusters_come_largest_first_and_people_named_meanwhile_last() {
    let home = two_people().await;
    let mut review = Review::new(home.session().await, options(true));
    // The photo that shows both belongs to both clusters by one face each.
    let said = talk(&mut review, &[":x 1-2", "Ada", "", ""]).await;
    assert_eq!(
        said[..4],
        [
            "8 faces without a name form 2 clusters of 2 or more (threshold 0.6).\n\
             2 answers are enough for all of them.",
            "Cluster 1 of 2: 5 faces\n2 more answers are enough for all of the faces.",
            "Who is this? :x 1-2",
            "Cluster 1 of 2: 3 faces",
        ]
    );
    assert_eq!(
        said[4..7],
        [
            "Who is this? Ada",
            "3 faces: Ada",
            "Cluster 2 of 2: 3 faces"
        ]
    );
    // The faces that were taken out are known not to be Ada: they are somebody else.
    assert_eq!(
        said[7..],
        [
            "Who is this? ",
            "Cluster 3 of 3: 2 faces",
            "Who is this? ",
            "Through"
        ]
    );
    let counters = Counters {
        clusters: 1,
        named: 3,
        ..Counters::default()
    };
    assert_eq!((review.counters(), named(&home).await), (counters, 3));
}

#[tokio::test]
async fn suggestions_come_first_and_what_is_left_for_later_is_not_asked_again() {
    let home = two_people().await;
    let session = home.session().await;
    session
        .decide(answer(&session, &["1:0", "2:0"], "Ada"))
        .await
        .unwrap();
    let mut review = Review::new(session.clone(), options(true));
    let said = talk(&mut review, &["", "Bob"]).await;
    assert_eq!(
        said,
        [
            "6 faces without a name form 2 clusters of 2 or more (threshold 0.6).\n\
             First, 1 suggestion for a known person (3 faces).\n\
             2 answers are enough for all of them.",
            "Suggestion 1 of 1: 3 faces\nThey look like Ada. 2 more answers are enough for all of the faces.",
            "Is this Ada? ",
            "Cluster 1 of 1: 3 faces",
            "Who is this? Bob",
            "3 faces: Bob",
            "Through",
        ]
    );
    // No: not suggested again, and skipped when the cluster gets the name, unless that is confirmed.
    let mut review = Review::new(session.clone(), options(true));
    let said = talk(&mut review, &["eve", "maybe", "", "n", "ada", "", ":q"]).await;
    assert_eq!(
        said[2..],
        [
            "Is this Ada? eve",
            "No one is called eve yet. Is that the name? [y/N] maybe",
            "Please type y or n.",
            "No one is called eve yet. Is that the name? [y/N] ",
            "Is this Ada? n",
            "3 faces: not Ada",
            "Now the rest: 1 cluster of 2 or more.",
            "Cluster 1 of 1: 3 faces",
            "Who is this? ada",
            "Faces 1 2 3 were said not to be ada before, so they were skipped.",
            "Name them ada anyway? [y/N] ",
            "Through",
        ]
    );
    assert_eq!(review.counters().rejected, 3);
    let mut review = Review::new(session, options(true));
    talk(&mut review, &["ada", "y"]).await;
    assert_eq!((review.counters().named, named(&home).await), (3, 8));
}

#[tokio::test]
async fn undo_goes_back_to_the_question() {
    let home = two_people().await;
    let session = home.session().await;
    let mut review = Review::new(session.clone(), options(false));
    let said = talk(&mut review, &[":u", ":i", ":u", "Wrong"]).await;
    assert_eq!(
        said[1..],
        [
            "Cluster 1 of 2: 5 faces\n2 more answers are enough for all of the faces.",
            "Who is this? :u",
            "Nothing to undo in this session.",
            "Who is this? :i",
            "5 faces: strangers",
            "Cluster 2 of 2: 3 faces",
            "Who is this? :u",
            "Undone: entry 1, strangers. 5 faces are as before.",
            "Cluster 1 of 2: 5 faces\n2 more answers are enough for all of the faces.",
            "Who is this? Wrong",
            "5 faces: Wrong",
            "Cluster 2 of 2: 3 faces",
            "Who is this?",
        ]
    );
    // Undone elsewhere: no error, and asked again.
    let last = home.store.last_decision().await.unwrap().unwrap();
    session.undo(last).await.unwrap();
    let said = talk(&mut review, &[":u"]).await;
    assert_eq!(said[1], "Already undone elsewhere: Wrong.");
    assert_eq!(review.counters(), Counters::default());
}

/// Decides about faces as another program would, while a question is open.
async fn decide_elsewhere(session: &Session, faces: &[&str], decision: Decision) {
    let faces = faces.iter().map(|id| session.face(id).unwrap());
    let answer = Answer {
        faces: faces.collect(),
        decision,
        rejected: Vec::new(),
        force: false,
        open: Vec::new(),
    };
    session.decide(answer).await.unwrap();
}

pub(super) fn who(text: &str) -> Decision {
    Decision::Named(Name::new(text).unwrap())
}

#[tokio::test]
async fn an_answer_never_overrules_one_that_the_person_has_not_seen() {
    let home = two_people().await;
    let (here, there) = (home.session().await, home.session().await);
    let mut review = Review::new(here, options(true));
    talk(&mut review, &[]).await;
    decide_elsewhere(&there, &["1:0", "2:0"], Decision::Ignored).await;
    decide_elsewhere(&there, &["3:0"], who("Bob")).await;
    let said = talk(&mut review, &[":i"]).await;
    assert_eq!(
        said[1..4],
        [
            "Answered elsewhere meanwhile: of these faces 1 is Bob, 2 are strangers. \
             Nothing of that was changed; 2 faces are left.",
            "Cluster 1 of 2: 2 faces\n2 more answers are enough for about 62% of the faces.",
            "Who is this?"
        ]
    );
    assert_eq!(named(&home).await, 1);
    let said = talk(&mut review, &[":i"]).await;
    assert_eq!(said[1], "2 faces: strangers");
    // A script has a line for each question: what is left of the faces gets its answer.
    let home = two_people().await;
    let (here, there) = (home.session().await, home.session().await);
    let mut review = Review::new(here, options(false));
    talk(&mut review, &[]).await;
    decide_elsewhere(&there, &["1:0"], who("Bob")).await;
    let said = talk(&mut review, &["Ada"]).await;
    assert!(said[1].starts_with("Answered elsewhere meanwhile: of these faces 1 is Bob."));
    assert_eq!(said[2], "4 faces: Ada");
}

#[tokio::test]
async fn what_is_answered_elsewhere_while_a_yes_is_waited_for_stays() {
    let home = two_people().await;
    let (here, there) = (home.session().await, home.session().await);
    let mut review = Review::new(here, options(true));
    let said = talk(&mut review, &["undo"]).await;
    assert!(said.last().unwrap().contains("[y/N]"), "{said:?}");
    decide_elsewhere(&there, &["1:0"], Decision::Ignored).await;
    let said = talk(&mut review, &["y"]).await;
    let told = "Answered elsewhere meanwhile: of these faces 1 is a stranger.";
    assert!(said.iter().any(|line| line.starts_with(told)), "{said:?}");
    assert_eq!(said.last().unwrap(), "Who is this?");
    assert_eq!(named(&home).await, 0);
}

#[tokio::test]
async fn a_script_is_refused_what_a_person_would_be_asked_about() {
    let home = two_people().await;
    let session = home.session().await;
    let mut review = Review::new(session.clone(), options(false));
    // A script may give any name to a cluster.
    talk(&mut review, &[":i", "yes"]).await;
    assert_eq!(named(&home).await, 3);
    let entry = home.store.last_decision().await.unwrap().unwrap();
    session.undo(entry).await.unwrap();
    session
        .decide(answer(&session, &["5:0"], "y"))
        .await
        .unwrap();
    let mut review = Review::new(session, options(false));
    let said = talk(&mut review, &["Eve", ":d"]).await;
    assert_eq!(
        said[2..],
        [
            "Is this y? Eve",
            "the question is: is this y? Expected y, n, or the name of a known person; \
             --no-suggestions skips such questions",
            "Is this y? :d",
            "there are no stricter groups to go on to; :d is for `cluster-faces sweep`",
            "Is this y?",
        ]
    );
}

#[tokio::test]
async fn thresholds_follow_each_other() {
    let home = two_people().await;
    let session = home.session().await;
    let sweep = Options {
        thresholds: vec![0.6, 0.55],
        ..options(false)
    };
    let mut review = Review::new(session.clone(), sweep.clone());
    let said = talk(&mut review, &[":d", ":?", ":i", ":i"]).await;
    assert!(said[0].starts_with(
        "Step 1 of 2: 8 faces left without a name form 2 clusters of 2 or more (threshold 0.6)."
    ));
    assert_eq!(said[2], "Who is this? :d");
    assert!(said[3].starts_with("Step 2 of 2: 8 faces") && said[3].contains("(threshold 0.55)."));
    assert!(said[6].contains("take faces 3, 7, 8 and 9 out") && !said[6].contains(":d"));
    assert_eq!(said.last().unwrap(), "Through");
    let mut review = Review::new(session, sweep);
    assert_eq!(talk(&mut review, &[]).await, ["NothingToAsk"]);
}

#[tokio::test]
async fn pages_show_every_face_and_first_some_of_each_kind() {
    let home = two_people().await;
    let session = home.session().await;
    let mut review = Review::new(session, options(true));
    let shown = loop {
        match review.next().await.unwrap() {
            Next::Tell(Event::Show(shown)) => break shown,
            Next::Tell(_) => {}
            _ => panic!("it asks before it shows"),
        }
    };
    let page = |page, most| -> Vec<usize> {
        let faces = shown.page(page, most);
        faces.into_iter().map(|(number, _)| number).collect()
    };
    assert_eq!(shown.left().count(), 5);
    assert_eq!(page(0, 5), [1, 2, 3, 4, 5]);
    assert_eq!(page(0, 2), [1, 5]);
    assert_eq!(
        [page(1, 2), page(2, 2), page(3, 2)],
        [vec![2, 3], vec![4], vec![1, 5]]
    );
    assert_eq!(
        (page(0, 1), page(4, 1), page(0, 0)),
        (vec![1], vec![5], vec![1])
    );
}

#[tokio::test]
async fn what_was_taken_out_is_remembered_whatever_follows_and_given_back_first() {
    let home = two_people().await;
    let session = home.session().await;
    session
        .decide(answer(&session, &["1:0", "2:0"], "Ada"))
        .await
        .unwrap();
    let rejections = async || home.store.rejections().await.unwrap().len();
    for (number, line) in (1..).zip(["", ":i", ":q"]) {
        let mut review = Review::new(session.clone(), options(true));
        // Taken out, given back, and taken out again.
        let said = talk(&mut review, &[":x 1", ":u", ":x 1", line]).await;
        assert_eq!(
            said[3..7],
            [
                "Suggestion 1 of 1: 2 faces\nThey look like Ada.",
                "Is this Ada? :u",
                "Suggestion 1 of 1: 3 faces\nThey look like Ada.",
                "Is this Ada? :x 1"
            ]
        );
        assert_eq!(rejections().await, 1, "{line:?}");
        let entry = home.store.last_decision().await.unwrap().unwrap();
        session.undo(entry).await.unwrap();
        assert_eq!(rejections().await, 0, "{number}");
    }
    // Those taken out of a cluster stay out of it when it comes again.
    let home = two_people().await;
    let session = home.session().await;
    let sweep = Options {
        thresholds: vec![0.6, 0.55],
        ..options(true)
    };
    let mut review = Review::new(session, sweep);
    let said = talk(&mut review, &[":x 1-2", "", ":d"]).await;
    let shown = said
        .iter()
        .filter(|line| line.starts_with("Cluster 1 of 2"));
    let shown: Vec<_> = shown.filter_map(|line| line.lines().next()).collect();
    assert_eq!(
        shown,
        [
            "Cluster 1 of 2: 5 faces",
            "Cluster 1 of 2: 3 faces",
            "Cluster 1 of 2: 3 faces"
        ]
    );
}

#[tokio::test]
async fn a_name_that_may_be_a_slip_is_confirmed_but_not_a_scripts() {
    let home = two_people().await;
    let session = home.session().await;
    let mut review = Review::new(session.clone(), options(true));
    let said = talk(&mut review, &["q", "", "x 3 4", "n", "12", "y", "1"]).await;
    assert_eq!(
        said[2..],
        [
            "Who is this? q",
            "The command is :q. Is q really a name? [y/N] ",
            "Who is this? x 3 4",
            "The command is :x. Is x 3 4 really a name? [y/N] n",
            "Who is this? 12",
            "That is a number. Is 12 really a name? [y/N] y",
            "5 faces: 12",
            "Cluster 2 of 2: 3 faces",
            "Who is this? 1",
            "That is a number. Is 1 really a name? [y/N]",
        ]
    );
    assert_eq!(named(&home).await, 5);
    let mut review = Review::new(session, options(false));
    talk(&mut review, &["q"]).await;
    assert_eq!(named(&home).await, 8);
}

#[tokio::test]
async fn nobody_is_twice_in_a_photo_unasked() {
    // The number of faces named in the end, by the answer.
    for (line, expected, rejected) in [("y", 5, 1), ("n", 6, 0), ("", 1, 0)] {
        let home = two_people().await;
        let session = home.session().await;
        // In the photo of both, the other one is Ada.
        session
            .decide(answer(&session, &["7:1"], "Ada"))
            .await
            .unwrap();
        let mut review = Review::new(session, options(true));
        let said = talk(&mut review, &["", "Ada", line]).await;
        let asked =
            format!("Ada is on 1 of these photos already: take that face out? [y/n] {line}");
        assert!(said.contains(&asked), "{said:#?}");
        let rejections = home.store.rejections().await.unwrap().len();
        assert_eq!(
            (named(&home).await, rejections),
            (expected, rejected),
            "{line:?}"
        );
    }
}
