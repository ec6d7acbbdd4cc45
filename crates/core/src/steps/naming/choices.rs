//! Names to press instead of typing: the tags on Flickr that most of a question's photos have, and few others.

use std::collections::{HashMap, HashSet};

use super::{Session, library::Library};
use crate::{
    naming::{Name, tag_text::clean_tag},
    store::FaceId,
};

/// A tag that may be somebody's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameChoice {
    /// The name: that of the person who has the tag, or else the tag as it was typed on Flickr.
    pub name: Name,
    /// On how many of the photos it is ...
    pub photos: usize,
    /// ... and how many these are.
    pub of: usize,
}

/// At most so many are offered: each is a key.
const MOST: usize = 5;

/// A tag on fewer photos is no more than a coincidence.
const LEAST: usize = 2;

impl NameChoice {
    /// `Ada Lovelace: on 14 of 17 photos`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{}: on {} of {} photos", self.name, self.photos, self.of)
    }

    /// The name that a line chooses by its number, from 1; `None` where it is no such number.
    ///
    /// A page shows the choices as buttons, and has this in front of
    /// [`Typed::parse`](crate::steps::review::Typed::parse), for which a number is a name.
    #[must_use]
    pub fn chosen(line: &str, choices: &[Self]) -> Option<Name> {
        let number: usize = line.trim().parse().ok()?;
        let choice = choices.get(number.checked_sub(1)?)?;
        Some(choice.name.clone())
    }
}

impl Session {
    /// The tags that may be the name of whoever these faces show: on three fifths of their photos or more, and on not
    /// half as many others. Those on most of their photos come first. Places, years and what is on everything drop out.
    #[must_use]
    pub fn name_choices(&self, faces: &[FaceId]) -> Vec<NameChoice> {
        let library = &self.0.library;
        let photos: HashSet<u32> = faces
            .iter()
            .filter_map(|face| Some(library.photo[library.number(face)? as usize]))
            .collect();
        let mut found = choices(library, &photos);
        let people = self.people();
        let mut by_tag: HashMap<String, &str> = HashMap::new();
        for person in &people {
            for text in [Some(&person.name), person.tag.as_ref()]
                .into_iter()
                .flatten()
            {
                by_tag.insert(clean_tag(text), &person.name);
            }
        }
        for choice in &mut found {
            let clean = choice.name.as_str();
            let typed = self.0.flickr_names.tags.get(clean).map(String::as_str);
            if let Some(name) = by_tag.get(clean).copied().or(typed)
                && let Ok(name) = Name::new(name)
            {
                choice.name = name;
            }
        }
        found
    }

    /// What to offer while a name is typed: the people who have faces, the tags that they are written with, the owner's
    /// contacts, and tags that are written as names are.
    #[must_use]
    pub fn completions(&self) -> Vec<String> {
        let people = self.people();
        let names = people.iter().map(|row| row.name.clone());
        let tags = people.iter().filter_map(|row| row.tag.clone());
        let on_flickr = &self.0.flickr_names;
        let mut written: Vec<_> = on_flickr
            .tags
            .values()
            .filter(|tag| is_as_a_name(tag))
            .collect();
        written.sort_unstable();
        let mut known = HashSet::new();
        names
            .chain(tags)
            .chain(on_flickr.contacts.iter().cloned())
            .chain(written.into_iter().cloned())
            .filter(|name| Name::new(name).is_ok_and(|name| known.insert(name.key())))
            .collect()
    }
}

/// Two words or more, each with a capital: `Ada Lovelace`, not `sunset at the lake`.
fn is_as_a_name(tag: &str) -> bool {
    let begins = |word: &str| word.chars().next().is_some_and(char::is_uppercase);
    tag.split_whitespace().count() >= 2 && tag.split_whitespace().all(begins)
}

fn choices(library: &Library, photos: &HashSet<u32>) -> Vec<NameChoice> {
    let mut on: HashMap<&str, usize> = HashMap::new();
    for photo in photos {
        let tags: HashSet<&str> = library.tags_of(*photo).split(' ').collect();
        for tag in tags.into_iter().filter(|tag| may_be_a_name(tag)) {
            *on.entry(tag).or_default() += 1;
        }
    }
    on.retain(|_, count| *count >= LEAST && *count * 5 >= photos.len() * 3);
    let mut found: Vec<(&str, usize)> = on
        .into_iter()
        .filter(|&(tag, count)| (library.photos_tagged(tag) - count) * 2 < count)
        .collect();
    found.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    found.truncate(MOST);
    let choice = |(tag, count): (&str, usize)| {
        Some(NameChoice {
            name: Name::new(tag).ok()?,
            photos: count,
            of: photos.len(),
        })
    };
    found.into_iter().filter_map(choice).collect()
}

/// Not a machine tag, nor a year or a number.
fn may_be_a_name(tag: &str) -> bool {
    !tag.contains(':') && tag.chars().filter(|c| c.is_alphabetic()).count() >= 2
}
