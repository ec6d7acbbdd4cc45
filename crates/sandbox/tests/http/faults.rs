//! Answers that go wrong because a fault rule says so.

use std::time::{Duration, Instant};

use flickr_sandbox::{Fault, FaultKind, Options};

use crate::client::TestClient;

#[tokio::test]
async fn calls_fail_as_often_as_the_rule_says() {
    let flickr = TestClient::new(Options::default());
    let echo = async || flickr.call("flickr.test.echo", "x=1").await;
    let fail = |kind| {
        flickr
            .sandbox
            .set_faults([Fault::once("flickr.test.echo", kind)])
    };

    fail(FaultKind::TooManyRequests {
        retry_after: Some("2".to_owned()),
    });
    let answer = echo().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (429, "2")
    );
    assert_eq!(answer.body.len(), 117, "as long as Flickr's own page");
    assert_eq!(echo().await.status, 200, "the rule was for one answer");

    fail(FaultKind::TooManyRequests { retry_after: None });
    assert_eq!(echo().await.header("retry-after"), "");
    for status in [500, 502, 504] {
        fail(FaultKind::ServerError { status });
        let answer = echo().await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("content-type"), "text/html");
    }
    for code in [0, 105, 201] {
        fail(FaultKind::ApiFailure {
            code,
            message: None,
        });
        let answer = echo().await;
        let reply = answer.json();
        assert_eq!(
            (answer.status.as_u16(), &reply["code"]),
            (200, &code.into())
        );
        let message = "Sorry, the Flickr API service is not currently available.";
        assert_eq!(reply["message"], message);
    }
    let problem = "nonce_used".to_owned();
    fail(FaultKind::OauthProblem { problem });
    let answer = echo().await;
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (401, "oauth_problem=nonce_used")
    );
    fail(FaultKind::HtmlPage);
    let answer = echo().await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().starts_with("<!DOCTYPE html>"));
    let whole = echo().await.body;
    fail(FaultKind::Truncated);
    assert_eq!(echo().await.body, whole[..whole.len() / 2]);
    fail(FaultKind::Delay { ms: 300 });
    let start = Instant::now();
    assert_eq!(echo().await.body, whole);
    assert!(start.elapsed() >= Duration::from_millis(300));
    fail(FaultKind::NotFound);
    assert_eq!(
        flickr.call("flickr.test.null", "").await.status,
        200,
        "another method"
    );
    assert_eq!(echo().await.status, 404);
    assert_eq!(flickr.sandbox.calls().faults, 13);
    assert_eq!(flickr.sandbox.calls().of("flickr.test.echo"), 15);
}

#[tokio::test]
async fn files_fail_as_the_rule_says() {
    let flickr = TestClient::new(Options::generate(2));
    let photos = flickr.search("sort=date-posted-asc&extras=url_n").await;
    let url = |index: usize| photos["photo"][index]["url_n"].as_str().unwrap();
    let id = photos["photo"][0]["id"].as_str().unwrap();
    let whole = flickr.get(url(0)).await.body;
    let fail = |kind| {
        let fault = Fault::once("static", kind).containing(id);
        flickr.sandbox.set_faults([fault]);
    };

    fail(FaultKind::NotFound);
    assert_eq!(flickr.get(url(1)).await.status, 200, "another photo");
    assert_eq!(flickr.get(url(0)).await.status, 404);
    assert_eq!(flickr.get(url(0)).await.body, whole, "404, then there");

    fail(FaultKind::Truncated);
    let broken = flickr.send(flickr.http.get(url(0))).await;
    assert!(broken.is_err(), "the promised length does not come");

    fail(FaultKind::CutShort);
    assert_eq!(flickr.get(url(0)).await.body, whole[..whole.len() / 2]);

    fail(FaultKind::Corrupt);
    let corrupt = flickr.get(url(0)).await;
    assert_eq!(corrupt.header("content-type"), "image/jpeg");
    assert_eq!(corrupt.body.len(), whole.len());
    assert_eq!(corrupt.body[..3], [0xff, 0xd8, 0xff]);
    assert!(image::load_from_memory(&corrupt.body).is_err());

    fail(FaultKind::HtmlPage);
    let page = flickr.get(url(0)).await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html")
    );

    fail(FaultKind::PhotoUnavailable);
    let redirect = flickr.get(url(0)).await;
    assert_eq!(redirect.status, 302);
    let gif = flickr.get(redirect.header("location")).await;
    assert_eq!(
        (gif.status.as_u16(), gif.header("content-type")),
        (200, "image/gif")
    );
    assert!(gif.body.starts_with(b"GIF89a"));

    fail(FaultKind::Gif);
    let gif = flickr.get(url(0)).await;
    assert_eq!(
        (gif.status.as_u16(), gif.header("content-type")),
        (200, "image/gif")
    );
    assert!(gif.body.starts_with(b"GIF89a"));

    fail(FaultKind::Webp);
    let webp = flickr.get(url(0)).await;
    assert_eq!(
        (webp.status.as_u16(), webp.header("content-type")),
        (200, "image/jpeg")
    );
    assert!(webp.body.starts_with(b"RIFF"));

    fail(FaultKind::TooManyRequests { retry_after: None });
    assert_eq!(flickr.get(url(0)).await.status, 429);
}

#[tokio::test]
async fn a_status_can_stay_with_one_photo() {
    let flickr = TestClient::new(Options::generate(2));
    let photos = flickr.search("extras=url_n").await;
    let url = |index: usize| photos["photo"][index]["url_n"].as_str().unwrap();
    let id = photos["photo"][0]["id"].as_str().unwrap();
    for status in [403, 410, 451, 429] {
        let kind = match status {
            429 => FaultKind::TooManyRequests { retry_after: None },
            status => FaultKind::ServerError { status },
        };
        let fault = Fault::once("static", kind).containing(id).always();
        flickr.sandbox.set_faults([fault]);
        for _ in 0..3 {
            let answer = flickr.get(url(0)).await;
            assert_eq!(answer.status.as_u16(), status);
            assert_eq!(answer.header("content-type"), "text/html");
            assert_eq!(flickr.get(url(1)).await.status, 200, "another photo");
        }
    }
}

#[tokio::test]
async fn a_file_can_trickle() {
    let flickr = TestClient::new(Options::generate(1));
    let photos = flickr.search("extras=url_t").await;
    let url = photos["photo"][0]["url_t"].as_str().unwrap();
    let whole = flickr.get(url).await.body;
    let trickle = |ms| {
        flickr
            .sandbox
            .set_faults([Fault::once("static", FaultKind::Trickle { ms })]);
    };
    trickle(0);
    assert_eq!(flickr.get(url).await.body, whole, "all of it comes");
    trickle(200);
    let start = Instant::now();
    let mut answer = flickr.http.get(url).send().await.unwrap();
    assert_eq!(answer.content_length(), Some(whole.len() as u64));
    for byte in &whole[..3] {
        let chunk = answer.chunk().await.unwrap().unwrap();
        assert_eq!(chunk[..], [*byte]);
    }
    assert!(start.elapsed() >= Duration::from_millis(600));
}
