//! Clusters: which faces look like one person, at a threshold.
//!
//! [`neighbours`] links every two faces that are nearer than the threshold, by plain distances or by
//! [`Calibrated`] ones; [`group`] groups them, by [`average_linkage`], [`chinese_whispers`] or
//! [`dbscan`], and keeps two faces of one photo apart; [`clusters`] lists the groups, largest first.
//! By plain distances and with dlib's own order of visits ([`whisper`]) the labels are those of dlib's
//! Python binding, face by face; with ours they differ only where that order decides.
//!
//! A cluster is a view that changes with the threshold and with every new face: names belong to
//! faces. Who a cluster shows, and what is kept, is the business of `naming` in the library and
//! the store.

mod average;
mod cache;
mod cannot_link;
mod cohort;
mod dbscan;
mod distance;
mod graph;
mod group;
mod groups;
mod pair_collector;
mod point;
mod product;
mod report;
mod search;
mod sums;
mod whispers;
mod width;

pub use average::{SAME_PERSON, average_linkage};
pub use cache::{CacheMiss, CachedGraph, load_or_search};
pub use cohort::{Cohort, CohortError, Distances};
pub use dbscan::dbscan;
pub use distance::distance;
pub use graph::Graph;
pub use group::{Grouping, Method, group};
pub use groups::{clusters, most_typical_first};
pub use point::{Calibrated, Point, USUAL_CROWDING};
pub use report::{DEFAULT_THRESHOLD, DLIB_THRESHOLD, Report, Row, THRESHOLDS, Why, report};
pub use search::neighbours;
pub use search::{Search, Stopped};
pub use whispers::{PASSES, chinese_whispers, whisper};
pub use width::search_width;

/// How many numbers describe a face: the length of the output of dlib's face recognition network.
pub const DIMENSIONS: usize = 128;

/// The largest threshold of interest: above it dlib's network takes different people for one another
/// in most libraries. Searched once there, a graph tells the edges of every lower threshold.
pub const MAX_THRESHOLD: f32 = 0.65;
