//! Clusters: which faces look like one person, at a threshold.
//!
//! [`neighbours`] links every two faces whose descriptors are nearer than the threshold,
//! [`chinese_whispers`] groups the linked faces, [`clusters`] lists the groups, largest first.
//! With dlib's own order of visits ([`whisper`]) the labels are those of dlib's Python binding, face
//! by face; with ours they differ only where that order decides.
//!
//! A cluster is a view that changes with the threshold and with every new face: names belong to
//! faces. Who a cluster shows, and what is kept, is the business of [`naming`](crate::naming) and
//! the store.

mod distance;
mod graph;
mod groups;
mod whispers;

pub use graph::{Graph, neighbours};
pub use groups::{clusters, most_typical_first};
pub use whispers::{PASSES, chinese_whispers, whisper};

/// How many numbers describe a face: the length of the output of dlib's face recognition network.
pub const DIMENSIONS: usize = 128;
