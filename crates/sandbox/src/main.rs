//! `flickr-sandbox`: serve a small Flickr, or approve a sign-in at one.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flickr-sandbox: {error:#}");
            ExitCode::FAILURE
        }
    }
}
