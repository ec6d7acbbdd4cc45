//! Answers that go wrong because they were ordered to.

use std::time::{Duration, Instant};

use flickr_sandbox::{Fault, FaultKind, Options};

use crate::client::Asker;

#[tokio::test]
async fn calls_fail_as_ordered_and_then_no_more() {
    let asker = Asker::new(Options::default());
    let echo = async || asker.call("flickr.test.echo", "x=1").await;
    let order = |kind| {
        asker
            .sandbox
            .set_faults([Fault::once("flickr.test.echo", kind)])
    };

    order(FaultKind::TooManyRequests {
        retry_after: Some("2".to_owned()),
    });
    let answer = echo().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("retry-after")),
        (429, "2")
    );
    assert_eq!(answer.body.len(), 117, "as long as Flickr's own page");
    assert_eq!(echo().await.status, 200, "one answer was ordered");

    order(FaultKind::TooManyRequests { retry_after: None });
    assert_eq!(echo().await.header("retry-after"), "");
    for status in [500, 502, 504] {
        order(FaultKind::ServerError { status });
        let answer = echo().await;
        assert_eq!(answer.status.as_u16(), status);
        assert_eq!(answer.header("content-type"), "text/html");
    }
    for code in [0, 105, 201] {
        order(FaultKind::ApiFailure {
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
    order(FaultKind::HtmlPage);
    let answer = echo().await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().starts_with("<!DOCTYPE html>"));
    let whole = echo().await.body;
    order(FaultKind::Truncated);
    assert_eq!(echo().await.body, whole[..whole.len() / 2]);
    order(FaultKind::Delay { ms: 300 });
    let start = Instant::now();
    assert_eq!(echo().await.body, whole);
    assert!(start.elapsed() >= Duration::from_millis(300));
    order(FaultKind::NotFound);
    assert_eq!(
        asker.call("flickr.test.null", "").await.status,
        200,
        "another method"
    );
    assert_eq!(echo().await.status, 404);
    assert_eq!(asker.sandbox.calls().faults, 12);
    assert_eq!(asker.sandbox.calls().of("flickr.test.echo"), 14);
}

#[tokio::test]
async fn files_fail_as_ordered() {
    let asker = Asker::new(Options::generate(2));
    let photos = asker.search("sort=date-posted-asc&extras=url_n").await;
    let url = |index: usize| photos["photo"][index]["url_n"].as_str().unwrap();
    let id = photos["photo"][0]["id"].as_str().unwrap();
    let whole = asker.get(url(0)).await.body;
    let order = |kind| {
        let fault = Fault::once("static", kind).containing(id);
        asker.sandbox.set_faults([fault]);
    };

    order(FaultKind::NotFound);
    assert_eq!(asker.get(url(1)).await.status, 200, "another photo");
    assert_eq!(asker.get(url(0)).await.status, 404);
    assert_eq!(asker.get(url(0)).await.body, whole, "404, then there");

    order(FaultKind::Truncated);
    let broken = asker.send(asker.client.get(url(0))).await;
    assert!(broken.is_err(), "the promised length does not come");

    order(FaultKind::CutShort);
    assert_eq!(asker.get(url(0)).await.body, whole[..whole.len() / 2]);

    order(FaultKind::Corrupt);
    let corrupt = asker.get(url(0)).await;
    assert_eq!(corrupt.header("content-type"), "image/jpeg");
    assert_eq!(corrupt.body.len(), whole.len());
    assert_eq!(corrupt.body[..3], [0xff, 0xd8, 0xff]);
    assert!(image::load_from_memory(&corrupt.body).is_err());

    order(FaultKind::HtmlPage);
    let page = asker.get(url(0)).await;
    assert_eq!(
        (page.status.as_u16(), page.header("content-type")),
        (200, "text/html")
    );

    order(FaultKind::PhotoUnavailable);
    let redirect = asker.get(url(0)).await;
    assert_eq!(redirect.status, 302);
    let gif = asker.get(redirect.header("location")).await;
    assert_eq!(
        (gif.status.as_u16(), gif.header("content-type")),
        (200, "image/gif")
    );
    assert!(gif.body.starts_with(b"GIF89a"));

    order(FaultKind::TooManyRequests { retry_after: None });
    assert_eq!(asker.get(url(0)).await.status, 429);
}
