use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::graph::tests::descriptors;
use super::super::search::search;
use super::*;
use proptest::prelude::*;

type Descriptor = [f32; DIMENSIONS];

fn bounded(threshold: f32, pairs: u64) -> Search<'static> {
    Search {
        memory: pairs.saturating_mul(28),
        ..Search::quiet(threshold)
    }
}

/// A face of one number: `x` apart from the others'.
fn faces(numbers: impl IntoIterator<Item = u16>) -> Vec<Descriptor> {
    let face = |x: u16| {
        let mut face = [0.0; DIMENSIONS];
        face[7] = f32::from(x) / 100.0;
        face
    };
    numbers.into_iter().map(face).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A library that changes: faces come anywhere, go, come twice, change their order; the memory
    /// and the threshold change. The graph is that of a search of all, each time.
    #[test]
    fn the_graph_is_that_of_a_fresh_search(
        points in prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), 1..60),
        steps in prop::collection::vec(
            (
                prop::collection::vec(any::<prop::sample::Index>(), 0..60),
                prop_oneof![3 => Just(true), 1 => Just(false)],
                prop_oneof![3 => Just(0.65_f32), 1 => Just(0.4), 1 => Just(0.8)],
                prop_oneof![2 => Just(u64::MAX / 28), 2 => Just(40_u64), 1 => 1_u64..400],
            ),
            1..6,
        ),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("faces.neighbours");
        let all = descriptors(&points);
        for (chosen, in_order, threshold, pairs) in steps {
            let mut chosen: Vec<usize> = chosen.iter().map(|index| index.index(all.len())).collect();
            if in_order {
                chosen.sort_unstable();
            }
            let faces: Vec<&Descriptor> = chosen.iter().map(|&face| &all[face]).collect();
            let search = bounded(threshold, pairs);
            let kept = load_or_search(&file, &faces, &search).unwrap();
            prop_assert_eq!(&kept.neighbours, &super::super::search::search(&faces, &search).unwrap());
            prop_assert_eq!(kept.known + kept.new, faces.len());
            prop_assert!(kept.unsaved.is_none());

            // And once more, with nothing new: all is known.
            let again = super::load_or_search(&file, &faces, &search).unwrap();
            prop_assert_eq!(&again.neighbours, &kept.neighbours);
            prop_assert_eq!((again.known, again.gone, &again.miss), (faces.len(), 0, &None));
        }
    }
}

#[test]
fn only_new_faces_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faces.neighbours");
    let compared = |faces: &[Descriptor], file: &Path| {
        let most = std::sync::Mutex::new(0);
        let search = Search {
            progress: &|done, all| {
                assert!(done <= all);
                *most.lock().unwrap() = all;
                std::ops::ControlFlow::Continue(())
            },
            ..Search::quiet(0.65)
        };
        let kept = load_or_search(file, faces, &search).unwrap();
        let counts = (kept.known, kept.new, kept.gone);
        assert!(kept.miss.is_none());
        (counts, most.into_inner().unwrap())
    };
    assert_eq!(compared(&faces(0..40), &file), ((0, 40, 0), 780));
    assert_eq!(compared(&faces(0..42), &file), ((40, 2, 0), 81));
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let written = fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(compared(&faces(0..42), &file), ((42, 0, 0), 0));
    assert_eq!(
        fs::metadata(&file).unwrap().modified().unwrap(),
        written,
        "written for nothing"
    );
    // In front of all others, and without some: the others are known still.
    let moved = faces([900, 901].into_iter().chain(5..42));
    assert_eq!(compared(&moved, &file), ((37, 2, 5), 37 * 2 + 1));
    assert_eq!(compared(&faces([]), &file), ((0, 0, 39), 0));
    assert_eq!(compared(&faces(0..2), &file), ((0, 2, 0), 1));
}

#[test]
fn a_wider_file_serves_and_stays_while_nothing_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faces.neighbours");
    let library = faces(0..100);
    load_or_search(&file, &library, &Search::quiet(0.8)).unwrap();
    let narrow = load_or_search(&file, &library, &Search::quiet(0.4)).unwrap();
    assert_eq!((narrow.known, narrow.miss), (100, None));
    assert_eq!(
        narrow.neighbours,
        search(&library, &Search::quiet(0.4)).unwrap()
    );
    let wide = load_or_search(&file, &library, &Search::quiet(0.8)).unwrap();
    assert_eq!((wide.known, wide.miss), (100, None));
    let wider = load_or_search(&file, &library, &Search::quiet(0.9)).unwrap();
    assert_eq!(
        (wider.known, wider.miss),
        (0, Some(CacheMiss::Narrower { than: 0.8 }))
    );
}

