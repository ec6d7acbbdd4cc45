//! Walks through accounts of every awkward kind, with the rules of flickr.photos.search: inclusive
//! dates, 500 a page, nothing past 4,000 results but repeats of the last page.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::*;
use crate::flickr::{Error, Listing, ListingOptions};

/// An account's upload dates, oldest first; a photo's id is its place, from 1.
type Account = Arc<Vec<u64>>;

fn account(dates: impl IntoIterator<Item = u64>) -> Account {
    Arc::new(dates.into_iter().collect())
}

fn row(place: usize, date: u64) -> Value {
    json!({"id": (place + 1).to_string(), "title": "t", "dateupload": date.to_string(), "media": "photo"})
}

/// Both methods as Flickr answers them; `total` as a string, as it was until 2020.
fn search(account: &[u64], asked: &Asked) -> Value {
    let number = |name: &str| asked.param(name).parse::<u64>().ok();
    let (min, max) = (
        number("min_upload_date").unwrap_or(0),
        number("max_upload_date").unwrap_or(u64::MAX),
    );
    let per_page = number("per_page").unwrap() as usize;
    let mut hits: Vec<Value> = account
        .iter()
        .enumerate()
        .filter(|(_, date)| (min..=max).contains(*date))
        .map(|(place, date)| row(place, *date))
        .collect();
    let total = hits.len();
    let pages = total.div_ceil(per_page);
    if asked.param("method") == "flickr.photos.search" {
        assert_eq!(asked.param("sort"), "date-posted-asc");
        hits.truncate(4000);
    } else {
        hits.reverse();
    }
    let last = hits.len().div_ceil(per_page).max(1);
    let page = (number("page").unwrap() as usize).min(last);
    let rows: Vec<Value> = hits
        .into_iter()
        .skip((page - 1) * per_page)
        .take(per_page)
        .collect();
    json!({"photos": {"page": page, "pages": pages, "perpage": per_page, "total": total.to_string(), "photo": rows}, "stat": "ok"})
}

async fn serve_account(account: Account) -> Server {
    Server::start(move |asked, _| reply(200, &search(&account, asked).to_string())).await
}

struct Walk {
    ids: Vec<String>,
    calls: u64,
    unreadable: usize,
    videos: usize,
}

async fn walk(server: &Server, options: ListingOptions) -> Result<Walk, Error> {
    let flickr = server.flickr();
    let mut listing = Listing::new(flickr.clone(), options);
    let mut walk = Walk {
        ids: vec![],
        calls: 0,
        unreadable: 0,
        videos: 0,
    };
    while let Some(page) = listing.next_page().await? {
        walk.ids
            .extend(page.photos.into_iter().map(|photo| photo.id.to_string()));
        walk.unreadable += page.unreadable.len();
        walk.videos += page.videos;
        assert!(flickr.client().calls() < 500, "the walk does not end");
    }
    assert_eq!(listing.position(), None);
    walk.calls = flickr.client().calls();
    Ok(walk)
}

