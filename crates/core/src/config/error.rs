//! What can be wrong with a config.ini, said so that it can be put right without the manual.

use std::path::PathBuf;

use crate::files::FileError;

/// An error about config.ini.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("{path}: there is no such file", path = path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is no text file, or far too large for one of settings.
    #[error("{path}: found {found}, expected a text file in UTF-8 of at most 1 MB", path = path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// What it is.
        found: String,
    },
    /// A line is neither a key with a value, a section, a comment nor blank.
    #[error("{path}, line {line}: found `{found}`, expected `KEY = value`, `[section]` or a comment", path = path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The line as it stands there.
        found: String,
    },
    /// A key that no program knows.
    #[error("{path}, line {line}: unknown key `{key}`{}", .guess.map(|guess| format!(": did you mean `{guess}`?")).unwrap_or_default(), path = path.display())]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// The known key that is spelt most like it.
        guess: Option<&'static str>,
    },
    /// The same setting twice, perhaps under an older name.
    #[error("{path}, line {line}: `{key}` sets the same thing as `{earlier}` in line {earlier_line}; keep one of them", path = path.display())]
    Twice {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The key as written here.
        key: String,
        /// The key as written before.
        earlier: String,
        /// Where it was written before.
        earlier_line: usize,
    },
    /// A value out of range or of another kind.
    #[error("{path}, line {line}: {key} is `{found}`, expected {expected}", path = path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// The key as written.
        key: String,
        /// The value as written; secrets are never wrong in a way that shows them.
        found: String,
        /// What would be right, with its range.
        expected: String,
    },
    /// A key that this program cannot do without.
    #[error("{path}: {key} is not set", path = path.display())]
    NotSet {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
    },
}
