//! Whether it is one photo that cannot be fetched, or the image host that gives none.
//!
//! A photo may be refused or fail for ever, and the host may be out for hours: at the first photo the two
//! look the same. So others are asked: one that another fetcher has brought since, or else the first bytes
//! of photos that are done and of the newest that are to do. If one of them comes, it is the photo's. If
//! none does, everybody waits, further apart each time, and no photo counts as failed.

use std::{path::Path, sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::Instant};
use url::Url;

use super::job::Download;
use crate::{
    flickr::{Error, ImageHost, ImageProblem, Outage, Wait, counted},
    ids::PhotoId,
    steps::{CancellationToken, StepError},
    store::{Claim, Server},
};

type Result<T> = std::result::Result<T, StepError>;

/// Photos of each kind that are asked for instead of one that does not come.
const OTHERS: u32 = 2;

/// The longest that another photo's first bytes are waited for.
const OTHERS_TIME: Duration = Duration::from_secs(15);

/// Photos in a row that may be refused where no photo is done yet that could be asked for instead: then it
/// is the host that refuses everything.
const REFUSED_IN_A_ROW: u32 = 50;

/// The image host as all fetchers see it.
pub(super) struct Host {
    job: Download,
    images: Arc<ImageHost>,
    server: Server,
    outage: Outage,
    looks: Mutex<Looks>,
    stop: CancellationToken,
}

/// What came of asking for others, which one fetcher does for all.
#[derive(Debug, Default)]
struct Looks {
    /// When others were last asked for in vain.
    in_vain: Option<Instant>,
    /// Whether any of them was done: it came once.
    any_done: bool,
    /// Whether there are others at all.
    any: bool,
    /// Photos in a row that were refused while none that is done could be asked for.
    refused: u32,
}

/// What became of photos that were asked for instead.
enum Others {
    /// One came.
    Come,
    /// None came.
    AreOut,
    /// None came, and the host asked to slow down for that long.
    Throttled(Duration),
}

/// What it may mean that a photo did not come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// There was an answer, and it is of no use.
    Refused,
    /// There was no usable answer.
    NoAnswer,
    /// HTTP 429.
    Throttled,
}

impl Kind {
    /// `None` where it is surely the photo's, or concerns something else than the host.
    fn of(error: &Error) -> Option<Self> {
        match error {
            Error::Throttled { .. } => Some(Self::Throttled),
            Error::Image { problem, .. } => match problem {
                ImageProblem::TooLarge(_) | ImageProblem::Format(_) => None,
                ImageProblem::Status(408 | 425) => Some(Self::NoAnswer),
                ImageProblem::Status(400..500)
                | ImageProblem::Unavailable
                | ImageProblem::TooManyRedirects(_)
                | ImageProblem::ContentType(_)
                | ImageProblem::Magic(_)
                | ImageProblem::TooSlow { .. } => Some(Self::Refused),
                ImageProblem::Status(_)
                | ImageProblem::Truncated { .. }
                | ImageProblem::NoAnswer(_) => Some(Self::NoAnswer),
            },
            _ => None,
        }
    }
}

impl Host {
    pub(super) fn new(job: &Download, server: &Server, stop: &CancellationToken) -> Self {
        let client = job.flickr.client();
        Self {
            server: server.clone(),
            images: Arc::clone(&job.images),
            outage: Outage::new(client, "sends no photos"),
            looks: Mutex::default(),
            stop: stop.clone(),
            job: job.clone(),
        }
    }

    /// Brings a photo's file to `target`. Where the host gives no photo at all, it is waited for.
    ///
    /// # Errors
    /// What is the photo's own; [`Error::Outage`] where the host was waited for long enough,
    /// [`Error::Stopped`] where the run is to end meanwhile, and what concerns neither.
    pub(super) async fn bring(&self, photo: &PhotoId, url: &Url, target: &Path) -> Result<()> {
        // Whether it has failed once while others came, and whether by a 429.
        let (mut again, mut own_429) = (false, false);
        loop {
            self.unless_stopped(async { Ok(self.images.ready().await?) })
                .await?;
            let error = match self.images.fetch(photo, url, target, own_429).await {
                Ok(_) => {
                    self.outage.is_over();
                    return Ok(());
                }
                Err(error) => error,
            };
            let Some(kind) = Kind::of(&error) else {
                return Err(error.into());
            };
            let out = counted(Wait::Outage, self.host_was_out(photo, url, &error, kind));
            if self.unless_stopped(out).await? {
                continue;
            }
            match kind {
                // For a moment it may have been the host's.
                Kind::NoAnswer | Kind::Throttled if !again => {
                    again = true;
                    own_429 = kind == Kind::Throttled;
                }
                Kind::Throttled => {
                    let (photo, problem) = (photo.clone(), ImageProblem::Status(429));
                    return Err(Error::Image { photo, problem }.into());
                }
                Kind::NoAnswer | Kind::Refused => return Err(error.into()),
            }
        }
    }

