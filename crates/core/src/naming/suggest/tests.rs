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
        whole_below: f32::INFINITY,
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
        .map(|&(questions, faces, expected)| (coverage(questions.iter().copied(), faces), expected))
        .filter(|(found, expected)| found != expected)
        .collect();
    assert!(wrong.is_empty(), "(found, expected): {wrong:?}");
    assert_eq!(more_coverage(50, [20, 10, 5, 5], 100), (2, 80));
    assert_eq!(more_coverage(80, [20], 100), (0, 80));
}
