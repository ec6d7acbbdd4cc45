//! Clusters equal dlib's: the labels where the order of visits is dlib's, and, with our order,
//! everything but what the order decides.

use crate::cluster_support::{
    DLIBS_SEED, adjusted_rand_index, complete_components, components, dlib_visits, reference,
};
use flickr_faces::cluster::{
    Calibrated, Cohort, DEFAULT_THRESHOLD, DIMENSIONS, Graph, average_linkage, chinese_whispers,
    clusters, most_typical_first, neighbours, whisper,
};
use proptest::prelude::*;

/// Seeds that the figures below were measured over: 0 to 999.
const SEEDS: u32 = 1000;

#[test]
fn with_dlibs_order_of_visits_the_labels_are_dlibs() {
    let reference = reference();
    let visits: Vec<u32> = dlib_visits(reference.descriptors.len(), DLIBS_SEED).collect();
    let wrong: Vec<_> = reference
        .labels
        .iter()
        .filter(|(threshold, dlibs)| {
            let graph = neighbours(&reference.descriptors, threshold.parse().unwrap());
            whisper(&graph, visits.iter().copied()) != **dlibs
        })
        .map(|(threshold, _)| threshold)
        .collect();
    assert!(wrong.is_empty(), "other labels than dlib's at {wrong:?}");
}