#[tokio::test]
async fn every_account_is_listed_once_and_in_few_calls() {
    let minute = |n: u64| 1_600_000_000 + 60 * n;
    let cases = [
        ("none", account([]), 1),
        ("one", account([minute(0)]), 1),
        ("499", account((0..499).map(minute)), 1),
        ("exactly a page", account((0..500).map(minute)), 2),
        ("501", account((0..501).map(minute)), 2),
        ("6,000", account((0..6000).map(minute)), 14),
        (
            "6,000 in threes",
            account((0..6000).map(|n| minute(n / 3))),
            14,
        ),
        (
            "6,000 in batches of 100",
            account((0..6000).map(|n| minute(n / 100))),
            20,
        ),
        (
            "6,000 in batches of 260",
            account((0..6000).map(|n| minute(n / 260))),
            20,
        ),
        (
            "6,000 in batches of 499",
            account((0..6000).map(|n| minute(n / 499))),
            20,
        ),
        (
            "6,000 in batches of 1,500",
            account((0..6000).map(|n| minute(n / 1500))),
            20,
        ),
        ("500 in one second", account((0..500).map(|_| minute(0))), 2),
        (
            "3,999 in one second",
            account((0..3999).map(|_| minute(0))),
            8,
        ),
        (
            "5,000 in one second among others",
            account((0..9000).map(|n| {
                if n < 2000 {
                    minute(n)
                } else if n < 7000 {
                    minute(2000)
                } else {
                    minute(n)
                }
            })),
            45,
        ),
        (
            "6,000 in one second",
            account((0..6000).map(|_| minute(0))),
            30,
        ),
    ];
    let mut wrong = Vec::new();
    for (name, dates, most) in cases {
        let server = serve_account(Arc::clone(&dates)).await;
        let walk = walk(&server, ListingOptions::default()).await.unwrap();
        let unique: HashSet<_> = walk.ids.iter().collect();
        if walk.ids.len() != dates.len() || unique.len() != dates.len() || walk.calls > most {
            wrong.push(format!(
                "{name}: {} rows, {} photos, {} calls",
                walk.ids.len(),
                unique.len(),
                walk.calls
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_later_listing_goes_on_where_the_last_one_stopped() {
    let dates = account((0..1000).map(|n| 1000 + n / 2));
    let server = serve_account(dates).await;
    let options = ListingOptions {
        min_upload_date: 1490,
        ..ListingOptions::default()
    };
    let walk = walk(&server, options).await.unwrap();
    assert_eq!(walk.ids.first().map(String::as_str), Some("981"));
    assert_eq!((walk.ids.len(), walk.calls), (20, 1));
}

#[tokio::test]
async fn deleting_while_listing_loses_no_photo() {
    // After each call the ten oldest photos are deleted: what was page 2 has shifted.
    let dates: Vec<u64> = (0..3000).map(|n| 1000 + n).collect();
    let server = Server::start(move |asked, n| {
        let mut reply_of = search(&dates, asked);
        if n > 0 {
            let rows = reply_of["photos"]["photo"].as_array_mut().unwrap();
            rows.retain(|row| row["id"].as_str().unwrap().parse::<usize>().unwrap() > n * 10);
        }
        reply(200, &reply_of.to_string())
    })
    .await;
    let walk = walk(&server, ListingOptions::default()).await.unwrap();
    assert_eq!(walk.ids.len(), 3000);
}

#[tokio::test]
async fn pages_that_lie_do_not_end_or_prolong_the_walk() {
    type Change = fn(&mut Value, usize);
    let cases: [(&str, Change); 6] = [
        ("total and pages far too high", |reply, _| {
            reply["photos"]["total"] = json!("99999");
            reply["photos"]["pages"] = json!("200");
        }),
        ("no total, no pages", |reply, _| {
            let photos = reply["photos"].as_object_mut().unwrap();
            photos.remove("total");
            photos.remove("pages");
        }),
        ("pages too low", |reply, _| {
            reply["photos"]["pages"] = json!(1)
        }),
        ("total empty", |reply, _| {
            reply["photos"]["total"] = json!("")
        }),
        ("an empty page now and then", |reply, n| {
            if n % 3 == 1 {
                reply["photos"]["photo"] = json!([]);
            }
        }),
        ("a short page now and then", |reply, n| {
            if n % 3 == 1 {
                reply["photos"]["photo"]
                    .as_array_mut()
                    .unwrap()
                    .truncate(300);
            }
        }),
    ];
    let mut wrong = Vec::new();
    for (name, change) in cases {
        let dates: Vec<u64> = (0..2600).map(|n| 1000 + n / 2).collect();
        let server = Server::start(move |asked, n| {
            let mut answer = search(&dates, asked);
            change(&mut answer, n);
            reply(200, &answer.to_string())
        })
        .await;
        let walk = walk(&server, ListingOptions::default()).await.unwrap();
        let unique: HashSet<_> = walk.ids.iter().collect();
        if walk.ids.len() != 2600 || unique.len() != 2600 || walk.calls > 30 {
            wrong.push(format!(
                "{name}: {} rows, {} calls",
                walk.ids.len(),
                walk.calls
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn bad_rows_and_videos_are_counted_once() {
    let dates: Vec<u64> = (0..1200).map(|n| 1000 + n).collect();
    let server = Server::start(move |asked, _| {
        let mut answer = search(&dates, asked);
        for row in answer["photos"]["photo"].as_array_mut().unwrap() {
            match row["id"].as_str().unwrap() {
                "500" | "501" => row["media"] = json!("video"),
                "498" | "700" => row["id"] = json!("unknown"),
                _ => {}
            }
        }
        reply(200, &answer.to_string())
    })
    .await;
    let walk = walk(&server, ListingOptions::default()).await.unwrap();
    assert_eq!((walk.ids.len(), walk.videos, walk.unreadable), (1196, 2, 2));
}

#[tokio::test]
async fn dates_that_are_missing_or_wrong_lose_no_photo() {
    // A date's row to what Flickr says instead.
    type Wrong = fn(usize, u64) -> Value;
    let cases: [(&str, Wrong); 7] = [
        ("every 50th is missing", |place, date| match place % 50 {
            0 => json!(null),
            _ => json!(date),
        }),
        ("every 50th is empty", |place, date| match place % 50 {
            49 => json!(""),
            _ => json!(date),
        }),
        ("every 50th is far ahead", |place, date| match place % 50 {
            9 => json!("99999999999"),
            _ => json!(date),
        }),
        ("every 50th is in milliseconds", |place, date| {
            match place % 50 {
                49 => json!(date * 1_000_000),
                _ => json!(date),
            }
        }),
        ("every 50th is 0", |place, date| match place % 50 {
            0 => json!(0),
            _ => json!(date),
        }),
        ("half are no numbers", |place, date| match place % 2 {
            0 => json!("2005-07-12 12:34:56"),
            _ => json!(date),
        }),
        ("all are missing", |_, _| json!(null)),
    ];
    let mut wrong = Vec::new();
    for (name, change) in cases {
        let dates: Vec<u64> = (0..4600).map(|n| 1_600_000_000 + n / 3).collect();
        let server = Server::start(move |asked, _| {
            let mut answer = search(&dates, asked);
            for row in answer["photos"]["photo"].as_array_mut().unwrap() {
                let place: usize = row["id"].as_str().unwrap().parse().unwrap();
                let date = row["dateupload"].as_str().unwrap().parse().unwrap();
                row["dateupload"] = change(place, date);
            }
            reply(200, &answer.to_string())
        })
        .await;
        let walk = walk(&server, ListingOptions::default()).await.unwrap();
        let unique: HashSet<_> = walk.ids.iter().collect();
        if unique.len() != 4600 || walk.unreadable > 0 || walk.calls > 40 {
            wrong.push(format!(
                "{name}: {} photos, {} calls",
                unique.len(),
                walk.calls
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn pages_that_are_too_long_for_flickr_are_asked_for_in_smaller_ones() {
    for (name, most, answer) in [
        ("504", 120, reply(504, "<html>")),
        ("timeout", 260, Answer::Silence(3000 * MS)),
    ] {
        let dates = account((0..3000).map(|n| 1_600_000_000 + n / 700));
        let server = Server::start(move |asked, n| {
            let rows: usize = asked.param("per_page").parse().unwrap();
            // For a while: later on it manages again.
            match rows > most && n < 60 {
                true => answer.clone(),
                false => reply(200, &search(&dates, asked).to_string()),
            }
        })
        .await;
        let walk = walk(&server, ListingOptions::default()).await.unwrap();
        let unique: HashSet<_> = walk.ids.iter().collect();
        assert_eq!(unique.len(), 3000, "{name}");
        let sizes: Vec<_> = server
            .asked()
            .iter()
            .map(|asked| asked.param("per_page").to_owned())
            .collect();
        assert_eq!(sizes.first().map(String::as_str), Some("500"), "{name}");
        assert!(sizes.iter().any(|size| size == "250"), "{name}: {sizes:?}");
        assert!(
            name == "timeout" || sizes.iter().any(|size| size == "62"),
            "{name}: {sizes:?}"
        );
    }
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_reported_not_dropped() {
    let server = Server::start(|asked, _| {
        let dates: Vec<u64> = (0..6000).map(|n| 1000 + n).collect();
        let mut answer = search(&dates, asked);
        for row in answer["photos"]["photo"].as_array_mut().unwrap() {
            row.as_object_mut().unwrap().remove("id");
        }
        reply(200, &answer.to_string())
    })
    .await;
    let walk = walk(&server, ListingOptions::default()).await.unwrap();
    assert_eq!(walk.ids.len(), 0);
    assert!(walk.unreadable >= 500, "{}", walk.unreadable);
}

#[tokio::test]
async fn after_an_error_the_walk_goes_on() {
    let dates: Vec<u64> = (0..1200).map(|n| 1000 + n).collect();
    let server = Server::start(move |asked, n| match n {
        1 => reply(200, r#"{"stat":"fail","code":3,"message":"not available"}"#),
        _ => reply(200, &search(&dates, asked).to_string()),
    })
    .await;
    let mut listing = Listing::new(server.flickr(), ListingOptions::default());
    let (mut photos, mut errors) = (0, 0);
    loop {
        match listing.next_page().await {
            Ok(None) => break,
            Ok(Some(page)) => {
                assert_eq!(page.total, Some(1200));
                photos += page.photos.len();
            }
            Err(_) => errors += 1,
        }
    }
    assert_eq!((photos, errors), (1200, 1));
}
