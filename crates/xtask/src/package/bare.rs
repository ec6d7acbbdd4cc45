//! `cargo xtask test --package`: the packages on bare systems, as a person without Rust and Python meets them.
//!
//! Each system is made by mmdebstrap in a folder, once; a check works on a copy of it. Inside, the package is
//! installed by apt and the demo's account is played by an ordinary user, while the small Flickr runs outside.
//! Then the package is removed, and the same is asked of the unpacked archive.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::make::make;
use super::source::Source;
use super::{build, tools};
use crate::cache::Cache;
use crate::demo::{Input, Played, Programs};
use crate::workspace;
use crate::{assets, packages, shell};

/// The user who plays, and the folder of the account, in the bare system.
const PERSON: u32 = 1000;
const HOME: &str = "/home/person";
const FACES: &str = "/home/person/faces";

/// Makes the packages and checks them on each of the `systems`, named as their suites.
///
/// # Errors
///
/// The user is not root, a package cannot be made, or a check fails; a system that cannot be made is reported
/// when the others are done.
pub fn main(systems: &[String]) -> Result<()> {
    packages::ensure(packages::For::BareSystems)?;
    if !shell::is_root()? {
        bail!("bare systems are made and entered as root");
    }
    let source = Source::of(&workspace::root())?;
    let cache = Cache::open()?;
    assets::ensure(&cache)?;
    let made = make(&source, &cache, &tools::ensure(&cache)?)?;
    let sandbox = build::sandbox(&source)?;
    let mut lines = Vec::new();
    let mut missing = false;
    for suite in systems {
        println!("\n== {suite}");
        let line = match System::make(suite, &cache, &source.folder()) {
            Ok(system) => {
                let took = system.check(&made, &sandbox, &cache)?;
                format!(
                    "from apt install to the last answer {:.1} s",
                    took.as_secs_f64()
                )
            }
            Err(error) => {
                missing = true;
                format!("NOT CHECKED: {error:#}")
            }
        };
        lines.push(format!("{suite}: {line}"));
    }
    println!("\n{}", lines.join("\n"));
    if missing {
        bail!("not all systems could be made; --systems names those to check");
    }
    Ok(())
}

/// A bare system in a folder, that goes when it is dropped.
struct System {
    root: PathBuf,
}

impl Drop for System {
    fn drop(&mut self) {
        // If it stays, the next run removes it.
        let _ = fs::remove_dir_all(&self.root);
    }
}

impl System {
    /// Unpacks the system of this suite, after it was made and kept in the cache.
    fn make(suite: &str, cache: &Cache, folder: &Path) -> Result<Self> {
        let kept = cache.root().join(format!("systems/{suite}.tar"));
        if !kept.exists() {
            let new = kept.with_extension("new.tar");
            fs::create_dir_all(cache.root().join("systems"))?;
            shell::run(
                "mmdebstrap",
                Command::new("mmdebstrap")
                    .args(["--quiet", "--variant=minbase", suite])
                    .arg(&new),
            )?;
            fs::rename(&new, &kept).with_context(|| kept.display().to_string())?;
        }
        let root = folder.join("systems").join(suite);
        if root.exists() {
            fs::remove_dir_all(&root).with_context(|| root.display().to_string())?;
        }
        fs::create_dir_all(&root).with_context(|| root.display().to_string())?;
        let system = Self { root };
        shell::run(
            "tar",
            Command::new("tar")
                .args(["--extract", "--numeric-owner", "--file"])
                .arg(&kept)
                .arg("--directory")
                .arg(&system.root),
        )?;
        // Made elsewhere, it may know another server of names, and none of this machine's ways out.
        for path in ["etc/resolv.conf", "etc/apt/apt.conf.d"] {
            let (from, to) = (Path::new("/").join(path), system.root.join(path));
            shell::run(
                "cp",
                Command::new("cp").args(["-rLT", "--"]).args([from, to]),
            )?;
        }
        Ok(system)
    }

