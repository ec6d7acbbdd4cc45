//! The methods that list photos, page by page.

mod filter;
mod row;

use std::cmp::Reverse;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Value, json};

use super::call::Call;
use crate::account::NSID;
use crate::clock;
use crate::faults::FaultKind;
use crate::photo::Photo;
use crate::reply::{Failure, Reply, fail};
use filter::Filter;

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

/// The photos of a listing, in its order.
struct Listing<'a> {
    photos: Vec<&'a Photo>,
    /// Photos that `total` counts although no page has them.
    missing: usize,
    /// The first rows, beyond which no page leads.
    reachable: usize,
}

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
    let ties = Ties::new(call);
    let mut photos: Vec<&Photo> = visible(call)
        .filter(|photo| filter.dates_match(photo) && filter.text_matches(photo))
        .filter(|photo| call.state.quirks.has_indexed(photo.added))
        .collect();
    let sort = params.filled("sort").unwrap_or("date-posted-desc");
    match sort {
        "date-taken-asc" | "date-taken-desc" => {
            photos.sort_by_key(|photo| (photo.taken(), ties.place(photo)));
        }
        "interestingness-asc" | "interestingness-desc" | "relevance" => {
            photos.sort_by_key(|photo| photo.secret());
        }
        _ => photos.sort_by_key(|photo| (photo.uploaded, ties.place(photo))),
    }
    if !sort.ends_with("-asc") {
        photos.reverse();
    }
    let mut listing = indexed(call, photos);
    listing.reachable = listing.reachable.min(call.state.quirks.search_cap);
    Ok(page(call, &listing, ""))
}

/// `flickr.people.getPhotos`: latest upload first, without a cap.
pub(super) fn people_photos(call: &mut Call<'_>) -> Reply {
    if call.params.filled("user_id").is_none() {
        return fail(1, "Required arguments missing");
    }
    check_user(call)?;
    let filter = Filter::of(call.params)?;
    let ties = Ties::new(call);
    let late = call.state.quirks.index_lag_everywhere;
    let mut photos: Vec<&Photo> = visible(call)
        .filter(|photo| filter.dates_match(photo))
        .filter(|photo| !late || call.state.quirks.has_indexed(photo.added))
        .collect();
    photos.sort_by_key(|photo| Reverse((photo.uploaded, ties.place(photo))));
    Ok(page(call, &indexed(call, photos), ""))
}

/// `flickr.photos.recentlyUpdated`: latest change first; each row has the time
/// of it.
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
    Ok(page(call, &indexed(call, photos), "last_update"))
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
        let seen = photo.visibility;
        !photo.foreign
            && match filter {
                Some("1") => seen.public,
                Some("2") => seen.friends && !seen.family,
                Some("3") => seen.family && !seen.friends,
                Some("4") => seen.friends && seen.family,
                Some("5") => !seen.public && !seen.friends && !seen.family,
                _ => owner || seen.public,
            }
    })
}

/// What puts photos of the same second in order: their ids, or nothing that
/// lasts longer than a call.
struct Ties {
    lasts: bool,
    call: u64,
}

impl Ties {
    fn new(call: &mut Call<'_>) -> Self {
        Self {
            lasts: !call.state.quirks.changing_ties,
            call: call.state.new_number(),
        }
    }

    fn place(&self, photo: &Photo) -> u64 {
        if self.lasts {
            return photo.id;
        }
        let mut hasher = DefaultHasher::new();
        (self.call, photo.id).hash(&mut hasher);
        hasher.finish()
    }
}

/// Takes out what the call's fault says is not indexed.
fn indexed<'a>(call: &Call<'_>, mut photos: Vec<&'a Photo>) -> Listing<'a> {
    let mut missing = 0;
    if let Some(FaultKind::NotIndexed { every, counted }) = call.fault {
        let all = photos.len();
        photos.retain(|photo| !photo.id.is_multiple_of((*every).max(1)));
        missing = if *counted { all - photos.len() } else { 0 };
    }
    let reachable = photos.len();
    Listing {
        photos,
        missing,
        reachable,
    }
}

/// One page of a listing. Pages beyond the reachable rows repeat the last one,
/// while totals count all rows.
fn page(call: &Call<'_>, listing: &Listing<'_>, always: &str) -> Value {
    let number = |name: &str| call.params.filled(name).and_then(|text| text.parse().ok());
    let per_page = match number("per_page") {
        None | Some(0) => 100,
        Some(number) => MAX_PER_PAGE.min(number),
    };
    let page = number("page").unwrap_or(1).clamp(1, MAX_PAGE);
    let last = listing.reachable.div_ceil(per_page).max(1);
    let first_row = (page.min(last) - 1) * per_page;
    let end = (first_row + per_page).min(listing.reachable);
    let overlap = usize::from(call.state.quirks.overlapping_pages && first_row > 0);
    let extras = call.params.or_empty("extras").split(',').map(str::trim);
    let extras: Vec<&str> = extras.chain([always]).collect();
    let on_page = listing.photos.get(first_row - overlap..end);
    let mut on_page = on_page.unwrap_or_default().to_vec();
    if let Some(FaultKind::DropRows { rows }) = call.fault {
        drop_rows(&mut on_page, *rows);
    }
    let rows = on_page.iter().map(|photo| row::row(call, photo, &extras));
    let total = listing.photos.len() + listing.missing;
    json!({"photos": {
        "page": page,
        "pages": total.div_ceil(per_page),
        "perpage": per_page,
        "total": total,
        "photo": rows.collect::<Vec<_>>(),
    }})
}

/// Takes so many rows out, from all over the page.
fn drop_rows(photos: &mut Vec<&Photo>, rows: usize) {
    let (all, rows) = (photos.len(), rows.min(photos.len()));
    for row in (0..rows).rev() {
        photos.remove((2 * row + 1) * all / (2 * rows));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::generate::{Generated, make};

    #[test]
    fn rows_are_dropped_from_all_over_a_page() {
        let library = make(&Generated::new(10)).unwrap();
        let all: Vec<&Photo> = library.photos.values().collect();
        // Halves, and thirds, of the ten rows: 5; 2 and 7; all.
        for (rows, gone) in [
            (0, vec![]),
            (1, vec![5]),
            (2, vec![2, 7]),
            (11, (0..10).collect()),
        ] {
            let mut photos = all.clone();
            drop_rows(&mut photos, rows);
            let left = photos.iter().map(|photo| photo.id);
            let expected = (0..10).filter(|at| !gone.contains(at)).map(|at| all[at].id);
            assert!(left.eq(expected), "{rows}");
        }
    }
}
