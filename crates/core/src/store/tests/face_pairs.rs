//! Faces without a name that are one person's, or are not.

use super::*;

pub(super) async fn what_is_said_of_two_faces_is_kept_and_undone(store: Store) {
    let photos = [listed(7, 10), listed(8, 20)];
    store.add_listed(&photos).await.unwrap();
    for id in ["7", "8"] {
        let two = done(vec![found(10, 1.0), found(300, 2.0)]);
        store.finish(&photo(id), &with(), &two).await.unwrap();
    }
    let pair = |face: &str, other: &str, is_same| FacePair {
        face: face.parse().unwrap(),
        other: other.parse().unwrap(),
        is_same,
    };
    let say = async |pairs: Vec<FacePair>| {
        let together = Together {
            pairs,
            ..Together::default()
        };
        let decided = store.decide_together(&together, 9).await.unwrap();
        decided.unwrap().entry
    };
    let first = say(vec![pair("8:0", "7:0", true), pair("7:1", "8:1", false)]).await;
    let said = [pair("7:0", "8:0", true), pair("7:1", "8:1", false)];
    assert_eq!(store.face_pairs().await.unwrap(), said);
    let entry = &store.journal(1).await.unwrap()[0];
    assert_eq!(
        (entry.kind, entry.what.as_str()),
        (Kind::Pairs, "1 pair is one person; 1 pair is two people")
    );
    // A later word; undone, the first one holds again.
    let second = say(vec![pair("7:0", "8:0", false)]).await;
    assert!(!store.face_pairs().await.unwrap()[0].is_same);
    store.undo(second, 10).await.unwrap();
    assert_eq!(store.face_pairs().await.unwrap(), said);

    // Photo 8 is processed again, and one of its faces is not found: what was said of the other is.
    let again = done(vec![found(12, 1.0)]);
    store.finish(&photo("8"), &with(), &again).await.unwrap();
    let left = store.face_pairs().await.unwrap();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].face.as_str(), "7:0");
    assert!(
        left[0].is_same && left[0].other.as_str() != "8:0",
        "{left:?}"
    );
    store.undo(first, 11).await.unwrap();
    assert_eq!(store.face_pairs().await.unwrap(), []);
    // Of a face that is not there nothing is said.
    say(vec![pair("7:0", "8:1", true)]).await;
    assert_eq!(store.face_pairs().await.unwrap(), []);
}
