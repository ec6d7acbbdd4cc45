use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::super::graph::tests::descriptors;
use super::super::search;
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
            let kept = kept(&file, &faces, &search).unwrap();
            prop_assert_eq!(&kept.neighbours, &super::super::search(&faces, &search).unwrap());
            prop_assert_eq!(kept.known + kept.new, faces.len());
            prop_assert!(kept.unsaved.is_none());

            // And once more, with nothing new: all is known.
            let again = super::kept(&file, &faces, &search).unwrap();
            prop_assert_eq!(&again.neighbours, &kept.neighbours);
            prop_assert_eq!((again.known, again.gone, &again.anew), (faces.len(), 0, &None));
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
        let kept = kept(file, faces, &search).unwrap();
        let counts = (kept.known, kept.new, kept.gone);
        assert!(kept.anew.is_none());
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
    kept(&file, &library, &Search::quiet(0.8)).unwrap();
    let narrow = kept(&file, &library, &Search::quiet(0.4)).unwrap();
    assert_eq!((narrow.known, narrow.anew), (100, None));
    assert_eq!(
        narrow.neighbours,
        search(&library, &Search::quiet(0.4)).unwrap()
    );
    let wide = kept(&file, &library, &Search::quiet(0.8)).unwrap();
    assert_eq!((wide.known, wide.anew), (100, None));
    let wider = kept(&file, &library, &Search::quiet(0.9)).unwrap();
    assert_eq!(
        (wider.known, wider.anew),
        (0, Some(Anew::Narrower { than: 0.8 }))
    );
}

#[test]
fn a_file_that_cannot_serve_is_said_and_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("faces.neighbours");
    let library = faces(0..100);
    let right = kept(&file, &library, &Search::quiet(0.65))
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
        ("empty", Vec::new(), Anew::Foreign),
        (
            "another's",
            b"SQLite format 3\0 and so on, and on, and on".to_vec(),
            Anew::Foreign,
        ),
        (
            "of a later form",
            with(&|bytes| bytes[30] = b'2'),
            Anew::Foreign,
        ),
        (
            "without its last byte",
            with(&|bytes| bytes.truncate(bytes.len() - 1)),
            Anew::Damaged,
        ),
        (
            "one byte longer",
            with(&|bytes| bytes.push(0)),
            Anew::Damaged,
        ),
        (
            "of 2⁶⁴ - 1 faces",
            with(&|bytes| bytes[56..64].fill(255)),
            Anew::Damaged,
        ),
        (
            "of 2⁶⁴ - 1 pairs",
            with(&|bytes| bytes[64..72].fill(255)),
            Anew::Damaged,
        ),
        (
            "a neighbour that is not there",
            put(targets, 100),
            Anew::Damaged,
        ),
        (
            "a face that is its own neighbour",
            put(targets, 0),
            Anew::Damaged,
        ),
        ("a neighbour twice", put(targets + 4, 1), Anew::Damaged),
        (
            "more neighbours than pairs",
            put(head + 16 * 100, u32::MAX),
            Anew::Damaged,
        ),
        (
            "fewer neighbours than pairs",
            put(head + 16 * 100, 0),
            Anew::Damaged,
        ),
        (
            "a distance that is none",
            put(bytes.len() - 36, 0x7fc0_0000),
            Anew::Damaged,
        ),
        (
            "a distance above the threshold",
            put(bytes.len() - 36, 1.0_f32.to_bits()),
            Anew::Damaged,
        ),
    ];
    for at in (0..bytes.len()).step_by(97) {
        let why = if at < 32 {
            Anew::Foreign
        } else {
            Anew::Damaged
        };
        cases.push(("one bit other", with(&|bytes| bytes[at] ^= 4), why));
    }
    for length in (32..bytes.len()).step_by(997) {
        cases.push(("cut", with(&|bytes| bytes.truncate(length)), Anew::Damaged));
    }
    for (what, bytes, why) in cases {
        fs::write(&file, bytes).unwrap();
        let again = kept(&file, &library, &Search::quiet(0.65)).unwrap();
        assert_eq!((again.known, again.anew), (0, Some(why)), "{what}");
        assert_eq!(again.neighbours, right, "{what}");
        let again = kept(&file, &library, &Search::quiet(0.65)).unwrap();
        assert_eq!((again.known, again.anew), (100, None), "{what}, after it");
    }

    let others = kept(&file, &faces(200..230), &Search::quiet(0.65)).unwrap();
    assert_eq!((others.known, others.gone), (0, 0));
    assert_eq!(others.anew, Some(Anew::OtherFaces));
}

#[test]
fn what_cannot_be_read_or_written_is_no_obstacle() {
    let folder = tempfile::tempdir().unwrap();
    let library = faces(0..30);
    let kept = kept(folder.path(), &library, &Search::quiet(0.65)).unwrap();
    assert!(
        matches!(kept.anew, Some(Anew::Unreadable(_))),
        "{:?}",
        kept.anew
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
    kept(&file, &faces(0..30), &Search::quiet(0.65)).unwrap();
    let before = fs::read(&file).unwrap();
    let stopping = Search {
        progress: &|_, _| std::ops::ControlFlow::Break(()),
        ..Search::quiet(0.65)
    };
    assert_eq!(kept(&file, &faces(0..60), &stopping).err(), Some(Stopped));
    assert_eq!(fs::read(&file).unwrap(), before);
}
