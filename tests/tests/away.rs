//! A database server that is stopped in the middle of an answer, or of writing to Flickr: it is waited for, and nothing is
//! lost, nor done twice.

use std::{
    fs::File,
    io::{Cursor, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdin, Stdio},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{
    Browser, Database, Home, Page, Run, found, listed, processing, sandbox, send, wait_for,
};
use flickr_faces::store::{Outcome, PhotoId, Store};
use flickr_sandbox::{Fault, FaultKind, NewPhoto, Options, Sandbox};
use image::{ImageFormat, RgbImage};
use serde_json::json;
use tokio::task::block_in_place;

const ADD_TAGS: &str = "flickr.photos.addTags";
const AWAY: &str = "the database server is away: waiting for it";
const BACK: &str = "the database server is back after";
const MINUTE: Duration = Duration::from_secs(60);
const PHOTOS: u64 = 12;
const ENTER: &str = "\u{e007}";

/// A program under way. What it says is in files.
struct Running<'a> {
    home: &'a Home,
    child: Child,
    lines: Option<ChildStdin>,
}

impl<'a> Running<'a> {
    fn start(home: &'a Home, name: &str, arguments: &[&str]) -> Self {
        let file = |name| File::create(home.path(name)).unwrap();
        let mut child = home
            .command(name)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        let lines = child.stdin.take();
        Self { home, child, lines }
    }

    fn answers(&mut self, line: &str) {
        let lines = self.lines.as_mut().unwrap();
        lines.write_all(line.as_bytes()).unwrap();
    }

    fn said(&self) -> String {
        format!("{}{}", self.home.read("stdout"), self.home.read("stderr"))
    }

    fn says(&self, text: &str) {
        until(text, &|| self.said(), || self.said().contains(text));
    }

    fn end(mut self) -> Run {
        drop(self.lines.take());
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            if begun.elapsed() > MINUTE {
                self.child.kill().unwrap();
                panic!("it has not ended: {}", self.said());
            }
            sleep(Duration::from_millis(50));
        }
        Run {
            code: self.child.wait().unwrap().code(),
            stdout: self.home.read("stdout"),
            stderr: self.home.read("stderr"),
        }
    }
}

fn until(what: &str, said: &dyn Fn() -> String, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < MINUTE, "no {what}: {}", said());
        sleep(Duration::from_millis(20));
    }
}

/// It is said once that the server is away, and once that it is back.
#[track_caller]
fn says_it_once(run: &Run) {
    for text in [AWAY, BACK] {
        assert_eq!(run.stderr.matches(text).count(), 1, "{text}: {run}");
    }
}

/// A browser that was let in, as the page's scripts ask.
struct Client {
    host: String,
    head: String,
    place: String,
}

impl Client {
    fn of(page: &Page) -> Self {
        let (_, token) = page.url.split_once('?').unwrap();
        let host = page.host().to_owned();
        let entered = sent(
            &host,
            &format!("GET /?{token} HTTP/1.1\r\nHost: {host}"),
            "",
        );
        let cookie = entered
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "))
            .unwrap_or_else(|| panic!("{entered}"));
        let mut parts = cookie.split("; ");
        let value = parts.next().unwrap();
        let place = parts.find_map(|part| part.strip_prefix("Path=")).unwrap();
        Self {
            head: format!(
                "Host: {host}\r\nCookie: {value}\r\nOrigin: http://{host}\r\nAccept: application/json\r\n\
                 Content-Type: application/x-www-form-urlencoded"
            ),
            host,
            place: place.trim_end_matches('/').to_owned(),
        }
    }

    fn ask(&self, method: &str, address: &str, body: &str) -> String {
        let Self { host, head, place } = self;
        sent(
            host,
            &format!("{method} {place}/{address} HTTP/1.1\r\n{head}"),
            body,
        )
    }
}

