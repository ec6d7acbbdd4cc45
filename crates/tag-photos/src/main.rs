//! `tag-photos`: names → tags on Flickr.

mod run;

use std::{path::PathBuf, process::ExitCode};

use flickr_faces_terminal::{args::Common, exit};

/// Write the names in tags.json to Flickr as tags
///
/// Adds each name as one tag to its photos and skips what a photo has already. It adds tags and
/// changes nothing else. Stop it at any time with Ctrl-C and run it again: no tag is written twice.
#[derive(Debug, clap::Parser)]
#[command(version, after_help = exit::EXIT_CODES)]
struct Arguments {
    #[command(flatten)]
    common: Common,

    /// Print what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,

    /// Read the names from this file
    ///
    /// Default: `tags` in config.ini, tags.json.
    #[arg(long, value_name = "FILE")]
    tags: Option<PathBuf>,

    /// Sign in with a code to type, as over SSH
    #[arg(long)]
    no_browser: bool,
}

fn main() -> ExitCode {
    exit::run(run::run)
}
