//! cargo-deb and cargo-about, built once into the cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cache::Cache;
use crate::{shell, workspace};

/// What packs and what lists licences.
pub struct Tools {
    /// Makes the `.deb`.
    pub deb: PathBuf,
    /// Collects the licences of the crates that are linked in.
    pub about: PathBuf,
}

/// A tool: its crate, its version, and the options that build no more of it than is needed.
struct Tool {
    name: &'static str,
    version: &'static str,
    options: &'static [&'static str],
}

const DEB: Tool = Tool {
    name: "cargo-deb",
    version: "3.8.0",
    options: &["--no-default-features"],
};

const ABOUT: Tool = Tool {
    name: "cargo-about",
    version: "0.9.3",
    options: &["--features", "cli"],
};

/// Installs what is missing or of another version.
///
/// # Errors
///
/// cargo cannot build it.
pub fn ensure(cache: &Cache) -> Result<Tools> {
    let folder = cache.root().join("tools");
    Ok(Tools {
        deb: installed(&DEB, &folder)?,
        about: installed(&ABOUT, &folder)?,
    })
}

fn installed(tool: &Tool, folder: &Path) -> Result<PathBuf> {
    let program = folder.join("bin").join(tool.name);
    let said = shell::quiet(Command::new(&program).arg("--version")).ok();
    let said = said.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    if !said.is_some_and(|said| said.trim().ends_with(tool.version)) {
        println!("Building {} {}, once", tool.name, tool.version);
        let mut command = workspace::cargo();
        command
            .args(["install", "--locked", "--quiet", tool.name])
            .args(["--version", tool.version])
            .args(tool.options)
            .arg("--root")
            .arg(folder)
            // Their own profiles take minutes to save seconds.
            .envs([
                ("CARGO_PROFILE_RELEASE_LTO", "off"),
                ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
            ]);
        shell::run(tool.name, &mut command)?;
    }
    Ok(program)
}
