//! Every photo of the account, oldest first, 500 a call. This is the fast way, which believes what it is shown:
//! whether that was all is another question.
//!
//! flickr.photos.search gives at most the first 4,000 results of a query and then repeats its last
//! page. So the query moves: `min_upload_date` follows the newest photo seen. The bound is
//! inclusive, because several photos share one second, and ids seen before are dropped. The window
//! moves after every page where few photos share the page's last second, which also makes photos
//! that are deleted meanwhile harmless; where many do, pages are turned, up to the eighth.
//!
//! More than 4,000 photos in one second cannot be split that way. They are listed by
//! flickr.people.getPhotos with that second as both bounds, which has no such cap. So are all, where
//! Flickr gives no dates to go by.
//!
//! A photo without a date of upload, or with one that cannot be true, gets that of the photo before it.
//!
//! `total` and `pages` are never trusted alone: the end is a page that is short and says that it is
//! the last, or one that brings nothing new. Where a page does not come in time, it is asked for in
//! smaller ones.

use std::collections::HashSet;
use std::mem;

use super::dates::{self, Span};
use super::error::Result;
use super::methods::{Flickr, PhotosArgs};
use super::page_size::{PageSize, same_place};
use super::replies::{ListedPhoto, Media, PhotosPage, UnreadableRow};
use crate::boxed;
use crate::ids::PhotoId;

/// Results of one query that flickr.photos.search gives.
const CAP: u32 = 4000;

/// Where and how a listing goes.
#[derive(Debug, Clone)]
pub struct ListingOptions {
    /// Seconds since 1970: photos uploaded in this second or later. To go on where the last run
    /// stopped, the newest upload date seen, less an overlap of the caller's choice.
    pub min_upload_date: u64,
    /// Ask for photos alone. Otherwise videos come along and are counted.
    pub photos_only: bool,
    /// Photos per call, 1 to 500.
    pub per_page: u32,
}

impl Default for ListingOptions {
    fn default() -> Self {
        Self {
            min_upload_date: 0,
            photos_only: false,
            per_page: 500,
        }
    }
}

/// A walk through the account's photos.
#[derive(Debug)]
pub struct Listing {
    flickr: Flickr,
    photos_only: bool,
    size: PageSize,
    /// Ids of the query whose pages are being turned: a page without others is a repeat. Of
    /// flickr.people.getPhotos, whose pages may be many, the last page's.
    of_query: HashSet<PhotoId>,
    /// Ids of the query before: windows overlap.
    before: HashSet<PhotoId>,
    /// Empty pages in a row.
    empty: u32,
    state: State,
    total: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// flickr.photos.search from the second `from`, at `page`; the newest date in this window.
    Window {
        from: u64,
        page: u32,
        newest: u64,
    },
    /// flickr.people.getPhotos from the second `from`: that one alone, or all from there on.
    Person {
        from: u64,
        one_second: bool,
        page: u32,
    },
    Done,
}

impl State {
    fn window(from: u64) -> Self {
        Self::Window {
            from,
            page: 1,
            newest: from,
        }
    }

    fn page(&mut self) -> Option<&mut u32> {
        match self {
            Self::Window { page, .. } | Self::Person { page, .. } => Some(page),
            Self::Done => None,
        }
    }
}

/// What one call brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Photos that the pages just before did not hold, in Flickr's order. One may come again later, where
    /// Flickr does not keep to the order that was asked for.
    pub photos: Vec<ListedPhoto>,
    /// Videos, likewise: left out.
    pub videos: usize,
    /// Rows that could not be read.
    pub unreadable: Vec<UnreadableRow>,
    /// Photos there are in all, as Flickr said at the start; for a progress bar.
    pub total: Option<u64>,
}

impl Listing {
    /// Calls nothing yet.
    pub fn new(flickr: Flickr, options: ListingOptions) -> Self {
        Self {
            flickr,
            photos_only: options.photos_only,
            size: PageSize::new(options.per_page),
            of_query: HashSet::new(),
            before: HashSet::new(),
            empty: 0,
            state: State::window(options.min_upload_date),
            total: None,
        }
    }

    /// The second from which a later listing may go on: all photos uploaded before it were seen.
    pub fn position(&self) -> Option<u64> {
        match self.state {
            State::Window { from, .. } | State::Person { from, .. } => Some(from),
            State::Done => None,
        }
    }

    /// The next call's photos; `None` after the last. A page may hold no new photo. After an error
    /// the same call is made again.
    ///
    /// # Errors
    /// Those of the client.
    #[boxed]
    pub async fn next_page(&mut self) -> Result<Option<Page>> {
        let Some(mut page) = self.call().await? else {
            return Ok(None);
        };
        let first_call = self.total.is_none();
        self.total = self.total.or(page.total);
        if page.rows() > 0 {
            self.empty = 0;
        } else if self.empty == 0 && !(first_call && page.total == Some(0)) {
            // Flickr has sent empty pages in the middle of a listing: only the second one counts.
            self.empty = 1;
            return Ok(Some(self.keep(page)));
        }
        let kept = match self.state {
            State::Window {
                from,
                page: number,
                newest,
            } => {
                let dated = dates::settle(&mut page.photos, Span::since(from));
                let next = Turn {
                    number,
                    rows: self.size.rows(),
                    new: self.new_ids(&page),
                    dated,
                    page: &page,
                }
                .after_search(from, newest);
                let kept = self.keep(page);
                self.go_to(next);
                kept
            }
            State::Person {
                from,
                one_second,
                page: number,
            } => {
                let to = if one_second { from } else { u64::MAX };
                dates::settle(&mut page.photos, Span { from, to });
                let new = self.new_ids(&page);
                let says_last = page.pages.is_some_and(|pages| u64::from(number) >= pages);
                let ended = page.rows() == 0 || says_last || new == 0;
                let next = match (ended, one_second) {
                    (false, _) => State::Person {
                        from,
                        one_second,
                        page: number + 1,
                    },
                    (true, true) => State::window(from.saturating_add(1)),
                    (true, false) => State::Done,
                };
                // The next page is compared with this one alone, however many there are.
                self.of_query.clear();
                let kept = self.keep(page);
                self.go_to(next);
                kept
            }
            State::Done => return Ok(None),
        };
        Ok(Some(kept))
    }

