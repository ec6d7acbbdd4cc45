//! Whom the programs talk to, and what they leave behind: nobody but Flickr, and nothing that
//! `docs/privacy.md` does not list.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use end_to_end::{Home, Sample, sample, sandbox, send};
use flickr_sandbox::{Fault, FaultKind, NewPhoto, Options, Sandbox};

/// How long each program works: libraries report some seconds after they are loaded, the slowest that
/// was seen after 44.
const LONG: Duration = Duration::from_secs(60);

/// As many photos as take [`LONG`], one at a time, each kept waiting for [`WAIT_MS`].
const PHOTOS: u64 = LONG.as_secs() * 1000 / WAIT_MS + 1;
const WAIT_MS: u64 = 4000;

/// A proxy that notes where it was to connect to, and connects to nothing.
struct Proxy {
    address: SocketAddr,
    wanted: Arc<Mutex<BTreeSet<String>>>,
}

impl Proxy {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let wanted = Arc::new(Mutex::new(BTreeSet::new()));
        let noted = Arc::clone(&wanted);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut line = String::new();
                BufReader::new(&stream).read_line(&mut line).ok();
                noted.lock().unwrap().insert(line.trim().to_owned());
                stream.write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n").ok();
            }
        });
        Self { address, wanted }
    }

    /// Runs a program behind this proxy, but for the sandbox, which stands for Flickr. It is stopped once
    /// it has worked for [`LONG`]; how long it has.
    fn run(&self, home: &Home, name: &str, arguments: &[&str]) -> Duration {
        let mut command = home.command(name);
        for variable in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
            let address = format!("http://{}", self.address);
            command.env(variable, &address);
            command.env(variable.to_lowercase(), address);
        }
        command
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1");
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let begun = Instant::now();
        while begun.elapsed() < LONG && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(100));
        }
        let worked = begun.elapsed();
        if child.try_wait().unwrap().is_none() {
            send("INT", &child);
        }
        child.wait().unwrap();
        worked
    }
}

/// All files and folders below `folder`.
fn files(folder: &Path) -> BTreeSet<String> {
    fn add(folder: &Path, from: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(from).unwrap().display().to_string();
            if path.is_dir() {
                add(&path, from, found);
                found.insert(name + "/");
            } else {
                found.insert(name);
            }
        }
    }
    let mut found = BTreeSet::new();
    add(folder, folder, &mut found);
    found
}

/// Whether a pattern, in which `*` stands for anything but `/`, is this name.
fn is(pattern: &str, name: &str) -> bool {
    let Some((start, pattern)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(name) = name.strip_prefix(start) else {
        return false;
    };
    let end = name.find('/').unwrap_or(name.len());
    (0..=end).any(|at| name.get(at..).is_some_and(|rest| is(pattern, rest)))
}

/// The names in the first column of the table under this heading of `docs/privacy.md`.
fn listed(heading: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/privacy.md");
    let text = fs::read_to_string(path).unwrap();
    let chapter = text.split("\n## ").find(|part| part.starts_with(heading));
    let rows = chapter
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("| `"));
    let first = rows.filter_map(|row| row.split('|').nth(1));
    let names: Vec<String> = first
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect();
    assert!(!names.is_empty(), "{heading}");
    names
}

fn photos(sandbox: &Sandbox, file: &Path) -> Vec<String> {
    let photo = || NewPhoto {
        file: Some(file.to_owned()),
        private: true,
        ..NewPhoto::default()
    };
    (0..PHOTOS)
        .map(|_| sandbox.add_photo(photo()).unwrap())
        .collect()
}

/// The programs at their work for a minute, side by side, with the variables unset by which libraries
/// recognise a test: [`Home::command`] clears the environment.
#[test]
fn the_programs_talk_to_flickr_alone_and_leave_what_is_listed() {
    let pictures = tempfile::tempdir().unwrap();
    let picture = pictures.path().join("obama.jpg");
    sample(Sample::Obama, 320, &picture);
    let proxy = Proxy::start();
    let wait = |on: &str| Fault::once(on, FaultKind::Delay { ms: WAIT_MS }).times(u32::MAX);

    // `download`, with ONNX Runtime at work all the time.
    let slow_images = sandbox(Options::default());
    photos(&slow_images, &picture);
    slow_images.set_faults([wait("static")]);
    let downloading = Home::new(
        &slow_images,
        &[
            ("MAX_SIZE", "320"),
            ("DETECTION_METHOD", "cnn"),
            ("engine", "onnxruntime"),
            ("downloads", "1"),
        ],
    );
    // `tag-photos`, and `cluster-faces` in the same folder.
    let slow_writes = sandbox(Options::default());
    let ids = photos(&slow_writes, &picture);
    slow_writes.set_faults([wait("flickr.photos.addTags")]);
    let naming = Home::new(&slow_writes, &[]);
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    naming.write_tags(&[("Ada", &ids)]);
    let before = [&downloading, &naming].map(|home| files(home.folder()));

    thread::scope(|scope| {
        let runs = [
            scope.spawn(|| proxy.run(&downloading, "download", &["--no-browser"])),
            scope.spawn(|| proxy.run(&naming, "cluster-faces", &["web", "--no-browser"])),
            scope.spawn(|| proxy.run(&naming, "tag-photos", &[])),
        ];
        for run in runs {
            let worked = run.join().unwrap();
            assert!(
                worked >= LONG,
                "one ended after {worked:?}: nothing is shown"
            );
        }
    });

    let hosts = listed("What leaves your machine");
    let wanted = proxy.wanted.lock().unwrap();
    let strange: Vec<_> = wanted
        .iter()
        .filter(|line| {
            let host = line.split([' ', ':', '/']).nth(1).unwrap_or_default();
            !hosts.iter().any(|known| is(known, host))
        })
        .collect();
    assert!(strange.is_empty(), "{strange:?}");

    let known = listed("What stays on your machine");
    for (home, before) in [&downloading, &naming].into_iter().zip(before) {
        let after = files(home.folder());
        let strange: Vec<_> = after
            .difference(&before)
            .filter(|name| !known.iter().any(|known| is(known, name)))
            .collect();
        assert!(strange.is_empty(), "{strange:?} in {after:?}");
    }
}
