//! What photos were processed with: remembered, compared, and known of stores older than that.

use std::time::Duration;

use super::*;
use crate::flickr::wire_tests::log::{Log, log_to};

pub(super) async fn every_setting_that_faces_depend_on_is_remembered(store: Store) {
    store
        .add_listed(&[listed(7, 10), listed(8, 20)])
        .await
        .unwrap();
    store
        .finish(&photo("7"), &with(), &done(vec![]))
        .await
        .unwrap();
    struct Case {
        with: Processing,
        otherwise: u64,
    }
    let cases = [
        (|_| ()) as fn(&mut Processing),
        |with| with.engine = "another",
        |with| with.max_size = 640,
        |with| with.detector = Detector::Cnn,
        |with| with.upsample = 0,
        |with| with.min_face = 80,
        |with| with.turned = true,
        |with| with.encoder = OTHER.to_owned(),
    ]
    .into_iter()
    .enumerate()
    .map(|(index, change)| {
        let mut with = with();
        change(&mut with);
        // Every engine gives the same numbers.
        let otherwise = u64::from(index > 1);
        Case { with, otherwise }
    });
    let mut wrong = Vec::new();
    for case in cases {
        let found = store.outdated(&case.with).await.unwrap();
        let again = store.redo(&case.with).await.unwrap();
        if (found, again) != (case.otherwise, case.otherwise) {
            wrong.push((case.with, found, again));
        }
        store
            .finish(&photo("7"), &with(), &done(vec![]))
            .await
            .unwrap();
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A descriptor network that is not dlib's.
const OTHER: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

pub(super) async fn faces_of_two_networks_are_never_read_together(store: Store) {
    let page = [listed(7, 10), listed(8, 20)];
    store.add_listed(&page).await.unwrap();
    let other = Processing {
        encoder: OTHER.to_owned(),
        ..with()
    };
    let photos = |faces: Vec<StoredFace>| -> Vec<PhotoId> {
        faces.into_iter().map(|face| face.photo).collect()
    };
    // As every store before this was known.
    assert_eq!(store.encoder().await.unwrap(), Models::ENCODER.sha256);
    let two = || done(vec![found(10, 0.1), found(400, 0.2)]);
    store.finish(&photo("7"), &with(), &two()).await.unwrap();
    store.finish(&photo("8"), &other, &two()).await.unwrap();
    let dlibs = undecided(&store).await;
    assert_eq!(photos(dlibs.clone()), ["7", "7"]);
    store
        .decide(
            std::slice::from_ref(&dlibs[0].id),
            &Decision::Named(ada()),
            &[],
            99,
        )
        .await
        .unwrap();

    store.set_encoder(OTHER).await.unwrap();
    assert_eq!(store.encoder().await.unwrap(), OTHER);
    assert_eq!(photos(undecided(&store).await), ["8", "8"]);
    assert_eq!(store.counts().await.unwrap().undecided, 3);

    // Marked to be processed again, they have their old numbers still.
    assert_eq!(store.redo(&other).await.unwrap(), 1);
    assert_eq!(photos(undecided(&store).await), ["8", "8"]);
    // The other network's photo is processed; its named face is not found again, and stays with
    // numbers that are dlib's.
    let one = done(vec![found(400, 0.3)]);
    store.finish(&photo("7"), &other, &one).await.unwrap();
    let all = undecided(&store).await;
    assert_eq!(photos(all), ["7", "8", "8"]);
    store
        .take_back(std::slice::from_ref(&dlibs[0].id), 100)
        .await
        .unwrap();
    let all = undecided(&store).await;
    assert_eq!(photos(all), ["7", "8", "8"], "not the face with dlib's");
    assert_eq!(store.counts().await.unwrap().undecided, 4);
}

pub(super) async fn a_deleted_photo_is_not_asked_about_and_keeps_its_names(store: Store) {
    let page = [listed(7, 10), listed(8, 20), listed(9, 30)];
    store.add_listed(&page).await.unwrap();
    let two = || done(vec![found(10, 0.1), found(400, 0.2)]);
    for id in ["7", "8"] {
        store.finish(&photo(id), &with(), &two()).await.unwrap();
    }
    let faces = undecided(&store).await;
    let adas = [faces[0].id.clone(), faces[2].id.clone()];
    let name = Decision::Named(ada());
    store.decide(&adas, &name, &[], 99).await.unwrap();
    let known = async || {
        let counts = store.counts().await.unwrap();
        let people = store.people_with_photos().await.unwrap();
        let row = store.people().await.unwrap()[0].clone();
        let states = store.face_states().await.unwrap().len();
        assert_eq!(states, store.faces().await.unwrap().len());
        (
            people[0].photos.clone(),
            (row.faces, row.photos),
            store.named_faces().await.unwrap().len(),
            undecided(&store).await.len() as u64,
            states as u64,
            counts.undecided,
            counts.faces,
        )
    };
    let tagged = async || store.tags_of_undecided().await.unwrap().len();
    let before = known().await;
    let both = vec![photo("7"), photo("8")];
    assert_eq!(before, (both, (2, 2), 2, 2, 4, 2, 4));
    assert_eq!(tagged().await, 2);

    assert!(store.settle_deleted(&photo("7")).await.unwrap());
    assert!(store.settle_deleted(&photo("9")).await.unwrap());
    for known_or_not_listed in [photo("7"), photo("1")] {
        let told = store.settle_deleted(&known_or_not_listed).await;
        assert!(!told.unwrap(), "{known_or_not_listed}");
    }
    assert_eq!(known().await, (vec![photo("8")], (1, 1), 1, 1, 2, 1, 2));
    assert_eq!(tagged().await, 1);
    let counts = store.counts().await.unwrap();
    assert_eq!(
        (counts.photos, counts.done, counts.deleted, counts.to_do()),
        (3, 1, 2, 0)
    );
    store.begin_run(None).await.unwrap();
    assert_eq!(store.claim("a", LEASE, 1).await.unwrap(), []);
    let deleted = store.deleted_photos().await.unwrap();
    assert_eq!(deleted, [photo("7"), photo("9")].into());
    let ada = store.people().await.unwrap()[0].id;
    assert_eq!(store.faces_of(ada).await.unwrap().len(), 2, "kept");

    // It is in the list again: as it was, and what had not been looked at is still to do.
    store.add_listed(&page).await.unwrap();
    assert_eq!(known().await, before);
    let claim = store.claim("a", LEASE, 1).await.unwrap().pop();
    assert_eq!(claim.unwrap().id, "9");
    assert_eq!(store.claim("a", LEASE, 1).await.unwrap(), []);
    assert_eq!(store.outdated(&with()).await.unwrap(), 0);
}

pub(super) async fn another_picture_is_processed_again_and_names_follow_its_faces(store: Store) {
    let listed_as = |id: u64, secret: &str, rotation| ListedPhoto {
        secret: Some(secret.to_owned()),
        rotation: Some(rotation),
        ..listed(id, 10)
    };
    let page = [7, 8, 9].map(|id| listed_as(id, "a", 0));
    store.add_listed(&page).await.unwrap();
    let two = || done(vec![found(10, 0.1), found(400, 0.2)]);
    for id in ["7", "8", "9"] {
        store.finish(&photo(id), &with(), &two()).await.unwrap();
    }
    let faces = undecided(&store).await;
    let adas = [faces[0].id.clone(), faces[2].id.clone()];
    let name = Decision::Named(ada());
    store.decide(&adas, &name, &[], 99).await.unwrap();

    // Replaced, turned, as before; and one that Flickr says nothing of.
    let page = [
        listed_as(7, "b", 0),
        listed_as(8, "a", 90),
        listed_as(9, "a", 0),
        ListedPhoto {
            rotation: None,
            ..listed(9, 10)
        },
    ];
    let known = store.pictures(&[photo("8"), photo("1")]).await.unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[&photo("8")].secret.as_deref(), Some("a"));
    store.add_listed(&page).await.unwrap();
    assert_eq!(store.counts().await.unwrap().to_do(), 2);
    // Ada is somewhere else in one, and not in the other.
    let turned = done(vec![found(900, 0.1), found(650, 0.2)]);
    store.finish(&photo("8"), &with(), &turned).await.unwrap();
    let replaced = done(vec![found(700, 0.5)]);
    store.finish(&photo("7"), &with(), &replaced).await.unwrap();
    let person = store.people().await.unwrap()[0].id;
    let hers: Vec<_> = store.faces_of(person).await.unwrap();
    let photos: Vec<_> = hers.iter().map(|face| face.photo.as_str()).collect();
    assert_eq!(photos, ["7", "8"]);
    assert!(
        hers[0].id == adas[0] && hers[1].id != adas[1],
        "kept, and followed"
    );
    let others = undecided(&store).await;
    let others: Vec<_> = others
        .iter()
        .map(|face| (face.photo.as_str(), face.descriptor.0[0]))
        .collect();
    assert_eq!(others, [("7", 0.5), ("8", 0.2), ("9", 0.1), ("9", 0.2)]);
}

/// Every row of a table, as text that holds every column.
async fn table(store: &Store, columns: &str, table: &str) -> Vec<String> {
    let columns: Vec<String> = columns
        .split_whitespace()
        .map(|column| format!("COALESCE(CAST({column} AS TEXT), 'NULL')"))
        .collect();
    let query = format!(
        "SELECT {} AS row_text FROM {table} ORDER BY 1",
        columns.join(" || ' ' || ")
    );
    sqlx::query_scalar(AssertSqlSafe(query))
        .fetch_all(&store.pool)
        .await
        .unwrap()
}

/// Puts back the tables of the first format, with some rows in each.
async fn back_to_format_1(store: &Store) {
    let blob = if store.file.is_some() {
        "X'00FF10'"
    } else {
        r"'\x00FF10'::bytea"
    };
    for gone in [
        "rejections",
        "group_pairs",
        "journal_last",
        "journal",
        "journal_changes",
        "person_photos",
        "face_heirs",
        "face_crops",
        "face_descriptors",
        "faces",
        "people",
        "photos",
        "facts",
        "flickr_writes",
        "api_budget",
        "contacts",
        "own_tags",
        "store_format",
    ] {
        let drop = AssertSqlSafe(format!("DROP TABLE {gone}"));
        sqlx::query(drop).execute(&store.pool).await.unwrap();
    }
    store.migrate(&schema::MIGRATIONS[..1]).await.unwrap();
    let face = |number: u32, decision: &str| {
        format!(
            "INSERT INTO faces VALUES ('7:{number}', '7', {number}, {0}, 10, {0} + 99, 109, 1024, 768,
                0.5, '1,2 3,4 5,6 7,8 9,10', {blob}, {blob}, {decision})",
            number * 200
        )
    };
    for insert in [
        "INSERT INTO facts VALUES ('account', '1@N00')".to_owned(),
        "INSERT INTO photos VALUES ('7', 10, 'a title', 'https://x/', 1024, 768, 'done', 1, NULL,
            1024, 768, 1024, 'hog', 1, 'dlib', NULL, NULL)"
            .to_owned(),
        "INSERT INTO photos VALUES ('8', 20, '', NULL, NULL, NULL, 'failed', 2, 'cut', NULL, NULL,
            NULL, NULL, NULL, NULL, 'me', 99)"
            .to_owned(),
        "INSERT INTO people VALUES (1, 'Ada Lovelace', 'ada lovelace', NULL)".to_owned(),
        face(0, "'named', 1, 99"),
        face(1, "NULL, NULL, NULL"),
        face(2, "'stranger', NULL, 99"),
        "INSERT INTO rejections VALUES ('7:1', 1)".to_owned(),
        "INSERT INTO tag_writes VALUES ('7', 'Ada', 'ada', 'added', '1-7-99', 5, NULL)".to_owned(),
    ] {
        let statement = AssertSqlSafe(insert.as_str());
        let done = sqlx::query(statement).execute(&store.pool).await;
        done.unwrap_or_else(|error| panic!("{insert}: {error}"));
    }
}

