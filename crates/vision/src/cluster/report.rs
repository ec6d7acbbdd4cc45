//! The threshold from the library itself: what each threshold would give, and which to begin at.
//!
//! Average linkage is at its best near one threshold, [`DEFAULT_THRESHOLD`], and how many faces there are
//! and how many a person has move that a little: it falls as a library grows, since one wrong neighbour
//! among all is enough, and rises with the faces of a person. Neither needs names to be known
//! ([`advised`]; measured: docs/decisions/clusters.md).
//!
//! Clusters of single links, by Chinese whispers and DBSCAN, depend on the library far more. One person is
//! in a photo once. So a cluster that would hold two faces of one photo, were they not kept apart, has
//! taken two people for one: a conflict. Photos of several people are a sample of pairs that are known to
//! be different people, and the threshold at which the first of them meet in a cluster is where this
//! library's people begin to be mixed up. The recommendation is the threshold before that. Two things are
//! kept from spoiling it. Collages, mirrors and twins are in conflict at every threshold: the photos that
//! are so at the lowest one are left aside, where they are few. And of a thousand photos with several faces
//! one may be odd. Where nothing is in conflict, nothing was learnt, and the recommendation is
//! [`DLIB_THRESHOLD`].

use std::collections::HashSet;
use std::fmt;

use super::{Graph, Grouping, Method, Point, average::Linkage, cannot_link, clusters};

/// The thresholds that a report goes through.
pub const THRESHOLDS: [f32; 8] = [0.30, 0.35, 0.40, 0.45, 0.50, 0.55, 0.60, 0.65];

/// The threshold at which average linkage of calibrated distances is best for most libraries.
pub const DEFAULT_THRESHOLD: f32 = 0.57;

/// The threshold that dlib's network was trained for, by plain distances: faces of one person are nearer,
/// those of two farther (dlib, `dnn_face_recognition_ex.cpp`). Never more than this is recommended for
/// clusters of single links.
pub const DLIB_THRESHOLD: f32 = 0.60;

/// The widest threshold that average linkage is recommended.
pub(super) const WIDEST_ADVISED: f32 = 0.60;

/// Photos in conflict at the lowest threshold are taken for collages up to this many ...
const ODD_PHOTOS: usize = 3;

/// ... or up to one in this many of the photos with several faces, if that is more.
const ODD_IN: usize = 50;

/// One more photo in this many with several faces may be in conflict before it counts as the first.
const TOLERATED_IN: usize = 1000;

/// What the thresholds would give.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// One line a threshold, in the order in which they were given.
    pub rows: Vec<Row>,
    /// The threshold to begin at; one of the rows'.
    pub recommended: f32,
    /// Why it is this one; `Display` says it in words.
    pub why: Why,
}

/// What one threshold would give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// The threshold.
    pub threshold: f32,
    /// Clusters large enough to be asked about.
    pub clusters: usize,
    /// The faces in these.
    pub faces: usize,
    /// Faces in the largest cluster of all, 0 where there is no face.
    pub largest: usize,
    /// Clusters, of any size, that would hold a photo twice if such faces were not kept apart.
    pub conflicts: usize,
    /// The photos that would be twice in one.
    pub photos: usize,
}

