//! What the client does with every kind of answer.

use super::*;
use crate::flickr::Error;

const TOKEN_INFO: &str = r#"{"oauth":{"perms":{"_content":"write"},"user":{"nsid":"1@N00","username":{"_content":"ann"}}},"stat":"ok"}"#;
const SORRY: &str = r#"{"stat":"fail","message":"Sorry, the Flickr API service is not currently available.","code":201}"#;

#[tokio::test]
async fn a_read_is_signed_and_named() {
    let server = Server::script(vec![reply(200, TOKEN_INFO)]).await;
    let user = server.flickr().auth_oauth_check_token().await.unwrap();
    assert_eq!(
        (user.nsid.as_str(), user.username.as_str()),
        ("1@N00", "ann")
    );
    let asked = &server.asked()[0];
    assert_eq!(
        (asked.verb.as_str(), asked.path.as_str()),
        ("GET", "/services/rest/")
    );
    assert_eq!(asked.param("method"), "flickr.auth.oauth.checkToken");
    assert_eq!(
        (asked.param("format"), asked.param("nojsoncallback")),
        ("json", "1")
    );
    assert_eq!(asked.oauth("oauth_consumer_key"), KEY);
    assert_eq!(asked.oauth("oauth_token"), TOKEN);
    assert_eq!(asked.oauth("oauth_signature_method"), "HMAC-SHA1");
    assert!(
        asked.user_agent.starts_with("flickr-faces/"),
        "{}",
        asked.user_agent
    );
    assert!(
        !asked.params.contains_key("oauth_token"),
        "a token in the URL"
    );
}

