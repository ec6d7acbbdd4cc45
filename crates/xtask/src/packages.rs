//! What has to be installed on the machine before anything else: Debian packages, and the parts of
//! the Rust toolchain that a minimal installation leaves out.
//!
//! Says what and why before it installs; where nothing is missing it says nothing.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::shell;

/// A Debian package and why it is needed.
type Package = (&'static str, &'static str);

/// What the dlib engine is compiled and linked with: for the feature `dlib` alone.
const DLIB: &[Package] = &[
    ("g++", "compiles the calls into dlib, which is C++"),
    ("libdlib-dev", "dlib: face detectors, landmarks, encoder"),
    ("libopenblas-dev", "the matrix products in dlib's networks"),
    ("liblapack-dev", "linear algebra that dlib links to"),
    ("pkg-config", "tells the build where these libraries lie"),
];

/// What the tests need beside that.
const TESTS: &[Package] = &[
    ("postgresql", "the store's second database, for its tests"),
    ("openssl", "the certificate of that database's server"),
    (
        "libimage-exiftool-perl",
        "exiftool, which reads names out of photos in the tests",
    ),
    (
        "exiv2",
        "what digiKam and darktable read XMP with, in the tests",
    ),
    (
        "chromium",
        "a browser without a window, for the tests of the naming page",
    ),
    ("chromium-driver", "lets the tests type and click in it"),
    (
        "firefox-esr",
        "a second browser, for the tests of the naming page",
    ),
];

/// What packages are made with.
const PACKAGES: &[Package] = &[
    ("git", "tells which commit is packed"),
    (
        "dpkg-dev",
        "finds out which system libraries the programs need",
    ),
    ("zstd", "compresses the archive"),
];

/// What a bare system to try a package on is made with.
const BARE_SYSTEMS: &[Package] = &[
    ("mmdebstrap", "makes a bare Debian or Ubuntu in a folder"),
    (
        "distro-info-data",
        "tells it which releases are Debian's and which Ubuntu's",
    ),
    ("gpg", "lets it find the keys that those are signed with"),
];

const PYTHON: Package = ("python3", "fetches models and sample photos");
const PIP: Package = ("python3-pip", "fetches models and sample photos");
const VENV: Package = (
    "python3-venv",
    "keeps the Python packages of tests and demo apart from the system's",
);

/// What is to be done, and so which packages it takes; Python is always among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// Building and running the programs.
    Programs,
    /// The same with dlib.
    Dlib,
    /// Every test.
    Tests,
    /// Packing what people install.
    Packages,
    /// The same, and trying it on bare systems.
    BareSystems,
}

/// Installs the Debian packages that are missing.
///
/// # Errors
///
/// The system has no apt-get, there is no way to become root, or apt-get fails.
pub fn ensure(what: For) -> Result<()> {
    let wanted = match what {
        // Homebrew has the tools; which are missing shows when they are started.
        _ if cfg!(target_os = "macos") => Vec::new(),
        For::Programs => Vec::new(),
        For::Dlib => DLIB.to_vec(),
        For::Tests => [DLIB, TESTS].concat(),
        For::Packages => PACKAGES.to_vec(),
        For::BareSystems => [PACKAGES, BARE_SYSTEMS].concat(),
    };
    let missing = missing(&wanted)?;
    if missing.is_empty() {
        return Ok(());
    }
    if !shell::exists("apt-get")? {
        bail!(
            "this system has no apt-get; install what these Debian packages hold, then run again:\n{}",
            listing(&missing)
        );
    }
    println!("These Debian packages are missing and will be installed by apt-get:");
    print!("{}", listing(&missing));
    install(&missing)
}

