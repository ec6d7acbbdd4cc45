//! Every photo of the account, oldest first, 500 a call.
//!
//! flickr.photos.search gives at most the first 4,000 results of a query and then repeats its last
//! page. So the query moves: `min_upload_date` follows the newest photo seen. The bound is
//! inclusive, because several photos share one second, and ids seen before are dropped. The window
//! moves after every page where few photos share the page's last second, which also makes photos
//! that are deleted meanwhile harmless; where many do, pages are turned, up to the eighth.
//!
//! More than 4,000 photos in one second cannot be split that way. They are listed by
//! flickr.people.getPhotos with that second as both bounds, which has no such cap.
//!
//! `total` and `pages` are never trusted alone: the end is a page that is short and says that it is
//! the last, or one that brings nothing new.

use std::collections::HashSet;

use super::error::{Error, Result};
use super::methods::{Flickr, PhotosArgs};
use super::replies::{ListedPhoto, Media, PhotosPage, UnreadableRow};
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
    options: ListingOptions,
    /// Ids of the whole walk.
    seen: HashSet<PhotoId>,
    /// Ids of the query whose pages are being turned: a page without others is a repeat.
    of_query: HashSet<PhotoId>,
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
    /// flickr.people.getPhotos within the one second `at`.
    Second {
        at: u64,
        page: u32,
    },
    Done,
}

impl State {
    /// Whether this is the next page of the same query.
    fn turns(&self, before: &Self) -> bool {
        match (self, before) {
            (Self::Window { from: a, page, .. }, Self::Window { from: b, .. }) => {
                a == b && *page > 1
            }
            (Self::Second { page, .. }, Self::Second { .. }) => *page > 1,
            _ => false,
        }
    }
}

/// What one call brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Photos not seen before in this walk, in Flickr's order.
    pub photos: Vec<ListedPhoto>,
    /// Videos not seen before: left out.
    pub videos: usize,
    /// Rows that could not be read.
    pub unreadable: Vec<UnreadableRow>,
    /// Photos there are in all, as Flickr said at the start; for a progress bar.
    pub total: Option<u64>,
}

impl Listing {
    /// Calls nothing yet.
    pub fn new(flickr: Flickr, mut options: ListingOptions) -> Self {
        options.per_page = options.per_page.clamp(1, 500);
        let from = options.min_upload_date;
        let state = State::Window {
            from,
            page: 1,
            newest: from,
        };
        Self {
            flickr,
            options,
            seen: HashSet::new(),
            of_query: HashSet::new(),
            empty: 0,
            state,
            total: None,
        }
    }

    /// The second from which a later listing may go on: all photos uploaded before it were seen.
    pub fn position(&self) -> Option<u64> {
        match self.state {
            State::Window { from, .. } => Some(from),
            State::Second { at, .. } => Some(at),
            State::Done => None,
        }
    }