#[tokio::test]
async fn a_read_is_tried_again_after_whatever_passes() {
    let cases = [
        ("500", reply(500, "<html>")),
        ("502", reply(502, "")),
        ("504", reply(504, "<html>")),
        ("sorry", reply(200, SORRY)),
        (
            "code 105",
            reply(200, r#"{"stat":"fail","code":105,"message":"x"}"#),
        ),
        ("HTML", reply(200, "<html>hello</html>")),
        ("half JSON", reply(200, "{\"oauth\":")),
        (
            "cut",
            Answer::Cut(String::new(), TOKEN_INFO.as_bytes().to_vec(), 20),
        ),
        ("silence", Answer::Silence(2000 * MS)),
        ("closed", Answer::Silence(Duration::ZERO)),
        ("429", reply(429, "<html>")),
        (
            "429, seconds",
            Answer::Reply(429, "Retry-After: 0\r\n".into(), vec![]),
        ),
        (
            "429, date",
            Answer::Reply(
                429,
                "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n".into(),
                vec![],
            ),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, fault) in cases {
        let server = Server::script(vec![fault.clone(), fault, reply(200, TOKEN_INFO)]).await;
        let flickr = server.flickr();
        let result = flickr.auth_oauth_check_token().await;
        let asked = server.asked();
        let nonces: std::collections::HashSet<_> =
            asked.iter().map(|a| a.oauth("oauth_nonce")).collect();
        if result.is_err() || asked.len() != 3 || nonces.len() != 3 || flickr.client().calls() != 3
        {
            wrong.push(format!(
                "{name}: {result:?}, {} requests, {} nonces",
                asked.len(),
                nonces.len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_refusal_is_not_repeated_but_one_of_the_sign_in_is_asked_for_twice() {
    let fail = |code: i64| {
        reply(
            200,
            &format!("{{\"stat\":\"fail\",\"code\":{code},\"message\":\"no\"}}"),
        )
    };
    let clock = Answer::Reply(
        401,
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".into(),
        b"oauth_problem=timestamp_refused".to_vec(),
    );
    let cases = [
        ("revoked", fail(98), 2),
        ("not signed in", fail(99), 2),
        ("bad key", fail(100), 2),
        ("rejected", reply(401, "oauth_problem=token_rejected"), 2),
        (
            "unknown key",
            reply(401, "oauth_problem=consumer_key_unknown"),
            2,
        ),
        (
            "signature",
            reply(401, "oauth_problem=signature_invalid&debug_sbs=GET&x"),
            2,
        ),
        ("no photo", fail(1), 1),
        ("clock", reply(401, "oauth_problem=timestamp_refused"), 1),
        ("clock, with Flickr's time", clock, 2),
        (
            "redirect",
            Answer::Reply(302, "Location: http://example.org/\r\n".into(), vec![]),
            1,
        ),
        ("404", reply(404, "<html>"), 1),
    ];
    let mut wrong = Vec::new();
    for (name, answer, requests) in cases {
        let server = Server::script(vec![answer]).await;
        let result = server.flickr().auth_oauth_check_token().await;
        if result.is_ok() || server.asked().len() != requests {
            wrong.push(format!(
                "{name}: {result:?} after {} requests",
                server.asked().len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // One server alone has lost sight of the sign-in: nothing comes of it, not even in a write.
    let ok = || reply(200, r#"{"stat":"ok"}"#);
    for refusal in [fail(98), reply(401, "oauth_problem=token_rejected")] {
        let server = Server::script(vec![refusal, ok()]).await;
        server.flickr().photos_remove_tag("1-53-2").await.unwrap();
        assert_eq!(server.asked().len(), 2);
    }
}

#[tokio::test]
async fn what_flickr_refused_for_its_nonce_or_time_is_signed_anew() {
    let used = || reply(401, "oauth_problem=nonce_used");
    let server = Server::script(vec![used(), reply(200, TOKEN_INFO)]).await;
    server.flickr().auth_oauth_check_token().await.unwrap();
    let asked = server.asked();
    assert_ne!(asked[0].oauth("oauth_nonce"), asked[1].oauth("oauth_nonce"));
    // What was sent twice on the way may have been done the first time: it is looked up.
    let server = Server::script(vec![used()]).await;
    let added = server.flickr().photos_remove_tag("1-53-2").await;
    assert!(matches!(added, Err(Error::AnswerLost { .. })), "{added:?}");

    // 1994 is Flickr's time; a write that was refused was not done.
    let refused = Answer::Reply(
        401,
        "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".into(),
        b"oauth_problem=timestamp_refused".to_vec(),
    );
    let server = Server::script(vec![refused, reply(200, r#"{"stat":"ok"}"#)]).await;
    let flickr = server.flickr();
    flickr.photos_remove_tag("1-53-2").await.unwrap();
    flickr.photos_remove_tag("1-53-3").await.unwrap();
    let times: Vec<i64> = server
        .asked()
        .iter()
        .map(|asked| asked.oauth("oauth_timestamp").parse().unwrap())
        .collect();
    assert!(times[0] > 1_700_000_000, "{times:?}");
    for time in &times[1..] {
        assert!((784_111_770..784_111_870).contains(time), "{times:?}");
    }
}

#[tokio::test]
async fn tries_end() {
    let server = Server::script(vec![reply(503, "")]).await;
    let error = server.flickr().auth_oauth_check_token().await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { tries: 5, .. }),
        "{error}"
    );
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn a_write_is_a_post_with_each_tag_quoted() {
    let server = Server::script(vec![reply(200, r#"{"stat":"ok"}"#)]).await;
    let added = server
        .flickr()
        .photos_add_tags(&photo("53"), &["Ada Lovelace", "Café"])
        .await
        .unwrap();
    assert_eq!(added, None);
    let asked = &server.asked()[0];
    assert_eq!(asked.verb, "POST");
    assert_eq!(asked.param("tags"), "\"Ada Lovelace\" \"Café\"");
    assert_eq!(asked.param("photo_id"), "53");
}

#[tokio::test]
async fn a_write_that_may_have_been_done_is_not_repeated() {
    let cases = [
        ("504", reply(504, "<html>")),
        ("500", reply(500, "")),
        ("HTML", reply(200, "<html>")),
        ("sorry", reply(200, SORRY)),
        ("silence", Answer::Silence(2000 * MS)),
        (
            "cut",
            Answer::Cut(String::new(), b"{\"stat\":\"ok\"}".to_vec(), 5),
        ),
    ];
    let mut wrong = Vec::new();
    for (name, answer) in cases {
        let server = Server::script(vec![answer]).await;
        let result = server
            .flickr()
            .photos_add_tags(&photo("53"), &["Ada"])
            .await;
        let lost = matches!(&result, Err(Error::AnswerLost { method, .. }) if method == "flickr.photos.addTags");
        if !lost || server.asked().len() != 1 {
            wrong.push(format!(
                "{name}: {result:?} after {} requests",
                server.asked().len()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_write_that_was_surely_not_done_is_repeated() {
    let server = Server::script(vec![reply(429, "<html>"), reply(200, r#"{"stat":"ok"}"#)]).await;
    server.flickr().photos_remove_tag("1-53-2").await.unwrap();
    assert_eq!(server.asked().len(), 2);

    // Nothing listens there: every try is allowed, and the error does not say that it may be done.
    let base = {
        let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        Url::parse(&format!("http://{}", gone.local_addr().unwrap())).unwrap()
    };
    let client = Client::new(
        Endpoints::local(&base).unwrap(),
        ApiKey::new(KEY, SECRET),
        fast(),
    )
    .unwrap();
    let flickr = Flickr::new(Arc::new(client), token());
    let error = flickr.photos_remove_tag("1-53-2").await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { tries: 5, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("no connection"), "{error}");
}

#[tokio::test]
async fn one_429_pauses_every_call() {
    let server = Server::start(|_, n| match n {
        0 => Answer::Reply(429, "Retry-After: 1\r\n".into(), vec![]),
        _ => reply(200, TOKEN_INFO),
    })
    .await;
    let flickr = server.flickr();
    let start = std::time::Instant::now();
    let first = tokio::spawn({
        let flickr = flickr.clone();
        async move { flickr.auth_oauth_check_token().await }
    });
    while server.asked().is_empty() || flickr.client().pause_left().is_zero() {
        tokio::time::sleep(MS).await;
    }
    flickr.auth_oauth_check_token().await.unwrap();
    assert!(
        start.elapsed() >= 950 * MS,
        "the second call went after {:?}",
        start.elapsed()
    );
    first.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_pause_of_hours_is_reported_not_slept() {
    let server = Server::script(vec![Answer::Reply(
        429,
        "Retry-After: 7200\r\n".into(),
        vec![],
    )])
    .await;
    let flickr = server.flickr();
    for _ in 0..2 {
        let error = flickr.auth_oauth_check_token().await.unwrap_err();
        assert!(
            matches!(error, Error::Throttled { wait, .. } if wait.as_secs() > 7000),
            "{error}"
        );
    }
    assert_eq!(server.asked().len(), 1, "a call went out during the pause");
}

#[tokio::test]
async fn a_pause_of_nothing_again_and_again_is_no_endless_loop() {
    let slow = Answer::Reply(429, "Retry-After: 0\r\n".into(), vec![]);
    let server = Server::script(vec![slow]).await;
    let error = server.flickr().auth_oauth_check_token().await.unwrap_err();
    assert!(matches!(error, Error::Throttled { .. }), "{error}");
    assert_eq!(server.asked().len(), 5);
}

/// The error of a client that reads replies of so many bytes.
async fn refused_beyond(server: &Server, reply_limit: usize) -> Error {
    let settings = ClientConfig {
        reply_limit,
        ..fast()
    };
    let client = Client::new(server.endpoints(), ApiKey::new(KEY, SECRET), settings).unwrap();
    let flickr = Flickr::new(Arc::new(client), token());
    flickr.auth_oauth_check_token().await.unwrap_err()
}

#[tokio::test]
async fn a_reply_without_end_is_left() {
    let server = Server::script(vec![reply(200, &"x".repeat(3000))]).await;
    let error = refused_beyond(&server, 1000).await;
    assert!(error.to_string().contains("at most 1000 bytes"), "{error}");
}

#[tokio::test]
async fn clients_with_one_budget_never_exceed_it_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faces.sqlite");
    let server = Server::script(vec![reply(200, TOKEN_INFO)]).await;
    // As two programs: each opens the store itself. 20 calls at once, then 20 a second.
    let mut programs = Vec::new();
    for _ in 0..2 {
        let store = crate::store::Store::open(path.to_str().unwrap())
            .await
            .unwrap();
        let settings = ClientConfig {
            calls_per_hour: NonZeroU32::new(72_000).unwrap(),
            burst: NonZeroU32::new(20).unwrap(),
            budget: Some(Arc::new(store)),
            ..fast()
        };
        let client = Client::new(server.endpoints(), ApiKey::new(KEY, SECRET), settings).unwrap();
        programs.push(Flickr::new(Arc::new(client), token()));
    }
    let begun = std::time::Instant::now();
    let work = |flickr: Flickr| async move {
        for _ in 0..40 {
            flickr.auth_oauth_check_token().await.unwrap();
        }
    };
    tokio::join!(work(programs[0].clone()), work(programs[1].clone()));
    // Each for itself would have taken a second.
    assert_eq!(server.asked().len(), 80);
    let took = begun.elapsed().as_secs_f64();
    assert!(80.0 <= 20.0 + 20.0 * took, "80 calls in {took} s");
}

fn gzip(body: &[u8]) -> Answer {
    use std::io::Write as _;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(body).unwrap();
    let packed = packed.finish().unwrap();
    Answer::Reply(200, "Content-Encoding: gzip\r\n".into(), packed)
}

#[tokio::test]
async fn replies_may_be_compressed() {
    let Answer::Reply(_, headers, packed) = gzip(TOKEN_INFO.as_bytes()) else {
        unreachable!()
    };
    let half = packed.len() / 2;
    let answers = vec![
        // What stops in the middle, or is nothing that can be unpacked, is asked for again.
        Answer::Cut(headers.clone(), packed.clone(), half),
        Answer::Reply(200, headers.clone(), packed[..half].to_vec()),
        Answer::Reply(200, headers, b"{}".to_vec()),
        gzip(TOKEN_INFO.as_bytes()),
    ];
    let server = Server::script(answers).await;
    let info = server.flickr().auth_oauth_check_token().await.unwrap();
    assert_eq!(info.nsid, "1@N00");
    let asked = server.asked();
    assert_eq!(asked.len(), 4);
    assert!(asked.iter().all(|asked| asked.accept_encoding == "gzip"));

    // Eight kilobytes that unpack to eight megabytes are left when the limit is reached.
    let server = Server::script(vec![gzip(&vec![b' '; 8 << 20])]).await;
    let error = refused_beyond(&server, 100_000).await;
    assert!(
        error.to_string().contains("at most 100000 bytes"),
        "{error}"
    );
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn pages_are_those_of_the_account() {
    let client = Client::new(Endpoints::flickr(), ApiKey::new(KEY, SECRET), fast()).unwrap();
    let flickr = Flickr::new(Arc::new(client), token());
    let base = "https://www.flickr.com/photos/12345678@N00/";
    let cases = [
        ("Ada Lovelace", "tags/adalovelace/"),
        ("people:name=Ada L.", "tags/people:name=adal/"),
        ("李小龙", "tags/%E6%9D%8E%E5%B0%8F%E9%BE%99/"),
    ];
    for (tag, page) in cases {
        assert_eq!(flickr.tag_page(tag).as_str(), format!("{base}{page}"));
    }
    let page = flickr.photo_page(&photo("53000000001"));
    assert_eq!(page.as_str(), format!("{base}53000000001/"));
}

#[test]
fn calls_can_be_spawned() {
    fn send<T: Send>(_: &impl Fn(&'static Flickr, &'static PhotoId) -> T) {}
    send(&|flickr: &'static Flickr, photo| flickr.photos_add_tags(photo, &["a"]));
    send(&|flickr: &'static Flickr, photo| flickr.photos_get_sizes(photo));
}
