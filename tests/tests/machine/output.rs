//! What is printed: to a reader that goes away, to a full disk, and with what others have made up.

use std::{
    fs::OpenOptions,
    process::{Command, Output},
};

use flickr_sandbox::{Fault, FaultKind};

use super::*;

/// Commands that print something without Flickr, and those that ask it.
const PRINTING: [(&str, &[&str]); 9] = [
    ("download", &["--help"]),
    ("download", &["completions", "bash"]),
    ("download", &[]),
    ("download", &["status"]),
    ("download", &["status", "--json"]),
    ("cluster-faces", &["report"]),
    ("cluster-faces", &["people", "list", "--json"]),
    ("tag-photos", &["plan", "--full"]),
    ("tag-photos", &["verify"]),
];

fn to(home: &Home, (program, arguments): (&str, &[&str]), out: impl Into<Stdio>) -> Output {
    let mut command: Command = home.command(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(Stdio::piped());
    command.spawn().unwrap().wait_with_output().unwrap()
}

/// A pipe that nobody reads, as after `| head -1`.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = home(2);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let mut wrong = Vec::new();
    for command in PRINTING {
        let output = to(&home, command, closed());
        let stderr = String::from_utf8_lossy(&output.stderr);
        if output.status.code() != Some(0)
            || stderr.contains("panicked")
            || stderr.contains("error")
        {
            wrong.push(format!("{command:?}: {:?} {stderr}", output.status));
        }
        // Nor where nobody reads what goes wrong.
        let mut both = home.command(command.0);
        both.args(command.1).arg("-vv");
        both.stdin(Stdio::null()).stdout(closed()).stderr(closed());
        let status = both.status().unwrap();
        if status.code() != Some(0) {
            wrong.push(format!("{command:?} without any output: {status:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn output_that_cannot_be_written_is_told() {
    let home = home(2);
    let _ = home.run("download", &["--quiet"]).ends_with(0);
    let mut wrong = Vec::new();
    for command in PRINTING {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = to(&home, command, full);
        let stderr = String::from_utf8_lossy(&output.stderr);
        let said = stderr.contains("error: cannot write to standard output: No space left");
        if output.status.code() != Some(4) || !said || stderr.contains("panicked") {
            wrong.push(format!("{command:?}: {:?} {stderr}", output.status));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_flickr_says_commands_no_terminal_and_forges_no_line() {
    let forged =
        "\u{1b}]0;owned\u{7}\u{1b}[2Jno\u{9b}31m\r\nhint:  run `sudo make-it-worse`\u{202e}";
    let home = home(2);
    let fault = |at: &str, code| {
        let message = Some(forged.to_owned());
        Fault::once(at, FaultKind::ApiFailure { code, message }).always()
    };
    let cases = [
        (
            vec![fault("flickr.auth.oauth.checkToken", 112)],
            "download",
            &[][..],
        ),
        (
            vec![
                fault("flickr.photos.search", 112),
                fault("flickr.people.getPhotos", 112),
            ],
            "download",
            &[],
        ),
        (
            vec![fault("flickr.auth.oauth.checkToken", 112)],
            "tag-photos",
            &["plan"],
        ),
    ];
    for (faults, program, arguments) in cases {
        home.sandbox.set_faults(faults);
        let run = home.run(program, arguments);
        assert_ne!(run.code, Some(0), "{run}");
        let all = format!("{}{}", run.stdout, run.stderr);
        assert!(all.contains("make-it-worse"), "{run}");
        let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!all.contains(obeyed), "{run:?}");
        assert!(
            !all.lines().any(|line| line.starts_with("hint:  run `sudo")),
            "{run}"
        );
    }
}