#[test]
fn an_unusable_file_is_reported_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faces.neighbours");
    let library = faces(0..100);
    let right = load_or_search(&file, &library, &Search::quiet(0.65))
        .unwrap()
        .neighbours;
    let bytes = fs::read(&file).unwrap();
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = bytes.clone();
        change(&mut bytes);
        bytes
    };
    // A file whose hash is right and whose content is not.
    let signed = |change: &dyn Fn(&mut Vec<u8>)| {
        with(&|bytes| {
            bytes.truncate(bytes.len() - 32);
            change(bytes);
            let hash: [u8; 32] = Sha256::digest(&*bytes).into();
            bytes.extend(hash);
        })
    };
    let head = 72;
    let targets = head + 20 * 100;
    let put = |at: usize, number: u32| {
        signed(&move |bytes| bytes[at..at + 4].copy_from_slice(&number.to_le_bytes()))
    };
    let mut cases = vec![
        ("empty", Vec::new(), CacheMiss::Foreign),
        (
            "another's",
            b"SQLite format 3\0 and so on, and on, and on".to_vec(),
            CacheMiss::Foreign,
        ),
        (
            "of a later form",
            with(&|bytes| bytes[30] = b'2'),
            CacheMiss::Foreign,
        ),
        (
            "without its last byte",
            with(&|bytes| bytes.truncate(bytes.len() - 1)),
            CacheMiss::Damaged,
        ),
        (
            "one byte longer",
            with(&|bytes| bytes.push(0)),
            CacheMiss::Damaged,
        ),
        (
            "of 2⁶⁴ - 1 faces",
            with(&|bytes| bytes[56..64].fill(255)),
            CacheMiss::Damaged,
        ),
        (
            "of 2⁶⁴ - 1 pairs",
            with(&|bytes| bytes[64..72].fill(255)),
            CacheMiss::Damaged,
        ),
        (
            "a neighbour that is not there",
            put(targets, 100),
            CacheMiss::Damaged,
        ),
        (
            "a face that is its own neighbour",
            put(targets, 0),
            CacheMiss::Damaged,
        ),
        ("a neighbour twice", put(targets + 4, 1), CacheMiss::Damaged),
        (
            "more neighbours than pairs",
            put(head + 16 * 100, u32::MAX),
            CacheMiss::Damaged,
        ),
        (
            "fewer neighbours than pairs",
            put(head + 16 * 100, 0),
            CacheMiss::Damaged,
        ),
        (
            "a distance that is none",
            put(bytes.len() - 36, 0x7fc0_0000),
            CacheMiss::Damaged,
        ),
        (
            "a distance above the threshold",
            put(bytes.len() - 36, 1.0_f32.to_bits()),
            CacheMiss::Damaged,
        ),
    ];
    for at in (0..bytes.len()).step_by(97) {
        let why = if at < 32 {
            CacheMiss::Foreign
        } else {
            CacheMiss::Damaged
        };
        cases.push(("one bit other", with(&|bytes| bytes[at] ^= 4), why));
    }
    for length in (32..bytes.len()).step_by(997) {
        cases.push((
            "cut",
            with(&|bytes| bytes.truncate(length)),
            CacheMiss::Damaged,
        ));
    }
    for (what, bytes, why) in cases {
        fs::write(&file, bytes).unwrap();
        let again = load_or_search(&file, &library, &Search::quiet(0.65)).unwrap();
        assert_eq!((again.known, again.miss), (0, Some(why)), "{what}");
        assert_eq!(again.neighbours, right, "{what}");
        let again = load_or_search(&file, &library, &Search::quiet(0.65)).unwrap();
        assert_eq!((again.known, again.miss), (100, None), "{what}, after it");
    }

    let others = load_or_search(&file, &faces(200..230), &Search::quiet(0.65)).unwrap();
    assert_eq!((others.known, others.gone), (0, 0));
    assert_eq!(others.miss, Some(CacheMiss::OtherFaces));
}

#[test]
fn what_cannot_be_read_or_written_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let library = faces(0..30);
    let kept = load_or_search(folder.path(), &library, &Search::quiet(0.65)).unwrap();
    assert!(
        matches!(kept.miss, Some(CacheMiss::Unreadable(_))),
        "{:?}",
        kept.miss
    );
    assert!(kept.unsaved.is_some());
    assert_eq!(
        kept.neighbours,
        search(&library, &Search::quiet(0.65)).unwrap()
    );
}

#[test]
fn a_search_that_is_stopped_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faces.neighbours");
    load_or_search(&file, &faces(0..30), &Search::quiet(0.65)).unwrap();
    let before = fs::read(&file).unwrap();
    let stopping = Search {
        progress: &|_, _| std::ops::ControlFlow::Break(()),
        ..Search::quiet(0.65)
    };
    assert_eq!(
        load_or_search(&file, &faces(0..60), &stopping).err(),
        Some(Stopped)
    );
    assert_eq!(fs::read(&file).unwrap(), before);
}
