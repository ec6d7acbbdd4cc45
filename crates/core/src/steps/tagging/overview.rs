//! Plans as they are shown: by person, and what is left out by its kind. Every count is of distinct
//! things.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    journal::WriteCounts,
    plan::{PersonPlan, Plan, Skip},
    undo::Undo,
};
use crate::{ids::PhotoId, store::WriteKind};

/// What is left out, or left behind, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exception {
    /// A photo that gets no tag of a person.
    Skipped(Skip),
    /// A note that has no known face to be placed on.
    NoFace,
    /// On Flickr from an earlier run, and no name asks for it any more.
    Outdated,
    /// A note on a face that has another name now, or none: it is corrected with the notes.
    WrongNote,
    /// A tag that stays because it also stands for someone who was not selected.
    Shared,
}

/// One photo of an exception, with the people or texts that it is about and more about why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About<'a> {
    /// Names, or what was written.
    pub texts: BTreeSet<&'a str>,
    /// Flickr's own words, where there are any.
    pub reason: Option<&'a str>,
}

/// Exceptions by kind, photo by photo.
pub type Exceptions<'a> = BTreeMap<Exception, BTreeMap<&'a PhotoId, About<'a>>>;

/// What an undo is to remove of one person, or of people who share what was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoRow<'a> {
    /// Their names; the text that was written where the journal knows no name.
    pub names: Vec<&'a str>,
    /// Texts of their tags.
    pub tags: BTreeSet<&'a str>,
    /// What is to be removed.
    pub counts: WriteCounts,
    /// From these photos.
    pub photos: BTreeSet<&'a PhotoId>,
}

impl Exception {
    /// Whether it is something that was asked for and is not possible.
    pub fn is_failure(self) -> bool {
        matches!(self, Self::Skipped(skip) if skip.is_failure())
    }

    /// The word for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Skipped(skip) => skip.code(),
            Self::NoFace => "no_face",
            Self::Outdated => "outdated",
            Self::WrongNote => "wrong_note",
            Self::Shared => "shared",
        }
    }
}

fn add<'a>(
    exceptions: &mut Exceptions<'a>,
    kind: Exception,
    photo: &'a PhotoId,
    text: &'a str,
    reason: Option<&'a str>,
) {
    let photos = exceptions.entry(kind).or_default();
    let about = photos.entry(photo).or_default();
    about.texts.insert(text);
    about.reason = about.reason.or(reason);
}

impl PersonPlan {
    /// Whether anything is to be added for them.
    pub fn is_written(&self) -> bool {
        let added = |counts: &super::NoteCounts| !counts.add.is_empty();
        let mut others = [&self.notes, &self.member].into_iter().flatten();
        !self.add.is_empty() || others.any(added)
    }

    /// Photos that have the tag.
    pub fn tagged(&self) -> u64 {
        (self.written.len() + self.present.len()) as u64
    }
}

impl Plan {
    /// What is left out, by its kind.
    pub fn exceptions(&self) -> Exceptions<'_> {
        let mut all = Exceptions::new();
        for person in &self.people {
            for skipped in &person.skipped {
                let skip = match skipped.reason {
                    // Why is below; each has other numbers of tags.
                    Skip::Refused => continue,
                    Skip::TagLimit { .. } => Skip::TagLimit { has: 0 },
                    other => other,
                };
                let kind = Exception::Skipped(skip);
                add(&mut all, kind, &skipped.photo, &person.name, None);
            }
            for photo in person.notes.iter().flat_map(|notes| &notes.no_face) {
                add(&mut all, Exception::NoFace, photo, &person.name, None);
            }
        }
        for failed in &self.unreadable {
            let kind = Exception::Skipped(Skip::Unreadable);
            if let Some(about) = all.entry(kind).or_default().get_mut(&failed.photo) {
                about.reason = Some(&failed.reason);
            }
        }
        for write in &self.refused {
            let kind = Exception::Skipped(Skip::Refused);
            add(
                &mut all,
                kind,
                &write.photo,
                &write.text,
                write.error.as_deref(),
            );
        }
        for write in self.wrong.iter().filter(|_| self.corrections() == 0) {
            add(
                &mut all,
                Exception::WrongNote,
                &write.photo,
                &write.text,
                None,
            );
        }
        for write in &self.outdated {
            add(
                &mut all,
                Exception::Outdated,
                &write.photo,
                &write.text,
                None,
            );
        }
        all
    }
}

impl Undo {
    /// What stays, by its kind.
    pub fn exceptions(&self) -> Exceptions<'_> {
        let mut all = Exceptions::new();
        for write in &self.shared {
            add(&mut all, Exception::Shared, &write.photo, &write.text, None);
        }
        all
    }

    /// What is to be removed, by person.
    pub fn rows(&self) -> Vec<UndoRow<'_>> {
        let mut rows: BTreeMap<Vec<&str>, UndoRow<'_>> = BTreeMap::new();
        for write in &self.writes {
            let names: Vec<&str> = match write.people.as_slice() {
                [] => vec![&write.text],
                people => people.iter().map(String::as_str).collect(),
            };
            let row = rows.entry(names.clone()).or_insert_with(|| UndoRow {
                names,
                tags: BTreeSet::new(),
                counts: WriteCounts::default(),
                photos: BTreeSet::new(),
            });
            row.counts.add(write.kind, 1);
            row.photos.insert(&write.photo);
            if write.kind == WriteKind::Tag {
                row.tags.insert(&write.text);
            }
        }
        rows.into_values().collect()
    }
}
