//! Packing the tree: by cargo-deb, and by tar and zstd.

use std::env::consts;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::source::{Source, VERSION};
use super::tools::Tools;
use crate::{assets, shell};

/// The package for Debian and Ubuntu, by `[package.metadata.deb]` in crates/download/Cargo.toml.
///
/// # Errors
///
/// cargo-deb fails.
pub fn deb(source: &Source, tools: &Tools) -> Result<PathBuf> {
    let architecture = match consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    let path = source
        .folder()
        .join(format!("flickr-faces_{VERSION}_{architecture}.deb"));
    let mut command = Command::new(&tools.deb);
    command
        .current_dir(&source.root)
        .args([
            "--package",
            "download",
            "--no-build",
            "--no-strip",
            "--quiet",
        ])
        .args(["--deb-version", VERSION])
        .arg("--output")
        .arg(&path)
        .env("SOURCE_DATE_EPOCH", &source.time);
    shell::run("cargo-deb", &mut command)?;
    Ok(path)
}

/// The tree in a folder of its own, for every Linux with glibc.
///
/// # Errors
///
/// tar or zstd fails.
pub fn tar(source: &Source, stage: &Path) -> Result<PathBuf> {
    let name = format!("flickr-faces-{VERSION}-{}-{}", consts::ARCH, consts::OS);
    let path = source.folder().join(format!("{name}.tar.zst"));
    // Homebrew's name for it.
    let gnu_tar = if cfg!(target_os = "macos") {
        "gtar"
    } else {
        "tar"
    };
    let mut command = Command::new(gnu_tar);
    command
        .args(["--create", "--sort=name", "--format=gnu"])
        .args(["--owner=0", "--group=0", "--numeric-owner"])
        .arg(format!("--mtime=@{}", source.time))
        // Links keep their targets.
        .arg(format!("--transform=flags=rSh;s,^\\.,{name},"))
        .args(["--use-compress-program=zstd -19 -T1", "--file"])
        .arg(&path)
        .arg("--directory")
        .arg(stage)
        .arg(".");
    shell::run(gnu_tar, &mut command)?;
    Ok(path)
}

/// The SHA-256 of each, as `sha256sum --check` reads them.
///
/// # Errors
///
/// A file cannot be read or written.
pub fn sums(source: &Source, made: &[PathBuf]) -> Result<PathBuf> {
    let mut text = String::new();
    for path in made {
        let digest = assets::sha256(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        text += &format!("{digest}  {name}\n");
    }
    let path = source.folder().join("SHA256SUMS");
    fs::write(&path, text).with_context(|| path.display().to_string())?;
    Ok(path)
}
