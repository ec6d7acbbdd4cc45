//! The methods that list photos, page by page.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::call::Call;
use super::photo_sizes;
use crate::account::{NSID, PATH_ALIAS, USERNAME};
use crate::clock;
use crate::photo::{Media, Photo};
use crate::reply::{Failure, Reply, fail};
use crate::request::Params;
use crate::tags::CleanRule;

const MAX_PER_PAGE: usize = 500;
/// The highest page number that people.getPhotos knows.
const MAX_PAGE: usize = 10_000;
/// Arguments of which a search needs at least one.
const LIMITING: [&str; 10] = [
    "user_id",
    "tags",
    "text",
    "min_upload_date",
    "max_upload_date",
    "min_taken_date",
    "max_taken_date",
    "machine_tags",
    "license",
    "media",
];

/// `flickr.photos.search`.
pub(super) fn search(call: &mut Call<'_>) -> Reply {
    let params = call.params;
    if LIMITING.iter().all(|name| params.filled(name).is_none()) {
        let message = "Parameterless searches have been disabled. \
                       Please use flickr.photos.getRecent instead.";
        return fail(3, message);
    }
    if params.filled("user_id").is_some() {
        check_user(call)?;
    }
    let filter = Filter::of(params)?;
    let mut photos: Vec<&Photo> = visible(call)
        .filter(|photo| filter.dates_match(photo) && filter.text_matches(photo))
        .collect();
    let sort = params.filled("sort").unwrap_or("date-posted-desc");
    match sort {
        "date-taken-asc" | "date-taken-desc" => {
            photos.sort_by_key(|photo| (photo.taken(), photo.id));
        }
        "interestingness-asc" | "interestingness-desc" | "relevance" => {
            photos.sort_by_key(|photo| photo.secret());
        }
        _ => photos.sort_by_key(|photo| (photo.uploaded, photo.id)),
    }
    if !sort.ends_with("-asc") {
        photos.reverse();
    }
    let reachable = photos.len().min(call.state.quirks.search_cap);
    Ok(page(call, &photos, reachable))
}

/// `flickr.people.getPhotos`: latest upload first, without a cap.
pub(super) fn people_photos(call: &mut Call<'_>) -> Reply {
    if call.params.filled("user_id").is_none() {
        return fail(1, "Required arguments missing");
    }
    check_user(call)?;
    let filter = Filter::of(call.params)?;
    let mut photos: Vec<&Photo> = visible(call)
        .filter(|photo| filter.dates_match(photo))
        .collect();
    photos.sort_by_key(|photo| Reverse((photo.uploaded, photo.id)));
    Ok(page(call, &photos, photos.len()))
}

/// `flickr.photos.recentlyUpdated`: latest change first.
pub(super) fn recently_updated(call: &mut Call<'_>) -> Reply {
    let Some(since) = call.params.filled("min_date") else {
        return fail(1, "Required argument missing.");
    };
    let Some(since) = clock::parse(since) else {
        return fail(2, "Not a valid date");
    };
    let mut photos: Vec<&Photo> = visible(call)
        .filter(|photo| photo.updated >= since)
        .collect();
    photos.sort_by_key(|photo| Reverse((photo.updated, photo.id)));
    Ok(page(call, &photos, photos.len()))
}

/// There is one account: `me` with a token, or its NSID.
fn check_user(call: &Call<'_>) -> Result<(), Failure> {
    match call.params.get("user_id") {
        Some("me") if call.is_owner() => Ok(()),
        Some(NSID) => Ok(()),
        _ => fail(2, "Unknown user"),
    }
}

/// The photos that the caller sees and `privacy_filter` lets through.
fn visible<'a>(call: &'a Call<'_>) -> impl Iterator<Item = &'a Photo> {
    let owner = call.is_owner();
    let filter = call.params.filled("privacy_filter").filter(|_| owner);
    let photos = call.library().photos.values();
    photos.filter(move |photo| {
        !photo.foreign
            && match filter {
                Some("1") => photo.visibility.public,
                Some("2") => photo.visibility.friends && !photo.visibility.family,
                Some("3") => photo.visibility.family && !photo.visibility.friends,
                Some("4") => photo.visibility.friends && photo.visibility.family,
                Some("5") => !photo
                    .visibility
                    .flags()
                    .iter()
                    .any(|(_, is_seen)| *is_seen == 1),
                _ => owner || !photo.is_private(),
            }
    })
}

/// Both ends are part of it; either can be open.
type Range = (Option<u64>, Option<u64>);

fn contains((from, to): Range, value: u64) -> bool {
    from.is_none_or(|from| value >= from) && to.is_none_or(|to| value <= to)
}

