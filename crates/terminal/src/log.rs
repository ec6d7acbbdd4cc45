//! Warnings and, where asked for, what goes on inside, on standard error, without tearing the
//! progress bars.

use std::io;

use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, filter::FilterFn, fmt, layer::SubscriberExt, registry::LookupSpan,
    util::SubscriberInitExt,
};

use crate::{output, progress::Bars};

/// Starts the log: warnings; with `verbose` 1 what happens, with 2 every detail. Other libraries'
/// lines only where they are errors: they may hold addresses of private photos.
pub fn start(verbose: u8, bars: &Bars) {
    let level = match verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let bars = bars.clone();
    tracing_subscriber::registry()
        .with(
            layer(move || bars.clone())
                .with_filter(level)
                .with_filter(FilterFn::new(ours)),
        )
        .try_init()
        .ok();
}

fn layer<S, W>(writer: W) -> impl Layer<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> fmt::MakeWriter<'a> + 'static,
{
    fmt::layer()
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .with_writer(writer)
}

/// What the project's crates log under: the library's begin alike, the programs have names of their own.
const OURS: [&str; 4] = ["flickr_faces", "download", "cluster_faces", "tag_photos"];

fn ours(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    OURS.iter().any(|ours| target.starts_with(ours)) || *metadata.level() == Level::ERROR
}

/// A whole entry at a time. What it says may come from outside: it stays within its line. Where it cannot be
/// written nothing is said: there is no other place.
impl io::Write for Bars {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let entry = String::from_utf8_lossy(bytes);
        let entry = output::one_line(entry.trim_end_matches('\n'));
        self.suspend(|| output::aside(&entry));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
