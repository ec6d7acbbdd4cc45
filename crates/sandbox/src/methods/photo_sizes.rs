//! `flickr.photos.getSizes`, and the sizes in listings.

use serde_json::json;

use super::call::Call;
use crate::account::PATH_ALIAS;
use crate::photo::{Media, Photo, PhotoFile};
use crate::reply::Reply;

/// The files of a photo that the caller may have.
pub(super) fn files(call: &Call<'_>, photo: &Photo) -> Vec<PhotoFile> {
    let mut files = photo.files(&call.state.quirks);
    files.retain(|file| file.letter != "o" || call.is_owner() || photo.can_download);
    files
}

/// The address of a file.
pub(super) fn url(call: &Call<'_>, photo: &Photo, file: &PhotoFile) -> String {
    format!("{}/{}/{}", call.base, photo.server(), file.name)
}

/// `flickr.photos.getSizes`.
pub(super) fn get_sizes(call: &mut Call<'_>) -> Reply {
    let photo = call.photo()?;
    let page = format!("{}/photos/{PATH_ALIAS}/{}", call.base, photo.id);
    let row = |file: &PhotoFile| {
        json!({
            "label": file.label,
            "width": file.width,
            "height": file.height,
            "source": url(call, &photo, file),
            "url": format!("{page}/sizes/{}/", file.letter),
            "media": "photo",
        })
    };
    let mut rows: Vec<_> = files(call, &photo).iter().map(row).collect();
    if photo.media == Media::Video {
        let secret = photo.secret();
        rows.extend(["Site MP4", "360p", "Video Original"].map(|label| {
            let name = label.to_lowercase().replace(' ', "_");
            json!({
                "label": label,
                "width": "",
                "height": "",
                "source": format!("{page}/play/{name}/{secret}/"),
                "url": format!("{page}/sizes/{name}/"),
                "media": "video",
            })
        }));
    }
    let owner = call.is_owner();
    Ok(json!({"sizes": {
        "canblog": u8::from(owner),
        "canprint": u8::from(owner),
        "candownload": u8::from(owner || photo.can_download),
        "size": rows,
    }}))
}
