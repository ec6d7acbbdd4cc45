//! A photo's row in a listing.

use serde_json::{Value, json};

use crate::account::{NSID, PATH_ALIAS, USERNAME};
use crate::clock;
use crate::methods::call::Call;
use crate::methods::photo_sizes;
use crate::photo::{Media, Photo};

/// A photo in a listing, with the requested extras.
pub(super) fn row(call: &Call<'_>, photo: &Photo, extras: &[&str]) -> Value {
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
            "date_upload" => json!({"dateupload": quirks.upload_date(photo.id, photo.uploaded)}),
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
