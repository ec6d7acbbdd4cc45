//! What changes in tags.json mean for the store, and making them there.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use super::{
    Change, TakenOver,
    content::content,
    difference::{Pair, difference},
};
use crate::{
    faces::Descriptor,
    ids::{JournalId, PersonId, PhotoId},
    naming::tags_file::{Person, TagsFile},
    steps::StepError,
    store::{FaceId, FaceState, HandEdit, PhotoFace, Store, Whose},
};

/// A face that is nearer than this to one of a person's may be theirs, on a photo that is said to show
/// them: dlib's own limit for two faces of one person.
const FITS: f32 = 0.6;

/// Takes over what `file` has else than when it was last `written`. Where that is not known, what
/// it says and the store does not is added.
pub(super) async fn carry_out(
    store: &Store,
    path: &Path,
    file: &TagsFile,
    written: Option<&TagsFile>,
    now: i64,
) -> Result<Option<TakenOver>, StepError> {
    let in_store;
    let was = match written {
        Some(written) => written,
        None => {
            in_store = content(store, None).await?;
            &in_store
        }
    };
    let mut plan = Plan::of(store).await?;
    let mut pairs = difference(was, file);
    if written.is_none() {
        pairs.retain(|pair| pair.is.is_some());
    }
    // Faces are taken first: another person may get them then.
    if written.is_some() {
        for pair in &pairs {
            plan.remove(pair).await?;
        }
    }
    for pair in &pairs {
        plan.rename(pair);
    }
    for pair in &pairs {
        plan.add(pair).await?;
        plan.set(pair, written.is_some());
    }
    if plan.edits.is_empty() {
        return Ok(None);
    }
    let mut taken = TakenOver {
        path: path.to_owned(),
        entry: JournalId(0),
        changes: plan.changes,
        without_face: plan.without_face,
    };
    let what = format!("tags.json by hand: {}", taken.what());
    taken.entry = store.edit(&plan.edits, &what, now).await?;
    Ok(Some(taken))
}

/// Changes to make, one after the other.
struct Plan<'a> {
    store: &'a Store,
    /// People of the store by the key of their name.
    known: HashMap<String, PersonId>,
    /// People who are not in the file any more: their names are free.
    gone: BTreeSet<PersonId>,
    /// Pairs of a face and a person that it is not.
    rejected: BTreeSet<(FaceId, PersonId)>,
    /// Descriptors of people's faces, as far as they were needed.
    samples: HashMap<PersonId, Vec<Descriptor>>,
    /// Faces that people lose, by photo.
    moved: BTreeMap<PhotoId, Vec<(FaceId, PersonId)>>,
    edits: Vec<HandEdit>,
    changes: Vec<Change>,
    without_face: usize,
}

impl<'a> Plan<'a> {
    async fn of(store: &'a Store) -> Result<Self, StepError> {
        let people = store.people().await?;
        Ok(Self {
            store,
            known: (people.into_iter())
                .map(|person| (crate::store::key_of(&person.name), person.id))
                .collect(),
            gone: BTreeSet::new(),
            rejected: store.rejections().await?.into_iter().collect(),
            samples: HashMap::new(),
            moved: BTreeMap::new(),
            edits: Vec::new(),
            changes: Vec::new(),
            without_face: 0,
        })
    }

    /// The person of the store that a pair is about, if there is one.
    fn person(&self, pair: &Pair<'_>) -> Option<PersonId> {
        let known = |person: &Person| self.known.get(&person.name.key()).copied();
        pair.was.and_then(known).or_else(|| pair.is.and_then(known))
    }

    /// Photos that people lost, and people who were removed.
    async fn remove(&mut self, pair: &Pair<'_>) -> Result<(), StepError> {
        let Some(was) = pair.was else {
            return Ok(());
        };
        let Some(&person) = self.known.get(&was.name.key()) else {
            return Ok(());
        };
        let removed: BTreeSet<&PhotoId> = pair.removed().into_iter().collect();
        let mut photos = BTreeSet::new();
        if !removed.is_empty() {
            let faces = self.store.faces_of(person).await?.into_iter();
            let faces: Vec<_> = faces.filter(|face| removed.contains(&face.photo)).collect();
            for face in &faces {
                photos.insert(face.photo.clone());
                let moved = self.moved.entry(face.photo.clone()).or_default();
                moved.push((face.id.clone(), person));
            }
            if !faces.is_empty() {
                let ids = faces.into_iter().map(|face| face.id).collect();
                self.edits.push(HandEdit::TakeBack(ids));
            }
            for photo in self.store.photos_without_face(person).await? {
                if removed.contains(&photo) {
                    photos.insert(photo.clone());
                    self.edits.push(HandEdit::ForgetPhoto(person, photo));
                }
            }
        }
        let name = pair.is.unwrap_or(was).name.to_string();
        match pair.is {
            None => {
                self.gone.insert(person);
                self.edits.push(HandEdit::Pin(Whose::Known(person), false));
                self.changes.push(Change::Gone(name, photos.len()));
            }
            Some(_) if !photos.is_empty() => {
                self.changes.push(Change::Removed(name, photos.len()));
            }
            Some(_) => {}
        }
        Ok(())
    }

    fn rename(&mut self, pair: &Pair<'_>) {
        let (Some(was), Some(is)) = (pair.was, pair.is) else {
            return;
        };
        let Some(&person) = self.known.get(&was.name.key()) else {
            return;
        };
        if was.name != is.name {
            self.edits.push(HandEdit::Rename(person, is.name.clone()));
            self.changes.push(Change::Renamed {
                from: was.name.to_string(),
                to: is.name.to_string(),
            });
        }
    }

