//! The arguments that select photos.

use crate::clock;
use crate::photo::{Media, Photo};
use crate::reply::{Failure, fail};
use crate::request::Params;
use crate::tags::CleanRule;

/// Both ends are part of it; either can be open.
type Range = (Option<u64>, Option<u64>);

fn contains((from, to): Range, value: u64) -> bool {
    from.is_none_or(|from| value >= from) && to.is_none_or(|to| value <= to)
}

/// The arguments that select photos.
pub(super) struct Filter {
    uploaded: Range,
    taken: Range,
    media: Option<Media>,
    /// Clean forms of the tags, those to exclude apart.
    tags: Vec<String>,
    excluded_tags: Vec<String>,
    all_tags: bool,
    text: Option<String>,
}

impl Filter {
    pub(super) fn of(params: &Params) -> Result<Self, Failure> {
        let date = |name| params.filled(name).and_then(clock::parse);
        let tags = params.filled("tags").into_iter();
        let tags: Vec<&str> = tags
            .flat_map(|tags| tags.split(','))
            .map(str::trim)
            .collect();
        let all_tags = params.get("tag_mode") == Some("all");
        if all_tags && tags.len() > 20 {
            return fail(1, "Too many tags in ALL query");
        }
        let clean = |tag: &str| CleanRule::default().clean(tag);
        let (excluded, tags): (Vec<&str>, Vec<&str>) =
            tags.into_iter().partition(|tag| tag.starts_with('-'));
        Ok(Self {
            uploaded: (date("min_upload_date"), date("max_upload_date")),
            taken: (date("min_taken_date"), date("max_taken_date")),
            media: match params.get("media") {
                Some("photos") => Some(Media::Photo),
                Some("videos") => Some(Media::Video),
                _ => None,
            },
            tags: tags.into_iter().map(clean).collect(),
            excluded_tags: excluded.into_iter().map(|tag| clean(&tag[1..])).collect(),
            all_tags,
            text: params.filled("text").map(str::to_lowercase),
        })
    }

    pub(super) fn dates_match(&self, photo: &Photo) -> bool {
        contains(self.uploaded, photo.uploaded) && contains(self.taken, photo.taken())
    }

    pub(super) fn text_matches(&self, photo: &Photo) -> bool {
        let has = |clean: &String| photo.tags.iter().any(|tag| tag.clean == *clean);
        let has_tags = if self.all_tags {
            self.tags.iter().all(has)
        } else {
            self.tags.is_empty() || self.tags.iter().any(has)
        };
        has_tags
            && !self.excluded_tags.iter().any(has)
            && self.media.is_none_or(|media| media == photo.media)
            && self.text.as_ref().is_none_or(|text| {
                photo.title.to_lowercase().contains(text)
                    || photo.description.to_lowercase().contains(text)
                    || photo.tags.iter().any(|tag| tag.clean.contains(text))
            })
    }
}
