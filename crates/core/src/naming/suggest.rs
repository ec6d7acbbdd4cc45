//! "Is this Ada?": which faces without a name are near a person who has one.
//!
//! A face's squared distance to a person is the mean of those to the person's [`SAMPLES`] nearest faces:
//! one odd picture decides nothing, and somebody who was a child on half of theirs is known on both
//! halves. A group's is the mean over its faces. A person is suggested below a limit of its own, which
//! is not the clusters' threshold, and where the next nearest person is farther by a margin, so that
//! brothers are not asked about as each other. Measured: `docs/decisions/clusters.md`.
//!
//! Asking, and what the answer does, is not decided here.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use crate::{
    cluster::{Graph, MAX_THRESHOLD},
    ids::PersonId,
};

/// Up to this many of a person's faces are compared with.
pub(crate) const SAMPLES: usize = 3;

/// The calibrated distance to a person must be below this ...
const LIMIT: f32 = 0.54;

/// ... a plain one below this, ...
const PLAIN_LIMIT: f32 = 0.45;

/// ... and that to the next nearest person larger by this.
const MARGIN: f32 = 0.03;

/// What is known of the faces; all by number, as in the graph.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Faces<'a> {
    /// The person of each face that has a name.
    pub person: &'a [Option<PersonId>],
    /// The photo of each face, by any number.
    pub photo: &'a [u32],
    /// Pairs of a face and a person it is not.
    pub rejected: &'a HashSet<(u32, PersonId)>,
    /// Whether one person may be twice in a photo.
    pub same_photo: bool,
    /// Whether the graph's distances are calibrated.
    pub calibrated: bool,
}

/// A group and the person it may be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Suggestion {
    /// The group, by its place in the list.
    pub group: usize,
    /// Who it may be.
    pub person: PersonId,
    /// Its faces that may be this person's: not those that are known not to be, nor those in a photo
    /// that shows the person elsewhere.
    pub faces: Vec<u32>,
    /// Their distance to the person, below the limit.
    pub distance: f32,
    /// This distance as a part of that to the next nearest person, or of the limit where there
    /// is none so near: from 0, certain, to below 1.
    pub doubt: f32,
}

/// For each of `groups` of faces without a name the person it may be, the most certain first.
///
/// `graph` holds the faces' neighbours below [`MAX_THRESHOLD`], named ones and others.
#[must_use]
pub(crate) fn suggest(groups: &[Vec<u32>], graph: &Graph, faces: Faces<'_>) -> Vec<Suggestion> {
    let mut samples: HashMap<PersonId, usize> = HashMap::new();
    let mut shown: HashSet<(u32, PersonId)> = HashSet::new();
    for (&person, &photo) in faces.person.iter().zip(faces.photo) {
        if let Some(person) = person {
            *samples.entry(person).or_default() += 1;
            shown.insert((photo, person));
        }
    }
    let may_be = |face: u32, person: PersonId| {
        !faces.rejected.contains(&(face, person))
            && (faces.same_photo || !shown.contains(&(faces.photo[face as usize], person)))
    };
    let limit = if faces.calibrated { LIMIT } else { PLAIN_LIMIT };
    let mut suggestions: Vec<Suggestion> = groups
        .par_iter()
        .enumerate()
        .filter_map(|(group, members)| {
            // For each person: the faces that may be theirs and are near, and the sum of squared distances.
            let mut near: HashMap<PersonId, (usize, f64)> = HashMap::new();
            for &face in members {
                for (person, squared) in nearest(graph, face, faces.person, &samples) {
                    if may_be(face, person) {
                        let (count, sum) = near.entry(person).or_default();
                        *count += 1;
                        *sum += squared;
                    }
                }
            }
            let mut people: Vec<(f32, PersonId)> = near
                .into_iter()
                .map(|(person, (count, sum))| {
                    let whole = members.iter().filter(|&&face| may_be(face, person)).count();
                    // Faces that are near none of the person's count as just too far.
                    let sum = sum + (whole - count) as f64 * FAR;
                    ((sum / whole as f64).sqrt() as f32, person)
                })
                .collect();
            people.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            let &(distance, person) = people.first()?;
            let next = people
                .get(1)
                .map_or(MAX_THRESHOLD, |&(distance, _)| distance);
            if distance >= limit || next - distance < MARGIN {
                return None;
            }
            let mut chosen = members.clone();
            chosen.retain(|&face| may_be(face, person));
            Some(Suggestion {
                group,
                person,
                faces: chosen,
                distance,
                doubt: distance / next.min(limit),
            })
        })
        .collect();
    suggestions.sort_by(|a, b| {
        a.doubt
            .total_cmp(&b.doubt)
            .then(b.faces.len().cmp(&a.faces.len()))
            .then(a.group.cmp(&b.group))
    });
    suggestions
}

/// The squared distance that stands for one that the graph does not hold.
const FAR: f64 = MAX_THRESHOLD as f64 * MAX_THRESHOLD as f64;

/// The people that `face` has neighbours of, and its squared distance to each.
fn nearest(
    graph: &Graph,
    face: u32,
    person: &[Option<PersonId>],
    samples: &HashMap<PersonId, usize>,
) -> Vec<(PersonId, f64)> {
    let from = graph.offsets[face as usize]..graph.offsets[face as usize + 1];
    let mut named: Vec<(PersonId, f32)> = graph.targets[from.clone()]
        .iter()
        .zip(&graph.distances[from])
        .filter_map(|(&other, &distance)| Some((person[other as usize]?, distance)))
        .collect();
    named.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    named
        .chunk_by(|a, b| a.0 == b.0)
        .filter_map(|distances| {
            let &(person, _) = distances.first()?;
            let wanted = samples.get(&person).copied().unwrap_or(1).clamp(1, SAMPLES);
            let found = distances.iter().take(wanted);
            let missing = wanted - found.len();
            let sum: f64 = found
                .map(|&(_, distance)| f64::from(distance).powi(2))
                .sum();
            Some((person, (sum + missing as f64 * FAR) / wanted as f64))
        })
        .collect()
}

/// How many answers it takes to decide about four fifths of `faces` faces, or about as many as can
/// be, when questions about these numbers of faces are answered in order; and the part that is covered,
/// in percent, rounded down.
#[must_use]
pub fn coverage(questions: impl IntoIterator<Item = usize>, faces: usize) -> (usize, usize) {
    more_coverage(0, questions, faces)
}

/// As [`coverage`], where `decided` of the faces are decided already: how many more answers.
#[must_use]
pub(crate) fn more_coverage(
    decided: usize,
    questions: impl IntoIterator<Item = usize>,
    faces: usize,
) -> (usize, usize) {
    let (mut answers, mut covered) = (0, decided);
    for question in questions {
        if covered * 5 >= faces * 4 {
            break;
        }
        answers += 1;
        covered += question;
    }
    (answers, (covered * 100).checked_div(faces).unwrap_or(100))
}

/// `about 80%`, or `all`: a part that was rounded down, in percent.
pub(crate) fn share(percent: usize) -> String {
    match percent {
        100.. => "all".to_owned(),
        part => format!("about {part}%"),
    }
}

#[cfg(test)]
mod tests;
