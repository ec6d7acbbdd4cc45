//! What is made of the programs' own definitions of their arguments: docs/cli.md and man pages.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell::{self, Failed};
use crate::workspace::{self, PROGRAMS, Profile};

/// The beginning of docs/cli.md.
const HEAD: &str = "\
<!-- Made by `cargo xtask docs`, and compared with the programs by a test. -->

# Commands and options

";

/// `cargo xtask docs`: writes docs/cli.md.
///
/// # Errors
///
/// The programs cannot be built or run, or the file cannot be written.
pub fn main() -> Result<()> {
    let programs = workspace::build(Profile::Dev)?;
    let mut text = HEAD.to_owned();
    for name in PROGRAMS {
        let mut command = Command::new(programs.path(name)?);
        let output = shell::quiet(command.arg("markdown"))
            .with_context(|| format!("cannot start {name}"))?;
        if !output.status.success() {
            bail!(Failed::new(name, output.status));
        }
        text += &String::from_utf8(output.stdout).context(name)?;
    }
    let path = workspace::root().join("docs/cli.md");
    fs::write(&path, text).with_context(|| path.display().to_string())
}

/// `cargo xtask man`: writes the man pages of the programs and their subcommands.
///
/// # Errors
///
/// The programs cannot be built or run, or the folder cannot be made.
pub fn man() -> Result<()> {
    let programs = workspace::build(Profile::Release)?;
    let folder = workspace::target()?.join("man");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for name in PROGRAMS {
        let mut command = Command::new(programs.path(name)?);
        shell::run(name, command.arg("man").arg(&folder))?;
    }
    println!("Wrote the man pages to {}", folder.display());
    Ok(())
}
