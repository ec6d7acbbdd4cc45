//! Listings as they should not be: rows that are missing, late or in another
//! order, dates that are none, pages that are too large to come.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::time::Duration;

use flate2::read::GzDecoder;
use flickr_sandbox::{Edit, Fault, FaultKind, NewPhoto, Options, Quirks};
use reqwest::header::ACCEPT_ENCODING;
use serde_json::{Value, json};

use crate::client::{TestClient, ids};

const SEARCH: &str = "flickr.photos.search";
const PEOPLE: &str = "flickr.people.getPhotos";

/// A page of `flickr.people.getPhotos`.
async fn people(flickr: &TestClient, arguments: &str) -> Value {
    let nsid = flickr_sandbox::NSID;
    let arguments = format!("user_id={nsid}&{arguments}");
    let mut reply = flickr.call(PEOPLE, &arguments).await.json();
    reply["photos"].take()
}

fn owned(photos: &Value) -> Vec<String> {
    ids(photos).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn rows_can_be_missing_from_a_page_that_total_counts() {
    let flickr = TestClient::new(Options::generate(30));
    let page = async || flickr.search("per_page=10&page=2").await;
    let whole = owned(&page().await);
    let drop = FaultKind::DropRows { rows: 3 };
    flickr.sandbox.set_faults([Fault::once(SEARCH, drop)]);
    let thin = page().await;
    let left = owned(&thin);
    assert_eq!(left.len(), 7);
    assert!(left.iter().all(|id| whole.contains(id)), "nothing moves up");
    assert_eq!((&thin["total"], &thin["pages"]), (&json!(30), &json!(3)));
    assert_eq!(owned(&page().await), whole, "they were missing once");
}

#[tokio::test]
async fn the_index_can_lack_photos_for_some_calls() {
    let flickr = TestClient::new(Options::generate(30));
    for (counted, total) in [(true, 30), (false, 27)] {
        let late = FaultKind::NotIndexed { every: 10, counted };
        flickr
            .sandbox
            .set_faults([Fault::once(SEARCH, late).times(2)]);
        let page = async |number| flickr.search(&format!("per_page=20&page={number}")).await;
        let (first, second) = (page(1).await, page(2).await);
        assert_eq!(
            (ids(&first).len(), ids(&second).len()),
            (20, 7),
            "pages are full"
        );
        assert_eq!(first["total"], total);
        let late: Vec<_> = flickr.sandbox.photos();
        let late = late.iter().filter(|photo| photo.id.ends_with('0'));
        let found: BTreeSet<_> = owned(&first).into_iter().chain(owned(&second)).collect();
        assert!(late.clone().count() == 3 && late.clone().all(|photo| !found.contains(&photo.id)));
        assert_eq!(ids(&page(2).await).len(), 10, "now they are there");
        assert_eq!(people(&flickr, "").await["total"], 30, "another method");
    }
}

#[tokio::test]
async fn new_photos_can_be_found_late() {
    let flickr = TestClient::new(Options::default());
    let quirks = |index_lag_ms, index_lag_everywhere| {
        flickr.sandbox.set_quirks(Quirks {
            index_lag_ms,
            index_lag_everywhere,
            ..Quirks::default()
        });
    };
    let totals = async || {
        let all = [flickr.search("").await, people(&flickr, "").await];
        all.map(|photos| photos["total"].as_u64().unwrap())
    };
    flickr.sandbox.add_photo(NewPhoto::default()).unwrap();
    tokio::time::sleep(Duration::from_millis(5)).await;
    assert_eq!(totals().await, [1, 1]);
    quirks(3_600_000, false);
    assert_eq!(totals().await, [0, 1]);
    quirks(3_600_000, true);
    assert_eq!(totals().await, [0, 0]);
    quirks(1, true);
    assert_eq!(totals().await, [1, 1]);
}

#[tokio::test]
async fn photos_of_a_second_can_change_their_order() {
    let mut options = Options::generate(60);
    if let flickr_sandbox::Source::Generated(generated) = &mut options.source {
        generated.same_second = 30;
    }
    options.quirks.changing_ties = true;
    let flickr = TestClient::new(options);
    let orders = async |number: u32| {
        let arguments = format!("per_page=20&page={number}");
        [
            owned(&flickr.search(&arguments).await),
            owned(&people(&flickr, &arguments).await),
        ]
    };
    let firsts = [orders(1).await, orders(1).await];
    assert_ne!(firsts[0][0], firsts[1][0], "search");
    assert_ne!(firsts[0][1], firsts[1][1], "people.getPhotos");
    // 20 of the latest 30: the order of seconds stays.
    let latest: BTreeSet<String> = flickr.sandbox.photos()[30..]
        .iter()
        .map(|p| p.id.clone())
        .collect();
    let rows = firsts.iter().flatten().flatten();
    assert!(rows.clone().all(|id| latest.contains(id)));
}

#[tokio::test]
async fn upload_dates_can_be_none() {
    let flickr = TestClient::new(Options::generate(14));
    let odd = [
        json!(""),
        json!("0"),
        json!("yesterday"),
        json!(-1),
        Value::Null,
    ];
    flickr.sandbox.set_quirks(Quirks {
        odd_dates: odd.to_vec(),
        every: 2,
        ..Quirks::default()
    });
    let photos = flickr
        .search("extras=date_upload&sort=date-posted-asc")
        .await;
    let rows = photos["photo"].as_array().unwrap().iter();
    let (dates, without): (Vec<_>, Vec<_>) = rows
        .map(|row| row["dateupload"].clone())
        .partition(|date| date.as_str().is_some_and(|date| date.starts_with("16000")));
    assert_eq!((dates.len(), without.len()), (7, 7));
    assert!(odd.iter().all(|date| without.contains(date)), "{without:?}");
}

#[tokio::test]
async fn a_large_page_can_fail_where_a_small_one_comes() {
    let flickr = TestClient::new(Options::generate(3));
    let fault = Fault::once(SEARCH, FaultKind::ServerError { status: 504 });
    flickr
        .sandbox
        .set_faults([fault.above_per_page(250).always()]);
    let key = flickr.sandbox.key();
    let nsid = flickr_sandbox::NSID;
    for (per_page, status) in [(500, 504), (251, 504), (250, 200), (100, 200), (500, 504)] {
        let answer = flickr
            .call(SEARCH, &format!("user_id={nsid}&per_page={per_page}"))
            .await;
        assert_eq!(answer.status.as_u16(), status, "{per_page}");
    }
    let default = flickr
        .get(&format!(
            "/services/rest/?method={SEARCH}&api_key={key}&user_id={nsid}"
        ))
        .await;
    assert_eq!(default.status, 200, "100 by default");
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_take_it() {
    let flickr = TestClient::new(Options::generate(500));
    let (base, key, nsid) = (
        flickr.sandbox.base_url(),
        flickr.sandbox.key(),
        flickr_sandbox::NSID,
    );
    let url = |per_page| {
        format!(
            "{base}/services/rest/?method={SEARCH}&api_key={key}&user_id={nsid}&format=json\
             &nojsoncallback=1&per_page={per_page}&extras=url_l,url_k,url_o,date_upload,media,tags"
        )
    };
    let ask = async |per_page, encodings| {
        let request = flickr
            .http
            .get(url(per_page))
            .header(ACCEPT_ENCODING, encodings);
        flickr.send(request).await.unwrap()
    };
    let plain = ask(500, "identity").await;
    assert_eq!(plain.header("content-encoding"), "");
    assert_eq!(flickr.sandbox.calls().api_bytes, plain.body.len() as u64);
    let packed = ask(500, "br, gzip").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert_eq!(packed.header("content-type"), "application/json");
    assert!(packed.body.len() * 8 < plain.body.len());
    let mut text = Vec::new();
    GzDecoder::new(&*packed.body)
        .read_to_end(&mut text)
        .unwrap();
    assert_eq!(text, plain.body);
    assert_eq!(
        ask(1, "gzip").await.header("content-encoding"),
        "",
        "too short"
    );
    flickr.sandbox.set_quirks(Quirks {
        gzip: false,
        ..Quirks::default()
    });
    assert_eq!(ask(500, "gzip").await.header("content-encoding"), "");
}

#[tokio::test]
async fn another_server_can_answer_with_what_was() {
    let flickr = TestClient::new(Options::generate(1));
    let before = flickr.search("extras=url_s,tags").await;
    let id = ids(&before)[0].to_owned();
    let info = async || {
        let arguments = format!("photo_id={id}");
        let reply = flickr.call("flickr.photos.getInfo", &arguments).await;
        let photo = reply.json()["photo"].take();
        let tags = photo["tags"]["tag"].as_array().unwrap().len();
        (photo["secret"].clone(), tags)
    };
    let old = info().await;
    let tag = Edit::AddTag {
        raw: "new".to_owned(),
        by_other: false,
    };
    let quirks = |lag_ms, listing_lag_ms| {
        flickr.sandbox.set_quirks(Quirks {
            lag_ms,
            listing_lag_ms,
            ..Quirks::default()
        });
    };
    quirks(30_000, 0);
    for edit in [tag, Edit::Turn { degrees: 90 }] {
        assert!(flickr.sandbox.edit(&id, &edit));
    }
    assert_eq!(info().await, old);
    let after = flickr.search("extras=url_s,tags").await;
    assert_eq!(after["photo"][0]["tags"], "new", "listings know");
    assert_ne!(after["photo"][0]["url_s"], before["photo"][0]["url_s"]);
    quirks(0, 30_000);
    assert_eq!(flickr.search("extras=url_s,tags").await, before);
    let new = info().await;
    assert!(new.0 != old.0 && new.1 == 1, "{new:?}");
}
