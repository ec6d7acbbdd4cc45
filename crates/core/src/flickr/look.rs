//! A look at the photos of a span of time, one page after the other: without any trust in the order that they come
//! in, for spans that are short enough.
//!
//! The listing ([`super::Listing`]) is faster. This is what finds the photos that it was not shown: each
//! look can use another method and pages of another length, so that a row that one leaves out is in another.

use std::collections::HashSet;

use super::dates::{self, Span};
use super::error::Result;
use super::methods::{Flickr, PhotosArgs};
use super::page_size::{PageSize, same_place};
use super::replies::PhotosPage;
use crate::ids::PhotoId;

/// Which method shows the photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// flickr.people.getPhotos, newest first.
    Person,
    /// flickr.photos.search, oldest first; at most 4,000.
    Search,
    /// flickr.photos.recentlyUpdated: photos that were added or changed since the beginning of the span, the last
    /// change first.
    Change,
}

/// Pages of photos and videos.
#[derive(Debug)]
pub(crate) struct Look {
    flickr: Flickr,
    by: By,
    span: Span,
    size: PageSize,
    page: u32,
    /// Ids of the page before: one without others repeats it.
    last: HashSet<PhotoId>,
    ended: bool,
}

impl Look {
    /// Calls nothing yet.
    pub(crate) fn new(flickr: Flickr, by: By, span: Span, per_page: u32) -> Self {
        Self {
            flickr,
            by,
            span,
            size: PageSize::new(per_page),
            page: 1,
            last: HashSet::new(),
            ended: false,
        }
    }

    /// The next page; `None` after the last. After an error the same call is made again.
    ///
    /// # Errors
    /// Those of the client.
    pub(crate) async fn next_page(&mut self) -> Result<Option<PhotosPage>> {
        if self.ended {
            return Ok(None);
        }
        let mut page = self.call().await?;
        let new = page
            .photos
            .iter()
            .any(|photo| !self.last.contains(&photo.id));
        let rows = u64::from(self.size.rows());
        let read = u64::from(self.page) * rows;
        let is_short = (page.rows() as u64) < rows;
        let says_last = page
            .pages
            .is_some_and(|pages| u64::from(self.page) >= pages);
        let all = page.total.is_some_and(|total| total <= read);
        self.ended = page.rows() == 0
            || self.page > 1 && !new
            || says_last && (is_short || all)
            || page.pages.is_none() && is_short;
        self.last = page.photos.iter().map(|photo| photo.id.clone()).collect();
        self.page += 1;
        if self.by != By::Change {
            dates::settle(&mut page.photos, self.span);
        }
        Ok(Some(page))
    }

    async fn call(&mut self) -> Result<PhotosPage> {
        loop {
            let rows = self.size.rows();
            let args = PhotosArgs {
                page: self.page,
                per_page: rows,
                ..PhotosArgs::within(self.span)
            };
            let page = match self.by {
                By::Person => self.flickr.people_get_photos(&args).await,
                By::Search => self.flickr.photos_search(&args).await,
                By::Change => self.flickr.photos_recently_updated(&args).await,
            };
            match page {
                Err(error) if self.size.shrink(&error) => {
                    let now = self.size.rows();
                    tracing::warn!(
                        "a page of {rows} photos does not come ({error}): asking for {now}"
                    );
                    self.page = same_place(self.page, rows, now);
                }
                page => return page,
            }
        }
    }
}
