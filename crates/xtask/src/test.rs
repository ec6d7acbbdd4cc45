//! `cargo xtask test`: every check there is, in the order in which they are quick to fail.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::cache::Cache;
use crate::postgres::Server;
use crate::{assets, packages, shell, workspace};

/// A check: what it is, and the command that makes it.
struct Step {
    what: &'static str,
    command: Command,
}

/// Runs all checks; the first that fails ends it.
///
/// # Errors
///
/// Something cannot be installed or fetched, a check fails, or `reference` is no such folder.
pub fn main(reference: Option<&Path>) -> Result<()> {
    let reference = find_reference(&workspace::root(), reference)?;
    packages::ensure(true)?;
    packages::ensure_rust_components()?;
    let cache = Cache::open()?;
    assets::ensure(&cache)?;
    workspace::announce_first_build("debug")?;

    let all = Instant::now();
    let postgres = Server::start()?;
    for mut step in steps(cache.root(), reference.as_deref(), &postgres.address()) {
        println!("\n== {}", step.what);
        let start = Instant::now();
        shell::run(step.what, &mut step.command)?;
        println!(
            "== {}: passed in {:.1} s",
            step.what,
            start.elapsed().as_secs_f64()
        );
    }
    if reference.is_none() {
        println!(
            "\nNot compared with the reference numbers of all photos: no --reference DIR given."
        );
    }
    println!(
        "\nAll checks passed in {:.0} s",
        all.elapsed().as_secs_f64()
    );
    Ok(())
}

/// The folder given, or `shared/reference` beside the checkout where that exists.
fn find_reference(root: &Path, given: Option<&Path>) -> Result<Option<PathBuf>> {
    let holds_numbers = |folder: &Path| folder.join("reference.json").is_file();
    if let Some(given) = given {
        let given = std::path::absolute(given)?;
        if !holds_numbers(&given) {
            bail!("--reference {}: holds no reference.json", given.display());
        }
        return Ok(Some(given));
    }
    let beside = root.parent().map(|parent| parent.join("shared/reference"));
    let found = beside.filter(|folder| holds_numbers(folder));
    if let Some(folder) = &found {
        println!("Reference numbers: {}", folder.display());
    }
    Ok(found)
}

fn steps(cache: &Path, reference: Option<&Path>, postgres: &str) -> Vec<Step> {
    let cargo = |what, arguments: &[&str]| {
        let mut command = workspace::cargo();
        command.args(arguments).env("FLICKR_FACES_CACHE", cache);
        Step { what, command }
    };
    let mut docs = cargo("docs", &["doc", "--workspace", "--no-deps"]);
    docs.command.env("RUSTDOCFLAGS", "-D warnings");
    let mut steps = vec![
        cargo("format", &["fmt", "--all", "--check"]),
        cargo(
            "clippy",
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        ),
        docs,
    ];
    // In the same target folder: what dlib has no part in is compiled once for both. Before the other
    // build, whose programs are then the ones that stay.
    steps.extend(without_dlib(cargo));
    // The end-to-end tests run the built programs.
    steps.push(cargo("build", &["build", "--workspace"]));
    let mut reference_test = None;
    if let Some(folder) = reference {
        let arguments = [
            "test",
            "--package",
            "flickr-faces-dlib",
            "--test",
            "dlib",
            "--",
            "--ignored",
            // The others there measure, and take as long again.
            "every_photo",
        ];
        let mut step = cargo("reference numbers", &arguments);
        step.command.env("FLICKR_FACES_REFERENCE", folder);
        reference_test = Some(step);
    }
    steps.extend(reference_test);
    let mut store = cargo(
        "store on PostgreSQL",
        &[
            "test",
            "--package",
            "flickr-faces",
            "--lib",
            "--",
            "--ignored",
            "postgres::",
        ],
    );
    store.command.env("FLICKR_FACES_TEST_POSTGRES", postgres);
    steps.push(store);
    steps.push(cargo("tests", &["test", "--workspace"]));
    steps
}

/// Everything without the feature `dlib` of `download`: lints, the library's tests, and the programs at work. A C++
/// compiler is named that is none, so that nothing can have needed one.
fn without_dlib(cargo: impl Fn(&'static str, &[&str]) -> Step) -> Vec<Step> {
    let step = |what, subcommand, arguments: &[&str]| {
        let all = [
            subcommand,
            "--workspace",
            "--exclude",
            "flickr-faces-dlib",
            "--exclude",
            "flickr-faces-bench",
            "--no-default-features",
        ];
        let mut step = cargo(what, &[&all, arguments].concat());
        step.command.env("FLICKR_FACES_WITHOUT_DLIB", "1");
        for variable in ["CXX", "CXX_x86_64_unknown_linux_gnu"] {
            step.command.env(variable, "no-c++-compiler-without-dlib");
        }
        step
    };
    vec![
        step(
            "clippy without dlib",
            "clippy",
            &["--all-targets", "--", "-D", "warnings"],
        ),
        step("build without dlib", "build", &[]),
        step(
            "tests without dlib",
            "test",
            &[
                "--lib",
                "--test",
                "onnx_edges",
                "--test",
                "reference",
                "--test",
                "without_dlib",
            ],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Scratch;

    fn lines(reference: Option<&Path>) -> Vec<String> {
        let line = |step: Step| {
            let arguments = step
                .command
                .get_args()
                .map(|argument| argument.to_string_lossy());
            arguments.collect::<Vec<_>>().join(" ")
        };
        steps(Path::new("/cache"), reference, "postgres://")
            .into_iter()
            .map(line)
            .collect()
    }

    #[test]
    fn the_reference_test_runs_only_with_its_numbers() {
        let asked = |line: &String| line.contains("--test dlib -- --ignored");
        assert!(!lines(None).iter().any(asked));
        assert!(lines(Some(Path::new("/r"))).iter().any(asked));
        assert_eq!(lines(None).last().unwrap(), "test --workspace");
    }

    #[test]
    fn the_programs_that_stay_have_dlib() {
        let lines = lines(None);
        let at = |line: &str| lines.iter().position(|found| found == line);
        let without = at(
            "build --workspace --exclude flickr-faces-dlib --exclude flickr-faces-bench \
             --no-default-features",
        );
        let with = at("build --workspace");
        assert!(without.is_some() && without < with, "{lines:#?}");
        let last_without = lines
            .iter()
            .rposition(|line| line.contains("--no-default-features"));
        assert!(last_without < with, "{lines:#?}");
    }

    #[test]
    fn the_reference_is_what_is_given_or_lies_beside() {
        let folder = Scratch::for_test("reference");
        let root = folder.path().join("checkout");
        assert_eq!(find_reference(&root, None).unwrap(), None);
        let error = find_reference(&root, Some(folder.path())).unwrap_err();
        assert!(
            error.to_string().contains("holds no reference.json"),
            "{error}"
        );
        let beside = folder.path().join("shared/reference");
        std::fs::create_dir_all(&beside).unwrap();
        std::fs::write(beside.join("reference.json"), "{}").unwrap();
        assert_eq!(find_reference(&root, None).unwrap(), Some(beside.clone()));
        assert_eq!(find_reference(&root, Some(&beside)).unwrap(), Some(beside));
    }
}