    /// Returns once the host gives photos: whether it was waited for. If not, the error is this photo's.
    async fn host_was_out(
        &self,
        photo: &PhotoId,
        url: &Url,
        error: &Error,
        kind: Kind,
    ) -> Result<bool> {
        let failed = Instant::now();
        let (mut since, mut waits) = (failed, 0_u32);
        loop {
            let mut looks = self.looks.lock().await;
            if self.images.answered_since(failed) {
                looks.refused = 0;
                self.outage.is_over();
                return Ok(waits > 0);
            }
            if looks.in_vain.is_none_or(|asked| asked < since) {
                match self.ask_others(photo, url, waits > 0, &mut looks).await? {
                    Others::Come => {
                        looks.refused = 0;
                        self.outage.is_over();
                        return Ok(waits > 0);
                    }
                    Others::AreOut => {}
                    Others::Throttled(asked) => self.images.pause_all(asked)?,
                }
                looks.in_vain = Some(Instant::now());
            }
            let others = looks.any;
            if kind == Kind::Refused && !looks.any_done {
                looks.refused += 1;
                if looks.refused < REFUSED_IN_A_ROW {
                    return Ok(false);
                }
            }
            drop(looks);
            // The only photo there is: whether it is the host's, nothing can tell.
            if !others && waits > 0 && self.job.flickr.answers().await? {
                return Ok(false);
            }
            self.outage.wait(&error.to_string()).await?;
            waits += 1;
            since = Instant::now();
        }
    }

    /// Asks for a few others; where there is none, for the photo itself, if it may have changed.
    async fn ask_others(
        &self,
        photo: &PhotoId,
        url: &Url,
        has_waited: bool,
        looks: &mut Looks,
    ) -> Result<Others> {
        let store = &self.job.store;
        let newest = |state| {
            self.server
                .while_away(move || store.newest(state, OTHERS + 1))
        };
        let (done, listed) = (newest("done").await?, newest("listed").await?);
        let is_other = |claim: &Claim| claim.id != *photo;
        let some = |claims: Vec<Claim>| -> Vec<Claim> {
            let others = claims.into_iter().filter(is_other);
            others.take(OTHERS as usize).collect()
        };
        let (done, listed) = (some(done), some(listed));
        looks.any_done = !done.is_empty();
        let others: Vec<(PhotoId, Url)> = (done.into_iter().chain(listed))
            .filter_map(|claim| Some((claim.id, Url::parse(&claim.image?.url).ok()?)))
            .collect();
        looks.any = !others.is_empty();
        let itself = (!looks.any && has_waited).then(|| (photo.clone(), url.clone()));
        let mut asked_for: Option<Duration> = None;
        for (photo, url) in others.into_iter().chain(itself) {
            // A pause that all wait for is no answer of this photo's.
            self.images.ready().await?;
            let answer = tokio::time::timeout(OTHERS_TIME, self.images.probe(&photo, &url)).await;
            match answer {
                Ok(Ok(())) => return Ok(Others::Come),
                Ok(Err(Error::Throttled { wait, .. })) => {
                    asked_for = Some(asked_for.unwrap_or_default().max(wait));
                }
                Ok(Err(_)) | Err(_) => {}
            }
        }
        Ok(asked_for.map_or(Others::AreOut, Others::Throttled))
    }

    async fn unless_stopped<T>(&self, waiting: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            done = waiting => done,
            () = self.stop.cancelled() => {
                Err(Error::Stopped { method: "image".to_owned() }.into())
            }
        }
    }
}
