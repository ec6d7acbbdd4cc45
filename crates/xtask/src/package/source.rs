//! The commit that a package is made of.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

/// The version of the programs.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What a package is made of.
pub struct Source {
    /// The checkout.
    pub root: PathBuf,
    /// The time of its commit, in seconds since 1970: that of every file in a package.
    pub time: String,
}

impl Source {
    /// The commit that is checked out here.
    ///
    /// # Errors
    ///
    /// A file differs from it, or there is no git.
    pub fn of(root: &Path) -> Result<Self> {
        let changes = git(root, &["status", "--porcelain"])?;
        if !changes.is_empty() {
            bail!(
                "a package is made of a commit, and these files differ from it:\n{changes}commit or remove them first"
            );
        }
        let time = git(root, &["log", "-1", "--format=%ct"])?.trim().to_owned();
        Ok(Self {
            root: root.to_owned(),
            time,
        })
    }

    /// The folder for what is made.
    pub fn folder(&self) -> PathBuf {
        self.root.join("target/package")
    }
}

/// What git prints.
///
/// # Errors
///
/// It is not there, or fails.
pub fn git(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new("git");
    let output =
        shell::quiet(command.arg("-C").arg(folder).args(arguments)).context("cannot start git")?;
    if !output.status.success() {
        bail!(
            "git {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::cache::Scratch;

    #[test]
    fn a_package_is_made_of_a_commit_alone() {
        let scratch = Scratch::for_test("source");
        let folder = scratch.path();
        for arguments in [
            &["init", "--quiet"][..],
            &[
                "-c",
                "user.name=a",
                "-c",
                "user.email=a@b",
                "commit",
                "--quiet",
                "--allow-empty",
                "-m",
                "first",
            ],
        ] {
            git(folder, arguments).unwrap();
        }
        assert!(Source::of(folder).unwrap().time.parse::<u64>().is_ok());
        fs::write(folder.join("new.txt"), "").unwrap();
        let error = Source::of(folder).err().unwrap().to_string();
        assert!(error.contains("new.txt"), "{error}");
    }
}
