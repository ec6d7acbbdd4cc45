//! `flickr.photos.getInfo`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::Call;
use super::{photo_notes, photo_tags};
use crate::account::{FULLNAME, PATH_ALIAS, USERNAME};
use crate::clock;
use crate::reply::{Failure, Reply};

/// Everything about a photo.
pub(super) fn get_info(call: &mut Call<'_>) -> Reply {
    let photo = call.photo().map_err(|_| {
        let id = call.params.or_empty("photo_id");
        Failure::new(1, format!("Photo \"{id}\" not found (invalid ID)"))
    })?;
    let owner = call.is_owner() && !photo.foreign;
    let (can_download, public) = (owner || photo.can_download, !photo.is_private());
    let url = format!("{}/photos/{PATH_ALIAS}/{}/", call.base, photo.id);
    let mut info = json!({
        "id": photo.id.to_string(),
        "secret": photo.secret(),
        "server": photo.server(),
        "farm": 66,
        "dateuploaded": photo.uploaded.to_string(),
        "isfavorite": 0,
        "license": "0",
        "safety_level": "0",
        "rotation": photo.picture.rotation,
        "owner": {
            "nsid": photo.owner(),
            "username": USERNAME,
            "realname": FULLNAME,
            "location": "",
            "iconserver": "0",
            "iconfarm": 0,
            "path_alias": PATH_ALIAS,
        },
        "title": {"_content": photo.title},
        "description": {"_content": photo.description},
        "visibility": BTreeMap::from(photo.visibility.flags()),
        "dates": {
            "posted": photo.uploaded.to_string(),
            "taken": clock::to_mysql(photo.taken()),
            "takengranularity": 0,
            "takenunknown": "0",
            "lastupdate": photo.updated.to_string(),
        },
        "views": "0",
        "editability": {"cancomment": u8::from(owner), "canaddmeta": u8::from(owner)},
        "publiceditability": {"cancomment": 1, "canaddmeta": 0},
        "usage": {
            "candownload": u8::from(can_download),
            "canblog": u8::from(owner),
            "canprint": u8::from(owner),
            "canshare": u8::from(public),
        },
        "comments": {"_content": "0"},
        "notes": photo_notes::rows(&photo),
        "people": {"haspeople": u8::from(!photo.people.is_empty())},
        "tags": photo_tags::rows(&photo),
        "urls": {"url": [{"type": "photopage", "_content": url}]},
        "media": photo.media,
    });
    if owner {
        info["permissions"] = json!({"permcomment": 3, "permaddmeta": 2});
    }
    if can_download {
        info["originalsecret"] = Value::from(photo.secret_of("o"));
        info["originalformat"] = Value::from(photo.picture.format);
    }
    Ok(json!({"photo": info}))
}
