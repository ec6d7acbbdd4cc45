//! Photos that Flickr counts and does not show, kept in the store for `download status`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    flickr::Span,
    steps::StepError,
    store::Store,
    text::{count, minute},
};

/// Photos that the account has and that could not be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// How many.
    pub photos: u64,
    /// Of those, how many were shown as rows without an id that can be read.
    pub unreadable: u64,
    /// They were uploaded in this second or later, since 1970; `None`: nothing is known.
    pub from: Option<u64>,
    /// They were uploaded in this second or earlier; `None`: until now.
    pub to: Option<u64>,
}

impl Gap {
    pub(super) fn new(span: Span, photos: u64, unreadable: u64) -> Self {
        Self {
            photos,
            unreadable: unreadable.min(photos),
            from: (span.from > 0).then_some(span.from),
            to: (span.to < u64::MAX).then_some(span.to),
        }
    }
}

/// `2 photos uploaded between 2020-09-13 12:26 and 2020-09-13 12:27 UTC`.
impl fmt::Display for Gap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&count(self.photos, "photo", "photos"))?;
        match (self.from.map(minute), self.to.map(minute)) {
            (None, None) => {}
            (Some(from), None) => write!(f, " uploaded since {from} UTC")?,
            (None, Some(to)) => write!(f, " uploaded until {to} UTC")?,
            (Some(from), Some(to)) if from == to => write!(f, " uploaded at {from} UTC")?,
            (Some(from), Some(to)) => write!(f, " uploaded between {from} and {to} UTC")?,
        }
        if self.unreadable > 0 {
            write!(f, " ({} listed without an id)", self.unreadable)?;
        }
        Ok(())
    }
}

/// Metadata of the store: what the last listing could not have, in JSON.
const GAPS: &str = "listing_gaps";

/// Remembers what the last listing could not have.
pub(super) async fn save(store: &Store, gaps: &[Gap]) -> Result<(), StepError> {
    let text = serde_json::to_string(gaps).unwrap_or_default();
    Ok(store.set_metadata(GAPS, &text).await?)
}

/// What the last listing could not have.
pub(super) async fn read(store: &Store) -> Result<Vec<Gap>, StepError> {
    let text = store.metadata(GAPS).await?;
    Ok(text
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_says_when() {
        let (a, b) = (1_600_000_000, 1_600_000_060);
        for (from, to, photos, unreadable, text) in [
            (0, u64::MAX, 2, 0, "2 photos"),
            (0, a, 1, 0, "1 photo uploaded until 2020-09-13 12:26 UTC"),
            (
                a,
                u64::MAX,
                1,
                3,
                "1 photo uploaded since 2020-09-13 12:26 UTC (1 listed without an id)",
            ),
            (a, a, 2, 0, "2 photos uploaded at 2020-09-13 12:26 UTC"),
            (
                a,
                b,
                2,
                0,
                "2 photos uploaded between 2020-09-13 12:26 and 2020-09-13 12:27 UTC",
            ),
        ] {
            let gap = Gap::new(Span { from, to }, photos, unreadable);
            assert_eq!(gap.to_string(), text);
        }
    }
}
