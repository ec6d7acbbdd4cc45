//! The pairs found so far, within a bound on memory.
//!
//! Where there are more pairs than memory holds, each face keeps its k nearest, and a pair stays where
//! either of its faces keeps the other. That can be decided while the search still goes on: a pair that
//! is not among the k nearest of those seen so far will not be among the k nearest of all. So the
//! result does not depend on the order in which pairs are found.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use rayon::prelude::*;

use super::graph::{Edge, Graph};

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    /// The pairs.
    pub graph: Graph,
    /// What is missing, where memory did not hold all.
    pub cut: Option<Cut>,
}

/// The pairs that are missing, because memory did not hold them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// How many nearest each face kept; it also kept faces that have it among their nearest.
    pub nearest: usize,
    /// Pairs that there are.
    pub found: u64,
    /// No pair nearer than this is missing: at thresholds up to this the graph is whole.
    pub whole_below: f32,
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} pairs of similar faces are more than neighbours_memory allows: each face is compared with its {} \
             nearest only, which changes nothing up to a threshold of {:.2}",
            self.found,
            self.nearest,
            // Rounded down: a threshold as shown is whole.
            (self.whole_below * 100.0).floor() / 100.0,
        )
    }
}

/// Bytes of a pair as it is found, and in the graph, at both its ends.
const BYTES: u64 = (size_of::<Edge>() + 2 * (size_of::<u32>() + size_of::<f32>())) as u64;

/// Pairs of a list: lists are not copied as more are found.
const LIST: usize = 1 << 16;

/// Pairs of `count` faces.
pub(super) struct PairCollector {
    count: usize,
    /// How many pairs may be held.
    most: u64,
    pairs: Mutex<Pairs>,
    is_full: AtomicBool,
}

struct Pairs {
    lists: Vec<Vec<Edge>>,
    held: u64,
    /// How many pairs fit: more than `most` where the nearest of all faces alone are more.
    room: u64,
    total: u64,
    /// The distance of the nearest pair that was left out.
    missing_from: f32,
    /// For each face, a distance that its k nearest do not exceed; empty before any was left out.
    reach: Arc<Vec<f32>>,
}

impl PairCollector {
    /// None of `count` faces yet; `memory` in bytes.
    pub(super) fn new(count: usize, memory: u64) -> Self {
        let most = (memory / BYTES).max(1);
        Self {
            count,
            most,
            pairs: Mutex::new(Pairs {
                lists: Vec::new(),
                held: 0,
                room: most,
                total: 0,
                missing_from: f32::INFINITY,
                reach: Arc::default(),
            }),
            is_full: AtomicBool::new(false),
        }
    }

    /// How many neighbours each face keeps where not all are: three quarters of what memory holds,
    /// so that there is room for those that are found in the meantime.
    pub(super) fn nearest(&self) -> usize {
        (self.most / 4 * 3 / self.count.max(1) as u64).max(1) as usize
    }

    /// Whether this many pairs are too many.
    pub(super) fn is_cut(&self, total: u64) -> bool {
        total > self.most
    }

    /// Takes over what an earlier search had found and left out: `total` pairs in all, none nearer
    /// than `missing_from` missing.
    pub(super) fn begin_with(&mut self, edges: Vec<Edge>, total: u64, missing_from: f32) {
        let nearest = self.nearest();
        let pairs = self.pairs.get_mut().unwrap_or_else(PoisonError::into_inner);
        pairs.held = edges.len() as u64;
        pairs.lists = vec![edges];
        pairs.total = total;
        pairs.missing_from = missing_from;
        pairs.fit(self.count, nearest);
    }

