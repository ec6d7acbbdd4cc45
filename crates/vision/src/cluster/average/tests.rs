use super::super::graph::tests::descriptors;
use super::super::search::{Search, search};
use super::super::{Calibrated, DIMENSIONS, neighbours};
use super::*;
use super::{heights::SINGLES, photos::SAME_PERSON};
use proptest::prelude::*;

/// The definition: of all pairs of groups the nearest join, until none is below the threshold. The mean
/// is over all pairs of faces, squared distances as they are.
fn plainly<P: Point>(faces: &[P], photos: Option<&[u32]>, threshold: f32) -> Vec<u32> {
    plainly_of(faces, photos, threshold, |_, _| true)
}

/// The same of groups with a pair of faces that `may_join`.
fn plainly_of<P: Point>(
    faces: &[P],
    photos: Option<&[u32]>,
    threshold: f32,
    may_join: impl Fn(usize, usize) -> bool,
) -> Vec<u32> {
    let squared = |a: &P, b: &P| {
        let terms = a.descriptor().iter().zip(b.descriptor());
        let sum: f64 = terms
            .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
            .sum();
        sum + a.shift() + b.shift()
    };
    // Two faces of a photo are one person's where steps of less than 0.40 lead from one to the other within it.
    let mut shown: Vec<usize> = (0..faces.len()).collect();
    if let Some(photos) = photos {
        for _ in 0..faces.len() {
            for (a, b) in (0..faces.len()).flat_map(|b| (0..b).map(move |a| (a, b))) {
                let near = squared(&faces[a], &faces[b]).max(0.0).sqrt() < f64::from(SAME_PERSON);
                if photos[a] == photos[b] && near {
                    shown[b] = shown[a].min(shown[b]);
                    shown[a] = shown[b];
                }
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = (0..faces.len()).map(|face| vec![face]).collect();
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for b in 0..groups.len() {
            for a in 0..b {
                let pairs = || {
                    groups[a]
                        .iter()
                        .flat_map(|&i| groups[b].iter().map(move |&j| (i, j)))
                };
                if photos.is_some_and(|photos| {
                    pairs().any(|(i, j)| photos[i] == photos[j] && shown[i] != shown[j])
                }) {
                    continue;
                }
                if !pairs().any(|(i, j)| may_join(i, j)) {
                    continue;
                }
                let sum: f64 = pairs().map(|(i, j)| squared(&faces[i], &faces[j])).sum();
                let pairs = groups[a].len() * groups[b].len();
                let mean = sum / pairs as f64 + if pairs == 1 { SINGLES } else { 0.0 };
                if best.is_none_or(|(known, ..)| mean < known) {
                    best = Some((mean, a, b));
                }
            }
        }
        match best {
            Some((mean, a, b)) if mean < f64::from(threshold).powi(2) => {
                let gone = groups.swap_remove(b);
                groups[a].extend(gone);
            }
            _ => break,
        }
    }
    let mut labels = vec![0; faces.len()];
    for (label, group) in (0..).zip(&groups) {
        group.iter().for_each(|&face| labels[face] = label);
    }
    renumber(labels)
}

fn labels<P: Point>(faces: &[P], photos: Option<&[u32]>, threshold: f32) -> Vec<u32> {
    let graph = neighbours(faces, threshold.max(SAME_PERSON));
    average_linkage(&graph, faces, photos, threshold)
}

proptest! {
    #[test]
    fn groups_are_those_of_the_definition(
        (points, crowding, photos) in (0_usize..60).prop_flat_map(|count| (
            prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), count),
            prop::collection::vec(0.2_f32..0.5, count),
            prop::collection::vec(0_u32..25, count),
        )),
        threshold in 0.05_f32..1.0,
        same_photo in any::<bool>(),
    ) {
        let photos = (!same_photo).then_some(&photos[..]);
        let descriptors = descriptors(&points);
        prop_assert_eq!(labels(&descriptors, photos, threshold), plainly(&descriptors, photos, threshold));
        let calibrated: Vec<_> = descriptors
            .iter()
            .zip(&crowding)
            .map(|(descriptor, &crowding)| Calibrated { descriptor, crowding: Some(crowding) })
            .collect();
        prop_assert_eq!(labels(&calibrated, photos, threshold), plainly(&calibrated, photos, threshold));
    }

    #[test]
    fn a_lower_threshold_follows_from_the_joins_of_a_higher_one(
        points in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 0..80),
        high in 0.3_f32..1.0,
        part in 0.1_f32..1.0,
    ) {
        let faces = descriptors(&points);
        let graph = neighbours(&faces, high);
        let linkage = Linkage::new(&graph, &faces, None, high);
        let low = high * part;
        prop_assert_eq!(linkage.labels(low), labels(&faces, None, low));
    }

    #[test]
    fn where_pairs_are_missing_groups_that_share_one_join(
        points in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 2..60),
        threshold in 0.3_f32..1.0,
        pairs in 1_u64..60,
    ) {
        let faces = descriptors(&points);
        let short = Search { memory: pairs * 28, ..Search::quiet(threshold) };
        let graph = search(&faces, &short).unwrap().graph;
        let is_there = |i: usize, j: usize| graph.neighbours_of(i).contains(&(j as u32));
        prop_assert_eq!(
            average_linkage(&graph, &faces, None, threshold),
            plainly_of(&faces, None, threshold, is_there)
        );
    }

    #[test]
    fn any_number_of_threads_gives_the_same_groups(
        points in prop::collection::vec((-3.0_f32..3.0, -3.0_f32..3.0), 0..200),
    ) {
        let faces = descriptors(&points);
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| labels(&faces, None, 0.5))
        };
        prop_assert_eq!(on(1), on(3));
    }
}

