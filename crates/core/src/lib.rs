//! Names for the faces in a Flickr account: everything behind `download`, `cluster-faces` and
//! `tag-photos`, without a terminal.
//!
//! The modules, in the order in which the data flows:
//!
//! - [`config`] reads config.ini, and changes one value of it and no other byte.
//! - [`flickr`] signs in, lists an account, fetches images, and calls Flickr's API at its pace.
//! - [`photo`] decodes a file whole, or refuses it.
//! - [`nets`] reads dlib's networks; [`faces`] finds faces in a photo and describes each by 128 numbers, its
//!   descriptor: an [`Engine`](faces::Engine) does that.
//! - [`cluster`] groups descriptors that are near one another.
//! - [`naming`] knows names, answers, suggestions, pictures of clusters, and tags.json.
//! - [`store`] keeps photos, faces, people and every decision in SQLite or PostgreSQL.
//! - [`steps`] is the work itself: downloading, naming, tagging; each reports to [`progress`] and stops when it is asked
//!   to.
//! - [`programs`] are named in messages as the person started them.
//! - [`files`] writes private files whole or not at all; [`ids`] keeps photos, faces and people apart.
//!
//! The engine of dlib itself is a crate of its own, `flickr-faces-dlib`. `examples/` has programs of a page each:
//! `detect_and_encode` a photo, `cluster_descriptors`, `list_account` of a test Flickr. The smallest is this one:
//!
//! ```
//! use flickr_faces::cluster::{DEFAULT_THRESHOLD, DIMENSIONS};
//! use flickr_faces::cluster::{average_linkage, clusters, neighbours};
//!
//! // Descriptors of three faces: the first two are near one another.
//! let faces = [[0.0; DIMENSIONS], [0.01; DIMENSIONS], [0.1; DIMENSIONS]];
//! let graph = neighbours(&faces, DEFAULT_THRESHOLD);
//! let labels = average_linkage(&graph, &faces, None, DEFAULT_THRESHOLD);
//! assert_eq!(clusters(&labels), [vec![0, 1], vec![2]]);
//! ```
//!
//! This crate never prints, prompts, exits or reads the environment: the programs do.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    reason = "the programs talk, the library does not"
)]
// `pub` is what other crates may use; what only this one does says `pub(crate)`.
#![warn(unreachable_pub)]
/// Makes an async function give a boxed future, so that it is compiled with this crate and not once more in each program
/// that awaits it: see docs/decisions/libraries.md.
pub(crate) use async_recursion::async_recursion as boxed;
#[doc(inline)]
pub use flickr_faces_vision::{cluster, faces, files, nets};

pub mod config;
pub mod flickr;
pub mod ids;
pub mod naming;
pub mod photo;
pub mod programs;
pub mod progress;
pub mod steps;
pub mod store;
pub mod text;
