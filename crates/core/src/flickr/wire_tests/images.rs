//! What may stand in for an image, and what is left on the disk.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use super::*;
use crate::flickr::error::ImageProblem;
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
        reply(429, "<html>"),
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
async fn one_429_pauses_all_downloads_and_ends_as_throttled() {
    let server = Server::script(vec![reply(429, "")]).await;
    let fetch = Fetch::from(&server);
    let start = std::time::Instant::now();
    let error = fetch.run().await.unwrap_err();
    assert!(
        matches!(&error, Error::Throttled { method, .. } if method == "image"),
        "{error}"
    );
    // 40 + 80 + 160 ms: the pause doubles.
    assert!(start.elapsed() >= 270 * MS, "{:?}", start.elapsed());

    let server = Server::script(vec![Answer::Reply(
        429,
        "Retry-After: 7200\r\n".into(),
        vec![],
    )])
    .await;
    let fetch = Fetch::from(&server);
    for _ in 0..2 {
        assert!(matches!(fetch.run().await, Err(Error::Throttled { .. })));
    }
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn problems_say_whether_to_try_next_time() {
    let of = |problem| {
        Error::Image {
            photo: photo("53"),
            problem,
        }
        .is_temporary()
    };
    assert!(
        of(ImageProblem::Status(500))
            && of(ImageProblem::Truncated {
                got: 1,
                expected: None
            })
    );
    assert!(!of(ImageProblem::Unavailable) && !of(ImageProblem::Status(404)));
}
