//! Why the file of an earlier search did not serve.

use std::{fmt, io};

/// Why all faces are compared again.
#[derive(Debug, Clone, PartialEq)]
pub enum CacheMiss {
    /// The file cannot be read.
    Unreadable(String),
    /// The file is not a neighbour cache, or that of another version.
    Foreign,
    /// The file is not as it was written.
    Damaged,
    /// It knows none of the faces.
    OtherFaces,
    /// It holds only pairs nearer than are needed now.
    Narrower {
        /// Pairs nearer than this.
        than: f32,
    },
    /// Memory held only the nearest pairs, and now others are needed.
    Cut,
}

impl fmt::Display for CacheMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "cannot be read ({why})"),
            Self::Foreign => f.write_str("is not a neighbour cache this version can read"),
            Self::Damaged => f.write_str("is damaged"),
            Self::OtherFaces => f.write_str(
                "has none of these faces: it belongs to another store or another encoder_model",
            ),
            Self::Narrower { than } => write!(f, "only holds pairs nearer than {than:.2}"),
            Self::Cut => {
                f.write_str("only holds each face's nearest neighbours, and more are needed now")
            }
        }
    }
}

impl From<io::Error> for CacheMiss {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged,
            _ => Self::Unreadable(error.to_string()),
        }
    }
}
