//! This checkout and its cargo: where things lie, and building the programs.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::{self, Failed};

/// The programs that people run.
pub const PROGRAMS: [&str; 3] = ["download", "cluster-faces", "tag-photos"];

/// The root of the checkout.
pub fn root() -> PathBuf {
    // cargo sets it when it runs xtask; the compiled-in one serves a run by hand.
    let crate_folder = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    crate_folder
        .ancestors()
        .nth(2)
        .map_or_else(|| crate_folder.clone(), Path::to_path_buf)
}

/// The cargo that runs xtask, in the root of the checkout.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo tells xtask of xtask's own package, build scripts would take for theirs and run again:
    // ring, and all that depends on it, would be compiled again by a `cargo build` without xtask.
    for (name, _) in env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// cargo's own folder, of installed programs and of what it fetches.
///
/// # Errors
///
/// The environment does not say where it is.
pub fn cargo_home() -> Result<PathBuf> {
    env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")))
        .context("neither CARGO_HOME nor HOME is set")
}

/// cargo's target folder.
///
/// # Errors
///
/// `cargo metadata` fails or says nothing of it.
pub fn target() -> Result<PathBuf> {
    let target = metadata()?["target_directory"].as_str().map(PathBuf::from);
    target.context("cargo metadata names no target_directory")
}

/// The names of all integration tests.
///
/// # Errors
///
/// `cargo metadata` fails.
pub fn test_targets() -> Result<Vec<String>> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let targets = packages.filter_map(|package| package["targets"].as_array());
    let tests = targets
        .flatten()
        .filter(|target| target["kind"][0] == "test");
    let names = tests.filter_map(|target| Some(target["name"].as_str()?.to_owned()));
    Ok(names.collect())
}

/// What cargo tells of this workspace.
fn metadata() -> Result<Value> {
    let output = shell::quiet(cargo().args(["metadata", "--format-version=1", "--no-deps"]))
        .context("cannot start cargo metadata")?;
    if !output.status.success() {
        bail!(
            "{}: {}",
            Failed::new("cargo metadata", output.status),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata")
}

/// Says why the first build of a profile takes its time; later ones say nothing.
///
/// # Errors
///
/// The target folder is not known.
pub fn announce_first_build(profile: &str) -> Result<()> {
    let compiled = fs::read_dir(target()?.join(profile).join("deps"))
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| {
            let name = entry.file_name();
            name.to_string_lossy().starts_with("libflickr_faces-")
        });
    if !compiled {
        println!("The first build compiles all dependencies: some minutes, once.");
    }
    Ok(())
}

/// How the programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// As tests are.
    Dev,
    /// As they are installed.
    Release,
    /// The same with dlib, and dlib as fast as it can be on this machine: what the bench compares with.
    Bench,
}

/// Builds the workspace.
///
/// # Errors
///
/// The build fails.
pub fn build(profile: Profile) -> Result<Programs> {
    build_some(profile, &[])
}

/// Builds these programs, or all.
///
/// # Errors
///
/// The build fails.
pub fn build_some(profile: Profile, programs: &[&str]) -> Result<Programs> {
    announce_first_build(match profile {
        Profile::Dev => "debug",
        Profile::Release | Profile::Bench => "release",
    })?;
    let mut command = cargo();
    command.args(build_arguments(profile));
    for program in programs {
        command.args(["--bin", program]);
    }
    if profile == Profile::Bench {
        command.envs(dlib_for_this_processor());
    }
    built(&mut command)
}

/// Runs a `cargo build` and gives the programs that it made.
///
/// # Errors
///
/// The build fails.
pub fn built(command: &mut Command) -> Result<Programs> {
    // Messages on stdout tell where the programs lie, wherever cargo is told to put them;
    // progress and warnings go to stderr as always.
    let output = command
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo build")?;
    if !output.status.success() {
        bail!(Failed::new("cargo build", output.status));
    }
    Ok(Programs(executables(&String::from_utf8_lossy(
        &output.stdout,
    ))))
}

/// What a plain `cargo build` builds, too: all packages. The packages that are selected decide which
/// features a dependency has, so that for another selection it is compiled again; with `--bin` beside them
/// only what these programs need is compiled, in the same way.
fn build_arguments(profile: Profile) -> Vec<&'static str> {
    match profile {
        Profile::Dev => vec!["build", "--workspace"],
        Profile::Release => vec!["build", "--workspace", "--release"],
        Profile::Bench => vec!["build", "--workspace", "--release", "--features", "dlib"],
    }
}

/// The C++ compiler's flags for AVX2 where the machine has it. Products and sums stay apart, as in
/// .cargo/config.toml.
fn dlib_for_this_processor() -> Option<(&'static str, &'static str)> {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return Some(("CXXFLAGS", "-mavx2 -ffp-contract=off"));
    }
    None
}

/// The built programs by their names.
#[derive(Clone)]
pub struct Programs(pub BTreeMap<String, PathBuf>);

impl Programs {
    /// Where a program lies.
    ///
    /// # Errors
    ///
    /// None of this name was built.
    pub fn path(&self, name: &str) -> Result<&Path> {
        let path = self.0.get(name).map(PathBuf::as_path);
        path.with_context(|| format!("cargo build made no program `{name}`"))
    }
}

/// The programs among cargo's JSON messages, one message a line.
fn executables(messages: &str) -> BTreeMap<String, PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| {
            let name = message["target"]["name"].as_str()?;
            let path = message["executable"].as_str()?;
            Some((name.to_owned(), PathBuf::from(path)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_workspace() {
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"), "{manifest}");
    }

    #[test]
    fn the_integration_tests_are_known() {
        let names = test_targets().unwrap();
        for name in ["programs", "tags", "web", "library", "dlib"] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
        assert!(!names.iter().any(|name| name == "download"), "{names:?}");
    }

    #[test]
    fn programs_are_found_among_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"download"},"executable":"/t/release/download"}"#,
            "\nnot JSON\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        let found = executables(messages);
        assert_eq!(found.len(), 1);
        assert_eq!(found["download"], Path::new("/t/release/download"));
    }

    #[test]
    fn what_is_built_is_what_a_plain_build_builds() {
        // Packages by name, or other features, would be another selection.
        for profile in [Profile::Dev, Profile::Release] {
            for argument in build_arguments(profile) {
                assert!(["build", "--workspace", "--release"].contains(&argument));
            }
        }
        let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
        assert!(!manifest.contains("default-members"), "{manifest}");
    }

    #[test]
    fn a_program_that_was_not_built_is_named() {
        let error = Programs(BTreeMap::new()).path("tag-photos").unwrap_err();
        assert_eq!(
            error.to_string(),
            "cargo build made no program `tag-photos`"
        );
    }
}
