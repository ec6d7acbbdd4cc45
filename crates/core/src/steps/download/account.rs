//! How many photos Flickr says the account has.

use crate::flickr::{self, Flickr, Media, Span};

/// Flickr's counts of a span of upload dates. Each is `None` where Flickr does not say, or was not asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Photos and videos, by flickr.people.getPhotos.
    pub everything: Option<u64>,
    /// Videos, by flickr.photos.search.
    pub videos: Option<u64>,
    /// Photos, by flickr.photos.search. Its index may lag behind.
    pub found: Option<u64>,
}

impl Counted {
    /// Photos without videos: by the account's own count, or else by what searching finds.
    pub fn photos(&self) -> Option<u64> {
        let without_videos = |all: u64| all.saturating_sub(self.videos.unwrap_or(0));
        self.everything.map(without_videos).or(self.found)
    }

    /// By how many photos the account has more than `known`, or fewer; `None` where Flickr does not say.
    pub fn more_than(&self, known: u64) -> Option<i64> {
        // Two that agree are right.
        if self.finds_more() && self.found == Some(known) {
            return Some(0);
        }
        let photos = i64::try_from(self.photos()?).unwrap_or(i64::MAX);
        Some(photos - i64::try_from(known).unwrap_or(i64::MAX))
    }

    /// Whether searching finds more photos than the account is said to have.
    pub(super) fn finds_more(&self) -> bool {
        self.found > self.photos()
    }
}

/// All counts of the whole account.
///
/// # Errors
/// Those of the client.
pub(super) async fn count(flickr: &Flickr) -> flickr::Result<Counted> {
    let everything = flickr.people_get_photos_total(Span::ALL).await?;
    Ok(Counted {
        everything,
        videos: flickr.photos_search_total(Media::Video, Span::ALL).await?,
        found: flickr.photos_search_total(Media::Photo, Span::ALL).await?,
    })
}

/// Of a part of the account, as few counts as say something: those that say anything of the `whole`.
pub(super) async fn count_within(
    flickr: &Flickr,
    span: Span,
    whole: &Counted,
) -> flickr::Result<Counted> {
    let mut counted = Counted::default();
    if whole.everything.is_some() {
        counted.everything = flickr.people_get_photos_total(span).await?;
        if whole.videos.is_some_and(|videos| videos > 0) {
            counted.videos = flickr.photos_search_total(Media::Video, span).await?;
        }
    }
    if whole.everything.is_none() || whole.finds_more() {
        counted.found = flickr.photos_search_total(Media::Photo, span).await?;
    }
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_are_counted_without_videos() {
        let counted = |everything, videos, found| Counted {
            everything,
            videos,
            found,
        };
        for (counts, photos, more) in [
            (counted(Some(10), Some(2), Some(8)), Some(8), false),
            (counted(Some(10), Some(2), Some(9)), Some(8), true),
            (counted(Some(10), None, None), Some(10), false),
            (counted(None, Some(2), Some(7)), Some(7), false),
            (counted(None, Some(2), None), None, false),
        ] {
            assert_eq!((counts.photos(), counts.finds_more()), (photos, more));
            let known = photos.map(|photos| photos + 1);
            let difference = known.and_then(|known| counts.more_than(known));
            // Searching finds one more, too.
            let expected = photos.map(|_| if more { 0 } else { -1 });
            assert_eq!(difference, expected, "{counts:?}");
        }
    }
}
