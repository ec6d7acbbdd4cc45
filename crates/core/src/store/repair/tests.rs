use super::*;
use crate::store::{
    Trouble,
    tests::{done, found, listed, with},
};

const PHOTOS: u64 = 600;

/// A closed store of many photos with two faces each.
async fn stored(folder: &Path) -> PathBuf {
    let path = folder.join("faces.sqlite");
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    store.bind_account("1@N00").await.unwrap();
    let photos: Vec<_> = (1..=PHOTOS).map(|id| listed(id, 1)).collect();
    store.add_listed(&photos).await.unwrap();
    for photo in &photos {
        let mut faces = vec![found(1, 0.1), found(300, 0.2)];
        for face in &mut faces {
            face.crop = vec![7; 3000];
        }
        let outcome = done(faces);
        store.finish(&photo.id, &with(), &outcome).await.unwrap();
    }
    store.close().await;
    path
}

async fn count(store: &Store, sql: &'static str) -> u64 {
    let count: i64 = sqlx::query_scalar(sql)
        .fetch_one(&store.pool)
        .await
        .unwrap();
    count.unsigned_abs()
}

/// Opens, is sound, and holds no photo that says it is done and lacks a face. Returns its photos that are done.
async fn done_photos(path: &Path) -> u64 {
    assert!(look(path).await.unwrap().is_empty());
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    let wrong = count(
        &store,
        "SELECT COUNT(*) FROM photos WHERE state = 'done'
         AND (SELECT COUNT(*) FROM faces WHERE photo = photos.id) <> 2",
    );
    assert_eq!(wrong.await, 0, "done without their faces");
    let orphans = count(
        &store,
        "SELECT COUNT(*) FROM faces WHERE photo NOT IN (SELECT id FROM photos)",
    );
    assert_eq!(orphans.await, 0, "faces without a photo");
    let done = count(&store, "SELECT COUNT(*) FROM photos WHERE state = 'done'").await;
    store.close().await;
    done
}

#[tokio::test]
async fn a_sound_file_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = stored(folder.path()).await;
    let before = fs::read(&path).unwrap();
    assert_eq!(Store::repair(&path, false).await.unwrap(), None);
    assert_eq!(fs::read(&path).unwrap(), before);
    // Rebuilt all the same, it holds the same.
    let repaired = Store::repair(&path, true).await.unwrap().unwrap();
    assert!(repaired.tables.iter().all(|(_, _, lost)| *lost == 0));
    assert_eq!(repaired.again, 0, "{repaired:?}");
    assert_eq!(done_photos(&path).await, PHOTOS);
    assert_eq!(fs::read(&repaired.kept).unwrap(), before);
}

#[tokio::test]
async fn a_page_that_was_overwritten_costs_its_rows_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = stored(folder.path()).await;
    let bytes = fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    for at in [pages / 4, pages / 2, pages - 3] {
        let mut damaged = bytes.clone();
        damaged[at * 4096..][..4096].fill(0x5a);
        fs::write(&path, &damaged).unwrap();
        let repaired = Store::repair(&path, false).await.unwrap().unwrap();
        assert!(!repaired.found.is_empty());
        assert_eq!(fs::read(&repaired.kept).unwrap(), damaged, "kept");
        let done = done_photos(&path).await;
        assert!((PHOTOS - 100..=PHOTOS).contains(&done), "page {at}: {done}");
    }
}

#[tokio::test]
async fn of_a_file_cut_to_half_the_half_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = stored(folder.path()).await;
    let length = fs::metadata(&path).unwrap().len();
    let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(length / 2).unwrap();
    let refused = Store::open(path.to_str().unwrap()).await.unwrap_err();
    assert_eq!(refused.trouble(), Some(Trouble::Damaged), "{refused}");
    let repaired = Store::repair(&path, false).await.unwrap().unwrap();
    done_photos(&path).await;
    let faces = repaired.tables.iter().find(|(table, ..)| table == "faces");
    let (_, copied, lost) = faces.unwrap();
    assert!((400..=800).contains(copied) && *lost > 0, "{repaired:?}");
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    assert_eq!(store.account().await.unwrap().as_deref(), Some("1@N00"));
}

#[tokio::test]
async fn where_nothing_can_be_read_the_file_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = stored(folder.path()).await;
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..4096].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let error = Store::repair(&path, false).await.unwrap_err();
    assert_eq!(error.trouble(), Some(Trouble::Damaged), "{error}");
    assert_eq!(fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn what_a_program_uses_is_not_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let path = stored(folder.path()).await;
    let store = Store::open(path.to_str().unwrap()).await.unwrap();
    store.bind_account("1@N00").await.unwrap();
    let error = Store::repair(&path, true).await.unwrap_err();
    assert!(matches!(error, StoreError::InUse { .. }), "{error}");
}
