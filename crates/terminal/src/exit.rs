//! From an error to what the person reads and what a script sees.
//!
//! Every error becomes one line that says what is wrong, perhaps one that says what to do, and an
//! exit code.

use std::{io::Write, process::ExitCode};

use clap::{Parser, error::ErrorKind};
use flickr_faces::{
    config::ConfigError,
    faces::FacesError,
    flickr,
    naming::tags_file::TagsFileError,
    steps::{StepError, people::PeopleError},
    store::StoreError,
};

use crate::{
    definitions,
    old_flags::{self, OldFlag},
};

/// Exit codes, as `--help` lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is done.
    Done = 0,
    /// The arguments or config.ini are wrong.
    Usage = 1,
    /// Done, but some photos failed.
    SomeFailed = 2,
    /// Flickr wants a sign-in or another key.
    SignIn = 3,
    /// It could not go on: network, disk, store, models.
    CannotGoOn = 4,
    /// Stopped by the person.
    Stopped = 130,
}

/// A line of piped input that is no answer: an error of usage.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadAnswer(pub String);

/// The exit codes, for the end of every `--help`.
pub const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    the arguments, config.ini or piped answers are wrong
  2    done, but some photos failed, each with its reason
  3    Flickr wants a sign-in, or does not know the API key
  4    it could not go on: network, disk, store or models
  130  stopped by Ctrl-C; run again to go on";

/// Runs a program: parses its arguments, does its work, explains its error. `old_flags` are those of
/// earlier versions that have become subcommands.
pub fn run<Arguments, Work>(old_flags: &[OldFlag], work: Work) -> ExitCode
where
    Arguments: Parser,
    Work: AsyncFnOnce(Arguments) -> anyhow::Result<Exit>,
{
    let arguments = match parse::<Arguments>(old_flags) {
        Ok(Some(arguments)) => arguments,
        Ok(None) => return code(Exit::Done),
        Err(error) => {
            error.print().ok();
            // Help and version are no errors; clap's own code for errors is our "some failed".
            return code(if error.use_stderr() {
                Exit::Usage
            } else {
                Exit::Done
            });
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return code(explain(&error.into())),
    };
    code(runtime.block_on(async {
        match work(arguments).await {
            Ok(exit) => exit,
            Err(error) => explain(&error),
        }
    }))
}

/// The arguments; `None` where they asked for completions or the like, which are printed by now.
fn parse<Arguments: Parser>(old_flags: &[OldFlag]) -> Result<Option<Arguments>, clap::Error> {
    let mut command = definitions::with_generators(Arguments::command());
    let words = old_flags::modernize(std::env::args_os().collect(), old_flags)
        .map_err(|problem| command.error(ErrorKind::ArgumentConflict, problem))?;
    let matches = command.try_get_matches_from_mut(words)?;
    if let Some(problem) = definitions::misplaced(&command, &matches) {
        return Err(command.error(ErrorKind::ArgumentConflict, problem));
    }
    match definitions::generate(&matches, Arguments::command()) {
        Some(generated) => generated
            .map(|()| None)
            .map_err(|error| command.error(ErrorKind::Io, error)),
        None => Arguments::from_arg_matches(&matches).map(Some),
    }
}

fn code(exit: Exit) -> ExitCode {
    ExitCode::from(exit as u8)
}

/// Prints an error with its hint and says which exit code it has.
pub fn explain(error: &anyhow::Error) -> Exit {
    let (exit, hint) = judge(error);
    let mut stderr = std::io::stderr().lock();
    writeln!(stderr, "error: {}", message(error)).ok();
    if let Some(hint) = hint {
        writeln!(stderr, "hint:  {hint}").ok();
    }
    exit
}

/// The error and its causes on one line; a cause that is in the text already is not said twice.
fn message(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |said, cause| {
        let cause = cause.to_string();
        match said.as_str() {
            "" => cause,
            _ if said.contains(&cause) => said,
            _ => format!("{said}: {cause}"),
        }
    })
}

