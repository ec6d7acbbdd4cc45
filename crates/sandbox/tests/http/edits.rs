//! What an owner does to photos on Flickr's pages.

use flickr_sandbox::{Edit, Fault, FaultKind, NewPhoto, Options};
use image::GenericImageView as _;
use serde_json::{Value, json};

use crate::client::{TestClient, ids};

/// The photo's row, and its file of 240 pixels.
async fn look(flickr: &TestClient) -> (Value, Vec<u8>) {
    let extras = "extras=url_s,url_o,last_update,rotation";
    let row = flickr.search(extras).await["photo"][0].take();
    let file = flickr.get(row["url_s"].as_str().unwrap()).await;
    assert_eq!(file.status, 200);
    (row, file.body)
}

#[tokio::test]
async fn a_replaced_photo_has_its_id_and_other_files() {
    let flickr = TestClient::new(Options::default());
    let tagged = NewPhoto {
        tags: vec!["sea".to_owned()],
        ..NewPhoto::default()
    };
    let id = flickr.sandbox.add_photo(tagged).unwrap();
    let mut before = look(&flickr).await;
    let replace = |width| Edit::Replace {
        file: None,
        width,
        height: Some(600),
    };
    // The second time it has another size as well.
    for (edit, expected) in [
        (replace(None), (240, 141)),
        (replace(Some(300)), (120, 240)),
    ] {
        assert!(flickr.sandbox.edit(&id, &edit));
        let after = look(&flickr).await;
        assert_eq!(after.0["id"], id);
        for member in ["secret", "server", "url_s", "url_o", "lastupdate"] {
            assert_ne!(before.0[member], after.0[member], "{member}");
        }
        assert_ne!(before.1, after.1);
        let size = image::load_from_memory(&after.1).unwrap().dimensions();
        assert_eq!(size, expected);
        for url in ["url_s", "url_o"] {
            let gone = flickr.get(before.0[url].as_str().unwrap()).await;
            assert_eq!(gone.status, 404, "{url}");
        }
        before = after;
    }
    assert_eq!(flickr.sandbox.tags_of(&id).unwrap(), ["sea"]);
    let missing = Edit::Replace {
        file: Some("/no/such.jpg".into()),
        width: None,
        height: None,
    };
    assert!(!flickr.sandbox.edit(&id, &missing));
    assert_eq!(look(&flickr).await.0, before.0);
}

#[tokio::test]
async fn a_turned_photo_has_its_sides_swapped_and_other_files() {
    let flickr = TestClient::new(Options::default());
    let id = flickr.sandbox.add_photo(NewPhoto::default()).unwrap();
    let mut before = look(&flickr).await.0;
    let expected = [(90, (180, 240)), (180, (240, 180)), (0, (240, 180))];
    for (degrees, (rotation, size)) in [90, 90, 180].into_iter().zip(expected) {
        assert!(flickr.sandbox.edit(&id, &Edit::Turn { degrees }));
        let (after, file) = look(&flickr).await;
        assert_eq!(after["rotation"], rotation);
        let file = image::load_from_memory(&file).unwrap();
        assert_eq!(file.dimensions(), size);
        assert_eq!(after["server"], before["server"]);
        for member in ["secret", "url_s", "url_o", "lastupdate"] {
            assert_ne!(before[member], after[member], "{member}");
        }
        let gone = flickr.get(before["url_s"].as_str().unwrap()).await;
        assert_eq!(gone.status, 404);
        before = after;
    }
    assert_eq!(flickr.sandbox.photos()[0].rotation, 0);
}

#[tokio::test]
async fn a_deleted_photo_is_gone_everywhere() {
    let flickr = TestClient::new(Options::generate(4));
    let photos = flickr.search("extras=url_s").await;
    let (id, url) = (
        ids(&photos)[0].to_owned(),
        photos["photo"][0]["url_s"].clone(),
    );
    // By another process, as every edit.
    let path = format!("{}/sandbox/photos/{id}/edits", flickr.sandbox.base_url());
    let delete = || {
        flickr
            .http
            .post(&path)
            .body(json!({"do": "delete"}).to_string())
    };
    assert_eq!(flickr.send(delete()).await.unwrap().status, 200);
    assert_eq!(flickr.send(delete()).await.unwrap().status, 404);
    assert_eq!(flickr.get(url.as_str().unwrap()).await.status, 404);
    for method in ["getSizes", "getInfo"] {
        let method = format!("flickr.photos.{method}");
        let answer = flickr.call(&method, &format!("photo_id={id}")).await;
        assert_eq!(answer.json()["code"], 1);
    }
    let photos = flickr.search("").await;
    assert_eq!(photos["total"], 3);
    assert!(!ids(&photos).contains(&id.as_str()));
}

#[tokio::test]
async fn a_deletion_between_two_pages_hides_a_row_of_the_next() {
    let flickr = TestClient::new(Options::generate(9));
    let page = async |number: u32| {
        flickr
            .search(&format!("sort=date-posted-asc&per_page=3&page={number}"))
            .await
    };
    let listed = |photos: &Value| {
        ids(photos)
            .iter()
            .map(|id| (*id).to_owned())
            .collect::<Vec<_>>()
    };
    let whole = [listed(&page(1).await), listed(&page(2).await)].concat();
    let delete = FaultKind::Edit {
        photo: whole[0].clone(),
        edit: Edit::Delete,
    };
    let fault = Fault::once("flickr.photos.search", delete).containing("page=2");
    flickr.sandbox.set_faults([fault]);
    assert_eq!(listed(&page(1).await), whole[..3]);
    let second = page(2).await;
    assert_eq!(
        listed(&second)[..2],
        whole[4..6],
        "the row of whole[3] has moved to page 1"
    );
    assert_eq!(second["total"], 8);
}

#[tokio::test]
async fn a_changed_visibility_shows_in_listings_and_for_strangers() {
    let flickr = TestClient::new(Options::default());
    let id = flickr.sandbox.add_photo(NewPhoto::default()).unwrap();
    let set = |is_public, is_friend, is_family| {
        let edit = Edit::SetVisibility {
            is_public,
            is_friend,
            is_family,
        };
        flickr.sandbox.edit(&id, &edit)
    };
    let updated = || flickr.sandbox.photos()[0].updated;
    let before = updated();
    assert!(set(false, true, false));
    assert_eq!(
        flickr.search("").await["total"],
        0,
        "a stranger does not see it"
    );
    assert!(flickr.sandbox.photos()[0].private && updated() > before);
    let same = updated();
    assert!(!set(false, true, false), "nothing changes");
    assert_eq!(updated(), same);
    assert!(set(true, true, true));
    let row = flickr.search("").await["photo"][0].take();
    let flags = ["ispublic", "isfriend", "isfamily"].map(|name| row[name].clone());
    assert_eq!(
        flags,
        [1, 0, 0].map(Value::from),
        "everyone is more than friends"
    );
    assert!(flickr.sandbox.edit(&id, &Edit::SetPublic { public: false }));
    assert_eq!(flickr.search("").await["total"], 0);
}
