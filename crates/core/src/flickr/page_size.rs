//! How many rows a page is asked for: fewer where Flickr does not manage as many in time.

use super::error::Error;

/// Fewer rows than this never help.
const SMALLEST: u32 = 25;

/// Pages that go well before larger ones are tried again.
const GOOD_PAGES: u32 = 10;

/// Rows per page.
#[derive(Debug, Clone)]
pub(super) struct PageSize {
    rows: u32,
    most: u32,
    good: u32,
}

impl PageSize {
    /// At most `most` rows, of which Flickr gives 500.
    pub(super) fn new(most: u32) -> Self {
        let most = most.clamp(1, 500);
        Self {
            rows: most,
            most,
            good: 0,
        }
    }

    pub(super) fn rows(&self) -> u32 {
        self.rows
    }

    /// Half as many from now on, if that can help against `error`; otherwise says no. Flickr gives up on long
    /// pages (504), or its answer does not arrive in time.
    pub(super) fn shrink(&mut self, error: &Error) -> bool {
        let Error::Unavailable { why, .. } = error else {
            return false;
        };
        // Anything else is an outage, in which no page comes.
        let too_long = ["HTTP status 504", "timeout", "the reply stopped"];
        if self.rows <= SMALLEST || !too_long.iter().any(|start| why.starts_with(start)) {
            return false;
        }
        self.rows = (self.rows / 2).max(SMALLEST);
        self.good = 0;
        true
    }

    /// A page went well.
    pub(super) fn went_well(&mut self) {
        self.good = self.good.saturating_add(1);
    }

    /// Twice as many, if a few pages went well: at the first page of a query, whose numbers mean
    /// other rows then.
    pub(super) fn grow(&mut self) {
        if self.rows < self.most && self.good >= GOOD_PAGES {
            self.rows = (self.rows * 2).min(self.most);
            self.good = 0;
        }
    }
}

/// The page that holds the first row not yet seen, where pages `1..page` of `before` rows each were read and
/// pages have `now` rows. It may begin with rows that were seen.
pub(super) fn same_place(page: u32, before: u32, now: u32) -> u32 {
    page.saturating_sub(1).saturating_mul(before) / now.max(1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable(why: &str) -> Error {
        Error::Unavailable {
            method: "flickr.photos.search".to_owned(),
            tries: 5,
            why: why.to_owned(),
        }
    }

    #[test]
    fn pages_shrink_where_that_can_help_and_grow_back() {
        let mut size = PageSize::new(500);
        let mut sizes = vec![size.rows()];
        while size.shrink(&unavailable("HTTP status 504")) {
            sizes.push(size.rows());
        }
        assert_eq!(sizes, [500, 250, 125, 62, 31, 25]);
        for _ in 0..GOOD_PAGES {
            assert_eq!(size.rows(), 25);
            size.went_well();
        }
        size.grow();
        size.grow();
        assert_eq!(size.rows(), 50);

        // An outage is not the page's fault.
        let mut size = PageSize::new(500);
        for why in [
            "no connection: Connection refused",
            "HTTP status 503",
            "not available (code 10)",
        ] {
            assert!(!size.shrink(&unavailable(why)), "{why}");
        }
        assert!(!PageSize::new(10).shrink(&unavailable("timeout: operation timed out")));
    }

    #[test]
    fn no_row_is_skipped_where_the_size_changes() {
        for (page, before, now, expected) in [
            (1, 500, 250, 1),
            (3, 500, 250, 5),
            (2, 125, 62, 3),
            (4, 62, 31, 7),
            (3, 31, 25, 3),
        ] {
            assert_eq!(same_place(page, before, now), expected);
            assert!((expected - 1) * now <= (page - 1) * before);
        }
    }
}
