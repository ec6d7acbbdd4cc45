//! `flickr.photos.getInfo`.

use super::{Call, photo_notes, photo_sizes, photo_tags};
use crate::account::{FULLNAME, PATH_ALIAS, USERNAME};
use crate::rest::Failure;
use crate::value::Element;

/// Everything about a photo.
pub(super) fn get_info(call: &mut Call<'_>) -> Result<Element, Failure> {
    let id = call.params.get("photo_id").unwrap_or_default();
    let photo = call
        .photo()
        .map_err(|_| Failure::new(1, format!("Photo \"{id}\" not found (invalid ID)")))?;
    let owner = call.is_owner() && !photo.foreign;
    let flag = u32::from;
    let mut info = Element::new()
        .attr("id", photo.id.to_string())
        .attr("secret", photo.secret())
        .attr("server", photo_sizes::SERVER)
        .attr("farm", 66_u32)
        .attr("dateuploaded", photo.uploaded.to_string())
        .attr("isfavorite", 0_u32)
        .attr("license", "0")
        .attr("safety_level", "0")
        .attr("rotation", 0_u32);
    if owner || photo.can_download {
        info = info
            .attr("originalsecret", photo.secret_of("o"))
            .attr("originalformat", photo.picture.format);
    }
    let usage = Element::new()
        .attr("candownload", flag(owner || photo.can_download))
        .attr("canblog", flag(owner))
        .attr("canprint", flag(owner))
        .attr("canshare", flag(!photo.private));
    let url = format!("{}/photos/{PATH_ALIAS}/{}/", call.shared.base, photo.id);
    let info = info
        .child(
            "owner",
            Element::new()
                .attr("nsid", photo.owner())
                .attr("username", USERNAME)
                .attr("realname", FULLNAME)
                .attr("location", "")
                .attr("iconserver", "0")
                .attr("iconfarm", 0_u32)
                .attr("path_alias", PATH_ALIAS),
        )
        .child("title", Element::text(photo.title.as_str()))
        .child("description", Element::text(photo.description.as_str()))
        .child(
            "visibility",
            Element::new()
                .attr("ispublic", flag(!photo.private))
                .attr("isfriend", 0_u32)
                .attr("isfamily", 0_u32),
        )
        .child(
            "dates",
            Element::new()
                .attr("posted", photo.uploaded.to_string())
                .attr("taken", photo.taken())
                .attr("takengranularity", 0_u32)
                .attr("takenunknown", "0")
                .attr("lastupdate", photo.updated.to_string()),
        )
        .attr("views", "0")
        .child(
            "editability",
            Element::new()
                .attr("cancomment", flag(owner))
                .attr("canaddmeta", flag(owner)),
        )
        .child("usage", usage)
        .child("comments", Element::text("0"))
        .child("notes", photo_notes::rows(photo))
        .child(
            "people",
            Element::new().attr("haspeople", flag(!photo.people.is_empty())),
        )
        .child("tags", photo_tags::rows(photo))
        .child(
            "urls",
            Element::new().list("url", vec![Element::text(url).attr("type", "photopage")]),
        )
        .attr("media", photo.media.as_str());
    Ok(Element::new().child("photo", info))
}
