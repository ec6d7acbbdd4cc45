//! The graph kept in a file beside the store, so that only new faces are compared with the rest.
//!
//! A face is known by a hash of its descriptor, and of its crowding where distances are calibrated: a face that was found again at another place, or is in
//! another store, has the same distances if it has the same numbers, and other ones otherwise. So the
//! file holds neither ids nor names, and one of another descriptor network knows no face.
//!
//! The graph is the one that a search of all faces would give, whatever the file held: pairs of faces
//! that it knows are taken from it, pairs with a new face are searched, those with a face that is gone
//! are dropped. A file that cannot serve is replaced by a new search and reported, never an error: it can be deleted
//! at any time. What the bytes are, is in `format`.

mod format;
mod miss;

use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use self::format::{Face, Saved};
pub use self::miss::CacheMiss;
use super::DIMENSIONS;
use super::pair_collector::{Neighbours, PairCollector};
use super::point::Point;
use super::product::Kernel;
use super::search::{Search, Stopped, search_on};
use crate::files::FileError;

/// A graph with what became of its file.
#[derive(Debug)]
pub struct CachedGraph {
    /// The graph.
    pub neighbours: Neighbours,
    /// Faces whose pairs with each other were taken from the file.
    pub known: usize,
    /// Faces that were compared with all others.
    pub new: usize,
    /// Faces of the file that are there no more.
    pub gone: usize,
    /// Why the file did not serve, where there was one.
    pub miss: Option<CacheMiss>,
    /// The file could not be written: the next search will be as long.
    pub unsaved: Option<FileError>,
}

/// Links every two of `faces` that are nearer than a threshold, as `search` does,
/// with what `file` knows already; then writes `file`, readable by its owner alone, where it has
/// changed.
///
/// # Errors
/// Where [`Search::progress`] stopped it; the file is then as it was.
///
/// # Panics
/// From 2³² descriptors on, which would fill 2 TiB.
pub fn load_or_search<D: Point>(
    file: &Path,
    faces: &[D],
    search: &Search<'_>,
) -> Result<CachedGraph, Stopped> {
    let hashes: Vec<Face> = faces.par_iter().map(hash).collect();
    let mut found = PairCollector::new(faces.len(), search.memory);
    let (read, mut miss) = match format::read(file) {
        Ok(saved) => (saved, None),
        Err(why) => (None, Some(why)),
    };
    let mut known = Known::none(faces.len());
    let mut unchanged = false;
    if let Some(saved) = read {
        let matched = Known::of(&saved.faces, &hashes);
        match matched.refused(&saved, search.threshold, &found) {
            Some(why) => miss = Some(why),
            None => {
                unchanged =
                    matched.is_all() && saved.cut.is_none_or(|cut| cut.nearest == found.nearest());
                matched.take_over(saved, search.threshold, &mut found);
                known = matched;
            }
        }
    }
    let (order, fresh) = known.order();
    let found = search_on(faces, &order, fresh, found, search, Kernel::fastest())?;
    let neighbours = found.into_neighbours();
    let unsaved = if unchanged {
        None
    } else {
        format::write(file, search.threshold, &hashes, &neighbours).err()
    };
    Ok(CachedGraph {
        neighbours,
        known: fresh,
        new: faces.len() - fresh,
        gone: known.gone,
        miss,
        unsaved,
    })
}

/// Of all that makes a face's distances: plain ones have the hash of the descriptor alone.
fn hash<P: Point>(face: &P) -> Face {
    let mut bytes = [[0; 4]; DIMENSIONS];
    for (bytes, number) in bytes.iter_mut().zip(face.descriptor()) {
        *bytes = number.to_le_bytes();
    }
    let mut hash = Sha256::new_with_prefix(bytes.as_flattened());
    if face.shift() != 0.0 {
        hash.update(face.shift().to_le_bytes());
    }
    let whole: [u8; 32] = hash.finalize().into();
    std::array::from_fn(|i| whole[i])
}

/// Which of the file's faces are which now.
struct Known {
    /// For each face of the file, its number now.
    now: Vec<Option<u32>>,
    /// For each face now, whether the file has it.
    has: Vec<bool>,
    gone: usize,
}

impl Known {
    fn none(count: usize) -> Self {
        Self {
            now: Vec::new(),
            has: vec![false; count],
            gone: 0,
        }
    }

    /// Of faces with the same numbers the first is the first, and so on.
    fn of(file: &[Face], faces: &[Face]) -> Self {
        let sorted = |faces: &[Face]| {
            let mut sorted: Vec<(Face, u32)> = faces.iter().copied().zip(0..).collect();
            sorted.par_sort_unstable();
            sorted
        };
        let mut known = Self::none(faces.len());
        known.now = vec![None; file.len()];
        let faces = sorted(faces);
        let mut faces = faces.iter().peekable();
        for (face, old) in sorted(file) {
            while faces.next_if(|(other, _)| *other < face).is_some() {}
            if let Some(&(_, new)) = faces.next_if(|(other, _)| *other == face) {
                known.now[old as usize] = Some(new);
                known.has[new as usize] = true;
            } else {
                known.gone += 1;
            }
        }
        known
    }

    /// Whether the file's faces are those of now, with the same numbers.
    fn is_all(&self) -> bool {
        let same = |(old, new): (u32, &Option<u32>)| *new == Some(old);
        self.now.len() == self.has.len() && (0..).zip(&self.now).all(same)
    }

    /// Why the file cannot serve.
    fn refused(&self, saved: &Saved, threshold: f32, found: &PairCollector) -> Option<CacheMiss> {
        if self.gone > 0 && self.gone == saved.faces.len() && !self.has.is_empty() {
            return Some(CacheMiss::OtherFaces);
        }
        if threshold > saved.threshold {
            return Some(CacheMiss::Narrower {
                than: saved.threshold,
            });
        }
        let cut = saved.cut?;
        // The nearest of each face among those known, of equally near ones the lower, must be there.
        let serves = threshold == saved.threshold
            && self.gone == 0
            && self.now.is_sorted()
            && found.nearest() <= cut.nearest
            && found.is_cut(cut.found);
        (!serves).then_some(CacheMiss::Cut)
    }

    /// Gives the file's pairs, by their faces' numbers of now, to `found`.
    fn take_over(&self, saved: Saved, threshold: f32, found: &mut PairCollector) {
        let mut edges = saved.edges;
        edges.retain_mut(|edge| {
            let ends = (self.now[edge.from as usize], self.now[edge.to as usize]);
            let (Some(a), Some(b)) = ends else {
                return false;
            };
            (edge.from, edge.to) = (a.min(b), a.max(b));
            edge.distance < threshold
        });
        edges.shrink_to_fit();
        let count = edges.len() as u64;
        let (total, whole_below) = saved
            .cut
            .map_or((count, f32::INFINITY), |cut| (cut.found, cut.whole_below));
        found.begin_with(edges, total, whole_below);
    }

    /// All faces, those that are known first; and how many these are.
    fn order(&self) -> (Vec<u32>, usize) {
        let faces = 0..self.has.len() as u32;
        let (mut order, new): (Vec<u32>, Vec<u32>) =
            faces.partition(|&face| self.has[face as usize]);
        let fresh = order.len();
        order.extend(new);
        (order, fresh)
    }
}

#[cfg(test)]
mod tests;
