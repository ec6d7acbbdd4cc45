//! "Is this Ada?": which clusters, and which single faces, may be those of a person who has a name.
//!
//! Two things speak for it: looks, compared by [`suggest`], and the photo's tags on
//! Flickr, where they hold the person's and only one face of the photo is still to be decided.

use std::collections::{BTreeMap, HashMap, HashSet};

use rayon::prelude::*;

use super::{
    library::{Known, Library},
    members::typical_first,
    settings::Settings,
    suggestion::{SHOWN, Suggestion, Why},
    view::View,
};
use crate::{
    cluster::{DIMENSIONS, Point as _},
    naming::suggest::{self, suggest},
    store::{FaceId, PersonId},
};

/// The doubt about what only a tag tells: the tag is there, the face may be someone else's.
const DOUBT_OF_TAGS: f32 = 0.5;

/// A tag that agrees with the looks multiplies the doubt by this.
const TAGS_HALVE: f32 = 0.5;

/// A suggestion by numbers.
struct Draft {
    person: PersonId,
    faces: Vec<u32>,
    distance: Option<f32>,
    doubt: f32,
    why: Why,
    /// Whether it is made of groups smaller than a cluster.
    small: bool,
}

/// The suggestions for the clusters of `view`, the most certain first.
pub(super) fn suggestions(library: &Library, view: &View, settings: &Settings) -> Vec<Suggestion> {
    let known = &*view.known;
    if known.people.is_empty() {
        return Vec::new();
    }
    let groups: Vec<Vec<u32>> = view
        .clusters
        .iter()
        .map(|cluster| {
            let numbers = cluster.faces.iter();
            numbers
                .filter_map(|face| library.number(&face.id))
                .collect()
        })
        .collect();
    let mut drafts = by_looks(library, known, settings, &groups);
    let subset: Vec<u32> = groups.iter().flatten().copied().collect();
    let tagged = library.tagged(known, &subset);
    add_tagged(&mut drafts, &tagged, &groups, library, known, settings);
    let mut drafts = together(drafts, library, settings);
    drafts.sort_by(|a, b| {
        let is_single = |draft: &Draft| draft.faces.len() == 1;
        is_single(a)
            .cmp(&is_single(b))
            .then(a.doubt.total_cmp(&b.doubt))
            .then(b.faces.len().cmp(&a.faces.len()))
            .then(a.faces.first().cmp(&b.faces.first()))
    });
    let names: HashMap<PersonId, &str> = known
        .people
        .iter()
        .map(|person| (person.id, person.name.as_str()))
        .collect();
    let mut samples: HashMap<PersonId, Vec<usize>> = HashMap::new();
    for (face, person) in library.samples(known).into_iter().enumerate() {
        if let Some(person) = person {
            samples.entry(person).or_default().push(face);
        }
    }
    drafts
        .into_par_iter()
        .filter_map(|mut draft| {
            Some(Suggestion {
                person: draft.person,
                name: (*names.get(&draft.person)?).to_owned(),
                samples: nearest(library, samples.get(&draft.person)?, &draft.faces),
                faces: typical_first(library, &mut draft.faces),
                distance: draft.distance,
                doubt: draft.doubt,
                why: draft.why,
            })
        })
        .collect()
}

/// Whom each group looks like; where a group as a whole looks like no one, whom each of its faces
/// looks like: a mixed cluster comes apart by person.
fn by_looks(
    library: &Library,
    known: &Known,
    settings: &Settings,
    groups: &[Vec<u32>],
) -> Vec<Draft> {
    let person = library.samples(known);
    let faces = suggest::Faces {
        person: &person,
        photo: &library.photo,
        rejected: &known.rejected,
        same_photo: settings.same_photo,
        calibrated: !library.compared.crowding.is_empty(),
    };
    let whole = suggest(groups, &library.graph, faces);
    let unmatched = {
        let matched: HashSet<usize> = whole.iter().map(|found| found.group).collect();
        (0..groups.len()).filter(move |group| !matched.contains(group))
    };
    let (mut singles, mut from) = (Vec::new(), Vec::new());
    for group in unmatched.filter(|&group| groups[group].len() > 1) {
        for &face in &groups[group] {
            singles.push(vec![face]);
            from.push(group);
        }
    }
    let mut parts: BTreeMap<(usize, PersonId), Vec<u32>> = BTreeMap::new();
    for single in suggest(&singles, &library.graph, faces) {
        let part = parts
            .entry((from[single.group], single.person))
            .or_default();
        part.extend(single.faces);
    }
    let parts: Vec<Vec<u32>> = parts.into_values().collect();
    let parts = suggest(&parts, &library.graph, faces);
    let drafts = whole.into_iter().chain(parts).map(|found| Draft {
        person: found.person,
        faces: found.faces,
        distance: Some(found.distance),
        doubt: found.doubt,
        why: Why::Looks,
        small: false,
    });
    drafts.collect()
}

/// Faces of one question that came of several small groups: as many as can be looked at one by one.
const AT_ONCE: usize = 24;