fn judge(error: &anyhow::Error) -> (Exit, Option<String>) {
    for cause in error.chain() {
        if let Some(error) = cause.downcast_ref::<StepError>() {
            match error {
                StepError::Config(error) => return of_config(error),
                StepError::Store(error) => return of_store(error),
                StepError::Flickr(error) => return of_flickr(error),
                StepError::Faces(error) => return of_faces(error),
                StepError::TagsFile(error) => return of_tags_file(error),
                StepError::NoSuchPerson { .. } | StepError::InTheWay { .. } => {
                    return (Exit::Usage, None);
                }
                StepError::OtherAccount { .. } | StepError::TagsOfOtherAccount { .. } => {
                    return (Exit::Usage, Some(OTHER_ACCOUNT.to_owned()));
                }
                StepError::People(PeopleError::NotFound { .. }) => {
                    return (Exit::Usage, Some(WHO_IS_THERE.to_owned()));
                }
                StepError::People(_) => return (Exit::Usage, None),
                StepError::NothingArrives { .. } => {
                    return (Exit::CannotGoOn, Some(TRY_LATER.to_owned()));
                }
                _ => return (Exit::CannotGoOn, None),
            }
        }
        if cause.is::<BadAnswer>() {
            return (Exit::Usage, None);
        }
        if let Some(error) = cause.downcast_ref::<ConfigError>() {
            return of_config(error);
        }
        if let Some(error) = cause.downcast_ref::<StoreError>() {
            return of_store(error);
        }
        if let Some(error) = cause.downcast_ref::<flickr::Error>() {
            return of_flickr(error);
        }
        if let Some(error) = cause.downcast_ref::<FacesError>() {
            return of_faces(error);
        }
        if let Some(error) = cause.downcast_ref::<TagsFileError>() {
            return of_tags_file(error);
        }
    }
    (Exit::CannotGoOn, None)
}

const TRY_LATER: &str = "check the network and run again; nothing is lost";
const WHO_IS_THERE: &str = "`cluster-faces people list` shows everyone who has a name";
const OTHER_ACCOUNT: &str =
    "use another folder, or another config.ini with --config, for each account";
const WITHOUT_DLIB: &str = "set DETECTION_METHOD = cnn and engine = auto in config.ini, \
     or build with dlib, as `cargo build --release` does";

fn of_config(error: &ConfigError) -> (Exit, Option<String>) {
    let hint = match error {
        ConfigError::Missing { path } => Some(format!(
            "run `download` once to have {} made, or name another file with --config",
            path.display()
        )),
        ConfigError::NotSet { path, .. } => Some(format!(
            "get a key at https://www.flickr.com/services/apps/create/ (non-commercial is right), \
             and enter it in {} under [flickr]: api_key = ... and api_secret = ...",
            path.display()
        )),
        _ => None,
    };
    (Exit::Usage, hint)
}

fn of_store(error: &StoreError) -> (Exit, Option<String>) {
    let hint = match error {
        StoreError::OtherAccount { .. } => Some(OTHER_ACCOUNT.to_owned()),
        // What was asked for cannot be: nothing is wrong with the store.
        StoreError::NoEntry { .. } | StoreError::AlreadyUndone { .. } => {
            return (
                Exit::Usage,
                Some("`cluster-faces journal` lists what can be undone".to_owned()),
            );
        }
        StoreError::NameTaken { .. } | StoreError::SamePerson { .. } => return (Exit::Usage, None),
        StoreError::InUse { .. } => Some("wait for it, or stop it with Ctrl-C".to_owned()),
        StoreError::NoStore { .. } => {
            Some("name another file with `store` in config.ini".to_owned())
        }
        _ => None,
    };
    (Exit::CannotGoOn, hint)
}

