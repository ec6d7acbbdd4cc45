//! Makes a plan: what becomes of each person on each photo.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    super::StepError,
    Wish,
    account::{Look, Seen},
    journal::{Journal, new_write, note_item, shown},
    plan::{Extra, PersonPlan, PhotoPlan, Plan, Planned, Skip, Spot, outdated},
    wanted,
};
use crate::{
    config::WriteTo,
    naming::{PhotoId, tag_text::clean_tag, tags_file::Person},
    store::{FlickrWrite, NamedFace, Store, WriteKind, WriteState},
};

/// A plan in the making.
pub(super) struct Maker<'a> {
    wish: &'a Wish<'a>,
    pub(super) journal: Journal,
    faces: HashMap<(PhotoId, String), Vec<NamedFace>>,
    people: Vec<Person>,
    /// Each photo with those of `people` who may be written to it.
    photos: BTreeMap<PhotoId, Vec<usize>>,
    plans: Vec<PersonPlan>,
    plan: Plan,
}

/// What is to become of a person's tag on a photo.
enum Verdict {
    Written,
    Present,
    Add,
    Skip(Skip),
}

impl<'a> Maker<'a> {
    /// Reads tags.json and the store.
    pub(super) async fn new(
        wish: &'a Wish<'a>,
        store: &Store,
        nsid: &str,
    ) -> Result<Self, StepError> {
        let file = wanted::read(wish.file, Some(nsid)).await?;
        let journal = Journal::read(store).await?;
        let outdated = outdated(&journal, &file.people);
        let people = wanted::people(file, wish.choice)?;
        let mut faces = HashMap::new();
        if wish.choice.notes || wish.choice.members {
            for face in store.named_faces().await? {
                let of = (face.photo.clone(), face.person.clone());
                faces.entry(of).or_insert_with(Vec::new).push(face);
            }
        }
        let mut photos: BTreeMap<PhotoId, Vec<usize>> = BTreeMap::new();
        for (number, person) in people.iter().enumerate() {
            for photo in person.photos.iter().filter(|_| person.write) {
                photos.entry(photo.clone()).or_default().push(number);
            }
        }
        Ok(Self {
            wish,
            journal,
            faces,
            photos,
            plans: people.iter().map(|person| new_plan(person, wish)).collect(),
            people,
            plan: Plan {
                outdated,
                write_to: Some(wish.write_to),
                ..Plan::default()
            },
        })
    }

    /// Photos that must be looked at on Flickr.
    pub(super) fn open(&self) -> BTreeSet<PhotoId> {
        (self.photos.iter())
            .filter(|(photo, people)| people.iter().any(|number| self.is_open(photo, *number)))
            .map(|(photo, _)| photo.clone())
            .collect()
    }

    /// Makes the plan by what was seen on Flickr.
    pub(super) fn finish(mut self, looks: &HashMap<PhotoId, Look>) -> Plan {
        for (photo, people) in std::mem::take(&mut self.photos) {
            self.photo(&photo, &people, looks.get(&photo));
        }
        self.plan.people = self.plans;
        self.plan
    }

    /// Whether the journal alone does not say what becomes of a person's photo.
    fn is_open(&self, photo: &PhotoId, number: usize) -> bool {
        let Some(person) = self.people.get(number) else {
            return false;
        };
        let done = |kind, item: &str| {
            let state = self.journal.state(kind, photo, item);
            let settled = [
                WriteState::Added,
                WriteState::Preexisting,
                WriteState::RemovedElsewhere,
            ];
            !self.wish.choice.again && state.is_some_and(|state| settled.contains(&state))
        };
        let notes = || {
            let faces = self.faces_of(photo, person).len();
            (0..faces).all(|face| done(WriteKind::Note, &note_item(person, face)))
        };
        let nsid = person.nsid.as_deref().filter(|_| self.wish.choice.members);
        !done(WriteKind::Tag, &clean_tag(person.tag_text()))
            || (self.wish.choice.notes && !notes())
            || nsid.is_some_and(|nsid| !done(WriteKind::Member, nsid))
    }

    fn faces_of(&self, photo: &PhotoId, person: &Person) -> &[NamedFace] {
        let of = (photo.clone(), person.name.key());
        self.faces.get(&of).map_or(&[], Vec::as_slice)
    }

