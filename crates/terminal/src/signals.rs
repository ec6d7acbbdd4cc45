//! Ctrl-C, SIGTERM and SIGHUP (the terminal was closed): the first finishes what is under way, the second leaves at once.

use std::{io, time::Duration};

use flickr_faces::steps::CancellationToken;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    exit::{self, Exit},
    progress::Bars,
    prompt,
};

/// All three signals.
struct Signals([Signal; 3]);

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {},
            _ = terminate.recv() => {},
            _ = hangup.recv() => {},
        }
    }
}

/// The longest that a program lives once it was asked to stop: who stops it, as `docker stop` does, soon
/// kills it otherwise. What is under way then is done again by the next run.
const LAST_MOMENT: Duration = Duration::from_millis(4300);

/// Listens from now on. `what` says what is being finished. The program ends in less than five seconds,
/// whatever it is doing.
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
        leave_after(LAST_MOMENT, &bars);
        switch.cancel();
        bars.say(&format!("Stopping: {what}. Ctrl-C again leaves at once."));
        signals.next().await;
        leave_now(&bars);
    });
    Ok(stop)
}

/// Ends the program after this time, where it still runs. By a thread: the runtime, at its own end, waits for
/// what blocks and no longer runs tasks.
fn leave_after(time: Duration, bars: &Bars) {
    let bars = bars.clone();
    std::thread::spawn(move || {
        std::thread::sleep(time);
        leave_now(&bars);
    });
}

/// Ends the program. What is under way is not recorded: the next run does it again.
fn leave_now(bars: &Bars) -> ! {
    bars.finish();
    // A question at the terminal reads keys one by one: the shell wants its lines back.
    crossterm::terminal::disable_raw_mode().ok();
    prompt::give_back();
    exit::at_once(Exit::Stopped);
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

/// Does something that can be broken off at any time; `None` where the person stopped it.
///
/// # Errors
/// Those of `work`.
pub async fn unless_stopped<T, E>(
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, E>>,
) -> Result<Option<T>, E> {
    tokio::select! {
        done = work => done.map(Some),
        () = stop.cancelled() => Ok(None),
    }
}

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
        leave_after(LAST_MOMENT, &bars);
        settled.await;
        leave_now(&bars);
    });
    Ok(())
}
