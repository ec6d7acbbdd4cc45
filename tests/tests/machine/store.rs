//! A store that cannot be opened, is damaged, or has no room.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::PermissionsExt,
    process::Stdio,
    time::{Duration, Instant},
};

use end_to_end::{execute, one, rows, send, wait_for};
use sqlx::{Connection, SqliteConnection};

use super::*;

const STORE: &str = "faces.sqlite";

fn cut_to_half(home: &Home) {
    let path = home.path(STORE);
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(fs::metadata(&path).unwrap().len() / 2)
        .unwrap();
}

#[test]
fn a_store_that_cannot_be_opened_is_one_message_at_once() {
    struct Case {
        what: &'static str,
        spoil: fn(&Home),
        says: &'static [&'static str],
    }
    let cases = [
        Case {
            what: "cut to half",
            spoil: cut_to_half,
            says: &["faces.sqlite", "is damaged", "hint:  `download repair`"],
        },
        Case {
            what: "its beginning overwritten",
            spoil: |home| {
                let mut bytes = fs::read(home.path(STORE)).unwrap();
                bytes[16..100].fill(0x5a);
                home.write(STORE, bytes);
            },
            says: &["faces.sqlite", "hint:  `download repair`"],
        },
        Case {
            what: "something in the place of its index file",
            spoil: |home| fs::create_dir(home.path("faces.sqlite-shm")).unwrap(),
            says: &["faces.sqlite", "read-only", "the right to write"],
        },
        Case {
            what: "a folder",
            spoil: |home| {
                fs::remove_file(home.path(STORE)).unwrap();
                fs::create_dir(home.path(STORE)).unwrap();
            },
            says: &["faces.sqlite: cannot open: is a directory"],
        },
        Case {
            what: "of a newer program",
            spoil: |home| execute(&home.path(STORE), "UPDATE store_format SET format = 999"),
            says: &["the store has format 999", "use a newer version"],
        },
        Case {
            what: "held by another program",
            spoil: |home| {
                let path = home.path(STORE);
                // For as long as the test runs.
                std::mem::forget(wait_for(async {
                    let address = format!("sqlite:{}", path.display());
                    let mut other = SqliteConnection::connect(&address).await.unwrap();
                    for statement in [
                        "PRAGMA locking_mode = EXCLUSIVE",
                        "BEGIN EXCLUSIVE",
                        "UPDATE store_format SET format = format",
                    ] {
                        sqlx::query(statement).execute(&mut other).await.unwrap();
                    }
                    other
                }));
            },
            says: &["another program holds the store", "wait for"],
        },
    ];
    let mut wrong = Vec::new();
    for case in cases {
        let home = home(3);
        let _ = home.run("download", &["--quiet"]).ends_with(0);
        (case.spoil)(&home);
        for (program, arguments) in COMMANDS {
            let run = timed(home.command(program), arguments);
            let complaint = complaint(&run, case.says);
            wrong.extend(complaint.map(|why| format!("{}, {program}: {why}", case.what)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_program_that_waits_for_the_store_ends_when_it_is_told_to() {
    let home = home(1);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let path = home.path(STORE);
    let _other = wait_for(async {
        let address = format!("sqlite:{}", path.display());
        let mut other = SqliteConnection::connect(&address).await.unwrap();
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut other)
            .await
            .unwrap();
        other
    });
    for (program, arguments) in [
        ("download", &[][..]),
        ("tag-photos", &["plan"]),
        ("cluster-faces", &["report"]),
    ] {
        let mut child = home
            .command(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs(2));
        assert!(
            child.try_wait().unwrap().is_none(),
            "{program} does not wait"
        );
        send("TERM", &child);
        let begun = Instant::now();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(130), "{program}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{program}");
    }
}

#[test]
fn a_damaged_store_is_repaired_and_completed() {
    let home = home(40);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let whole = rows(&home.path(STORE), "photos", "id");
    // As large as real ones, of which the tables' names are a small part at the beginning.
    execute(
        &home.path(STORE),
        "WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < 300)
         INSERT INTO facts SELECT 'test ' || number, hex(randomblob(1000)) FROM numbers",
    );
    cut_to_half(&home);
    let run = home.run("download", &["repair"]).ends_with(0);
    let _ = run.says(&["A new store is in its place", "faces.sqlite.damaged-1"]);
    assert!(home.path("faces.sqlite.damaged-1").exists());
    let mode = fs::metadata(home.path(STORE)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let _ = home.run("download", &[]).ends_with(0);
    let after = rows(&home.path(STORE), "photos", "id");
    assert_eq!(after.len(), whole.len());
    for row in &after {
        assert_eq!(one(&after, ("id", &row["id"]), "state"), "'done'");
    }
    let run = home.run("download", &["repair", "--json"]).ends_with(0);
    assert_eq!(run.json()["repaired"], false, "{run}");
}

#[test]
fn nothing_is_lost_where_the_log_is_taken_away() {
    let home = home(5);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let before = rows(&home.path(STORE), "photos", "id");
    // As after a copy that left it out: what a properly closed store holds is in the file itself.
    for beside in ["faces.sqlite-wal", "faces.sqlite-shm"] {
        fs::remove_file(home.path(beside)).ok();
    }
    let _ = home.run("download", &[]).ends_with(0);
    assert_eq!(rows(&home.path(STORE), "photos", "id"), before);
}

#[test]
fn a_full_disk_is_said_and_room_is_all_that_is_needed() {
    // Each time a little later: in the store, its log, a photo, config.ini.
    let home = home(60);
    for (key, value) in [("store", "small/faces.sqlite"), ("photos", "small/photos")] {
        let text = home.read("config.ini");
        home.write("config.ini", format!("{text}{key} = {value}\n"));
    }
    fs::create_dir(home.path("small")).unwrap();
    let mut wrong = Vec::new();
    for kilobytes in [40, 120, 200, 280, 400, 600] {
        let mount = format!("mount -t tmpfs -o size={kilobytes}k none small");
        let run = timed(home.command_mounted(&mount, "download"), &[]);
        wrong.extend(complaint(&run, &[]).map(|why| format!("{kilobytes} KB: {why}")));
        let says = ["the disk is full", "No space left on device"];
        if !says.iter().any(|text| run.0.stderr.contains(text)) {
            wrong.push(format!("{kilobytes} KB: {}", run.0));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let _ = home.run("download", &[]).ends_with(0);
}

#[test]
fn without_room_for_what_lies_beside_the_store_every_program_says_so() {
    let home = home(5);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    fs::create_dir(home.path("small")).unwrap();
    fs::rename(home.path(STORE), home.path("small/kept.sqlite")).unwrap();
    let text = home.read("config.ini");
    home.write("config.ini", format!("{text}store = full/faces.sqlite\n"));
    fs::create_dir(home.path("full")).unwrap();
    let fill = "mount -t tmpfs -o size=1m none full\ncp small/kept.sqlite full/faces.sqlite\n\
                dd if=/dev/zero of=full/rest bs=4k 2>dd.log || true";
    let mut wrong = Vec::new();
    for (program, arguments) in COMMANDS {
        let run = timed(home.command_mounted(fill, program), arguments);
        let complaint = complaint(&run, &["the disk is full", "make room"]);
        wrong.extend(complaint.map(|why| format!("{program}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_config_that_cannot_be_replaced_is_a_warning() {
    let home = home(5);
    // As where the file alone is mounted into a container.
    let mount = "mount --bind config.ini config.ini";
    let (run, _) = timed(home.command_mounted(mount, "download"), &[]);
    let run = run
        .ends_with(0)
        .complains(&["start_image is not kept up to date", "config.ini"]);
    assert_eq!(run.stderr.matches("start_image").count(), 1, "{run}");
    assert!(home.read("config.ini").contains("start_image = 0\n"));
}

#[test]
fn config_is_not_written_where_nothing_has_changed() {
    use std::os::unix::fs::MetadataExt;
    let home = home(3);
    let _ = home.run("download", &[]).ends_with(0);
    let inode = || fs::metadata(home.path("config.ini")).unwrap().ino();
    let before = inode();
    let _ = home.run("download", &[]).ends_with(0);
    assert_eq!(inode(), before);
}
