//! flickr.photos.search, flickr.people.getPhotos and flickr.photos.getSizes.

use std::collections::BTreeSet;

use flickr_sandbox::{Media, NewPhoto, NumberStyle, Options, Quirks};
use serde_json::json;

use crate::client::{TestClient, ids};

#[tokio::test]
async fn search_repeats_its_last_page_after_4000_rows() {
    let flickr = TestClient::new(Options::generate(4_700));
    let page = async |number: u32| {
        flickr
            .search(&format!(
                "sort=date-posted-asc&per_page=1000&page={number}&extras=date_upload"
            ))
            .await
    };
    let mut seen = BTreeSet::new();
    for number in 1..=8 {
        let photos = page(number).await;
        assert_eq!(photos["perpage"], 500, "per_page is clamped");
        assert_eq!(
            (&photos["total"], &photos["pages"]),
            (&json!(4_700), &json!(10))
        );
        seen.extend(ids(&photos).into_iter().map(str::to_owned));
    }
    assert_eq!(seen.len(), 4_000);
    let (eighth, ninth, far) = (page(8).await, page(9).await, page(99).await);
    assert_eq!(ids(&eighth), ids(&ninth));
    assert_eq!(ids(&eighth), ids(&far));
    assert_eq!(ninth["page"], 9);

    // A window that begins at the last row's second has that row again.
    let last = eighth["photo"][499].clone();
    let from = last["dateupload"].as_str().unwrap();
    let window = flickr
        .search(&format!(
            "sort=date-posted-asc&per_page=500&min_upload_date={from}"
        ))
        .await;
    assert!(ids(&window).contains(&last["id"].as_str().unwrap()));
    let one_second = flickr
        .search(&format!("min_upload_date={from}&max_upload_date={from}"))
        .await;
    assert_eq!(one_second["total"], 3, "both ends are part of a range");

    let nsid = flickr_sandbox::NSID;
    let all = flickr
        .call(
            "flickr.people.getPhotos",
            &format!("user_id={nsid}&per_page=500&page=10"),
        )
        .await
        .json();
    assert_eq!(ids(&all["photos"]).len(), 200, "getPhotos has no cap");
    let past = flickr
        .call(
            "flickr.people.getPhotos",
            &format!("user_id={nsid}&per_page=500&page=20000"),
        )
        .await
        .json();
    assert_eq!(past["photos"]["page"], 10_000);
    assert_eq!(ids(&past["photos"]), ids(&all["photos"]));
}

