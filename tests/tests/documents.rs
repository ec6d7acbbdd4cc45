//! What is made of the programs' definitions of their arguments: the reference, completions, man pages.

use std::{fs, path::Path, process::Command};

use end_to_end::{Run, program};

const PROGRAMS: [&str; 3] = ["download", "cluster-faces", "tag-photos"];

fn printed(name: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program(name));
    command.args(arguments);
    let run = Run::of(command, "").ends_with(0);
    assert!(run.stderr.is_empty(), "{run}");
    run.stdout
}

#[test]
fn the_reference_is_what_the_programs_print() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    let found = fs::read_to_string(&path).unwrap_or_default();
    let expected: String = PROGRAMS
        .iter()
        .map(|name| printed(name, &["markdown"]))
        .collect();
    // Before it stand a heading and a comment.
    assert!(
        found.ends_with(&expected) && found.starts_with("<!--"),
        "docs/cli.md is not what the programs print: run `cargo xtask docs`"
    );
}

/// Completions that their shell reads without an error; a shell that is not installed is not asked.
#[test]
fn completions_are_scripts_of_their_shell() {
    let folder = tempfile::tempdir().unwrap();
    for name in PROGRAMS {
        for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
            let script = printed(name, &["completions", shell]);
            assert!(
                script.contains(name) && script.contains("config"),
                "{script}"
            );
            assert!(!script.contains("markdown"), "hidden: {script}");
            let path = folder.path().join(format!("{name}.{shell}"));
            fs::write(&path, script).unwrap();
            match Command::new(shell).arg(check).arg(&path).output() {
                Ok(output) => assert!(output.status.success(), "{name}: {output:?}"),
                Err(error) => assert!(shell != "bash", "bash does not run: {error}"),
            }
        }
    }
}

/// A page for each program and each of its subcommands.
#[test]
fn man_pages_are_whole() {
    let folder = tempfile::tempdir().unwrap();
    for name in PROGRAMS {
        let _ = printed(name, &["man", &folder.path().display().to_string()]);
        let page = folder.path().join(format!("{name}.1"));
        let text = fs::read_to_string(&page).unwrap();
        for part in [".TH", ".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS"] {
            assert!(text.contains(part), "no {part} in {name}.1");
        }
        assert!(!text.contains("markdown"), "hidden: {text}");
    }
    for page in fs::read_dir(folder.path()).unwrap() {
        let page = page.unwrap().path();
        // Debian has mandoc or groff where it has man; a bare image has neither.
        let mut groff = Command::new("groff");
        groff.args(["-man", "-Tascii", "-ww", "-z"]).arg(&page);
        if let Ok(output) = groff.output() {
            let complaints = String::from_utf8_lossy(&output.stderr);
            assert!(
                output.status.success() && complaints.is_empty(),
                "{page:?}: {complaints}"
            );
        }
    }
}
