//! What becomes of each person on one photo.

use std::collections::HashSet;

use super::{
    account::{PhotoState, Presence, RemotePhoto},
    journal::{Journal, new_write},
    people::NamedPerson,
    plan::{NoteCounts, PersonPlan, PhotoPlan, PlannedWrite, Skip, TagOptions},
};
use crate::{
    config::WriteTo,
    faces::FaceBox,
    flickr::{Tag, is_same_text},
    store::{FlickrWrite, WriteKind, WriteState},
};

/// The plan of one photo, person by person.
pub(super) struct PhotoPlanner<'a> {
    pub(super) options: &'a TagOptions<'a>,
    pub(super) journal: &'a Journal,
    /// `None` where the journal alone says what to do.
    pub(super) remote: Option<&'a RemotePhoto>,
    /// Whether as many photos are written to as were selected.
    pub(super) over_limit: bool,
    /// Everyone's names; `None` where a list may lack some.
    pub(super) names: Option<&'a HashSet<String>>,
    pub(super) plan: PhotoPlan,
    /// What the journal learns.
    pub(super) settled: &'a mut Vec<FlickrWrite>,
    /// What Flickr refused for good.
    pub(super) refused: &'a mut Vec<FlickrWrite>,
}

/// What becomes of a person's tag.
enum TagOutcome {
    Written,
    Present,
    Add,
    Skip(Skip),
}

