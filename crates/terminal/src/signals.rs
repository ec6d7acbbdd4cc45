//! Ctrl-C and SIGTERM: the first finishes what is under way, the second leaves at once.

use std::{io, time::Duration};

use flickr_faces::steps::CancellationToken;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::progress::Bars;

/// Both signals.
struct Signals([Signal; 2]);

impl Signals {
    fn new() -> io::Result<Self> {
        let [interrupt, terminate] = [SignalKind::interrupt(), SignalKind::terminate()];
        Ok(Self([signal(interrupt)?, signal(terminate)?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {},
            _ = terminate.recv() => {},
        }
    }
}

/// Listens from now on. `what` says what is being finished.
///
/// # Errors
/// Where the system refuses a signal handler.
pub fn listen(bars: &Bars, what: &'static str) -> io::Result<CancellationToken> {
    let stop = CancellationToken::new();
    let switch = stop.clone();
    let bars = bars.clone();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        switch.cancel();
        bars.say(&format!("Stopping: {what}. Ctrl-C again leaves at once."));
        signals.next().await;
        bars.finish();
        // What is under way is not recorded: the next run does it again.
        #[expect(clippy::exit, reason = "the person has asked twice")]
        std::process::exit(crate::exit::Exit::Stopped as i32);
    });
    Ok(stop)
}

/// How long a call may still take, wait or not, once the person has asked to stop.
const GRACE: Duration = Duration::from_secs(3);

/// Cancelled a little after `stop`: calls under way can end, pauses are not waited for.
pub fn grace(stop: &CancellationToken) -> CancellationToken {
    let (stop, late) = (stop.clone(), CancellationToken::new());
    let switch = late.clone();
    tokio::spawn(async move {
        stop.cancelled().await;
        tokio::time::sleep(GRACE).await;
        switch.cancel();
    });
    late
}

/// How long what is under way may take when the program is to end.
const GRACE_PERIOD: Duration = Duration::from_secs(10);

/// Listens from now on, in a program that waits for answers: the first signal ends it, as soon as
/// `settled` says that nothing is under way.
///
/// # Errors
/// Where the system refuses a signal handler.
pub fn leave(bars: &Bars, settled: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
    let bars = bars.clone();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        tokio::time::timeout(GRACE_PERIOD, settled).await.ok();
        bars.finish();
        // A question at the terminal reads keys one by one: the shell wants its lines back.
        crossterm::terminal::disable_raw_mode().ok();
        #[expect(
            clippy::exit,
            reason = "a question that waits for its answer cannot be called off"
        )]
        std::process::exit(crate::exit::Exit::Stopped as i32);
    });
    Ok(())
}
