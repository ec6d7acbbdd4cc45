//! What the three programs share at the terminal: arguments, logging, progress, signals, sign-in,
//! errors with hints and exit codes.
//!
//! Not its job: the work itself, which is `flickr-faces`'s.

pub mod args;
pub mod command_line;
mod definitions;
pub mod exit;
mod hints;
pub mod log;
pub mod old_flags;
pub mod picture;
pub mod progress;
pub mod prompt;
pub mod setup;
pub mod signals;
mod signin;
pub mod text;
