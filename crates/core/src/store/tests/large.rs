//! What takes minutes: large stores.

use std::time::Instant;

use super::*;

const FACES: i64 = 500_000;

/// Two faces a photo, every other one with a name, pictures of 3 kB: 1.8 GB.
const OLD: [&str; 3] = [
    "INSERT INTO people (id, name, name_key)
     WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000)
     SELECT n, 'p' || n, 'p' || n FROM number",
    "INSERT INTO photos (id, uploaded, title, state)
     WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 250000)
     SELECT n, n, 'a title', 'done' FROM number",
    "INSERT INTO faces (id, photo, number, box_left, box_top, box_right, box_bottom, image_width, image_height,
        landmarks, descriptor, crop, encoder, decision, person, decided)
     WITH RECURSIVE number (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM number WHERE n < 500001)
     SELECT (n / 2) || ':' || (n % 2), n / 2, n % 2, 1, 1, 99, 99, 1024, 768, '1,1 2,2 3,3 4,4 5,5',
        randomblob(512), randomblob(3000), 'e', CASE WHEN n % 2 = 0 THEN 'named' END,
        CASE WHEN n % 2 = 0 THEN n % 1000 + 1 END, CASE WHEN n % 2 = 0 THEN 9 END
     FROM number",
];

#[tokio::test]
#[ignore = "half a million faces: minutes, and 5 GB of disk"]
#[expect(clippy::print_stdout, reason = "it measures")]
async fn half_a_million_faces_of_an_older_store_are_written_anew_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faces.sqlite");
    sqlx::any::install_default_drivers();
    let before = &schema::MIGRATIONS[..schema::BEFORE_FACE_TABLES];
    let old = Store::open_with(&path, before).await.unwrap();
    for insert in OLD {
        sqlx::query(insert).execute(&old.pool).await.unwrap();
    }
    let some = "SELECT id, hex(descriptor), hex(crop) FROM faces WHERE photo = '77777' ORDER BY id";
    let faces_of = async |store: &Store, select: &'static str| -> Vec<(String, String, String)> {
        sqlx::query_as(select).fetch_all(&store.pool).await.unwrap()
    };
    let before = faces_of(&old, some).await;
    assert_eq!(before.len(), 2);
    old.close().await;

    let size = |path: &Path| fs::metadata(path).map_or(0, |file| file.len()) as f64 / 1e9;
    let (was, began) = (size(&path), Instant::now());
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    let took = began.elapsed().as_secs_f64();
    println!(
        "{FACES} faces of {was:.1} GB were written anew in {took:.0} s: now {:.1} GB",
        size(&path)
    );
    let some = "SELECT faces.id, hex(descriptor), hex(crop) FROM faces
        JOIN face_descriptors ON face_descriptors.face = faces.id JOIN face_crops ON face_crops.face = faces.id
        WHERE photo = '77777' ORDER BY faces.id";
    assert_eq!(faces_of(&store, some).await, before);
    let counts = store.counts().await.unwrap();
    assert_eq!((counts.faces, counts.undecided), (500_000, 250_000));
}
