//! When known people are looked for between the questions, and the looking that goes on behind them.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::steps::{
    StepError,
    naming::{Pair, Session, Subset, Suggestion},
};

/// After so many clusters it is looked whether the people named meanwhile make a screen that brings more faces than the
/// clusters that are next.
const EVERY: u64 = 50;

/// Up to so many faces without a decision nobody notices that it is looked: some 30 ms.
const AT_ONCE: usize = 5_000;

pub(super) type Found = Result<Arc<Vec<Suggestion>>, StepError>;

/// When it is looked, and what is under way.
#[derive(Debug)]
pub(super) struct Looking {
    pub(super) every: u64,
    pub(super) at_once: usize,
    /// How many clusters had been answered when it was last looked.
    pub(super) last: u64,
    pub(super) behind: Option<JoinHandle<Found>>,
    /// The pairs of a threshold's groups, while its suggestions are asked about.
    pub(super) pairs: Option<JoinHandle<Result<Vec<Pair>, StepError>>>,
}

impl Default for Looking {
    fn default() -> Self {
        Self {
            every: EVERY,
            at_once: AT_ONCE,
            last: 0,
            behind: None,
            pairs: None,
        }
    }
}

/// Groups anew what is left, and finds whom it may be.
pub(super) async fn look(session: Session, threshold: f32, subset: Subset) -> Found {
    session.refresh().await?;
    let view = session.view(threshold, subset).await?;
    session.suggestions(&view).await
}
