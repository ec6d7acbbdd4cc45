//! Groups of faces without a name that are one person's, or are not.

use super::*;

fn ids(faces: &[&str]) -> Vec<FaceId> {
    faces.iter().map(|face| face.parse().unwrap()).collect()
}

fn pair(left: &[&str], right: &[&str], is_same: bool) -> GroupPair {
    GroupPair {
        left: ids(left),
        right: ids(right),
        is_same,
    }
}

async fn say(store: &Store, groups: Vec<GroupPair>) -> JournalId {
    let together = Together {
        groups,
        ..Together::default()
    };
    let decided = store.decide_together(&together, 9).await.unwrap();
    decided.unwrap().entry
}

/// What is said: the faces of both sides, by the number of what was said, and whether it is that they are one person's.
async fn said(store: &Store) -> Vec<(String, String, bool)> {
    let mut said: Vec<(i64, [Vec<String>; 2], bool)> = Vec::new();
    for face in store.said_of_groups().await.unwrap() {
        if said.last().is_none_or(|(number, ..)| *number != face.said) {
            said.push((face.said, Default::default(), face.is_same));
        }
        let (_, sides, is_same) = said.last_mut().unwrap();
        assert_eq!(*is_same, face.is_same);
        sides[usize::from(face.side == Side::Right)].push(face.face.to_string());
    }
    let words = |(_, [left, right], is_same): (i64, [Vec<String>; 2], bool)| {
        (left.join(" "), right.join(" "), is_same)
    };
    said.into_iter().map(words).collect()
}

/// Two photos of two faces each, 7 and 8.
async fn fill(store: &Store) {
    let photos = [listed(7, 10), listed(8, 20)];
    store.add_listed(&photos).await.unwrap();
    for id in ["7", "8"] {
        let two = done(vec![found(10, 1.0), found(300, 2.0)]);
        store.finish(&photo(id), &with(), &two).await.unwrap();
    }
}

fn words(left: &str, right: &str, is_same: bool) -> (String, String, bool) {
    (left.to_owned(), right.to_owned(), is_same)
}

pub(super) async fn what_is_said_of_groups_is_kept_and_undone(store: Store) {
    fill(&store).await;
    let groups = vec![
        pair(&["8:0", "7:0"], &["7:1"], true),
        pair(&["7:1"], &["8:1"], false),
    ];
    let first = say(&store, groups).await;
    let of_first = [words("7:0 8:0", "7:1", true), words("7:1", "8:1", false)];
    assert_eq!(said(&store).await, of_first);
    let entry = &store.journal(1).await.unwrap()[0];
    assert_eq!(
        (entry.kind, entry.what.as_str(), entry.faces),
        (Kind::Pairs, "1 pair is one person; 1 pair is two people", 0)
    );
    // What is said later is kept beside it; undone, the first is left.
    let second = say(&store, vec![pair(&["7:0"], &["8:0"], false)]).await;
    let mut both = of_first.to_vec();
    both.push(words("7:0", "8:0", false));
    assert_eq!(said(&store).await, both);
    let undone = store.undo(second, 10).await.unwrap();
    assert_eq!(said(&store).await, of_first);
    store.undo(undone.entry, 11).await.unwrap();
    assert_eq!(said(&store).await, both);
    store.undo(second, 12).await.unwrap();

    // Photo 8 is processed again, and one of its faces is not found: what was said of the other is.
    let again = done(vec![found(12, 1.0)]);
    store.finish(&photo("8"), &with(), &again).await.unwrap();
    let left = said(&store).await;
    assert_eq!(
        left,
        [words("7:0 8:2", "7:1", true), words("7:1", "", false)]
    );
    store.undo(first, 13).await.unwrap();
    assert_eq!(said(&store).await, []);
    // Of a face that is not there nothing is said.
    say(&store, vec![pair(&["7:0"], &["8:1"], true)]).await;
    assert_eq!(said(&store).await, [words("7:0", "", true)]);
}