/// The arguments that select photos.
struct Filter {
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
    fn of(params: &Params) -> Result<Self, Failure> {
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

    fn dates_match(&self, photo: &Photo) -> bool {
        contains(self.uploaded, photo.uploaded) && contains(self.taken, photo.taken())
    }

    fn text_matches(&self, photo: &Photo) -> bool {
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

/// One page of a listing. Pages beyond the `reachable` rows repeat the last
/// one, while totals count all rows.
fn page(call: &Call<'_>, photos: &[&Photo], reachable: usize) -> Value {
    let number = |name: &str| call.params.filled(name).and_then(|text| text.parse().ok());
    let per_page = match number("per_page") {
        None | Some(0) => 100,
        Some(number) => MAX_PER_PAGE.min(number),
    };
    let page = number("page").unwrap_or(1).clamp(1, MAX_PAGE);
    let last = reachable.div_ceil(per_page).max(1);
    let first_row = (page.min(last) - 1) * per_page;
    let end = (first_row + per_page).min(reachable);
    let overlap = usize::from(call.state.quirks.overlapping_pages && first_row > 0);
    let extras = call.params.or_empty("extras").split(',').map(str::trim);
    let extras: Vec<&str> = extras.collect();
    let photos_on_page = photos.get(first_row - overlap..end).unwrap_or_default();
    let rows = photos_on_page.iter().map(|photo| row(call, photo, &extras));
    json!({"photos": {
        "page": page,
        "pages": photos.len().div_ceil(per_page),
        "perpage": per_page,
        "total": photos.len(),
        "photo": rows.collect::<Vec<_>>(),
    }})
}

/// A photo in a listing, with the requested extras.
fn row(call: &Call<'_>, photo: &Photo, extras: &[&str]) -> Value {
    let quirks = &call.state.quirks;
    let photo = &*photo.as_of(quirks.listing_lag_ms);
    let has_sizes = extras.iter().any(|extra| extra.starts_with("url_"));
    let files = if has_sizes {
        photo_sizes::files(call, photo)
    } else {
        Vec::new()
    };
    let has_original = photo.media == Media::Photo && (call.is_owner() || photo.can_download);
    let mut row = json!({
        "id": photo.id.to_string(),
        "owner": NSID,
        "secret": photo.secret(),
        "server": photo.server(),
        "farm": 66,
        "title": photo.title,
    });
    for (name, flag) in photo.visibility.flags() {
        row[name] = flag.into();
    }
    for extra in extras {
        let members = match *extra {
            "description" => json!({"description": {"_content": photo.description}}),
            "license" => json!({"license": "0"}),
            "date_upload" => json!({"dateupload": photo.uploaded.to_string()}),
            "last_update" => json!({"lastupdate": photo.updated.to_string()}),
            "date_taken" => json!({
                "datetaken": clock::to_mysql(photo.taken()),
                "datetakengranularity": 0,
                "datetakenunknown": "0",
            }),
            "rotation" => json!({"rotation": photo.picture.rotation}),
            "owner_name" => json!({"ownername": USERNAME}),
            "icon_server" => json!({"iconserver": "0", "iconfarm": 0}),
            "original_format" if has_original => json!({
                "originalsecret": photo.secret_of("o"),
                "originalformat": photo.picture.format,
            }),
            "o_dims" if has_original => json!({
                "o_width": photo.picture.stored.0.to_string(),
                "o_height": photo.picture.stored.1.to_string(),
            }),
            "views" => json!({"views": "0"}),
            "media" => json!({"media": photo.media, "media_status": "ready"}),
            "path_alias" => json!({"pathalias": PATH_ALIAS}),
            "tags" if quirks.stale_tags => json!({"tags": ""}),
            "tags" => json!({"tags": joined_tags(photo, false)}),
            "machine_tags" => json!({"machine_tags": joined_tags(photo, true)}),
            "geo" => json!({"latitude": 0, "longitude": 0, "accuracy": 0, "context": 0}),
            "realname" => json!({"realname": null}),
            other => {
                let letter = other.strip_prefix("url_").unwrap_or_default();
                let mut listed = files.iter().filter(|_| !quirks.hides(photo.id, letter));
                match listed.find(|file| file.letter == letter) {
                    None => continue,
                    Some(file) => json!({
                        other: photo_sizes::url(call, photo, file),
                        format!("height_{letter}"): file.height,
                        format!("width_{letter}"): file.width,
                    }),
                }
            }
        };
        if let (Value::Object(row), Value::Object(members)) = (&mut row, members) {
            row.extend(members);
        }
    }
    row
}

/// Clean tags with spaces between: all, or only machine tags.
fn joined_tags(photo: &Photo, only_machine: bool) -> String {
    let tags = photo.tags.iter();
    let tags = tags.filter(|tag| tag.machine || !only_machine);
    let tags: Vec<&str> = tags.map(|tag| tag.clean.as_str()).collect();
    tags.join(" ")
}
