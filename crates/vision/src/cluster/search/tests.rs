use std::sync::Mutex;

use super::super::DIMENSIONS;
use super::super::distance::exact;
use super::super::graph::tests::descriptors;
use super::super::point::Calibrated;
use super::*;
use proptest::prelude::*;

type Face = [f32; DIMENSIONS];

/// The definition, pair by pair: neighbours and their distances.
fn plainly<P: Point>(faces: &[P], threshold: f32) -> Vec<(usize, u32, f64)> {
    let all = 0..faces.len();
    all.clone()
        .flat_map(|i| all.clone().map(move |j| (i, j)))
        .filter(|&(i, j)| i != j)
        .map(|(i, j)| (i, j as u32, exact(&faces[i], &faces[j])))
        .filter(|&(_, _, distance)| distance < f64::from(threshold))
        .collect()
}

fn edges(graph: &Graph) -> Vec<(usize, u32)> {
    (0..graph.len())
        .flat_map(|i| graph.neighbours_of(i).iter().map(move |&j| (i, j)))
        .collect()
}

/// As [`search`], with one of the processor's kernels, beginning with the faces from `fresh` on.
fn with<P: Point>(
    kernel: Kernel,
    faces: &[P],
    order: &[u32],
    fresh: usize,
    threshold: f32,
) -> Graph {
    let found = PairCollector::new(faces.len(), u64::MAX);
    let quiet = Search::quiet(threshold);
    let found = search_on(faces, order, fresh, found, &quiet, kernel).unwrap();
    found.into_neighbours().graph
}

fn in_order<P>(faces: &[P]) -> Vec<u32> {
    (0..faces.len() as u32).collect()
}

