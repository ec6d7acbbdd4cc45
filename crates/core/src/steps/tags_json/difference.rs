//! What differs between two states of tags.json, person by person.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{
    ids::PhotoId,
    naming::tags_file::{Person, TagsFile},
};

/// A person before and after; one of them may be missing, never both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pair<'a> {
    pub was: Option<&'a Person>,
    pub is: Option<&'a Person>,
}

impl<'a> Pair<'a> {
    /// Photos that were the person's and are not.
    pub(super) fn removed(&self) -> Vec<&'a PhotoId> {
        let is = self.is.map(|person| &person.photos);
        (self.was.into_iter().flat_map(|person| &person.photos))
            .filter(|photo| is.is_none_or(|is| !is.contains(photo)))
            .collect()
    }

    /// Photos that are the person's and were not.
    pub(super) fn added(&self) -> Vec<&'a PhotoId> {
        let turned = Self {
            was: self.is,
            is: self.was,
        };
        turned.removed()
    }
}

/// The people in whom something differs, in the order of their names.
///
/// Names are compared by their key. A person whose name is gone and one whose name is new are the
/// same where they have the same NSID, or at least half of the photos of each are the other's.
pub(super) fn difference<'a>(was: &'a TagsFile, is: &'a TagsFile) -> Vec<Pair<'a>> {
    let by_key = |file: &'a TagsFile| -> BTreeMap<String, &'a Person> {
        let people = file.people.iter();
        people.map(|person| (person.name.key(), person)).collect()
    };
    let (was, is) = (by_key(was), by_key(is));
    let mut pairs = Vec::new();
    let mut renamed: BTreeSet<&str> = BTreeSet::new();
    let gone = was.iter().filter(|(key, _)| !is.contains_key(*key));
    let new: Vec<_> = is
        .iter()
        .filter(|(key, _)| !was.contains_key(*key))
        .collect();
    // Only who shares a photo or an NSID can be alike: of many people few are compared.
    let mut sharing: HashMap<&str, Vec<(&str, &Person)>> = HashMap::new();
    for &(key, person) in &new {
        for mark in marks(person) {
            sharing.entry(mark).or_default().push((key, person));
        }
    }
    let mut likely = BTreeSet::new();
    for (key, person) in gone {
        let candidates = marks(person).filter_map(|mark| sharing.get(mark)).flatten();
        for (other, candidate) in candidates {
            if let Some(alike) = alike(person, candidate) {
                likely.insert((std::cmp::Reverse(alike), key.as_str(), *other));
            }
        }
    }
    for (_, from, to) in likely {
        if !renamed.contains(from) && !renamed.contains(to) {
            renamed.extend([from, to]);
            pairs.push(Pair {
                was: was.get(from).copied(),
                is: is.get(to).copied(),
            });
        }
    }
    let keys: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
    pairs.extend(
        (keys
            .into_iter()
            .filter(|key| !renamed.contains(key.as_str())))
        .map(|key| Pair {
            was: was.get(key).copied(),
            is: is.get(key).copied(),
        }),
    );
    pairs.retain(|pair| pair.was != pair.is);
    pairs.sort_by_key(|pair| pair.was.or(pair.is).map(|person| person.name.key()));
    pairs
}

/// What two people have in common who may be one.
fn marks(person: &Person) -> impl Iterator<Item = &str> {
    let photos = person.photos.iter().map(PhotoId::as_str);
    photos.chain(person.nsid.as_deref())
}

/// How many photos two people share, where they are likely one.
fn alike(one: &Person, other: &Person) -> Option<usize> {
    if one.nsid.is_some() && one.nsid == other.nsid {
        return Some(usize::MAX);
    }
    let shared = one.photos.intersection(&other.photos).count();
    let most = one.photos.len().max(other.photos.len());
    (shared > 0 && 2 * shared >= most).then_some(shared)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::naming::Name;

    fn file(word: &str, people: u64) -> TagsFile {
        let person = |number: u64| Person {
            name: Name::new(&format!("{word} {number}")).unwrap(),
            tag: None,
            write: true,
            nsid: None,
            photos: (0..3)
                .map(|photo| PhotoId::new(&(number * 3 + photo + 1).to_string()).unwrap())
                .collect(),
        };
        let mut file = TagsFile::new(None);
        file.people = (0..people).map(person).collect();
        file
    }

    #[test]
    fn many_who_are_renamed_at_once_are_found_in_seconds() {
        let (was, is) = (file("Person", 50_000), file("Human", 50_000));
        let begun = Instant::now();
        let pairs = difference(&was, &is);
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "{:?}",
            begun.elapsed()
        );
        assert_eq!(pairs.len(), 50_000);
        assert!(pairs.iter().all(|pair| {
            let photos = |person: Option<&Person>| person.map(|person| person.photos.clone());
            photos(pair.was) == photos(pair.is)
        }));
    }
}