impl PhotoPlanner<'_> {
    /// Plans one person, and enters in their plan what becomes of the photo.
    pub(super) fn add(&mut self, person: &NamedPerson, of: &mut PersonPlan) {
        let photo = self.plan.photo.clone();
        match self.tag(person) {
            TagOutcome::Written => of.written.push(photo.clone()),
            TagOutcome::Present => of.present.push(photo.clone()),
            TagOutcome::Add => of.add.push(photo.clone()),
            TagOutcome::Skip(skip) => of.skipped.push(skip.of(&photo)),
        }
        if let Some(notes) = &mut of.notes {
            let on_faces = person.notes_on(&photo);
            if on_faces.is_empty() {
                notes.no_face.push(photo.clone());
            }
            for note in on_faces {
                let entry = self.journal.note(&photo, &note);
                let write = new_write(WriteKind::Note, &photo, note.item, note.text, person);
                self.plan_write(write, entry, Some(note.face), person, notes);
            }
        }
        if let (Some(member), Some(nsid)) = (&mut of.member, &person.entry.nsid) {
            let name = person.entry.name.as_str();
            let entry = self.journal.member(&photo, nsid);
            let write = new_write(WriteKind::Member, &photo, nsid.clone(), name, person);
            let face = person.faces_on(&photo).first().copied();
            self.plan_write(write, entry, face, person, member);
        }
    }

    fn is_skipped(&self, state: &PhotoState) -> bool {
        state.public && self.options.write_to == WriteTo::Private
    }

    fn tag(&mut self, person: &NamedPerson) -> TagOutcome {
        let (text, forms) = (person.entry.tag_text(), &self.journal.forms);
        let id = forms.id(text);
        // Two people may share a tag: it is added once.
        if let Some(same) = (self.plan.tags.iter_mut()).find(|tag| forms.id(&tag.text) == id) {
            same.people.push(person.entry.name.to_string());
            return TagOutcome::Add;
        }
        let entry = self.journal.tag(&self.plan.photo, text);
        let known = entry.map(|entry| entry.state);
        let refused = entry.filter(|entry| entry.is_refused() && !self.options.selection.again);
        let state = match self.remote {
            Some(RemotePhoto::Owned(state)) => state,
            Some(RemotePhoto::Foreign) => return TagOutcome::Skip(Skip::Foreign),
            Some(RemotePhoto::NotFound) => return TagOutcome::Skip(Skip::NotFound),
            Some(RemotePhoto::Unreadable(_)) => return TagOutcome::Skip(Skip::Unreadable),
            None if refused.is_some() => {
                self.refused.extend(refused.cloned());
                return TagOutcome::Skip(Skip::Refused);
            }
            None => {
                if let Some(entry) = entry {
                    self.settle(entry.clone(), entry.state, person);
                }
                return match known {
                    Some(WriteState::Preexisting) => TagOutcome::Present,
                    Some(WriteState::RemovedElsewhere) => TagOutcome::Skip(Skip::RemovedByUser),
                    _ => TagOutcome::Written,
                };
            }
        };
        let fresh = new_write(
            WriteKind::Tag,
            &self.plan.photo,
            text.to_owned(),
            text,
            person,
        );
        let entry = entry.cloned().unwrap_or(fresh);
        let gone = |state| {
            matches!(
                state,
                WriteState::Added | WriteState::Preexisting | WriteState::RemovedElsewhere
            )
        };
        match (state.presence(forms, text), known) {
            (Presence::There(tag), Some(known)) if known.is_ours() && is_ours(&entry, tag) => {
                // A call whose answer was lost had been made after all.
                let full_id = Some(tag.full_id.clone()).filter(|id| !id.is_empty());
                let entry = FlickrWrite {
                    flickr_id: full_id.or_else(|| entry.flickr_id.clone()),
                    clean: Some(tag.clean.clone()),
                    ..entry
                };
                self.settle(entry, WriteState::Added, person);
                TagOutcome::Written
            }
            (Presence::There(tag), _) => {
                let entry = FlickrWrite {
                    clean: Some(tag.clean.clone()),
                    ..entry
                };
                self.settle(entry, WriteState::Preexisting, person);
                TagOutcome::Present
            }
            (_, Some(known)) if gone(known) && !self.options.selection.again => {
                self.settle(entry, WriteState::RemovedElsewhere, person);
                TagOutcome::Skip(Skip::RemovedByUser)
            }
            _ if self.is_skipped(state) => TagOutcome::Skip(Skip::Public),
            _ if refused.is_some() => {
                self.refused.extend(refused.cloned());
                TagOutcome::Skip(Skip::Refused)
            }
            _ if state.tags.len() + self.plan.tags.len() >= self.options.max_tags => {
                let has = state.tags.len();
                TagOutcome::Skip(Skip::TagLimit { has })
            }
            _ if self.over_limit => TagOutcome::Skip(Skip::OverLimit),
            _ => {
                self.plan.failed_before |=
                    known == Some(WriteState::Failed) && entry.error.is_some();
                self.plan.tags.push(FlickrWrite {
                    people: vec![person.entry.name.to_string()],
                    flickr_id: None,
                    ..entry
                });
                TagOutcome::Add
            }
        }
    }

    /// Enters what the account says of an entry, and that it stands for `person`, too.
    fn settle(&mut self, entry: FlickrWrite, state: WriteState, person: &NamedPerson) {
        let known = (self.journal.of(&entry.photo).iter())
            .find(|known| known.kind == entry.kind && known.item == entry.item);
        let mut people = entry.people.clone();
        if let Some(names) = self.names {
            // People who have been renamed since.
            people.retain(|name| names.contains(name));
        }
        let name = person.entry.name.to_string();
        if !people.contains(&name) {
            people.push(name);
        }
        let is_same = known.is_some_and(|known| known.state == state);
        let settled = FlickrWrite {
            state,
            people,
            error: entry.error.clone().filter(|_| is_same),
            code: entry.code.filter(|_| is_same),
            ..entry
        };
        // What two people share comes here twice.
        let other = |other: &FlickrWrite| {
            (other.kind, &other.photo, &other.item) == (settled.kind, &settled.photo, &settled.item)
        };
        if let Some(earlier) = self.settled.iter_mut().find(|earlier| other(earlier)) {
            let new = settled.people.into_iter();
            let new: Vec<_> = new.filter(|name| !earlier.people.contains(name)).collect();
            earlier.people.extend(new);
        } else if known != Some(&settled) {
            self.settled.push(settled);
        }
    }

    /// Plans a note or a member, unless it is there or the photo may not be written to.
    fn plan_write(
        &mut self,
        write: FlickrWrite,
        entry: Option<&FlickrWrite>,
        face: Option<FaceBox>,
        person: &NamedPerson,
        counts: &mut NoteCounts,
    ) {
        let again = self.options.selection.again;
        let is_done = entry.is_some_and(|entry| match entry.state {
            WriteState::Added | WriteState::Preexisting => true,
            WriteState::RemovedElsewhere => !again,
            _ => false,
        });
        let writable = !self.over_limit
            && matches!(self.remote, Some(RemotePhoto::Owned(state)) if !self.is_skipped(state));
        let planned = match write.kind {
            WriteKind::Note => &mut self.plan.notes,
            _ => &mut self.plan.members,
        };
        let item = entry.map_or(&write.item, |entry| &entry.item);
        let twice = planned.iter_mut().find(|other| other.write.item == *item);
        let refused = entry.filter(|entry| entry.is_refused() && !again);
        if let Some(same) = twice {
            // Two people may have the same NSID.
            same.write.people.extend(write.people);
            counts.done += 1;
        } else if let Some(entry) = entry.filter(|_| is_done) {
            counts.done += 1;
            self.settle(entry.clone(), entry.state, person);
        } else if let Some(refused) = refused {
            counts.refused += 1;
            self.refused.push(refused.clone());
        } else if writable {
            counts.add.push(write.photo.clone());
            // What an interrupted call may have written is found again by its place, what one may not have
            // removed by its id.
            let begun = entry.filter(|entry| entry.state.is_ours());
            self.plan.failed_before |= entry
                .is_some_and(|entry| entry.state == WriteState::Failed && entry.error.is_some());
            planned.push(PlannedWrite {
                write: FlickrWrite {
                    item: item.clone(),
                    place: begun.and_then(|entry| entry.place),
                    flickr_id: begun.and_then(|entry| entry.flickr_id.clone()),
                    written: entry.map_or(0, |entry| entry.written),
                    ..write
                },
                face,
                begun: begun.is_some(),
            });
        } else {
            counts.skipped += 1;
        }
    }
}

/// Whether a tag on Flickr is that of an entry of ours: nobody else has set or rewritten it, as far as the
/// reply says.
fn is_ours(entry: &FlickrWrite, tag: &Tag) -> bool {
    tag.raw.is_empty() || is_same_text(&entry.text, &tag.raw)
}
