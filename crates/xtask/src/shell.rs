//! Running other programs: output as it comes, the first failure with its name and exit code.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Write};
use std::process::{Command, ExitCode, ExitStatus, Output, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// A program failed; xtask ends with the same code.
#[derive(Debug)]
pub struct Failed {
    what: String,
    code: Option<i32>,
}

impl Failed {
    /// Names what was being done and how it ended.
    pub fn new(what: &str, status: ExitStatus) -> Self {
        Self {
            what: what.to_owned(),
            code: status.code(),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code {
            Some(code) => write!(out, "{} failed with exit code {code}", self.what),
            None => write!(out, "{} was stopped by a signal", self.what),
        }
    }
}

impl std::error::Error for Failed {}

/// The code to exit with: that of the program that failed, or else 1.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    let code = error
        .downcast_ref::<Failed>()
        .and_then(|failed| failed.code);
    ExitCode::from(
        code.and_then(|code| u8::try_from(code).ok())
            .filter(|code| *code != 0)
            .unwrap_or(1),
    )
}

/// Runs a program to its end, its output going where xtask's goes.
///
/// # Errors
///
/// The program is not there, or it failed ([`Failed`]).
pub fn run(what: &str, command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{what}: cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!(Failed::new(what, status));
    }
    Ok(())
}

/// Runs two programs at once; what the second prints comes after the first's end.
///
/// # Errors
///
/// As [`run`], of the first of the two that failed.
pub fn run_both(what: &str, first: &mut Command, second: &mut Command) -> Result<()> {
    let program = second.get_program().to_owned();
    let (first, second) = thread::scope(|scope| {
        let beside = scope.spawn(|| quiet(second));
        let first = run(what, first);
        (first, beside.join().expect("a thread that does not panic"))
    });
    let second = second.with_context(|| format!("{what}: cannot start {program:?}"))?;
    io::stdout().write_all(&second.stdout)?;
    io::stderr().write_all(&second.stderr)?;
    first?;
    if !second.status.success() {
        bail!(Failed::new(what, second.status));
    }
    Ok(())
}

/// Whether a program is there and ends well; what it prints is of no interest.
///
/// # Errors
///
/// It is there but cannot be started.
pub fn succeeds(command: &mut Command) -> Result<bool> {
    match quiet(command) {
        Ok(output) => Ok(output.status.success()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).context(format!("cannot start {:?}", command.get_program())),
    }
}

/// Whether this user is root.
///
/// # Errors
///
/// There is no `id`.
pub fn is_root() -> Result<bool> {
    let id = quiet(Command::new("id").arg("-u")).context("cannot start id")?;
    Ok(id.stdout.trim_ascii() == b"0")
}

/// Runs a program to its end and takes what it prints.
///
/// # Errors
///
/// It cannot be started.
pub fn quiet(command: &mut Command) -> io::Result<Output> {
    command.stdin(Stdio::null()).output()
}

/// Whether a program of this name can be started.
///
/// # Errors
///
/// It is there but cannot be started.
pub fn exists(program: impl AsRef<OsStr>) -> Result<bool> {
    succeeds(Command::new(program).arg("--version"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::Scratch;

    #[test]
    fn a_failure_keeps_its_name_and_code() {
        let error = run("the step", Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "the step failed with exit code 3");
        assert_eq!(exit_code(&error), ExitCode::from(3));
        let error = error.context("more about it");
        assert_eq!(exit_code(&error), ExitCode::from(3));
    }

    #[test]
    fn of_two_at_once_neither_fails_unnoticed() {
        let sh = |script: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", script]);
            command
        };
        let both = |first, second| run_both("both", &mut sh(first), &mut sh(second));
        // Each waits for the other.
        let folder = Scratch::for_test("both");
        let wait = |mine: &str, other: &str| {
            let path = |name| folder.path().join(name).display().to_string();
            let (mine, other) = (path(mine), path(other));
            format!(
                "touch {mine}; for i in $(seq 600); do [ -e {other} ] && exit 0; sleep 0.1; done; exit 9"
            )
        };
        run_both("both", &mut sh(&wait("a", "b")), &mut sh(&wait("b", "a"))).unwrap();
        for (first, second) in [("exit 3", "exit 0"), ("exit 0", "exit 3")] {
            let error = both(first, second).unwrap_err();
            assert_eq!(error.to_string(), "both failed with exit code 3");
        }
    }

    #[test]
    fn without_an_exit_code_it_is_1() {
        let error = run("the step", Command::new("sh").args(["-c", "kill -9 $$"])).unwrap_err();
        assert_eq!(error.to_string(), "the step was stopped by a signal");
        assert_eq!(exit_code(&error), ExitCode::from(1));
        assert_eq!(exit_code(&anyhow::anyhow!("other")), ExitCode::from(1));
    }

    #[test]
    fn a_program_that_is_not_there_does_not_exist() {
        assert!(!exists("no-program-has-this-name").unwrap());
        assert!(exists("cargo").unwrap());
    }
}