/// Faces in groups, as of a library: groups about `apart` from each other, faces about `spread` from
/// their group's middle.
fn groups(apart: f32, spread: f32, most: usize) -> impl Strategy<Value = Vec<Face>> {
    let middle = prop::collection::vec(-1.0_f32..1.0, DIMENSIONS);
    let middles = prop::collection::vec(middle, 1..6);
    let face = (0_usize..6, prop::collection::vec(-1.0_f32..1.0, DIMENSIONS));
    (middles, prop::collection::vec(face, 0..most)).prop_map(move |(middles, faces)| {
        // Uniform in -1 to 1, numbers have a root mean square of 1 / √3.
        let scale = |length: f32| length / (DIMENSIONS as f32 / 3.0).sqrt();
        let put = |(group, own): (usize, Vec<f32>)| {
            let middle: &Vec<f32> = &middles[group % middles.len()];
            std::array::from_fn(|i| scale(apart) * middle[i] + scale(spread) * own[i])
        };
        faces.into_iter().map(put).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn edges_are_those_of_the_definition_with_every_kernel(
        faces in prop_oneof![
            prop::collection::vec((-2.0_f32..2.0, -2.0_f32..2.0), 0..200).prop_map(|p| descriptors(&p)),
            groups(1.0, 0.45, 200),
            groups(1e-12, 0.6e-12, 60),
            groups(3e4, 0.6, 60),
        ],
        threshold in prop_oneof![0.05_f32..1.5, Just(1e-12), Just(5e4)],
    ) {
        let truth = plainly(&faces, threshold);
        for kernel in Kernel::all() {
            let graph = with(kernel, &faces, &in_order(&faces), 0, threshold);
            let found: Vec<_> = (0..graph.len())
                .flat_map(|i| graph.edges_of(i).map(move |(j, distance)| (i, j, distance)))
                .collect();
            prop_assert_eq!(found.len(), truth.len(), "{:?}", kernel);
            for (found, truth) in found.iter().zip(&truth) {
                prop_assert_eq!((found.0, found.1), (truth.0, truth.1), "{:?}", kernel);
                let (low, high) = (f64::from(found.2), f64::from(found.2.next_up()));
                prop_assert!(low <= truth.2 && truth.2 < high, "{:?} {:?}", found, truth);
            }
        }
    }

    #[test]
    fn calibrated_edges_are_those_of_the_definition_with_every_kernel(
        faces in prop_oneof![groups(1.0, 0.45, 200), groups(0.3, 0.2, 60)],
        crowding in prop::collection::vec(prop_oneof![8 => 0.1_f32..0.7, 1 => 0.0_f32..9.0], 200),
        threshold in 0.05_f32..1.0,
    ) {
        let faces: Vec<_> = faces
            .iter()
            .zip(&crowding)
            .map(|(descriptor, &crowding)| Calibrated { descriptor, crowding: Some(crowding) })
            .collect();
        let truth: Vec<_> = plainly(&faces, threshold).iter().map(|pair| (pair.0, pair.1)).collect();
        for kernel in Kernel::all() {
            let graph = with(kernel, &faces, &in_order(&faces), 0, threshold);
            prop_assert_eq!(edges(&graph), &truth[..], "{:?}", kernel);
        }
    }

    #[test]
    fn a_distance_that_is_the_threshold_is_decided_as_64_bits_do(faces in groups(1.0, 0.45, 40)) {
        for threshold in plainly(&faces, 2.0).iter().take(20).map(|pair| pair.2 as f32) {
            let truth: Vec<_> = plainly(&faces, threshold).iter().map(|pair| (pair.0, pair.1)).collect();
            for kernel in Kernel::all() {
                let graph = with(kernel, &faces, &in_order(&faces), 0, threshold);
                prop_assert_eq!(edges(&graph), &truth[..], "{:?}", kernel);
            }
        }
    }

    #[test]
    fn any_number_of_threads_gives_the_same_graph(faces in groups(1.0, 0.45, 200)) {
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| neighbours(&faces, 0.65))
        };
        prop_assert_eq!(on(1), on(3));
    }

    #[test]
    fn another_order_gives_the_same_graph_and_old_pairs_are_left_out(
        (faces, order) in groups(1.0, 0.45, 120).prop_flat_map(|faces| {
            let order = in_order(&faces);
            (Just(faces), Just(order).prop_shuffle())
        }),
        part in 0.0_f64..1.0,
    ) {
        let whole = neighbours(&faces, 0.65);
        let fresh = (part * faces.len() as f64) as usize;
        let is_old: Vec<bool> = {
            let mut is_old = vec![false; faces.len()];
            order[..fresh].iter().for_each(|&face| is_old[face as usize] = true);
            is_old
        };
        let new: Vec<_> = edges(&whole)
            .into_iter()
            .filter(|&(i, j)| !(is_old[i] && is_old[j as usize]))
            .collect();
        for kernel in Kernel::all() {
            prop_assert_eq!(&with(kernel, &faces, &order, 0, 0.65), &whole);
            prop_assert_eq!(edges(&with(kernel, &faces, &order, fresh, 0.65)), &new[..]);
        }
    }

    #[test]
    fn where_memory_is_short_each_face_keeps_its_nearest(
        faces in groups(0.6, 0.3, 120),
        pairs in 1_u64..400,
    ) {
        let whole = neighbours(&faces, 0.65);
        let memory = pairs * 28;
        let threads = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let bounded = Search { memory, ..Search::quiet(0.65) };
            pool.install(|| search(&faces, &bounded)).unwrap()
        };
        let found = threads(1);
        prop_assert_eq!(&found, &threads(3));
        let all = whole.targets.len() as u64 / 2;
        let Some(cut) = found.cut else {
            prop_assert!(all <= pairs);
            prop_assert_eq!(found.graph, whole);
            return Ok(());
        };
        prop_assert!(all > pairs && cut.found == all && cut.nearest >= 1);
        // By the definition: the nearest of each, of equally near ones the lower.
        let nearest = |face: usize| -> Vec<u32> {
            let mut row: Vec<_> = whole.edges_of(face).collect();
            row.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            row.iter().take(cut.nearest).map(|&(to, _)| to).collect()
        };
        let nearest: Vec<_> = (0..faces.len()).map(nearest).collect();
        let kept: Vec<_> = edges(&whole)
            .into_iter()
            .filter(|&(i, j)| nearest[i].contains(&j) || nearest[j as usize].contains(&(i as u32)))
            .collect();
        prop_assert_eq!(edges(&found.graph), kept);
        prop_assert_eq!(found.graph.filter_below(cut.whole_below), whole.filter_below(cut.whole_below));
        let next = cut.whole_below.next_up();
        prop_assert_ne!(found.graph.filter_below(next), whole.filter_below(next));
        let room = pairs.max((faces.len() * cut.nearest) as u64);
        prop_assert!(found.graph.targets.len() as u64 / 2 <= room);
    }
}