/// Sends a request and gives the answer.
fn sent(host: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    let request = format!("{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// An account, and a home whose store is the database.
fn home(database: &Database) -> (Arc<Sandbox>, Home) {
    let sandbox = sandbox(Options::default());
    let store = database.url().to_string();
    let settings = [
        ("store", store.as_str()),
        ("longest_wait", "60"),
        ("distance", "plain"),
        ("min_cluster", "2"),
        ("quality_min_size", "0"),
    ];
    let home = Home::new(&sandbox, &settings);
    (sandbox, home)
}

/// Three photos of one face, which are a cluster.
fn with_faces(database: &Database) -> Home {
    let (_sandbox, home) = home(database);
    let mut crop = Vec::new();
    let grey = RgbImage::from_pixel(150, 150, image::Rgb([90, 90, 90]));
    grey.write_to(&mut Cursor::new(&mut crop), ImageFormat::Jpeg)
        .unwrap();
    let with = processing();
    wait_for(async {
        let store = Store::open(database.url().as_str()).await.unwrap();
        store.set_encoder(&with.encoder).await.unwrap();
        for number in 1..=3 {
            let id: PhotoId = number.to_string().parse().unwrap();
            store
                .add_listed(&[listed(id.clone(), number)])
                .await
                .unwrap();
            let done = Outcome::Done {
                width: 1024,
                height: 768,
                faces: vec![found([100, 100, 250, 250], 0.1, crop.clone())],
            };
            store.finish(&id, &with, &done).await.unwrap();
        }
        store.close().await;
    });
    home
}

fn entries(database: &Database) -> i64 {
    database.number("SELECT COUNT(*) FROM journal")
}

fn named(database: &Database) -> i64 {
    database.number("SELECT COUNT(*) FROM faces WHERE decision = 'named'")
}

/// An account with photos to be tagged, each of which takes a while.
fn to_be_tagged(database: &Database) -> (Arc<Sandbox>, Home, Vec<String>) {
    let (sandbox, home) = home(database);
    let add = |_| {
        let private = true;
        let photo = NewPhoto {
            private,
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap()
    };
    let ids: Vec<String> = (0..PHOTOS).map(add).collect();
    let photos: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada Lovelace", &photos)]);
    sandbox.set_faults([Fault::once(ADD_TAGS, FaultKind::Delay { ms: 500 }).always()]);
    (sandbox, home, ids)
}

fn written(sandbox: &Sandbox, ids: &[String]) -> usize {
    let tags = ids.iter().map(|id| sandbox.tags_of(id).unwrap());
    tags.filter(|tags| tags == &["Ada Lovelace"]).count()
}

mod postgres {
    use super::*;

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn an_answer_while_the_server_is_stopped_is_saved_once() {
        let database = Database::to_be_stopped();
        let home = with_faces(&database);
        let mut session = Running::start(&home, "cluster-faces", &[]);
        session.says("form 1 cluster");
        let server = database.stop_server();
        session.answers("Ada\n");
        session.says(AWAY);
        sleep(Duration::from_secs(3));
        server.start();
        let run = session.end().ends_with(0).says(&["3 faces: Ada"]);
        says_it_once(&run);
        assert_eq!((named(&database), entries(&database)), (3, 1));
        let photos = ["1", "2", "3"].map(str::to_owned).to_vec();
        assert_eq!(home.tagged(), [("Ada".to_owned(), photos)]);
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn who_does_not_want_to_wait_is_told_that_the_answer_is_not_saved() {
        let database = Database::to_be_stopped();
        let home = with_faces(&database);
        let mut session = Running::start(&home, "cluster-faces", &[]);
        session.says("form 1 cluster");
        let server = database.stop_server();
        session.answers("Ada\n");
        session.says(AWAY);
        let asked = Instant::now();
        send("INT", &session.child);
        let run = session.end().ends_with(130);
        assert!(asked.elapsed() < Duration::from_secs(5), "{run}");
        let told = "the wait for it was ended; what was decided is not saved";
        assert!(run.stderr.contains(told), "{run}");
        server.start();
        assert_eq!((named(&database), entries(&database)), (0, 0));
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn a_start_waits_for_the_server() {
        let database = Database::to_be_stopped();
        let home = with_faces(&database);
        let server = database.stop_server();
        let mut session = Running::start(&home, "cluster-faces", &[]);
        session.says(AWAY);
        server.start();
        session.says("form 1 cluster");
        session.answers("Ada\n");
        says_it_once(&session.end().ends_with(0));
        assert_eq!((named(&database), entries(&database)), (3, 1));

        let server = database.stop_server();
        for name in ["download", "cluster-faces", "tag-photos"] {
            let waiting = Running::start(&home, name, &[]);
            waiting.says(AWAY);
            send("INT", &waiting.child);
            let _ = waiting.end().ends_with(130);
        }
        // A second.
        home.set("longest_wait", "0.02");
        for name in ["download", "cluster-faces", "tag-photos"] {
            let run = home.run(name, &[]).ends_with(4);
            assert!(run.stderr.contains("cannot open the store"), "{run}");
            let told = "it did not come back within 1 s";
            assert!(run.stderr.contains(told), "{run}");
        }
        server.start();
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn the_page_waits_and_says_where_it_was_for_too_long() {
        let database = Database::to_be_stopped();
        let home = with_faces(&database);
        // Three seconds.
        home.set("longest_wait", "0.05");
        for (away, face, status) in [(0, "1:0", "200"), (9, "2:0", "503")] {
            let page = Page::serve(&home, &[]);
            let client = Client::of(&page);
            let server = database.stop_server();
            let body = format!("face={face}&name=Ada&back=people");
            let answer = std::thread::scope(|scope| {
                let answer = scope.spawn(|| client.ask("POST", "face/name", &body));
                let is_away = || client.ask("GET", "store", "").contains(r#"{"away":true}"#);
                until("word of it", &String::new, is_away);
                sleep(Duration::from_secs(away));
                let is_told = answer.is_finished();
                server.start();
                assert_eq!(is_told, status == "503", "bounded");
                answer.join().unwrap()
            });
            assert_eq!(answer.split(' ').nth(1), Some(status), "{answer}");
            if status == "503" {
                for told in [
                    "the database server is away",
                    "it did not come back within 3 s",
                ] {
                    assert!(answer.contains(told), "{answer}");
                }
                assert!(answer.contains("it shows what is saved"), "{answer}");
            }
            assert_eq!((named(&database), entries(&database)), (1, 1));
        }
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn who_answers_on_the_page_reads_that_it_waits() {
        let database = Database::to_be_stopped();
        let home = with_faces(&database);
        let page = Page::serve(&home, &[]);
        wait_for(async {
            let browser = Browser::start().await;
            browser.open(&page.url).await;
            browser
                .until("document.activeElement.matches('.card')")
                .await;
            browser.type_keys(ENTER).await;
            browser.until("document.activeElement.id === 'name'").await;
            let server = block_in_place(|| database.stop_server());
            browser.type_keys(&format!("Ada{ENTER}")).await;
            browser
                .told("The database server is away. Your answer waits for it.")
                .await;
            block_in_place(|| server.start());
            browser.told("3 faces: Ada").await;
            browser
                .until("!document.querySelector('.notice.wait')")
                .await;
        });
        assert_eq!((named(&database), entries(&database)), (3, 1));
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn every_tag_is_written_once_while_the_server_is_stopped() {
        let database = Database::to_be_stopped();
        let (sandbox, home, ids) = to_be_tagged(&database);
        let writing = Running::start(&home, "tag-photos", &[]);
        for photos in [3, 7] {
            until("photo", &|| writing.said(), || {
                sandbox.calls().of(ADD_TAGS) >= photos
            });
            let server = database.stop_server();
            sleep(Duration::from_secs(3));
            // The call that was under way, whose journal is waited for.
            assert!(sandbox.calls().of(ADD_TAGS) <= photos + 1);
            server.start();
        }
        let run = writing.end().ends_with(0);
        assert_eq!(run.stderr.matches(AWAY).count(), 2, "{run}");
        assert_eq!(run.stderr.matches(BACK).count(), 2, "{run}");
        assert_eq!(sandbox.calls().of(ADD_TAGS), PHOTOS);
        assert_eq!(written(&sandbox, &ids), ids.len());
        let added = "SELECT COUNT(*) FROM flickr_writes WHERE state = 'added'";
        assert_eq!(database.number(added), ids.len() as i64);
        // And all of it can be removed.
        let run = home.run("tag-photos", &["undo", "--json"]).ends_with(0);
        assert_eq!(run.json()["tags"], json!(PHOTOS), "{run}");
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn who_has_taken_the_lock_meanwhile_goes_on_alone() {
        let database = Database::to_be_stopped();
        let (sandbox, home, _ids) = to_be_tagged(&database);
        let writing = Running::start(&home, "tag-photos", &[]);
        until("photo", &|| writing.said(), || {
            sandbox.calls().of(ADD_TAGS) >= 3
        });
        send("STOP", &writing.child);
        let begun = sandbox.calls().of(ADD_TAGS);
        database.restart_server();
        // As a run on another machine does.
        let other = wait_for(async {
            let store = Store::open(database.url().as_str()).await.unwrap();
            let lock = store.lock_for_tagging().await.unwrap();
            send("CONT", &writing.child);
            let run = tokio::task::spawn_blocking({
                let deadline = Instant::now() + MINUTE;
                let id = writing.child.id();
                move || {
                    let ended = format!("/proc/{id}/stat");
                    while Instant::now() < deadline {
                        let stat = std::fs::read_to_string(&ended).unwrap_or_default();
                        if stat.is_empty() || stat.contains(") Z ") {
                            break;
                        }
                        sleep(Duration::from_millis(50));
                    }
                }
            });
            run.await.unwrap();
            drop(lock);
            store
        });
        let run = writing.end().ends_with(130);
        assert!(
            run.stderr.contains("another tag-photos is at work"),
            "{run}"
        );
        assert_eq!(sandbox.calls().of(ADD_TAGS), begun, "{run}");
        wait_for(other.close());
        // What it had begun is looked up, and the rest is written.
        let _ = home.run("tag-photos", &[]).ends_with(0);
        assert_eq!(sandbox.calls().of(ADD_TAGS), PHOTOS);
    }
}
