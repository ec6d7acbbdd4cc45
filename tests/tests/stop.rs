//! Ctrl-C, and the SIGTERM of `docker stop`: every program ends within five seconds, whatever it is doing.
//! The states of `tag-photos` that write are among its own tests.

use std::{
    io::Write,
    net::{TcpListener, TcpStream},
    process::{Child, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use end_to_end::{
    ENGINES, Home, download_of, files_below, found, listed, processing, rows, sandbox, send,
    wait_for,
};
use flickr_faces::store::{Outcome, PhotoId, Store};
use flickr_sandbox::{Calls, Fault, FaultKind, NewPhoto, Options, Sandbox};
use serde_json::Value;
use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

const CHECK_TOKEN: &str = "flickr.auth.oauth.checkToken";
const SEARCH: &str = "flickr.photos.search";
const GET_SIZES: &str = "flickr.photos.getSizes";
const FOR_EVER: u32 = 1_000_000;
const LIMIT: Duration = Duration::from_secs(5);

/// Small photos, looked at quickly.
const QUICK: [(&str, &str); 3] = [("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "2")];

fn pause() -> FaultKind {
    FaultKind::TooManyRequests {
        retry_after: Some("600".to_owned()),
    }
}

fn hangs() -> FaultKind {
    FaultKind::Delay { ms: 60_000 }
}

fn down() -> FaultKind {
    FaultKind::ServerError { status: 503 }
}

fn patterns(number: usize, width: u32) -> Arc<Sandbox> {
    let sandbox = sandbox(Options::default());
    for _ in 0..number {
        let photo = NewPhoto {
            width: Some(width),
            height: Some(width * 3 / 4),
            ..NewPhoto::default()
        };
        sandbox.add_photo(photo).unwrap();
    }
    sandbox
}

fn start(home: &Home, program: &str, arguments: &[&str]) -> Child {
    home.command(program)
        .args(arguments)
        // One that never answers.
        .env("BROWSER", "true")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until a program has come to where it waits, and a moment more.
fn until(child: &mut Child, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(120), "not reached");
        assert!(child.try_wait().unwrap().is_none(), "it has ended");
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(500));
}

/// What a program did once it was stopped.
struct Stopped {
    took: Duration,
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Stopped {
    fn with(signal: &str, child: Child) -> Self {
        send(signal, &child);
        let asked = Instant::now();
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            took: asked.elapsed(),
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// What is wrong with it; nothing where it ended in time and with this code.
    fn wrong(&self, name: &str, code: i32) -> Option<String> {
        (self.took > LIMIT || self.code != Some(code)).then(|| {
            format!(
                "{name}: {:?} after {:?}\n{}{}",
                self.code, self.took, self.stdout, self.stderr
            )
        })
    }
}

#[test]
fn a_closed_terminal_ends_a_run_as_ctrl_c_does() {
    let sandbox = patterns(2, 240);
    let home = Home::new(&sandbox, &QUICK);
    sandbox.set_faults([Fault::once(SEARCH, pause()).times(FOR_EVER)]);
    let mut child = start(&home, "download", &[]);
    until(&mut child, || sandbox.calls().of(SEARCH) > 0);
    let stopped = Stopped::with("HUP", child);
    assert_eq!(stopped.wrong("download", 130), None);
    assert!(
        stopped.stdout.contains("Run `download` again to go on"),
        "{}",
        stopped.stdout
    );
}

#[test]
fn download_ends_every_wait() {
    struct Case {
        name: &'static str,
        on: &'static str,
        kind: FaultKind,
        /// Where it waits.
        waits: fn(&Calls) -> bool,
        signed_in: bool,
        all_sizes_unlisted: bool,
    }
    let case = |name, on, kind, waits| Case {
        name,
        on,
        kind,
        waits,
        signed_in: true,
        all_sizes_unlisted: false,
    };
    let cases = [
        Case {
            signed_in: false,
            ..case(
                "sign-in, waiting for the browser",
                SEARCH,
                pause(),
                |calls| !calls.oauth.is_empty(),
            )
        },
        Case {
            signed_in: false,
            ..case("sign-in, slow", "oauth", hangs(), |calls| {
                !calls.oauth.is_empty()
            })
        },
        Case {
            signed_in: false,
            ..case("sign-in, told to slow down", "oauth", pause(), |calls| {
                !calls.oauth.is_empty()
            })
        },
        case("checkToken, slow", CHECK_TOKEN, hangs(), |calls| {
            calls.of(CHECK_TOKEN) > 0
        }),
        case(
            "checkToken, told to slow down",
            CHECK_TOKEN,
            pause(),
            |calls| calls.of(CHECK_TOKEN) > 0,
        ),
        case("checkToken, outage", CHECK_TOKEN, down(), |calls| {
            calls.of(CHECK_TOKEN) > 4
        }),
        case("listing, slow", SEARCH, hangs(), |calls| {
            calls.of(SEARCH) > 0
        }),
        case("listing, told to slow down", SEARCH, pause(), |calls| {
            calls.of(SEARCH) > 0
        }),
        case("listing, outage", SEARCH, down(), |calls| {
            calls.of(SEARCH) > 4
        }),
        Case {
            all_sizes_unlisted: true,
            ..case("getSizes, told to slow down", GET_SIZES, pause(), |calls| {
                calls.of(GET_SIZES) > 0
            })
        },
        Case {
            all_sizes_unlisted: true,
            ..case("getSizes, outage", "api", down(), |calls| {
                calls.of(GET_SIZES) > 4
            })
        },
        case("image, slow", "static", hangs(), |calls| calls.files > 1),
        case("image, told to slow down", "static", pause(), |calls| {
            calls.files > 0
        }),
        case("image, outage", "static", down(), |calls| calls.files > 3),
    ];
    let mut wrong = Vec::new();
    thread::scope(|scope| {
        let runs: Vec<_> = cases
            .iter()
            .enumerate()
            .map(|(number, case)| {
                scope.spawn(move || {
                    let sandbox = patterns(3, 240);
                    if case.all_sizes_unlisted {
                        sandbox.set_quirks(flickr_sandbox::Quirks {
                            unlisted_sizes: ["*".to_owned()].into(),
                            ..Default::default()
                        });
                    }
                    let fault = Fault::once(case.on, case.kind.clone()).times(FOR_EVER);
                    // The sign-in and the listing go well where all of the API is to fail.
                    let after = if case.on == "api" { 2 } else { 0 };
                    sandbox.set_faults([fault.after(after)]);
                    let home = match case.signed_in {
                        true => Home::new(&sandbox, &QUICK),
                        false => Home::signed_out(&sandbox, &QUICK),
                    };
                    let mut child = start(&home, "download", &["--json"]);
                    until(&mut child, || (case.waits)(&sandbox.calls()));
                    let signal = ["INT", "TERM"][number % 2];
                    let stopped = Stopped::with(signal, child);
                    let said: Result<Value, _> = serde_json::from_str(&stopped.stdout);
                    let told = said.is_ok_and(|said| said["stopped"] == true);
                    let untold = || (!told).then(|| format!("{}: {}", case.name, stopped.stdout));
                    let problem = stopped.wrong(case.name, 130).or_else(untold);
                    // Nothing is lost by it: no photo failed, and none is held.
                    if home.path("faces.sqlite").exists() {
                        let photos = rows(&home.path("faces.sqlite"), "photos", "id");
                        let held = photos
                            .iter()
                            .find(|row| row["state"] != "'listed'" || row["claimed_by"] != "NULL");
                        let held = held.map(|row| format!("{}: {row:?}", case.name));
                        return problem.or(held);
                    }
                    problem
                })
            })
            .collect();
        for run in runs {
            wrong.extend(run.join().unwrap());
        }
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_photo_that_is_searched_for_minutes_is_left_to_do() {
    // The more pixels a picture has, the longer it is searched; dlib needs a gigabyte for a million of them.
    for &engine in ENGINES {
        let width = if engine == "dlib" { 1200 } else { 2000 };
        let sandbox = patterns(2, width);
        let settings = [
            ("MAX_SIZE", "2048"),
            ("DETECTION_METHOD", "cnn"),
            ("engine", engine),
            ("upsample", "1"),
            ("workers", "1"),
        ];
        let home = Home::new(&sandbox, &settings);
        let mut child = start(&home, download_of(engine), &["--json"]);
        let photos = home.path("photos");
        until(&mut child, || {
            let files = if photos.exists() {
                files_below(&photos)
            } else {
                Vec::new()
            };
            files
                .iter()
                .any(|file| file.extension().is_some_and(|end| end == "jpg"))
        });
        thread::sleep(Duration::from_secs(2));
        let stopped = Stopped::with("TERM", child);
        let wrong = stopped.wrong(engine, 130);
        assert!(wrong.is_none(), "{wrong:?}");
        let said: Value = serde_json::from_str(&stopped.stdout).unwrap();
        assert_eq!(
            (&said["stopped"], &said["failed"]),
            (&true.into(), &0.into())
        );
        let photos = rows(&home.path("faces.sqlite"), "photos", "id");
        let held: Vec<_> = photos
            .iter()
            .filter(|row| row["claimed_by"] != "NULL" || row["state"] == "'failed'")
            .collect();
        assert!(held.is_empty(), "{held:?}");
        assert!(
            said["left"].as_u64().unwrap() > 0,
            "{said}: nothing is shown"
        );
    }
}

#[test]
fn a_store_that_is_locked_or_does_not_answer_keeps_nobody() {
    // A server that takes connections and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&asked);
    thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            open.push(stream);
            noted.store(true, Ordering::Relaxed);
        }
    });
    let store = format!("postgres://u:p@{address}/db");
    let sandbox = patterns(1, 240);
    for program in ["download", "cluster-faces", "tag-photos"] {
        asked.store(false, Ordering::Relaxed);
        let home = Home::new(&sandbox, &[&QUICK[..], &[("store", &store)]].concat());
        let mut child = start(&home, program, &[]);
        until(&mut child, || asked.load(Ordering::Relaxed));
        let wrong = Stopped::with("TERM", child).wrong(program, 130);
        assert!(wrong.is_none(), "{wrong:?}");
    }

    // Another program writes to the file for a long time when a photo is to be recorded.
    let home = Home::new(&sandbox, &QUICK);
    sandbox.set_faults([Fault::once("static", FaultKind::Delay { ms: 2000 })]);
    let mut child = start(&home, "download", &[]);
    until(&mut child, || sandbox.calls().files > 0);
    let stopped = wait_for(async {
        let options = SqliteConnectOptions::new().filename(home.path("faces.sqlite"));
        let mut other = SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::query("PRAGMA busy_timeout = 60000")
            .execute(&mut other)
            .await
            .unwrap();
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut other)
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_secs(4)).await;
        tokio::task::spawn_blocking(|| Stopped::with("INT", child))
            .await
            .unwrap()
    });
    let wrong = stopped.wrong("recording", 130);
    assert!(wrong.is_none(), "{wrong:?}");
    let run = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(run.json()["photos"], 1, "{run}");
}

/// Puts a group of faces into the home's store.
fn faces(home: &Home) {
    let path = home.path("faces.sqlite");
    let with = processing();
    wait_for(async {
        let store = Store::open(path.to_str().unwrap()).await.unwrap();
        store.bind_account(flickr_sandbox::NSID).await.unwrap();
        store.set_encoder(&with.encoder).await.unwrap();
        for number in 1..=4_u8 {
            let id: PhotoId = format!("5300000000{number}").parse().unwrap();
            store
                .add_listed(&[listed(id.clone(), number.into())])
                .await
                .unwrap();
            let alike = 0.1 + f32::from(number) / 1000.0;
            let face = found([100, 100, 299, 299], alike, crop());
            let done = Outcome::Done {
                width: 1024,
                height: 768,
                faces: vec![face],
            };
            store.finish(&id, &with, &done).await.unwrap();
        }
        store.close().await;
    });
}

fn crop() -> Vec<u8> {
    let mut jpeg = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(150, 150)
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .unwrap();
    jpeg.into_inner()
}

#[test]
fn cluster_faces_ends_at_a_question_and_with_an_open_page() {
    let sandbox = sandbox(Options::default());
    let home = Home::signed_out(&sandbox, &[]);
    faces(&home);
    // Once it has drawn the question it waits for a line.
    let results = home.path("results");
    for signal in ["INT", "TERM"] {
        std::fs::remove_dir_all(&results).ok();
        let mut child = start(&home, "cluster-faces", &["--threshold", "0.5"]);
        until(&mut child, || {
            results.is_dir() && std::fs::read_dir(&results).unwrap().count() > 0
        });
        let wrong = Stopped::with(signal, child).wrong("review", 130);
        assert!(wrong.is_none(), "{wrong:?}");
    }

    for signal in ["INT", "TERM"] {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let arguments = ["web", "--no-browser", "--port", &port.to_string()];
        let mut child = start(&home, "cluster-faces", &arguments);
        let address = ("127.0.0.1", port);
        until(&mut child, || TcpStream::connect(address).is_ok());
        // A page that is open, and a request that does not come to its end.
        let idle = TcpStream::connect(address).unwrap();
        let mut half = TcpStream::connect(address).unwrap();
        half.write_all(b"POST /answer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nx")
            .unwrap();
        thread::sleep(Duration::from_millis(200));
        let stopped = Stopped::with(signal, child);
        let wrong = stopped.wrong("web", 0);
        assert!(wrong.is_none(), "{wrong:?}");
        drop((idle, half));
    }
}

#[test]
fn tag_photos_ends_where_it_waits_for_a_browser() {
    let sandbox = patterns(1, 240);
    let home = Home::signed_out(&sandbox, &[]);
    home.write_tags(&[("Ada", &["1"])]);
    let mut child = start(&home, "tag-photos", &["--json"]);
    until(&mut child, || !sandbox.calls().oauth.is_empty());
    let stopped = Stopped::with("TERM", child);
    let wrong = stopped.wrong("tag-photos", 130);
    assert!(wrong.is_none(), "{wrong:?}");
    let said: Value = serde_json::from_str(&stopped.stdout).unwrap();
    assert_eq!(said["stopped"], true);
}
