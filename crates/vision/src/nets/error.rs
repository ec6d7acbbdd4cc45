//! Why a model file could not be read.

use std::io;
use std::path::PathBuf;

/// A model file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The file could not be read.
    #[error("cannot read model file {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than any model.
    #[error("model file {} has more than {max} bytes: not a dlib model", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        max: u64,
    },
    /// The file holds something else than it should.
    #[error("model file {} is damaged or of another kind: byte {offset}: expected {expected}, found {found}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where, in bytes from the beginning.
        offset: usize,
        /// What should be there.
        expected: Box<str>,
        /// What is there.
        found: Box<str>,
    },
}
