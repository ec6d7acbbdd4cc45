//! Computes a plan: reads names, journal and account. Writes nothing to Flickr.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    super::StepError,
    account::{self, PhotoState, RemotePhoto},
    journal::{Failure, Journal},
    people::{NamedPerson, People},
    photo_planner::PhotoPlanner,
    plan::{PersonPlan, PhotoPlan, Plan, TagOptions},
};
use crate::{
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
}

impl<'a> Planner<'a> {
    pub(super) async fn new(options: &'a TagOptions<'a>, store: &Store) -> Result<Self, StepError> {
        let people = People::load(store, options.names).await?;
        let journal = Journal::read(store).await?;
        Ok(Self {
            options,
            outdated: journal.outdated(&people.all),
            journal,
            people: people.selected(options.selection)?,
        })
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
        let done = |kind, item: &str| {
            let entry = self.journal.get(kind, photo, item);
            let settled = [
                WriteState::Added,
                WriteState::Preexisting,
                WriteState::RemovedElsewhere,
            ];
            !selection.again
                && entry.is_some_and(|entry| settled.contains(&entry.state) || entry.is_refused())
        };
        let mut faces = 0..person.faces_on(photo).len();
        let nsid = person.entry.nsid.as_deref().filter(|_| selection.members);
        done(WriteKind::Tag, &clean_tag(person.entry.tag_text()))
            && (!selection.notes
                || faces.all(|face| done(WriteKind::Note, &person.note_item(face))))
            && nsid.is_none_or(|nsid| done(WriteKind::Member, nsid))
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
            unreadable: Vec::new(),
            refused: Vec::new(),
            skips_public: self.options.write_to == WriteTo::Private,
            settled: Vec::new(),
        };
        let limit = selection.limit.map_or(usize::MAX, |limit| limit as usize);
        for (photo, people) in self.photos() {
            let mut planner = PhotoPlanner {
                options: self.options,
                journal: &self.journal,
                remote: remote.get(photo),
                over_limit: plan.photos.len() >= limit,
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
            let lacking = planner.plan;
            if !lacking.is_empty() {
                plan.photos.push(lacking);
            }
        }
        plan.outdated = self.outdated;
        plan
    }
}

impl Plan {
    /// Reads the names, the journal and the account's tags, and says what is lacking.
    ///
    /// # Errors
    /// Where names or store cannot be read, a selected name does not exist, or Flickr cannot be read.
    pub async fn compute(
        options: &TagOptions<'_>,
        store: &Store,
        flickr: &Flickr,
        progress: &dyn Progress,
    ) -> Result<Self, StepError> {
        let planner = Planner::new(options, store).await?;
        let journal = &planner.journal;
        let doubt = |photo: &PhotoId, state: &PhotoState| journal.misses_a_tag(photo, state);
        let photos = planner.unsettled();
        let remote = account::look_up(flickr, store, &photos, &doubt, progress).await?;
        Ok(planner.finish(&remote))
    }
}
