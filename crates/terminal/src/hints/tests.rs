//! What each error means, error by error.

use flickr_faces::naming::Name;
use std::time::Duration;

use flickr_faces::{
    faces::Rect,
    flickr::ImageProblem,
    ids::{JournalId, PersonId},
    nets::NetError,
    store::{GaveUp, Saved},
};

use super::*;
use crate::exit::Failure;

fn io() -> io::Error {
    io::ErrorKind::PermissionDenied.into()
}

fn file() -> FileError {
    FileError {
        path: "f".into(),
        what: "cannot write",
        source: io(),
    }
}

fn config() -> Vec<(ConfigError, Exit, &'static str)> {
    vec![
        (
            ConfigError::Missing {
                path: "a/config.ini".into(),
            },
            Usage,
            "to have a/config.ini made",
        ),
        (ConfigError::File(file()), CannotGoOn, ""),
        (
            ConfigError::NotText {
                path: "c".into(),
                found: "x".into(),
            },
            Usage,
            "",
        ),
        (
            ConfigError::Syntax {
                path: "c".into(),
                line: 1,
                found: "x".into(),
            },
            Usage,
            "",
        ),
        (
            ConfigError::UnknownKey {
                path: "c".into(),
                line: 1,
                key: "x".into(),
                guess: None,
            },
            Usage,
            "",
        ),
        (
            ConfigError::Twice {
                path: "c".into(),
                line: 2,
                key: "x".into(),
                earlier: "x".into(),
                earlier_line: 1,
            },
            Usage,
            "",
        ),
        (
            ConfigError::Value {
                path: "c".into(),
                line: 1,
                key: "x".into(),
                found: "y".into(),
                expected: "z".into(),
            },
            Usage,
            "",
        ),
        (
            ConfigError::NotSet {
                path: "a/config.ini".into(),
                key: "api_key",
            },
            Usage,
            "or enter them in a/config.ini",
        ),
    ]
}

fn store() -> Vec<(StoreError, Exit, &'static str)> {
    let store = || "s".to_owned();
    let (entry, person) = (JournalId(1), PersonId(1));
    vec![
        (StoreError::File(file()), CannotGoOn, ""),
        (
            StoreError::Open {
                store: store(),
                source: sqlx::Error::PoolClosed,
            },
            CannotGoOn,
            "",
        ),
        (
            StoreError::Damaged {
                store: store(),
                found: "x".into(),
            },
            CannotGoOn,
            "`download repair`",
        ),
        (
            StoreError::NotAStore {
                store: store(),
                found: "x".into(),
            },
            CannotGoOn,
            "`store` in config.ini",
        ),
        (
            StoreError::Newer {
                store: store(),
                found: 9,
                known: 5,
            },
            CannotGoOn,
            "",
        ),
        (
            StoreError::Query {
                store: store(),
                what: "read",
                source: sqlx::Error::PoolClosed,
            },
            CannotGoOn,
            "",
        ),
        (
            StoreError::Face {
                store: store(),
                face: "1:2".parse().unwrap(),
                source: FacesError::DescriptorLength { found: 1 },
            },
            CannotGoOn,
            "",
        ),
        (
            StoreError::InUse {
                store: store(),
                by: "download",
            },
            CannotGoOn,
            "wait for it",
        ),
        (
            StoreError::LockLost {
                store: store(),
                by: "tag-photos",
            },
            Exit::Stopped,
            "",
        ),
        (
            StoreError::Away {
                store: store(),
                what: "read",
                why: "x".to_owned(),
                gave_up: GaveUp::Stopped,
                saved: Saved::No,
            },
            Exit::Stopped,
            "",
        ),
        (
            StoreError::Away {
                store: store(),
                what: "read",
                why: "x".to_owned(),
                gave_up: GaveUp::After(Duration::from_secs(60)),
                saved: Saved::Unknown,
            },
            CannotGoOn,
            "see to the database server",
        ),
        (
            StoreError::OtherAccount {
                store: store(),
                found: "1@N00".into(),
                expected: "2@N00".into(),
            },
            CannotGoOn,
            "another folder",
        ),
        (
            StoreError::NoEntry {
                store: store(),
                entry,
                newest: entry,
            },
            Usage,
            "what can be undone",
        ),
        (
            StoreError::AlreadyUndone {
                store: store(),
                entry,
                by: entry,
            },
            Usage,
            "what can be undone",
        ),
        (
            StoreError::NoPerson {
                store: store(),
                person,
            },
            Usage,
            "everyone who has a name",
        ),
        (StoreError::NameTaken { name: "Ada".into() }, Usage, ""),
        (StoreError::SamePerson { name: "Ada".into() }, Usage, ""),
    ]
}

