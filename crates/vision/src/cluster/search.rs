//! The search: every pair of faces that is nearer than a threshold, once.
//!
//! Faces are compared in blocks: a block of columns, laid out once, against a few blocks of rows, and
//! only where rows come before columns, one triangle of all pairs. A [`Product`] says which pairs may
//! be near; their distances decide. n faces cost n² / 2 products of 128 numbers: four times as long
//! for twice as many.

use std::ops::{ControlFlow, Range};
use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use rayon::prelude::*;

use super::distance::distance;
use super::graph::{Edge, Graph};
use super::pair_collector::{Neighbours, PairCollector};
use super::point::Point;
use super::product::{self, Kernel, Product, floats::Floats};
#[cfg(target_arch = "x86_64")]
use super::product::{bytes::Bytes, wide::Wide};

/// Columns of a task: as floats 240 KiB, which a core's second cache holds.
const COLUMNS: usize = 480;

/// Rows of a task: enough that laying out the columns costs little, few enough that the tasks of
/// some thousand faces keep many cores busy.
const ROWS: usize = 3840;

/// What is searched for.
#[derive(Clone, Copy)]
pub struct Search<'a> {
    /// Pairs strictly nearer than this.
    pub threshold: f32,
    /// Memory for the pairs, in bytes. Where they need more, each face's nearest are kept.
    pub memory: u64,
    /// Told how many pairs are compared and of how many, often and on any thread. What breaks ends
    /// the search.
    pub progress: &'a (dyn Fn(u64, u64) -> ControlFlow<()> + Sync),
}

impl Search<'_> {
    /// A search with as much memory as it takes, that says nothing and is not stopped.
    #[must_use]
    pub fn quiet(threshold: f32) -> Search<'static> {
        Search {
            threshold,
            memory: u64::MAX,
            progress: &|_, _| ControlFlow::Continue(()),
        }
    }
}

/// The search was stopped by its `progress`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the comparison of faces was stopped")]
pub struct Stopped;

/// Links every two of `faces` whose distance is strictly below a threshold.
///
/// On all cores of rayon's current pool; the result does not depend on how many there are, nor on the
/// processor. A descriptor that holds NaN or an infinity gets no neighbours, nor does any at a
/// threshold that is not above zero. Memory: 28 bytes a pair while it is searched, up to
/// [`Search::memory`], 16 of them for the graph; and 4 to 150 bytes a face.
///
/// # Errors
/// Where [`Search::progress`] stopped it.
///
/// # Panics
/// From 2³² descriptors on, which would fill 2 TiB.
pub(super) fn search<D: Point>(faces: &[D], search: &Search<'_>) -> Result<Neighbours, Stopped> {
    let all: Vec<u32> = (0..faces.len() as u32).collect();
    let found = PairCollector::new(faces.len(), search.memory);
    let found = search_on(faces, &all, 0, found, search, Kernel::fastest())?;
    Ok(found.into_neighbours())
}

/// Links every two of `faces` whose distance is strictly below `threshold`, Euclid's where they are plain descriptors,
/// in as much memory as it takes.
///
/// # Panics
/// From 2³² descriptors on, which would fill 2 TiB.
#[must_use]
pub fn neighbours<D: Point>(faces: &[D], threshold: f32) -> Graph {
    match search(faces, &Search::quiet(threshold)) {
        Ok(neighbours) => neighbours.graph,
        Err(Stopped) => unreachable!("a quiet search is not stopped"),
    }
}

/// Adds to `found` the pairs of `faces` that have at least one face at a place from `fresh` on in
/// `order`, which names each face once.
pub(super) fn search_on<D: Point>(
    faces: &[D],
    order: &[u32],
    fresh: usize,
    found: PairCollector,
    search: &Search<'_>,
    kernel: Kernel,
) -> Result<PairCollector, Stopped> {
    assert!(
        u32::try_from(faces.len()).is_ok(),
        "faces are numbered in 32 bits"
    );
    let threshold = search.threshold;
    // Nothing is nearer than nothing.
    if threshold.is_nan() || threshold <= 0.0 {
        return Ok(found);
    }
    let norms: Vec<f64> = order
        .par_iter()
        .map(|&face| product::norm(faces[face as usize].descriptor()))
        .collect();
    let run = Run {
        faces,
        order,
        fresh,
        norms: &norms,
        found: &found,
        search,
        compared: AtomicU64::new(0),
        stopped: AtomicBool::new(false),
    };
    match kernel {
        #[cfg(target_arch = "x86_64")]
        Kernel::Avx512Vnni => run.all(&Wide::new(faces, order, &norms, threshold))?,
        #[cfg(target_arch = "x86_64")]
        Kernel::AvxVnni => run.all(&Bytes::new(faces, order, &norms, threshold))?,
        _ => run.all(&Floats::new(faces, order, &norms, threshold, kernel))?,
    }
    Ok(found)
}

