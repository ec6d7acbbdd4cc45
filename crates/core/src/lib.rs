//! Names for the faces in a Flickr account: everything behind `download`, `cluster-faces` and
//! `tag-photos`, without a terminal.
//!
//! The modules stand in the order the data flows:
//! Flickr account → photos → faces → descriptors → clusters → names → tags on Flickr.
//!
//! This crate never prints, prompts, exits or reads the environment: the programs do.
#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::exit,
    reason = "the programs talk, the library does not"
)]

pub mod config;
pub mod files;
pub mod store;

/// Photo files: recognise, decode, apply the EXIF orientation, refuse what is damaged or too large.
pub mod photo;

/// Faces: the seam between photos and the engines that find and describe the faces in them.
pub mod faces;

pub mod cluster;
pub mod flickr;
pub mod naming;
pub mod progress;
pub mod steps;
