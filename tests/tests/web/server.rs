//! The server under load and in trouble, by plain HTTP.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use end_to_end::{Page, wait_for};

use crate::{
    guard::{header, send, status},
    library::{enter, first_cluster, home},
};

/// Where the pages lie and what a browser that was let in sends.
fn let_in(page: &Page) -> (String, String) {
    let token = page.url.split_once('?').unwrap().1;
    let head = format!("GET /?{token} HTTP/1.1\nHost: {{host}}");
    let entered = send(page, &head, "");
    let cookie = header(&entered, "set-cookie");
    let place = cookie.split("Path=").nth(1).unwrap();
    let place = place.split(';').next().unwrap().to_owned();
    let cookie = cookie.split(';').next().unwrap();
    (place, format!("Host: {{host}}\nCookie: {cookie}"))
}

#[test]
fn half_sent_heads_do_not_freeze_the_page() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let (place, own) = let_in(&page);
    // More than a process may have open; as many as this test may open itself.
    let mut half = Vec::new();
    for _ in 0..900 {
        let mut stream = TcpStream::connect(page.host()).unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: 1").unwrap();
        half.push(stream);
    }
    let begin = Instant::now();
    let answer = send(&page, &format!("GET {place} HTTP/1.1\n{own}"), "");
    assert_eq!(status(&answer), "200", "{answer}");
    let taken = begin.elapsed();
    assert!(taken < Duration::from_secs(3), "{taken:?}");
    // The oldest made room; the newest wait for the rest of their head.
    half[0]
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    let mut rest = Vec::new();
    let ended = half[0].read_to_end(&mut rest);
    assert!(ended.is_ok() || !matches!(ended.unwrap_err().kind(), std::io::ErrorKind::WouldBlock));
}

#[test]
fn files_are_kept_by_their_hash_and_pages_are_not() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let (place, own) = let_in(&page);
    let shown = send(&page, &format!("GET {place} HTTP/1.1\n{own}"), "");
    assert_eq!(header(&shown, "cache-control"), "no-store");
    let script = shown.split("src=\"").nth(1).unwrap();
    let script = script.split('"').next().unwrap();
    let asked = |path: &str| send(&page, &format!("GET {place}{path} HTTP/1.1\n{own}"), "");
    let answer = asked(script);
    assert_eq!(
        header(&answer, "cache-control"),
        "private, max-age=31536000, immutable"
    );
    // Of another version: what there is now, and not for good.
    let version = script.split('/').nth(1).unwrap();
    let answer = asked(&script.replace(version, "0000000000000000"));
    assert_eq!(status(&answer), "200");
    assert_eq!(header(&answer, "cache-control"), "no-store");
}

#[test]
fn every_problem_is_a_page_in_the_same_dress() {
    let home = home();
    let page = Page::serve(&home, &[]);
    let (place, own) = let_in(&page);
    let post = format!("POST {place}undo HTTP/1.1\n{own}\nOrigin: http://{{host}}");
    for (head, body, expected) in [
        (format!("GET {place}nothing HTTP/1.1\n{own}"), "", "404"),
        (format!("GET {place}clusters/x HTTP/1.1\n{own}"), "", "404"),
        (format!("GET {place}person/x HTTP/1.1\n{own}"), "", "404"),
        (
            format!("DELETE {place} HTTP/1.1\n{own}\nOrigin: http://{{host}}"),
            "",
            "405",
        ),
        (post.clone(), "entry=999", "404"),
        (post, "entry=x", "400"),
        ("GET / HTTP/1.1\nHost: {host}".to_owned(), "", "403"),
    ] {
        let answer = send(&page, &head, body);
        let is_right = status(&answer) == expected
            && answer.contains("id=\"problem\"")
            && answer.contains("href=\"/style.css\"");
        assert!(is_right, "{head} {body}: {answer}");
        // Who is not let in does not learn where the pages lie.
        assert_eq!(answer.contains(&place), expected != "403", "{answer}");
    }
    let style = send(&page, "GET /style.css HTTP/1.1\nHost: {host}", "");
    assert_eq!(status(&style), "200");
    assert!(header(&style, "content-type").starts_with("text/css"));
}

#[test]
fn the_faces_of_a_question_come_with_one_request() {
    let home = home();
    let page = Page::serve(&home, &[]);
    wait_for(async {
        let browser = enter(&page).await;
        first_cluster(&browser).await;
        browser
            .until("[...document.querySelectorAll('#faces .face img')].filter((image) => image.naturalWidth > 0).length === 6")
            .await;
        let asked = browser
            .value("performance.getEntriesByType('resource').map((entry) => entry.name.split('/').slice(4).join('/').split('?')[0]) \
                    .filter((name) => !name.startsWith('assets') && !name.startsWith('news'))")
            .await;
        let asked: Vec<&str> = asked
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|name| name.as_str())
            .collect();
        let faces = asked.iter().filter(|name| name.starts_with("crop"));
        // One for the cards of the first page, one for the question.
        assert!(faces.count() <= 2, "{asked:?}");
    });
}
