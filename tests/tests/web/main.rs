//! `cluster-faces web` in Chromium, in Firefox, and by plain HTTP.

mod doubts;
mod elsewhere;
mod firefox;
mod generated;
mod guard;
mod library;
mod lists;
mod looking;
mod looks;
mod naming;
mod people;
mod server;
mod size;
mod typing;
