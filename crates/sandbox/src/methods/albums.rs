//! The methods that tell about albums, which the API calls photosets.

use serde_json::{Value, json};

use super::call::Call;
use crate::account::{NSID, PATH_ALIAS, USERNAME};
use crate::photo::{Media, Photo};
use crate::reply::{Reply, fail};

/// An album: its title, and the photos that the caller sees.
type Album<'a> = (&'a str, Vec<&'a Photo>);

/// `flickr.photosets.getList`: all of them, or a page.
pub(super) fn get_list(call: &mut Call<'_>) -> Reply {
    match call.params.filled("user_id") {
        None if call.is_owner() => {}
        Some("me") if call.is_owner() => {}
        Some(NSID) => {}
        _ => return fail(1, "User not found"),
    }
    let albums = albums(call);
    let number = |name: &str| -> Option<usize> { call.params.filled(name)?.parse().ok() };
    let page = number("page").unwrap_or(1).max(1);
    let per_page = number("per_page").filter(|rows| *rows > 0).unwrap_or(500);
    let per_page = per_page.min(500);
    let rows = albums.iter().enumerate();
    let rows = rows
        .skip((page - 1).saturating_mul(per_page))
        .take(per_page);
    let rows: Vec<_> = rows.map(|(index, album)| row(call, index, album)).collect();
    Ok(json!({"photosets": {
        "page": page,
        "pages": albums.len().div_ceil(per_page),
        "perpage": per_page,
        "total": albums.len(),
        "cancreate": u8::from(call.is_owner()),
        "photoset": rows,
    }}))
}

/// `flickr.photos.getAllContexts`: the albums of a photo, if it is in any.
pub(super) fn all_contexts(call: &mut Call<'_>) -> Reply {
    let photo = call.photo()?.into_owned();
    let albums = albums(call).into_iter().enumerate();
    let of_photo = albums.filter(|(_, (title, _))| photo.album.as_deref() == Some(*title));
    let rows: Vec<_> = of_photo
        .map(|(index, album)| {
            let whole = row(call, index, &album);
            json!({"title": album.0, "id": whole["id"], "primary": whole["primary"],
                "secret": whole["secret"], "server": whole["server"], "farm": 66})
        })
        .collect();
    if rows.is_empty() {
        return Ok(json!({}));
    }
    Ok(json!({"set": rows}))
}

/// The albums in the order of their first photos.
fn albums<'a>(call: &'a Call<'_>) -> Vec<Album<'a>> {
    let mut albums: Vec<Album<'a>> = Vec::new();
    let photos = call.library().photos.values();
    for photo in photos.filter(|photo| call.is_owner() || !photo.is_private()) {
        let Some(title) = photo.album.as_deref() else {
            continue;
        };
        match albums.iter_mut().find(|(other, _)| *other == title) {
            Some((_, photos)) => photos.push(photo),
            None => albums.push((title, vec![photo])),
        }
    }
    albums
}

fn row(call: &Call<'_>, index: usize, (title, photos): &Album<'_>) -> Value {
    let videos = photos.iter().filter(|photo| photo.media == Media::Video);
    let videos = videos.count();
    let primary = photos.first();
    let date = |photo: Option<&&Photo>| photo.map_or(0, |photo| photo.uploaded).to_string();
    json!({
        "id": (72_157_700_000_000_000 + index as u64).to_string(),
        "owner": NSID,
        "username": USERNAME,
        "primary": primary.map(|photo| photo.id.to_string()),
        "secret": primary.map(|photo| photo.secret()),
        "server": primary.map(|photo| photo.server()),
        "farm": 66,
        "count_views": "0",
        "count_comments": "0",
        "count_photos": photos.len() - videos,
        "count_videos": videos,
        "photos": photos.len() - videos,
        "videos": videos,
        "title": {"_content": title},
        "description": {"_content": ""},
        "can_comment": u8::from(call.is_owner()),
        "date_create": date(primary),
        "date_update": date(photos.last()),
        "sorting_option_id": "manual-ordering",
        "visibility_can_see_set": 1,
        "needs_interstitial": 0,
        "path_alias": PATH_ALIAS,
    })
}
