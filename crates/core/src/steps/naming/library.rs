//! What a session knows: the faces and their neighbours, which stay, and what has been decided, which
//! does not.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{
    group_pairs::Said,
    settings::{Settings, Subset},
};
use crate::{
    cluster::{Calibrated, DIMENSIONS, Graph},
    naming::{
        quality_filter::{FaceQuality, RejectReason},
        tag_text::clean_tag,
    },
    store::{FaceId, FaceState, PersonId, PersonRow, PhotoId, Store, StoreError, StoredFace},
};

/// The faces of one descriptor network; everything by a face's number, 0 and up in the order of
/// upload.
#[derive(Debug)]
pub(super) struct Library {
    pub ids: Vec<FaceId>,
    numbers: HashMap<FaceId, u32>,
    /// The photo of each face, by number.
    pub photo: Vec<u32>,
    /// Flickr's ids of the photos.
    pub photos: Vec<PhotoId>,
    pub seen: Vec<FaceQuality>,
    /// Why a face is of low quality.
    pub refused: Vec<Option<RejectReason>>,
    pub compared: Compared,
    pub graph: Graph,
    /// The clean tags that photos have on Flickr, separated by spaces.
    tags: HashMap<u32, String>,
    /// On how many of these photos each is.
    photos_tagged: HashMap<String, usize>,
}

/// What a session keeps of a face besides what it is compared by.
pub(super) struct Listed {
    id: FaceId,
    photo: PhotoId,
    seen: FaceQuality,
}

/// Takes faces apart: each descriptor is there once, and memory is not held for both forms while faces are compared.
pub(super) fn taken_apart(faces: Vec<StoredFace>) -> (Vec<Listed>, Vec<[f32; DIMENSIONS]>) {
    let faces = faces.into_iter().map(|face| {
        let listed = Listed {
            id: face.id,
            photo: face.photo,
            seen: face.seen,
        };
        (listed, face.descriptor.0)
    });
    faces.unzip()
}

/// What faces are compared by, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Compared {
    pub descriptors: Vec<[f32; DIMENSIONS]>,
    /// Empty where distances are plain.
    pub crowding: Vec<f32>,
}

impl Compared {
    pub(super) fn point(&self, face: u32) -> Calibrated<'_> {
        Calibrated {
            descriptor: &self.descriptors[face as usize],
            crowding: self.crowding.get(face as usize).copied(),
        }
    }

    /// Those of `faces`.
    pub(super) fn points(&self, faces: &[u32]) -> Vec<Calibrated<'_>> {
        faces.iter().map(|&face| self.point(face)).collect()
    }

    /// All.
    pub(super) fn all(&self) -> Vec<Calibrated<'_>> {
        (0..self.descriptors.len() as u32)
            .map(|face| self.point(face))
            .collect()
    }
}

/// What has been decided, as it was at one moment.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub revision: i64,
    pub states: Vec<FaceState>,
    pub rejected: Arc<HashSet<(u32, PersonId)>>,
    /// What was said of groups, by its number: the later the higher.
    pub said: Arc<BTreeMap<i64, Said>>,
    /// By [`PersonRow::order`].
    pub people: Arc<Vec<PersonRow>>,
}

impl Known {
    /// What was decided up to `revision` or later: `states` by the faces' numbers, and the rest as the store has it.
    pub(super) async fn read(
        store: &Store,
        library: &Library,
        revision: i64,
        states: Vec<FaceState>,
    ) -> Result<Self, StoreError> {
        let rejections = store.rejections().await?;
        let rejected = rejections
            .into_iter()
            .filter_map(|(face, person)| Some((library.number(&face)?, person)));
        let mut said = BTreeMap::new();
        for one in store.said_of_groups().await? {
            if let Some(face) = library.number(&one.face) {
                Said::add(&mut said, &one, face);
            }
        }
        Ok(Self {
            revision,
            states,
            rejected: Arc::new(rejected.collect()),
            said: Arc::new(said),
            people: Arc::new(store.people().await?),
        })
    }