fn flickr() -> Vec<(flickr::Error, Exit, &'static str)> {
    use flickr::Error;
    let text = || "x".to_owned();
    let photo = || "53".parse().unwrap();
    vec![
        (
            Error::TokenRevoked {
                method: text(),
                problem: text(),
            },
            SignIn,
            "sign in again",
        ),
        (
            Error::NotSignedIn {
                method: text(),
                problem: text(),
            },
            SignIn,
            "sign in again",
        ),
        (
            Error::BadKey {
                method: text(),
                problem: text(),
            },
            SignIn,
            "compare api_key",
        ),
        (
            Error::SignatureRefused { method: text() },
            SignIn,
            "compare api_key",
        ),
        (
            Error::NoConnection {
                method: text(),
                why: text(),
            },
            CannotGoOn,
            "ulimit -n",
        ),
        (
            Error::Clock {
                method: text(),
                ahead: None,
            },
            CannotGoOn,
            "",
        ),
        (
            Error::SignInRefused {
                step: text(),
                problem: text(),
            },
            SignIn,
            "again to sign in",
        ),
        (
            Error::NoVerifier { found: text() },
            SignIn,
            "again to sign in",
        ),
        (
            Error::Throttled {
                method: text(),
                wait: Duration::ZERO,
            },
            CannotGoOn,
            "run again",
        ),
        (
            Error::Unavailable {
                method: text(),
                tries: 3,
                why: text(),
            },
            CannotGoOn,
            "run again",
        ),
        (
            Error::Api {
                method: text(),
                code: 1,
                message: text(),
            },
            CannotGoOn,
            "",
        ),
        (
            Error::AnswerLost {
                method: text(),
                why: text(),
            },
            CannotGoOn,
            "run again",
        ),
        (
            Error::UnexpectedReply {
                method: text(),
                expected: text(),
                excerpt: text(),
            },
            CannotGoOn,
            "",
        ),
        (
            Error::HostNotAllowed {
                photo: photo(),
                host: text(),
            },
            CannotGoOn,
            "",
        ),
        (
            Error::Image {
                photo: photo(),
                problem: ImageProblem::Unavailable,
            },
            CannotGoOn,
            "",
        ),
        (Error::BadEndpoint { found: text() }, CannotGoOn, ""),
        (
            Error::BadArgument {
                what: "tag",
                found: text(),
                expected: "y",
            },
            CannotGoOn,
            "",
        ),
        (
            Error::TokenFileMode {
                path: "t".into(),
                mode: 0o644,
            },
            SignIn,
            "",
        ),
        (
            Error::TokenFileContents {
                path: "t".into(),
                problem: text(),
            },
            SignIn,
            "",
        ),
        (
            Error::TokenFileOtherKey { path: "t".into() },
            SignIn,
            "sign in again",
        ),
        (
            Error::Io {
                path: "f".into(),
                source: io(),
            },
            CannotGoOn,
            "",
        ),
        (Error::Callback { source: io() }, CannotGoOn, ""),
    ]
}

fn faces() -> Vec<(FacesError, Exit, &'static str)> {
    let path = || "m.dat".into();
    let reason = || "x".to_owned();
    let rect = Rect {
        left: 0,
        top: 0,
        right: 1,
        bottom: 1,
    };
    let (width, height) = (1, 1);
    vec![
        (
            FacesError::WithoutDlib {
                wanted: "engine = dlib",
            },
            Usage,
            "cargo build --release --features dlib",
        ),
        (
            FacesError::ModelMissing { path: path() },
            CannotGoOn,
            "cargo xtask assets",
        ),
        (
            FacesError::ModelIo {
                path: path(),
                source: io(),
            },
            CannotGoOn,
            "cargo xtask assets",
        ),
        (
            FacesError::ModelSize {
                path: path(),
                found: 1,
                expected: 2,
            },
            CannotGoOn,
            "cargo xtask assets",
        ),
        (
            FacesError::ModelChecksum {
                path: path(),
                found: reason(),
                expected: "y",
            },
            CannotGoOn,
            "cargo xtask assets",
        ),
        (
            FacesError::ModelLoad {
                path: path(),
                reason: reason(),
            },
            CannotGoOn,
            "cargo xtask assets",
        ),
        (
            FacesError::Net(NetError::Io {
                path: path(),
                source: io(),
            }),
            CannotGoOn,
            "encoder_model",
        ),
        (
            FacesError::RuntimeLoad {
                path: path(),
                reason: reason(),
            },
            CannotGoOn,
            "onnxruntime_library",
        ),
        (
            FacesError::NoCuda {
                path: path(),
                reason: reason(),
            },
            CannotGoOn,
            "`device = auto`",
        ),
        (
            FacesError::RuntimeLoaded {
                path: path(),
                loaded: path(),
            },
            CannotGoOn,
            "",
        ),
        (
            FacesError::Runtime {
                what: "run",
                reason: reason(),
            },
            CannotGoOn,
            "",
        ),
        (
            FacesError::TooLarge {
                width,
                height,
                max_pixels: 1,
            },
            CannotGoOn,
            "",
        ),
        (
            FacesError::OutOfMemory {
                width,
                height,
                bytes: 1,
                available: 0,
            },
            CannotGoOn,
            "",
        ),
        (
            FacesError::Engine {
                what: "descriptors",
                found: 1,
                expected: 2,
            },
            CannotGoOn,
            "",
        ),
        (FacesError::DescriptorLength { found: 1 }, CannotGoOn, ""),
        (FacesError::DescriptorNumber { index: 1 }, CannotGoOn, ""),
        (
            FacesError::CropOutside {
                rect,
                width,
                height,
            },
            CannotGoOn,
            "",
        ),
        (
            FacesError::Crop {
                rect,
                reason: reason(),
            },
            CannotGoOn,
            "",
        ),
    ]
}

