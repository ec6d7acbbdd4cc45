mod budget;
mod claims;
mod group_pairs;
mod journal;
mod large;
mod naming;
mod outages;
mod plans;
mod processing;
mod server;
mod tagging;
mod wire;

use std::{fs, os::unix::fs::PermissionsExt};

use sqlx::{AnyPool, AssertSqlSafe};
use tokio_util::sync::CancellationToken;

use self::tagging::{
    named_faces_and_tags_are_there_for_tagging, one_tag_photos_at_a_time,
    the_journal_of_writes_keeps_the_last_word,
};
use self::{
    budget::{a_clock_that_is_set_back_holds_nobody_up, programs_share_the_calls_of_a_key},
    claims::{
        a_claim_is_as_quick_with_many_photos,
        a_folders_dead_run_is_known_and_the_machines_are_named,
        machines_that_claim_at_once_claim_each_photo_once, only_who_has_claimed_a_photo_ends_it,
        photos_are_claimed_by_attempts_and_then_date,
        photos_are_ended_together_but_those_of_others, what_a_dead_run_has_claimed_is_free,
    },
    group_pairs::{
        groups_that_are_two_people_are_not_each_others_once_one_has_a_name,
        what_is_said_of_groups_is_kept_and_undone,
        what_was_kept_of_typical_faces_is_kept_of_groups_of_one,
    },
    journal::{
        a_decision_can_be_undone, a_face_taken_out_of_a_person_is_known_not_to_be_theirs,
        every_undoing_restores_exactly, people_are_renamed_and_merged,
        the_journal_follows_faces_that_are_found_again, the_later_answer_is_kept_and_reported,
        two_who_decide_at_once_both_do, what_cannot_be_undone_says_why, who_comes_back_has_a_name,
    },
    naming::the_session_reads_places_tags_and_denials,
    processing::{
        a_deleted_photo_is_not_asked_about_and_keeps_its_names,
        a_store_of_format_1_keeps_everything,
        another_picture_is_processed_again_and_names_follow_its_faces,
        every_setting_that_faces_depend_on_is_remembered,
        faces_of_two_networks_are_never_read_together,
    },
};
use super::*;
use crate::{
    faces::{Descriptor, Detector, Face, Models, Quality, Rect, Turn},
    naming::{Name, quality_filter::FaceQuality},
};

impl Store {
    /// What has been decided about the faces of [`Self::faces`], in their order.
    pub(crate) async fn face_states(&self) -> Result<Vec<(FaceId, FaceState)>> {
        let faces = self.faces().await?.into_iter();
        Ok(faces.map(|face| (face.id, face.state)).collect())
    }
}

pub(super) fn with() -> Processing {
    Processing {
        max_size: 1024,
        detector: Detector::Hog,
        upsample: 1,
        min_face: 40,
        turned: false,
        encoder: Models::ENCODER.sha256.to_owned(),
        engine: "test",
    }
}

/// Runs each test on both databases; on PostgreSQL where `cargo xtask test` has started one.
macro_rules! on_both_databases {
    ($($test:ident,)*) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("a store?#%41.sqlite");
                super::$test(Store::open(file.to_str().unwrap()).await.unwrap()).await;
            })*
            use super::Store;
        }
        mod postgres {
            $(#[tokio::test]
            #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
            async fn $test() {
                super::$test(super::on_postgres(stringify!($test)).await).await;
            })*
        }
    };
}

on_both_databases! {
    photos_are_claimed_by_attempts_and_then_date,
    what_a_dead_run_has_claimed_is_free,
    a_folders_dead_run_is_known_and_the_machines_are_named,
    only_who_has_claimed_a_photo_ends_it,
    photos_are_ended_together_but_those_of_others,
    machines_that_claim_at_once_claim_each_photo_once,
    a_claim_is_as_quick_with_many_photos,
    the_start_image_is_the_first_photo_not_yet_processed,
    a_face_comes_back_as_it_was_stored,
    the_session_reads_places_tags_and_denials,
    what_is_said_of_groups_is_kept_and_undone,
    groups_that_are_two_people_are_not_each_others_once_one_has_a_name,
    what_was_kept_of_typical_faces_is_kept_of_groups_of_one,
    names_outlive_processing_again,
    every_setting_that_faces_depend_on_is_remembered,
    faces_of_two_networks_are_never_read_together,
    a_store_of_format_1_keeps_everything,
    another_picture_is_processed_again_and_names_follow_its_faces,
    a_deleted_photo_is_not_asked_about_and_keeps_its_names,
    a_decision_can_be_undone,
    every_undoing_restores_exactly,
    the_later_answer_is_kept_and_reported,
    what_cannot_be_undone_says_why,
    people_are_renamed_and_merged,
    who_comes_back_has_a_name,
    a_face_taken_out_of_a_person_is_known_not_to_be_theirs,
    the_journal_follows_faces_that_are_found_again,
    two_who_decide_at_once_both_do,
    the_journal_of_writes_keeps_the_last_word,
    named_faces_and_tags_are_there_for_tagging,
    one_tag_photos_at_a_time,
    programs_share_the_calls_of_a_key,
    a_clock_that_is_set_back_holds_nobody_up,
}

