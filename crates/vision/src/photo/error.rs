//! Why a file cannot be used as a photo.

use std::io;
use std::path::PathBuf;

use super::Kind;

/// What is wrong with a photo file.
#[derive(Debug, thiserror::Error)]
pub enum PhotoError {
    /// The file could not be read.
    #[error("cannot read {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is neither JPEG nor PNG.
    #[error("{} is not a JPEG or PNG but {kind}: {begins}", path.display())]
    NotAPhoto {
        /// The file.
        path: PathBuf,
        /// What its first bytes say.
        kind: Kind,
        /// Those bytes, made readable.
        begins: String,
    },
    /// The file ends before the picture does.
    #[error("{} is cut off: {what}", path.display())]
    CutOff {
        /// The file.
        path: PathBuf,
        /// What is missing.
        what: String,
    },
    /// The picture is damaged, or of a form that the decoder does not know.
    #[error("cannot decode {}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
    /// More pixels or bytes than allowed.
    #[error("{} is too large: {found}, {limit} at most", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
        /// What is allowed.
        limit: String,
    },
}

/// Why a file's bytes give no pixels.
#[derive(Debug)]
pub(super) enum Failure {
    /// The file ends before the picture does: what is missing.
    CutOff(String),
    /// It is damaged, or of a form that is not known.
    Damaged(String),
    /// Width and height.
    TooLarge(u32, u32),
}
