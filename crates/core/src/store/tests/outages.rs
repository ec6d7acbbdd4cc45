//! A server that goes away in the middle: of an answer, of the journal of writes, of a lock.

use super::{
    tagging::begun,
    wire::{Cut, Wire},
    *,
};

const MINUTE: Duration = Duration::from_secs(60);
const MS: Duration = Duration::from_millis(1);

/// The same store by a wire, for one that waits for its server and soon looks again.
async fn by_wire(store: &Store, stop: &CancellationToken) -> (Wire, Store) {
    let wire = Wire::to(&store.name).await;
    let store = Store::open(&wire.address).await.unwrap();
    let mut server = store.server(MINUTE, stop.clone());
    server.first_wait = 10 * MS;
    let waiting = Store {
        pool: store.pool.waited_for(Some(server)),
        ..store
    };
    (wire, waiting)
}

fn named(name: &str) -> Decision {
    Decision::Named(Name::new(name).unwrap())
}

/// Two faces of a photo.
async fn two_faces(store: &Store) -> Vec<FaceId> {
    store.add_listed(&[listed(7, 10)]).await.unwrap();
    let faces = vec![found(10, 0.2), found(800, 0.3)];
    let done = done(faces);
    store.finish(&photo("7"), &with(), &done).await.unwrap();
    let faces = undecided(store).await;
    faces.into_iter().map(|face| face.id).collect()
}

