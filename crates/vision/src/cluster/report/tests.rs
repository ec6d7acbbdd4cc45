use super::super::graph::tests::graph;
use super::super::{DIMENSIONS, neighbours};
use super::*;

/// A chain of two people who are linked from 0.43 on, and are in photo 1 together.
fn two_people() -> (Graph, [u32; 6]) {
    let edges = [
        (0, 1, 0.31),
        (0, 2, 0.31),
        (1, 2, 0.31),
        (3, 4, 0.33),
        (3, 5, 0.33),
        (4, 5, 0.33),
        (0, 3, 0.43),
        (0, 4, 0.43),
        (0, 5, 0.43),
        (1, 3, 0.43),
        (1, 4, 0.43),
        (1, 5, 0.43),
        (2, 3, 0.43),
        (2, 4, 0.43),
        (2, 5, 0.43),
    ];
    (graph(6, &edges), [1, 2, 3, 1, 4, 5])
}

#[test]
fn the_row_before_the_first_conflict_is_recommended() {
    let (graph, photos) = two_people();
    let plain = Grouping {
        method: Method::ChineseWhispers,
        ..Grouping::default()
    };
    let faces = [[0.0; DIMENSIONS]; 6];
    let report = super::report(&graph, &faces, &photos, &plain, &THRESHOLDS, 3);
    assert_eq!(report.recommended, 0.40);
    let why = Why::FirstConflicts {
        at: 0.45,
        photos: 1,
        aside: 0,
    };
    assert_eq!(report.why, why);
    let row = |row: &Row| (row.clusters, row.faces, row.largest, row.conflicts);
    let rows: Vec<_> = report.rows.iter().map(row).collect();
    assert_eq!(
        rows[..4],
        [(0, 0, 1, 0), (2, 6, 3, 0), (2, 6, 3, 0), (1, 6, 6, 1)]
    );

    // CachedGraph apart, they are two clusters at every threshold, and the conflict is told all the same.
    let vetoed = Grouping {
        photos: Some(&photos),
        ..plain
    };
    let kept_apart = super::report(&graph, &faces, &photos, &vetoed, &THRESHOLDS, 3);
    assert_eq!(kept_apart.why, report.why);
    let rows: Vec<_> = kept_apart.rows.iter().map(row).collect();
    assert_eq!(rows[3], (2, 6, 3, 1));
}