    /// The page that is next, in smaller ones where Flickr does not manage.
    async fn call(&mut self) -> Result<Option<PhotosPage>> {
        loop {
            let rows = self.size.rows();
            let page = match self.state {
                State::Done => return Ok(None),
                State::Window { from, page, .. } => {
                    let min = (from > 0).then_some(from);
                    self.flickr.photos_search(&self.args(min, None, page)).await
                }
                State::Person {
                    from,
                    one_second,
                    page,
                } => {
                    let min = (from > 0 || one_second).then_some(from);
                    let max = one_second.then_some(from);
                    self.flickr
                        .people_get_photos(&self.args(min, max, page))
                        .await
                }
            };
            match page {
                Ok(page) => {
                    self.size.went_well();
                    return Ok(Some(page));
                }
                Err(error) if self.size.shrink(&error) => {
                    let now = self.size.rows();
                    tracing::warn!(
                        "a page of {rows} photos does not come ({error}): asking for {now}"
                    );
                    if let Some(page) = self.state.page() {
                        *page = same_place(*page, rows, now);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn args(&self, min: Option<u64>, max: Option<u64>, page: u32) -> PhotosArgs {
        PhotosArgs {
            min_upload_date: min,
            max_upload_date: max,
            media: self.photos_only.then_some(Media::Photo),
            page,
            per_page: self.size.rows(),
        }
    }

    /// How many photos of `page` the pages of this query have not shown.
    fn new_ids(&self, page: &PhotosPage) -> usize {
        let ids = page.photos.iter().map(|photo| &photo.id);
        ids.filter(|id| !self.of_query.contains(*id)).count()
    }

    fn go_to(&mut self, next: State) {
        self.state = next;
        if let Some(1) = self.state.page() {
            self.before = mem::take(&mut self.of_query);
            self.size.grow();
        }
    }

    /// What of `page` is new.
    fn keep(&mut self, page: PhotosPage) -> Page {
        let mut kept = Page {
            photos: Vec::new(),
            videos: 0,
            unreadable: page.unreadable,
            total: self.total,
        };
        for photo in page.photos {
            let new = self.of_query.insert(photo.id.clone());
            if !new || self.before.contains(&photo.id) {
                continue;
            }
            match photo.media {
                Media::Photo => kept.photos.push(photo),
                Media::Video => kept.videos += 1,
            }
        }
        kept
    }
}

/// A page of a search, from which the next step follows.
struct Turn<'a> {
    /// Its number.
    number: u32,
    /// Rows that were asked for.
    rows: u32,
    /// Photos that the pages before it did not hold.
    new: usize,
    /// Photos with a date that can be true.
    dated: usize,
    page: &'a PhotosPage,
}

impl Turn<'_> {
    /// Where to go in the search from `from`, whose newest photo before this page is `newest`.
    fn after_search(&self, from: u64, newest: u64) -> State {
        let page = self.page;
        let dates: Vec<u64> = page
            .photos
            .iter()
            .filter_map(|photo| photo.upload_date)
            .collect();
        let newest = dates.iter().copied().fold(newest, u64::max);
        let short = page.rows() < self.rows as usize;
        let says_last = page
            .pages
            .is_some_and(|pages| u64::from(self.number) >= pages);
        if short && says_last || page.rows() == 0 && newest == from {
            return State::Done;
        }
        let may_turn = (self.number + 1).saturating_mul(self.rows) <= CAP;
        let in_order = dates.is_sorted();
        // How much of the next window's first page is known already.
        let overlap = dates.iter().filter(|date| **date == newest).count();
        if newest > from && in_order && overlap <= self.rows as usize / 4 {
            return State::window(newest);
        }
        let ended = page.rows() == 0 || says_last || self.new == 0 && self.number > 1;
        if may_turn && !ended {
            return State::Window {
                from,
                page: self.number + 1,
                newest,
            };
        }
        if newest > from {
            // Not the order that was asked for: go no further than what is surely complete.
            let oldest = dates.iter().copied().min().unwrap_or(newest);
            let next = if !in_order && oldest > from {
                oldest
            } else {
                newest
            };
            return State::window(next);
        }
        if says_last {
            return State::Done;
        }
        // Everything that came lies in one second, or nobody knows where. If that is not surely the last
        // of it, the other method tells.
        State::Person {
            from,
            one_second: self.dated > 0,
            page: 1,
        }
    }
}