mod postgres {
    use super::*;

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn an_answer_is_kept_once_wherever_the_server_is_lost() {
        let store = on_postgres("answer_once").await;
        let ids = two_faces(&store).await;
        let (wire, waiting) = by_wire(&store, &CancellationToken::new()).await;
        let mut moments = 0;
        for how in [Cut::Before, Cut::After] {
            for moment in 0.. {
                let before = store.journal(1000).await.unwrap();
                let name = format!("{how:?} {moment}");
                wire.cut_at(moment, how);
                let decided = waiting
                    .decide(&ids[..1], &named(&name), &ids[1..], 99)
                    .await
                    .unwrap();
                let is_cut = wire.is_cut();
                wire.cut_at(-1, how);
                let after = store.journal(1000).await.unwrap();
                assert_eq!(after.len(), before.len() + 1, "{name}");
                let entry = &after[0];
                assert_eq!((entry.id, entry.what.as_str()), (decided.entry, &*name));
                // What it overruled is told as it was before it, not as it has made it.
                let was = decided.overruled.first().map(|(_, state)| *state);
                let faces = store.face_states().await.unwrap();
                let now = faces.iter().find(|(face, _)| *face == ids[0]);
                assert_ne!(was, now.map(|(_, state)| *state), "{name}");
                assert_eq!(was.is_some(), moments > 0, "{name}");
                moments += 1;
                // Undone with the one entry that there is.
                let undone = store.undo(decided.entry, 100).await.unwrap();
                assert_eq!(undone.restored.len(), 1, "{name}");
                store
                    .decide(&ids[..1], &named("Before"), &[], 101)
                    .await
                    .unwrap();
                if !is_cut {
                    break;
                }
            }
        }
        assert!(moments > 12, "{moments}");
        assert_eq!(waiting.entries(), moments);
    }

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn an_undoing_is_made_once_wherever_the_server_is_lost() {
        let store = on_postgres("undo_once").await;
        let ids = two_faces(&store).await;
        let (wire, waiting) = by_wire(&store, &CancellationToken::new()).await;
        for moment in 0.. {
            let ada = named("Ada");
            let decided = store.decide(&ids, &ada, &[], 99).await.unwrap();
            wire.cut_at(moment, Cut::After);
            let undone = waiting.undo(decided.entry, 100).await.unwrap();
            let is_cut = wire.is_cut();
            wire.cut_at(-1, Cut::After);
            assert_eq!((undone.undoes, undone.restored.len()), (decided.entry, 2));
            assert_eq!(undecided(&store).await.len(), 2, "{moment}");
            if !is_cut {
                assert!(moment > 6, "{moment}");
                break;
            }
        }
    }

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn what_is_read_and_entered_is_whole_wherever_the_server_is_lost() {
        let store = on_postgres("whole").await;
        let ids = two_faces(&store).await;
        store
            .decide(&ids[..1], &named("Ada"), &[], 99)
            .await
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("journal.jsonl");
        let (wire, waiting) = by_wire(&store, &CancellationToken::new()).await;
        waiting.keep_write_log(&log, "1@N00").await.unwrap();
        let _lock = waiting.lock_for_tagging().await.unwrap();
        let faces = store.face_states().await.unwrap();
        for how in [Cut::Before, Cut::After] {
            for moment in 0.. {
                let lines = fs::read_to_string(&log).unwrap().lines().count();
                wire.cut_at(moment, how);
                let read = waiting.face_states().await.unwrap();
                let people = waiting.people().await.unwrap();
                let write = begun(&format!("{how:?} {moment}"));
                waiting
                    .record_writes(std::slice::from_ref(&write), 5)
                    .await
                    .unwrap();
                let is_cut = wire.is_cut();
                wire.cut_at(-1, how);
                assert_eq!(read, faces, "{how:?} {moment}");
                assert_eq!(people.len(), 1, "{how:?} {moment}");
                let writes = store.flickr_writes().await.unwrap();
                let found = writes.iter().filter(|found| **found == write).count();
                assert_eq!(found, 1, "{how:?} {moment}");
                let now = fs::read_to_string(&log).unwrap().lines().count();
                assert_eq!(now, lines + 1, "{how:?} {moment}");
                if !is_cut {
                    assert!(moment > 6, "{moment}");
                    break;
                }
            }
        }
    }

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn who_gives_up_is_told_what_became_of_the_answer() {
        let store = on_postgres("give_up").await;
        let ids = two_faces(&store).await;
        for (is_sent, expected) in [
            (false, "; what was decided is not saved"),
            (true, "; whether what was decided is saved is not known"),
        ] {
            let stop = CancellationToken::new();
            let (wire, waiting) = by_wire(&store, &stop).await;
            match is_sent {
                true => wire.cut_commit_for_good(),
                false => wire.cut_for_good(2),
            }
            let journal = store.journal(1000).await.unwrap().len();
            let answer = tokio::spawn({
                let (waiting, ids) = (waiting.clone(), ids.clone());
                async move { waiting.decide(&ids, &named("Cem"), &[], 100).await }
            });
            while !waiting.is_away() {
                assert!(!answer.is_finished(), "{is_sent}: it was not cut");
                tokio::time::sleep(MS).await;
            }
            tokio::time::sleep(50 * MS).await;
            assert!(!answer.is_finished());
            stop.cancel();
            let error = answer.await.unwrap().unwrap_err();
            assert!(error.is_stop(), "{error}");
            let text = error.to_string();
            assert!(text.contains("the wait for it was ended"), "{text}");
            assert!(text.contains(expected), "{text}");
            let kept = store.journal(1000).await.unwrap().len() - journal;
            assert_eq!(kept, usize::from(is_sent));
        }
    }

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn a_lost_lock_is_taken_again_before_anything_is_written_to_flickr() {
        let store = on_postgres("tag_lock").await;
        let (wire, waiting) = by_wire(&store, &CancellationToken::new()).await;
        let lock = waiting.lock_for_tagging().await.unwrap();
        // The server does not hear that this session has ended: it holds the lock still.
        wire.cut_at(0, Cut::Unheard);
        waiting.record_writes(&[begun("one")], 5).await.unwrap();
        assert!(wire.is_cut());
        let other = store.lock_for_tagging().await.unwrap_err();
        assert!(matches!(other, StoreError::InUse { .. }), "{other}");
        // Another is quicker: what a call has done is entered, no call is made.
        let end = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_locks
            WHERE locktype = 'advisory' AND objid = CAST(CAST(hashtext(
                'flickr-faces tag-photos ' || current_schema()) AS BIT(32)) AS BIGINT)";
        let ended: i64 = sqlx::query_scalar(end)
            .fetch_one(&store.pool)
            .await
            .unwrap();
        assert_eq!(ended, 1);
        let other = loop {
            match store.lock_for_tagging().await {
                Ok(lock) => break lock,
                Err(error) => assert!(matches!(error, StoreError::InUse { .. }), "{error}"),
            }
        };
        let added = FlickrWrite {
            state: WriteState::Added,
            ..begun("one")
        };
        waiting
            .record_writes(std::slice::from_ref(&added), 5)
            .await
            .unwrap();
        let error = waiting.record_writes(&[begun("two")], 5).await.unwrap_err();
        assert!(matches!(error, StoreError::LockLost { .. }), "{error}");
        assert!(error.is_stop());
        assert_eq!(store.flickr_writes().await.unwrap(), [added]);
        tokio::time::timeout(MINUTE, lock.lost()).await.unwrap();
        drop(other);
    }
}
