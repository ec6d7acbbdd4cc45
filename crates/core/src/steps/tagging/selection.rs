//! Which people a run is about.

use super::super::StepError;
use crate::naming::Name;

/// Which people a run is about, and what it writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these people; everyone if empty.
    pub only: Vec<String>,
    /// Not these people.
    pub except: Vec<String>,
    /// Write to this many photos at most.
    pub limit: Option<u32>,
    /// Write again what was removed on Flickr.
    pub again: bool,
    /// Add notes, too: a name on each face.
    pub notes: bool,
    /// Add people who are members of Flickr, too.
    pub members: bool,
}

/// The names of a selection, by [`Name::key`].
#[derive(Debug)]
pub(super) struct NameFilter {
    pub(super) only: Vec<String>,
    pub(super) except: Vec<String>,
}

impl NameFilter {
    /// Each name must be one of `known`, which `place` holds: a typing mistake must not select no one.
    pub(super) fn new<'a>(
        selection: &Selection,
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
            only: keys(&selection.only)?,
            except: keys(&selection.except)?,
        })
    }

    /// Whether the run is about the person of that name.
    pub(super) fn matches(&self, name: &str) -> bool {
        let key = key(name);
        (self.only.is_empty() || self.only.contains(&key)) && !self.except.contains(&key)
    }

    /// Whether it is about everyone.
    pub(super) fn is_everyone(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }
}

/// A name as it is compared; a text that is not a name is compared as it is.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(only: &[&str], except: &[&str]) -> Result<NameFilter, StepError> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let selection = Selection {
            only: names(only),
            except: names(except),
            ..Selection::default()
        };
        let known = ["Ada Lovelace", "Zoë", "Bob"];
        NameFilter::new(&selection, known.into_iter(), "tags.json")
    }

    #[test]
    fn names_are_selected_whatever_their_case() {
        struct Case {
            only: &'static [&'static str],
            except: &'static [&'static str],
            selected: &'static [&'static str],
        }
        let cases = [
            Case {
                only: &[],
                except: &[],
                selected: &["Ada Lovelace", "Zoë", "Bob"],
            },
            Case {
                only: &["ada  LOVELACE", "bob"],
                except: &[],
                selected: &["Ada Lovelace", "Bob"],
            },
            Case {
                only: &[],
                except: &["zoe\u{308}"],
                selected: &["Ada Lovelace", "Bob"],
            },
            Case {
                only: &["Ada Lovelace", "Bob"],
                except: &["Bob"],
                selected: &["Ada Lovelace"],
            },
        ];
        for case in cases {
            let filter = filter(case.only, case.except).unwrap();
            let found: Vec<_> = ["Ada Lovelace", "Zoë", "Bob"]
                .into_iter()
                .filter(|name| filter.matches(name))
                .collect();
            assert_eq!(found, case.selected);
        }
    }

    #[test]
    fn a_typing_mistake_is_reported() {
        let cases = [
            (
                "Ada Lovelac",
                "tags.json has no person named \"Ada Lovelac\"; did you mean \"Ada Lovelace\"?",
            ),
            (
                "Lovelace",
                "tags.json has no person named \"Lovelace\"; did you mean \"Ada Lovelace\"?",
            ),
            ("Xi", "tags.json has no person named \"Xi\""),
            (":", "tags.json has no person named \":\""),
        ];
        for (name, message) in cases {
            for error in [filter(&[name], &[]), filter(&[], &[name])] {
                assert_eq!(error.unwrap_err().to_string(), message);
            }
        }
    }
}