    /// Reads what was changed since, which takes as long whatever there is besides; `None` where nothing was.
    pub(super) async fn updated(
        &self,
        store: &Store,
        library: &Library,
    ) -> Result<Option<Self>, StoreError> {
        let changes = store.changes_since(self.revision).await?;
        if changes.revision == self.revision {
            return Ok(None);
        }
        let mut known = Self {
            revision: changes.revision,
            ..self.clone()
        };
        let mut people: BTreeSet<PersonId> = changes.people.into_iter().collect();
        for (face, state) in changes.faces {
            if let FaceState::Named(person) = state {
                people.insert(person);
            }
            if let Some(number) = library.number(&face) {
                let was = std::mem::replace(&mut known.states[number as usize], state);
                if let FaceState::Named(person) = was {
                    people.insert(person);
                }
            }
        }
        if !changes.rejections.is_empty() {
            let rejected = Arc::make_mut(&mut known.rejected);
            for (face, person, is_rejected) in changes.rejections {
                let Some(number) = library.number(&face) else {
                    continue;
                };
                match is_rejected {
                    true => rejected.insert((number, person)),
                    false => rejected.remove(&(number, person)),
                };
            }
        }
        if !changes.said.is_empty() || !changes.unsaid.is_empty() {
            let said = Arc::make_mut(&mut known.said);
            for (number, face) in changes.unsaid {
                if let Some(face) = library.number(&face) {
                    Said::remove(said, number, face);
                }
            }
            for one in changes.said {
                if let Some(face) = library.number(&one.face) {
                    Said::add(said, &one, face);
                }
            }
        }
        if !people.is_empty() {
            let rows = Arc::make_mut(&mut known.people);
            rows.retain(|row| !people.contains(&row.id));
            for person in people {
                rows.extend(store.listed_person(person).await?);
            }
            rows.sort_by_cached_key(PersonRow::order);
        }
        Ok(Some(known))
    }
}

impl Library {
    /// Takes the faces over, with their descriptors and neighbours. `tags` are those of photos.
    pub(super) fn new(
        faces: Vec<Listed>,
        compared: Compared,
        tags: Vec<(PhotoId, String)>,
        settings: &Settings,
        graph: Graph,
    ) -> Self {
        let (mut ids, mut photo, mut seen) = (Vec::new(), Vec::new(), Vec::new());
        let mut photos: Vec<PhotoId> = Vec::new();
        let mut photo_numbers: HashMap<PhotoId, u32> = HashMap::new();
        for Listed {
            id,
            photo: name,
            seen: face,
        } in faces
        {
            let number = *photo_numbers.entry(name).or_insert_with_key(|name| {
                photos.push(name.clone());
                photos.len() as u32 - 1
            });
            photo.push(number);
            ids.push(id);
            seen.push(face);
        }
        let tags: HashMap<u32, String> = tags
            .into_iter()
            .filter_map(|(photo, tags)| Some((*photo_numbers.get(&photo)?, tags)))
            .collect();
        let mut photos_tagged = HashMap::new();
        for tags in tags.values() {
            for tag in tags.split(' ').collect::<HashSet<_>>() {
                *photos_tagged.entry(tag.to_owned()).or_default() += 1;
            }
        }
        Self {
            graph,
            photos_tagged,
            numbers: (0..).zip(&ids).map(|(n, id)| (id.clone(), n)).collect(),
            refused: seen
                .iter()
                .map(|seen| settings.quality.reject_reason(seen))
                .collect(),
            tags,
            ids,
            photo,
            photos,
            seen,
            compared,
        }
    }

    /// The number of a face; `None` where it is not one of these.
    pub(super) fn number(&self, face: &FaceId) -> Option<u32> {
        self.numbers.get(face).copied()
    }

    /// The clean tags of a photo, separated by spaces; empty where it has none, or no undecided face when this began.
    pub(super) fn tags_of(&self, photo: u32) -> &str {
        self.tags.get(&photo).map_or("", String::as_str)
    }

    /// How many photos have a clean tag.
    pub(super) fn photos_tagged(&self, tag: &str) -> usize {
        self.photos_tagged.get(tag).copied().unwrap_or(0)
    }

