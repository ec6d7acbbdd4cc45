//! Asking a step to finish what is under way and end.

use tokio::sync::watch;

/// Asks; keep it where the signal arrives.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

/// Is asked; clones hear the same switch.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// A switch and those who listen to it.
pub fn stop() -> (StopSwitch, Stop) {
    let (sender, receiver) = watch::channel(false);
    (StopSwitch(sender), Stop(receiver))
}

impl StopSwitch {
    /// From now on every listener knows.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it is time to end.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is time to end; for ever where the switch is gone.
    pub async fn asked(&mut self) {
        if self.0.wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
