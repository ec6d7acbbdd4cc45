//! The methods that list photos, page by page.

use std::cmp::Reverse;

use super::{Call, photo_sizes};
use crate::account::{NSID, PATH_ALIAS, USERNAME};
use crate::clock;
use crate::library::{Media, Photo};
use crate::request::Params;
use crate::rest::Failure;
use crate::tags;
use crate::value::{Element, Scalar};

const MAX_PER_PAGE: usize = 500;
/// Pages that people.getPhotos counts to.
const MAX_PAGE: usize = 10_000;

/// `flickr.photos.search`.
pub(super) fn search(call: &mut Call<'_>) -> Result<Element, Failure> {
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
    if LIMITING
        .iter()
        .all(|name| call.params.filled(name).is_none())
    {
        let message = "Parameterless searches have been disabled. \
                       Please use flickr.photos.getRecent instead.";
        return Err(Failure::new(3, message));
    }
    if call.params.filled("user_id").is_some() {
        check_user(call)?;
    }
    let wanted = Wanted::of(call.params)?;
    let mut photos: Vec<&Photo> = visible(call)
        .filter(|photo| wanted.dates(photo) && wanted.words(photo))
        .collect();
    match call.params.filled("sort").unwrap_or("date-posted-desc") {
        "date-posted-asc" => photos.sort_by_key(|photo| (photo.uploaded, photo.id)),
        "date-taken-asc" => photos.sort_by_key(|photo| (photo.taken(), photo.id)),
        "date-taken-desc" => photos.sort_by_key(|photo| Reverse((photo.taken(), photo.id))),
        "interestingness-asc" => photos.sort_by_key(|photo| photo.secret()),
        "interestingness-desc" | "relevance" => {
            photos.sort_by_key(|photo| Reverse(photo.secret()));
        }
        _ => photos.sort_by_key(|photo| Reverse((photo.uploaded, photo.id))),
    }
    let reachable = photos.len().min(call.state.quirks.search_cap);
    Ok(page(call, &photos, reachable))
}

/// `flickr.people.getPhotos`: latest upload first, without a cap.
pub(super) fn people_photos(call: &mut Call<'_>) -> Result<Element, Failure> {
    if call.params.filled("user_id").is_none() {
        return Err(Failure::new(1, "Required arguments missing"));
    }
    check_user(call)?;
    let wanted = Wanted::of(call.params)?;
    let mut photos: Vec<&Photo> = visible(call).filter(|photo| wanted.dates(photo)).collect();
    photos.sort_by_key(|photo| Reverse((photo.uploaded, photo.id)));
    Ok(page(call, &photos, photos.len()))
}

/// `flickr.photos.recentlyUpdated`: latest change first.
pub(super) fn recently_updated(call: &mut Call<'_>) -> Result<Element, Failure> {
    let since = call
        .params
        .filled("min_date")
        .ok_or_else(|| Failure::new(1, "Required argument missing."))?;
    let since = clock::parse(since).ok_or_else(|| Failure::new(2, "Not a valid date"))?;
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
        _ => Err(Failure::new(2, "Unknown user")),
    }
}

/// The photos that the caller sees and `privacy_filter` leaves.
fn visible<'a>(call: &'a Call<'_>) -> impl Iterator<Item = &'a Photo> {
    let owner = call.is_owner();
    let filter = call.params.filled("privacy_filter").filter(|_| owner);
    let own = call.state.library.iter().filter(|photo| !photo.foreign);
    own.filter(move |photo| match filter {
        Some("1") => !photo.private,
        Some("5") => photo.private,
        // Friends and family: nobody has any here.
        Some("2" | "3" | "4") => false,
        _ => owner || !photo.private,
    })
}

/// The arguments that choose photos.
struct Wanted {
    uploaded: (Option<u64>, Option<u64>),
    taken: (Option<String>, Option<String>),
    media: Option<Media>,
    tags: Vec<String>,
    all_tags: bool,
    text: Option<String>,
}

impl Wanted {
    fn of(params: &Params) -> Result<Self, Failure> {
        let date = |name| params.filled(name).and_then(clock::parse);
        let tags: Vec<String> = params
            .filled("tags")
            .map(|tags| tags.split(',').map(|tag| tag.trim().to_owned()).collect())
            .unwrap_or_default();
        let all_tags = params.get("tag_mode") == Some("all");
        if all_tags && tags.len() > 20 {
            return Err(Failure::new(1, "Too many tags in ALL query"));
        }
        Ok(Self {
            uploaded: (date("min_upload_date"), date("max_upload_date")),
            taken: (
                date("min_taken_date").map(clock::to_mysql),
                date("max_taken_date").map(clock::to_mysql),
            ),
            media: match params.get("media") {
                Some("photos") => Some(Media::Photo),
                Some("videos") => Some(Media::Video),
                _ => None,
            },
            tags,
            all_tags,
            text: params.filled("text").map(str::to_lowercase),
        })
    }

    /// Both ends of a range are part of it.
    fn dates(&self, photo: &Photo) -> bool {
        let (from, to) = self.uploaded;
        from.is_none_or(|from| photo.uploaded >= from)
            && to.is_none_or(|to| photo.uploaded <= to)
            && self
                .taken
                .0
                .as_ref()
                .is_none_or(|from| photo.taken() >= *from)
            && self.taken.1.as_ref().is_none_or(|to| photo.taken() <= *to)
    }

