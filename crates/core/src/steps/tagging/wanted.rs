//! tags.json, and whom of it a run is about.

use std::path::Path;

use super::{super::StepError, Choice};
use crate::naming::{
    Name,
    tags_file::{Person, TagsFile},
};

/// Reads tags.json; it must be of this account, where it says of which it is.
pub(super) async fn read(file: &Path, nsid: Option<&str>) -> Result<TagsFile, StepError> {
    let path = file.to_owned();
    let read = tokio::task::spawn_blocking(move || TagsFile::read(&path));
    let tags = read
        .await
        .map_err(|_| StepError::BrokeOff("reading tags.json"))??;
    match (&tags.account, nsid) {
        (Some(found), Some(expected)) if found != expected => Err(StepError::OtherAccount {
            path: file.to_owned(),
            found: found.clone(),
            expected: expected.to_owned(),
        }),
        _ => Ok(tags),
    }
}

/// Whom a run is about, by [`Name::key`].
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) only: Vec<String>,
    pub(super) except: Vec<String>,
}

impl Chosen {
    /// Each name must be one of `known`, so that a slip of the keyboard is no empty run.
    pub(super) fn new<'a>(
        choice: &Choice,
        known: impl Iterator<Item = &'a str> + Clone,
        place: &str,
    ) -> Result<Self, StepError> {
        let keys = |names: &[String]| -> Result<Vec<String>, StepError> {
            let keys = names.iter().map(|name| {
                let key = key(name);
                if known.clone().any(|known| self::key(known) == key) {
                    return Ok(key);
                }
                Err(StepError::NoSuchPerson {
                    name: name.clone(),
                    place: place.to_owned(),
                    guess: guess(&key, known.clone()),
                })
            });
            keys.collect()
        };
        Ok(Self {
            only: keys(&choice.only)?,
            except: keys(&choice.except)?,
        })
    }

    /// Whether the run is about the person of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        let key = key(name);
        (self.only.is_empty() || self.only.contains(&key)) && !self.except.contains(&key)
    }

    /// Whether it is about everybody.
    pub(super) fn everybody(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }
}

/// A name as it is compared; a text that is no name is compared as it is.
pub(super) fn key(name: &str) -> String {
    Name::new(name).map_or_else(|_| name.to_lowercase(), |name| name.key())
}

/// The known name spelt most like `key`.
fn guess<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|name| {
            // Often it is a part of the name alone.
            let whole = self::key(name);
            let parts = std::iter::once(whole.as_str()).chain(whole.split(' '));
            let likeness = parts.map(|part| strsim::jaro_winkler(key, part));
            (likeness.fold(0.0, f64::max), name)
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

/// The people of tags.json whom a run is about, those who are never written among them.
pub(super) fn people(tags: TagsFile, choice: &Choice) -> Result<Vec<Person>, StepError> {
    let names = tags.people.iter().map(|person| person.name.as_str());
    let chosen = Chosen::new(choice, names, "tags.json")?;
    let people = tags.people.into_iter();
    Ok(people
        .filter(|person| chosen.has(person.name.as_str()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(only: &[&str], except: &[&str]) -> Result<Chosen, StepError> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let choice = Choice {
            only: names(only),
            except: names(except),
            ..Choice::default()
        };
        let known = ["Ada Lovelace", "Zoë", "Bob"];
        Chosen::new(&choice, known.into_iter(), "tags.json")
    }

    #[test]
    fn names_are_chosen_whatever_their_case() {
        struct Case {
            only: &'static [&'static str],
            except: &'static [&'static str],
            chosen: &'static [&'static str],
        }
        let cases = [
            Case {
                only: &[],
                except: &[],
                chosen: &["Ada Lovelace", "Zoë", "Bob"],
            },
            Case {
                only: &["ada  LOVELACE", "bob"],
                except: &[],
                chosen: &["Ada Lovelace", "Bob"],
            },
            Case {
                only: &[],
                except: &["zoe\u{308}"],
                chosen: &["Ada Lovelace", "Bob"],
            },
            Case {
                only: &["Ada Lovelace", "Bob"],
                except: &["Bob"],
                chosen: &["Ada Lovelace"],
            },
        ];
        for case in cases {
            let chosen = chosen(case.only, case.except).unwrap();
            let found: Vec<_> = ["Ada Lovelace", "Zoë", "Bob"]
                .into_iter()
                .filter(|name| chosen.has(name))
                .collect();
            assert_eq!(found, case.chosen);
        }
    }

    #[test]
    fn a_slip_of_the_keyboard_is_told() {
        let cases = [
            (
                "Ada Lovelac",
                "tags.json has nobody called \"Ada Lovelac\"; did you mean \"Ada Lovelace\"?",
            ),
            (
                "Lovelace",
                "tags.json has nobody called \"Lovelace\"; did you mean \"Ada Lovelace\"?",
            ),
            ("Xi", "tags.json has nobody called \"Xi\""),
            (":", "tags.json has nobody called \":\""),
        ];
        for (name, message) in cases {
            for error in [chosen(&[name], &[]), chosen(&[], &[name])] {
                assert_eq!(error.unwrap_err().to_string(), message);
            }
        }
    }
}
