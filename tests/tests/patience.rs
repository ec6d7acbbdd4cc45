//! Flickr is out, asks to slow down, or forgets a sign-in for a moment: the programs wait, say so, and go on.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    process::Stdio,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use end_to_end::{Home, Run, sandbox, side_by_side};
use flickr_sandbox::{Fault, FaultKind, NewPhoto, Options, Quirks, Sandbox};

const CHECK_TOKEN: &str = "flickr.auth.oauth.checkToken";
const SEARCH: &str = "flickr.photos.search";
const GET_SIZES: &str = "flickr.photos.getSizes";
const ADD_TAGS: &str = "flickr.photos.addTags";
const FOR_EVER: u32 = 1_000_000;
/// Tries of one call.
const TRIES: u32 = 5;

const QUICK: [(&str, &str); 3] = [("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "2")];

fn patterns(number: usize, options: Options) -> (Arc<Sandbox>, Vec<String>) {
    let sandbox = sandbox(options);
    let ids = (0..number)
        .map(|_| {
            let photo = NewPhoto {
                width: Some(240),
                height: Some(180),
                private: true,
                ..NewPhoto::default()
            };
            sandbox.add_photo(photo).unwrap()
        })
        .collect();
    (sandbox, ids)
}

/// A home that waits for Flickr for so many minutes.
fn home(sandbox: &Arc<Sandbox>, minutes: &str) -> Home {
    Home::new(
        sandbox,
        &[&QUICK[..], &[("longest_wait", minutes)]].concat(),
    )
}

fn fails(code: i64) -> FaultKind {
    FaultKind::ApiFailure {
        code,
        message: Some("no luck".to_owned()),
    }
}

fn down() -> FaultKind {
    FaultKind::ServerError { status: 503 }
}

/// Runs without a terminal, and without a browser.
fn run_unattended(home: &Home, program: &str, arguments: &[&str]) -> Run {
    let mut command = home.command(program);
    command.args(arguments).env_remove("BROWSER");
    Run::of(command, "")
}

#[test]
fn download_waits_for_flickr_wherever_it_calls() {
    struct Case {
        on: &'static str,
        kind: FaultKind,
        says: &'static str,
    }
    let case = |on, kind, says| Case { on, kind, says };
    let listing = "Flickr does not list the account's photos, for";
    let cases = [
        case(CHECK_TOKEN, down(), "Flickr does not answer, for"),
        case(CHECK_TOKEN, fails(105), "Flickr does not answer, for"),
        case(SEARCH, fails(10), listing),
        case(SEARCH, fails(105), listing),
        case(SEARCH, FaultKind::HtmlPage, listing),
        // A photo's sizes, and then the look whether anything is answered.
        case(GET_SIZES, down(), "Flickr does not answer, for"),
    ];
    let wrong = side_by_side(&cases, |case| {
        let mut options = Options::default();
        let is_sizes = case.on == GET_SIZES;
        if is_sizes {
            options.quirks.unlisted_sizes = ["*".to_owned()].into();
        }
        let (sandbox, _) = patterns(1, options);
        let home = home(&sandbox, "0.2");
        let fault = |on| Fault::once(on, case.kind.clone()).times(TRIES);
        let look = is_sizes.then(|| fault(CHECK_TOKEN).after(1));
        sandbox.set_faults([fault(case.on)].into_iter().chain(look));
        let run = home.run("download", &["--json"]);
        let said = [
            case.says,
            "next try in",
            "giving up after 12 s",
            "is back after",
        ];
        let silent = said.iter().any(|text| !run.stderr.contains(text));
        let whole = run.code == Some(0) && run.json()["photos"] == 1;
        let asked = !is_sizes || sandbox.calls().of(GET_SIZES) > u64::from(TRIES);
        (silent || !whole || !asked).then(|| format!("{} {:?}: {run}", case.on, case.kind))
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_outage_without_end_is_given_up_and_nothing_is_lost() {
    let (sandbox, _) = patterns(2, Options::default());
    let home = home(&sandbox, "0.05");
    sandbox.set_faults([Fault::once(SEARCH, fails(105)).times(FOR_EVER)]);
    let _ = home.run("download", &[]).ends_with(4).complains(&[
        "error: Flickr does not list the account's photos: given up after",
        "no luck (code 105)",
        "hint:",
    ]);
    sandbox.set_faults([]);
    let run = home.run("download", &["--json"]).ends_with(0);
    assert_eq!(run.json()["photos"], 2, "{run}");
}

#[test]
fn a_flickr_that_cannot_be_reached_is_waited_for() {
    // A port at which nothing listens, until the network is there.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let (elsewhere, _) = patterns(1, Options::default());
    let home = Home::signed_out(
        &elsewhere,
        &[&QUICK[..], &[("longest_wait", "0.3")]].concat(),
    );
    home.set("flickr_url", &format!("http://127.0.0.1:{port}"));
    let mut child = home
        .command("download")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    while !said.contains("next try in") {
        said = lines.next().expect("it waits").unwrap();
    }
    let waits = "Flickr does not answer, for 0 s now: next try in 18 s, giving up after 18 s (";
    assert!(said.contains(waits), "{said}");
    assert!(said.contains("no connection: Connection refused"), "{said}");
    let (here, _) = patterns(
        1,
        Options {
            port,
            key: Some(elsewhere.key().to_owned()),
            secret: Some(elsewhere.secret().to_owned()),
            ..Options::default()
        },
    );
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let rest = rest.join("\n");
    assert_eq!(child.wait().unwrap().code(), Some(0), "{rest}");
    assert!(rest.contains("Flickr is back after"), "{rest}");
    assert!(here.calls().files > 0);
}

#[test]
fn slow_down_is_waited_out_up_to_the_limit() {
    struct Case {
        program: &'static str,
        on: &'static str,
        signed_in: bool,
    }
    let case = |program, on| Case {
        program,
        on,
        signed_in: true,
    };
    let cases = [
        case("download", CHECK_TOKEN),
        case("download", SEARCH),
        case("tag-photos", CHECK_TOKEN),
        case("tag-photos", SEARCH),
        case("tag-photos", ADD_TAGS),
        Case {
            signed_in: false,
            ..case("download", "oauth")
        },
    ];
    let wrong = side_by_side(&cases, |case| {
        let (sandbox, ids) = patterns(2, Options::default());
        // Six seconds: the first pause, of a minute, is cut to that.
        let home = home(&sandbox, "0.1");
        home.write_tags(&[("Ada", &[&ids[0], &ids[1]])]);
        if !case.signed_in {
            std::fs::remove_file(home.path("config.token.json")).unwrap();
        }
        let slow = FaultKind::TooManyRequests { retry_after: None };
        let name = format!("{} {}", case.program, case.on);
        sandbox.set_faults([Fault::once(case.on, slow.clone()).times(FOR_EVER)]);
        let begun = Instant::now();
        let run = home.run(case.program, &[]);
        let told = "Flickr asks to slow down (HTTP 429), for 0 s now: next try in 6 s, giving up after 6 s";
        if run.code != Some(4) || !run.stderr.contains(told) {
            return Some(format!("{name}, for ever: {run}"));
        }
        if begun.elapsed() < Duration::from_secs(6) {
            return Some(format!("{name}: {:?}: {run}", begun.elapsed()));
        }
        sandbox.set_faults([Fault::once(case.on, slow)]);
        let run = home.run(case.program, &[]);
        (run.code != Some(0) || !run.stderr.contains(told)).then(|| format!("{name}, once: {run}"))
    });
    let wrong: Vec<_> = wrong.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_sign_in_that_flickr_forgets_for_a_moment_is_kept() {
    let (sandbox, ids) = patterns(1, Options::default());
    let home = home(&sandbox, "0.1");
    home.write_tags(&[("Ada", &[&ids[0]])]);
    let token = home.read("config.token.json");
    // Asked once, and asked twice; and in the middle of a run.
    for (program, on, times) in [
        ("download", CHECK_TOKEN, 1),
        ("download", CHECK_TOKEN, 3),
        ("download", SEARCH, 1),
        ("tag-photos", CHECK_TOKEN, 3),
        ("tag-photos", ADD_TAGS, 1),
    ] {
        sandbox.set_faults([Fault::once(on, fails(98)).times(times)]);
        let run = run_unattended(&home, program, &[]).ends_with(0);
        assert!(!run.stderr.contains("sign"), "{run}");
        assert_eq!(home.read("config.token.json"), token);
    }
    assert_eq!(sandbox.tags_of(&ids[0]).unwrap().len(), 1);
}

#[test]
fn where_nobody_can_sign_in_the_program_says_so_and_the_sign_in_stays() {
    let (sandbox, ids) = patterns(1, Options::default());
    let home = home(&sandbox, "0.1");
    home.write_tags(&[("Ada", &[&ids[0]])]);
    let token = home.read("config.token.json");
    sandbox.set_faults([Fault::once(CHECK_TOKEN, fails(98)).times(FOR_EVER)]);
    for program in ["download", "tag-photos"] {
        let begun = Instant::now();
        let _ = run_unattended(&home, program, &[])
            .ends_with(3)
            .complains(&[
                "Flickr no longer accepts the sign-in, and there is no terminal to sign in at; \
             config.token.json was left as it is",
                "hint:",
            ]);
        assert!(begun.elapsed() < Duration::from_secs(60));
        assert_eq!(home.read("config.token.json"), token);
    }
    // A new one that does not work takes no one's place.
    let _ = home.run("download", &[]).ends_with(3).complains(&[
        "please sign in again",
        "Flickr no longer accepts the sign-in",
    ]);
    assert_eq!(home.read("config.token.json"), token);
    assert!(sandbox.calls().oauth.contains_key("access_token"));
    // It is Flickr's error: the next run goes on as if nothing had been.
    sandbox.set_faults([]);
    let _ = run_unattended(&home, "download", &[]).ends_with(0);

    let new = Home::signed_out(&sandbox, &QUICK);
    let _ = run_unattended(&new, "download", &[])
        .ends_with(3)
        .complains(&["There is no sign-in yet, and there is no terminal", "hint:"]);
}

#[test]
fn two_programs_on_one_store_share_the_hours_calls() {
    const PHOTOS: usize = 30;
    const BURST: f64 = 20.0;
    let mut options = Options::default();
    // Each photo costs `download` a call.
    options.quirks = Quirks {
        unlisted_sizes: ["*".to_owned()].into(),
        ..options.quirks
    };
    let (sandbox, ids) = patterns(PHOTOS, options);
    let home = home(&sandbox, "1");
    // Four a second.
    home.set("calls_per_hour", "14400");
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    home.write_tags(&[("Ada", &ids)]);
    sandbox.reset_calls();
    let begun = Instant::now();
    thread::scope(|scope| {
        let both = ["download", "tag-photos"].map(|program| {
            let home = &home;
            scope.spawn(move || home.run(program, &["--json"]).ends_with(0))
        });
        for run in both {
            let _ = run.join().unwrap();
        }
    });
    let (calls, took) = (sandbox.calls().api(), begun.elapsed().as_secs_f64());
    assert!(calls >= 2 * PHOTOS as u64, "{calls}");
    let most = BURST + 4.0 * took;
    assert!(calls as f64 <= most, "{calls} calls in {took} s");
}

#[test]
fn pages_come_compressed() {
    let bytes = |gzip| {
        let mut options = Options::generate(500);
        options.quirks.gzip = gzip;
        let sandbox = sandbox(options);
        let home = home(&sandbox, "1");
        home.write_tags(&[("Ada", &["53000000001"])]);
        let _ = home.run("tag-photos", &["plan"]);
        sandbox.calls().api_bytes
    };
    let (packed, plain) = (bytes(true), bytes(false));
    eprintln!("a listing of 500 photos: {packed} bytes, without compression {plain}");
    assert!(packed * 5 < plain, "{packed} of {plain} bytes");
}
