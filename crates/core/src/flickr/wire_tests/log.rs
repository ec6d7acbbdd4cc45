//! What is logged, for tests to read.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing_subscriber::fmt::MakeWriter;

/// Lets this thread's log go to `subscriber` until what comes back is dropped.
///
/// Whoever is the first to reach a line of the log settles whether anybody wants it. While there is one log in the
/// process, only that of the asking thread counts there, and other tests' threads have none: hence a second one.
pub(crate) fn log_to(
    subscriber: impl tracing::Subscriber + Send + Sync + 'static,
) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
    let second = tracing::Dispatch::new(tracing_subscriber::registry());
    (second, tracing::subscriber::set_default(subscriber))
}

/// What was logged so far.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}