    /// The next call's photos; `None` after the last. A page may hold no new photo. After an error
    /// the same call is made again.
    ///
    /// # Errors
    /// Those of the client; [`Error::UnexpectedReply`] if whole pages cannot be read, so that the
    /// walk cannot go on without losing photos.
    pub async fn next_page(&mut self) -> Result<Option<Page>> {
        let page = match self.state {
            State::Done => return Ok(None),
            State::Window { from, page, .. } => {
                let min = (from > 0).then_some(from);
                self.flickr
                    .photos_search(&self.args(min, None, page))
                    .await?
            }
            State::Second { at, page } => {
                self.flickr
                    .people_get_photos(&self.args(Some(at), Some(at), page))
                    .await?
            }
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
        let ids = page.photos.iter().map(|photo| photo.id.clone());
        let new = ids
            .map(|id| self.of_query.insert(id))
            .filter(|new| *new)
            .count();
        let next = match self.state {
            State::Window {
                from,
                page: number,
                newest,
            } => after_search(from, number, newest, &page, new, self.options.per_page)?,
            State::Second { at, page: number } => after_second(at, number, &page, new),
            State::Done => State::Done,
        };
        if !next.turns(&self.state) {
            self.of_query.clear();
        }
        self.state = next;
        Ok(Some(self.keep(page)))
    }

    fn args(&self, min: Option<u64>, max: Option<u64>, page: u32) -> PhotosArgs {
        PhotosArgs {
            min_upload_date: min,
            max_upload_date: max,
            media: self.options.photos_only.then_some(Media::Photo),
            page,
            per_page: self.options.per_page,
        }
    }

    /// What of `page` is new.
    fn keep(&mut self, page: PhotosPage) -> Page {
        let mut kept = Page {
            photos: Vec::new(),
            videos: 0,
            unreadable: Vec::new(),
            total: self.total,
        };
        for photo in page.photos {
            if !self.seen.insert(photo.id.clone()) {
                continue;
            }
            match photo.media {
                Media::Photo => kept.photos.push(photo),
                Media::Video => kept.videos += 1,
            }
        }
        for row in page.unreadable {
            tracing::warn!(photo = row.id.as_ref().map_or("?", PhotoId::as_str), problem = %row.problem, "a row of the listing is skipped");
            // Overlapping windows bring the same row again.
            if row
                .id
                .as_ref()
                .is_none_or(|id| self.seen.insert(id.clone()))
            {
                kept.unreadable.push(row);
            }
        }
        kept
    }
}

/// Where to go after page `number` of the search from `from`, which held `new` photos that the
/// pages before it did not.
fn after_search(
    from: u64,
    number: u32,
    newest: u64,
    page: &PhotosPage,
    new: usize,
    per_page: u32,
) -> Result<State> {
    let dates: Vec<u64> = page.photos.iter().map(|photo| photo.upload_date).collect();
    let newest = dates.iter().copied().fold(newest, u64::max);
    let short = page.rows() < per_page as usize;
    let says_last = page.pages.is_some_and(|pages| u64::from(number) >= pages);
    if short && says_last || page.rows() == 0 && newest == from {
        return Ok(State::Done);
    }
    let next_window = State::Window {
        from: newest,
        page: 1,
        newest,
    };
    let may_turn = (number + 1).saturating_mul(per_page) <= CAP;
    let in_order = dates.is_sorted();
    // How much of the next window's first page is known already.
    let overlap = dates.iter().filter(|date| **date == newest).count();
    if newest > from && in_order && overlap <= per_page as usize / 4 {
        return Ok(next_window);
    }
    let ended = page.rows() == 0 || says_last || new == 0 && number > 1;
    if may_turn && !ended {
        return Ok(State::Window {
            from,
            page: number + 1,
            newest,
        });
    }
    if newest > from {
        if !in_order {
            // Not the order that was asked for: go no further than what is surely complete.
            let oldest = dates.iter().copied().min().unwrap_or(newest);
            if oldest > from {
                return Ok(State::Window {
                    from: oldest,
                    page: 1,
                    newest: oldest,
                });
            }
        }
        return Ok(next_window);
    }
    if dates.is_empty() && !page.unreadable.is_empty() {
        return Err(Error::UnexpectedReply {
            method: "flickr.photos.search".to_owned(),
            expected: "photos with an id and an upload date".to_owned(),
            excerpt: format!(
                "{} rows, the first with {}",
                page.rows(),
                page.unreadable[0].problem
            ),
        });
    }
    // Everything that came lies in one second. If that is not surely the last of it, the other
    // method tells.
    Ok(if says_last {
        State::Done
    } else {
        State::Second { at: from, page: 1 }
    })
}

/// Where to go after page `number` of one second's photos.
fn after_second(at: u64, number: u32, page: &PhotosPage, new: usize) -> State {
    let says_last = page.pages.is_some_and(|pages| u64::from(number) >= pages);
    if page.rows() == 0 || says_last || new == 0 {
        let from = at.saturating_add(1);
        return State::Window {
            from,
            page: 1,
            newest: from,
        };
    }
    State::Second {
        at,
        page: number + 1,
    }
}
