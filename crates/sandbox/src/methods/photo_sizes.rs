//! `flickr.photos.getSizes`, and the sizes in listings.

use super::Call;
use crate::account::PATH_ALIAS;
use crate::library::{Media, Photo};
use crate::quirks::Quirks;
use crate::rest::Failure;
use crate::value::Element;

/// The server that all files are on.
pub(crate) const SERVER: &str = "65535";

/// A size with its address.
pub(super) struct Listed {
    pub(super) letter: &'static str,
    label: &'static str,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) url: String,
}

/// The sizes of a photo, smallest first, the original last where the caller
/// may have it.
pub(super) fn listed(photo: &Photo, quirks: &Quirks, base: &str, owner: bool) -> Vec<Listed> {
    let file = |secret: String, suffix: &str, extension: &str| {
        format!("{base}/{SERVER}/{}_{secret}{suffix}.{extension}", photo.id)
    };
    let mut sizes: Vec<Listed> = photo
        .sizes(quirks)
        .iter()
        .map(|size| {
            let kind = size.kind;
            let secret = if kind.own_secret {
                photo.secret_of(kind.letter)
            } else {
                photo.secret()
            };
            Listed {
                letter: kind.letter,
                label: kind.label,
                width: size.width,
                height: size.height,
                url: file(secret, kind.suffix, "jpg"),
            }
        })
        .collect();
    let has_original = photo.media == Media::Photo && !quirks.withholds(photo.id, "o");
    if has_original && (owner || photo.can_download) {
        let (width, height) = photo.picture.stored;
        sizes.push(Listed {
            letter: "o",
            label: "Original",
            width,
            height,
            url: file(photo.secret_of("o"), "_o", photo.picture.format),
        });
    }
    sizes
}

/// `flickr.photos.getSizes`.
pub(super) fn get_sizes(call: &mut Call<'_>) -> Result<Element, Failure> {
    let photo = call.photo()?;
    let base = &call.shared.base;
    let page = |path: &str| format!("{base}/photos/{PATH_ALIAS}/{}/sizes/{path}/", photo.id);
    let owner = call.is_owner();
    let mut rows: Vec<Element> = listed(photo, &call.state.quirks, base, owner)
        .iter()
        .map(|size| {
            Element::new()
                .attr("label", size.label)
                .attr("width", size.width)
                .attr("height", size.height)
                .attr("source", size.url.as_str())
                .attr("url", page(size.letter))
                .attr("media", "photo")
        })
        .collect();
    if photo.media == Media::Video {
        let secret = photo.secret();
        rows.extend(["Site MP4", "360p", "Video Original"].map(|label| {
            let name = label.to_lowercase().replace(' ', "_");
            let play = format!(
                "{base}/photos/{PATH_ALIAS}/{}/play/{name}/{secret}/",
                photo.id
            );
            Element::new()
                .attr("label", label)
                .attr("width", "")
                .attr("height", "")
                .attr("source", play)
                .attr("url", page(&name))
                .attr("media", "video")
        }));
    }
    let can_download = u32::from(owner || photo.can_download);
    Ok(Element::new().child(
        "sizes",
        Element::new()
            .attr("canblog", u32::from(owner))
            .attr("canprint", u32::from(owner))
            .attr("candownload", can_download)
            .list("size", rows),
    ))
}
