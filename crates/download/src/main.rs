//! `download`: Flickr account → photos → faces.

mod engine;
mod run;

use std::process::ExitCode;

use flickr_faces_terminal::{args::Common, exit};

/// Fetch the photos of a Flickr account and find the faces in them
///
/// Lists all your photos, oldest first, fetches each at or below MAX_SIZE, finds faces with
/// DETECTION_METHOD and stores them. Stop it at any time with Ctrl-C and run it again: it goes on
/// where it was, and finds what you have uploaded since. Nothing in your account is changed.
#[derive(Debug, clap::Parser)]
#[command(version, after_help = exit::EXIT_CODES)]
struct Arguments {
    #[command(flatten)]
    common: Common,

    /// Sign in with a code to type, as over SSH
    ///
    /// Shows an address to open in any browser, on any machine, and asks for the nine-digit code
    /// that Flickr shows there.
    #[arg(long)]
    no_browser: bool,

    /// Process again what was done with other settings
    ///
    /// Photos done with another MAX_SIZE, DETECTION_METHOD, upsample, min_face or encoder_model
    /// than config.ini has now. Names stay with their faces.
    #[arg(long)]
    redo: bool,

    /// List the whole account again
    ///
    /// Finds photos whose upload date was set back; needs one call per 500 photos.
    #[arg(long)]
    relist: bool,
}

fn main() -> ExitCode {
    exit::run(&[], run::run)
}
