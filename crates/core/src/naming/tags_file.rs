//! `tags.json`: who is on which photo. `cluster-faces` writes it, people may edit it, `tag-photos`
//! reads it.
//!
//! ```json
//! {
//!   "version": 1,
//!   "account": "12345678@N00",
//!   "people": [
//!     { "name": "Ada Lovelace", "photos": ["53012345678", "53012345679"] },
//!     { "name": "Zoë", "tag": "zoe at home", "photos": [] }
//!   ]
//! }
//! ```
//!
//! `account` is the NSID of the account that the photos belong to, `null` where it is not known.
//! `tag` is there where the tag on Flickr is to be another text than the name.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::name::Name;
use super::photo_id::PhotoId;
use super::private_file;

/// The format that this program writes, and the only one it reads.
pub const VERSION: u64 = 1;

/// Everything that `tags.json` holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TagsFile {
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
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name.
    pub name: Name,
    /// The text of the tag, where it is not the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<Name>,
    /// Flickr's ids of the photos, in ascending order.
    pub photos: BTreeSet<PhotoId>,
}

impl Person {
    /// The text of the tag that the person's photos get: `tag`, or else the name.
    #[must_use]
    pub fn tag_text(&self) -> &str {
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
    pub fn new(account: Option<String>) -> Self {
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
    pub fn read(path: &Path) -> Result<Self, TagsFileError> {
        let bytes = std::fs::read(path).map_err(|source| TagsFileError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes).map_err(|error| {
            let place = format!(" at line {} column {}", error.line(), error.column());
            let text = error.to_string();
            TagsFileError::Content {
                path: path.to_owned(),
                line: error.line(),
                column: error.column(),
                problem: text.strip_suffix(&place).unwrap_or(&text).to_owned(),
            }
        })
    }

    fn parse(bytes: &[u8]) -> serde_json::Result<Self> {
        // The version first: another version may hold anything else.
        #[derive(Deserialize)]
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
    pub fn write(&self, path: &Path) -> Result<(), TagsFileError> {
        let failed = |source| TagsFileError::Write {
            path: path.to_owned(),
            source,
        };
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
            serde_json::to_vec_pretty(&sorted).map_err(|error| failed(io::Error::from(error)))?;
        bytes.push(b'\n');
        private_file::write(path, &bytes).map_err(failed)
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
        match u64::deserialize(deserializer)? {
            VERSION => Ok(Self),
            other => Err(de::Error::custom(format_args!(
                "this is version {other} of tags.json, this program reads version {VERSION}"
            ))),
        }
    }
}

/// Reads people, and stops where a name comes a second time.
fn different_people<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Person>, D::Error> {
    struct People;
    impl<'de> Visitor<'de> for People {
        type Value = Vec<Person>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of people")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Person>, A::Error> {
            let (mut people, mut keys) = (Vec::new(), HashSet::new());
            while let Some(person) = seq.next_element::<Person>()? {
                if !keys.insert(person.name.key()) {
                    return Err(de::Error::custom(format_args!(
                        "{:?} is here a second time; put all photos of a person in one list",
                        person.name.as_str()
                    )));
                }
                people.push(person);
            }
            Ok(people)
        }
    }
    deserializer.deserialize_seq(People)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn person(name: &str, photos: &[&str]) -> Person {
        Person {
            name: Name::new(name).unwrap(),
            tag: None,
            photos: photos.iter().map(|id| PhotoId::new(id).unwrap()).collect(),
        }
    }

    fn read(text: &str) -> Result<TagsFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.json");
        std::fs::write(&path, text).unwrap();
        TagsFile::read(&path).map_err(|error| {
            error
                .to_string()
                .replace(&folder.path().display().to_string(), "FOLDER")
        })
    }

    #[test]
    fn the_file_is_readable_and_sorted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.json");
        let mut file = TagsFile::new(Some("12345678@N00".to_owned()));
        file.people.push(person("Zoë", &[]));
        file.people.push(person(
            "ada Lovelace",
            &["53012345679", "999", "53012345678"],
        ));
        file.people[0].tag = Some(Name::new("Zoë at home").unwrap());
        file.write(&path).unwrap();
        insta::assert_snapshot!(std::fs::read_to_string(&path).unwrap(), @"");
        let back = TagsFile::read(&path).unwrap();
        assert_eq!(back.people[0], file.people[1]);
        assert_eq!(back.people[1].tag_text(), "Zoë at home");
        assert_eq!(back.people[0].tag_text(), "ada Lovelace");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_reads_it_and_nothing_else_is_left() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.json");
        for _ in 0..2 {
            TagsFile::new(None).write(&path).unwrap();
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn what_cannot_be_written_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags.json");
        TagsFile::new(None).write(&path).unwrap();
        let before = std::fs::read(&path).unwrap();
        let mut twice = TagsFile::new(None);
        twice.people = vec![person("Ada", &["1"]), person("ADA", &["2"])];
        let error = twice.write(&path).unwrap_err();
        assert_eq!(
            error.to_string(),
            "two people have the name \"ADA\", which differs in case only"
        );
        assert_eq!(std::fs::read(&path).unwrap(), before);

        let nowhere = folder.path().join("none").join("tags.json");
        let error = TagsFile::new(None).write(&nowhere).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot write {}", nowhere.display())
        );
        let error = TagsFile::read(&nowhere).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("cannot read {}", nowhere.display())
        );
    }

    #[test]
    fn editing_by_hand_is_forgiven() {
        let text = r#"{ "people": [ {"photos": [7, "5", "7"], "name": " ada  Lovelace "} ], "version": 1 }"#;
        assert_eq!(
            read(text).unwrap().people,
            [person("ada Lovelace", &["5", "7"])]
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let people = |inside: &str| {
            format!(
                "{{\n  \"version\": 1,\n  \"account\": null,\n  \"people\": [\n    {inside}\n  ]\n}}\n"
            )
        };
        let whole = people(r#"{ "name": "Ada", "photos": ["1"] }"#);
        assert!(read(&whole).is_ok());
        let cases = [
            (String::new(), ""),
            (whole[..60].to_owned(), ""),
            ("[]".to_owned(), ""),
            ("{}".to_owned(), ""),
            (
                whole.replace("\"version\": 1", "\"version\": 2, \"new\": []"),
                "",
            ),
            (whole.replace("\"version\": 1", "\"version\": \"1\""), ""),
            (people(r#"{ "name": "Ada", "photo": ["1"] }"#), ""),
            (people(r#"{ "name": "Ada" }"#), ""),
            (people(r#"{ "name": "  ", "photos": [] }"#), ""),
            (
                people(r#"{ "name": "Ada", "tag": "?!", "photos": [] }"#),
                "",
            ),
            (people(r#"{ "name": "Ada", "photos": ["12a"] }"#), ""),
            (people(r#"{ "name": "Ada", "photos": [""] }"#), ""),
            (people(r#"{ "name": "Ada", "photos": [-1] }"#), ""),
            (people(r#"{ "name": "Ada", "photos": "1" }"#), ""),
            (
                people(
                    "{ \"name\": \"Ada\", \"photos\": [] },\n    { \"name\": \"ADA\", \"photos\": [] }",
                ),
                "",
            ),
            (whole.replace("]\n}", "],\n}"), ""),
            (whole + "x", ""),
        ];
        let wrong: Vec<_> = cases
            .into_iter()
            .map(|(text, why)| (read(&text).unwrap_err(), why))
            .filter(|(found, why)| found != why)
            .collect();
        assert!(wrong.is_empty(), "(found, expected): {wrong:#?}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            names in prop::collection::btree_map("[a-zß-ÿ]{1,8}( [0-9\\\\\"]{1,3})?", prop::collection::btree_set(any::<u64>(), 0..5), 0..6),
            account in prop::option::of("[0-9]{1,9}@N0[0-9]"),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("tags.json");
            let mut file = TagsFile::new(account);
            for (name, photos) in names {
                let photos: Vec<String> = photos.iter().map(u64::to_string).collect();
                file.people.push(person(&name, &photos.iter().map(String::as_str).collect::<Vec<_>>()));
            }
            file.people.sort_by_key(|person| person.name.key());
            file.people.dedup_by_key(|person| person.name.key());
            file.write(&path).unwrap();
            prop_assert_eq!(TagsFile::read(&path).unwrap(), file);
        }
    }
}