#[test]
fn the_recommendation_follows_the_photos_in_conflict() {
    struct Case {
        what: &'static str,
        /// Photos in conflict at 0.30, 0.35 and so on, each with those before.
        new: [std::ops::Range<u32>; 8],
        several: usize,
        recommended: f32,
        words: &'static str,
    }
    let none = || std::array::from_fn(|_| 0..0);
    let from =
        |row: usize, photos: u32| std::array::from_fn(|i| 0..if i < row { 0 } else { photos });
    let cases = [
        Case {
            what: "no photo with two faces",
            new: none(),
            several: 0,
            recommended: 0.60,
            words: "no photo has several faces, so none can show that people are mixed up; 0.60 \
                    is what the network was made for",
        },
        Case {
            what: "no conflict",
            new: none(),
            several: 40,
            recommended: 0.60,
            words: "up to 0.65 none of the 40 photos with several faces would show one person \
                    twice; 0.60 is what the network was made for",
        },
        Case {
            what: "at the widest",
            new: from(7, 2),
            several: 40,
            recommended: 0.60,
            words: "different people begin to be mixed up at 0.65, where 2 photos would show \
                    one person twice",
        },
        Case {
            what: "in the middle",
            new: from(4, 1),
            several: 999,
            recommended: 0.45,
            words: "different people begin to be mixed up at 0.50, where 1 photo would show \
                    one person twice",
        },
        Case {
            what: "one odd photo in a thousand",
            new: from(4, 1),
            several: 1000,
            recommended: 0.60,
            words: "up to 0.65 none of the 1000 photos with several faces would show one person \
                    twice; 0.60 is what the network was made for",
        },
        Case {
            what: "a collage",
            new: std::array::from_fn(|i| 0..if i < 5 { 1 } else { 3 }),
            several: 40,
            recommended: 0.50,
            words: "different people begin to be mixed up at 0.55, where 2 photos would show \
                    one person twice (1 photo, perhaps a collage, does at every threshold)",
        },
        Case {
            what: "everywhere",
            new: from(0, 4),
            several: 40,
            recommended: 0.30,
            words: "different people are mixed up even here, where 4 photos would show one person \
                    twice: look closely, or go lower",
        },
    ];
    let rows = THRESHOLDS.map(|threshold| Row {
        threshold,
        clusters: 0,
        faces: 0,
        largest: 0,
        conflicts: 0,
        photos: 0,
    });
    let wrong: Vec<_> = cases
        .iter()
        .filter_map(|case| {
            let conflicts: Vec<HashSet<u32>> = case
                .new
                .iter()
                .map(|photos| photos.clone().collect())
                .collect();
            let (recommended, why) = recommend(&rows, &conflicts, case.several);
            let right = recommended == case.recommended && why.to_string() == case.words;
            (!right).then(|| (case.what, recommended, why.to_string()))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn no_faces_are_reported_as_none() {
    let none: &[[f32; DIMENSIONS]] = &[];
    let report = |method| {
        let grouping = Grouping {
            method,
            ..Grouping::default()
        };
        super::report(&graph(0, &[]), none, &[], &grouping, &THRESHOLDS, 3)
    };
    let whispers = report(Method::ChineseWhispers);
    assert_eq!(whispers.rows[7].largest, 0);
    assert_eq!(
        (whispers.recommended, whispers.why),
        (0.60, Why::NothingToTell)
    );
    let average = report(Method::Average);
    assert!(average.rows.iter().all(|row| row.largest == 0));
}

#[test]
fn what_is_advised_follows_from_faces_and_clusters() {
    let cases = [
        (3000, 600, 0.57),
        (300, 60, 0.59),
        (300, 150, 0.57),
        (3000, 1500, 0.55),
        (30_000, 6000, 0.55),
        (300_000, 60_000, 0.53),
        (300_000, 30_000, 0.55),
        (5_000_000, 5_000_000, 0.52),
        (1000, 10, 0.60),
        (0, 0, 0.60),
        (1, 1, 0.60),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|&(faces, clusters, expected)| (faces, clusters, advised(faces, clusters), expected))
        .filter(|(_, _, found, expected)| found != expected)
        .collect();
    assert!(
        wrong.is_empty(),
        "(faces, clusters, found, expected): {wrong:?}"
    );
}

#[test]
fn average_linkage_has_a_row_for_what_is_advised_and_no_photo_moves_it() {
    // Two people, twice in photo 1, along a line.
    let at = |x: f32| {
        let mut face = [0.0; DIMENSIONS];
        face[0] = x;
        face
    };
    let faces = [0.0, 0.1, 0.2, 5.0, 5.1, 5.2].map(at);
    let graph = neighbours(&faces, 0.65);
    let grouping = Grouping::default();
    let report =
        |photos: [u32; 6]| super::report(&graph, &faces, &photos, &grouping, &THRESHOLDS, 3);
    let (apart, twice) = (report([1, 2, 3, 4, 5, 6]), report([1, 1, 3, 4, 4, 6]));
    assert_eq!(apart.recommended, twice.recommended);
    assert_eq!(
        apart.why,
        Why::Shape {
            faces: 6,
            clusters: 2
        }
    );
    assert_eq!(
        apart.why.to_string(),
        "measured to be best for about 6 faces with about 3 a person"
    );
    let of = |report: &Report| {
        let row = report
            .rows
            .iter()
            .find(|row| row.threshold == report.recommended);
        row.map(|row| (row.clusters, row.faces, row.conflicts))
    };
    assert_eq!((of(&apart), of(&twice)), (Some((2, 6, 0)), Some((2, 6, 2))));
    assert!(apart.rows.is_sorted_by(|a, b| a.threshold < b.threshold));
}
