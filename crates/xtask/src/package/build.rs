//! The programs of a package: stripped, and without a path of the machine that built them.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::source::Source;
use crate::workspace::{self, PROGRAMS, Programs};

/// Builds the programs.
///
/// # Errors
///
/// The build fails.
pub fn programs(source: &Source) -> Result<Programs> {
    build(source, &PROGRAMS)
}

/// Builds the small Flickr that a package is tried with; gives its path.
///
/// # Errors
///
/// The build fails.
pub fn sandbox(source: &Source) -> Result<PathBuf> {
    let name = "flickr-sandbox";
    Ok(build(source, &[name])?.path(name)?.to_owned())
}

/// In a folder of its own, since its flags differ from those of other builds.
fn build(source: &Source, names: &[&str]) -> Result<Programs> {
    let target = source.folder().join("build");
    let paths = hidden_paths(&source.root, &target)?;
    let mut command = workspace::cargo();
    command
        .current_dir(&source.root)
        .args(["build", "--workspace", "--release", "--locked"])
        .args(names.iter().flat_map(|name| ["--bin", name]))
        .arg("--target-dir")
        .arg(&target)
        .env("CARGO_PROFILE_RELEASE_STRIP", "symbols")
        // Between the flags stands the unit separator, for paths with spaces.
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags(&paths).join("\x1f"))
        .env("CFLAGS", c_flags(&paths).join(" "));
    workspace::built(&mut command)
}

/// Folders of this machine and what stands for them in a program.
fn hidden_paths(root: &Path, target: &Path) -> Result<Vec<(PathBuf, &'static str)>> {
    // Of two that fit, rustc takes the last.
    Ok(vec![
        (workspace::cargo_home()?, "/cargo"),
        (root.to_owned(), "/flickr-faces"),
        (target.to_owned(), "/target"),
    ])
}

fn rust_flags(paths: &[(PathBuf, &str)]) -> Vec<String> {
    let flag =
        |(from, to): &(PathBuf, &str)| format!("--remap-path-prefix={}={to}", from.display());
    paths.iter().map(flag).collect()
}

fn c_flags(paths: &[(PathBuf, &str)]) -> Vec<String> {
    let flag = |(from, to): &(PathBuf, &str)| format!("-ffile-prefix-map={}={to}", from.display());
    paths.iter().map(flag).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_folder_hides_itself_though_it_lies_in_the_checkout() {
        let paths = hidden_paths(Path::new("/here"), Path::new("/here/target")).unwrap();
        let flags = rust_flags(&paths);
        assert_eq!(
            flags.last().unwrap(),
            "--remap-path-prefix=/here/target=/target"
        );
        assert_eq!(c_flags(&paths).len(), flags.len());
    }
}