    /// Photos that people got, and people who are new.
    async fn add(&mut self, pair: &Pair<'_>) -> Result<(), StepError> {
        let Some(is) = pair.is else { return Ok(()) };
        let person = self.person(pair);
        let whose = whose(person, is);
        let mut has: BTreeSet<PhotoId> = BTreeSet::new();
        if let Some(person) = person {
            let faces = self.store.faces_of(person).await?.into_iter();
            has.extend(faces.map(|face| face.photo));
            has.extend(self.store.photos_without_face(person).await?);
        }
        let mut added = 0;
        for photo in pair.added() {
            // Removed by hand from one and given to the same again is no change.
            if has.contains(photo) {
                continue;
            }
            added += 1;
            let edit = match self.face_for(person, photo).await? {
                Some(face) => HandEdit::Face(whose.clone(), face),
                None => {
                    self.without_face += 1;
                    HandEdit::Photo(whose.clone(), photo.clone())
                }
            };
            self.edits.push(edit);
        }
        let name = is.name.to_string();
        if person.is_none() {
            self.changes.push(Change::New(name, added));
        } else if added > 0 {
            self.changes.push(Change::Added(name, added));
        }
        // A person in the file stays in it, with a photo or without.
        let had_none = pair.was.is_some_and(|was| was.photos.is_empty());
        let has_none = is.photos.is_empty();
        if has_none && !had_none || had_none && !has_none {
            self.edits.push(HandEdit::Pin(whose, has_none));
        }
        Ok(())
    }

    /// The face on a photo that is said to show a person which is theirs, where that can be told.
    async fn face_for(
        &mut self,
        person: Option<PersonId>,
        photo: &PhotoId,
    ) -> Result<Option<FaceId>, StepError> {
        let faces = self.store.faces_on(photo).await?;
        let moved = self.moved.get(photo).map_or(&[][..], Vec::as_slice);
        let moved: BTreeSet<&FaceId> = (moved.iter())
            .filter(|(_, from)| Some(*from) != person)
            .map(|(face, _)| face)
            .collect();
        let allowed = |face: &PhotoFace| {
            person.is_none_or(|person| !self.rejected.contains(&(face.id.clone(), person)))
        };
        let of = |wanted: &dyn Fn(&PhotoFace) -> bool| -> Vec<PhotoFace> {
            (faces.iter())
                .filter(|face| wanted(face) && allowed(face))
                .cloned()
                .collect()
        };
        // The photo went from one person to another: so did the face.
        let moved = of(&|face| moved.contains(&face.id));
        if let [only] = moved.as_slice() {
            return Ok(Some(only.id.clone()));
        }
        let undecided = of(&|face| face.state == FaceState::Unnamed);
        let strangers = of(&|face| face.state == FaceState::Ignored);
        let samples = match person {
            Some(person) => self.samples_of(person).await?,
            None => &[],
        };
        for faces in [&moved, &undecided, &strangers] {
            if let Some(nearest) = nearest(faces, samples) {
                return Ok(Some(nearest));
            }
        }
        // Nothing to compare with: the only face it can be.
        let compared = |face: &PhotoFace| face.descriptor.is_some() && !samples.is_empty();
        match undecided.as_slice() {
            [only] if moved.is_empty() && !compared(only) => Ok(Some(only.id.clone())),
            _ => Ok(None),
        }
    }

    async fn samples_of(&mut self, person: PersonId) -> Result<&[Descriptor], StepError> {
        if !self.samples.contains_key(&person) {
            let gone: BTreeSet<&FaceId> = self
                .moved
                .values()
                .flatten()
                .map(|(face, _)| face)
                .collect();
            let faces = self.store.faces_of(person).await?.into_iter();
            let samples = faces
                .filter(|face| !gone.contains(&face.id))
                .filter_map(|face| face.descriptor)
                .collect();
            self.samples.insert(person, samples);
        }
        Ok(self.samples.get(&person).map_or(&[][..], Vec::as_slice))
    }

    /// Tag text, NSID, and whether they are written. Where the file as it was written is not
    /// `known`, only what is in it counts.
    fn set(&mut self, pair: &Pair<'_>, known: bool) {
        let Some(is) = pair.is else { return };
        let whose = whose(self.person(pair), is);
        let name = is.name.to_string();
        let (tag, write, nsid) = match pair.was {
            Some(was) => (was.tag.clone(), was.write, was.nsid.clone()),
            None => (None, true, None),
        };
        if is.tag != tag && (known || is.tag.is_some()) {
            self.edits
                .push(HandEdit::Tag(whose.clone(), is.tag.clone()));
            let tag = is.tag.as_ref().map(ToString::to_string);
            self.changes.push(Change::Tag(name.clone(), tag));
        }
        if is.write != write && (known || !is.write) {
            self.edits.push(HandEdit::Write(whose.clone(), is.write));
            self.changes.push(Change::Write(name.clone(), is.write));
        }
        if is.nsid != nsid && (known || is.nsid.is_some()) {
            self.edits.push(HandEdit::Nsid(whose, is.nsid.clone()));
            self.changes.push(Change::Nsid(name, is.nsid.clone()));
        }
    }
}

fn whose(person: Option<PersonId>, is: &Person) -> Whose {
    person.map_or_else(|| Whose::Named(is.name.clone()), Whose::Known)
}

/// The face that is nearest to one of `samples`, if it is near enough.
fn nearest(faces: &[PhotoFace], samples: &[Descriptor]) -> Option<FaceId> {
    let mut nearest: Option<(f32, &FaceId)> = None;
    for face in faces {
        let Some(descriptor) = &face.descriptor else {
            continue;
        };
        for sample in samples {
            let distance = descriptor.distance(sample);
            if distance < nearest.map_or(FITS, |(least, _)| least) {
                nearest = Some((distance, &face.id));
            }
        }
    }
    nearest.map(|(_, face)| face.clone())
}
