//! What photos take a worker. Their faces are encoded with those of others, and what that takes is known only then: until
//! it is, photos wait here as they do in the batch, and then share what all of them took. A pace that is taken from photos
//! as soon as they are searched promises too little.

use std::time::{Duration, Instant};

/// What a worker has done for one photo.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Searched {
    /// Until its faces were found and encoded.
    pub work: Duration,
    /// Before that, for want of a photo.
    pub idle: Duration,
}

/// Of one worker.
pub(super) struct Stopwatch {
    tell: Box<dyn Fn(Timed)>,
    /// Since when the worker has been at work, where that is not counted yet.
    running: Option<Instant>,
    /// Photos that were searched and not told of, what they took, and what the worker waited for them.
    photos: u32,
    work: Duration,
    idle: Duration,
    /// What of the work was told of, as that of photos that wait.
    waiting: Duration,
}

/// What a worker has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Timed {
    /// Its first photo is there.
    Begins,
    /// A photo was searched, its faces wait to be encoded: it has taken so much until now.
    Waits(Duration),
    /// So many photos are done, and took so much each; what they were told to have taken while they waited is part of it.
    Ends {
        photos: u32,
        each: Searched,
        waited: Duration,
    },
}

impl Stopwatch {
    pub(super) fn new(tell: impl Fn(Timed) + 'static) -> Self {
        Self {
            tell: Box::new(tell),
            running: None,
            photos: 0,
            work: Duration::ZERO,
            idle: Duration::ZERO,
            waiting: Duration::ZERO,
        }
    }

    /// The worker has its first photo.
    pub(super) fn begin(&self) {
        (self.tell)(Timed::Begins);
    }

    /// The worker has waited so long for a photo.
    pub(super) fn idled(&mut self, time: Duration) {
        self.idle += time;
    }

    /// The worker is at work.
    pub(super) fn start(&mut self) {
        self.running.get_or_insert_with(Instant::now);
    }

    /// It is not any more. What it did since it last told of photos is part of the next.
    pub(super) fn stop(&mut self) {
        self.lap();
        self.running = None;
    }

    /// What was done since the start was for nothing.
    pub(super) fn forget(&mut self) {
        self.running = Some(Instant::now());
    }

    /// A photo was searched.
    pub(super) fn searched(&mut self) {
        self.lap();
        self.photos += 1;
    }

    /// It waits for others.
    pub(super) fn waits(&mut self) {
        let new = self.work - self.waiting;
        self.waiting = self.work;
        (self.tell)(Timed::Waits(new));
    }

    /// All that were searched are done.
    pub(super) fn end(&mut self) {
        self.lap();
        if self.photos == 0 {
            return;
        }
        let photos = std::mem::take(&mut self.photos);
        let each = Searched {
            work: std::mem::take(&mut self.work) / photos,
            idle: std::mem::take(&mut self.idle) / photos,
        };
        let waited = std::mem::take(&mut self.waiting);
        (self.tell)(Timed::Ends {
            photos,
            each,
            waited,
        });
    }

    fn lap(&mut self) {
        if let Some(since) = &mut self.running {
            let now = Instant::now();
            self.work += now - *since;
            *since = now;
        }
    }
}
