//! What `tag-photos` keeps and reads.

use super::*;
use crate::flickr::NoteRect;

/// A tag of photo 7 that is about to be added.
pub(super) fn begun(item: &str) -> FlickrWrite {
    FlickrWrite {
        kind: WriteKind::Tag,
        photo: photo("7"),
        item: item.to_owned(),
        text: item.to_owned(),
        clean: None,
        people: vec![item.to_owned()],
        place: None,
        state: WriteState::Begun,
        flickr_id: None,
        error: None,
        code: None,
        written: 5,
    }
}

pub(super) async fn the_journal_of_writes_keeps_the_last_word(store: Store) {
    let tag = FlickrWrite {
        text: "Ada Lovelace".to_owned(),
        clean: Some("adalovelace".to_owned()),
        people: vec!["Ada Lovelace".to_owned(), "Ada-Lovelace".to_owned()],
        ..begun("adalovelace")
    };
    let note = FlickrWrite {
        kind: WriteKind::Note,
        people: Vec::new(),
        place: Some(NoteRect {
            x: 1,
            y: 2,
            w: 30,
            h: 40,
        }),
        ..tag.clone()
    };
    let both = [note.clone(), tag.clone()];
    store.record_writes(&both, 5).await.unwrap();
    assert_eq!(store.flickr_writes().await.unwrap(), both);
    let states = [
        WriteState::Added,
        WriteState::Preexisting,
        WriteState::Failed,
        WriteState::Removing,
        WriteState::Removed,
        WriteState::RemovedElsewhere,
    ];
    for state in states {
        let tag = FlickrWrite {
            state,
            flickr_id: Some("1-7-99".to_owned()),
            error: Some("why".to_owned()),
            written: 6,
            ..tag.clone()
        };
        store
            .record_writes(std::slice::from_ref(&tag), 6)
            .await
            .unwrap();
        assert_eq!(store.flickr_writes().await.unwrap(), [note.clone(), tag]);
    }
}

pub(super) async fn named_faces_and_tags_are_there_for_tagging(store: Store) {
    store
        .add_listed(&[listed(7, 10), listed(8, 20)])
        .await
        .unwrap();
    let lying = FoundFace {
        turn: Turn::Quarter,
        ..found(400, 0.1)
    };
    let faces = vec![lying, found(10, 0.2), found(800, 0.3)];
    store
        .finish(&photo("7"), &with(), &done(faces))
        .await
        .unwrap();
    let ids: Vec<_> = undecided(&store).await;
    let ids: Vec<_> = ids.into_iter().map(|face| face.id).collect();
    store
        .decide(&ids[..2], &Decision::Named(ada()), &[], 99)
        .await
        .unwrap();
    let ada = store.people().await.unwrap().remove(0);
    let named = store.named_faces().await.unwrap();
    let found: Vec<_> = named
        .iter()
        .map(|face| (face.photo.as_str(), face.person, face.face.rect.left))
        .collect();
    assert_eq!(found, [("7", ada.id, 10), ("7", ada.id, 400)]);
    assert_eq!(named[0].face.image, (1024, 768));
    let titles = store.photo_titles().await.unwrap();
    let taken = Some("2005-07-12 12:34:56".to_owned());
    assert_eq!((&titles[0].taken, titles[0].rotation), (&taken, Some(90)));
    let crops = store.named_crops(&photo("7")).await.unwrap();
    let lefts: Vec<_> = crops.iter().map(|crop| crop.face.rect.left).collect();
    assert_eq!((lefts, crops[0].jpeg.is_empty()), (vec![400, 10], false));
    let turns: Vec<_> = crops.iter().map(|crop| crop.turn).collect();
    assert_eq!(turns, [Turn::Quarter, Turn::None]);
    let titles: Vec<_> = titles.iter().map(|photo| photo.title.as_str()).collect();
    assert_eq!(titles, ["photo 7", "photo 8"]);

    let tags = |id: &str, tags: &[&str]| {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        (photo(id), tags)
    };
    let read = [tags("8", &["ada", "sea"]), tags("99", &["nobody"])];
    store.keep_tags(&read).await.unwrap();
    let kept: Vec<Option<String>> = sqlx::query_scalar("SELECT tags FROM photos ORDER BY id")
        .fetch_all(&store.pool)
        .await
        .unwrap();
    assert_eq!(
        kept,
        [Some("garden".to_owned()), Some("ada sea".to_owned())]
    );
}

pub(super) async fn one_tag_photos_at_a_time(store: Store) {
    let lock = store.lock_for_tagging().await.unwrap();
    let refused = store.lock_for_tagging().await.unwrap_err();
    assert!(
        matches!(
            refused,
            StoreError::InUse {
                by: "tag-photos",
                ..
            }
        ),
        "{refused}"
    );
    // A download may run meanwhile.
    drop(store.lock_for_download().unwrap());
    drop(lock);
    // PostgreSQL notices a moment later that the connection is gone.
    for _ in 0..100 {
        if store.lock_for_tagging().await.is_ok() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("still locked");
}
