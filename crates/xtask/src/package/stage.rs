//! The tree that a package holds, laid out as below `/usr`.
//!
//! The programs find models and library beside themselves: `../share/flickr-faces/models` and
//! `../lib/flickr-faces` (`crates/download/src/places.rs`).

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::source::Source;
use super::tools::Tools;
use crate::assets;
use crate::cache::Cache;
use crate::shell::{self, Failed};
use crate::workspace::{PROGRAMS, Programs};

/// Completions of a shell: its name, where it looks for them below `share`, and what stands before and after a
/// program's name in the name of a file.
struct Completions {
    shell: &'static str,
    folder: &'static str,
    around: [&'static str; 2],
}

const COMPLETIONS: [Completions; 3] = [
    Completions {
        shell: "bash",
        folder: "bash-completion/completions",
        around: ["", ""],
    },
    Completions {
        shell: "zsh",
        folder: "zsh/vendor-completions",
        around: ["_", ""],
    },
    Completions {
        shell: "fish",
        folder: "fish/vendor_completions.d",
        around: ["", ".fish"],
    },
];

/// Documents of the project that go into every package.
const DOCUMENTS: [&str; 5] = [
    "README.md",
    "CHANGELOG.md",
    "config.example.ini",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

/// Fills `target/package/stage` anew; gives its path.
///
/// # Errors
///
/// A file cannot be copied, or a program or tool fails.
pub fn fill(source: &Source, programs: &Programs, cache: &Cache, tools: &Tools) -> Result<PathBuf> {
    let stage = source.folder().join("stage");
    if stage.exists() {
        fs::remove_dir_all(&stage).with_context(|| stage.display().to_string())?;
    }
    for name in PROGRAMS {
        let from = programs.path(name)?;
        copy(from, &stage.join("bin").join(name), 0o755)?;
        // For who has another program of that name.
        let link = stage.join("bin").join(format!("flickr-faces-{name}"));
        symlink(name, &link).with_context(|| link.display().to_string())?;
        texts(name, from, &stage.join("share"))?;
    }
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        let script = stage.join("bin").join(assets::cuda::SCRIPT);
        write(&script, assets::cuda::script().as_bytes())?;
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755))
            .with_context(|| script.display().to_string())?;
    }
    let library = assets::onnx_runtime(cache)?;
    copy_into(&library, &stage.join("lib/flickr-faces"))?;
    for model in assets::model_files(cache) {
        copy_into(&model, &stage.join("share/flickr-faces/models"))?;
    }
    let documents = stage.join("share/doc/flickr-faces");
    for name in DOCUMENTS {
        copy_into(&source.root.join(name), &documents)?;
    }
    copy_into(&source.root.join("docs/licences.md"), &documents)?;
    for notice in assets::notices(cache)? {
        let of = notice.parent().and_then(Path::file_name);
        let of = of.with_context(|| notice.display().to_string())?;
        copy_into(&notice, &documents.join("licences").join(of))?;
    }
    licences_of_crates(source, tools, &documents.join("licences/crates.txt"))?;
    Ok(stage)
}

/// Man pages and completions of a program, as it writes them itself.
fn texts(name: &str, program: &Path, share: &Path) -> Result<()> {
    let pages = share.join("man/man1");
    fs::create_dir_all(&pages).with_context(|| pages.display().to_string())?;
    shell::run(name, Command::new(program).arg("man").arg(&pages))?;
    for Completions {
        shell,
        folder,
        around: [before, after],
    } in COMPLETIONS
    {
        let mut command = Command::new(program);
        let text = printed(name, command.args(["completions", shell]))?;
        write(
            &share.join(folder).join(format!("{before}{name}{after}")),
            &text,
        )?;
    }
    Ok(())
}

/// The licences of all crates in the programs, by about.toml; out of the crates themselves, asking nobody.
fn licences_of_crates(source: &Source, tools: &Tools, to: &Path) -> Result<()> {
    let mut command = Command::new(&tools.about);
    command.current_dir(&source.root).args([
        "generate",
        "--workspace",
        "--locked",
        "--fail",
        "about.hbs",
    ]);
    let text = printed("cargo-about", &mut command)?;
    write(to, &text)
}

fn printed(name: &str, command: &mut Command) -> Result<Vec<u8>> {
    let output = shell::quiet(command).with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        bail!(Failed::new(name, output.status));
    }
    Ok(output.stdout)
}

fn copy_into(from: &Path, folder: &Path) -> Result<()> {
    let name = from
        .file_name()
        .with_context(|| from.display().to_string())?;
    copy(from, &folder.join(name), 0o644)
}

/// Copies a file and sets its mode: what the cache keeps for one user is for all in a package.
fn copy(from: &Path, to: &Path, mode: u32) -> Result<()> {
    let content = fs::read(from).with_context(|| from.display().to_string())?;
    write(to, &content)?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))
        .with_context(|| to.display().to_string())
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    let context = || path.display().to_string();
    let folder = path.parent().with_context(context)?;
    fs::create_dir_all(folder).with_context(context)?;
    fs::write(path, content).with_context(context)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).with_context(context)
}
