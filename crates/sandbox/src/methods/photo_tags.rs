//! The methods that read and write tags.

use super::Call;
use crate::account::{NSID, USERNAME};
use crate::library::Photo;
use crate::rest::Failure;
use crate::tags::{self, Tag};
use crate::value::Element;

/// `flickr.photos.addTags`: adds all tags of the call, or none.
pub(super) fn add(call: &mut Call<'_>) -> Result<Element, Failure> {
    let photo = call.own_photo(1)?;
    let (id, mut present) = (photo.id, photo.tags.clone());
    let added = add_to(call, &mut present)?;
    put(call, id, present);
    if call.state.quirks.bare_tag_replies {
        return Ok(Element::new());
    }
    let rows = added
        .iter()
        .map(|tag| {
            // As recorded, this reply has the short id, knows no machine tags
            // and cleans their whole text.
            Element::new()
                .attr("author", NSID)
                .attr("raw", tag.raw.as_str())
                .attr("machine_tag", 0_u32)
                .content(tags::clean_text(&tag.raw))
                .attr("authorname", USERNAME)
                .attr("full_tag_id", tag.full_id(id))
                .attr("id", tag.short_id().to_string())
        })
        .collect();
    Ok(Element::new().child("tags", Element::new().list("tag", rows)))
}

/// `flickr.photos.setTags`: replaces all tags.
pub(super) fn set(call: &mut Call<'_>) -> Result<Element, Failure> {
    let id = call.own_photo(1)?.id;
    let mut present = Vec::new();
    add_to(call, &mut present)?;
    put(call, id, present);
    Ok(Element::new())
}

fn add_to(call: &Call<'_>, present: &mut Vec<Tag>) -> Result<Vec<Tag>, Failure> {
    let quirks = &call.state.quirks;
    let text = call.params.get("tags").unwrap_or_default();
    tags::add(
        present,
        &tags::split(text, quirks.comma_tags),
        quirks.max_tags,
    )
    .ok_or_else(|| Failure::new(2, "Maximum number of tags reached"))
}

fn put(call: &mut Call<'_>, id: u64, tags: Vec<Tag>) {
    if let Some(photo) = call.state.library.get_mut(id)
        && photo.tags != tags
    {
        photo.tags = tags;
        photo.touch();
    }
}

/// `flickr.photos.removeTag`: takes one tag off one photo, by its full id.
pub(super) fn remove(call: &mut Call<'_>) -> Result<Element, Failure> {
    let wanted = call.params.get("tag_id").unwrap_or_default();
    for photo in call.state.library.iter_mut().filter(|photo| !photo.foreign) {
        let id = photo.id;
        if let Some(at) = photo.tags.iter().position(|tag| tag.full_id(id) == wanted) {
            photo.tags.remove(at);
            photo.touch();
            return Ok(Element::new());
        }
    }
    Err(Failure::new(1, "Tag not found"))
}

/// `flickr.tags.getListPhoto`: the tags of a photo.
pub(super) fn list(call: &mut Call<'_>) -> Result<Element, Failure> {
    let photo = call.photo()?;
    Ok(Element::new().child(
        "photo",
        Element::new()
            .attr("id", photo.id.to_string())
            .child("tags", rows(photo)),
    ))
}

/// The tags of a photo as getInfo and getListPhoto give them.
pub(super) fn rows(photo: &Photo) -> Element {
    let rows = photo
        .tags
        .iter()
        .map(|tag| {
            Element::new()
                .attr("id", tag.full_id(photo.id))
                .attr("author", photo.owner())
                .attr("authorname", USERNAME)
                .attr("raw", tag.raw.as_str())
                .content(tag.clean.as_str())
                .attr("machine_tag", tag.machine)
        })
        .collect();
    Element::new().list("tag", rows)
}