fn of_flickr(error: &flickr::Error) -> (Exit, Option<String>) {
    use flickr::Error;
    let (exit, hint) = match error {
        error if error.needs_sign_in() => (Exit::SignIn, "run `download` to sign in again"),
        Error::BadKey { .. } | Error::SignatureRefused { .. } => (
            Exit::SignIn,
            "compare api_key and api_secret in config.ini with https://www.flickr.com/services/apps/by/me",
        ),
        Error::SignInRefused { .. } | Error::NoVerifier { .. } => {
            (Exit::SignIn, "run the program again to sign in")
        }
        Error::TokenFileMode { .. } | Error::TokenFileContents { .. } => {
            return (Exit::SignIn, None);
        }
        Error::Throttled { .. } | Error::Unavailable { .. } | Error::AnswerLost { .. } => {
            (Exit::CannotGoOn, TRY_LATER)
        }
        _ => return (Exit::CannotGoOn, None),
    };
    (exit, Some(hint.to_owned()))
}

fn of_faces(error: &FacesError) -> (Exit, Option<String>) {
    let hint = match error {
        FacesError::WithoutDlib { .. } => {
            return (Exit::Usage, Some(WITHOUT_DLIB.to_owned()));
        }
        FacesError::ModelMissing { .. }
        | FacesError::ModelIo { .. }
        | FacesError::ModelSize { .. }
        | FacesError::ModelChecksum { .. }
        | FacesError::ModelLoad { .. } => Some(
            "run `cargo xtask assets` in the project's folder to fetch the models, \
             or name their folder with `models` in config.ini"
                .to_owned(),
        ),
        // The others are known by their SHA-256 before they are read.
        FacesError::Net(_) => Some(
            "the descriptor network is named by `encoder_model` in config.ini; `auto` takes dlib's own"
                .to_owned(),
        ),
        FacesError::RuntimeLoad { .. } => Some(
            "run `cargo xtask assets` in the project's folder to fetch the library, \
             or name another with `onnxruntime_library` in config.ini"
                .to_owned(),
        ),
        FacesError::NoCuda { .. } => Some(
            "set `device = auto` or `cpu` in config.ini, \
             or name a library built for CUDA with `onnxruntime_library`"
                .to_owned(),
        ),
        _ => None,
    };
    (Exit::CannotGoOn, hint)
}

fn of_tags_file(error: &TagsFileError) -> (Exit, Option<String>) {
    let hint = match error {
        TagsFileError::Read { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Some("run `cluster-faces` first: it writes this file when you give the first name")
        }
        _ => None,
    };
    (Exit::Usage, hint.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_codes_and_say_what_to_do() {
        struct Case {
            error: anyhow::Error,
            exit: Exit,
            hint: &'static str,
        }
        let cases = [
            Case {
                error: ConfigError::NotSet {
                    path: "a/config.ini".into(),
                    key: "api_key",
                }
                .into(),
                exit: Exit::Usage,
                hint: "a/config.ini",
            },
            Case {
                error: anyhow::Error::from(StepError::from(flickr::Error::TokenRevoked {
                    method: "flickr.test.login".into(),
                    problem: "98".into(),
                }))
                .context("while listing"),
                exit: Exit::SignIn,
                hint: "sign in again",
            },
            Case {
                error: StepError::from(FacesError::ModelMissing {
                    path: "m.dat".into(),
                })
                .into(),
                exit: Exit::CannotGoOn,
                hint: "cargo xtask assets",
            },
            Case {
                error: FacesError::WithoutDlib {
                    wanted: "engine = dlib",
                }
                .into(),
                exit: Exit::Usage,
                hint: "DETECTION_METHOD = cnn",
            },
            Case {
                error: StepError::NothingArrives {
                    photos: 9,
                    last: "no answer".into(),
                }
                .into(),
                exit: Exit::CannotGoOn,
                hint: "run again",
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|case| (case, judge(&case.error)))
            .filter(|(case, (exit, hint))| {
                *exit != case.exit || !hint.as_deref().unwrap_or("").contains(case.hint)
            })
            .map(|(case, found)| (case.error.to_string(), found))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