/// Makes sure of `cargo fmt` and `cargo clippy`.
///
/// # Errors
///
/// They are missing and rustup is not there to add them, or fails.
pub fn ensure_rust_components() -> Result<()> {
    let mut missing = Vec::new();
    for (component, subcommand) in [("rustfmt", "fmt"), ("clippy", "clippy")] {
        if !shell::succeeds(crate::workspace::cargo().args([subcommand, "--version"]))? {
            missing.push(component);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    if !shell::exists("rustup")? {
        bail!("the Rust toolchain lacks {names}; install them and run again");
    }
    println!("The Rust toolchain lacks {names}: rustup adds them, for the checks.");
    shell::run(
        "rustup component add",
        Command::new("rustup")
            .args(["component", "add"])
            .args(&missing),
    )
}

fn missing(wanted: &[Package]) -> Result<Vec<Package>> {
    let installed = if wanted.is_empty() {
        BTreeSet::new()
    } else {
        ask_dpkg(wanted)?
    };
    let lacks = |(name, _): &Package| !installed.contains(*name);
    let mut missing: Vec<_> = wanted.iter().copied().filter(lacks).collect();
    // Python may come from elsewhere than Debian: what counts is that it works.
    let python_can = |arguments: &[&str]| shell::succeeds(Command::new("python3").args(arguments));
    if !python_can(&["--version"])? {
        missing.push(PYTHON);
    }
    if !python_can(&["-m", "pip", "--version"])? {
        missing.push(PIP);
    }
    if !python_can(&["-c", "import venv, ensurepip"])? {
        missing.push(VENV);
    }
    Ok(missing)
}

/// Which of these packages are installed. Without dpkg this is not Debian: none is then, for a person to look
/// for.
fn ask_dpkg(packages: &[Package]) -> Result<BTreeSet<String>> {
    let names = packages.iter().map(|(name, _)| *name);
    let mut query = Command::new("dpkg-query");
    query
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(names);
    match shell::quiet(&mut query) {
        // It exits with 1 as soon as one is unknown, and tells of the others all the same.
        Ok(output) => Ok(installed(&String::from_utf8_lossy(&output.stdout))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(error).context("cannot start dpkg-query"),
    }
}

/// The installed ones among the lines `NAME STATUS` of dpkg-query.
fn installed(listing: &str) -> BTreeSet<String> {
    listing
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, status)| *status == "installed")
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn listing(packages: &[Package]) -> String {
    let widths = packages.iter().map(|(name, _)| name.len());
    let width = widths.max().unwrap_or(0);
    let line = |(name, why): &Package| format!("  {name:width$}  {why}\n");
    packages.iter().map(line).collect()
}

fn install(packages: &[Package]) -> Result<()> {
    let names: Vec<_> = packages.iter().map(|(name, _)| *name).collect();
    let root = shell::is_root()?;
    if !root && !shell::exists("sudo")? {
        bail!(
            "apt-get needs root and there is no sudo; as root run: apt-get install {}",
            names.join(" ")
        );
    }
    let apt_get = || {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        command.args(["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    };
    // A bare image has no package lists, an old one outdated lists. An update that fails in part
    // (a foreign repository that is down) need not matter: the installation decides.
    if let Err(error) = shell::run("apt-get update", apt_get().args(["update", "--quiet=2"])) {
        println!("{error:#}; trying to install anyway");
    }
    shell::run(
        "apt-get install",
        apt_get()
            .args(["install", "--yes", "--quiet", "--no-install-recommends"])
            .args(names),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_installed_packages_count() {
        let listing = "g++ installed\nlibdlib-dev config-files\npkg-config not-installed\n\
                       liblapack-dev installed\nliblapack-dev installed\nodd\n";
        let expected = ["g++", "liblapack-dev"].map(str::to_owned);
        assert_eq!(installed(listing), BTreeSet::from(expected));
        assert!(installed("").is_empty());
    }

    #[test]
    fn the_listing_says_what_and_why() {
        let text = listing(&[PIP, DLIB[0]]);
        assert_eq!(
            text,
            "  python3-pip  fetches models and sample photos\n\
             \x20 g++          compiles the calls into dlib, which is C++\n"
        );
    }
}