#[test]
fn equal_faces_and_broken_ones_are_grouped_and_left_alone() {
    let at = |x: f32| {
        let mut face = [0.1; DIMENSIONS];
        face[3] = x;
        face
    };
    let faces = [
        at(0.0),
        at(0.0),
        at(f32::NAN),
        at(0.0),
        at(0.0),
        at(f32::INFINITY),
        at(9.0),
    ];
    assert_eq!(labels(&faces, None, 0.5), [0, 0, 1, 0, 0, 2, 3]);
    // Equal faces of one photo are a collage's.
    let photos = [1, 1, 1, 2, 2, 2, 2];
    assert_eq!(labels(&faces, Some(&photos), 0.5), [0, 0, 1, 0, 0, 2, 3]);
    assert!(labels::<[f32; DIMENSIONS]>(&[], None, 0.5).is_empty());
}

#[test]
fn a_photo_shows_a_person_twice_only_where_the_faces_are_very_near() {
    let at = |x: f32| {
        let mut face = [0.0; DIMENSIONS];
        face[0] = x;
        face
    };
    // The photos of the faces, where these lie, and the groups below 0.55.
    let cases: [(&[u32], &[f32], &[u32]); 4] = [
        (&[1, 1], &[0.0, 0.39], &[0, 0]),
        (&[1, 1], &[0.0, 0.41], &[0, 1]),
        // Three pictures of one person: the outer two are one by way of the middle one.
        (&[1, 1, 1], &[0.0, 0.3, 0.6], &[0, 0, 0]),
        // Another photo's face between two people keeps them apart.
        (&[1, 2, 1], &[0.0, 0.22, 0.45], &[0, 0, 1]),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(photos, places, expected)| {
            let faces: Vec<_> = places.iter().map(|&x| at(x)).collect();
            (labels(&faces, Some(photos), 0.55), *expected)
        })
        .filter(|(found, expected)| found != expected)
        .collect();
    assert!(wrong.is_empty(), "(found, expected): {wrong:?}");
}
