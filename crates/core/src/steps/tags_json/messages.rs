//! What was changed by hand, as sentences.

use std::{fmt, path::PathBuf};

use crate::ids::JournalId;

/// What was taken over from tags.json.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOver {
    /// The file.
    pub path: PathBuf,
    /// The entry in the journal: undo it, and the file is written as it was before the change.
    pub entry: JournalId,
    /// What was changed.
    pub changes: Vec<Change>,
    /// Photos without a face that could be named for the person: they stay in the file.
    pub without_face: usize,
}

/// One change, with the names as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A person has another name.
    Renamed {
        /// The old one.
        from: String,
        /// The new one.
        to: String,
    },
    /// A new person, with this many photos.
    New(String, usize),
    /// A person and their photos are not in the file any more.
    Gone(String, usize),
    /// Photos show the person now.
    Added(String, usize),
    /// Photos no longer show the person.
    Removed(String, usize),
    /// The text of the tag; `None` for the name.
    Tag(String, Option<String>),
    /// Whether the person may be written to Flickr.
    Write(String, bool),
    /// Their own NSID.
    Nsid(String, Option<String>),
}

/// How many changes are listed one by one.
const MOST: usize = 12;

fn photos(number: usize) -> String {
    match number {
        1 => "1 photo".to_owned(),
        more => format!("{more} photos"),
    }
}

/// `Ada's`, and `James'`.
fn of(name: &str) -> String {
    if name.ends_with(['s', 'S']) {
        format!("{name}'")
    } else {
        format!("{name}'s")
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Renamed { from, to } => write!(f, "{from} is {to} now"),
            Self::New(name, number) => write!(f, "{name} is new, with {}", photos(*number)),
            Self::Gone(name, 0) => write!(f, "{name} is gone"),
            Self::Gone(name, number) => {
                write!(f, "{name} is gone, and with them {}", photos(*number))
            }
            Self::Added(name, 1) => write!(f, "1 photo is {} now", of(name)),
            Self::Added(name, number) => write!(f, "{number} photos are {} now", of(name)),
            Self::Removed(name, 1) => write!(f, "1 photo is no longer {}", of(name)),
            Self::Removed(name, number) => write!(f, "{number} photos are no longer {}", of(name)),
            Self::Tag(name, Some(tag)) => write!(f, "{name} is tagged {tag:?}"),
            Self::Tag(name, None) => write!(f, "{name} is tagged by name"),
            Self::Write(name, true) => write!(f, "{name} may be written to Flickr"),
            Self::Write(name, false) => write!(f, "{name} is never written to Flickr"),
            Self::Nsid(name, Some(nsid)) => write!(f, "{name} is {nsid} on Flickr"),
            Self::Nsid(name, None) => write!(f, "{name} is not a member of Flickr"),
        }
    }
}

impl TakenOver {
    /// The changes in one line.
    pub fn what(&self) -> String {
        let mut words: Vec<_> = (self.changes.iter().take(MOST))
            .map(Change::to_string)
            .collect();
        let more = self.changes.len().saturating_sub(MOST);
        if more > 0 {
            words.push(format!("and {more} more"));
        }
        words.join("; ")
    }

    /// Both, one after the other.
    pub(super) fn and(mut self, later: Self) -> Self {
        self.entry = later.entry;
        self.changes.extend(later.changes);
        self.without_face += later.without_face;
        self
    }
}

impl fmt::Display for TakenOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} was changed by hand: {}.",
            self.path.display(),
            self.what()
        )?;
        match self.without_face {
            0 => Ok(()),
            1 => f.write_str(" 1 photo has no face that can be named; it stays in the file."),
            more => write!(
                f,
                " {more} photos have no face that can be named; they stay in the file."
            ),
        }
    }
}