/// More faces than a task has rows and columns, so that every kind of block is there.
#[test]
fn many_faces_are_all_compared() {
    let faces: Vec<Face> = (0..ROWS as u32 + COLUMNS as u32 + 77)
        .map(|i| {
            std::array::from_fn(|k| {
                if k == (i % 61) as usize {
                    (i / 61) as f32
                } else {
                    0.0
                }
            })
        })
        .collect();
    // Faces of one residue stand in a line, 1 apart; the first two of each line, which begin at the
    // origin, are near those of other lines: 0, 1 or √2 apart.
    let near = |i: u32, j: u32| {
        let (a, b) = (i / 61, j / 61);
        if i % 61 == j % 61 {
            a.abs_diff(b) <= 1
        } else {
            a <= 1 && b <= 1
        }
    };
    let all = 0..faces.len() as u32;
    let truth: Vec<_> = all
        .clone()
        .flat_map(|i| all.clone().map(move |j| (i as usize, j)))
        .filter(|&(i, j)| i as u32 != j && near(i as u32, j))
        .collect();
    assert!(truth.len() > 10_000);
    for kernel in Kernel::all() {
        let graph = with(kernel, &faces, &in_order(&faces), 0, 1.5);
        assert!(edges(&graph) == truth, "{kernel:?}");
    }
}

#[test]
fn what_is_no_number_has_no_neighbours_and_huge_numbers_have_theirs() {
    let mut faces = vec![[0.1; DIMENSIONS]; 8];
    faces[1][3] = f32::NAN;
    faces[2][0] = f32::INFINITY;
    faces[3][127] = f32::NEG_INFINITY;
    faces[5] = [1e25; DIMENSIONS];
    faces[6] = [1e25; DIMENSIONS];
    for kernel in Kernel::all() {
        let near = |threshold| edges(&with(kernel, &faces, &in_order(&faces), 0, threshold));
        assert_eq!(
            near(1.0),
            [
                (0, 4),
                (0, 7),
                (4, 0),
                (4, 7),
                (5, 6),
                (6, 5),
                (7, 0),
                (7, 4)
            ]
        );
        assert_eq!(near(f32::MAX).len(), 20, "{kernel:?}: all of five");
        assert_eq!(near(f32::INFINITY).len(), 20, "{kernel:?}");
    }
}

#[test]
fn nothing_is_nearer_than_nothing() {
    let faces = [[0.0; DIMENSIONS]; 3];
    for threshold in [0.0, -0.0, -1.0, f32::NAN, f32::NEG_INFINITY] {
        assert!(
            neighbours(&faces, threshold).targets.is_empty(),
            "{threshold}"
        );
    }
    assert_eq!(neighbours(&faces, 1e-30).targets.len(), 6);
    assert!(neighbours::<Face>(&[], 0.6).is_empty());
    assert_eq!(neighbours(&faces[..1], 0.6).len(), 1);
}

#[test]
fn progress_comes_to_the_end_and_can_stop_the_search() {
    let faces = vec![[0.0; DIMENSIONS]; 2 * ROWS];
    let count = faces.len() as u64;
    let told = Mutex::new(Vec::new());
    let listening = Search {
        progress: &|done, all| {
            told.lock().unwrap().push((done, all));
            ControlFlow::Continue(())
        },
        memory: 28 * 10 * count,
        ..Search::quiet(0.1)
    };
    search(&faces, &listening).unwrap();
    let all = count * (count - 1) / 2;
    let told = std::mem::take(&mut *told.lock().unwrap());
    assert!(told.iter().all(|&(done, of)| done <= all && of == all));
    assert!(told.contains(&(0, all)) && told.contains(&(all, all)));

    let stopping = Search {
        progress: &|done, _| {
            if done > 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        },
        ..listening
    };
    assert_eq!(search(&faces, &stopping), Err(Stopped));
}
