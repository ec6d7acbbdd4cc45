//! Few descriptors, little memory, an open umask, a read-only folder, no HOME.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::*;

/// Every file and folder below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_below(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn few_descriptors_are_enough_or_are_told() {
    let home = home(6);
    let mut wrong = Vec::new();
    // 32 will do; with fewer it is said, whatever could not be opened.
    for (limit, enough) in [(32, true), (20, false), (14, false), (11, false)] {
        for (program, arguments) in COMMANDS {
            let (run, took) = timed(
                home.command_after(&format!("ulimit -n {limit}"), program),
                arguments,
            );
            let right = match run.code {
                Some(0) => true,
                Some(4) => !enough && run.stderr.contains("error: "),
                _ => false,
            };
            if !right || run.stderr.contains("panicked") || took > Duration::from_secs(20) {
                wrong.push(format!("{program} with {limit}, {took:?}: {run}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn little_memory_is_a_message_and_no_hang() {
    let home = home(2);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let mut wrong = Vec::new();
    for (program, arguments) in [
        ("cluster-faces", &["report"][..]),
        ("tag-photos", &["plan"]),
        ("download", &["status"]),
    ] {
        for megabytes in [4000, 1000, 300, 100, 60, 40, 34, 32, 30] {
            let before = format!("ulimit -v {}", megabytes * 1000);
            let (run, took) = timed(home.command_after(&before, program), arguments);
            // Below what the program itself takes, it is the system that cannot start it.
            let right = match run.code {
                Some(0) => true,
                Some(4) => run.stderr.contains("error: "),
                Some(127) => run.stderr.contains("shared object"),
                _ => false,
            };
            if !right || run.stderr.contains("panicked") || took > Duration::from_secs(20) {
                wrong.push(format!("{program} with {megabytes} MB, {took:?}: {run}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_open_umask_opens_nothing() {
    let home = home(3);
    for (program, arguments) in COMMANDS {
        let (run, _) = timed(home.command_after("umask 000", program), arguments);
        let _ = run.ends_with(0);
    }
    let open: Vec<_> = files_below(home.folder())
        .into_iter()
        .filter(|path| {
            // Those that the test itself has written.
            let own = ["config.ini", "tags.json"];
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let mode = fs::metadata(path).unwrap().permissions().mode();
            mode & 0o077 != 0 && !own.contains(&name.as_str())
        })
        .collect();
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_read_only_folder_is_said() {
    let home = home(2);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let mount = "mount --bind \"$PWD\" \"$PWD\"\ncd \"$PWD\"\nmount -o remount,bind,ro \"$PWD\"";
    let mut wrong = Vec::new();
    for (program, arguments) in COMMANDS {
        let run = timed(home.command_mounted(mount, program), arguments);
        wrong.extend(complaint(&run, &["ead-only"]).map(|why| format!("{program}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_a_home_it_is_said_where_models_are_looked_for() {
    let home = home(1);
    let mut command = home.command("download");
    command.env_remove("HOME").env_remove("FLICKR_FACES_CACHE");
    let (run, _) = timed(command, &[]);
    let _ = run.ends_with(4).complains(&["HOME is not set", "error: "]);
}
