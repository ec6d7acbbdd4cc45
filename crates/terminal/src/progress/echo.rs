//! Keeps the `^C` that a terminal shows when Ctrl-C is pressed from pushing the bars a line on.

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// While this lives, control characters are not shown; dropped, the terminal is as it was.
pub(super) struct NoControlEcho(Termios);

impl NoControlEcho {
    /// `None` where standard input is not a terminal.
    pub(super) fn new() -> Option<Self> {
        let stdin = std::io::stdin();
        let before = tcgetattr(&stdin).ok()?;
        let mut quiet = before.clone();
        // ECHOCTL, termios(3).
        quiet.local_modes.remove(LocalModes::ECHOCTL);
        tcsetattr(&stdin, OptionalActions::Now, &quiet).ok()?;
        Some(Self(before))
    }
}

impl Drop for NoControlEcho {
    fn drop(&mut self) {
        tcsetattr(std::io::stdin(), OptionalActions::Now, &self.0).ok();
    }
}