    fn photo(&mut self, photo: &PhotoId, people: &[usize], look: Option<&Look>) {
        let mut plan = PhotoPlan {
            photo: photo.clone(),
            tags: Vec::new(),
            notes: Vec::new(),
            members: Vec::new(),
            medium: match look {
                Some(Look::Here(seen)) => seen.medium,
                _ => None,
            },
        };
        let mut verdicts = Vec::new();
        for &number in people {
            let Some(person) = self.people.get(number).cloned() else {
                continue;
            };
            let verdict = self.tag(&mut plan, &person, look);
            verdicts.push((number, verdict));
            let writable = matches!(look, Some(Look::Here(seen)) if !self.is_spared(seen));
            self.notes(&mut plan, number, &person, writable);
            self.member(&mut plan, number, &person, writable);
        }
        let beyond = (self.wish.choice.limit).is_some_and(|limit| self.plan.photos.len() >= limit);
        let later = beyond && !plan.is_empty();
        for (number, verdict) in verdicts {
            let Some(of) = self.plans.get_mut(number) else {
                continue;
            };
            let photo = photo.clone();
            match verdict {
                Verdict::Written => of.written.push(photo),
                Verdict::Present => of.present.push(photo),
                Verdict::Add if later => of.skipped.push((photo, Skip::Later)),
                Verdict::Add => of.add.push(photo),
                Verdict::Skip(skip) => of.skipped.push((photo, skip)),
            }
        }
        if later {
            for &number in people {
                let of = self.plans.get_mut(number);
                let extras = of.map(|of| [&mut of.notes, &mut of.member]);
                for extra in extras.into_iter().flatten().flatten() {
                    // What this photo would have got stands at the end.
                    while extra.add.pop_if(|last| *last == plan.photo).is_some() {
                        extra.skipped += 1;
                    }
                }
            }
        } else if !plan.is_empty() {
            self.plan.photos.push(plan);
        }
    }

    fn is_spared(&self, seen: &Seen) -> bool {
        seen.public && self.wish.write_to == WriteTo::Private
    }

    fn tag(&mut self, plan: &mut PhotoPlan, person: &Person, look: Option<&Look>) -> Verdict {
        let text = person.tag_text();
        let key = clean_tag(text);
        // Two people may share a tag: it is added once.
        if let Some(same) = plan.tags.iter_mut().find(|tag| tag.item == key) {
            same.people.push(person.name.to_string());
            return Verdict::Add;
        }
        let entry = self.journal.get(WriteKind::Tag, &plan.photo, &key);
        let state = entry.map(|entry| entry.state);
        let seen = match look {
            Some(Look::Here(seen)) => seen,
            Some(Look::NotYours) => return Verdict::Skip(Skip::NotYours),
            Some(Look::Nowhere) => return Verdict::Skip(Skip::NotFound),
            // The journal alone knew.
            None => {
                return match state {
                    Some(WriteState::Preexisting) => Verdict::Present,
                    Some(WriteState::RemovedElsewhere) => Verdict::Skip(Skip::TakenAway),
                    _ => Verdict::Written,
                };
            }
        };
        let mut write = match entry {
            Some(entry) => FlickrWrite {
                error: None,
                ..entry.clone()
            },
            None => new_write(WriteKind::Tag, &plan.photo, key.clone(), text),
        };
        if write.people.is_empty() {
            write.people.push(person.name.to_string());
        }
        let mut settle = |state: WriteState, full_id: Option<String>| {
            let id_is_new = full_id.is_some() && write.flickr_id.is_none();
            if entry.map(|entry| entry.state) != Some(state) || id_is_new {
                self.plan.settled.push(FlickrWrite {
                    state,
                    flickr_id: full_id.or(write.flickr_id.clone()),
                    ..write.clone()
                });
            }
        };
        let told = !self.wish.choice.again;
        match (state, seen.has(&key)) {
            // A call whose answer was lost had been made after all: the tag is ours.
            (Some(WriteState::Begun | WriteState::Added | WriteState::Removing), true) => {
                settle(WriteState::Added, seen.full_id(&key));
                Verdict::Written
            }
            (_, true) => {
                settle(WriteState::Preexisting, None);
                Verdict::Present
            }
            (
                Some(WriteState::Added | WriteState::Preexisting | WriteState::RemovedElsewhere),
                false,
            ) if told => {
                settle(WriteState::RemovedElsewhere, None);
                Verdict::Skip(Skip::TakenAway)
            }
            (_, false) if self.is_spared(seen) => Verdict::Skip(Skip::Public),
            (_, false) if seen.count + plan.tags.len() >= self.wish.max_tags => {
                Verdict::Skip(Skip::Full { has: seen.count })
            }
            (_, false) => {
                plan.tags.push(FlickrWrite {
                    text: text.to_owned(),
                    people: vec![person.name.to_string()],
                    state: WriteState::Begun,
                    flickr_id: None,
                    ..write
                });
                Verdict::Add
            }
        }
    }