/// Our order of visits (each face once a pass, until nothing changes) may differ from dlib's (100 n
/// faces drawn with repetition) no more than dlib's differs from itself with another seed.
///
/// Measured, adjusted Rand index against dlib's partition over 1000 seeds, lowest, mean and how many
/// of the partitions are dlib's:
///
/// | threshold | ours                | dlib's visits, other seeds |
/// |-----------|---------------------|----------------------------|
/// | 0.30      | 0.9238 0.9928  895  | 0.9064 0.9907  866         |
/// | 0.35      | 0.9771 0.9977  478  | 0.9771 0.9980  498         |
/// | 0.40      | 0.9858 0.9913  315  | 0.9858 0.9915  328         |
/// | 0.45      | 1      1      1000  | 1      1      1000         |
/// | 0.50      | 1      1      1000  | 1      1      1000         |
/// | 0.55      | 0.9826 0.9959  424  | 0.9826 0.9948  380         |
/// | 0.60      | 0.8657 0.9775   97  | 0.8727 0.9794  107         |
/// | 0.65      | 0.6512 0.8549    0  | 0.6065 0.8533    0         |
/// | 0.70      | 0.1563 0.4721    2  | 0.2540 0.4733    1         |
///
/// At 0.65 and above different people of these photos are linked, and the order decides how much of
/// the one large component is one cluster.
#[test]
fn our_order_of_visits_differs_from_dlibs_no_more_than_another_seed() {
    struct Case {
        threshold: &'static str,
        lowest: f64,
        mean: f64,
    }
    let cases = [
        Case {
            threshold: "0.30",
            lowest: 0.923,
            mean: 0.992,
        },
        Case {
            threshold: "0.35",
            lowest: 0.977,
            mean: 0.997,
        },
        Case {
            threshold: "0.40",
            lowest: 0.985,
            mean: 0.991,
        },
        Case {
            threshold: "0.45",
            lowest: 1.0,
            mean: 1.0,
        },
        Case {
            threshold: "0.50",
            lowest: 1.0,
            mean: 1.0,
        },
        Case {
            threshold: "0.55",
            lowest: 0.982,
            mean: 0.995,
        },
        Case {
            threshold: "0.60",
            lowest: 0.865,
            mean: 0.977,
        },
        Case {
            threshold: "0.65",
            lowest: 0.651,
            mean: 0.854,
        },
        Case {
            threshold: "0.70",
            lowest: 0.156,
            mean: 0.472,
        },
    ];
    let reference = reference();
    assert_eq!(cases.len(), reference.labels.len());
    let mut wrong = Vec::new();
    for Case {
        threshold,
        lowest,
        mean,
    } in cases
    {
        let dlibs = &reference.labels[threshold];
        let graph = neighbours(&reference.descriptors, threshold.parse().unwrap());
        let measure = |seeds: u32, partition: &dyn Fn(u32) -> Vec<u32>| {
            let indices: Vec<f64> = (0..seeds)
                .map(|seed| adjusted_rand_index(&partition(seed), dlibs))
                .collect();
            let lowest = indices.iter().copied().fold(1.0, f64::min);
            (lowest, indices.iter().sum::<f64>() / f64::from(seeds))
        };
        let ours = measure(SEEDS, &|seed| chinese_whispers(&graph, seed.into()));
        let theirs = measure(SEEDS / 4, &|seed| {
            whisper(&graph, dlib_visits(graph.len(), seed))
        });
        // A quarter of the seeds, which leaves their mean uncertain by about 0.01.
        if ours.0 < lowest || ours.1 < mean || (ours.1 - theirs.1).abs() > 0.02 {
            wrong.push(format!(
                "{threshold}: ours (lowest, mean) {ours:?}, dlib's {theirs:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn where_all_are_neighbours_of_all_every_order_gives_dlibs_cluster() {
    let reference = reference();
    let (mut compared, mut wrong) = (0, Vec::new());
    for (threshold, dlibs) in &reference.labels {
        let graph = neighbours(&reference.descriptors, threshold.parse().unwrap());
        for members in complete_components(&graph) {
            compared += 1;
            let one_cluster = |labels: &[u32]| {
                (0..labels.len())
                    .all(|face| (labels[face] == labels[members[0]]) == members.contains(&face))
            };
            let ours = (0..20).all(|seed| one_cluster(&chinese_whispers(&graph, seed)));
            if !ours || !one_cluster(dlibs) {
                wrong.push((threshold, members));
            }
        }
    }
    assert!(compared > 100, "only {compared} such components");
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_seed_gives_the_same_labels_today_and_tomorrow() {
    let reference = reference();
    let graph = neighbours(&reference.descriptors, 0.65);
    let sizes = |seed| -> Vec<usize> {
        clusters(&chinese_whispers(&graph, seed))
            .iter()
            .map(Vec::len)
            .take(8)
            .collect()
    };
    assert_eq!(chinese_whispers(&graph, 7), chinese_whispers(&graph, 7));
    assert_eq!(sizes(0), [19, 16, 15, 11, 11, 11, 9, 8]);
    assert_eq!(sizes(1), [20, 15, 13, 11, 11, 11, 11, 7]);
}

#[test]
fn the_order_of_members_does_not_depend_on_the_order_they_came_in() {
    let reference = reference();
    let graph = neighbours(&reference.descriptors, 0.6);
    let mut members = clusters(&chinese_whispers(&graph, 0)).swap_remove(0);
    let mut reversed: Vec<u32> = members.iter().rev().copied().collect();
    most_typical_first(&mut members, &reference.descriptors);
    most_typical_first(&mut reversed, &reference.descriptors);
    assert_eq!(members, reversed);
}

/// Points of a plane, spread over the dimensions, so that there are components of all shapes.
fn faces() -> impl Strategy<Value = Vec<[f32; DIMENSIONS]>> {
    let point = (-2.0_f32..2.0, -2.0_f32..2.0)
        .prop_map(|(x, y)| std::array::from_fn(|i| if i % 2 == 0 { x / 8.0 } else { y / 8.0 }));
    prop::collection::vec(point, 0..120)
}

/// Whether some label has more votes than the one that a face has.
fn restless(graph: &Graph, labels: &[u32]) -> bool {
    (0..graph.len()).any(|face| {
        let mut votes = vec![0; graph.len()];
        votes[labels[face] as usize] = 1;
        for &neighbour in graph.neighbours_of(face) {
            votes[labels[neighbour as usize] as usize] += 1;
        }
        votes
            .iter()
            .any(|&others| others > votes[labels[face] as usize])
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn clusters_lie_within_components_and_every_face_is_content(
        faces in faces(),
        threshold in 0.05_f32..0.8,
        seed in any::<u64>(),
    ) {
        let graph = neighbours(&faces, threshold);
        let labels = chinese_whispers(&graph, seed);
        let components = components(&graph);
        let clusters = clusters(&labels);
        for members in &clusters {
            let component = components[members[0] as usize];
            prop_assert!(members.iter().all(|&face| components[face as usize] == component));
        }
        prop_assert!(clusters.windows(2).all(|two| two[0].len() >= two[1].len()));
        let mut all: Vec<u32> = clusters.concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..faces.len() as u32).collect::<Vec<_>>());
        prop_assert!(!restless(&graph, &labels));

        // Labels are 0, 1, ... in order of appearance.
        let mut seen = 0;
        for &label in &labels {
            prop_assert!(label <= seen);
            seen = seen.max(label + 1);
        }
    }

    #[test]
    fn where_all_are_neighbours_of_all_the_order_of_the_faces_does_not_matter(
        (faces, order) in faces().prop_flat_map(|faces| {
            let order: Vec<usize> = (0..faces.len()).collect();
            (Just(faces), Just(order).prop_shuffle())
        }),
        seed in any::<u64>(),
    ) {
        let moved: Vec<_> = order.iter().map(|&face| faces[face]).collect();
        let labels = chinese_whispers(&neighbours(&moved, 0.2), seed);
        let mut back = vec![0; faces.len()];
        for (&face, label) in order.iter().zip(labels) {
            back[face] = label;
        }
        for members in complete_components(&neighbours(&faces, 0.2)) {
            let alike = (0..faces.len()).filter(|&face| back[face] == back[members[0]]);
            prop_assert_eq!(alike.collect::<Vec<_>>(), members);
        }
    }
}

/// B-cubed F1 (A. Bagga and B. Baldwin, 1998) of the faces that are `chosen`.
fn f1(labels: &[u32], person: &[u32], chosen: impl Fn(usize) -> bool) -> f64 {
    let count = |of: &dyn Fn(usize) -> bool| (0..labels.len()).filter(|&face| of(face)).count();
    let (mut precision, mut recall, mut faces) = (0.0, 0.0, 0.0);
    for face in (0..labels.len()).filter(|&face| chosen(face)) {
        let same_cluster = |other: usize| labels[other] == labels[face];
        let same_person = |other: usize| person[other] == person[face];
        let both = count(&|other| same_cluster(other) && same_person(other)) as f64;
        precision += both / count(&same_cluster) as f64;
        recall += both / count(&same_person) as f64;
        faces += 1.0;
    }
    let (precision, recall) = (precision / faces, recall / faces);
    2.0 * precision * recall / (precision + recall)
}

/// At the default threshold, people of every origin alike: 2,947 faces of 601 people. Chinese whispers over
/// plain distances has 0.43 at 0.60 and at its best, 0.50, 0.94, and 0.70 for East Asian people.
#[test]
#[ignore = "needs FLICKR_FACES_REFERENCE, the folder with people/faces.f32 and faces.json"]
fn people_of_the_reference_are_told_apart() {
    #[derive(serde::Deserialize)]
    struct Labels {
        person: Vec<u32>,
        photo: Vec<u32>,
        east_asian: Vec<u8>,
    }
    let folder = std::env::var("FLICKR_FACES_REFERENCE").expect("FLICKR_FACES_REFERENCE");
    let folder = std::path::Path::new(&folder).join("people");
    let labels = std::fs::read_to_string(folder.join("faces.json")).unwrap();
    let labels: Labels = serde_json::from_str(&labels).unwrap();
    let bytes = std::fs::read(folder.join("faces.f32")).unwrap();
    let numbers: Vec<f32> = bytes
        .as_chunks()
        .0
        .iter()
        .map(|&bytes| f32::from_le_bytes(bytes))
        .collect();
    let descriptors: &[[f32; DIMENSIONS]] = numbers.as_chunks().0;
    let cohort = Cohort::of_dlib();
    let points = descriptors.iter().map(|descriptor| Calibrated {
        descriptor,
        crowding: Some(cohort.crowding(descriptor)),
    });
    let points: Vec<_> = points.collect();
    let graph = neighbours(&points, DEFAULT_THRESHOLD);
    let found = average_linkage(&graph, &points, Some(&labels.photo), DEFAULT_THRESHOLD);
    let east_asian = |face: usize| labels.east_asian[labels.person[face] as usize] == 1;
    let all = f1(&found, &labels.person, |_| true);
    let groups = [
        f1(&found, &labels.person, east_asian),
        f1(&found, &labels.person, |face| !east_asian(face)),
    ];
    assert!((all - 0.9753).abs() < 0.0005, "{all}");
    assert!(
        groups.iter().all(|f1| (f1 - 0.975).abs() < 0.0005),
        "{groups:?}"
    );
}