/// The reason for a recommendation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Why {
    /// Conflicts begin at a higher threshold.
    FirstConflicts {
        /// The first threshold with conflicts.
        at: f32,
        /// How many photos would be twice in a cluster there.
        photos: usize,
        /// Photos that are in conflict at the lowest threshold already and were left aside.
        aside: usize,
    },
    /// Conflicts are there at the lowest threshold, and too many to be collages.
    FromTheStart {
        /// How many photos would be twice in a cluster there.
        photos: usize,
    },
    /// No conflict at any threshold.
    NoConflicts {
        /// The highest threshold.
        up_to: f32,
        /// Photos with several faces, which could have shown one.
        of: usize,
        /// As above.
        aside: usize,
    },
    /// No photo has two faces, so none could be in conflict.
    NothingToTell,
    /// What is best for libraries of this shape, by average linkage.
    Shape {
        /// Faces.
        faces: usize,
        /// Clusters that they are at [`DEFAULT_THRESHOLD`], single faces too.
        clusters: usize,
    },
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let would_show = |photos: usize| match photos {
            1 => "1 photo would show one person twice".to_owned(),
            _ => format!("{photos} photos would show one person twice"),
        };
        let aside = match *self {
            Self::FirstConflicts { aside, .. } | Self::NoConflicts { aside, .. } => aside,
            _ => 0,
        };
        match *self {
            Self::FirstConflicts { at, photos, .. } => write!(
                f,
                "different people begin to be mixed up at {at:.2}, where {}",
                would_show(photos)
            )?,
            Self::FromTheStart { photos } => write!(
                f,
                "different people are mixed up even here, where {}: look closely, or go lower",
                would_show(photos)
            )?,
            Self::NoConflicts { up_to, of, .. } => write!(
                f,
                "up to {up_to:.2} none of the {of} photos with several faces would show one person \
                 twice; {DLIB_THRESHOLD:.2} is what the network was made for"
            )?,
            Self::Shape { faces, clusters } => write!(
                f,
                "measured to be best for about {} faces with about {} a person",
                crate::numbers::grouped(faces),
                (faces as f64 / clusters.max(1) as f64).round(),
            )?,
            Self::NothingToTell => write!(
                f,
                "no photo has several faces, so none can show that people are mixed up; \
                 {DLIB_THRESHOLD:.2} is what the network was made for"
            )?,
        }
        match aside {
            0 => Ok(()),
            1 => write!(f, " (1 photo, perhaps a collage, does at every threshold)"),
            _ => write!(
                f,
                " ({aside} photos, perhaps collages, do at every threshold)"
            ),
        }
    }
}

/// What `thresholds`, ascending, would give.
///
/// `graph` was searched at the highest of them or above. `photos` is the photo of each face, by any
/// number, for the conflicts; whether faces of one photo are kept apart in the clusters that are
/// counted, `grouping` says. A cluster counts from `min_cluster` faces on.
///
/// # Panics
/// Where `faces` or `photos` are not as many as the faces of `graph`, or there is no threshold.
#[must_use]
pub fn report<P: Point>(
    graph: &Graph,
    faces: &[P],
    photos: &[u32],
    grouping: &Grouping<'_>,
    thresholds: &[f32],
    min_cluster: usize,
) -> Report {
    assert_eq!(photos.len(), graph.len(), "one photo a face");
    let labels = Labels::new(graph, faces, grouping, thresholds);
    let shape = match grouping.method {
        Method::Average => {
            let (_, labels) = labels.at(DEFAULT_THRESHOLD);
            Some((labels.len(), clusters(&labels).len()))
        }
        Method::ChineseWhispers | Method::Dbscan { .. } => None,
    };
    let mut thresholds = thresholds.to_vec();
    if let Some((faces, clusters)) = shape {
        let advised = advised(faces, clusters);
        if !thresholds.contains(&advised) {
            thresholds.push(advised);
            thresholds.sort_by(f32::total_cmp);
        }
    }
    let mut rows = Vec::new();
    let mut conflicts = Vec::new();
    for &threshold in &thresholds {
        let (together, labels) = labels.at(threshold);
        let twice = cannot_link::twice(&together, photos);
        let sizes: Vec<usize> = clusters(&labels).iter().map(Vec::len).collect();
        let asked = sizes.iter().take_while(|&&size| size >= min_cluster);
        let photos: HashSet<u32> = twice.iter().map(|&(_, photo)| photo).collect();
        rows.push(Row {
            threshold,
            clusters: asked.clone().count(),
            faces: asked.sum(),
            largest: sizes.first().copied().unwrap_or(0),
            conflicts: twice
                .iter()
                .map(|&(label, _)| label)
                .collect::<HashSet<_>>()
                .len(),
            photos: photos.len(),
        });
        conflicts.push(photos);
    }
    let (recommended, why) = match shape {
        Some((faces, clusters)) => (advised(faces, clusters), Why::Shape { faces, clusters }),
        None => recommend(&rows, &conflicts, several(photos)),
    };
    Report {
        rows,
        recommended,
        why,
    }
}

