//! "Are these the same person?": people, and groups of faces without a name, that are near each other and share no photo.

use std::collections::{HashMap, HashSet};

use super::{
    group_pairs::{counted, stand_for},
    library::{Known, Library},
    members::{Member, typical_first},
    settings::Settings,
    suggestion::SHOWN,
    view::View,
};
use crate::{
    naming::suggest,
    store::{FaceState, PersonId},
};

/// Two that may be one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The larger one.
    pub left: Side,
    /// The other one.
    pub right: Side,
    /// How far the faces of one are from the nearest of the other.
    pub distance: f32,
}

/// One of a pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// The person and their name; `None` for a group without one.
    pub person: Option<(PersonId, String)>,
    /// All faces of a group without a name, or the most typical ones of a person: [`SHOWN`] at most.
    pub faces: Vec<Member>,
    /// How many faces there are in all.
    pub of: usize,
}

/// At most so many pairs are asked about, the nearest.
const MOST: usize = 60;

struct Group {
    person: Option<PersonId>,
    faces: Vec<u32>,
    photos: HashSet<u32>,
}

/// The pairs among the people and the groups of `view` that are large enough to be asked about, the nearest first.
///
/// What is near is what [`suggest`] finds near: the mean over the faces of one of the distances to the nearest three of the
/// other. The mean over all pairs says nothing here: below the threshold they would be one group.
pub(super) fn pairs(library: &Library, view: &View, settings: &Settings) -> Vec<Pair> {
    let known = &*view.known;
    let groups = groups(library, view);
    let apart = apart(known);
    let answered = answered(known, &groups, library.ids.len());
    let mut pairs: Vec<(f32, usize, usize)> = near(library, &groups)
        .into_iter()
        .filter(|&(_, a, b)| {
            let (one, other) = (&groups[a], &groups[b]);
            let is_denied = match (one.person, other.person) {
                (Some(a), Some(b)) => apart.contains(&(a, b)) || apart.contains(&(b, a)),
                (None, None) => answered.contains(&(a, b)),
                // A group and a person are a suggestion.
                _ => true,
            };
            !is_denied && (settings.same_photo || one.photos.is_disjoint(&other.photos))
        })
        .collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    pairs.truncate(MOST);
    let names: HashMap<PersonId, &str> = known
        .people
        .iter()
        .map(|person| (person.id, person.name.as_str()))
        .collect();
    let side = |group: &Group| {
        let mut faces = typical_first(library, &mut group.faces.clone());
        let person = group
            .person
            .and_then(|id| Some((id, (*names.get(&id)?).to_owned())));
        if person.is_some() {
            faces.truncate(SHOWN);
        }
        Side {
            person,
            faces,
            of: group.faces.len(),
        }
    };
    pairs
        .into_iter()
        .map(|(distance, a, b)| {
            let larger = groups[a].faces.len() >= groups[b].faces.len();
            let (left, right) = if larger { (a, b) } else { (b, a) };
            Pair {
                left: side(&groups[left]),
                right: side(&groups[right]),
                distance,
            }
        })
        .collect()
}

fn groups(library: &Library, view: &View) -> Vec<Group> {
    let mut people: HashMap<PersonId, Vec<u32>> = HashMap::new();
    for (face, state) in (0_u32..).zip(&view.known.states) {
        // Faces of low quality look like anyone.
        if let FaceState::Named(person) = *state
            && library.refused[face as usize].is_none()
        {
            people.entry(person).or_default().push(face);
        }
    }
    let mut people: Vec<_> = people.into_iter().collect();
    people.sort_unstable_by_key(|(person, _)| *person);
    let people = people.into_iter().map(|(id, faces)| (Some(id), faces));
    let clusters = view.asked().iter().map(|cluster| {
        let numbers = cluster
            .faces
            .iter()
            .filter_map(|face| library.number(&face.id));
        (None, numbers.collect::<Vec<u32>>())
    });
    let all: Vec<_> = people.chain(clusters).collect();
    all.into_iter()
        .filter(|(_, faces)| !faces.is_empty())
        .map(|(person, faces)| Group {
            photos: faces
                .iter()
                .map(|&face| library.photo[face as usize])
                .collect(),
            person,
            faces,
        })
        .collect()
}

/// Each group and the one that it looks like, by their places, the lower one first; and their distance.
fn near(library: &Library, groups: &[Group]) -> Vec<(f32, usize, usize)> {
    // Each group stands for a person, whom its own faces are not asked to be.
    let mut person: Vec<Option<PersonId>> = vec![None; library.ids.len()];
    let mut own: HashSet<(u32, PersonId)> = HashSet::new();
    for (group, id) in groups.iter().zip(0..) {
        for &face in &group.faces {
            person[face as usize] = Some(PersonId(id));
            own.insert((face, PersonId(id)));
        }
    }
    let faces = suggest::Faces {
        person: &person,
        photo: &library.photo,
        rejected: &own,
        same_photo: true,
        calibrated: !library.compared.crowding.is_empty(),
    };
    let each: Vec<Vec<u32>> = groups.iter().map(|group| group.faces.clone()).collect();
    let mut pairs: Vec<(f32, usize, usize)> = suggest::suggest(&each, &library.graph, faces)
        .into_iter()
        .filter_map(|found| {
            let other = usize::try_from(found.person.0).ok()?;
            let (a, b) = (found.group.min(other), found.group.max(other));
            Some((found.distance, a, b))
        })
        .collect();
    // Where each looks like the other, the nearer counts.
    pairs.sort_by(|a, b| (a.1, a.2).cmp(&(b.1, b.2)).then(a.0.total_cmp(&b.0)));
    pairs.dedup_by_key(|(_, a, b)| (*a, *b));
    pairs
}

/// The groups, by their places, the lower one first, that were said to be one person, or two: no photo may show both by now.
fn answered(known: &Known, groups: &[Group], faces: usize) -> HashSet<(usize, usize)> {
    let mut group_of: Vec<Option<usize>> = vec![None; faces];
    for (place, group) in groups.iter().enumerate() {
        for &face in &group.faces {
            group_of[face as usize] = Some(place);
        }
    }
    let mut answered = HashSet::new();
    for said in known.said.values() {
        let [left, right] = said.sides.each_ref().map(|side| {
            let counts = counted(side.iter().filter_map(|&face| group_of[face as usize]));
            stand_for(&counts, |place| groups[place].faces.len())
        });
        for &one in &left {
            let others = right.iter().filter(|&&other| other != one);
            answered.extend(others.map(|&other| (one.min(other), one.max(other))));
        }
    }
    answered
}

/// People of whom a face was said not to be the other's.
fn apart(known: &Known) -> HashSet<(PersonId, PersonId)> {
    let said = known.rejected.iter();
    said.filter_map(|&(face, not)| match known.states[face as usize] {
        FaceState::Named(person) if person != not => Some((person, not)),
        _ => None,
    })
    .collect()
}
