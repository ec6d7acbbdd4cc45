//! What `download` promises: how long it takes, what it waits for, what it keeps on the disk.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use end_to_end::{Home, Run, Terminal, files_below, sandbox};
use flickr_sandbox::{Fault, FaultKind, NewPhoto, Options, Sandbox};
use serde_json::{Value, json};

/// Many photos are waited for at once and each for long, so that a busy machine changes little: ten come a second.
const STEADY: [(&str, &str); 3] = [("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "12")];
const STEADY_MS: u64 = 1200;

fn patterns(sandbox: &Sandbox, number: usize, width: u32, height: u32) -> Vec<String> {
    let photo = || NewPhoto {
        width: Some(width),
        height: Some(height),
        ..NewPhoto::default()
    };
    (0..number)
        .map(|_| sandbox.add_photo(photo()).unwrap())
        .collect()
}

fn late(ms: u64) -> Fault {
    Fault::once("static", FaultKind::Delay { ms }).always()
}

/// A line of progress: when it came, how many photos it counts as processed, and how long it says that the rest takes.
#[derive(Debug)]
struct Promise {
    at: Instant,
    processed: u64,
    left: Duration,
    line: String,
}

/// Runs a program without a terminal; what it promised on its way, when it ended, and its summary.
fn promises(mut command: Command) -> (Vec<Promise>, Instant, Value) {
    command.arg("--json").stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut found = Vec::new();
    for line in lines {
        let (at, line) = (Instant::now(), line.unwrap());
        let Some((_, processed)) = line.split_once("processed ") else {
            continue;
        };
        let Some((number, rest)) = processed.split_once(" of ") else {
            continue;
        };
        let left = rest
            .split(", ")
            .find_map(|part| part.strip_suffix(" left"))
            .map(seconds);
        if let Some(left) = left {
            found.push(Promise {
                at,
                processed: number.replace(',', "").parse().unwrap(),
                left,
                line,
            });
        }
    }
    let end = Instant::now();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.code().is_some());
    let summary = serde_json::from_slice(&output.stdout).unwrap();
    (found, end, summary)
}

/// `1 min 30 s` → 90 s.
fn seconds(text: &str) -> Duration {
    let words: Vec<_> = text.split(' ').collect();
    let all = words.chunks(2).map(|pair| {
        let number: u64 = pair[0].parse().unwrap();
        number
            * match pair[1] {
                "s" => 1,
                "min" => 60,
                "h" => 3600,
                unit => panic!("{unit} in {text}"),
            }
    });
    Duration::from_secs(all.sum())
}

/// All promises after the first hundred photos were within a fifth of what came. Those of the last seconds are not
/// looked at: they are told in whole seconds, and the end itself takes one.
fn are_kept(promises: &[Promise], end: Instant) {
    let mut looked_at = 0;
    for promise in promises.iter().filter(|promise| promise.processed >= 100) {
        let came = (end - promise.at).as_secs_f64();
        if came < 8.0 {
            continue;
        }
        looked_at += 1;
        let ratio = promise.left.as_secs_f64() / came;
        assert!(
            (0.8..1.2).contains(&ratio),
            "{ratio:.2} of the {came:.1} s that came: {promises:#?}"
        );
    }
    assert!(looked_at >= 2, "{promises:#?}");
}

#[test]
fn the_time_left_is_what_comes() {
    let sandbox = sandbox(Options::default());
    patterns(&sandbox, 450, 240, 180);
    sandbox.set_faults([late(STEADY_MS)]);
    let home = Home::new(&sandbox, &STEADY);
    let (promises, end, summary) = promises(home.command("download"));
    are_kept(&promises, end);
    // And what was said of the account after the first twenty.
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{summary}"));
    let ratio = number(&summary["outlook"]["now"]["seconds"]) / number(&summary["seconds"]);
    assert!((0.8..1.2).contains(&ratio), "{ratio:.2}: {summary}");
    assert!(
        promises
            .iter()
            .all(|promise| promise.line.contains("limited by the network")),
        "{promises:#?}"
    );
}

#[test]
fn failures_pauses_and_what_is_there_do_not_change_the_time_left() {
    let sandbox = sandbox(Options::default());
    let there = patterns(&sandbox, 30, 240, 180);
    let home = Home::new(&sandbox, &STEADY);
    let _ = home.run("download", &["--json"]).ends_with(0);
    // The faces are found again, in files that are there.
    std::fs::remove_file(home.path("faces.sqlite")).unwrap();
    let gone = patterns(&sandbox, 40, 240, 180);
    patterns(&sandbox, 420, 240, 180);
    let fails = |id: &String| {
        Fault::once("static", FaultKind::NotFound)
            .always()
            .containing(id)
    };
    let pause = FaultKind::TooManyRequests {
        retry_after: Some("7".to_owned()),
    };
    sandbox.set_faults(
        gone.iter()
            .map(fails)
            .chain([Fault::once("static", pause).after(40), late(STEADY_MS)]),
    );
    let (promises, end, _) = promises(home.command("download"));
    are_kept(&promises, end);
    assert_eq!(files_below(&home.path("photos")).len(), there.len() + 420);
}

#[test]
fn what_limits_a_download_is_told() {
    struct Case {
        settings: &'static [(&'static str, &'static str)],
        photos: usize,
        sides: (u32, u32),
        ms: u64,
        unlisted: bool,
        limited_by: &'static str,
        says: &'static str,
    }
    let cases = [
        Case {
            settings: &[("MAX_SIZE", "240"), ("upsample", "0"), ("downloads", "2")],
            photos: 20,
            sides: (240, 180),
            ms: 300,
            unlisted: false,
            limited_by: "network",
            says: ", limited by the network\n",
        },
        Case {
            settings: &[("MAX_SIZE", "1024"), ("upsample", "1"), ("workers", "1")],
            photos: 14,
            sides: (1000, 750),
            ms: 0,
            unlisted: false,
            limited_by: "processor",
            says: ", limited by the processor\n",
        },
        Case {
            // Each photo needs a call, and twenty may go at once.
            settings: &[
                ("MAX_SIZE", "240"),
                ("upsample", "0"),
                ("calls_per_hour", "3600"),
            ],
            photos: 32,
            sides: (400, 300),
            ms: 0,
            unlisted: true,
            limited_by: "flickr",
            says: ", limited by Flickr's pace\n",
        },
    ];
    let wrong = |case: &Case| {
        let mut options = Options::default();
        if case.unlisted {
            options.quirks.unlisted_sizes = ["*".to_owned()].into();
        }
        let sandbox = sandbox(options);
        patterns(&sandbox, case.photos, case.sides.0, case.sides.1);
        sandbox.set_faults([late(case.ms)]);
        let home = Home::new(&sandbox, &[]);
        // The home's own pace stands before the settings.
        let config = home
            .read("config.ini")
            .replace("calls_per_hour = 1000000000\n", "");
        let settings: String = (case.settings.iter())
            .map(|(key, value)| format!("{key} = {value}\n"))
            .collect();
        let pace = match settings.contains("calls_per_hour") {
            true => "",
            false => "calls_per_hour = 1000000000\n",
        };
        home.write("config.ini", [&*config, &settings, pace].concat());
        let run = home.run("download", &["--json"]);
        let is_told = run.code == Some(0) && run.json()["limited_by"] == case.limited_by;
        // Again for a person.
        std::fs::remove_file(home.path("faces.sqlite")).unwrap();
        std::fs::remove_dir_all(home.path("photos")).unwrap();
        let said = home.run("download", &[]);
        let is_said = said.stdout.contains(case.says);
        (!is_told || !is_said).then(|| format!("{}: {run}\n{said}", case.limited_by))
    };
    let wrong: Vec<_> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// 70 photos that come slowly enough for a look at the first.
fn account() -> (Arc<Sandbox>, Home) {
    let sandbox = sandbox(Options::default());
    patterns(&sandbox, 70, 640, 480);
    sandbox.set_faults([late(50)]);
    let settings = [("MAX_SIZE", "500"), ("upsample", "0"), ("downloads", "3")];
    let home = Home::new(&sandbox, &settings);
    (sandbox, home)
}

fn bytes_below(home: &Home) -> u64 {
    let files = files_below(&home.path("photos"));
    files
        .iter()
        .map(|file| file.metadata().unwrap().len())
        .sum()
}

#[test]
fn a_first_run_says_what_the_account_takes() {
    let (_sandbox, home) = account();
    let run = home.run("download", &["--json"]).ends_with(0).complains(&[
        "Ctrl-C stops this safely at any time; `download` goes on from there.\n70 photos in the account.\n",
        "70 photos at up to 500 pixels: about ",
        " on this machine, measured on the first 2",
        "\nMAX_SIZE = 240: about ",
        "; MAX_SIZE = 1024: about ",
        "run `download --max-size 240`; config.ini keeps it.",
    ]);
    let said = run.json();
    let outlook = &said["outlook"];
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{said}"));
    assert_eq!(outlook["photos"], 70, "{run}");
    assert!(
        (20.0..35.0).contains(&number(&outlook["measured"])),
        "{run}"
    );
    // There are no faces: the files alone.
    let ratio = number(&outlook["now"]["bytes"]) / bytes_below(&home) as f64;
    assert!((0.9..1.1).contains(&ratio), "{ratio}: {run}");
    let sizes: Vec<_> = outlook["others"].as_array().unwrap().iter().collect();
    let by_size = |at: usize, name: &str| number(&sizes[at][name]) / number(&outlook["now"][name]);
    assert_eq!(
        (&sizes[0]["max_size"], &sizes[1]["max_size"]),
        (&json!(240), &json!(1024))
    );
    // 240x180 and 640x480 pixels in place of 500x375.
    for (at, pixels) in [(0, 0.2304), (1, 1.6384)] {
        let ratio = by_size(at, "bytes") / pixels;
        assert!((0.98..1.02).contains(&ratio), "{ratio}: {run}");
    }
    let used = number(&said["disk"]["used"]);
    assert!(
        used > bytes_below(&home) as f64 && said["disk"]["to_come"] == 0,
        "{run}"
    );
    assert_eq!(said["seconds_left"], Value::Null);
    // The second knows its way.
    let run = home.run("download", &[]).ends_with(0);
    assert!(
        !run.stderr.contains("in the account") && !run.stderr.contains("Ctrl-C"),
        "{run}"
    );
    let _ = run.says(&["\ndisk       "]);
}

#[test]
fn another_size_is_kept_and_photos_that_do_not_stay_take_no_room() {
    let (_sandbox, home) = account();
    let run = home
        .run("download", &["--json", "--max-size", "240"])
        .ends_with(0);
    let with_photos = run.json();
    assert_eq!(with_photos["outlook"]["now"]["max_size"], 240, "{run}");
    assert_eq!(
        home.read("config.ini").matches("MAX_SIZE = 240\n").count(),
        1
    );
    assert_eq!(home.read("config.ini").matches("MAX_SIZE").count(), 1);
    let _ = home.run("download", &["--max-size", "99"]).ends_with(1);

    let (_sandbox, other) = account();
    let config = other.read("config.ini") + "keep_photos = no\n";
    other.write("config.ini", config);
    let run = other.run("download", &["--json"]).ends_with(0);
    let said = run.json();
    assert_eq!(
        said["outlook"]["now"]["bytes"], 0,
        "no photos, no faces: {run}"
    );
    assert!(said["disk"]["used"].as_u64() > Some(0), "the store: {run}");
}

#[test]
fn at_a_terminal_the_first_run_asks_nothing() {
    let (_sandbox, home) = account();
    let mut terminal = Terminal::run(&home, "download", &[]);
    terminal
        .shows("Ctrl-C stops this safely at any time")
        .shows("70 photos in the account.")
        .shows("70 photos at up to 500 pixels: about ")
        .shows("to come")
        .shows("70 processed");
    let (code, screen) = terminal.ends();
    assert_eq!(code, Some(0), "{screen}");
}

#[test]
fn a_disk_that_will_be_full_is_told_once_and_early() {
    let (sandbox, home) = account();
    let _ = home.run("download", &["--json"]).ends_with(0);
    let all = bytes_below(&home);
    drop(home);
    sandbox.set_faults([late(50)]);
    let settings = [("MAX_SIZE", "500"), ("upsample", "0"), ("downloads", "3")];
    let home = Home::new(&sandbox, &settings);
    // Room for most of the photos.
    let mount = format!(
        "mkdir photos; mount -t tmpfs -o mode=700,size={} tmpfs photos",
        all * 3 / 4
    );
    let run = Run::of(home.command_mounted(&mount, "download"), "").ends_with(4);
    let told = run.stderr.matches("are still to come, and ").count();
    assert_eq!(told, 1, "{run}");
    let told = run.stderr.find("are still to come, and ");
    assert!(told < run.stderr.find("error: "), "{run}");
    let _ = run.complains(&[" free on the disk of photos: make room, or set a smaller MAX_SIZE"]);
}