    fn notes(&mut self, plan: &mut PhotoPlan, number: usize, person: &Person, writable: bool) {
        let spots: Vec<_> = self
            .faces_of(&plan.photo, person)
            .iter()
            .map(spot)
            .collect();
        let again = self.wish.choice.again;
        let Some(notes) = self.plans.get_mut(number).and_then(|of| of.notes.as_mut()) else {
            return;
        };
        if spots.is_empty() {
            notes.no_face += 1;
        }
        for (face, spot) in spots.into_iter().enumerate() {
            let item = note_item(person, face);
            let entry = self.journal.get(WriteKind::Note, &plan.photo, &item);
            // Two people may be called the same; the journal keeps one note for both.
            let twice = plan.notes.iter().any(|note| note.write.item == item);
            if twice || entry.is_some_and(|entry| is_done(entry, again)) {
                notes.done += 1;
            } else if writable {
                let mut write = new_write(WriteKind::Note, &plan.photo, item, shown(person));
                write.people.push(person.name.to_string());
                // What an interrupted call may have written is found again by its place.
                let begun = entry.filter(|entry| entry.state == WriteState::Begun);
                write.place = begun.and_then(|entry| entry.place);
                plan.notes.push(Planned {
                    write,
                    spot: Some(spot),
                    begun: begun.is_some(),
                });
                notes.add.push(plan.photo.clone());
            } else {
                notes.skipped += 1;
            }
        }
    }

    fn member(&mut self, plan: &mut PhotoPlan, number: usize, person: &Person, writable: bool) {
        let spot = self.faces_of(&plan.photo, person).first().map(spot);
        let again = self.wish.choice.again;
        let of = self.plans.get_mut(number);
        let Some((member, nsid)) = of
            .and_then(|of| of.member.as_mut())
            .zip(person.nsid.as_ref())
        else {
            return;
        };
        let entry = self.journal.get(WriteKind::Member, &plan.photo, nsid);
        let twice = plan.members.iter().any(|other| other.write.item == *nsid);
        if twice || entry.is_some_and(|entry| is_done(entry, again)) {
            member.done += 1;
        } else if writable {
            let name = person.name.as_str();
            let mut write = new_write(WriteKind::Member, &plan.photo, nsid.clone(), name);
            write.people.push(name.to_owned());
            plan.members.push(Planned {
                write,
                spot,
                begun: entry.is_some_and(|entry| entry.state == WriteState::Begun),
            });
            member.add.push(plan.photo.clone());
        } else {
            member.skipped += 1;
        }
    }
}

/// Whether a note or member needs nothing more.
fn is_done(entry: &FlickrWrite, again: bool) -> bool {
    match entry.state {
        WriteState::Added | WriteState::Preexisting => true,
        WriteState::RemovedElsewhere => !again,
        _ => false,
    }
}

fn spot(face: &NamedFace) -> Spot {
    Spot {
        rect: face.rect,
        image: face.image,
    }
}

fn new_plan(person: &Person, wish: &Wish<'_>) -> PersonPlan {
    let asked = |whether: bool| whether.then(Extra::default);
    PersonPlan {
        name: person.name.to_string(),
        tag: person.tag_text().to_owned(),
        never_write: !person.write,
        add: Vec::new(),
        written: Vec::new(),
        present: Vec::new(),
        skipped: if person.write {
            Vec::new()
        } else {
            let photos = person.photos.iter();
            photos
                .map(|photo| (photo.clone(), Skip::NeverWrite))
                .collect()
        },
        notes: asked(wish.choice.notes && person.write),
        member: asked(wish.choice.members && person.write && person.nsid.is_some()),
    }
}
