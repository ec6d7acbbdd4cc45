//! `cargo xtask package`: what people install, a `.deb` and a `.tar.zst` that runs from where it is unpacked.
//!
//! Both hold the three programs, dlib's models and ONNX Runtime's library, so that nothing is fetched when they
//! run. Two builds of one commit give the same bytes: paths of this machine stay out of the programs
//! ([`build`]), and every file has the commit's time ([`archive`]).

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::{assets, packages, shell, workspace};

mod archive;
mod bare;
mod build;
mod make;
mod source;
mod stage;
mod tools;

pub use bare::main as on_bare_systems;

use make::make;
use source::{Source, git};

/// `cargo xtask package`: leaves the packages and their sums in `target/package`.
///
/// With `twice`, the commit is cloned and built once more in another folder, and the two are compared.
///
/// # Errors
///
/// The tree has changes that are not committed, a step fails, or the second build has other bytes.
pub fn main(twice: bool) -> Result<()> {
    packages::ensure(packages::For::Packages)?;
    let source = Source::of(&workspace::root())?;
    let cache = Cache::open()?;
    assets::ensure_for_programs(&cache)?;
    let tools = tools::ensure(&cache)?;
    let made = make(&source, &cache, &tools)?;
    for path in &made {
        let size = fs::metadata(path).with_context(|| path.display().to_string())?;
        println!("{}  {:.1} MB", path.display(), size.len() as f64 / 1e6);
    }
    if twice {
        let again = made_elsewhere(&source, &cache, &tools)?;
        compare(&made, &again)?;
        println!("A second build in another folder gave the same bytes.");
    }
    Ok(())
}

/// The same commit, cloned to another place and built there.
fn made_elsewhere(source: &Source, cache: &Cache, tools: &tools::Tools) -> Result<Vec<PathBuf>> {
    let elsewhere = source.folder().join("again");
    if elsewhere.exists() {
        fs::remove_dir_all(&elsewhere).with_context(|| elsewhere.display().to_string())?;
    }
    shell::run(
        "git clone",
        Command::new("git")
            .args(["clone", "--quiet", "--no-hardlinks"])
            .args([&source.root, &elsewhere]),
    )?;
    let head = git(&source.root, &["rev-parse", "HEAD"])?;
    git(
        &elsewhere,
        &["checkout", "--quiet", "--detach", head.trim()],
    )?;
    make(&Source::of(&elsewhere)?, cache, tools)
}

fn compare(first: &[PathBuf], second: &[PathBuf]) -> Result<()> {
    let read = |path: &PathBuf| fs::read(path).with_context(|| path.display().to_string());
    let mut other = Vec::new();
    for (one, two) in first.iter().zip(second) {
        if read(one)? != read(two)? {
            other.push(format!("{}\n{}", one.display(), two.display()));
        }
    }
    if !other.is_empty() {
        bail!("two builds of one commit differ:\n{}", other.join("\n"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Scratch;

    #[test]
    fn other_bytes_are_named() {
        let scratch = Scratch::for_test("compare");
        let [one, two] = ["one", "two"].map(|name| scratch.path().join(name));
        fs::write(&one, "a").unwrap();
        fs::write(&two, "b").unwrap();
        let one = [one];
        let error = compare(&one, &[two]).unwrap_err().to_string();
        assert!(error.contains("one"), "{error}");
        compare(&one, &one).unwrap();
    }
}
