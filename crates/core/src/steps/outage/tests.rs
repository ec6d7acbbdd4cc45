use std::{
    io::{Read, Write},
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::flickr::{ApiKey, Client, ClientConfig, Endpoints, wire_tests::token};

/// A Flickr that does not answer.
fn flickr(longest_wait: Duration) -> Flickr {
    flickr_at("127.0.0.1:9", longest_wait)
}

fn flickr_at(address: &str, longest_wait: Duration) -> Flickr {
    let url = format!("http://{address}").parse().unwrap();
    let endpoints = Endpoints::local(&url).unwrap();
    let settings = ClientConfig {
        calls_per_hour: NonZeroU32::MAX,
        tries: NonZeroU32::MIN,
        longest_wait,
        ..ClientConfig::default()
    };
    let client = Client::new(endpoints, ApiKey::new("key", "secret"), settings).unwrap();
    Flickr::new(Arc::new(client), token())
}

fn trouble(concerns: Concerns) -> Trouble {
    Trouble {
        reason: "HTTP status 500".to_owned(),
        concerns,
    }
}

/// What came of a queue.
struct Worked {
    turns: Vec<u32>,
    failed: Vec<u32>,
    left: usize,
    end: Result<(), StepError>,
    took: Duration,
}

/// Works a queue off with a first wait of a millisecond; `goes_well` gets the item and its turn.
async fn work(
    number: u32,
    known: bool,
    longest_wait: Duration,
    goes_well: impl Fn(u32, usize) -> bool,
) -> Worked {
    work_at(flickr(longest_wait), number, known, goes_well).await
}

async fn work_at(
    flickr: Flickr,
    number: u32,
    known: bool,
    goes_well: impl Fn(u32, usize) -> bool,
) -> Worked {
    let mut queue = Queue::writing(&flickr, (0..number).map(|item| (item, known)));
    queue.outage = Outage::with_first_wait(flickr.client(), "takes no changes", MS);
    let start = Instant::now();
    let mut turns = Vec::new();
    let end = loop {
        let item = match queue.next().await {
            Ok(Some(item)) => item,
            Ok(None) => break Ok(()),
            Err(error) => break Err(error),
        };
        turns.push(item);
        if goes_well(item, turns.len()) {
            queue.done();
        } else {
            queue.set_aside(item, trouble(Concerns::PhotoOrFlickr));
        }
    };
    Worked {
        turns,
        failed: queue.failed.iter().map(|(item, _)| *item).collect(),
        left: queue.left(),
        end,
        took: start.elapsed(),
    }
}

const MS: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_photo_that_fails_for_ever_fails_alone() {
    let run = work(6, false, LONG, |item, _| item % 3 != 1).await;
    assert_eq!((run.turns, run.failed), ((0..6).collect(), vec![1, 4]));
    assert!(run.end.is_ok() && run.left == 0);
    // Four in a row look like an outage, until the fifth goes well: each gets one more turn.
    let run = work(6, false, LONG, |item, _| item >= 4).await;
    assert_eq!(run.turns, [0, 1, 2, 3, 4, 0, 1, 2, 3, 5]);
    assert_eq!(run.failed, [0, 1, 2, 3]);
    assert!(run.end.is_ok());
    // The last ones.
    let run = work(3, false, LONG, |item, _| item == 0).await;
    assert_eq!((run.turns, run.failed), (vec![0, 1, 2], vec![1, 2]));
    assert!(run.end.is_ok());
    // What failed in earlier runs is known to: nothing is waited for.
    let run = work(9, true, Duration::ZERO, |_, _| false).await;
    assert_eq!((run.turns.len(), run.failed.len()), (9, 9));
    assert!(run.end.is_ok());
}

#[tokio::test]
async fn an_outage_costs_one_turn_a_wait_and_nobody_fails() {
    let run = work(300, false, LONG, |_, turn| turn > 8).await;
    assert!(run.failed.is_empty() && run.end.is_ok() && run.left == 0);
    assert_eq!(run.turns.len(), 300 + 8);
    assert_eq!(run.turns[8..18], [8, 0, 1, 2, 3, 4, 5, 6, 7, 9]);
    // 1, 2, 4, 8, 16 and 20 of the first wait.
    assert!(run.took >= 51 * MS, "{:?}", run.took);
}

#[tokio::test]
async fn an_outage_without_end_is_given_up() {
    for known in [false, true] {
        let run = work(300, known, 150 * MS, |_, _| false).await;
        let error = run.end.unwrap_err().to_string();
        assert_eq!(
            error,
            "Flickr takes no changes: given up after 0 s (HTTP status 500)"
        );
        assert!(run.took >= 150 * MS, "{:?}", run.took);
        assert!(run.turns.len() <= 24, "{} turns", run.turns.len());
        assert_eq!(run.failed.len() + run.left, 300);
        assert!(run.failed.len() < 10);
    }
    let run = work(300, false, Duration::ZERO, |_, _| false).await;
    assert_eq!((run.turns.len(), run.failed.len(), run.left), (3, 0, 300));
    assert!(run.end.is_err());
}

/// Answers every call as `checkToken` is answered.
fn answering() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let body = r#"{"oauth":{"token":{"_content":"t"},"perms":{"_content":"write"},
                "user":{"nsid":"1@N00","username":"a","fullname":""}},"stat":"ok"}"#;
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let asked = stream.read(&mut [0; 8192]).unwrap();
            assert!(asked > 0, "a call");
            let length = body.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all((head + body).as_bytes()).unwrap();
        }
    });
    address
}

#[tokio::test]
async fn the_last_few_that_fail_for_ever_are_not_waited_for_for_ever() {
    let flickr = flickr_at(&answering(), LONG);
    let run = work_at(flickr, 4, false, |item, _| item == 0).await;
    // Each once more after a wait.
    assert_eq!(run.turns, [0, 1, 2, 3, 1, 2, 3]);
    assert_eq!((run.failed, run.left), (vec![1, 2, 3], 0));
    assert!(run.end.is_ok() && run.took < LONG / 2);
    // Where nothing is answered it may be an outage.
    let run = work(4, false, 500 * MS, |item, _| item == 0).await;
    assert!(run.end.is_err() && run.failed.is_empty() && run.left == 3);
}

#[tokio::test]
async fn slow_down_is_not_one_photos() {
    let flickr = flickr(LONG);
    let mut queue = Queue::writing(&flickr, [(1, true), (2, true)]);
    queue.outage = Outage::with_first_wait(flickr.client(), "takes no changes", 30 * MS);
    let start = Instant::now();
    let item = queue.next().await.unwrap().unwrap();
    queue.set_aside(item, trouble(Concerns::Flickr));
    assert_eq!(queue.next().await.unwrap(), Some(2));
    assert!(start.elapsed() >= 30 * MS);
    // Ctrl-C ends the wait.
    queue.set_aside(2, trouble(Concerns::Flickr));
    flickr.client().settings().stop.cancel();
    let error = queue.next().await.unwrap_err();
    assert!(
        matches!(error, StepError::Flickr(Error::Stopped { .. })),
        "{error}"
    );
    assert_eq!(queue.left(), 2);
}
