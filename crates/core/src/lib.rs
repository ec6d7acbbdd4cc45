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

pub mod cluster;
pub mod config;
pub mod faces;
pub mod files;
pub mod flickr;
pub mod ids;
pub mod naming;
pub mod nets;
pub mod photo;
pub mod progress;
pub mod steps;
pub mod store;
pub mod text;