#[tokio::test]
async fn an_older_store_goes_on_being_copied_where_that_was_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faces.sqlite");
    let store = Store::open(file.to_str().unwrap()).await.unwrap();
    is_copied_on_from_where_that_was_broken_off(store).await;
}

mod postgres {
    use super::*;

    #[tokio::test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    async fn an_older_store_goes_on_being_copied_where_that_was_broken_off() {
        is_copied_on_from_where_that_was_broken_off(on_postgres("broken_off").await).await;
    }
}

async fn is_copied_on_from_where_that_was_broken_off(store: Store) {
    back_to_format_1(&store).await;
    let log = Log::default();
    let copy = async |formats, batch| {
        let writer = log.clone();
        let to = tracing_subscriber::fmt()
            .with_writer(writer)
            .with_max_level(tracing::Level::WARN)
            .with_ansi(false)
            .finish();
        let _logged = log_to(to);
        store
            .copy_faces(formats, batch, Duration::ZERO)
            .await
            .unwrap();
    };
    // Of another format nothing is copied.
    copy(2..=12, 2).await;
    assert!(log.text().is_empty(), "{}", log.text());
    copy(1..=12, 2).await;
    let said = log.text();
    assert!(
        said.contains("is from an older version, its 3 faces are written anew"),
        "{said}"
    );
    assert!(
        said.contains("2 of 3 faces written anew")
            && said.contains("3 of 3 faces")
            && said.contains("all faces are written anew. Their old form is taken out now"),
        "{said}"
    );
    let copied = "face_descriptors JOIN face_crops ON face_crops.face = face_descriptors.face";
    let columns = "face_descriptors.face LENGTH(descriptor) LENGTH(crop)";
    assert_eq!(
        table(&store, columns, copied).await,
        ["7:0 3 3", "7:1 3 3", "7:2 3 3"]
    );

    // The program of before goes on with its store meanwhile: a face is gone, one is another, one is new.
    let longer = if store.file.is_some() {
        "X'00FF1020'"
    } else {
        r"'\x00FF1020'::bytea"
    };
    for change in [
        "DELETE FROM faces WHERE id = '7:2'".to_owned(),
        format!("UPDATE faces SET crop = {longer} WHERE id = '7:1'"),
        "INSERT INTO faces SELECT '7:9', photo, 9, box_left, box_top, box_right, box_bottom, image_width, image_height, score,
            landmarks, descriptor, crop, decision, person, decided FROM faces WHERE id = '7:0'"
            .to_owned(),
    ] {
        let change = AssertSqlSafe(change);
        sqlx::query(change).execute(&store.pool).await.unwrap();
    }
    store.migrate(schema::MIGRATIONS).await.unwrap();
    assert_eq!(
        table(&store, columns, copied).await,
        ["7:0 3 3", "7:1 3 4", "7:9 3 3"]
    );
}

