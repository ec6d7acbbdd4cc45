//! Work that blocks, away from the async runtime.

use super::StepError;

/// Runs `work` on a thread that may wait. `what` names it, should it panic.
///
/// # Errors
/// Where it panics.
pub(super) async fn blocking<T: Send + 'static>(
    what: &'static str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StepError> {
    let running = tokio::task::spawn_blocking(work);
    running.await.map_err(|_| StepError::TaskFailed(what))
}