    fn words(&self, photo: &Photo) -> bool {
        let has = |tag: &str| {
            let clean = tags::clean(tag);
            photo.tags.iter().any(|own| own.clean == clean)
        };
        let by_tags = match self.tags.as_slice() {
            [] => true,
            tags => {
                let mut unwanted = tags.iter().filter_map(|tag| tag.strip_prefix('-'));
                let mut asked = tags.iter().filter(|tag| !tag.starts_with('-'));
                let none_asked = asked.clone().next().is_none();
                let fits = if self.all_tags {
                    asked.all(|tag| has(tag))
                } else {
                    none_asked || asked.any(|tag| has(tag))
                };
                fits && !unwanted.any(has)
            }
        };
        by_tags
            && self.media.is_none_or(|media| media == photo.media)
            && self.text.as_ref().is_none_or(|text| {
                photo.title.to_lowercase().contains(text)
                    || photo.description.to_lowercase().contains(text)
                    || photo.tags.iter().any(|tag| tag.clean.contains(text))
            })
    }
}

/// One page of a listing: beyond the `reachable` rows the last page is
/// repeated, while totals count all.
fn page(call: &Call<'_>, photos: &[&Photo], reachable: usize) -> Element {
    let number = |name: &str| call.params.filled(name).and_then(|text| text.parse().ok());
    let per_page = match number("per_page") {
        None | Some(0) => 100,
        Some(wanted) => MAX_PER_PAGE.min(wanted),
    };
    let asked = number("page").unwrap_or(1).clamp(1, MAX_PAGE);
    let last = reachable.div_ceil(per_page).max(1);
    let first_row = (asked.min(last) - 1) * per_page;
    let end = (first_row + per_page).min(reachable);
    let overlap = usize::from(call.state.quirks.overlapping_pages && first_row > 0);
    let extras: Vec<&str> = call
        .params
        .get("extras")
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .collect();
    let rows = photos
        .get(first_row - overlap..end)
        .unwrap_or_default()
        .iter()
        .map(|photo| row(call, photo, &extras))
        .collect();
    Element::new().child(
        "photos",
        Element::new()
            .attr("page", asked)
            .attr("pages", photos.len().div_ceil(per_page))
            .attr("perpage", per_page)
            .attr("total", photos.len())
            .list("photo", rows),
    )
}

/// A photo in a listing, with the extras that were asked for.
fn row(call: &Call<'_>, photo: &Photo, extras: &[&str]) -> Element {
    let owner = call.is_owner();
    let quirks = &call.state.quirks;
    let sizes = if extras.iter().any(|extra| extra.starts_with("url_")) {
        photo_sizes::listed(photo, quirks, &call.shared.base, owner)
    } else {
        Vec::new()
    };
    let original = photo.media == Media::Photo && (owner || photo.can_download);
    let mut row = Element::new()
        .attr("id", photo.id.to_string())
        .attr("owner", NSID)
        .attr("secret", photo.secret())
        .attr("server", photo_sizes::SERVER)
        .attr("farm", 66_u32)
        .attr("title", photo.title.as_str())
        .attr("ispublic", u32::from(!photo.private))
        .attr("isfriend", 0_u32)
        .attr("isfamily", 0_u32);
    for extra in extras {
        row = match *extra {
            "description" => row.child("description", Element::text(photo.description.as_str())),
            "license" => row.attr("license", "0"),
            "date_upload" => row.attr("dateupload", photo.uploaded.to_string()),
            "last_update" => row.attr("lastupdate", photo.updated.to_string()),
            "date_taken" => row
                .attr("datetaken", photo.taken())
                .attr("datetakengranularity", 0_u32)
                .attr("datetakenunknown", "0"),
            "owner_name" => row.attr("ownername", USERNAME),
            "icon_server" => row.attr("iconserver", "0").attr("iconfarm", 0_u32),
            "original_format" if original => row
                .attr("originalsecret", photo.secret_of("o"))
                .attr("originalformat", photo.picture.format),
            "o_dims" if original => row
                .attr("o_width", photo.picture.stored.0.to_string())
                .attr("o_height", photo.picture.stored.1.to_string()),
            "views" => row.attr("views", "0"),
            "media" => row
                .attr("media", photo.media.as_str())
                .attr("media_status", "ready"),
            "path_alias" => row.attr("pathalias", PATH_ALIAS),
            "tags" if quirks.stale_tags => row.attr("tags", ""),
            "tags" => row.attr("tags", joined(photo, false)),
            "machine_tags" => row.attr("machine_tags", joined(photo, true)),
            "geo" => row
                .attr("latitude", 0_u32)
                .attr("longitude", 0_u32)
                .attr("accuracy", 0_u32)
                .attr("context", 0_u32),
            "realname" => row.attr("realname", Scalar::Null),
            other => match other.strip_prefix("url_") {
                None => row,
                Some(letter) => {
                    let found = sizes
                        .iter()
                        .find(|size| size.letter == letter && !quirks.hides(photo.id, letter));
                    match found {
                        None => row,
                        Some(size) => row
                            .attr(format!("url_{letter}"), size.url.as_str())
                            .attr(format!("height_{letter}"), size.height)
                            .attr(format!("width_{letter}"), size.width),
                    }
                }
            },
        };
    }
    row
}

/// Clean tags with spaces between, machine tags among them or alone.
fn joined(photo: &Photo, only_machine: bool) -> String {
    let tags: Vec<&str> = photo
        .tags
        .iter()
        .filter(|tag| tag.machine || !only_machine)
        .map(|tag| tag.clean.as_str())
        .collect();
    tags.join(" ")
}
