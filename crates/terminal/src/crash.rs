//! Ends that nobody has chosen: a panic, and an abort, as where memory runs out. Both are told in a line and end with
//! the exit code of what could not go on.

use std::{
    any::Any,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicBool, Ordering},
};

use crate::output;

/// Whether the program is only being started: a panic then ends it at once.
static STARTS: AtomicBool = AtomicBool::new(false);

/// What is said where the program is aborted. The allocator has said how much it lacked, or a library of C++ what it
/// threw.
const ABORTED: &[u8] = b"error: the program was aborted: there is not enough memory, or a library has failed; \
    what is stored is kept\nhint:  close other programs, raise the limit (`ulimit -v`), or set `workers = 1` in config.ini\n";

/// From now on panics are told in one line and aborts end with this exit code.
pub(crate) fn listen(code: i32) {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // Who asks for a backtrace is looking for a bug.
        if std::env::var_os("RUST_BACKTRACE").is_some() {
            before(info);
        } else {
            let what = payload(info.payload());
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            output::aside(format_args!(
                "error: internal error: {} ({place})",
                output::one_line(what)
            ));
        }
        if STARTS.load(Ordering::Relaxed) {
            output::end();
            signal_hook::low_level::exit(code);
        }
    }));
    // SAFETY: the handler calls write(2) and _exit(2) alone, which POSIX allows in a signal handler.
    unsafe {
        signal_hook::low_level::register(signal_hook::consts::SIGABRT, move || aborted(code))
    }
    .ok();
}

fn aborted(code: i32) {
    rustix::io::write(rustix::stdio::stderr(), ABORTED).ok();
    signal_hook::low_level::exit(code)
}

/// What `start` gives. Where it panics the program ends once that is told: tokio does so when it cannot have all of its
/// threads, and would wait for ever for those that it has.
pub(crate) fn while_it_starts<T>(start: impl FnOnce() -> T) -> T {
    STARTS.store(true, Ordering::Relaxed);
    let started = start();
    STARTS.store(false, Ordering::Relaxed);
    started
}

/// What `work` gives; `None` where it panics, which is told by then.
pub(crate) fn unless_it_panics<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok()
}

fn payload(payload: &dyn Any) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a part of the program has failed")
}
