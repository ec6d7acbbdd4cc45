//! Where the built programs are, and signals to them.

use std::{
    env,
    path::PathBuf,
    process::{Child, Command},
};

/// The folder of the built programs: tests lie in `deps` below it.
pub(crate) fn folder() -> PathBuf {
    let test = env::current_exe().expect("the path of this test");
    let deps = test.parent().expect("a test lies in a folder");
    deps.parent().expect("deps lies in a folder").to_owned()
}

/// A built program of the workspace.
///
/// # Panics
/// Where it was not built.
pub fn program(name: &str) -> PathBuf {
    let path = folder().join(name);
    assert!(
        path.is_file(),
        "{} was not built: run cargo xtask test",
        path.display()
    );
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
