//! How the steps say how far they are, in the shape of rustic_core's progress: a step asks for a bar,
//! sets its length and moves it on. The programs draw bars, print lines or say nothing.

use std::{sync::Arc, time::Duration};

/// What a bar counts, which decides how its speed is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Photos that are only counted: no speed.
    Counter,
    /// Photos that are worked on: photos per second, and the time left.
    Photos,
    /// Faces that are computed with: faces per second, and the time left.
    Faces,
    /// Pairs of faces that are compared: pairs per second, and the time left.
    Pairs,
}

/// What a bar shows besides its own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Bytes received so far, shown as a speed.
    Bytes(u64),
    /// Faces found.
    Faces(u64),
    /// Tags, notes and people added on Flickr.
    Added(u64),
    /// Tags, notes and people removed from Flickr.
    Removed(u64),
    /// Photos that failed.
    Failed(u64),
    /// The time that is left, where the step knows better than the bar; nothing is shown where it cannot say.
    TimeLeft(Option<Duration>),
    /// What the speed depends on, as in "limited by the network".
    LimitedBy(&'static str),
    /// Bytes on the disk that the work keeps: so far, and more to come.
    Disk {
        /// There now.
        used: u64,
        /// Until the end.
        to_come: u64,
    },
    /// The least time that is left, whatever the speed so far: calls may not go faster.
    LeastTime(Duration),
}

/// Handed to a step, to show what it does.
pub trait Progress: Send + Sync {
    /// Begins to count. `title` says what becomes of what is counted, such as "processed".
    fn bar(&self, title: &'static str, unit: Unit) -> Arc<dyn Bar>;
    /// Something that takes time and is not counted has begun: `what`, in plain words.
    fn busy(&self, what: &str);
}

/// One count. It is moved on often, from any thread: this must be quick.
pub trait Bar: Send + Sync {
    /// How much there is to do; may grow.
    fn set_length(&self, length: u64);
    /// How much is done.
    fn set_position(&self, position: u64);
    /// What is shown besides, in place of what was shown so far.
    fn set_details(&self, details: &[Detail]);
    /// It is done, and no longer of interest.
    fn finish(&self);
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn bar(&self, _: &'static str, _: Unit) -> Arc<dyn Bar> {
        Arc::new(Self)
    }
    fn busy(&self, _: &str) {}
}

impl Bar for Silent {
    fn set_length(&self, _: u64) {}
    fn set_position(&self, _: u64) {}
    fn set_details(&self, _: &[Detail]) {}
    fn finish(&self) {}
}