/// The best threshold of average linkage for so many faces in so many clusters, single ones too, in
/// hundredths.
fn advised(faces: usize, clusters: usize) -> f32 {
    let (faces, clusters) = (faces.max(1) as f32, clusters.max(1) as f32);
    let size = (faces / 3000.0).log10();
    let a_person = (faces / clusters / 5.0).log10();
    let best = DEFAULT_THRESHOLD - 0.02 * size + 0.05 * a_person;
    (best.clamp(0.52, WIDEST_ADVISED) * 100.0).round() / 100.0
}

/// The clusters at any of the thresholds.
enum Labels<'a> {
    /// From one pass at the highest: of all faces, and with those of one photo kept apart.
    Average {
        together: Linkage,
        apart: Option<Linkage>,
    },
    /// From one pass for each.
    Linked(&'a Graph, &'a Grouping<'a>),
}

impl<'a> Labels<'a> {
    fn new<P: Point>(
        graph: &'a Graph,
        faces: &[P],
        grouping: &'a Grouping<'a>,
        thresholds: &[f32],
    ) -> Self {
        // What may be advised, too.
        let highest = thresholds.iter().copied().fold(WIDEST_ADVISED, f32::max);
        let linkage = |photos| Linkage::new(graph, faces, photos, highest);
        match grouping.method {
            Method::Average => {
                // Most faces of a large library are in one component, which one core works on.
                let apart = || grouping.photos.map(|photos| linkage(Some(photos)));
                let (together, apart) = rayon::join(|| linkage(None), apart);
                Self::Average { together, apart }
            }
            Method::ChineseWhispers | Method::Dbscan { .. } => Self::Linked(graph, grouping),
        }
    }

    /// The clusters were faces of one photo not kept apart, and as they are asked for.
    fn at(&self, threshold: f32) -> (Vec<u32>, Vec<u32>) {
        match self {
            Self::Average { together, apart } => {
                let apart = apart.as_ref().unwrap_or(together);
                (together.labels(threshold), apart.labels(threshold))
            }
            Self::Linked(graph, grouping) => {
                let near = graph.filter_below(threshold);
                let together = grouping.linked(&near);
                let apart = grouping.keep_apart(&near, together.clone());
                (together, apart)
            }
        }
    }
}

/// How many photos have two faces or more.
fn several(photos: &[u32]) -> usize {
    let mut sorted = photos.to_vec();
    sorted.sort_unstable();
    sorted
        .chunk_by(|a, b| a == b)
        .filter(|faces| faces.len() > 1)
        .count()
}

/// The threshold to begin at; `conflicts` are the photos in conflict at each row.
fn recommend(rows: &[Row], conflicts: &[HashSet<u32>], several: usize) -> (f32, Why) {
    let lowest = rows.first().expect("a report has a threshold").threshold;
    let up_to = rows.last().map_or(lowest, |row| row.threshold);
    // Of the thresholds up to the usual one the highest, below `end`.
    let highest = |end: usize| {
        let usual = rows[..end]
            .iter()
            .rev()
            .find(|row| row.threshold <= DLIB_THRESHOLD);
        usual.map_or(lowest, |row| row.threshold)
    };
    if several == 0 {
        return (highest(rows.len()), Why::NothingToTell);
    }
    let always = &conflicts[0];
    if always.len() > ODD_PHOTOS.max(several / ODD_IN) {
        return (
            lowest,
            Why::FromTheStart {
                photos: always.len(),
            },
        );
    }
    let new: Vec<usize> = conflicts
        .iter()
        .map(|photos| photos.difference(always).count())
        .collect();
    let aside = always.len();
    match new.iter().position(|&new| new > several / TOLERATED_IN) {
        Some(first) => (
            highest(first),
            Why::FirstConflicts {
                at: rows[first].threshold,
                photos: new[first],
                aside,
            },
        ),
        None => (
            highest(rows.len()),
            Why::NoConflicts {
                up_to,
                of: several,
                aside,
            },
        ),
    }
}

#[cfg(test)]
mod tests;
