//! `tags.json`: who is on which photo. `cluster-faces` writes it, people may edit it, `tag-photos`
//! reads it.
//!
//! ```json
//! {
//!   "version": 1,
//!   "account": "12345678@N00",
//!   "people": [
//!     { "name": "Ada Lovelace", "photos": ["53012345678", "53012345679"] },
//!     { "name": "Zoë", "tag": "zoe at home", "nsid": "98765432@N00", "photos": [] },
//!     { "name": "Bob", "write": false, "photos": ["53012345678"] }
//!   ]
//! }
//! ```
//!
//! `account` is the NSID of the account that the photos belong to, `null` where it is not known.
//! `tag` is there where the tag on Flickr is to be another text than the name, `nsid` where the person
//! is a member of Flickr, and `"write": false` where nothing of the person is to be written there.
//!
//! Edits by hand are taken over by `cluster-faces` ([`crate::steps::tags_json`]). `photos` may name
//! photos on which no face was found, or none that could be told to be the person's: they stay.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::name::Name;
use crate::files::{Access, write_atomically};
use crate::ids::PhotoId;
use crate::text::grouped;

/// The format that this program writes, and the only one it reads.
pub(crate) const VERSION: u64 = 1;

/// The most people that are read: each takes time and room in the store, and nobody knows so many.
pub(crate) const MOST_PEOPLE: usize = 50_000;

/// Everything that `tags.json` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    expecting = "an object with version, account and people"
)]
pub(crate) struct TagsFile {
    #[serde(default, rename = "version")]
    version: Version,
    /// NSID of the account that the photos belong to, where it is known.
    pub account: Option<String>,
    /// The people; no two with the same [`Name::key`].
    #[serde(deserialize_with = "different_people")]
    pub people: Vec<Person>,
}

/// Someone with a name, and the photos that show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with name and photos")]
pub(crate) struct Person {
    /// The name.
    pub name: Name,
    /// The text of the tag, where it is not the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<Name>,
    /// Whether the person may be written to Flickr; left out of the file where they may.
    #[serde(default = "may", skip_serializing_if = "is_true")]
    pub write: bool,
    /// The person's own NSID, where they are a member of Flickr.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nsid: Option<String>,
    /// Flickr's ids of the photos, in ascending order.
    pub photos: BTreeSet<PhotoId>,
}

fn may() -> bool {
    true
}

fn is_true(write: &bool) -> bool {
    *write
}

impl Person {
    /// The text of the tag that the person's photos get: `tag`, or else the name.
    #[must_use]
    pub(crate) fn tag_text(&self) -> &str {
        self.tag.as_ref().unwrap_or(&self.name).as_str()
    }
}

/// Why `tags.json` could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TagsFileError {
    /// Not readable.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Not writable; what was there before still is.
    #[error("cannot write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Cut short, mistyped, or holding what cannot be.
    #[error("{path}:{line}:{column}: {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// Line of the problem, from 1.
        line: usize,
        /// Column of the problem in bytes, from 1; 0 where the line is as yet empty.
        column: usize,
        /// What was found and what is expected.
        problem: String,
    },
    /// The names cannot be put into JSON.
    #[error("cannot make JSON of the names")]
    Json {
        /// What the encoder said.
        source: serde_json::Error,
    },
    /// Two people to write whose names differ in case only.
    #[error("two people have the name {name:?}, which differs in case only")]
    SamePerson {
        /// The second one's name.
        name: String,
    },
}

impl TagsFile {
    /// An empty file for the photos of `account`.
    #[must_use]
    pub(crate) fn new(account: Option<String>) -> Self {
        Self {
            account,
            ..Self::default()
        }
    }

