//! What can end a step.

use std::path::PathBuf;

use crate::{
    config::ConfigError, faces::FacesError, files::FileError, flickr, ids::PhotoId, naming,
    programs::Program, store::StoreError, text::did_you_mean,
};

/// An error that ends a step; one photo's error never does.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// About config.ini.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// About the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// About Flickr.
    #[error(transparent)]
    Flickr(#[from] flickr::Error),
    /// About the models or the engine.
    #[error(transparent)]
    Faces(#[from] FacesError),
    /// About tags.json.
    #[error(transparent)]
    TagsFile(#[from] naming::tags_file::TagsFileError),
    /// About a montage.
    #[error(transparent)]
    Montage(#[from] naming::montage::MontageError),
    /// About people that were asked for.
    #[error(transparent)]
    People(#[from] super::people::PeopleError),
    /// About another file or folder.
    #[error(transparent)]
    File(#[from] FileError),
    /// Tags were added, and others are there: this account separates tags otherwise.
    #[error(
        "photo {photo}: Flickr did not keep {} as it was sent; the photo has the tags {} now. `{} undo` \
         removes what came of it",
        quoted(.sent), quoted(.found), Program::TagPhotos
    )]
    TagsBecameOthers {
        /// The photo.
        photo: PhotoId,
        /// The texts of the tags.
        sent: Vec<String>,
        /// Those that the photo has now.
        found: Vec<String>,
    },
    /// tags.json belongs to another account than the store.
    #[error("{path}: holds photos of account {found}, but the store {store} holds those of {expected}", path = path.display())]
    TagsOfOtherAccount {
        /// The file.
        path: PathBuf,
        /// Whose photos are in it.
        found: String,
        /// The store.
        store: String,
        /// Whose photos are in the store.
        expected: String,
    },
    /// The store that knew what was written to Flickr was lost or replaced.
    #[error(
        "{store}: {tags} was written from another store, and this one has no journal of tags: what is yours on \
         Flickr and what the programs wrote there, it cannot tell", tags = tags.display()
    )]
    LostStore {
        /// The store that is there.
        store: String,
        /// tags.json.
        tags: PathBuf,
    },
    /// A name that no one has.
    #[error("{place} has no person named {name:?}{}", did_you_mean(.guess.as_deref()))]
    NoSuchPerson {
        /// The name as it was given.
        name: String,
        /// Where it was looked for.
        place: String,
        /// The name there that is spelt most like it.
        guess: Option<String>,
    },
    /// A file that was to be written holds something else.
    #[error("{path}: {found}; left unchanged", path = path.display())]
    InTheWay {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// A folder that was named and is not there.
    #[error("{path}: there is no such folder", path = path.display())]
    NoFolder {
        /// As it was named.
        path: PathBuf,
    },
    /// Photos are to be known by their dates, and the store knows none.
    #[error(
        "the store does not know when any photo was taken; `{} --relist` asks Flickr",
        Program::Download
    )]
    NoDates,
    /// A table of photos and files that cannot be used.
    #[error("{path}:{line}: {problem}", path = path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: u64,
        /// What was found there.
        problem: String,
    },
    /// A thread or task of our own stopped unexpectedly.
    #[error("internal error: {0} stopped unexpectedly; please report it")]
    TaskFailed(&'static str),
}

impl StepError {
    /// The same, where something was decided and nothing of that had been written.
    pub(crate) fn before_saving(self) -> Self {
        match self {
            Self::Store(error) => Self::Store(error.before_saving()),
            other => other,
        }
    }

    /// Whether it only says that the step was to end.
    #[must_use]
    pub(crate) fn is_stop(&self) -> bool {
        match self {
            Self::Flickr(error) => matches!(error, flickr::Error::Stopped { .. }),
            Self::Store(error) => error.is_stop(),
            _ => false,
        }
    }

    /// Whether it only says that what was asked for about people cannot be: then nothing is wrong with
    /// the store, nothing was changed, and something else can be asked.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::People(_)
                | Self::Store(
                    StoreError::NameTaken { .. }
                        | StoreError::SamePerson { .. }
                        | StoreError::NoEntry { .. }
                        | StoreError::AlreadyUndone { .. }
                        | StoreError::NoPerson { .. }
                )
        )
    }
}

fn quoted(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
    texts.join(", ")
}
