//! What becomes of each person on one photo.

use super::{
    account::{PhotoState, RemotePhoto},
    journal::{Journal, new_write},
    people::NamedPerson,
    plan::{NoteCounts, PersonPlan, PhotoPlan, PlannedWrite, Skip, TagOptions},
};
use crate::{
    config::WriteTo,
    faces::FaceBox,
    naming::tag_text::clean_tag,
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
        let faces = person.faces_on(&photo);
        if let Some(notes) = &mut of.notes {
            notes.no_face += u64::from(faces.is_empty());
            for (number, face) in faces.iter().enumerate() {
                let item = person.note_item(number);
                let write = self.new_write(WriteKind::Note, item, person.note_text(), person);
                self.plan_write(write, Some(*face), notes);
            }
        }
        if let (Some(member), Some(nsid)) = (&mut of.member, &person.entry.nsid) {
            let name = person.entry.name.as_str();
            let write = self.new_write(WriteKind::Member, nsid.clone(), name, person);
            self.plan_write(write, faces.first().copied(), member);
        }
    }

    fn new_write(
        &self,
        kind: WriteKind,
        item: String,
        text: &str,
        person: &NamedPerson,
    ) -> FlickrWrite {
        new_write(kind, &self.plan.photo, item, text, person)
    }

    fn is_skipped(&self, state: &PhotoState) -> bool {
        state.public && self.options.write_to == WriteTo::Private
    }

    fn tag(&mut self, person: &NamedPerson) -> TagOutcome {
        let text = person.entry.tag_text();
        let key = clean_tag(text);
        // Two people may share a tag: it is added once.
        if let Some(same) = self.plan.tags.iter_mut().find(|tag| tag.item == key) {
            same.people.push(person.entry.name.to_string());
            return TagOutcome::Add;
        }
        let entry = self.journal.get(WriteKind::Tag, &self.plan.photo, &key);
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
                return match known {
                    Some(WriteState::Preexisting) => TagOutcome::Present,
                    Some(WriteState::RemovedElsewhere) => TagOutcome::Skip(Skip::RemovedByUser),
                    _ => TagOutcome::Written,
                };
            }
        };
        let fresh = self.new_write(WriteKind::Tag, key.clone(), text, person);
        match (known, state.has(&key)) {
            // A call whose answer was lost had been made after all: the tag is ours.
            (Some(WriteState::Begun | WriteState::Added | WriteState::Removing), true) => {
                self.settle(entry, fresh, WriteState::Added, state.full_id(&key));
                TagOutcome::Written
            }
            (_, true) => {
                self.settle(entry, fresh, WriteState::Preexisting, None);
                TagOutcome::Present
            }
            (
                Some(WriteState::Added | WriteState::Preexisting | WriteState::RemovedElsewhere),
                false,
            ) if !self.options.selection.again => {
                self.settle(entry, fresh, WriteState::RemovedElsewhere, None);
                TagOutcome::Skip(Skip::RemovedByUser)
            }
            (_, false) if self.is_skipped(state) => TagOutcome::Skip(Skip::Public),
            (_, false) if refused.is_some() => {
                self.refused.extend(refused.cloned());
                TagOutcome::Skip(Skip::Refused)
            }
            (_, false) if state.count + self.plan.tags.len() >= self.options.max_tags => {
                TagOutcome::Skip(Skip::TagLimit { has: state.count })
            }
            (_, false) if self.over_limit => TagOutcome::Skip(Skip::OverLimit),
            (_, false) => {
                self.plan.failed_before |= known == Some(WriteState::Failed);
                self.plan.tags.push(fresh);
                TagOutcome::Add
            }
        }
    }

    /// Enters what the account says of a tag that is `fresh` where it has no `entry` in the journal.
    fn settle(
        &mut self,
        entry: Option<&FlickrWrite>,
        fresh: FlickrWrite,
        state: WriteState,
        full_id: Option<String>,
    ) {
        let known_id = entry.and_then(|entry| entry.flickr_id.clone());
        let id_is_new = full_id.is_some() && known_id.is_none();
        if entry.map(|entry| entry.state) == Some(state) && !id_is_new {
            return;
        }
        let mut settled = entry.cloned().unwrap_or_else(|| fresh.clone());
        if settled.people.is_empty() {
            settled.people = fresh.people;
        }
        self.settled.push(FlickrWrite {
            state,
            flickr_id: full_id.or(known_id),
            error: None,
            code: None,
            ..settled
        });
    }

    /// Plans a note or a member, unless it is there or the photo may not be written to.
    fn plan_write(
        &mut self,
        mut write: FlickrWrite,
        face: Option<FaceBox>,
        counts: &mut NoteCounts,
    ) {
        let again = self.options.selection.again;
        let entry = self.journal.get(write.kind, &write.photo, &write.item);
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
        // Two people may have the same name or NSID; the journal keeps one write for both.
        let twice = planned.iter().any(|other| other.write.item == write.item);
        let refused = entry.filter(|entry| entry.is_refused() && !again);
        if twice || is_done {
            counts.done += 1;
        } else if let Some(refused) = refused {
            counts.refused += 1;
            self.refused.push(refused.clone());
        } else if writable {
            counts.add.push(write.photo.clone());
            // What an interrupted call may have written is found again by its place.
            let begun = entry.filter(|entry| entry.state == WriteState::Begun);
            write.place = begun.and_then(|entry| entry.place);
            self.plan.failed_before |= entry.is_some_and(|entry| entry.state == WriteState::Failed);
            planned.push(PlannedWrite {
                write,
                face,
                begun: begun.is_some(),
            });
        } else {
            counts.skipped += 1;
        }
    }
}
