//! `cargo xtask bench`: builds the program that measures and tells it where everything lies.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::cache::Cache;
use crate::{assets, packages, shell, workspace};

const PROGRAM: &str = "flickr-faces-bench";

/// What can be measured.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum What {
    /// The CNN detector alone
    Detect,
    /// From a face's box to its descriptor
    Encode,
    /// All of `download` but the network, with cnn on both engines, and with hog on one thread and
    /// on all
    Pipeline,
}

/// Measures `what` on `photos`, or on the sample photos where none are given.
///
/// # Errors
///
/// Something cannot be installed, fetched or built, or the measurement fails.
pub fn main(what: What, photos: &[PathBuf], runs: u16, threads: Option<u16>) -> Result<()> {
    packages::ensure(false)?;
    let cache = Cache::open()?;
    assets::ensure(&cache)?;
    let programs = workspace::build_programs(&[PROGRAM])?;
    let program = programs
        .get(PROGRAM)
        .context("no program to measure with")?;
    let what = what.to_possible_value().context("nothing to measure")?;
    let mut command = Command::new(program);
    command
        .arg(what.get_name())
        .arg("--models")
        .arg(assets::models(&cache))
        .arg("--library")
        .arg(assets::onnx_runtime(&cache))
        .arg(format!("--runs={runs}"));
    if let Some(threads) = threads {
        command.arg(format!("--threads={threads}"));
    }
    if photos.is_empty() {
        command.args(assets::samples(&cache));
    } else {
        command.args(photos);
    }
    // A measurement takes minutes, and others may want to fill the cache.
    drop(cache);
    shell::run("the measurement", &mut command)
}
