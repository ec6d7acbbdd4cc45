//! What may stand in for an image, and what is left on the disk.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;
use crate::flickr::{Error, ImageHost, ImageSettings};
use crate::photo::Kind;

fn jpeg() -> Vec<u8> {
    [&[0xFF, 0xD8, 0xFF, 0xE0], vec![7; 5000].as_slice()].concat()
}

fn image(body: Vec<u8>) -> Answer {
    Answer::Reply(200, "Content-Type: image/jpeg\r\n".into(), body)
}

fn redirect(to: &str) -> Answer {
    Answer::Reply(302, format!("Location: {to}\r\n"), vec![])
}

fn settings() -> ImageSettings {
    ImageSettings {
        read_timeout: 1000 * MS,
        first_wait: 2 * MS,
        throttle_pause: 40 * MS,
        longest_pause: Duration::from_secs(5),
        max_bytes: 100_000,
        ..ImageSettings::default()
    }
}

struct Fetch {
    folder: tempfile::TempDir,
    host: ImageHost,
    url: Url,
}

impl Fetch {
    fn from(server: &Server) -> Self {
        let url = server.base.join("/65535/53_secret_b.jpg").unwrap();
        let host = ImageHost::new(server.endpoints(), settings()).unwrap();
        Self {
            folder: tempfile::tempdir().unwrap(),
            host,
            url,
        }
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("53.jpg")
    }

    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.folder.path()).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    async fn run(&self) -> Result<crate::flickr::images::Downloaded, Error> {
        self.host
            .download(&photo("53"), &self.url, &self.target())
            .await
    }
}

#[tokio::test]
async fn a_whole_file_lies_at_its_target_for_its_owner_alone() {
    let server = Server::script(vec![image(jpeg())]).await;
    let fetch = Fetch::from(&server);
    // What a killed run left, readable by all.
    let part = fetch.folder.path().join("53.part");
    std::fs::write(&part, vec![1; 9000]).unwrap();
    std::fs::set_permissions(&part, std::fs::Permissions::from_mode(0o644)).unwrap();
    let done = fetch.run().await.unwrap();
    assert_eq!((done.bytes, done.format), (5004, Kind::Jpeg));
    assert_eq!(std::fs::read(fetch.target()).unwrap(), jpeg());
    let mode = std::fs::metadata(fetch.target())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(fetch.files(), ["53.jpg"]);
    assert_eq!(fetch.host.bytes_received(), 5004);
    assert!(server.asked()[0].user_agent.starts_with("flickr-faces/"));
    assert!(
        server.asked()[0].authorization.is_empty(),
        "a signature for the image host"
    );
}

