//! `tag-photos`: names → Flickr, and out of it.

// Both would panic where nobody reads them: see `output`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod context;
mod export;
mod export_messages;
mod json;
mod lines;
mod messages;
mod plans;
mod run;

use std::process::ExitCode;

use flickr_faces_terminal::exit;

fn main() -> ExitCode {
    exit::run(&arguments::OLD_FLAGS, run::run)
}
