//! Computes a plan: reads names, journal and account. Writes nothing to Flickr.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    super::StepError,
    account::{self, Doubts, PhotoState, Presence, RemotePhoto},
    journal::{Failure, Journal},
    people::{NameSource, NamedPerson, People},
    photo_planner::PhotoPlanner,
    plan::{PersonPlan, PhotoPlan, Plan, TagOptions},
};
use crate::{
    boxed,
    config::WriteTo,
    flickr::Flickr,
    ids::PhotoId,
    naming::tag_text::clean_tag,
    progress::Progress,
    store::{FlickrWrite, Store, WriteKind, WriteState},
};

/// Names and journal, read; what is on Flickr is still to be looked up.
pub(super) struct Planner<'a> {
    options: &'a TagOptions<'a>,
    pub(super) journal: Journal,
    people: Vec<NamedPerson>,
    outdated: Vec<FlickrWrite>,
    /// Notes of ours on faces that the store knows by another name now, or by none.
    wrong: Vec<FlickrWrite>,
    /// Everyone's names; `None` where a list may lack some.
    names: Option<HashSet<String>>,
    /// Photos that are no longer on Flickr: nobody can do anything about them.
    pub(super) deleted: HashSet<PhotoId>,
}

impl<'a> Planner<'a> {
    pub(super) async fn new(options: &'a TagOptions<'a>, store: &Store) -> Result<Self, StepError> {
        let people = People::load(store, options.names).await?;
        let journal = Journal::read(store).await?;
        let (mut outdated, mut wrong) = (journal.outdated(&people.all), Vec::new());
        let deleted = store.deleted_photos().await?;
        outdated.retain(|write| !deleted.contains(&write.photo));
        let mut names = None;
        if *options.names == NameSource::Store {
            let all = people.all.iter();
            names = Some(all.map(|person| person.entry.name.to_string()).collect());
            // One whose person is not to be written any more is where it belongs.
            (wrong, outdated) = outdated.into_iter().partition(|write| {
                let mut notes =
                    (people.all.iter()).flat_map(|person| person.notes_on(&write.photo));
                write.kind == WriteKind::Note && !notes.any(|note| note.is(write))
            });
        }
        Ok(Self {
            options,
            outdated,
            wrong,
            names,
            deleted,
            journal,
            people: people.selected(options.selection)?,
        })
    }

    /// The wrong notes that the selected people, or those in their place, have on each photo.
    fn selected_wrong(&self) -> BTreeMap<&PhotoId, Vec<&FlickrWrite>> {
        let selection = self.options.selection;
        let everyone = selection.only.is_empty() && selection.except.is_empty();
        let is_selected = |write: &FlickrWrite| {
            self.people.iter().any(|person| {
                let mut notes = person.notes_on(&write.photo).into_iter();
                write
                    .people
                    .iter()
                    .any(|name| person.entry.name.as_str() == name)
                    || notes.any(|note| write.place.is_some_and(|place| note.is_at(place)))
            })
        };
        let mut photos: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for write in self.wrong.iter().filter(|_| selection.notes) {
            if everyone || is_selected(write) {
                photos.entry(&write.photo).or_default().push(write);
            }
        }
        photos
    }

    /// Whether what a reply says of a photo must be looked at more closely.
    pub(super) fn doubts(&self) -> impl Fn(&PhotoId, &PhotoState) -> bool + Sync {
        let photos = self.photos();
        move |photo, state| {
            // A tag may be there whose clean form is that which a text would have by the rule of recordings.
            let guessed = |(_, person): &(usize, &NamedPerson)| {
                let text = person.entry.tag_text();
                state.presence(&self.journal.forms, text) == Presence::Unknown
                    && (state.tags.iter()).any(|tag| tag.clean == clean_tag(text))
            };
            self.journal.doubts(photo, state)
                || photos.get(photo).into_iter().flatten().any(guessed)
        }
    }