#[tokio::test]
async fn what_is_no_image_leaves_nothing_and_is_named() {
    let png = b"\x89PNG\r\n\x1A\n and more".to_vec();
    // answer, tries, the problem
    let cases = [
        (
            Answer::Reply(
                200,
                "Content-Type: text/html\r\n".into(),
                b"<html>".to_vec(),
            ),
            4,
            "content type text/html",
        ),
        (
            image(b"<html>hello</html>".to_vec()),
            4,
            "the first bytes are \"<html>hello</htm\"",
        ),
        (
            image(b"GIF89a\x01\x00\x01".to_vec()),
            4,
            "47 49 46 38 39 61 01 00",
        ),
        (image(vec![]), 4, "0 bytes"),
        (
            Answer::Cut(String::new(), jpeg(), 3000),
            4,
            "3000 bytes, expected 5004",
        ),
        (
            Answer::Cut(String::new(), png, 4),
            4,
            "4 bytes, expected 17",
        ),
        (image(vec![0xFF; 100_001]), 1, "more than 100000 bytes"),
        (reply(403, ""), 1, "HTTP status 403"),
        (reply(404, ""), 2, "HTTP status 404"),
        (reply(500, ""), 4, "HTTP status 500"),
        (Answer::Silence(1500 * MS), 4, "no answer: timeout"),
        (
            redirect("/en-us/photo_unavailable_l.png"),
            1,
            "this photo is unavailable",
        ),
        (
            redirect("https://s.yimg.com/pw/images/photo_unavailable.gif"),
            1,
            "this photo is unavailable",
        ),
        (
            redirect("http://example.org/53.jpg"),
            1,
            "http://example.org is not Flickr's image host",
        ),
        (
            redirect("/65535/53_secret_b.jpg"),
            6,
            "more than 5 redirects",
        ),
    ];
    let mut wrong = Vec::new();
    for (answer, tries, expected) in cases {
        let server = Server::script(vec![answer]).await;
        let fetch = Fetch::from(&server);
        let error = fetch.run().await.unwrap_err();
        let text = format!("{error} {error:?}");
        let asked = server.asked().len();
        if !text.contains(expected)
            || asked != tries
            || !fetch.files().is_empty()
            || text.contains("secret")
        {
            wrong.push(format!(
                "{text} after {asked} requests, {:?}; expected {expected}",
                fetch.files()
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_fault_that_passes_costs_a_try() {
    let faults = [
        reply(404, ""),
        reply(502, "<html>"),
        Answer::Cut("Content-Type: image/jpeg\r\n".into(), jpeg(), 4000),
        Answer::Reply(
            200,
            "Content-Type: text/html; charset=utf-8\r\n".into(),
            b"<html>".to_vec(),
        ),
        redirect("/65535/53_other_b.jpg"),
    ];
    let mut wrong = Vec::new();
    for fault in faults {
        let server = Server::script(vec![fault.clone(), image(jpeg())]).await;
        let fetch = Fetch::from(&server);
        let result = fetch.run().await;
        if result.is_err() || fetch.files() != ["53.jpg"] || server.asked().len() != 2 {
            wrong.push(format!("{fault:?}: {result:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn an_older_file_stays_until_the_new_one_is_whole() {
    let server = Server::script(vec![reply(403, ""), image(jpeg())]).await;
    let fetch = Fetch::from(&server);
    std::fs::write(fetch.target(), b"old").unwrap();
    fetch.run().await.unwrap_err();
    assert_eq!(std::fs::read(fetch.target()).unwrap(), b"old");
    fetch.run().await.unwrap();
    assert_eq!(std::fs::read(fetch.target()).unwrap(), jpeg());
}

#[tokio::test]
async fn no_other_host_is_asked() {
    let server = Server::script(vec![image(jpeg())]).await;
    let fetch = Fetch::from(&server);
    let get = |url: &str| {
        let url = Url::parse(url).unwrap();
        let target = fetch.target();
        let host = &fetch.host;
        async move {
            host.download(&photo("53"), &url, &target)
                .await
                .unwrap_err()
        }
    };
    for url in [
        "https://live.staticflickr.com/1/53_secret.jpg",
        "http://169.254.169.254/53_secret",
        "file:///etc/passwd",
    ] {
        let error = get(url).await;
        assert!(matches!(error, Error::HostNotAllowed { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_429_pauses_all_downloads_and_a_photos_own_nobody() {
    let server = Server::start(|asked, _| match asked.path.contains("53_") {
        true => reply(429, ""),
        false => image(jpeg()),
    })
    .await;
    let fetch = Fetch::from(&server);
    let other = server.base.join("/65535/54_secret_b.jpg").unwrap();
    let before = tokio::time::Instant::now();
    let error = fetch.run().await.unwrap_err();
    assert!(
        matches!(&error, Error::Throttled { method, .. } if method == "image"),
        "{error}"
    );
    assert_eq!(server.asked().len(), 1, "not again before the others");
    assert!(!fetch.host.answered_since(before));
    let target = fetch.folder.path().join("54.jpg");
    let brought = fetch.host.download(&photo("54"), &other, &target).await;
    brought.unwrap();
    assert!(before.elapsed() >= 40 * MS, "{:?}", before.elapsed());
    assert!(fetch.host.answered_since(before));
    // It is this photo alone.
    let (id, target) = (photo("53"), fetch.target());
    let fetched = fetch.host.fetch(&id, &fetch.url, &target, true).await;
    assert!(matches!(fetched, Err(Error::Throttled { wait, .. }) if wait.is_zero()));
    fetch.host.probe(&photo("54"), &other).await.unwrap();
    fetch
        .host
        .probe(&photo("53"), &fetch.url)
        .await
        .unwrap_err();
}

#[tokio::test]
async fn the_pause_after_a_429_is_short_until_it_is_everybodys() {
    let asked = "Retry-After: 7200\r\n".to_owned();
    let server = Server::script(vec![Answer::Reply(429, asked, vec![])]).await;
    let fetch = Fetch::from(&server);
    for tries in 1..=3 {
        match fetch.run().await {
            Err(Error::Throttled { wait, .. }) => assert_eq!(wait.as_secs(), 7200),
            other => panic!("{other:?}"),
        }
        assert_eq!(server.asked().len(), tries);
    }
    let seconds = Duration::from_secs;
    assert!(fetch.host.pause_all(seconds(7200)).is_err());
    // Longer than is waited for: nothing is sent.
    assert!(fetch.host.ready().await.is_err());
    assert!(matches!(fetch.run().await, Err(Error::Throttled { .. })));
    assert_eq!(server.asked().len(), 3);
    // Without a figure each pause is twice the last.
    let server = Server::script(vec![reply(429, "")]).await;
    let fetch = Fetch::from(&server);
    let start = std::time::Instant::now();
    for _ in 0..4 {
        assert!(matches!(fetch.run().await, Err(Error::Throttled { .. })));
    }
    // 40 + 80 + 160 ms before the fourth.
    assert!(start.elapsed() >= 270 * MS, "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_file_that_trickles_is_given_up() {
    let server = Server::script(vec![Answer::Trickle(jpeg(), 5, 20 * MS)]).await;
    let mut fetch = Fetch::from(&server);
    let slow = |least_bytes| ImageSettings {
        slow_period: 500 * MS,
        least_bytes,
        ..settings()
    };
    fetch.host = ImageHost::new(server.endpoints(), slow(100_000)).unwrap();
    let start = std::time::Instant::now();
    let error = fetch.run().await.unwrap_err().to_string();
    assert!(error.contains("expected 100000 at least"), "{error}");
    // Two tries, neither to the end: that would have taken 20 s.
    assert_eq!(server.asked().len(), 2);
    assert!(start.elapsed() < 10_000 * MS, "{:?}", start.elapsed());
    assert_eq!(fetch.files(), [""; 0]);
    // Slow, but not too slow.
    let server = Server::script(vec![Answer::Trickle(jpeg(), 100, 20 * MS)]).await;
    let mut fetch = Fetch::from(&server);
    fetch.host = ImageHost::new(server.endpoints(), slow(1)).unwrap();
    assert_eq!(fetch.run().await.unwrap().bytes, 5004);
}
