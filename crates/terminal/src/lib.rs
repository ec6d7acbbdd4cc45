//! What the three programs share at the terminal.

pub mod picture;
pub mod prompt;
