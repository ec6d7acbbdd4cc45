//! The files that every machine fetches once: dlib's models, sample photos, Python packages.
//!
//! Each goes to a scratch folder, is checked, and is renamed into the cache when whole, so that
//! the cache never holds half a file. What is there and whole is not fetched again; what is
//! damaged is. The network is pip's business: packages go by name.

use std::fs;
use std::io::{self, IsTerminal, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::cache::{Cache, Scratch};
use crate::{packages, shell};

pub mod cuda;
mod manifest;

use manifest::{
    AXE, Archive, CLIENTS, DLIB, HOG, MODELS, NOTICES, ONNX_RUNTIME, PILLOW, PIXELS, Packages,
    SAMPLES, Wanted, pixel_names,
};

/// `cargo xtask assets`.
///
/// # Errors
///
/// Something cannot be installed, fetched or written.
pub fn main(cuda: bool) -> Result<()> {
    packages::ensure(packages::For::Programs)?;
    let cache = Cache::open()?;
    ensure(&cache)?;
    if cuda {
        shell::run(
            cuda::SCRIPT,
            Command::new("python3")
                .args(["-c", &cuda::script(), "--yes"])
                .env("FLICKR_FACES_CACHE", cache.root()),
        )?;
    }
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
/// pip fails, or a file that comes is not the one expected.
pub fn ensure(cache: &Cache) -> Result<()> {
    ensure_for_programs(cache)?;
    ensure_archive(cache, &SAMPLES)?;
    ensure_archive(cache, &AXE)?;
    ensure_python(cache, &CLIENTS)?;
    ensure_pixels(cache)
}

/// The same for what the demo needs: what only tests use is left to them.
///
/// # Errors
///
/// pip fails, or a file that comes is not the one expected.
pub fn ensure_for_demo(cache: &Cache) -> Result<()> {
    ensure_for_programs(cache)?;
    ensure_archive(cache, &SAMPLES)?;
    ensure_python(cache, &PILLOW)
}

/// The same for what the programs need, and nothing for tests and demo.
///
/// # Errors
///
/// pip fails, or a file that comes is not the one expected.
pub fn ensure_for_programs(cache: &Cache) -> Result<()> {
    ensure_archive(cache, &MODELS)?;
    ensure_detector(cache)?;
    if ["x86_64", "aarch64"].contains(&std::env::consts::ARCH) {
        ensure_archive(cache, &ONNX_RUNTIME)?;
    } else {
        println!(
            "ONNX Runtime is fetched for x86-64 and aarch64 only: name it with `onnxruntime_library`"
        );
    }
    Ok(())
}

/// The licences of what is not ours in a package: files in folders named for what they are of.
///
/// # Errors
///
/// pip fails, or a file that comes is not the one expected.
pub fn notices(cache: &Cache) -> Result<Vec<PathBuf>> {
    for archive in &NOTICES {
        ensure_archive(cache, archive)?;
    }
    Ok(NOTICES
        .iter()
        .flat_map(|archive| files(cache, archive))
        .collect())
}

/// The model files that the programs read.
pub fn model_files(cache: &Cache) -> Vec<PathBuf> {
    let hog = models(cache).join(HOG.name);
    files(cache, &MODELS).chain([hog]).collect()
}

/// The sample photos in the cache.
pub fn samples(cache: &Cache) -> Vec<PathBuf> {
    files(cache, &SAMPLES).collect()
}

/// The folder of dlib's model files in the cache.
pub fn models(cache: &Cache) -> PathBuf {
    cache.root().join(MODELS.folder)
}

/// ONNX Runtime's library in the cache, where one is fetched for this machine.
///
/// # Errors
///
/// The manifest names none.
pub fn onnx_runtime(cache: &Cache) -> Result<PathBuf> {
    let library = files(cache, &ONNX_RUNTIME).next();
    library.context("ONNX Runtime has no library")
}

fn files(cache: &Cache, archive: &Archive) -> impl Iterator<Item = PathBuf> {
    let folder = cache.root().join(archive.folder);
    archive.files().map(move |file| folder.join(file.name))
}

fn ensure_archive(cache: &Cache, archive: &Archive) -> Result<()> {
    let folder = cache.root().join(archive.folder);
    let mut lacking = Vec::new();
    for file in archive.files() {
        match check(&folder.join(file.name), &file)? {
            State::Whole => continue,
            State::Missing => {}
            State::Damaged(how) => println!("{how}"),
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
    let file = download(archive, cache, &scratch)?;
    unpack(&file, archive, &lacking, &scratch)?;
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for file in lacking {
        let fresh = scratch.path().join(file.name);
        match check(&fresh, &file)? {
            State::Whole => rename(&fresh, &folder.join(file.name))?,
            State::Missing => bail!("{} holds no {}", archive.requirement, file.name),
            State::Damaged(how) => bail!("{}: {how}", archive.requirement),
        }
    }
    Ok(())
}

/// dlib's HOG detector, which is in dlib's code, as a model file.
fn ensure_detector(cache: &Cache) -> Result<()> {
    let path = models(cache).join(HOG.name);
    match check(&path, &HOG)? {
        State::Whole => return Ok(()),
        State::Missing => {}
        State::Damaged(how) => println!("{how}"),
    }
    println!(
        "Fetching {}: {} by pip, {} MB",
        DLIB.content,
        DLIB.requirement,
        DLIB.bytes.div_ceil(1_000_000)
    );
    let scratch = cache.scratch()?;
    let file = download(&DLIB, cache, &scratch)?;
    let library = DLIB.files().next().context("dlib has no library")?;
    unpack(&file, &DLIB, &[library], &scratch)?;
    let fresh = scratch.path().join(HOG.name);
    shell::run(
        "taking the detector out of dlib",
        Command::new("python3")
            .args(["-c", include_str!("detector.py")])
            .arg(scratch.path().join(library.name))
            .arg(&fresh),
    )?;
    match check(&fresh, &HOG)? {
        State::Whole => {}
        State::Missing => bail!("{} holds no {}", DLIB.requirement, HOG.name),
        State::Damaged(how) => bail!("{}: {how}", DLIB.requirement),
    }
    fs::create_dir_all(models(cache)).with_context(|| models(cache).display().to_string())?;
    rename(&fresh, &path)
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
    let found = sha256(path)?;
    if found != expected.sha256 {
        return Ok(State::Damaged(format!(
            "{} has the SHA-256 {found}, expected {}",
            path.display(),
            expected.sha256
        )));
    }
    Ok(State::Whole)
}

/// The SHA-256 (FIPS 180-4) of what a file holds, in lower-case hexadecimal digits.
///
/// # Errors
///
/// It cannot be read.
pub fn sha256(path: &Path) -> Result<String> {
    let context = || path.display().to_string();
    let mut digest = Sha256::new();
    let mut file = fs::File::open(path).with_context(context)?;
    let mut block = vec![0; 1 << 20];
    loop {
        match file.read(&mut block).with_context(context)? {
            0 => break,
            read => digest.update(&block[..read]),
        }
    }
    let digest = digest.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Fetches a package; gives the file's path.
fn download(archive: &Archive, cache: &Cache, scratch: &Scratch) -> Result<PathBuf> {
    let context = || scratch.path().display().to_string();
    let requirements = scratch.path().join("requirements.txt");
    // With its hash, so that pip checks the archive before it runs the setup.py in it, which it
    // does to learn the package's metadata.
    let line = format!("{} --hash=sha256:{}\n", archive.requirement, archive.sha256);
    fs::write(&requirements, line).with_context(context)?;
    let fetched = scratch.path().join("fetched");
    shell::run(
        "pip download",
        // The unpacked files are the cache: pip need not keep the archive in its own.
        pip(Path::new("python3"), cache)
            .args(["download", "--no-deps", "--no-cache-dir"])
            .arg("--require-hashes")
            .args(archive.pip)
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

/// pip of this interpreter, with its progress only where a person looks on and nothing else is shown.
fn pip(python: &Path, cache: &Cache) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "pip", "--disable-pip-version-check"]);
    if cache.is_quiet() || !io::stdout().is_terminal() {
        command.arg("--quiet");
    }
    command
}

/// Puts these files of an archive, without their folders, into the scratch folder.
fn unpack(path: &Path, archive: &Archive, files: &[Wanted], scratch: &Scratch) -> Result<()> {
    shell::run(
        &format!("unpacking {}", archive.content),
        Command::new("python3")
            .args(["-c", include_str!("unpack.py")])
            .arg(path)
            .arg(archive.inside)
            .arg(scratch.path())
            .args(files.iter().map(|file| file.name)),
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
fn ensure_python(cache: &Cache, wanted: &Packages) -> Result<()> {
    let folder = cache.root().join("python");
    let stamp = "requirements.txt";
    let there = fs::read_to_string(folder.join(stamp)).unwrap_or_default();
    let all = wanted
        .lines()
        .all(|line| there.lines().any(|has| has == line));
    // An update of the system's Python can leave it without its interpreter or packages.
    if all && shell::succeeds(Command::new(cache.python()).args(["-c", wanted.probe]))? {
        return Ok(());
    }
    println!(
        "Fetching {} by pip, {} MB",
        wanted.content, wanted.megabytes
    );
    let scratch = cache.scratch()?;
    let fresh = scratch.path().join("python");
    shell::run(
        "venv",
        Command::new("python3").args(["-m", "venv"]).arg(&fresh),
    )?;
    let requirements = scratch.path().join(stamp);
    let lines: String = wanted.lines().map(|line| format!("{line}\n")).collect();
    fs::write(&requirements, lines).with_context(|| requirements.display().to_string())?;
    shell::run(
        "pip install",
        pip(&fresh.join("bin/python"), cache)
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
            .args(PIXELS.lines()),
    )?;
    let note = fresh.join(NOTE);
    fs::write(&note, png_hashes(&fresh)?).with_context(|| note.display().to_string())?;
    replace_folder(&fresh, &folder)
}

/// In the folder of PNG files: their hashes, in the format of sha256sum.
const NOTE: &str = "SHA256SUMS";

fn pixels_are_whole(folder: &Path) -> bool {
    let noted = fs::read_to_string(folder.join(NOTE));
    // A file that cannot be read is made again like a damaged one.
    matches!((noted, png_hashes(folder)), (Ok(noted), Ok(found)) if noted == found)
}

fn png_hashes(folder: &Path) -> Result<String> {
    pixel_names()
        .map(|name| {
            let hash = sha256(&folder.join(format!("{name}.png")))?;
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
        for name in pixel_names() {
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
        let wanted = Wanted {
            name: "abc",
            bytes: 3,
            sha256: "",
        };
        let archive = Archive {
            inside: "p-1/inner",
            ..SAMPLES
        };
        for (file, format) in [("p-1.tar.gz", "gztar"), ("p-1.whl", "zip")] {
            let scratch = Scratch::for_test(&format!("unpack-{format}"));
            let source = scratch.path().join("source");
            fs::create_dir_all(source.join("p-1/inner")).unwrap();
            fs::write(source.join("p-1/inner/abc"), "abc").unwrap();
            fs::write(source.join("p-1/inner/other"), "other").unwrap();
            let path = scratch.path().join(file);
            let pack = "import os, shutil, sys; \
                        made = shutil.make_archive(*sys.argv[1:5]); \
                        os.rename(made, sys.argv[5])";
            let mut python = Command::new("python3");
            python.args(["-c", pack]).arg(scratch.path().join("made"));
            python.arg(format).arg(&source).arg("p-1").arg(&path);
            shell::run("packing", &mut python).unwrap();
            unpack(&path, &archive, &[wanted], &scratch).unwrap();
            let found = fs::read_to_string(scratch.path().join("abc"));
            assert_eq!(found.unwrap(), "abc", "{file}");
            assert!(!scratch.path().join("other").exists());
        }
    }
}