    /// Each photo with the people who may be written to it, and their positions.
    fn photos(&self) -> BTreeMap<&PhotoId, Vec<(usize, &NamedPerson)>> {
        let mut photos: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, person) in self.people.iter().enumerate() {
            for photo in person.entry.photos.iter().filter(|_| person.entry.write) {
                photos.entry(photo).or_default().push((index, person));
            }
        }
        photos
    }

    /// Photos that must be looked up on Flickr.
    pub(super) fn unsettled(&self) -> BTreeSet<PhotoId> {
        (self.photos().into_iter())
            .filter(|(photo, people)| {
                let mut people = people.iter();
                people.any(|(_, person)| !self.is_settled(photo, person))
            })
            .map(|(photo, _)| photo.clone())
            .collect()
    }

    /// Whether the journal alone says what becomes of a person's photo.
    fn is_settled(&self, photo: &PhotoId, person: &NamedPerson) -> bool {
        let selection = self.options.selection;
        let done = |entry: Option<&FlickrWrite>| {
            let settled = [
                WriteState::Added,
                WriteState::Preexisting,
                WriteState::RemovedElsewhere,
            ];
            !selection.again
                && entry.is_some_and(|entry| settled.contains(&entry.state) || entry.is_refused())
        };
        let mut notes = person.notes_on(photo).into_iter();
        let nsid = person.entry.nsid.as_deref().filter(|_| selection.members);
        let journal = &self.journal;
        done(journal.tag(photo, person.entry.tag_text()))
            && (!selection.notes || notes.all(|note| done(journal.note(photo, &note))))
            && nsid.is_none_or(|nsid| done(journal.member(photo, nsid)))
    }

    /// Computes the plan by what was found on Flickr.
    pub(super) fn finish(self, remote: &HashMap<PhotoId, RemotePhoto>) -> Plan {
        let selection = self.options.selection;
        let mut plan = Plan {
            people: (self.people.iter())
                .map(|person| PersonPlan::new(person, selection))
                .collect(),
            photos: Vec::new(),
            outdated: Vec::new(),
            wrong: Vec::new(),
            unreadable: Vec::new(),
            refused: Vec::new(),
            skips_public: self.options.write_to == WriteTo::Private,
            settled: Vec::new(),
        };
        let limit = selection.limit.map_or(usize::MAX, |limit| limit as usize);
        let (mut photos, wrong) = (self.photos(), self.selected_wrong());
        for photo in wrong.keys() {
            photos.entry(photo).or_default();
        }
        for (photo, people) in photos {
            let mut planner = PhotoPlanner {
                options: self.options,
                journal: &self.journal,
                remote: remote.get(photo),
                over_limit: plan.photos.len() >= limit,
                names: self.names.as_ref(),
                plan: PhotoPlan::new(photo, remote.get(photo)),
                settled: &mut plan.settled,
                refused: &mut plan.refused,
            };
            for (index, person) in people {
                if let Some(of) = plan.people.get_mut(index) {
                    planner.add(person, of);
                }
            }
            if let Some(RemotePhoto::Unreadable(reason)) = planner.remote {
                let (photo, reason) = (photo.clone(), reason.clone());
                plan.unreadable.push(Failure { photo, reason });
            }
            let mut lacking = planner.plan;
            if plan.photos.len() < limit {
                let wrong = wrong.get(photo).into_iter().flatten();
                lacking.wrong = wrong.map(|write| (*write).clone()).collect();
            }
            if !lacking.is_empty() {
                plan.photos.push(lacking);
            }
        }
        plan.wrong = self.wrong;
        plan.outdated = self.outdated;
        plan
    }
}

impl Plan {
    /// Reads the names, the journal and the account's tags, and says what is lacking.
    ///
    /// # Errors
    /// Where names or store cannot be read, a selected name does not exist, or Flickr cannot be read.
    #[boxed]
    pub async fn compute(
        options: &TagOptions<'_>,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<Self, StepError> {
        let planner = Planner::new(options, store).await?;
        let doubted = planner.doubts();
        let doubts = Doubts {
            of: &doubted,
            written: &|photo| planner.journal.written(photo),
        };
        let photos = planner.unsettled();
        let remote = account::look_up(flickr, store, &photos, &doubts, progress).await?;
        drop(doubted);
        Ok(planner.finish(&remote))
    }
}