#[tokio::test]
async fn photos_are_selected_by_privacy_media_tags_and_order() {
    let flickr = TestClient::new(Options::default());
    let add = |title: &str, uploaded, change: fn(&mut NewPhoto)| {
        let mut photo = NewPhoto {
            title: Some(title.to_owned()),
            uploaded: Some(uploaded),
            ..NewPhoto::default()
        };
        change(&mut photo);
        flickr.sandbox.add_photo(photo).unwrap()
    };
    let late = add("late", 2_000, |photo| {
        photo.tags = vec!["Ann Example".to_owned(), "sea".to_owned()];
    });
    let early = add("early", 1_000, |photo| photo.tags = vec!["sea".to_owned()]);
    let video = add("video", 1_500, |photo| photo.media = Media::Video);
    add("private", 1_200, |photo| photo.private = true);

    struct Case<'a> {
        arguments: &'a str,
        ids: Vec<&'a str>,
    }
    let cases = [
        Case {
            arguments: "",
            ids: vec![&late, &video, &early],
        },
        Case {
            arguments: "sort=date-posted-asc",
            ids: vec![&early, &video, &late],
        },
        Case {
            arguments: "media=photos",
            ids: vec![&late, &early],
        },
        Case {
            arguments: "media=videos",
            ids: vec![&video],
        },
        Case {
            arguments: "min_upload_date=1500&max_upload_date=2000",
            ids: vec![&late, &video],
        },
        Case {
            arguments: "max_upload_date=1970-01-01+00:25:00",
            ids: vec![&video, &early],
        },
        Case {
            arguments: "tags=annexample,nothing",
            ids: vec![&late],
        },
        Case {
            arguments: "tags=sea,-annexample",
            ids: vec![&early],
        },
        Case {
            arguments: "tags=sea,annexample&tag_mode=all",
            ids: vec![&late],
        },
        Case {
            arguments: "text=EARL",
            ids: vec![&early],
        },
        Case {
            arguments: "privacy_filter=5",
            ids: vec![&late, &video, &early],
        },
        Case {
            arguments: "per_page=2&page=2",
            ids: vec![&early],
        },
    ];
    let mut wrong = Vec::new();
    for case in &cases {
        let photos = flickr.search(case.arguments).await;
        if ids(&photos) != case.ids {
            wrong.push(format!("{}: {:?}", case.arguments, ids(&photos)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let row = &flickr.search("tags=annexample&extras=tags,views").await["photo"][0];
    assert_eq!(row["tags"], "annexample sea");
}

#[tokio::test]
async fn extras_give_every_size_and_quirks_remove_them() {
    let flickr = TestClient::new(Options::default());
    let id = flickr
        .sandbox
        .add_photo(NewPhoto {
            width: Some(1_500),
            height: Some(1_001),
            ..NewPhoto::default()
        })
        .unwrap();
    let extras = "extras=url_sq,url_m,url_l,url_h,url_k,url_o,o_dims,original_format,media";
    let row = flickr.search(extras).await["photo"][0].take();
    assert_eq!(
        (&row["width_m"], &row["height_m"]),
        (&json!(500), &json!(334))
    );
    assert_eq!(
        (&row["width_h"], &row["height_h"]),
        (&json!(1_500), &json!(1_001))
    );
    assert_eq!(
        (&row["o_width"], &row["o_height"]),
        (&json!("1500"), &json!("1001"))
    );
    assert_eq!(
        (&row["originalformat"], &row["media"]),
        (&json!("jpg"), &json!("photo"))
    );
    assert!(row.get("url_k").is_none(), "{row}");

    let sizes = async || {
        let reply = flickr
            .call("flickr.photos.getSizes", &format!("photo_id={id}"))
            .await
            .json();
        let sizes = reply["sizes"]["size"].as_array().unwrap().clone();
        let labels: Vec<String> = sizes
            .iter()
            .map(|size| size["label"].as_str().unwrap().to_owned())
            .collect();
        labels
    };
    assert_eq!(sizes().await.len(), 12);
    flickr.sandbox.set_quirks(Quirks {
        numbers: NumberStyle::Strings,
        withheld_sizes: ["h".to_owned()].into(),
        unlisted_sizes: ["l".to_owned()].into(),
        ..Quirks::default()
    });
    let photos = flickr.search(extras).await;
    let row = &photos["photo"][0];
    assert_eq!(photos["total"], "1");
    assert_eq!(row["width_m"], "500");
    assert!(
        row.get("url_l").is_none() && row.get("url_h").is_none(),
        "{row}"
    );
    let labels = sizes().await;
    assert!(labels.contains(&"Large".to_owned()), "{labels:?}");
    assert!(!labels.contains(&"Large 1600".to_owned()), "{labels:?}");
    flickr.sandbox.set_quirks(Quirks {
        unlisted_sizes: ["*".to_owned()].into(),
        ..Quirks::default()
    });
    let row = flickr.search(extras).await["photo"][0].take();
    let urls = row.as_object().unwrap().keys();
    assert_eq!(urls.filter(|key| key.starts_with("url_")).count(), 0);
}

#[tokio::test]
async fn pages_overlap_if_the_quirk_is_on() {
    let flickr = TestClient::new(Options::generate(6));
    let page = async |number: u32| {
        let photos = flickr.search(&format!("per_page=3&page={number}")).await;
        ids(&photos)
            .iter()
            .map(|id| (*id).to_owned())
            .collect::<Vec<_>>()
    };
    let (first, second) = (page(1).await, page(2).await);
    flickr.sandbox.set_quirks(Quirks {
        overlapping_pages: true,
        ..Quirks::default()
    });
    assert_eq!(page(1).await, first);
    assert_eq!(page(2).await, [&first[2..], &second].concat());
}

#[tokio::test]
async fn originals_are_only_for_callers_who_may_have_them() {
    let flickr = TestClient::new(Options::default());
    let id = flickr
        .sandbox
        .add_photo(NewPhoto {
            no_download: true,
            ..NewPhoto::default()
        })
        .unwrap();
    let reply = flickr
        .call("flickr.photos.getSizes", &format!("photo_id={id}"))
        .await
        .json();
    assert_eq!(reply["sizes"]["candownload"], 0);
    let sizes = reply["sizes"]["size"].as_array().unwrap();
    assert_eq!(sizes.last().unwrap()["label"], "Large");
    let row = flickr.search("extras=url_o,o_dims,original_format").await["photo"][0].take();
    for key in ["url_o", "o_width", "originalsecret"] {
        assert!(row.get(key).is_none(), "{key} in {row}");
    }
}

#[tokio::test]
async fn photos_that_their_owner_has_turned_are_shown_so() {
    let flickr = TestClient::new(Options::default());
    let turned = |turned| NewPhoto {
        turned,
        ..NewPhoto::default()
    };
    for degrees in [0, 90, 180] {
        flickr.sandbox.add_photo(turned(degrees)).unwrap();
    }
    let page = flickr
        .search("extras=url_l,rotation&sort=date-posted-asc")
        .await;
    let rows = page["photo"].as_array().unwrap().iter();
    let found: Vec<_> = rows
        .map(|row| (row["rotation"].as_u64(), row["width_l"].as_u64()))
        .collect();
    let expected = [(0, 1024), (90, 768), (180, 1024)];
    assert_eq!(
        found,
        expected.map(|(rotation, width)| (Some(rotation), Some(width)))
    );
}

#[tokio::test]
async fn videos_have_rows_without_width_and_height() {
    let flickr = TestClient::new(Options::default());
    let id = flickr
        .sandbox
        .add_photo(NewPhoto {
            media: Media::Video,
            ..NewPhoto::default()
        })
        .unwrap();
    let reply = flickr
        .call("flickr.photos.getSizes", &format!("photo_id={id}"))
        .await
        .json();
    let rows = reply["sizes"]["size"].as_array().unwrap();
    let videos: Vec<_> = rows.iter().filter(|row| row["media"] == "video").collect();
    assert_eq!(videos.len(), 3);
    assert!(
        videos
            .iter()
            .all(|row| row["width"] == "" && row["height"] == "")
    );
    assert!(rows.iter().all(|row| row["label"] != "Original"));
}
