//! Making one write: journalled before and after, and looked up where its answer was lost.

use std::sync::{Mutex, PoisonError};

use super::{
    super::{CancellationToken, StepError, outage::Trouble},
    account::pause,
    journal::{Journal, record},
    tag_forms::TagForms,
};
use crate::{
    flickr::{self, Concerns, Flickr},
    store::{FlickrWrite, Store, StoreError, WriteKind, WriteState},
};

/// How often a call is made whose answer was lost and that turned out not to have been carried out.
pub(super) const TRIES: u32 = 3;

/// Flickr's code for notes that come too fast: the one refusal that does not last.
pub(super) const TOO_FAST: i64 = 6;

/// What the writers share.
pub(super) struct WriteContext<'a> {
    pub(super) store: &'a Store,
    pub(super) flickr: &'a Flickr,
    pub(super) skips_public: bool,
    pub(super) stop: CancellationToken,
    /// As it was when the run began.
    pub(super) journal: Journal,
    /// What has been learned since.
    pub(super) forms: Mutex<TagForms>,
}

/// What became of one write.
pub(super) enum Written {
    /// It is on Flickr now, from us.
    Added,
    /// It was there.
    Present,
    /// It is not, and why.
    Refused(Refusal),
    /// The run was stopped before.
    Stopped,
}

/// A call without success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) trouble: Trouble,
    /// Flickr's error code, where it gave one: asking again changes nothing.
    pub(super) code: Option<i64>,
}

impl Refusal {
    /// The reason for the summary where an error may be one photo's, the error itself otherwise.
    pub(super) fn of(error: flickr::Error) -> Result<Self, StepError> {
        let code = match &error {
            flickr::Error::Api { code, .. } if error.is_about_one_photo() => Some(*code),
            _ => None,
        };
        let trouble = Trouble::of(error)?;
        Ok(Self { trouble, code })
    }

    /// Why nothing was sent.
    pub(super) fn ours(reason: impl Into<String>) -> Self {
        Self::with(reason.into(), Concerns::Photo)
    }

    /// One that Flickr gave no code for.
    pub(super) fn with(reason: String, concerns: Concerns) -> Self {
        Self {
            trouble: Trouble { reason, concerns },
            code: None,
        }
    }
}

impl WriteContext<'_> {
    /// What Flickr makes of texts, as far as is known.
    pub(super) fn forms(&self) -> TagForms {
        let forms = self.forms.lock();
        forms.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn learn(&self, forms: TagForms) {
        *self.forms.lock().unwrap_or_else(PoisonError::into_inner) = forms;
    }

    pub(super) async fn record(
        &self,
        writes: &[FlickrWrite],
        state: WriteState,
        refusal: Option<&Refusal>,
    ) -> Result<(), StoreError> {
        let lasts = |kind, code| kind != WriteKind::Note || code != TOO_FAST;
        let code = refusal.and_then(|refusal| refusal.code);
        let writes: Vec<_> = (writes.iter())
            .map(|write| FlickrWrite {
                code: code.filter(|code| lasts(write.kind, *code)),
                ..write.clone()
            })
            .collect();
        let error = refusal.map(|refusal| refusal.trouble.reason.as_str());
        record(self.store, &writes, state, error).await
    }

    /// Makes a call for `writes`. Where its answer is lost, `look` says whether it was carried out
    /// before it is made again; so it does where the reply does not say what was made. Recording the
    /// success is the caller's job.
    ///
    /// # Errors
    /// What concerns the whole run.
    pub(super) async fn write<T>(
        &self,
        writes: &[FlickrWrite],
        call: impl AsyncFn() -> Result<Option<T>, flickr::Error>,
        look: impl AsyncFn() -> Result<Option<T>, flickr::Error>,
    ) -> Result<Result<T, Refusal>, StepError> {
        self.record(writes, WriteState::Begun, None).await?;
        let mut tries = 0;
        let refusal = loop {
            tries += 1;
            let lost = match call().await {
                Ok(Some(made)) => return Ok(Ok(made)),
                Ok(None) => "the reply holds no id".to_owned(),
                Err(flickr::Error::AnswerLost { why, .. }) => why,
                Err(error @ flickr::Error::Api { .. })
                    if error.concerns() == Concerns::PhotoOrFlickr =>
                {
                    error.to_string()
                }
                Err(error) => break Refusal::of(error)?,
            };
            // The server that is asked may not have heard of it yet.
            let seen = match look().await {
                Ok(None) if pause(self.flickr).await => look().await,
                other => other,
            };
            match seen {
                Ok(Some(made)) => return Ok(Ok(made)),
                Ok(None) if tries < TRIES => {}
                Ok(None) => {
                    let reason = format!(
                        "no answer from Flickr in {TRIES} tries ({lost}); nothing was added"
                    );
                    break Refusal::with(reason, Concerns::PhotoOrFlickr);
                }
                // It may be there: it stays begun.
                Err(error) => {
                    let refusal = Refusal::of(error)?;
                    self.record(writes, WriteState::Begun, Some(&refusal))
                        .await?;
                    return Ok(Err(refusal));
                }
            }
        };
        self.record(writes, WriteState::Failed, Some(&refusal))
            .await?;
        Ok(Err(refusal))
    }
}
