//! From the commit to the packages.

use std::path::PathBuf;

use anyhow::Result;

use super::source::Source;
use super::tools::Tools;
use super::{archive, build, stage};
use crate::cache::Cache;

/// Builds and packs; gives the packages, and their sums last.
///
/// # Errors
///
/// A step fails.
pub fn make(source: &Source, cache: &Cache, tools: &Tools) -> Result<Vec<PathBuf>> {
    let programs = build::programs(source)?;
    let stage = stage::fill(source, &programs, cache, tools)?;
    let mut made = vec![archive::tar(source, &stage)?];
    if cfg!(target_os = "linux") {
        made.insert(0, archive::deb(source, tools)?);
    }
    let sums = archive::sums(source, &made)?;
    Ok([made, vec![sums]].concat())
}
