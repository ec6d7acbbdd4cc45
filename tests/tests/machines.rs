//! Several `download`s on one PostgreSQL store: together as quick as they are many, whatever becomes of each and of the
//! server.
//!
//! The photos come late, so that the network is what takes the time.

use std::{
    fs::File,
    process::{Child, Stdio},
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

use end_to_end::{Database, Home, Run, Sample, long_wire, sample, sandbox, send};
use flickr_sandbox::{Fault, FaultKind, Generated, Options, Sandbox, Source};
use image::{Rgb, RgbImage};
use serde_json::{Value, json};

const SEARCH: &str = "flickr.photos.search";
const SETTINGS: [(&str, &str); 6] = [
    ("MAX_SIZE", "240"),
    ("DETECTION_METHOD", "hog"),
    ("upsample", "1"),
    ("page_size", "100"),
    ("downloads", "4"),
    ("workers", "1"),
];

/// A home of its own whose store is the database.
fn machine(sandbox: &Arc<Sandbox>, store: &str, more: &[(&str, &str)]) -> Home {
    Home::new(
        sandbox,
        &[&SETTINGS[..], &[("store", store)], more].concat(),
    )
}

/// A `download` under way. What it says is in files, so that it never waits for a reader.
struct Running<'a> {
    home: &'a Home,
    child: Child,
}

impl<'a> Running<'a> {
    fn start(home: &'a Home) -> Self {
        let file = |name| File::create(home.path(name)).unwrap();
        let child = home
            .command("download")
            .arg("--json")
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .unwrap();
        Self { home, child }
    }

    fn end(mut self, within: Duration) -> Run {
        let begun = Instant::now();
        let status = loop {
            match self.child.try_wait().unwrap() {
                Some(status) => break status,
                None if begun.elapsed() > within => {
                    self.child.kill().unwrap();
                    panic!(
                        "it has not ended after {within:?}: {}",
                        self.home.read("stderr")
                    );
                }
                None => sleep(Duration::from_millis(50)),
            }
        };
        Run {
            code: status.code(),
            stdout: self.home.read("stdout"),
            stderr: self.home.read("stderr"),
        }
    }
}

/// So many photos, whose files take so long; half of them show a face.
fn account(photos: u64, delay: Duration) -> (Arc<Sandbox>, tempfile::TempDir) {
    let pictures = tempfile::tempdir().unwrap();
    sample(Sample::Biden, 240, &pictures.path().join("a.jpg"));
    let grey = RgbImage::from_fn(240, 160, |x, y| Rgb([(x / 2) as u8, y as u8, 90]));
    grey.save(pictures.path().join("b.jpg")).unwrap();
    let sandbox = sandbox(Options {
        source: Source::Generated(Generated {
            count: photos,
            same_second: 3,
            faces: Some(pictures.path().to_owned()),
        }),
        ..Options::default()
    });
    sandbox.set_faults([late("static", delay)]);
    (sandbox, pictures)
}

fn late(what: &str, delay: Duration) -> Fault {
    let ms = u64::try_from(delay.as_millis()).unwrap();
    Fault::once(what, FaultKind::Delay { ms }).always()
}

fn done(database: &Database) -> i64 {
    database.number("SELECT COUNT(*) FROM photos WHERE state = 'done'")
}

/// What others have done is not to come.
fn assert_nothing_to_come(said: &Value) {
    let promised = (&said["disk"]["to_come"], &said["seconds_left"]);
    assert_eq!(promised, (&json!(0), &json!(null)), "{said}");
}

fn until(what: &str, within: Duration, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < within, "{what}: not within {within:?}");
        sleep(Duration::from_millis(100));
    }
}

const MINUTE: Duration = Duration::from_secs(60);

