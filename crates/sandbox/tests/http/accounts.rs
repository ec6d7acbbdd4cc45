//! Accounts, albums and licenses.

use flickr_sandbox::{NSID, NewPhoto, Options, PATH_ALIAS, Quirks, USERNAME};
use serde_json::{Value, json};

use crate::client::TestClient;

#[tokio::test]
async fn accounts_are_found_by_address_and_name() {
    let flickr = TestClient::new(Options::default());
    let url = |rest: &str| {
        (
            "flickr.urls.lookupUser",
            format!("url=https%3A%2F%2Fwww.flickr.com%2F{rest}"),
        )
    };
    let name = |name: &str| ("flickr.people.findByUsername", format!("username={name}"));
    let found = [
        (url(&format!("photos%2F{PATH_ALIAS}%2F")), NSID, USERNAME),
        (url(&format!("people%2F{PATH_ALIAS}")), NSID, USERNAME),
        (url(&format!("photos%2F{NSID}%2F53%2F")), NSID, USERNAME),
        (url("photos%2Fada%2F"), "11111111@N00", "ada"),
        (name(USERNAME), NSID, USERNAME),
        (name("Ada"), "11111111@N00", "ada"),
    ];
    for ((method, arguments), nsid, username) in found {
        let reply = flickr.call(method, &arguments).await.json();
        assert_eq!(reply["user"]["id"], nsid, "{arguments}: {reply}");
        assert_eq!(reply["user"]["username"]["_content"], username);
    }
    let nobody = [
        url(""),
        url("photos%2F"),
        url("photos%2Fnobody"),
        url("x%2Fada"),
        name("nobody"),
        name(""),
    ];
    for (method, arguments) in nobody {
        let reply = flickr.call(method, &arguments).await.json();
        let said = (&reply["code"], &reply["message"]);
        assert_eq!(said, (&json!(1), &json!("User not found")), "{arguments}");
    }
}

#[tokio::test]
async fn an_account_counts_its_photos_or_says_something_else() {
    let flickr = TestClient::new(Options::generate(3));
    for private in [true, false] {
        let photo = NewPhoto {
            private,
            uploaded: Some(1_500_000_000),
            ..NewPhoto::default()
        };
        flickr.sandbox.add_photo(photo).unwrap();
    }
    let person = async |nsid: &str| {
        let mut reply = flickr
            .call("flickr.people.getInfo", &format!("user_id={nsid}"))
            .await
            .json();
        reply["person"].take()
    };
    let own = person(NSID).await;
    let expected = json!({
        "firstdatetaken": {"_content": "2017-07-14 01:40:00"},
        "firstdate": {"_content": "1500000000"},
        "count": {"_content": 4},
    });
    assert_eq!(
        own["photos"], expected,
        "a stranger does not see the private one"
    );
    assert_eq!(own["path_alias"], PATH_ALIAS);
    let address = own["photosurl"]["_content"].as_str().unwrap();
    assert_eq!(
        flickr
            .call("flickr.urls.lookupUser", &format!("url={address}"))
            .await
            .json()["user"]["id"],
        NSID
    );
    assert_eq!(
        person("11111111@N00").await["photos"]["count"]["_content"],
        0
    );
    assert_eq!(person("1@N00").await, Value::Null);
    for odd in [json!("3"), json!(0), Value::Null, json!("many")] {
        flickr.sandbox.set_quirks(Quirks {
            odd_count: Some(odd.clone()),
            ..Quirks::default()
        });
        assert_eq!(person(NSID).await["photos"]["count"]["_content"], odd);
    }
}

#[tokio::test]
async fn photos_are_in_albums() {
    let flickr = TestClient::new(Options::default());
    let add = |album: Option<&str>, private| {
        let photo = NewPhoto {
            album: album.map(str::to_owned),
            private,
            ..NewPhoto::default()
        };
        flickr.sandbox.add_photo(photo).unwrap()
    };
    let alone = add(None, false);
    let first = add(Some("Sea"), false);
    let second = add(Some("Sea"), false);
    add(Some("Sea"), true);
    add(Some("Hidden"), true);
    add(Some("Hills"), false);
    let list = async |arguments: &str| {
        let arguments = format!("user_id={NSID}&{arguments}");
        let mut reply = flickr
            .call("flickr.photosets.getList", &arguments)
            .await
            .json();
        reply["photosets"].take()
    };
    let albums = list("").await;
    let rows = albums["photoset"].as_array().unwrap();
    let told: Vec<_> = rows
        .iter()
        .map(|row| {
            (
                row["title"]["_content"].as_str().unwrap(),
                row["photos"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("Sea", 2), ("Hills", 1)]);
    assert_eq!(rows[0]["primary"], first);
    let page = list("per_page=1&page=2").await;
    assert_eq!(
        (&page["total"], &page["photoset"][0]),
        (&json!(2), &rows[1])
    );
    let contexts = async |photo: &str| {
        flickr
            .call("flickr.photos.getAllContexts", &format!("photo_id={photo}"))
            .await
            .json()
    };
    let of_second = contexts(&second).await;
    assert_eq!(of_second["set"][0]["id"], rows[0]["id"]);
    assert_eq!(of_second["set"][0]["title"], "Sea");
    assert_eq!(contexts(&alone).await, json!({"stat": "ok"}));
    assert_eq!(contexts("1").await["code"], 1);
    let refused = flickr.call("flickr.photosets.getList", "").await.json();
    assert_eq!(refused["code"], 1, "nobody is signed in");
}

#[tokio::test]
async fn licenses_are_told() {
    let flickr = TestClient::new(Options::default());
    let reply = flickr
        .call("flickr.photos.licenses.getInfo", "")
        .await
        .json();
    let rows = reply["licenses"]["license"].as_array().unwrap();
    assert_eq!(rows.len(), 11);
    assert_eq!(
        rows[0],
        json!({"id": 0, "name": "All Rights Reserved", "url": ""})
    );
    assert_eq!(rows[4]["name"], "Attribution License");
}

#[tokio::test]
async fn a_photo_tells_what_everyone_may_and_takes_the_end_of_a_line() {
    let flickr = TestClient::new(Options::generate(1));
    let id = flickr.sandbox.photos()[0].id.clone();
    let info = async |id: &str| {
        flickr
            .call("flickr.photos.getInfo", &format!("photo_id={id}"))
            .await
            .json()
    };
    let reply = info(&id).await;
    let expected = json!({"cancomment": 1, "canaddmeta": 0});
    assert_eq!(reply["photo"]["publiceditability"], expected);
    assert_eq!(info(&format!("{id}%0A")).await, reply);
    assert_eq!(info(&format!("{id}%0D%0A")).await, reply);
    assert_eq!(info(&format!("{id}x")).await["code"], 1);
    let sizes = flickr
        .call("flickr.photos.getSizes", &format!("photo_id={id}%0A"))
        .await;
    assert_eq!(sizes.json()["stat"], "ok");
}
