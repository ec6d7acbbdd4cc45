//! What each error means for a program: its exit code, and what the person can do.
//!
//! Every match here names every kind of error: a new one does not compile until it is here.

use std::{borrow::Cow, io};

use flickr_faces::{
    config::ConfigError,
    faces::FacesError,
    files::FileError,
    flickr,
    naming::{MontageError, TagsFileError},
    programs::Program::{ClusterFaces, Download, TagPhotos},
    steps::{StepError, people::PeopleError},
    store::{StoreError, Trouble},
};

use crate::exit::{
    Exit::{self, CannotGoOn, SignIn, Usage},
    Explained, Verdict,
};

const TRY_LATER: &str = "check the network and run again; nothing is lost";
const OTHER_ACCOUNT: &str =
    "use another folder, or another config.ini with --config, for each account";
const WITHOUT_DLIB: &str = "set engine = auto in config.ini, or install dlib and build with it: \
     `cargo build --release --features dlib`";
const MODELS: &str = "run `cargo xtask assets` in the project's folder to fetch the models, \
     or name their folder with `models` in config.ini";
const ENCODER: &str =
    "the descriptor network is named by `encoder_model` in config.ini; `auto` takes dlib's own";
const RUNTIME: &str = "run `cargo xtask assets` in the project's folder to fetch the library, \
     or name another with `onnxruntime_library` in config.ini";
const CUDA: &str = "set `device = auto` or `cpu` in config.ini, or get a library built for CUDA: \
     `flickr-faces-fetch-cuda` of the packages, or `cargo xtask assets --cuda`, fetches one, and `onnxruntime_library` names another";
/// Where Flickr shows a person's keys and secrets.
pub(crate) const MY_APPS: &str = "https://www.flickr.com/services/apps/by/me";

fn plain(exit: Exit) -> Verdict {
    (exit, None)
}

fn hinted(exit: Exit, hint: impl Into<Cow<'static, str>>) -> Verdict {
    (exit, Some(hint.into()))
}

fn list_people() -> String {
    format!("`{ClusterFaces} people list` shows everyone who has a name")
}

fn list_journal() -> String {
    format!("`{ClusterFaces} journal` lists what can be undone")
}

/// Errors that mean the same whatever is in them, and whose message says what to do.
macro_rules! always {
    ($($error:ty => $exit:expr,)*) => {
        $(impl Explained for $error {
            fn verdict(&self) -> Verdict {
                plain($exit)
            }
        })*
    };
}

always! {
    FileError => CannotGoOn,
    MontageError => CannotGoOn,
    io::Error => CannotGoOn,
}

impl Explained for StepError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Config(error) => error.verdict(),
            Self::Store(error) => error.verdict(),
            Self::Flickr(error) => error.verdict(),
            Self::Faces(error) => error.verdict(),
            Self::TagsFile(error) => error.verdict(),
            Self::Montage(error) => error.verdict(),
            Self::People(error) => error.verdict(),
            Self::File(error) => error.verdict(),
            Self::TaskFailed(_) => plain(CannotGoOn),
            Self::TagsBecameOthers { .. } => hinted(
                CannotGoOn,
                "`--only NAME` writes one name a call, which no separator can break",
            ),
            Self::TagsOfOtherAccount { .. } => hinted(Usage, OTHER_ACCOUNT),
            Self::LostStore { .. } => hinted(
                CannotGoOn,
                format!(
                    "put the store back, or name the journal that lay beside it, if only in a backup: \
                     `{TagPhotos} undo --journal tag-photos.journal.jsonl`"
                ),
            ),
            Self::NoSuchPerson { .. }
            | Self::InTheWay { .. }
            | Self::NoFolder { .. }
            | Self::NoDates
            | Self::Table { .. } => plain(Usage),
        }
    }
}

impl Explained for PeopleError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::NotFound { .. } => hinted(Usage, list_people()),
            Self::NoFace { .. }
            | Self::NoFaces { .. }
            | Self::NothingToUndo
            | Self::NoPart { .. }
            | Self::Name(_)
            | Self::Expected { .. }
            | Self::Command(_)
            | Self::Rest { .. } => plain(Usage),
        }
    }
}

impl Explained for ConfigError {
    fn verdict(&self) -> Verdict {
        let hint = match self {
            Self::Missing { path } => format!(
                "run `{Download}` once to have {} made, or name another file with --config",
                path.display()
            ),
            Self::NotSet { path, .. } => format!(
                "get a key at https://www.flickr.com/services/apps/create/ (non-commercial is right); `{Download}` in a \
                 terminal asks for key and secret and tries them, in a script `--api-key KEY --api-secret-file FILE` \
                 gives them; or enter them in {} under [flickr]: api_key = ... and api_secret = ...",
                path.display()
            ),
            // The disk's fault, or that of permissions: not what the file says.
            Self::File(error) => return error.verdict(),
            Self::NotText { .. }
            | Self::Syntax { .. }
            | Self::UnknownKey { .. }
            | Self::Twice { .. }
            | Self::Value { .. } => return plain(Usage),
        };
        (Usage, Some(hint.into()))
    }
}