mod postgres {
    use super::*;

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn three_machines_survive_a_kill_a_pause_and_a_restart() {
        const PHOTOS: i64 = 600;
        let (sandbox, _pictures) = account(PHOTOS.unsigned_abs(), Duration::from_millis(1000));
        let database = Database::to_be_stopped();
        let store = database.url().to_string();
        let before = (sandbox.tags(), sandbox.photos());
        let homes = [(); 3].map(|()| machine(&sandbox, &store, &[]));
        // All at once, on a database without tables.
        let [killed, paused, steady] = homes.each_ref().map(Running::start);
        until("100 photos", 3 * MINUTE, || done(&database) >= 100);
        send("KILL", &killed.child);
        send("STOP", &paused.child);
        assert_eq!(killed.end(MINUTE).code, None);
        let stopped = Instant::now();
        until("150 photos", MINUTE, || done(&database) >= 150);
        database.restart_server();
        // Longer than its claims last: others have them by now.
        sleep(Duration::from_secs(55).saturating_sub(stopped.elapsed()));
        assert!(done(&database) < PHOTOS, "woken too late: make it longer");
        send("CONT", &paused.child);
        let woken = Instant::now();
        for machine in [paused, steady] {
            let run = machine.end(90 * Duration::from_secs(1)).ends_with(0);
            let said = run.json();
            assert_eq!(
                (&said["left"], &said["failed"], &said["others"]),
                (&json!(0), &json!(0), &json!([])),
                "{run}"
            );
            assert_nothing_to_come(&said);
        }
        println!(
            "ended {:.1} s after the last event",
            woken.elapsed().as_secs_f64()
        );

        let photos = database.rows("SELECT * FROM photos");
        assert_eq!(photos.len() as i64, PHOTOS);
        for photo in &photos {
            let end = (&photo["state"], &photo["attempts"], &photo["claimed_by"]);
            assert_eq!(end, (&json!("done"), &json!(1), &json!(null)), "{photo}");
        }
        let faces = database.rows("SELECT photo, number FROM faces ORDER BY photo");
        assert_eq!(faces.len() as i64, PHOTOS / 2);
        assert!(faces.iter().all(|face| face["number"] == 0), "{faces:?}");
        assert_eq!((sandbox.tags(), sandbox.photos()), before, "the account");
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn one_lists_and_who_has_nothing_to_do_waits_for_the_others() {
        const PHOTOS: u64 = 60;
        let calls = |machines: usize| {
            let (sandbox, _pictures) = account(PHOTOS, Duration::from_millis(300));
            // A page takes longer than a start; its photos take longer than the next page, so that there is
            // work for two whenever the other one looks.
            sandbox.set_faults([
                late(SEARCH, Duration::from_millis(1500)),
                late("static", Duration::from_millis(1500)),
            ]);
            let database = Database::new();
            let store = database.url().to_string();
            let more = [("page_size", "10")];
            let settings: Vec<_> = SETTINGS.iter().filter(|s| s.0 != "page_size").collect();
            let settings: Vec<_> = settings.into_iter().copied().chain(more).collect();
            let homes: Vec<_> = (0..machines)
                .map(|_| Home::new(&sandbox, &[&settings[..], &[("store", &store)]].concat()))
                .collect();
            let runs: Vec<_> = homes.iter().map(Running::start).collect();
            let runs: Vec<_> = runs
                .into_iter()
                .map(|run| run.end(3 * MINUTE).ends_with(0).json())
                .collect();
            let photos: u64 = runs.iter().map(|run| run["photos"].as_u64().unwrap()).sum();
            assert_eq!(photos, PHOTOS, "{runs:?}");
            if machines > 1 {
                // Both have worked, and neither left before the end.
                for run in &runs {
                    assert!(run["photos"].as_u64().unwrap() > 0, "{runs:?}");
                    assert_eq!((&run["left"], &run["claimed"]), (&json!(0), &json!(0)));
                    assert_nothing_to_come(run);
                }
            }
            sandbox.calls().of(SEARCH)
        };
        let (one, two) = (calls(1), calls(2));
        assert!(two < one + one / 2, "{one} calls of one, {two} of two");
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn a_password_comes_from_a_file_or_the_environment_and_is_never_shown() {
        const PASSWORD: &str = "hush-hush-0815";
        let database = Database::new();
        database.run(&format!(
            "DROP ROLE IF EXISTS secretive; CREATE ROLE secretive SUPERUSER LOGIN PASSWORD '{PASSWORD}'"
        ));
        let mut url = database.url();
        url.set_username("secretive").unwrap();
        let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
        let sandbox = sandbox(Options::generate(1));
        let home = machine(&sandbox, url.as_str(), &[]);
        home.write(
            "passwords",
            format!("{host}:{port}:*:secretive:{PASSWORD}\n"),
        );
        let file = home.path("passwords");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&file, mode).unwrap();
        let wrong = "hush-hush-4711";
        for (variable, value, code) in [
            ("PGPASSFILE", file.to_str().unwrap(), 0),
            ("PGPASSWORD", PASSWORD, 0),
            ("PGPASSWORD", wrong, 4),
        ] {
            let mut command = home.command("download");
            command.args(["-vv", "status"]).env(variable, value);
            let run = Run::of(command, "").ends_with(code);
            let said = format!("{}{}", run.stdout, run.stderr);
            assert!(!said.contains("hush"), "{said}");
            assert!(code == 0 || said.contains("password"), "{said}");
        }
        // In the address it is as secret.
        url.set_password(Some(wrong)).unwrap();
        home.set("store", url.as_str());
        let run = home.run("download", &["-vv", "status"]).ends_with(4);
        assert!(!run.stderr.contains("hush"), "{run}");
    }

    #[test]
    #[ignore = "needs FLICKR_FACES_TEST_POSTGRES=postgres://..., given by cargo xtask test"]
    fn a_server_100_ms_away_costs_little() {
        const PHOTOS: u64 = 300;
        let took = |delay: Option<Duration>| {
            let (sandbox, _pictures) = account(PHOTOS, Duration::from_millis(600));
            sandbox.set_faults([
                late(SEARCH, Duration::from_millis(1000)),
                late("static", Duration::from_millis(600)),
            ]);
            let database = Database::new();
            let mut url = database.url();
            if let Some(delay) = delay {
                let server = url.socket_addrs(|| Some(5432)).unwrap()[0];
                url.set_port(Some(long_wire(server, delay).port())).unwrap();
            }
            let home = machine(&sandbox, url.as_str(), &[]);
            let run = Running::start(&home);
            until("the tables", MINUTE, || {
                database.number("SELECT COUNT(*) FROM pg_tables WHERE tablename = 'api_budget'") > 0
            });
            let begun = Instant::now();
            until("the list", 2 * MINUTE, || {
                database.number("SELECT COUNT(*) FROM photos") == PHOTOS as i64
            });
            let listed = begun.elapsed().as_secs_f64();
            let run = run.end(5 * MINUTE).ends_with(0);
            assert_eq!(run.json()["photos"], PHOTOS, "{run}");
            (listed, run.json()["seconds"].as_f64().unwrap())
        };
        // At the same time, so that both have as much of the machine.
        let (near, far) = std::thread::scope(|scope| {
            let far = scope.spawn(|| took(Some(Duration::from_millis(50))));
            (took(None), far.join().unwrap())
        });
        println!("(listed, done) in s: near {near:?}, 100 ms away {far:?}");
        // A page a second, and what the sign-in and the first connections take.
        assert!(far.0 < near.0 + 15.0, "listed in {far:?}, near in {near:?}");
        assert!(
            far.1 < 1.25 * near.1 + 15.0,
            "done in {far:?}, near in {near:?}"
        );
    }
}

#[test]
#[ignore = "measures: cargo xtask bench machines"]
fn bench_machines() {
    const PHOTOS: u64 = 240;
    let took = |machines: usize| {
        let (sandbox, _pictures) = account(PHOTOS, Duration::from_millis(2000));
        let database = Database::new();
        let store = database.url().to_string();
        let homes: Vec<_> = (0..machines)
            .map(|_| machine(&sandbox, &store, &[]))
            .collect();
        let runs: Vec<_> = homes.iter().map(Running::start).collect();
        until("the first photo", MINUTE, || done(&database) > 0);
        let begun = Instant::now();
        until("all photos", 10 * MINUTE, || {
            done(&database) == PHOTOS as i64
        });
        let took = begun.elapsed().as_secs_f64();
        for run in runs {
            let _ = run.end(MINUTE).ends_with(0);
        }
        took
    };
    let (one, three) = (took(1), took(3));
    println!("machines: 3 workers {:.1} times 1", one / three);
}