    /// Adds pairs. `find` shall offer each to the function it is given, and return those for which
    /// that says true: others can be left out already.
    pub(super) fn add(&self, find: impl FnOnce(&mut dyn FnMut(Edge) -> bool) -> Vec<Edge>) {
        let reach = Arc::clone(&self.lock().reach);
        let (mut total, mut missing_from) = (0, f32::INFINITY);
        let edges = find(&mut |edge| {
            total += 1;
            let within = |face: u32| reach.get(face as usize).is_none_or(|&r| edge.distance <= r);
            let kept = within(edge.from) || within(edge.to);
            if !kept {
                missing_from = edge.distance.min(missing_from);
            }
            kept
        });
        if total == 0 {
            return;
        }
        let mut pairs = self.lock();
        pairs.total += total;
        pairs.missing_from = pairs.missing_from.min(missing_from);
        pairs.held += edges.len() as u64;
        match pairs.lists.last_mut() {
            Some(last) if last.len() + edges.len() <= LIST => last.extend(edges),
            _ => {
                let mut list = edges;
                list.reserve_exact(LIST.saturating_sub(list.len()));
                pairs.lists.push(list);
            }
        }
        if pairs.held > pairs.room {
            self.is_full.store(true, Ordering::Relaxed);
        }
    }

    /// Whether there is no room for more, until [`Self::fit`] has made some.
    pub(super) fn is_full(&self) -> bool {
        self.is_full.load(Ordering::Relaxed)
    }

    /// Leaves out what is not among the nearest, where there is no room for all. On all cores, and so not where one of
    /// them may wait for the pairs.
    pub(super) fn fit(&self) {
        self.lock().fit(self.count, self.nearest());
        self.is_full.store(false, Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pairs> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was found, of all pairs.
    pub(super) fn into_neighbours(self) -> Neighbours {
        let (cut, nearest) = (self.is_cut(self.lock().total), self.nearest());
        let pairs = self
            .pairs
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let graph = Graph::of_edges(self.count, pairs.lists);
        if !cut {
            return Neighbours { graph, cut: None };
        }
        let (mut graph, _, missing_from) = nearest_of(graph, nearest);
        graph.whole_below = missing_from.min(pairs.missing_from);
        Neighbours {
            cut: Some(Cut {
                nearest,
                found: pairs.total,
                whole_below: graph.whole_below,
            }),
            graph,
        }
    }
}

impl Pairs {
    /// Leaves out what is not among the nearest, where there is no room for all.
    fn fit(&mut self, count: usize, nearest: usize) {
        if self.held <= self.room {
            return;
        }
        let graph = Graph::of_edges(count, std::mem::take(&mut self.lists));
        let (graph, reach, missing_from) = nearest_of(graph, nearest);
        self.missing_from = self.missing_from.min(missing_from);
        self.reach = Arc::new(reach);
        let edges: Vec<Edge> = graph.edges().collect();
        self.held = edges.len() as u64;
        // Or every pair that is found would have all of them looked through again.
        self.room = self.room.max(self.held / 3 * 4);
        self.lists.push(edges);
    }
}

/// The pairs of which one is among the other's `nearest`, of equally near ones the lower; each face's
/// reach, and the distance of the nearest pair left out.
fn nearest_of(mut graph: Graph, nearest: usize) -> (Graph, Vec<f32>, f32) {
    // The last of each face's nearest, by distance and number.
    let last_of = |row: &mut Vec<(f32, u32)>, face: usize| {
        row.clear();
        row.extend(graph.edges_of(face).map(|(to, distance)| (distance, to)));
        if row.len() <= nearest {
            return (f32::INFINITY, u32::MAX);
        }
        *row.select_nth_unstable_by(nearest - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))
            .1
    };
    let last: Vec<(f32, u32)> = (0..graph.len())
        .into_par_iter()
        .map_init(Vec::new, last_of)
        .collect();
    let missing_from = graph.retain(|face, (to, distance)| {
        (distance, to) <= last[face] || (distance, face as u32) <= last[to as usize]
    });
    let reach = last.iter().map(|&(distance, _)| distance).collect();
    (graph, reach, missing_from)
}