/// Makes one question of what is asked about a person in groups smaller than a cluster: "these 12 look like Ada" takes one
/// answer, not twelve. Clusters stay by themselves, since one look tells that they are one person's; and no question
/// holds two faces of a photo that came of different groups, where that is not allowed.
fn together(drafts: Vec<Draft>, library: &Library, settings: &Settings) -> Vec<Draft> {
    let (mut small, mut all): (Vec<_>, Vec<_>) = drafts.into_iter().partition(|draft| {
        draft.faces.len() < settings.min_cluster && draft.why != Why::TaggedOnFlickr
    });
    small.sort_by(|a, b| {
        a.person
            .cmp(&b.person)
            .then(a.doubt.total_cmp(&b.doubt))
            .then(a.faces.first().cmp(&b.faces.first()))
    });
    for draft in small {
        let share_a_photo = |other: &Draft| {
            let photo = |face: &u32| library.photo[*face as usize];
            let theirs: HashSet<u32> = other.faces.iter().map(photo).collect();
            draft.faces.iter().any(|face| theirs.contains(&photo(face)))
        };
        let fits = |other: &Draft| {
            other.faces.len() + draft.faces.len() <= AT_ONCE
                && (settings.same_photo || !share_a_photo(other))
        };
        // The person's other questions of this kind are the last ones.
        let theirs = all.iter_mut().rev();
        let mut theirs = theirs.take_while(|other| other.small && other.person == draft.person);
        match theirs.find(|other| fits(other)) {
            Some(other) => other.add(draft),
            None => all.push(Draft {
                small: true,
                ..draft
            }),
        }
    }
    all
}

impl Draft {
    /// Distance and doubt become the mean over all faces.
    fn add(&mut self, other: Self) {
        let (own, new) = (self.faces.len() as f32, other.faces.len() as f32);
        let mean = |a: f32, b: f32| (a * own + b * new) / (own + new);
        self.distance = self.distance.zip(other.distance).map(|(a, b)| mean(a, b));
        self.doubt = mean(self.doubt, other.doubt);
        if other.why == Why::Both {
            self.why = Why::Both;
        }
        self.faces.extend(other.faces);
    }
}

/// Adds what tags say: to a suggestion that says the same, else one for each group and person. Where
/// half of a group's faces or more have the tag, the whole group is asked about.
fn add_tagged(
    drafts: &mut Vec<Draft>,
    tagged: &[(u32, PersonId)],
    groups: &[Vec<u32>],
    library: &Library,
    known: &Known,
    settings: &Settings,
) {
    let mut place: HashMap<u32, usize> = HashMap::new();
    for (index, draft) in drafts.iter().enumerate() {
        place.extend(draft.faces.iter().map(|&face| (face, index)));
    }
    let mut group_of: HashMap<u32, usize> = HashMap::new();
    for (index, group) in groups.iter().enumerate() {
        group_of.extend(group.iter().map(|&face| (face, index)));
    }
    let mut new: BTreeMap<(usize, PersonId), Vec<u32>> = BTreeMap::new();
    for &(face, person) in tagged {
        match place.get(&face) {
            Some(&index) if drafts[index].person == person => {
                if drafts[index].why == Why::Looks {
                    drafts[index].why = Why::Both;
                    drafts[index].doubt *= TAGS_HALVE;
                }
            }
            // It looks like someone else: that is asked first, and this once it was denied.
            Some(_) => {}
            None => new
                .entry((group_of.get(&face).copied().unwrap_or(usize::MAX), person))
                .or_default()
                .push(face),
        }
    }
    let shown = library.shown(known);
    for ((group, person), mut faces) in new {
        if let Some(whole) = groups.get(group)
            && faces.len() * 2 >= whole.len()
        {
            let may_be = |face: &&u32| {
                let photo = library.photo[**face as usize];
                !place.contains_key(face)
                    && !known.rejected.contains(&(**face, person))
                    && (settings.same_photo || !shown.contains(&(photo, person)))
            };
            faces = whole.iter().filter(may_be).copied().collect();
        }
        drafts.push(Draft {
            person,
            faces,
            distance: None,
            doubt: DOUBT_OF_TAGS,
            why: Why::TaggedOnFlickr,
            small: false,
        });
    }
}

/// Those of a person's faces `theirs` that are nearest to the mean of `faces`.
fn nearest(library: &Library, theirs: &[usize], faces: &[u32]) -> Vec<FaceId> {
    let mut mean = [0.0_f32; DIMENSIONS];
    for &face in faces {
        for (sum, x) in mean.iter_mut().zip(library.compared.point(face).descriptor) {
            *sum += x / faces.len() as f32;
        }
    }
    let distance = |face: usize| -> f32 {
        let point = library.compared.point(face as u32);
        let terms = point.descriptor.iter().zip(&mean);
        terms.map(|(x, m)| (x - m).powi(2)).sum::<f32>() + point.shift() as f32
    };
    let mut theirs: Vec<(f32, usize)> = theirs.iter().map(|&f| (distance(f), f)).collect();
    theirs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let nearest = theirs.iter().take(SHOWN);
    nearest
        .map(|&(_, face)| library.ids[face].clone())
        .collect()
}
