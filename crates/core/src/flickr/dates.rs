//! Dates of upload that are missing or cannot be true.

use std::time::{SystemTime, UNIX_EPOCH};

use super::replies::ListedPhoto;

/// Seconds that Flickr's clock may be ahead of this machine's.
const AHEAD: u64 = 86_400;

/// The dates of upload that a query asked for: both ends are part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    /// Seconds since 1970.
    pub from: u64,
    /// Seconds since 1970; [`u64::MAX`] where the query has no end.
    pub to: u64,
}

impl Span {
    /// From 1970 on.
    pub(crate) const ALL: Self = Self {
        from: 0,
        to: u64::MAX,
    };

    pub(crate) fn since(from: u64) -> Self {
        Self { from, to: u64::MAX }
    }

    fn holds(self, date: u64) -> bool {
        (self.from..=self.to).contains(&date)
    }
}

impl ListedPhoto {
    /// Whether its date of upload can be true.
    pub(crate) fn has_date(&self) -> bool {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let latest = since.unwrap_or_default().as_secs() + AHEAD;
        self.upload_date
            .is_some_and(|date| (1..=latest).contains(&date))
    }
}

/// Gives each photo a date within the `span` that it was found in: its own, if that can be true, or else that of the
/// photo before it. A wrong one would lead a listing past photos. Returns how many kept their own.
pub(super) fn settle(photos: &mut [ListedPhoto], span: Span) -> usize {
    let mut last = span.from;
    let mut own = 0;
    for photo in photos {
        let known = photo.upload_date.filter(|_| photo.has_date());
        match known {
            Some(date) if span.holds(date) => {
                last = date;
                own += 1;
            }
            _ => photo.upload_date = Some(last),
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flickr::replies::PhotosPage;
    use serde_json::json;

    #[test]
    fn a_date_that_cannot_be_true_is_that_of_the_photo_before() {
        let dates = [
            json!(null),
            json!("1600000000"),
            json!("99999999999"),
            json!("1600000060"),
            json!("1600000000000"),
            json!("0"),
            json!("2020-09-13 12:26:40"),
            json!("-1"),
            json!("1500000000"),
            json!("1600000120"),
        ];
        let rows = dates.map(|date| json!({"id": "5", "dateupload": date}));
        let reply = json!({"photos": {"photo": rows}});
        let mut photos = PhotosPage::read(&reply).unwrap().photos;
        let own = settle(&mut photos, Span::since(1_599_999_000));
        let found: Vec<_> = photos
            .iter()
            .filter_map(|photo| photo.upload_date)
            .collect();
        let (a, b) = (1_600_000_000, 1_600_000_060);
        assert_eq!(
            found,
            [1_599_999_000, a, a, b, b, b, b, b, b, 1_600_000_120]
        );
        assert_eq!(own, 3);
    }
}
