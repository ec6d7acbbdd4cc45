//! `cargo xtask install`: the three programs into cargo's own folder of programs, with all that they need.

use std::fs;

use anyhow::{Context, Result};

use crate::{
    assets,
    cache::Cache,
    packages,
    workspace::{self, PROGRAMS, Profile},
};

/// Fetches what is missing, builds the programs and copies them to `$CARGO_HOME/bin`.
///
/// # Errors
///
/// Something cannot be installed or fetched, the build fails, or a file cannot be written.
pub fn main() -> Result<()> {
    packages::ensure(packages::For::Programs)?;
    assets::ensure_for_programs(&Cache::open()?)?;
    let programs = workspace::build_some(Profile::Release, &PROGRAMS)?;
    let folder = workspace::cargo_home()?.join("bin");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for name in PROGRAMS {
        let (from, to) = (programs.path(name)?, folder.join(name));
        // Renamed into place: a program that runs keeps its own file.
        let new = to.with_extension("new");
        fs::copy(from, &new).with_context(|| new.display().to_string())?;
        fs::rename(&new, &to).with_context(|| to.display().to_string())?;
        println!("Installed {}", to.display());
    }
    Ok(())
}