/// A search that is under way.
struct Run<'a, D> {
    faces: &'a [D],
    order: &'a [u32],
    fresh: usize,
    norms: &'a [f64],
    found: &'a PairCollector,
    search: &'a Search<'a>,
    compared: AtomicU64,
    stopped: AtomicBool,
}

impl<D: Point> Run<'_, D> {
    fn all<P: Product>(&self, product: &P) -> Result<(), Stopped> {
        let count = self.order.len();
        let mut tasks: Vec<(Range<usize>, Range<usize>)> = (self.fresh..count)
            .step_by(COLUMNS)
            .map(|first| first..count.min(first + COLUMNS))
            .flat_map(|columns| {
                let rows = (0..columns.end).step_by(ROWS);
                rows.map(move |first| (first..columns.end.min(first + ROWS), columns.clone()))
            })
            .collect();
        self.told(0);
        while !tasks.is_empty() {
            let left = Mutex::new(Vec::new());
            tasks
                .par_iter()
                // They are of very different sizes: each is handed out by itself.
                .with_max_len(1)
                .for_each(|task| {
                    let (rows, columns) = task;
                    if self.stopped.load(Ordering::Relaxed) {
                        return;
                    }
                    if self.found.is_full() {
                        let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
                        left.push(task.clone());
                        return;
                    }
                    self.found
                        .add(|bound| self.block(product, rows, columns, bound));
                    self.told(pairs(rows, columns));
                });
            // Not within a task: a core that waits there for others may be given another task, which would wait for it.
            self.found.fit();
            tasks = left.into_inner().unwrap_or_else(PoisonError::into_inner);
        }
        if !self.stopped.load(Ordering::Relaxed) {
            self.untamed();
        }
        if self.stopped.load(Ordering::Relaxed) {
            return Err(Stopped);
        }
        Ok(())
    }

    /// The near pairs of a block that `wanted` lets through.
    fn block<P: Product>(
        &self,
        product: &P,
        rows: &Range<usize>,
        columns: &Range<usize>,
        wanted: &mut dyn FnMut(Edge) -> bool,
    ) -> Vec<Edge> {
        let mut edges = Vec::new();
        let laid_out = product.columns(columns.clone());
        product.compare(rows.clone(), &laid_out, &mut |row, column| {
            let tame = |place: usize| product::is_tame(self.norms[place]);
            if row < column && tame(row) && tame(column) {
                edges.extend(self.edge(row, column).filter(|&edge| wanted(edge)));
            }
        });
        edges
    }

    /// The edge between the faces at two places, where they are near.
    fn edge(&self, a: usize, b: usize) -> Option<Edge> {
        let (a, b) = (self.order[a], self.order[b]);
        let face = |face: u32| &self.faces[face as usize];
        let distance = distance(face(a), face(b));
        (distance < self.search.threshold).then_some(Edge {
            from: a.min(b),
            to: a.max(b),
            distance,
        })
    }

    /// The few faces that products cannot hold: each is compared with every other by itself.
    fn untamed(&self) {
        let wild = |place: usize| !product::is_tame(self.norms[place]);
        let finite = |place: usize| {
            let face = self.faces[self.order[place] as usize].descriptor();
            face.iter().all(|x| x.is_finite())
        };
        let count = self.order.len();
        for place in (0..count).filter(|&place| wild(place) && finite(place)) {
            self.found.add(|wanted| {
                let others = (0..count).filter(|&other| {
                    (other < place || !wild(other))
                        && other != place
                        && place.max(other) >= self.fresh
                });
                let edges = others.filter_map(|other| self.edge(place, other));
                edges.filter(|&edge| wanted(edge)).collect()
            });
            self.found.fit();
        }
    }

    /// Tells that `more` pairs were compared.
    fn told(&self, more: u64) {
        let count = self.order.len() as u64;
        let old = self.fresh as u64;
        let all = count * count.saturating_sub(1) / 2 - old * old.saturating_sub(1) / 2;
        let done = self.compared.fetch_add(more, Ordering::Relaxed) + more;
        if (self.search.progress)(done.min(all), all).is_break() {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }
}

/// The pairs of a row and a later column.
fn pairs(rows: &Range<usize>, columns: &Range<usize>) -> u64 {
    columns
        .clone()
        .map(|column| column.min(rows.end).saturating_sub(rows.start) as u64)
        .sum()
}

#[cfg(test)]
mod tests;