/// A store in a schema of its own.
async fn on_postgres(test: &str) -> Store {
    sqlx::any::install_default_drivers();
    let address = std::env::var("FLICKR_FACES_TEST_POSTGRES").expect("run cargo xtask test");
    // PostgreSQL cuts names at 63 bytes.
    let schema: String = format!("t{}_{test}", std::process::id())
        .chars()
        .take(60)
        .collect();
    let admin = AnyPool::connect(&address).await.unwrap();
    sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&admin)
        .await
        .unwrap();
    Store::open(&format!("{address}?options=-csearch_path%3D{schema}"))
        .await
        .unwrap()
}

fn photo(id: &str) -> PhotoId {
    id.parse().unwrap()
}

/// The faces that nothing was decided about.
async fn undecided(store: &Store) -> Vec<StoredFace> {
    let mut faces = store.faces().await.unwrap();
    faces.retain(|face| face.state == FaceState::Unnamed);
    faces
}

pub(super) fn listed(id: u64, uploaded: i64) -> ListedPhoto {
    ListedPhoto {
        id: photo(&id.to_string()),
        uploaded,
        title: format!("photo {id}"),
        tags: vec!["garden".to_owned()],
        taken: Some("2005-07-12 12:34:56".to_owned()),
        rotation: Some(90),
        secret: None,
        image: Some(ListedImage {
            url: format!("https://live.staticflickr.com/1/{id}_x_b.jpg"),
            width: 1024,
            height: 768,
        }),
    }
}

pub(super) fn found(left: i32, mark: f32) -> FoundFace {
    FoundFace {
        face: Face {
            rect: Rect {
                left,
                top: 10,
                right: left + 99,
                bottom: 109,
            },
            score: Some(0.5),
            landmarks: [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]],
            quality: Quality {
                sharpness: 80.0,
                yaw: 0.25,
            },
            descriptor: Descriptor([mark; 128]),
        },
        crop: vec![0xff, 0xd8, mark as u8],
        turn: Turn::None,
    }
}

pub(super) fn done(faces: Vec<FoundFace>) -> Outcome {
    Outcome::Done {
        width: 1024,
        height: 768,
        faces,
    }
}

pub(super) fn ada() -> Name {
    Name::new("Ada Lovelace").unwrap()
}

async fn the_start_image_is_the_first_photo_not_yet_processed(store: Store) {
    assert_eq!(store.start_image().await.unwrap(), 0);
    let page = [listed(1, 10), listed(2, 20), listed(3, 30)];
    store.add_listed(&page).await.unwrap();
    assert_eq!(store.start_image().await.unwrap(), 0);
    store
        .finish(&photo("2"), &with(), &done(vec![]))
        .await
        .unwrap();
    assert_eq!(store.start_image().await.unwrap(), 0);
    store
        .finish(&photo("1"), &with(), &Outcome::Failed("cut".to_owned()))
        .await
        .unwrap();
    assert_eq!(store.start_image().await.unwrap(), 2);
    store
        .finish(
            &photo("3"),
            &with(),
            &Outcome::NoImage("a video".to_owned()),
        )
        .await
        .unwrap();
    assert_eq!(store.start_image().await.unwrap(), 3);
    let earlier = store.start_image_after(None).await.unwrap();
    let later = store
        .start_image_after(Some(earlier.clone()))
        .await
        .unwrap();
    assert_eq!((&later, later.index), (&earlier, 3));
    assert_eq!(store.begin_run(None).await.unwrap(), 1);
    assert_eq!(store.start_image().await.unwrap(), 0);
    // Counted on: back to what failed, and then on.
    let again = store.start_image_after(Some(later)).await.unwrap();
    assert_eq!(again.index, 0);
    store.add_listed(&[listed(4, 40)]).await.unwrap();
    store
        .finish(&photo("1"), &with(), &done(vec![]))
        .await
        .unwrap();
    let on = store.start_image_after(Some(again)).await.unwrap();
    assert_eq!(on.index, 3);
    assert_eq!(store.start_image().await.unwrap(), 3);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.photos, counts.done, counts.no_image), (4, 2, 1));
}

