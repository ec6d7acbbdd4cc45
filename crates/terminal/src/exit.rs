//! From an error to what the person reads and what a script sees.
//!
//! Every error becomes one line that says what is wrong, perhaps one that says what to do, and an
//! exit code; `hints.rs` lists them, error by error.

use std::{borrow::Cow, error::Error, fmt, process::ExitCode, time::Duration};

use clap::{Parser, error::ErrorKind};
use flickr_faces::programs;

use crate::{command_line, crash, definitions, old_flags::OldFlag, output};

/// Exit codes, as `--help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is done.
    Done = 0,
    /// The arguments or config.ini are wrong.
    Usage = 1,
    /// Done, but some photos failed or are left.
    SomeFailed = 2,
    /// Flickr wants a sign-in or another key.
    SignIn = 3,
    /// It could not go on: network, disk, store, models.
    CannotGoOn = 4,
    /// Stopped by the person.
    Stopped = 130,
}

/// What an error means for the program that ends with it: its exit code, and what to do where the
/// message does not say it.
pub type Verdict = (Exit, Option<Cow<'static, str>>);

/// An error that a program may end with.
pub trait Explained: Error {
    /// What it means.
    fn verdict(&self) -> Verdict;
}

/// A line of piped input that is not an answer: an error of usage.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadAnswer(pub String);

impl Explained for BadAnswer {
    fn verdict(&self) -> Verdict {
        (Exit::Usage, None)
    }
}

/// Why a program ends before its work is done. Made of [`Explained`] errors alone: `?` does not
/// compile for one that has no exit code.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    hint: Option<Cow<'static, str>>,
}

impl Failure {
    /// A failure that is no error of another kind.
    pub fn new(exit: Exit, message: impl fmt::Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            hint: None,
        }
    }

    /// With a line that says what to do.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<Cow<'static, str>>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }

    /// What the program ends with.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// What the person can do, where the message does not say it.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Prints the error and its hint.
    fn print(&self) {
        output::aside(format_args!("error: {self}"));
        if let Some(hint) = &self.hint {
            output::aside(format_args!("hint:  {hint}"));
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<E: Explained> From<E> for Failure {
    fn from(error: E) -> Self {
        let (exit, hint) = error.verdict();
        // What comes from outside, as Flickr's words do, begins no line of its own.
        let message = output::one_line(&message(&error)).into_owned();
        Self {
            exit,
            message,
            hint,
        }
    }
}

/// The error and its causes on one line; a cause that is in the text already is not repeated.
fn message(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        cause = error.source();
    }
    message
}

/// The exit codes, for the end of every `--help`.
pub const EXIT_CODES: &str = "\
Exit codes: 0 done, 1 wrong arguments or settings, 2 some photos failed,
3 sign-in needed, 4 could not go on, 130 stopped by Ctrl-C";

/// The exit codes, for the reference.
pub const EXIT_CODES_LONG: &str = "\
Exit codes:

    0    done
    1    the arguments, config.ini or piped answers are wrong
    2    done, but some photos failed or are left, each with its reason
    3    Flickr wants a sign-in, or does not know the API key
    4    it could not go on: network, disk, store or models
    130  stopped by Ctrl-C; run again to go on";

/// Runs a program: parses its arguments, does its work, explains its error. `old_flags` are those of
/// earlier versions that have become subcommands.
pub fn run<Arguments, Work>(old_flags: &[OldFlag], work: Work) -> ExitCode
where
    Arguments: Parser,
    Work: AsyncFnOnce(Arguments) -> Result<Exit, Failure>,
{
    crash::listen(Exit::CannotGoOn as i32);
    if let Some(name) = std::env::args_os().next() {
        programs::started_as(&name);
    }
    let arguments = match parse::<Arguments>(old_flags) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return code(printed(Exit::Done)),
        Err(error) if error.kind() == ErrorKind::Io => {
            return code(ended(Failure::new(Exit::CannotGoOn, error.render())));
        }
        Err(error) => {
            output::note(error.print());
            // Help and version are no errors; clap's own code for errors is our "some failed".
            return code(match error.use_stderr() {
                true => Exit::Usage,
                false => printed(Exit::Done),
            });
        }
    };
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match crash::while_it_starts(|| runtime.enable_all().build()) {
        Ok(runtime) => runtime,
        Err(error) => return code(ended(error.into())),
    };
    let working = async {
        match work(arguments).await {
            Ok(exit) => exit,
            Err(failure) => ended(failure),
        }
    };
    let worked = crash::unless_it_panics(|| runtime.block_on(working));
    let exit = printed(worked.unwrap_or(Exit::CannotGoOn));
    // What blocks and cannot be called off is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(200));
    code(exit)
}

/// The arguments; `None` where they asked for completions or the like, which are printed by now.
fn parse<Arguments: Parser>(old_flags: &[OldFlag]) -> Result<Option<Arguments>, clap::Error> {
    let mut command = definitions::with_generators(definitions::definition::<Arguments>());
    let words = command_line::words(std::env::args_os().collect(), old_flags, &command)
        .map_err(|problem| command.error(ErrorKind::ArgumentConflict, problem))?;
    let matches = command.try_get_matches_from_mut(words)?;
    match definitions::generate(&matches, definitions::definition::<Arguments>()) {
        Some(generated) => generated
            .map(|()| None)
            .map_err(|error| command.error(ErrorKind::Io, error)),
        None => Arguments::from_arg_matches(&matches).map(Some),
    }
}

/// Ends the program without what C and C++ libraries do at an ordinary end: dlib and OpenBLAS give back memory
/// there that a search under way still uses, and the program died of SIGSEGV instead of ending with its code; with
/// little memory OpenBLAS waits there for ever for a thread that looks for some.
pub(crate) fn at_once(exit: Exit) -> ! {
    output::end();
    signal_hook::low_level::exit(exit as i32)
}

/// The end of a program that has printed something: another where that cannot have arrived.
fn printed(exit: Exit) -> Exit {
    match output::end() {
        Some(error) if matches!(exit, Exit::Done | Exit::SomeFailed) => {
            let message = format!("cannot write to standard output: {error}");
            ended(Failure::new(Exit::CannotGoOn, message))
        }
        _ => exit,
    }
}

/// Never comes back: see [`at_once`].
fn code(exit: Exit) -> ExitCode {
    at_once(exit)
}

fn ended(failure: Failure) -> Exit {
    failure.print();
    failure.exit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_named_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("{text}")]
        struct Link {
            text: &'static str,
            source: Option<Box<Link>>,
        }
        let link = |text, source: Option<Link>| Link {
            text,
            source: source.map(Box::new),
        };
        let deepest = link("no such file", None);
        let middle = link("cannot open faces.sqlite: no such file", Some(deepest));
        let error = link("while listing", Some(middle));
        assert_eq!(
            message(&error),
            "while listing: cannot open faces.sqlite: no such file"
        );
    }
}