    /// Installs, plays, removes; gives how long it took from the installation to the last answer.
    fn check(&self, made: &[PathBuf], sandbox: &Path, cache: &Cache) -> Result<Duration> {
        let [deb, archive, ..] = made else {
            bail!("no packages were made");
        };
        self.is_bare()?;
        let folder = self.outside(FACES);
        fs::create_dir_all(&folder)?;
        let approver = self.outside("/opt/flickr-sandbox");
        fs::create_dir_all(approver.parent().context("no folder")?)?;
        fs::copy(sandbox, &approver).with_context(|| approver.display().to_string())?;
        let packed = self.outside("/tmp/flickr-faces.deb");
        fs::copy(deb, &packed).with_context(|| packed.display().to_string())?;

        let programs = self.programs("/usr/bin", sandbox);
        let played = Played::begin(&programs, cache, &folder)?;
        self.give_to_person(HOME)?;
        self.root("apt-get", &["update", "--quiet=2"])?;
        let start = Instant::now();
        self.root(
            "apt-get",
            &["install", "--yes", "--quiet", "/tmp/flickr-faces.deb"],
        )?;
        programs.run("download", &folder, &[], Input::Terminal)?;
        programs.run("cluster-faces", &folder, &[], played.answers()?)?;
        let took = start.elapsed();
        programs.run("tag-photos", &folder, &[], Input::Terminal)?;
        let comparison = played.compare()?;
        if !comparison.agree() {
            bail!("the tags are not the truth:\n{comparison}");
        }
        programs.run(
            "flickr-faces-tag-photos",
            &folder,
            &["undo"],
            Input::Terminal,
        )?;
        let left = played.tags()?;
        if left != 0 {
            bail!("{left} tags are left after tag-photos undo");
        }

        self.root("apt-get", &["purge", "--yes", "--quiet", "flickr-faces"])?;
        for gone in [
            "/usr/bin/download",
            "/usr/bin/flickr-faces-download",
            "/usr/share/flickr-faces",
            "/usr/lib/flickr-faces",
        ] {
            if self.outside(gone).symlink_metadata().is_ok() {
                bail!("{gone} is left after the package was removed");
            }
        }
        for stays in ["config.ini", "faces.sqlite", "tags.json", "photos"] {
            if !folder.join(stays).exists() {
                bail!("the person's {stays} went with the package");
            }
        }
        self.unpacked(archive, sandbox, &folder)?;
        Ok(took)
    }

    /// The archive runs from where it is unpacked.
    fn unpacked(&self, archive: &Path, sandbox: &Path, folder: &Path) -> Result<()> {
        let place = self.outside(HOME).join("unpacked");
        fs::create_dir_all(&place)?;
        shell::run(
            "tar",
            Command::new("tar")
                .args(["--extract", "--strip-components=1", "--file"])
                .arg(archive)
                .arg("--directory")
                .arg(&place),
        )?;
        self.give_to_person(HOME)?;
        let programs = self.programs(&format!("{HOME}/unpacked/bin"), sandbox);
        programs.run("download", folder, &["doctor"], Input::Terminal)?;
        programs.run(
            "flickr-faces-cluster-faces",
            folder,
            &["report"],
            Input::Terminal,
        )
    }

    /// Neither Rust nor Python is there, whatever the check finds.
    fn is_bare(&self) -> Result<()> {
        for program in ["python3", "cargo", "cc"] {
            if self.outside("/usr/bin").join(program).exists() {
                bail!("the bare system has {program}");
            }
        }
        Ok(())
    }

    fn programs(&self, bin: &str, sandbox: &Path) -> Programs {
        let (root, bin) = (self.root.clone(), bin.to_owned());
        Programs::new(sandbox.to_owned(), move |name, folder| {
            let inside = Path::new("/").join(folder.strip_prefix(&root)?);
            let mut command = enter(&root, &inside);
            command
                .arg(format!("--setuid={PERSON}"))
                .arg(format!("--setgid={PERSON}"))
                .arg(Path::new(&bin).join(name))
                .env("HOME", HOME)
                .env("PATH", "/opt:/usr/bin:/bin");
            Ok(command)
        })
    }

    /// Runs a command inside as root.
    fn root(&self, program: &str, arguments: &[&str]) -> Result<()> {
        let mut command = enter(&self.root, Path::new("/"));
        command
            .arg(program)
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        shell::run(program, &mut command)
    }

    fn outside(&self, path: &str) -> PathBuf {
        self.root.join(path.trim_start_matches('/'))
    }

    fn give_to_person(&self, path: &str) -> Result<()> {
        let path = self.outside(path);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
        shell::run(
            "chown",
            Command::new("chown")
                .args(["--recursive", &format!("{PERSON}:{PERSON}"), "--"])
                .arg(&path),
        )
    }
}

/// The beginning of a command inside: with its own /proc, which the programs find themselves by, and ended with
/// all that it started. The program and its arguments follow.
fn enter(root: &Path, folder: &Path) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(format!("--root={}", root.display()))
        .arg(format!("--wd={}", folder.display()))
        .env_clear()
        .env("LANG", "C.UTF-8");
    command
}
