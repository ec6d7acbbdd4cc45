//! This checkout and its cargo: where things lie, and building the programs.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::shell::{self, Failed};

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
    command
}

/// cargo's target folder.
///
/// # Errors
///
/// `cargo metadata` fails or says nothing of it.
pub fn target() -> Result<PathBuf> {
    let output = shell::quiet(cargo().args(["metadata", "--format-version=1", "--no-deps"]))
        .context("cannot start cargo metadata")?;
    if !output.status.success() {
        bail!(
            "{}: {}",
            Failed::new("cargo metadata", output.status),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let target = metadata["target_directory"]
        .as_str()
        .context("cargo metadata names no target_directory")?;
    Ok(PathBuf::from(target))
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
            name.to_string_lossy()
                .starts_with("libdlib_face_recognition-")
        });
    if !compiled {
        println!("The first build compiles dlib's C++ and all dependencies: some minutes, once.");
    }
    Ok(())
}

/// Builds these packages in release mode; gives the path of each program by its name.
///
/// # Errors
///
/// The build fails, or makes no program for one of them.
pub fn build_programs(packages: &[&str]) -> Result<BTreeMap<String, PathBuf>> {
    announce_first_build("release")?;
    let mut command = cargo();
    command.args([
        "build",
        "--release",
        "--message-format=json-render-diagnostics",
    ]);
    for package in packages {
        command.args(["--package", package]);
    }
    // Messages on stdout tell where the programs lie, wherever cargo is told to put them;
    // progress and warnings go to stderr as always.
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo build")?;
    if !output.status.success() {
        bail!(Failed::new("cargo build", output.status));
    }
    let programs = executables(&String::from_utf8_lossy(&output.stdout));
    if let Some(missing) = packages.iter().find(|name| !programs.contains_key(**name)) {
        bail!("cargo build made no program `{missing}`");
    }
    Ok(programs)
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
}
