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

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph of `count` faces with these distances.
    fn graph(count: usize, edges: &[(u32, u32, f32)]) -> Graph {
        let mut rows = vec![Vec::new(); count];
        for &(a, b, distance) in edges {
            rows[a as usize].push((b, distance));
            rows[b as usize].push((a, distance));
        }
        let mut graph = Graph {
            offsets: vec![0],
            targets: Vec::new(),
            distances: Vec::new(),
        };
        for mut row in rows {
            row.sort_by_key(|&(other, _)| other);
            graph.targets.extend(row.iter().map(|&(other, _)| other));
            graph
                .distances
                .extend(row.iter().map(|&(_, distance)| distance));
            graph.offsets.push(graph.targets.len());
        }
        graph
    }

    const ADA: PersonId = PersonId(7);
    const BOB: PersonId = PersonId(3);

    /// Faces 0 to 3 are Ada's, 4 is Bob's, 5 to 7 have no name; each in a photo of its own.
    struct Case {
        what: &'static str,
        edges: &'static [(u32, u32, f32)],
        groups: &'static [&'static [u32]],
        rejected: &'static [(u32, PersonId)],
        photos: [u32; 8],
        same_photo: bool,
        /// Group, person, faces, distance.
        expected: &'static [(usize, PersonId, &'static [u32], f32)],
    }

    const APART: [u32; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
    const NEAR_ADA: &[(u32, u32, f32)] = &[(0, 5, 0.3), (1, 5, 0.2), (2, 5, 0.4), (3, 5, 0.5)];

    const CASES: &[Case] = &[
        Case {
            what: "the mean of the three nearest",
            edges: NEAR_ADA,
            groups: &[&[5], &[6]],
            rejected: &[],
            photos: APART,
            same_photo: false,
            // The root of (0.09 + 0.04 + 0.16) / 3.
            expected: &[(0, ADA, &[5], 0.310_913)],
        },
        Case {
            what: "what is missing counts as just too far",
            edges: &[(0, 5, 0.2), (1, 5, 0.2), (2, 5, 0.2), (5, 6, 0.1)],
            groups: &[&[5, 6]],
            rejected: &[],
            photos: APART,
            same_photo: false,
            // The root of (0.04 + 0.65 x 0.65) / 2.
            expected: &[(0, ADA, &[5, 6], 0.480_885)],
        },
        Case {
            what: "just near enough is not near",
            edges: &[(4, 5, 0.545), (4, 6, 0.535)],
            groups: &[&[5], &[6]],
            rejected: &[],
            photos: APART,
            same_photo: false,
            expected: &[(1, BOB, &[6], 0.535)],
        },
        Case {
            what: "a person with one picture",
            edges: &[(4, 5, 0.3)],
            groups: &[&[5]],
            rejected: &[],
            photos: APART,
            same_photo: false,
            expected: &[(0, BOB, &[5], 0.3)],
        },
        Case {
            what: "two people equally near are not told apart",
            edges: &[(0, 5, 0.3), (1, 5, 0.3), (2, 5, 0.3), (4, 5, 0.32)],
            groups: &[&[5]],
            rejected: &[],
            photos: APART,
            same_photo: false,
            expected: &[],
        },
        Case {
            what: "the next nearest counts beyond the limit, too",
            edges: &[(0, 5, 0.53), (1, 5, 0.53), (2, 5, 0.53), (4, 5, 0.55)],
            groups: &[&[5]],
            rejected: &[],
            photos: APART,
            same_photo: false,
            expected: &[],
        },
        Case {
            what: "who was refused is not the next nearest either",
            edges: &[(0, 5, 0.3), (1, 5, 0.3), (2, 5, 0.3), (4, 5, 0.32)],
            groups: &[&[5]],
            rejected: &[(5, ADA)],
            photos: APART,
            same_photo: false,
            expected: &[(0, BOB, &[5], 0.32)],
        },
        Case {
            what: "the most certain first",
            edges: &[(4, 5, 0.5), (4, 6, 0.1), (4, 7, 0.3)],
            groups: &[&[5], &[6], &[7]],
            rejected: &[],
            photos: APART,
            same_photo: false,
            expected: &[
                (1, BOB, &[6], 0.1),
                (2, BOB, &[7], 0.3),
                (0, BOB, &[5], 0.5),
            ],
        },
        Case {
            what: "a face that was taken out stays out, the others are asked about",
            edges: &[(4, 5, 0.2), (4, 6, 0.3)],
            groups: &[&[5, 6]],
            rejected: &[(5, BOB)],
            photos: APART,
            same_photo: false,
            expected: &[(0, BOB, &[6], 0.3)],
        },
        Case {
            what: "no one is twice in a photo",
            edges: &[(4, 5, 0.2)],
            groups: &[&[5]],
            rejected: &[],
            photos: [0, 1, 2, 3, 4, 4, 6, 7],
            same_photo: false,
            expected: &[],
        },
        Case {
            what: "but in a mirror",
            edges: &[(4, 5, 0.2)],
            groups: &[&[5]],
            rejected: &[],
            photos: [0, 1, 2, 3, 4, 4, 6, 7],
            same_photo: true,
            expected: &[(0, BOB, &[5], 0.2)],
        },
    ];

    #[test]
    fn the_nearest_person_is_suggested() {
        let mut wrong = Vec::new();
        for case in CASES {
            let mut person = [None; 8];
            person[..4].fill(Some(ADA));
            person[4] = Some(BOB);
            let groups: Vec<_> = case.groups.iter().map(|group| group.to_vec()).collect();
            let faces = Faces {
                person: &person,
                photo: &case.photos,
                rejected: &case.rejected.iter().copied().collect(),
                same_photo: case.same_photo,
                calibrated: true,
            };
            let found = suggest(&groups, &graph(8, case.edges), faces);
            let same = found.len() == case.expected.len()
                && found.iter().zip(case.expected).all(|(found, expected)| {
                    (found.group, found.person, &found.faces[..])
                        == (expected.0, expected.1, expected.2)
                        && (found.distance - expected.3).abs() < 1e-6
                });
            if !same {
                wrong.push((case.what, found));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn plain_distances_have_a_lower_limit() {
        let groups = [vec![5]];
        let found = |distance: f32, calibrated: bool| {
            let mut person = [None; 8];
            person[4] = Some(BOB);
            let faces = Faces {
                person: &person,
                photo: &APART,
                rejected: &HashSet::new(),
                same_photo: false,
                calibrated,
            };
            suggest(&groups, &graph(8, &[(4, 5, distance)]), faces).len()
        };
        assert_eq!([found(0.53, true), found(0.55, true)], [1, 0]);
        assert_eq!([found(0.44, false), found(0.46, false)], [1, 0]);
    }

    #[test]
    fn four_fifths_are_covered_by_so_many_answers() {
        let cases: [(&[usize], usize, (usize, usize)); 5] = [
            (&[50, 20, 10, 5, 5], 100, (3, 80)),
            (&[50, 20, 9, 5, 5], 100, (4, 84)),
            (&[50, 20], 100, (2, 70)),
            (&[], 10, (0, 0)),
            (&[], 0, (0, 100)),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(questions, faces, expected)| {
                (coverage(questions.iter().copied(), faces), expected)
            })
            .filter(|(found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(found, expected): {wrong:?}");
        assert_eq!(more_coverage(50, [20, 10, 5, 5], 100), (2, 80));
        assert_eq!(more_coverage(80, [20], 100), (0, 80));
    }
}
