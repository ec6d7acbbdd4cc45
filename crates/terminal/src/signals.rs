//! Ctrl-C and SIGTERM: the first finishes what is under way, the second leaves at once.

use flickr_faces::steps::{Stop, stop};
use tokio::signal::unix::{SignalKind, signal};

use crate::progress::Bars;

/// Listens from now on. `what` says what is being finished.
///
/// # Errors
/// Where the system refuses a signal handler.
pub fn listen(bars: &Bars, what: &'static str) -> anyhow::Result<Stop> {
    let (switch, stop) = stop();
    let bars = bars.clone();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {},
            _ = terminate.recv() => {},
        }
        switch.stop();
        bars.say(&format!("Stopping: {what}. Ctrl-C again leaves at once."));
        tokio::select! {
            _ = interrupt.recv() => {},
            _ = terminate.recv() => {},
        }
        bars.finish();
        // What is under way is not recorded: the next run does it again.
        #[expect(clippy::exit, reason = "the person has asked twice")]
        std::process::exit(crate::exit::Exit::Stopped as i32);
    });
    Ok(stop)
}
