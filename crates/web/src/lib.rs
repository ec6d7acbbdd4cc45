//! Naming in the browser: the page that `cluster-faces --web` serves on 127.0.0.1.
//!
//! The same store and the same decisions as in the terminal, by the same
//! [`Session`](flickr_faces::steps::naming::Session). [`Server`] listens, `guard` says who may ask,
//! `pages` are what is seen, `decisions` what is answered, `slices` what scripts load while one scrolls.
//!
//! Not its job: opening a browser and Ctrl-C, which are the program's.

mod app;
mod assets;
mod decisions;
mod entrance;
mod fields;
mod guard;
mod images;
mod kept;
mod pages;
mod problem;
mod secret;
mod server;
mod slices;
mod split;

pub use server::{Opener, Server, ServerError};
