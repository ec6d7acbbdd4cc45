//! The programs under test, built from the sources as they are now; and signals to them.

use std::{
    env,
    ffi::OsString,
    fs::{self, File},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use serde_json::Value;

/// What tests run: the three programs, and the sandbox, which plays the browser at a sign-in.
const PROGRAMS: [&str; 8] = [
    "--bin",
    "download",
    "--bin",
    "cluster-faces",
    "--bin",
    "tag-photos",
    "--bin",
    "flickr-sandbox",
];

/// The folder of the built programs. cargo puts them elsewhere: a build that begins while tests run
/// changes nothing under them.
///
/// Once in each process cargo is asked to build: where nothing was changed it takes a part of a second,
/// and a test never runs a program that is older than the sources.
///
/// # Panics
/// Where they cannot be built.
pub(crate) fn folder() -> &'static Path {
    static BUILT: LazyLock<Result<PathBuf, String>> =
        LazyLock::new(|| Workspace::of_this_test().build(&PROGRAMS, "programs"));
    BUILT.as_deref().unwrap_or_else(|error| panic!("{error}"))
}

/// `download` as it is with its feature `dlib`, for [`program`] and all that runs one.
pub const DOWNLOAD_WITH_DLIB: &str = "with-dlib/download";

/// The engines that this run of the tests has programs for, as config.ini names them.
pub const ENGINES: &[&str] = if cfg!(feature = "dlib") {
    &["onnxruntime", "dlib"]
} else {
    &["onnxruntime"]
};

/// The `download` that has this engine.
pub fn download_of(engine: &str) -> &'static str {
    match engine {
        "dlib" => DOWNLOAD_WITH_DLIB,
        _ => "download",
    }
}

fn build_with_dlib() -> Result<(), String> {
    let workspace = Workspace::of_this_test();
    let which = ["--bin", "download", "--features", "dlib"];
    workspace.build(&which, "programs/with-dlib")?;
    // In cargo's own folder stays the usual one.
    workspace.build(&PROGRAMS, "programs").map(drop)
}

/// A built program of the workspace.
///
/// # Panics
/// Where it cannot be built.
pub fn program(name: &str) -> PathBuf {
    static WITH_DLIB: LazyLock<Result<(), String>> = LazyLock::new(build_with_dlib);
    let path = folder().join(name);
    if name == DOWNLOAD_WITH_DLIB {
        WITH_DLIB.as_ref().unwrap_or_else(|error| panic!("{error}"));
    }
    assert!(path.is_file(), "the workspace has no program {name}");
    path
}

/// Sends a signal, such as `INT`, to a running program.
///
/// # Panics
/// Where it cannot be sent.
pub fn send(signal: &str, child: &Child) {
    let id = child.id().to_string();
    let status = Command::new("sh")
        .args(["-c", "kill -s \"$1\" \"$2\"", "sh", signal, &id])
        .status()
        .expect("sh runs");
    assert!(status.success(), "SIG{signal} was not sent to {id}");
}

/// Sources, and where cargo builds them.
struct Workspace {
    root: PathBuf,
    /// cargo's target folder, also where `--target-dir` or CARGO_TARGET_DIR name another.
    target: PathBuf,
    profile: String,
}

impl Workspace {
    /// The workspace that this test belongs to, in the profile that it was built with: tests lie in
    /// `TARGET/PROFILE/deps`.
    fn of_this_test() -> Self {
        let test = env::current_exe().expect("the path of this test");
        let mut folders = test.ancestors().skip(2);
        let mut next = || folders.next().expect("a test lies three folders deep");
        let (profile, target) = (next(), next());
        let profile = profile.file_name().expect("a profile's folder has a name");
        Self {
            root: Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
            target: target.to_owned(),
            profile: profile.to_string_lossy().into_owned(),
        }
    }

