//! What computes in flickr-faces: a photo's pixels, the faces in it, their descriptors, and clusters of them.
//!
//! People use it by way of the library `flickr-faces`, which shows these modules as its own and begins with a tour. They
//! are a crate of their own because they are optimised in every build, which takes long, while they change seldom;
//! and nothing here knows of Flickr, of the store or of names.
//!
//! - [`photo`] decodes a file whole, or refuses it.
//! - [`nets`] reads dlib's networks; [`faces`] finds faces in a photo and describes each by 128 numbers.
//! - [`cluster`] groups descriptors that are near one another.
//! - [`files`] writes private files whole or not at all; [`numbers`] are written for people there.
//!
//! This crate never prints, prompts, exits or reads the environment.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    reason = "the programs talk, the library does not"
)]
// `pub` is what other crates may use; what only this one does says `pub(crate)`.
#![warn(unreachable_pub)]
pub mod cluster;
pub mod faces;
pub mod files;
pub mod nets;
pub mod numbers;
pub mod photo;
