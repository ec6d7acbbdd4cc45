//! Naming in the browser: the page that `cluster-faces web` serves on 127.0.0.1.
//!
//! The same store and the same decisions as in the terminal, by the same
//! [`Session`](flickr_faces::steps::naming::Session). [`Server`] listens, `guard` decides which requests
//! are answered, `pages` are what is seen, `decisions` saves the answers, and `pagination` loads long
//! lists while one scrolls.
//!
//! Not its job: opening a browser and Ctrl-C, which are the program's.

mod app;
mod assets;
mod connections;
mod decisions;
mod fields;
mod guard;
mod images;
mod kept;
mod login;
mod new_faces;
mod pages;
mod pagination;
mod problem;
mod recent_lists;
mod rows;
mod secret;
mod server;
mod submission;

pub use server::{Opener, Server, ServerError};