    pub(crate) fn photo_of(&self, face: u32) -> &PhotoId {
        &self.photos[self.photo[face as usize] as usize]
    }

    /// The faces without a decision that are in this subset, ascending.
    pub(super) fn subset(&self, known: &Known, subset: Subset) -> Vec<u32> {
        let wanted = |face: &u32| {
            let refused = self.refused[*face as usize].is_some();
            known.states[*face as usize] == FaceState::Unnamed
                && refused == (subset == Subset::LowQuality)
        };
        (0..self.ids.len() as u32).filter(wanted).collect()
    }

    /// The faces of a person, ascending.
    pub(super) fn faces_of(&self, known: &Known, person: PersonId) -> Vec<u32> {
        let theirs = |face: &u32| known.states[*face as usize] == FaceState::Named(person);
        (0..self.ids.len() as u32).filter(theirs).collect()
    }

    /// The faces of a face's photo, itself among them, ascending.
    pub(super) fn in_photo_of(&self, face: u32) -> Vec<u32> {
        let photo = self.photo[face as usize];
        // A photo's faces follow each other.
        let from = self.photo.partition_point(|&other| other < photo);
        let to = self.photo.partition_point(|&other| other <= photo);
        (from as u32..to as u32).collect()
    }

    /// Whether a person is found in a face's photo.
    pub(super) fn is_shown(&self, known: &Known, face: u32, person: PersonId) -> bool {
        (self.in_photo_of(face).into_iter())
            .any(|other| known.states[other as usize] == FaceState::Named(person))
    }

    /// Which people are found in which photos, by the photo's number.
    pub(super) fn shown(&self, known: &Known) -> HashSet<(u32, PersonId)> {
        let faces = known.states.iter().zip(&self.photo);
        faces
            .filter_map(|(state, &photo)| match state {
                FaceState::Named(person) => Some((photo, *person)),
                _ => None,
            })
            .collect()
    }

    /// For each face the person to compare others with it for. Faces of low quality
    /// look like anyone: they stand for a person only where there is no better one.
    pub(super) fn samples(&self, known: &Known) -> Vec<Option<PersonId>> {
        let person = |face: usize| match known.states[face] {
            FaceState::Named(person) => Some(person),
            _ => None,
        };
        let well_seen: HashSet<PersonId> = (0..self.ids.len())
            .filter(|&face| self.refused[face].is_none())
            .filter_map(person)
            .collect();
        let samples = (0..self.ids.len()).map(|face| {
            person(face).filter(|who| self.refused[face].is_none() || !well_seen.contains(who))
        });
        samples.collect()
    }

    /// Faces whose photo has the tag of a known person on Flickr: of one only who is not found in it
    /// yet, and the photo holds one undecided face only, of `subset` or not.
    pub(super) fn tagged(&self, known: &Known, subset: &[u32]) -> Vec<(u32, PersonId)> {
        let mut by_tag: HashMap<String, Vec<PersonId>> = HashMap::new();
        for person in known.people.iter() {
            for text in [Some(&person.name), person.tag.as_ref()]
                .into_iter()
                .flatten()
            {
                by_tag.entry(clean_tag(text)).or_default().push(person.id);
            }
        }
        let found = self.shown(known);
        let mut undecided: HashMap<u32, u32> = HashMap::new();
        for (state, &photo) in known.states.iter().zip(&self.photo) {
            if *state == FaceState::Unnamed {
                *undecided.entry(photo).or_default() += 1;
            }
        }
        let tagged = subset.iter().filter_map(|&face| {
            let photo = self.photo[face as usize];
            let tags = self.tags.get(&photo)?;
            if undecided.get(&photo) != Some(&1) {
                return None;
            }
            let mut people: Vec<PersonId> = tags
                .split(' ')
                .filter_map(|tag| by_tag.get(tag))
                .flatten()
                .copied()
                .filter(|&person| !found.contains(&(photo, person)))
                .collect();
            people.sort_unstable();
            people.dedup();
            match people[..] {
                [person] if !known.rejected.contains(&(face, person)) => Some((face, person)),
                _ => None,
            }
        });
        tagged.collect()
    }
}
