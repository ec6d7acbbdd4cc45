//! What the three programs share at the terminal: arguments, logging, progress, signals, sign-in,
//! errors with hints and exit codes.
//!
//! Not its job: the work itself, which is `flickr-faces`'s.

// Both would panic where nobody reads them: see `output`.
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod args;
pub mod command_line;
mod crash;
mod definitions;
pub mod exit;
mod first_run;
pub mod given_key;
mod hints;
pub mod log;
pub mod machine;
pub mod old_flags;
pub mod output;
pub mod picture;
pub mod progress;
pub mod prompt;
pub mod setup;
pub mod signals;
mod signin;
pub mod text;
pub mod viewing;