fn tags_file() -> Vec<(TagsFileError, Exit, &'static str)> {
    let path = || "tags.json".into();
    vec![
        (
            TagsFileError::Read {
                path: path(),
                source: io::ErrorKind::NotFound.into(),
            },
            Usage,
            "run `cluster-faces` first",
        ),
        (
            TagsFileError::Read {
                path: path(),
                source: io(),
            },
            CannotGoOn,
            "",
        ),
        (
            TagsFileError::Write {
                path: path(),
                source: io(),
            },
            CannotGoOn,
            "",
        ),
        (
            TagsFileError::Content {
                path: path(),
                line: 1,
                column: 1,
                problem: "x".into(),
            },
            Usage,
            "",
        ),
        (
            TagsFileError::Json {
                source: serde_json::from_str::<u8>("").unwrap_err(),
            },
            Usage,
            "",
        ),
        (TagsFileError::SamePerson { name: "Ada".into() }, Usage, ""),
    ]
}

fn people() -> Vec<(PeopleError, Exit, &'static str)> {
    let name = || "Ada".to_owned();
    let refused = [
        PeopleError::NoFace {
            found: "x".into(),
            name: name(),
            faces: 1,
        },
        PeopleError::NoFaces {
            name: name(),
            faces: 1,
        },
        PeopleError::NothingToUndo,
        PeopleError::NoPart {
            part: 1,
            threshold: 0.5,
            name: name(),
            parts: 0,
        },
        PeopleError::Name(Name::new("").unwrap_err()),
        PeopleError::Expected {
            found: "x".into(),
            expected: "a number",
        },
        PeopleError::Command(":z".into()),
        PeopleError::Rest {
            command: ":q".into(),
            rest: "now".into(),
        },
    ];
    let not_found = PeopleError::NotFound {
        name: name(),
        similar: None,
    };
    let mut cases = vec![(not_found, Usage, "everyone who has a name")];
    cases.extend(refused.map(|error| (error, Usage, "")));
    cases
}

fn step() -> Vec<(StepError, Exit, &'static str)> {
    let own = [
        (
            StepError::Montage(MontageError::Write {
                path: "m.jpg".into(),
                source: io(),
            }),
            CannotGoOn,
            "",
        ),
        (StepError::File(file()), CannotGoOn, ""),
        (
            StepError::Flickr(flickr::Error::Outage {
                what: "does not answer",
                waited: Duration::from_secs(3600),
                why: "HTTP status 502".into(),
            }),
            CannotGoOn,
            "run again",
        ),
        (StepError::TaskFailed("clustering"), CannotGoOn, ""),
        (
            StepError::LostStore {
                store: "s".into(),
                tags: "tags.json".into(),
            },
            CannotGoOn,
            "tag-photos undo --journal",
        ),
        (
            StepError::TagsOfOtherAccount {
                path: "tags.json".into(),
                found: "1@N00".into(),
                store: "s".into(),
                expected: "2@N00".into(),
            },
            Usage,
            "another folder",
        ),
        (
            StepError::NoSuchPerson {
                name: "Ada".into(),
                place: "tags.json".into(),
                guess: None,
            },
            Usage,
            "",
        ),
        (
            StepError::InTheWay {
                path: "f".into(),
                found: "x".into(),
            },
            Usage,
            "",
        ),
    ];
    fn of<E: Into<StepError>>(
        errors: Vec<(E, Exit, &'static str)>,
    ) -> impl Iterator<Item = (StepError, Exit, &'static str)> {
        let errors = errors.into_iter();
        errors.map(|(error, exit, hint)| (error.into(), exit, hint))
    }
    let own = own.into_iter();
    own.chain(of(config()))
        .chain(of(store()))
        .chain(of(flickr()))
        .chain(of(faces()))
        .chain(of(tags_file()))
        .chain(of(people()))
        .collect()
}

/// An error means the same by itself and as that of a step.
#[test]
fn every_error_has_its_code_and_says_what_to_do() {
    let mut wrong = Vec::new();
    for (error, exit, hint) in step() {
        let text = error.to_string();
        let failure = Failure::from(error);
        let found = failure.hint().unwrap_or_default();
        if failure.exit() != exit || !found.contains(hint) || found.is_empty() != hint.is_empty() {
            wrong.push((text, failure));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let failure = Failure::from(io());
    assert_eq!((failure.exit(), failure.hint()), (CannotGoOn, None));
}
