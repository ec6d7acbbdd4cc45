//! What is left of the terminal when a question is left: the shell gets it back as it was.

use std::fs;

use end_to_end::{Home, KNOWN_CLUSTERS, Sample, Terminal, add_copies, sandbox};
use flickr_sandbox::Options;
use tempfile::TempDir;

/// Prints which of the modes are on that a shell needs to take and show what is typed.
const MODES: &str = "echo modes: $(stty -a | tr ' ;' '\\n\\n' | grep -xE 'icanon|echo') end";
/// Both are.
const AS_BEFORE: &str = "modes: icanon echo end";

/// A home with a cluster of three.
fn home() -> Home {
    let sandbox = sandbox(Options::default());
    let folder = TempDir::new().unwrap();
    add_copies(&sandbox, folder.path(), Sample::Obama, 3);
    let home = Home::new(&sandbox, &KNOWN_CLUSTERS);
    let _ = home.run("download", &[]).ends_with(0);
    home
}

/// The id of the program that runs in a home's folder.
fn process(home: &Home, name: &str) -> String {
    let own = home.folder().canonicalize().unwrap();
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let mut found = processes.filter(|process| {
        let path = process.path();
        let is = |file: &str| fs::read_to_string(path.join(file)).unwrap_or_default();
        is("comm").trim() == name && fs::read_link(path.join("cwd")).is_ok_and(|cwd| cwd == own)
    });
    let process = found.next().expect("the program runs");
    process.file_name().into_string().unwrap()
}

fn kill(signal: &str, process: &str) {
    let mut command = std::process::Command::new("sh");
    let status = command.args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, process]);
    assert!(status.status().unwrap().success());
}

#[test]
fn a_question_is_suspended_and_comes_back_whole() {
    let home = home();
    let then = format!("{MODES}; fg; {MODES}");
    let arguments = ["--no-pictures"];
    let mut terminal = Terminal::run_then(&home, "cluster-faces", &arguments, &then);
    terminal.shows("Who is this?").presses("Ad").shows("Ad");
    terminal
        .presses("\u{1a}")
        .shows(AS_BEFORE)
        // What was typed is there again.
        .shows("Who is this? Ad")
        .presses("a\r")
        .shows("3 faces: Ada")
        .shows(AS_BEFORE);
    let (_, text) = terminal.ends();
    assert_eq!(home.tagged().len(), 1, "{text}");
}

#[test]
fn a_signal_at_a_question_gives_the_terminal_back() {
    let home = home();
    for signal in ["TERM", "HUP"] {
        let then = format!("echo ended with $?; {MODES}");
        let mut terminal = Terminal::run_then(&home, "cluster-faces", &["--no-pictures"], &then);
        terminal.shows("Who is this?").presses("Ad").shows("Ad");
        kill(signal, &process(&home, "cluster-faces"));
        terminal.shows("ended with 130").shows(AS_BEFORE);
        let _ = terminal.ends();
        assert!(!home.path("tags.json").exists(), "{signal}");
    }
}