pub(super) async fn a_store_of_format_1_keeps_everything(store: Store) {
    back_to_format_1(&store).await;
    const TABLES: [(&str, &str); 5] = [
        ("facts", "name value"),
        (
            "photos",
            "id uploaded title url url_width url_height state attempts error width height
             done_max_size done_detector done_upsample done_engine claimed_by claimed_until",
        ),
        ("people", "id name name_key tag"),
        (
            "faces",
            "id photo number box_left box_top box_right box_bottom image_width image_height score
             landmarks LENGTH(descriptor) LENGTH(crop) decision person decided",
        ),
        ("rejections", "face person"),
    ];
    let all = async |faces: &str| {
        let mut all = Vec::new();
        for (name, columns) in TABLES {
            let from = if name == "faces" { faces } else { name };
            all.push((name, table(&store, columns, from).await));
        }
        all
    };
    let before = all("faces").await;
    assert_eq!(before.iter().map(|(_, rows)| rows.len()).sum::<usize>(), 8);

    store.migrate(schema::MIGRATIONS).await.unwrap();
    let faces = "faces JOIN face_descriptors ON face_descriptors.face = faces.id
        JOIN face_crops ON face_crops.face = faces.id";
    assert_eq!(all(faces).await, before);
    let newest = schema::MIGRATIONS.len().to_string();
    assert_eq!(table(&store, "format", "store_format").await, [newest]);
    let dlibs = Models::ENCODER.sha256;
    assert_eq!(
        table(
            &store,
            "id done_min_face done_encoder done_turned",
            "photos"
        )
        .await,
        [format!("7 40 {dlibs} 0"), "8 NULL NULL NULL".to_owned()]
    );
    assert_eq!(
        table(&store, "id encoder", "faces").await,
        [0, 1, 2].map(|number| format!("7:{number} {dlibs}"))
    );
    assert_eq!(store.outdated(&with()).await.unwrap(), 0);
    assert_eq!(store.people_with_photos().await.unwrap()[0].photos, ["7"]);
    // What was decided before there was a journal can be undone, too.
    let journal = store.journal(9).await.unwrap();
    let told: Vec<_> = journal
        .iter()
        .map(|entry| (entry.made, entry.kind, entry.what.as_str(), entry.faces))
        .collect();
    assert_eq!(
        told,
        [
            (99, Kind::Decide, "strangers", 1),
            (99, Kind::Decide, "Ada Lovelace", 1)
        ]
    );
    store.undo(JournalId(1), 100).await.unwrap();
    assert_eq!(store.names().await.unwrap(), Vec::<String>::new());
    store.undo(JournalId(3), 101).await.unwrap();
    assert_eq!(all(faces).await, before);
    assert_eq!(
        table(
            &store,
            "kind photo item text people place state flickr_id written error",
            "flickr_writes"
        )
        .await,
        ["tag 7 Ada Ada  NULL added 1-7-99 5 NULL"]
    );
    // As a store that was made today.
    store.migrate(schema::MIGRATIONS).await.unwrap();
    store
        .finish(&photo("8"), &with(), &done(vec![found(10, 0.1)]))
        .await
        .unwrap();
    assert_eq!(store.counts().await.unwrap().faces, 4);
}