impl Explained for StoreError {
    fn verdict(&self) -> Verdict {
        match self {
            // What was asked for cannot be: nothing is wrong with the store.
            Self::NoEntry { .. } | Self::AlreadyUndone { .. } => hinted(Usage, list_journal()),
            Self::NoPerson { .. } => hinted(Usage, list_people()),
            Self::NameTaken { .. } | Self::SamePerson { .. } | Self::NotAJournal { .. } => {
                plain(Usage)
            }
            Self::OtherAccount { .. } => hinted(CannotGoOn, OTHER_ACCOUNT),
            error if error.is_stop() => plain(Exit::Stopped),
            Self::Away { .. } => hinted(
                CannotGoOn,
                "see to the database server, and run again when it is back",
            ),
            Self::LockLost { .. } => plain(Exit::Stopped),
            Self::InUse { .. } => hinted(CannotGoOn, "wait for it, or stop it with Ctrl-C"),
            Self::NotAStore { .. } => {
                hinted(CannotGoOn, "name another file with `store` in config.ini")
            }
            Self::Open { .. } | Self::Query { .. } | Self::Damaged { .. } => match self.trouble() {
                Some(trouble) => hinted(CannotGoOn, trouble_hint(trouble)),
                None => plain(CannotGoOn),
            },
            Self::File(_) | Self::Newer { .. } | Self::Face { .. } => plain(CannotGoOn),
        }
    }
}

/// What can be done about the store's file or its disk.
fn trouble_hint(trouble: Trouble) -> Cow<'static, str> {
    let hint = match trouble {
        Trouble::Full => {
            "make room on the disk, /dev/shm or the quota, and run again; nothing is lost"
        }
        Trouble::Damaged => {
            return format!(
                "`{Download} repair` makes a new store of all that can be read, and keeps the damaged one; \
                 or put a backup in its place"
            )
            .into();
        }
        Trouble::NotADatabase => {
            return format!(
                "`{Download} repair` makes a new store of what can be read; or put a backup in its place, or name \
                 another file with `store` in config.ini"
            )
            .into();
        }
        Trouble::CannotOpen => {
            "look at the permissions of the file and its folder, and at how many files a program may have open \
             (`ulimit -n`: 256 will do)"
        }
        Trouble::Busy => "wait for the other program, or stop it with Ctrl-C, and run again",
        Trouble::ReadOnly => {
            "give yourself the right to write to the file and its folder, or name another with `store` in config.ini"
        }
        Trouble::Disk => {
            return format!(
                "look at the system's log for errors of the disk; `{Download} repair` afterwards"
            )
            .into();
        }
        Trouble::Memory => "close other programs, or give this one more memory (`ulimit -v`)",
    };
    hint.into()
}

impl Explained for flickr::Error {
    fn verdict(&self) -> Verdict {
        match self {
            Self::TokenRevoked { .. }
            | Self::NotSignedIn { .. }
            | Self::TokenFileOtherKey { .. } => {
                hinted(SignIn, format!("run `{Download}` to sign in again"))
            }
            Self::BadKey { .. } | Self::SignatureRefused { .. } => hinted(
                SignIn,
                format!("compare api_key and api_secret in config.ini with {MY_APPS}"),
            ),
            Self::SignInRefused { .. } | Self::NoVerifier { .. } => {
                hinted(SignIn, "run the program again to sign in")
            }
            Self::TokenFileMode { .. } | Self::TokenFileContents { .. } => plain(SignIn),
            Self::Throttled { .. }
            | Self::Unavailable { .. }
            | Self::Outage { .. }
            | Self::AnswerLost { .. } => hinted(CannotGoOn, TRY_LATER),
            Self::NoConnection { .. } => hinted(
                CannotGoOn,
                "let the program have more files open (`ulimit -n 256`) or more memory",
            ),
            Self::Stopped { .. } => plain(Exit::Stopped),
            Self::Clock { .. }
            | Self::Api { .. }
            | Self::UnexpectedReply { .. }
            | Self::HostNotAllowed { .. }
            | Self::Image { .. }
            | Self::BadEndpoint { .. }
            | Self::BadArgument { .. }
            | Self::Io { .. }
            | Self::Callback { .. }
            | Self::NoClient { .. } => plain(CannotGoOn),
        }
    }
}

impl Explained for FacesError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::WithoutDlib { .. } => hinted(Usage, WITHOUT_DLIB),
            Self::ModelMissing { .. }
            | Self::ModelIo { .. }
            | Self::ModelSize { .. }
            | Self::ModelChecksum { .. }
            | Self::ModelLoad { .. } => hinted(CannotGoOn, MODELS),
            // The others are known by their SHA-256 before they are read.
            Self::Net(_) => hinted(CannotGoOn, ENCODER),
            Self::RuntimeLoad { .. } => hinted(CannotGoOn, RUNTIME),
            Self::NoCuda { .. } => hinted(CannotGoOn, CUDA),
            Self::TooLarge { .. }
            | Self::OutOfMemory { .. }
            | Self::Engine { .. }
            | Self::RuntimeLoaded { .. }
            | Self::Runtime { .. }
            | Self::DescriptorLength { .. }
            | Self::DescriptorNumber { .. }
            | Self::CropOutside { .. }
            | Self::Crop { .. } => plain(CannotGoOn),
        }
    }
}

impl Explained for TagsFileError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => hinted(
                Usage,
                format!(
                    "run `{ClusterFaces}` first: it writes this file when you give the first name"
                ),
            ),
            Self::Read { .. } | Self::Write { .. } => plain(CannotGoOn),
            Self::Content { .. } | Self::Json { .. } | Self::SamePerson { .. } => plain(Usage),
        }
    }
}

#[cfg(test)]
mod tests;
