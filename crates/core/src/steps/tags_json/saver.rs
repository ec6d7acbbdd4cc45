//! tags.json written behind the answers: in one go for a burst of them, and never waited for longer than a moment.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use super::{Saved, TakenOver, is_unreadable, settle};
use crate::{steps::StepError, store::Store};

/// The file is written once in this time at the most.
const PAUSE: Duration = Duration::from_secs(1);

/// An answer waits this long for a file that is being written: in a small library it is written by then, and edits made by
/// hand are told with the answer.
const MOMENT: Duration = Duration::from_millis(50);

/// Writes tags.json after changes to the store.
#[derive(Debug)]
pub(crate) struct Saver {
    store: Store,
    path: PathBuf,
    state: Mutex<State>,
    /// How many wishes are fulfilled.
    done: watch::Sender<u64>,
    /// Whether the next write waits for no pause.
    hurry: watch::Sender<bool>,
}

#[derive(Debug, Default)]
struct State {
    /// How often a write was wanted.
    wanted: u64,
    /// Whether a task is at it.
    running: bool,
    begun: Option<Instant>,
    /// What was taken over and not told yet.
    taken_over: Option<TakenOver>,
    /// Whether the last write failed.
    behind: bool,
    /// Why, where that was not told as an error yet.
    error: Option<StepError>,
    /// What was told of it.
    told: Option<String>,
}

impl Saver {
    pub(crate) fn new(store: Store, path: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            store,
            path,
            state: Mutex::default(),
            done: watch::Sender::new(0),
            hurry: watch::Sender::new(false),
        })
    }

    /// Writes the file soon: within a second, or at once where the last write was longer ago; then waits a moment for it.
    /// Gives what came of this write or of earlier ones; a damaged file is told once.
    ///
    /// # Errors
    /// Where a write has failed, this one or an earlier one that was not waited for, and not for the file's text.
    pub(crate) async fn soon(self: &Arc<Self>) -> Result<Saved, StepError> {
        let (wanted, at_once) = self.want();
        if at_once {
            timeout(MOMENT, self.until(wanted)).await.ok();
        }
        let mut state = self.state();
        let unreadable = match state.error.take() {
            Some(error) if is_unreadable(&error) => {
                let text = error.to_string();
                state.error = Some(error);
                let is_news = state.told.as_ref() != Some(&text);
                is_news.then(|| state.told.insert(text).clone())
            }
            Some(error) => return Err(error),
            None => None,
        };
        Ok(Saved {
            taken_over: state.taken_over.take(),
            unreadable,
        })
    }

    /// Waits until the file holds everything, without a pause before it.
    ///
    /// # Errors
    /// Where it cannot be written, or is damaged still.
    pub(crate) async fn finish(self: &Arc<Self>) -> Result<Saved, StepError> {
        if self.state().behind {
            // It may have been mended meanwhile.
            self.want();
        }
        let wanted = self.state().wanted;
        self.hurry.send_replace(true);
        self.until(wanted).await;
        self.hurry.send_replace(false);
        let mut state = self.state();
        match state.error.take() {
            Some(error) => Err(error),
            None => Ok(Saved {
                taken_over: state.taken_over.take(),
                unreadable: None,
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The wish's number, and whether it is fulfilled now, not after a pause.
    fn want(self: &Arc<Self>) -> (u64, bool) {
        let mut state = self.state();
        state.wanted += 1;
        let rested = state.begun.is_none_or(|begun| begun.elapsed() >= PAUSE);
        let at_once = rested && !state.running;
        if !state.running {
            state.running = true;
            let saver = Arc::clone(self);
            tokio::spawn(async move { saver.work().await });
        }
        (state.wanted, at_once)
    }

    async fn until(&self, wanted: u64) {
        // The sender lives as long as `self`.
        self.done
            .subscribe()
            .wait_for(|done| *done >= wanted)
            .await
            .ok();
    }

    /// Writes until nothing more is wanted.
    async fn work(&self) {
        loop {
            let next = self.state().begun.map(|begun| begun + PAUSE);
            if let Some(next) = next {
                let mut hurry = self.hurry.subscribe();
                tokio::select! {
                    () = sleep_until(next) => {},
                    _ = hurry.wait_for(|hurry| *hurry) => {},
                }
            }
            let wanted = {
                let mut state = self.state();
                state.begun = Some(Instant::now());
                state.wanted
            };
            let saved = settle(&self.store, &self.path).await;
            let is_last = {
                let mut state = self.state();
                match saved {
                    Ok(taken_over) => {
                        state.taken_over = match (state.taken_over.take(), taken_over) {
                            (Some(before), Some(now)) => Some(before.and(now)),
                            (before, now) => before.or(now),
                        };
                        // What failed before is in the file by now.
                        state.error = None;
                        state.behind = false;
                        state.told = None;
                    }
                    Err(error) => {
                        state.error = Some(error);
                        state.behind = true;
                    }
                }
                state.running = state.wanted != wanted;
                !state.running
            };
            self.done.send_replace(wanted);
            if is_last {
                return;
            }
        }
    }
}