pub(super) async fn groups_that_are_two_people_are_not_each_others_once_one_has_a_name(
    store: Store,
) {
    let photos = [listed(7, 10), listed(8, 20), listed(9, 30)];
    store.add_listed(&photos).await.unwrap();
    for id in ["7", "8", "9"] {
        let two = done(vec![found(10, 1.0), found(300, 2.0)]);
        store.finish(&photo(id), &with(), &two).await.unwrap();
    }
    let decide = async |faces: &[&str], decision: &str| {
        let decision = match decision {
            "" => Decision::Ignored,
            name => Decision::Named(Name::new(name).unwrap()),
        };
        let decided = store.decide(&ids(faces), &decision, &[], 20).await;
        decided.unwrap().entry
    };
    let denied = async || -> Vec<String> {
        let rejections = store.rejections().await.unwrap().into_iter();
        let words = rejections.map(|(face, person)| format!("{face} {person}"));
        words.collect()
    };
    // 7 and 8 are two people, and so are 8 and 9; 7:0 and 9:0 are one.
    let groups = vec![
        pair(&["7:0", "7:1"], &["8:0", "8:1"], false),
        pair(&["9:0", "9:1"], &["8:0", "8:1"], false),
        pair(&["7:0"], &["9:0"], true),
    ];
    let said = say(&store, groups).await;
    // Strangers are nobody, and are not told apart from anybody.
    let strangers = decide(&["7:0", "7:1"], "").await;
    assert_eq!(denied().await, [""; 0]);
    store.undo(strangers, 21).await.unwrap();
    // Of a face of 8 both others are told apart; half of a group is enough.
    let ada = decide(&["8:0"], "Ada").await;
    assert_eq!(denied().await, ["7:0 1", "7:1 1", "9:0 1", "9:1 1"]);
    // The other one gets a name, which the first one's faces are not, named or not.
    let bob = decide(&["7:0", "7:1"], "Bob").await;
    let both = ["7:0 1", "7:1 1", "8:0 2", "8:1 2", "9:0 1", "9:1 1"];
    assert_eq!(denied().await, both);
    // Undone with the naming, in any order.
    store.undo(ada, 22).await.unwrap();
    assert_eq!(denied().await, ["8:0 2", "8:1 2"]);
    store.undo(bob, 23).await.unwrap();
    assert_eq!(denied().await, [""; 0]);
    // All of them as one: who says so has the later word.
    let all = decide(&["7:0", "7:1", "8:0", "8:1"], "Ada").await;
    assert_eq!(denied().await, ["9:0 1", "9:1 1"]);
    store.undo(all, 24).await.unwrap();
    // What was said is undone: a name says nothing about others.
    store.undo(said, 25).await.unwrap();
    decide(&["8:0", "8:1"], "Ada").await;
    assert_eq!(denied().await, [""; 0]);

    // In a group of three one face with a name is not enough: it may have been wrong there.
    say(&store, vec![pair(&["7:0", "7:1", "9:0"], &["9:1"], false)]).await;
    decide(&["7:0"], "Max").await;
    assert_eq!(denied().await, [""; 0]);
    // Another, by an answer about rows.
    let together = Together {
        decisions: vec![(ids(&["7:1"]), Decision::Named(Name::new("Max").unwrap()))],
        ..Together::default()
    };
    store.decide_together(&together, 26).await.unwrap();
    assert_eq!(denied().await, ["9:1 3"]);
}

pub(super) async fn what_was_kept_of_typical_faces_is_kept_of_groups_of_one(store: Store) {
    // As the format before had it.
    for statement in [
        "DROP TABLE group_pairs",
        "ALTER TABLE journal DROP COLUMN token",
        "DELETE FROM store_format",
    ] {
        sqlx::query(statement).execute(&store.pool).await.unwrap();
    }
    let makes_it = |statements: &&[&str]| statements[0].starts_with("CREATE TABLE group_pairs");
    let before = schema::MIGRATIONS.iter().position(makes_it).unwrap();
    for statement in schema::MIGRATIONS[before - 1] {
        sqlx::query(*statement).execute(&store.pool).await.unwrap();
    }
    let format = format!("INSERT INTO store_format (format) VALUES ({before})");
    sqlx::query(AssertSqlSafe(format))
        .execute(&store.pool)
        .await
        .unwrap();
    fill(&store).await;
    for statement in [
        "INSERT INTO face_pairs (face, other, same) VALUES ('7:0', '8:0', 1), ('7:1', '8:1', 0)",
        "INSERT INTO journal (id, made, kind, what, stands) VALUES
            (1, 5, 'pairs', '1 pair is one person; 1 pair is two people', 1), (2, 6, 'pairs', '1 pair is one person', 0)",
        "INSERT INTO journal (id, made, kind, what, undoes) VALUES (3, 7, 'undo', '1 pair is one person', 2)",
        "INSERT INTO journal_changes (entry, subject, face, person, photo, was, became) VALUES
            (1, 'pair', '7:0', 0, '8:0', NULL, 'same'), (1, 'pair', '7:1', 0, '8:1', NULL, 'two'),
            (2, 'pair', '7:1', 0, '8:1', 'two', 'same'), (2, 'pair', '7:0', 0, '7:1', NULL, 'same')",
        "UPDATE journal_last SET entry = 3",
    ] {
        sqlx::query(statement).execute(&store.pool).await.unwrap();
    }
    store.migrate(schema::MIGRATIONS).await.unwrap();
    let mut now = said(&store).await;
    now.sort();
    let first = [words("7:0", "8:0", true), words("7:1", "8:1", false)];
    assert_eq!(now, first);
    // Undoing the undoing, and the first entry.
    store.undo(JournalId(3), 8).await.unwrap();
    let mut now = said(&store).await;
    now.sort();
    let second = [
        words("7:0", "7:1", true),
        words("7:0", "8:0", true),
        words("7:1", "8:1", true),
    ];
    assert_eq!(now, second);
    store.undo(JournalId(2), 9).await.unwrap();
    store.undo(JournalId(1), 10).await.unwrap();
    assert_eq!(said(&store).await, []);
}
