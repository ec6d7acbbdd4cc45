//! `cluster-faces web` in Chromium, and by plain HTTP.

mod elsewhere;
mod generated;
mod guard;
mod library;
mod looks;
mod naming;
mod people;
mod server;
mod size;
mod typing;