    /// Reads `path`.
    ///
    /// # Errors
    /// Where there is no such file, or it holds anything but this format: file, line and column are
    /// named, and what was found and expected there.
    pub(crate) fn read(path: &Path) -> Result<Self, TagsFileError> {
        let bytes = std::fs::read(path).map_err(|source| TagsFileError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::of(&bytes, path)
    }

    /// Reads the file's content, read from `path`.
    ///
    /// # Errors
    /// Where it is anything but this format; as [`Self::read`] says it.
    pub(crate) fn of(bytes: &[u8], path: &Path) -> Result<Self, TagsFileError> {
        Self::parse(bytes).map_err(|error| {
            let place = format!(" at line {} column {}", error.line(), error.column());
            let text = error.to_string();
            let what = text.strip_suffix(&place).unwrap_or(&text);
            let problem = if error.is_eof() {
                format!("the file is cut short: {what}")
            } else {
                what.to_owned()
            };
            TagsFileError::Content {
                path: path.to_owned(),
                line: error.line(),
                column: error.column(),
                problem,
            }
        })
    }

    fn parse(bytes: &[u8]) -> serde_json::Result<Self> {
        // The version first: another version may hold anything else.
        #[derive(Deserialize)]
        #[serde(expecting = "an object with version, account and people")]
        struct Versioned {
            #[serde(rename = "version")]
            _version: Version,
        }
        serde_json::from_slice::<Versioned>(bytes)?;
        serde_json::from_slice(bytes)
    }

    /// Writes `path`, mode 0600, in one step: a crash leaves the old file or the new one.
    ///
    /// People are ordered by [`Name::key`], photos by number, so that the same content is always the
    /// same file.
    ///
    /// # Errors
    /// Where two people have the same [`Name::key`], or the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), TagsFileError> {
        let failed = |source| TagsFileError::Write {
            path: path.to_owned(),
            source,
        };
        let bytes = self.to_json()?;
        write_atomically(path, &bytes, Access::Private).map_err(|error| failed(error.source))
    }

    /// What [`Self::write`] writes.
    ///
    /// # Errors
    /// Where two people have the same [`Name::key`].
    pub(crate) fn to_json(&self) -> Result<Vec<u8>, TagsFileError> {
        let mut sorted = self.clone();
        sorted.people.sort_by_cached_key(|person| person.name.key());
        let mut keys = HashSet::new();
        if let Some(twice) = sorted
            .people
            .iter()
            .find(|person| !keys.insert(person.name.key()))
        {
            return Err(TagsFileError::SamePerson {
                name: twice.name.to_string(),
            });
        }
        let mut bytes =
            serde_json::to_vec_pretty(&sorted).map_err(|source| TagsFileError::Json { source })?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Always [`VERSION`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Version;

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(VERSION)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match deserializer.deserialize_u64(Number)? {
            VERSION => Ok(Self),
            other => Err(de::Error::custom(format_args!(
                "this is version {other} of tags.json, this program reads version {VERSION}"
            ))),
        }
    }
}

/// A number, called by what it means where it is none.
struct Number;

impl Visitor<'_> for Number {
    type Value = u64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the version, a number")
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<u64, E> {
        Ok(number)
    }
}

/// Reads people, and stops where a name comes a second time.
fn different_people<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Person>, D::Error> {
    deserializer.deserialize_seq(People)
}

struct People;

impl<'de> Visitor<'de> for People {
    type Value = Vec<Person>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of people")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Person>, A::Error> {
        let (mut people, mut keys) = (Vec::new(), HashSet::new());
        while let Some(person) = seq.next_element_seed(NewPerson(&mut keys))? {
            if people.len() == MOST_PEOPLE {
                return Err(de::Error::custom(format_args!(
                    "more than {} people, expected at most as many",
                    grouped(MOST_PEOPLE)
                )));
            }
            people.push(person);
        }
        Ok(people)
    }
}

/// Reads one person, whose name is none of those read before. An error raised here, and not by the
/// list, has the place of the person and not of the list's end.
struct NewPerson<'a>(&'a mut HashSet<String>);

impl<'de> DeserializeSeed<'de> for NewPerson<'_> {
    type Value = Person;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Person, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NewPerson<'_> {
    type Value = Person;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with name and photos")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Person, A::Error> {
        let person = Person::deserialize(MapAccessDeserializer::new(map))?;
        if self.0.insert(person.name.key()) {
            return Ok(person);
        }
        Err(de::Error::custom(format_args!(
            "{:?} is here a second time; put all photos of a person in one list",
            person.name.as_str()
        )))
    }
}

#[cfg(test)]
mod tests;
