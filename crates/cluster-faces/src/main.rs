//! `cluster-faces`: faces → clusters → names.

// Both would panic where nobody reads them: see `output`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod cli;
mod context;
mod old_flags;
mod people;
mod report;
mod review;
mod run;
mod web;

use std::process::ExitCode;

use flickr_faces_terminal::exit;

fn main() -> ExitCode {
    exit::run(&old_flags::OLD_FLAGS, run::run)
}
