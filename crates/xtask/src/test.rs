//! `cargo xtask test`: every check there is, in the order in which they are quick to fail.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::cache::Cache;
use crate::postgres::Server;
use crate::{assets, openblas, packages, shell, workspace};

/// Tests that mostly wait: for programs that wait for a Flickr that is out or slow. They run beside each other.
const WAITING: [&str; 2] = ["programs", "tags"];

/// Servers that tests stop and start again, each for one test at a time.
const SERVERS_TO_STOP: usize = 4;

/// Where tests find PostgreSQL.
struct Postgres {
    shared: String,
    to_stop: String,
}

/// A check: what it is, and the command that makes it.
struct Step {
    what: &'static str,
    command: Command,
    /// What has time for it while this waits, or the other way round.
    beside: Option<Command>,
}

impl Step {
    fn run(&mut self) -> Result<()> {
        match &mut self.beside {
            Some(beside) => shell::run_both(self.what, &mut self.command, beside),
            None => shell::run(self.what, &mut self.command),
        }
    }

    fn beside(mut self, other: Self) -> Self {
        self.beside = Some(other.command);
        self
    }
}

/// Runs all checks; the first that fails ends it.
///
/// # Errors
///
/// Something cannot be installed or fetched, a check fails, or `reference` is no such folder.
pub fn main(reference: Option<&Path>) -> Result<()> {
    let reference = find_reference(&workspace::root(), reference)?;
    packages::ensure(packages::For::Tests)?;
    packages::ensure_rust_components()?;
    let cache = Cache::open()?;
    assets::ensure(&cache)?;
    workspace::announce_first_build("debug")?;

    let targets = workspace::test_targets()?;
    let all = Instant::now();
    let shared = Server::start()?;
    let to_stop = (0..SERVERS_TO_STOP).map(|_| Server::start());
    let to_stop = to_stop.collect::<Result<Vec<_>>>()?;
    let addresses: Vec<String> = to_stop.iter().map(Server::address).collect();
    let postgres = Postgres {
        shared: shared.address(),
        to_stop: addresses.join(" "),
    };
    for mut step in steps(cache.root(), reference.as_deref(), &postgres, &targets) {
        println!("\n== {}", step.what);
        let start = Instant::now();
        step.run()?;
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

/// All packages in each step: which features a dependency has depends on the packages that are
/// selected, and what was compiled for one selection would be compiled again for another.
///
/// `targets` are the names of all integration tests.
fn steps(
    cache: &Path,
    reference: Option<&Path>,
    postgres: &Postgres,
    targets: &[String],
) -> Vec<Step> {
    let step = |what, arguments: &[String], variables: &[(&str, &OsStr)]| {
        let mut command = workspace::cargo();
        command.args(arguments).envs(variables.iter().copied());
        command.env("FLICKR_FACES_CACHE", cache);
        openblas::choose_kernels(&mut command);
        Step {
            what,
            command,
            beside: None,
        }
    };
    let cargo = |what, arguments: &[&str], variables: &[(&str, &OsStr)]| {
        let arguments: Vec<String> = arguments.iter().map(|&text| text.to_owned()).collect();
        step(what, &arguments, variables)
    };
    let strict = ["--", "-D", "warnings"];
    let dlib = ["--features", "dlib"];
    let clippy = [
        &["clippy", "--workspace", "--all-targets"],
        &dlib[..],
        &strict,
    ]
    .concat();
    let without_dlib = ["--bin", "download"];
    let clippy_without_dlib = [&["clippy", "--workspace"], &without_dlib[..], &strict].concat();
    let test = ["test", "--workspace", "--features", "dlib"];
    let named = |names: &[&str]| -> Vec<String> {
        let names = names.iter().flat_map(|name| ["--test", name]);
        test.into_iter().chain(names).map(str::to_owned).collect()
    };
    let computing = targets.iter().map(String::as_str);
    let computing: Vec<&str> = computing.filter(|name| !WAITING.contains(name)).collect();
    let mut computing = named(&computing);
    computing.extend(["--lib", "--bins", "--examples"].map(str::to_owned));
    let [programs, tags] = WAITING.map(|name| named(&[name]));
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let [some, many] = [2, 4].map(|times| (cores * times).to_string());
    // Some of what computes waits a little, too.
    let some = ("RUST_TEST_THREADS", OsStr::new(&some));
    let threads = ("RUST_TEST_THREADS", OsStr::new(&many));
    let shared = ("FLICKR_FACES_TEST_POSTGRES", OsStr::new(&postgres.shared));
    let to_stop = (
        "FLICKR_FACES_TEST_POSTGRES_TO_STOP",
        OsStr::new(&postgres.to_stop),
    );
    let mut steps = vec![
        cargo("format", &["fmt", "--all", "--check"], &[]),
        cargo("clippy", &clippy, &[]),
        cargo(
            "docs",
            &["doc", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", OsStr::new("-D warnings"))],
        ),
        cargo("clippy without dlib", &clippy_without_dlib, &[]),
        cargo("build", &["build", "--workspace"], &[]),
        step("tests", &computing, &[some]),
        cargo(
            "examples in the docs",
            &[&test[..], &["--doc"]].concat(),
            &[],
        ),
        step("tests of the programs", &programs, &[threads]).beside(step(
            "tags",
            &tags,
            &[threads],
        )),
        cargo(
            "store on PostgreSQL",
            &[
                "test",
                "--workspace",
                "--features",
                "dlib",
                "--lib",
                "--",
                "--ignored",
                "postgres::",
            ],
            &[shared],
        ),
    ];
    let machines = cargo(
        "several machines on PostgreSQL",
        &[
            "test",
            "--workspace",
            "--features",
            "dlib",
            "--test",
            "programs",
            "--",
            "--ignored",
            "postgres::",
        ],
        &[threads, shared, to_stop],
    );
    steps.push(match reference {
        None => machines,
        Some(folder) => {
            // The other ignored tests there measure, and take as long again.
            let arguments = [
                "--test",
                "dlib",
                "--test",
                "library",
                "--",
                "--ignored",
                "every_photo",
                "every_picture",
                "people_of_the_reference",
            ];
            let numbers = cargo(
                "reference numbers, and several machines on PostgreSQL",
                &[&["test", "--workspace"], &dlib[..], &arguments].concat(),
                &[("FLICKR_FACES_REFERENCE", folder.as_os_str())],
            );
            numbers.beside(machines)
        }
    });
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Scratch;

    fn lines(reference: Option<&Path>) -> Vec<String> {
        let line = |command: Command| {
            let arguments = command.get_args();
            let arguments = arguments.map(|argument| argument.to_string_lossy());
            arguments.collect::<Vec<_>>().join(" ")
        };
        let targets = ["web", "programs", "library", "tags"].map(str::to_owned);
        let postgres = Postgres {
            shared: "postgres://shared".to_owned(),
            to_stop: "postgres://a postgres://b".to_owned(),
        };
        steps(Path::new("/cache"), reference, &postgres, &targets)
            .into_iter()
            .flat_map(|step| [Some(step.command), step.beside])
            .flatten()
            .map(line)
            .collect()
    }

    #[test]
    fn the_reference_test_runs_only_with_its_numbers() {
        let asked = |line: &String| line.contains("--test dlib") && line.contains("--ignored");
        assert!(!lines(None).iter().any(asked));
        assert!(lines(Some(Path::new("/r"))).iter().any(asked));
    }

    #[test]
    fn every_step_selects_all_packages() {
        for line in lines(Some(Path::new("/r"))) {
            let all = line.contains("--workspace") || line == "fmt --all --check";
            assert!(all && !line.contains("--package"), "{line}");
        }
    }

    #[test]
    fn nothing_is_checked_twice() {
        // What is not ignored is run once, and only `download` has another form without dlib.
        let lines = lines(Some(Path::new("/r")));
        let tests = lines.iter().filter(|line| line.starts_with("test "));
        let tests: Vec<_> = tests.filter(|line| !line.contains("--ignored")).collect();
        for what in [
            "--lib",
            "--bins",
            "--examples",
            "--doc",
            "--test web",
            "--test programs",
            "--test library",
            "--test tags",
        ] {
            let times = tests.iter().filter(|line| line.contains(what)).count();
            assert_eq!(times, 1, "{what} in {tests:#?}");
        }
        let lints = lines.iter().filter(|line| line.starts_with("clippy "));
        assert_eq!(
            lints
                .filter(|line| !line.contains("--bin download"))
                .count(),
            1
        );
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