async fn a_face_comes_back_as_it_was_stored(store: Store) {
    store.add_listed(&[listed(7, 10)]).await.unwrap();
    store
        .finish(
            &photo("7"),
            &with(),
            &done(vec![found(10, 0.25), found(400, 0.5)]),
        )
        .await
        .unwrap();
    let faces = undecided(&store).await;
    let ids: Vec<_> = faces.iter().map(|face| face.id.clone()).collect();
    assert_eq!(faces.len(), 2);
    assert_eq!(faces[0].photo, "7");
    assert_eq!(faces[1].descriptor, Descriptor([0.5; 128]));
    assert_eq!(store.crops(&ids[..1]).await.unwrap(), [vec![0xff, 0xd8, 0]]);
    store
        .decide(&ids[1..], &Decision::NotAFace, &[], 99)
        .await
        .unwrap();
    let all = store.faces().await.unwrap();
    let expected = |id: &FaceId, state, mark| StoredFace {
        id: id.clone(),
        photo: photo("7"),
        seen: FaceQuality {
            size: 100,
            score: Some(0.5),
            sharpness: Some(80.0),
            yaw: Some(0.25),
        },
        state,
        descriptor: Descriptor([mark; 128]),
        crowding: None,
    };
    assert_eq!(
        all,
        [
            expected(&ids[0], FaceState::Unnamed, 0.25),
            expected(&ids[1], FaceState::NotAFace, 0.5)
        ]
    );
    store
        .set_crowding(&[(ids[1].clone(), 0.375)])
        .await
        .unwrap();
    let crowding = store.faces().await.unwrap();
    let crowding: Vec<_> = crowding.iter().map(|face| face.crowding).collect();
    assert_eq!(crowding, [None, Some(0.375)]);
}

async fn names_outlive_processing_again(store: Store) {
    store.add_listed(&[listed(7, 10)]).await.unwrap();
    let three = vec![found(10, 0.1), found(400, 0.2), found(800, 0.3)];
    store
        .finish(&photo("7"), &with(), &done(three))
        .await
        .unwrap();
    let ids: Vec<_> = (undecided(&store).await.into_iter())
        .map(|face| face.id)
        .collect();
    store
        .decide(&ids[..1], &Decision::Named(ada()), &ids[1..2], 99)
        .await
        .unwrap();
    store
        .decide(&ids[2..], &Decision::Ignored, &[], 99)
        .await
        .unwrap();

    // Ada is found again a little aside, the undecided face too, the stranger no more.
    let smaller = Processing {
        max_size: 640,
        ..with()
    };
    assert_eq!(store.outdated(&smaller).await.unwrap(), 1);
    assert_eq!(store.redo(&smaller).await.unwrap(), 1);
    let again = Outcome::Done {
        width: 512,
        height: 384,
        faces: [found(200, 0.5), found(6, 0.4)]
            .map(|mut found| {
                let rect = &mut found.face.rect;
                (rect.top, rect.right, rect.bottom) = (5, rect.left + 49, 54);
                found
            })
            .to_vec(),
    };
    store.finish(&photo("7"), &smaller, &again).await.unwrap();
    assert_eq!(store.outdated(&smaller).await.unwrap(), 0);

    let people = store.people_with_photos().await.unwrap();
    assert_eq!(people.len(), 1);
    assert_eq!(
        (people[0].name.as_str(), people[0].photos.len()),
        ("Ada Lovelace", 1)
    );
    let open = undecided(&store).await;
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].descriptor, Descriptor([0.5; 128]));
    let counts = store.counts().await.unwrap();
    assert_eq!(
        (counts.faces, counts.undecided),
        (3, 1),
        "the stranger is kept"
    );
    let rejected: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM rejections WHERE face = $1")
        .bind(&open[0].id)
        .fetch_one(&store.pool)
        .await
        .unwrap();
    assert_eq!(rejected, 1, "what the face is not, it still is not");
}

#[tokio::test]
async fn a_store_is_private_and_keeps_to_one_account() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sub/faces.sqlite");
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    store.bind_account("1@N00").await.unwrap();
    store.add_listed(&[listed(1, 1)]).await.unwrap();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{:?}", entry.file_name());
    }
    store.close().await;

    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    store.bind_account("1@N00").await.unwrap();
    let other = store.bind_account("2@N00").await.unwrap_err();
    assert!(matches!(other, StoreError::OtherAccount { .. }), "{other}");
    let lock = store.lock_for_download().unwrap();
    assert!(matches!(
        store.lock_for_download(),
        Err(StoreError::InUse { .. })
    ));
    drop(lock);
    store.lock_for_download().unwrap();
}

#[tokio::test]
async fn what_is_no_store_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let text = "dear diary, ".repeat(100);
    fs::write(&path, &text).unwrap();
    let error = Store::open(path.to_str().unwrap()).await.unwrap_err();
    assert!(matches!(error, StoreError::NotAStore { .. }), "{error}");
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let path = folder.path().join("newer.sqlite");
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    sqlx::query("UPDATE store_format SET format = 99")
        .execute(&store.pool)
        .await
        .unwrap();
    store.close().await;
    let error = Store::open(path.to_str().unwrap()).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 99, .. }),
        "{error}"
    );
}