    /// Builds programs, with the features that a plain `cargo build` gives them, and gives a folder of
    /// this `name` that holds them.
    fn build(&self, which: &[&str], name: &str) -> Result<PathBuf, String> {
        let built = self.target.join(&self.profile);
        let folder = built.join("end-to-end").join(name);
        fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        // Until the programs are in their folder, no other test's build may put others in their place.
        let lock = File::create(built.join("end-to-end/.lock"));
        let _lock = lock
            .and_then(|file| file.lock().map(|()| file))
            .map_err(|error| format!("{}: {error}", built.display()))?;
        for program in self.cargo(which)? {
            let name = program.file_name().expect("a program has a name");
            put(&program, &folder.join(name))?;
        }
        Ok(folder)
    }

    /// Runs `cargo build`; gives the paths of the programs.
    fn cargo(&self, which: &[&str]) -> Result<Vec<PathBuf>, String> {
        let profile = match self.profile.as_str() {
            "debug" => "dev",
            other => other,
        };
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command
            .current_dir(&self.root)
            .args(["build", "--workspace", "--profile", profile])
            .arg("--target-dir")
            .arg(&self.target)
            .args(which)
            .arg("--message-format=json-render-diagnostics")
            .stderr(Stdio::inherit());
        // What cargo tells a test of the test's own package, build scripts would take for theirs and run
        // again.
        for (name, _) in env::vars_os() {
            let told = name.to_string_lossy();
            if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name);
            }
        }
        let output = command
            .output()
            .map_err(|error| format!("{command:?}: {error}"))?;
        if !output.status.success() {
            return Err(format!("{command:?}: {}", output.status));
        }
        let messages = String::from_utf8_lossy(&output.stdout);
        let programs = messages.lines().filter_map(|line| {
            let message: Value = serde_json::from_str(line).ok()?;
            Some(PathBuf::from(message["executable"].as_str()?))
        });
        Ok(programs.collect())
    }
}

/// Puts a program in its place, where another process may be running the one that is there.
fn put(program: &Path, place: &Path) -> Result<(), String> {
    let inode = |path: &Path| fs::metadata(path).ok().map(|metadata| metadata.ino());
    if inode(program) == inode(place) {
        return Ok(());
    }
    let mut beside = OsString::from(place);
    beside.push(".part");
    let beside = PathBuf::from(beside);
    fs::remove_file(&beside).ok();
    fs::hard_link(program, &beside)
        .and_then(|()| fs::rename(&beside, place))
        .map_err(|error| format!("{}: {error}", place.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_built_again_when_its_sources_have_changed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        let write = |name: &str, text: &str| fs::write(root.join(name), text).unwrap();
        fs::create_dir_all(root.join("library")).unwrap();
        let package = "version = \"0.1.0\"\nedition = \"2024\"\n";
        write(
            "Cargo.toml",
            &format!(
                "[package]\nname = \"says\"\n{package}[dependencies]\nlibrary = {{ path = \"library\" }}\n\
                 [[bin]]\nname = \"says\"\npath = \"main.rs\"\n[workspace]\n"
            ),
        );
        write(
            "library/Cargo.toml",
            &format!("[package]\nname = \"library\"\n{package}[lib]\npath = \"lib.rs\"\n"),
        );
        write("main.rs", "fn main() { print!(\"{}\", library::WORD); }");
        let workspace = Workspace {
            target: root.join("target"),
            profile: "debug".to_owned(),
            root: root.clone(),
        };
        for word in ["yesterday", "today"] {
            write(
                "library/lib.rs",
                &format!("pub const WORD: &str = \"{word}\";"),
            );
            let programs = workspace.build(&["--bin", "says"], "programs").unwrap();
            let output = Command::new(programs.join("says")).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), word);
        }
        write("library/lib.rs", "no Rust");
        let error = workspace.build(&["--bin", "says"], "programs").unwrap_err();
        assert!(error.contains("cargo") && error.contains("101"), "{error}");
    }
}
