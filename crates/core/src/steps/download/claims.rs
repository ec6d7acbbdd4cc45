//! The photos that this run has claimed: taken from the store a few at a time, for all fetchers, and kept as long as the
//! run lives.
//!
//! The store's server may be lost while it answers. What it had claimed for this run then is found by asking: whatever
//! the store says is claimed and nobody here works on.

use std::{
    collections::{HashSet, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::job::Download;
use crate::{
    ids::PhotoId,
    steps::StepError,
    store::{Claim, LEASE, Server, StoreError},
};

/// How often the claims are renewed: several may fail before one is lost.
const RENEW_EVERY: Duration = Duration::from_secs(5);

/// What this run has claimed.
pub(super) struct Claims {
    job: Download,
    pub(super) server: Server,
    /// Claimed, and not yet fetched by anyone.
    waiting: Mutex<VecDeque<Claim>>,
    /// Held while the store is asked for more: those who find none waiting wait for the same answer.
    claiming: tokio::sync::Mutex<()>,
    /// All that are claimed and not ended, as far as is known here.
    under_way: Mutex<HashSet<PhotoId>>,
    /// Whether an answer may have been lost.
    is_unsure: AtomicBool,
    /// Whether the run claims nothing any more.
    is_over: AtomicBool,
}

impl Claims {
    pub(super) fn new(job: &Download, server: Server) -> Self {
        Self {
            job: job.clone(),
            server,
            waiting: Mutex::default(),
            claiming: tokio::sync::Mutex::default(),
            under_way: Mutex::default(),
            is_unsure: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        }
    }

    /// The next photo to fetch; `None` where none is free. The store is asked for more before the last that is here is
    /// fetched: its answer may be long on its way.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn next(self: &Arc<Self>) -> Result<Option<Claim>, StepError> {
        let (claim, left) = self.take();
        if claim.is_some() {
            if left < self.job.settings.downloads {
                tokio::spawn(Arc::clone(self).claim_ahead());
            }
            return Ok(claim);
        }
        let _claiming = self.claiming.lock().await;
        // Another has asked meanwhile.
        if let (Some(claim), _) = self.take() {
            return Ok(Some(claim));
        }
        let claims = self.server.while_away(|| self.claim()).await?;
        self.keep(claims);
        Ok(self.take().0)
    }

    async fn claim_ahead(self: Arc<Self>) {
        // One that asks is enough.
        let Ok(_claiming) = self.claiming.try_lock() else {
            return;
        };
        let left = lock(&self.waiting).len();
        if left >= self.job.settings.downloads || self.is_over.load(Ordering::Relaxed) {
            return;
        }
        match self.claim().await {
            Ok(claims) => self.keep(claims),
            // Who finds none waiting meets this, too, and says it.
            Err(error) => tracing::debug!(%error, "nothing is claimed ahead"),
        }
    }

    fn take(&self) -> (Option<Claim>, usize) {
        let mut waiting = lock(&self.waiting);
        (waiting.pop_front(), waiting.len())
    }

    fn keep(&self, claims: Vec<Claim>) {
        lock(&self.under_way).extend(claims.iter().map(|claim| claim.id.clone()));
        lock(&self.waiting).extend(claims);
    }

    async fn claim(&self) -> Result<Vec<Claim>, StoreError> {
        let (store, worker) = (&self.job.store, &self.job.settings.worker);
        if self.is_unsure.load(Ordering::Relaxed) {
            let mut claims = store.claimed(worker).await?;
            let under_way = lock(&self.under_way);
            claims.retain(|claim| !under_way.contains(&claim.id));
            self.is_unsure.store(false, Ordering::Relaxed);
            if !claims.is_empty() {
                return Ok(claims);
            }
        }
        let most = u32::try_from(self.job.settings.downloads)
            .unwrap_or(1)
            .max(1);
        self.is_unsure.store(true, Ordering::Relaxed);
        let claims = store.claim(worker, LEASE, most).await?;
        self.is_unsure.store(false, Ordering::Relaxed);
        Ok(claims)
    }

    /// A photo is done with: its end is in the store, or another machine's.
    pub(super) fn ended(&self, photo: &PhotoId) {
        lock(&self.under_way).remove(photo);
    }

    /// Gives a photo back unprocessed.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn give_back(&self, photo: &PhotoId) -> Result<(), StepError> {
        let (store, worker) = (&self.job.store, &self.job.settings.worker);
        let photos = std::slice::from_ref(photo);
        self.server
            .while_away(|| store.unclaim(worker, photos))
            .await?;
        self.ended(photo);
        Ok(())
    }

    /// Gives back whatever this run still has, at its end.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn give_all_back(&self) -> Result<(), StepError> {
        self.is_over.store(true, Ordering::Relaxed);
        // What is being claimed is given back, too.
        let _claiming = self.claiming.lock().await;
        let (store, worker) = (&self.job.store, &self.job.settings.worker);
        Ok(self.server.while_away(|| store.unclaim_all(worker)).await?)
    }

    /// Says that this run is alive, for as long as it is.
    pub(super) async fn renew(&self) {
        let (store, worker) = (&self.job.store, &self.job.settings.worker);
        loop {
            tokio::time::sleep(RENEW_EVERY).await;
            if let Err(error) = store.renew_claims(worker, LEASE).await {
                // Whoever works with the store meets this, too, and says it.
                tracing::debug!(%error, "the claims are not renewed");
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
