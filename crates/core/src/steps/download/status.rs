//! What the store holds of the account, without asking Flickr; and what Flickr says of that.

use super::{
    account::{self, Counted},
    gaps::{self, Gap},
    list::COMPLETE,
};
use crate::{
    boxed,
    flickr::Flickr,
    steps::StepError,
    store::{Counts, Processing, Reason, Store},
};

/// How far the store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whose photos these are (NSID); `None` where nothing was downloaded yet.
    pub account: Option<String>,
    /// Photos by state, and faces.
    pub counts: Counts,
    /// Photos processed with other settings than those asked for.
    pub outdated: u64,
    /// Whether the store knows all photos of the account.
    pub listing: Listing,
    /// What the last listing could not have of all that Flickr counts.
    pub gaps: Vec<Gap>,
    /// Why photos failed, most photos first. Reasons that differ in photo ids and lengths alone are one,
    /// with `N` for those.
    pub failed: Vec<Reason>,
    /// Why photos have no image, likewise.
    pub no_image: Vec<Reason>,
}

impl Status {
    /// Photos that the store knows and that are not known to be deleted.
    pub fn known(&self) -> u64 {
        self.counts.photos - self.counts.deleted
    }
}

/// Whether the store knows all photos of the account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// All that there were at a time, in seconds since 1970.
    Complete(i64),
    /// The listing was stopped before its end.
    Incomplete,
    /// It was last listed by a version that did not note this, or never.
    Unknown,
}

/// Photo ids that are named for each reason.
const EXAMPLES: usize = 3;

/// What `store` holds, compared with the settings `with`.
///
/// # Errors
/// Where the store cannot be read.
#[boxed]
pub async fn status(store: &Store, with: &Processing) -> Result<Status, StepError> {
    Ok(Status {
        account: store.account().await?,
        counts: store.counts().await?,
        outdated: store.outdated(with).await?,
        listing: match store.metadata(COMPLETE).await?.as_deref() {
            None => Listing::Unknown,
            Some(time) => time.parse().map_or(Listing::Incomplete, Listing::Complete),
        },
        gaps: gaps::read(store).await?,
        failed: grouped(store.reasons("failed", EXAMPLES as u32).await?),
        no_image: grouped(store.reasons("no_image", EXAMPLES as u32).await?),
    })
}

/// Asks Flickr how many photos the account has.
///
/// # Errors
/// Where the store is another account's, or cannot be read; those of the client.
#[boxed]
pub async fn verify(store: &Store, flickr: &Flickr) -> Result<Counted, StepError> {
    if store.account().await?.is_some() {
        store.bind_account(flickr.nsid()).await?;
    }
    Ok(account::count(flickr).await?)
}

/// Puts reasons together that differ in their long numbers alone.
fn grouped(reasons: Vec<Reason>) -> Vec<Reason> {
    let mut groups: Vec<(String, Reason)> = Vec::new();
    for reason in reasons {
        let key = without_numbers(&reason.text);
        match groups.iter_mut().find(|(other, _)| *other == key) {
            None => groups.push((key, reason)),
            Some((_, group)) => {
                group.photos += reason.photos;
                group.text = key;
                group.examples.extend(reason.examples);
                group.examples.truncate(EXAMPLES);
            }
        }
    }
    let mut groups: Vec<Reason> = groups.into_iter().map(|(_, group)| group).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.photos));
    groups
}

/// The reason with `N` for every number of four digits or more; HTTP's status codes have three.
fn without_numbers(reason: &str) -> String {
    let mut text = String::with_capacity(reason.len());
    let mut rest = reason;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at(digits);
        let words = after.find(|c: char| c.is_ascii_digit());
        let (words, after) = after.split_at(words.unwrap_or(after.len()));
        text += if digits < 4 { number } else { "N" };
        text += words;
        rest = after;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_in_ids_and_lengths_are_one() {
        let reason = |text: &str, photos, examples: &[&str]| Reason {
            text: text.to_owned(),
            photos,
            examples: examples.iter().map(|id| id.parse().unwrap()).collect(),
        };
        let cut = |id, bytes| format!("photos/{id}.jpg: {bytes} bytes, expected 9000");
        let found = grouped(vec![
            reason("HTTP status 404", 2, &["7", "8"]),
            reason("HTTP status 502", 1, &["9"]),
            reason(&cut(41_234, 5678), 1, &["41234"]),
            reason(&cut(41_235, 1234), 1, &["41235"]),
            reason(&cut(41_237, 4321), 1, &["41237"]),
            reason("too dark: 41239", 1, &["41239"]),
        ]);
        assert_eq!(
            found,
            [
                reason(
                    "photos/N.jpg: N bytes, expected N",
                    3,
                    &["41234", "41235", "41237"]
                ),
                reason("HTTP status 404", 2, &["7", "8"]),
                reason("HTTP status 502", 1, &["9"]),
                reason("too dark: 41239", 1, &["41239"]),
            ]
        );
    }
}
