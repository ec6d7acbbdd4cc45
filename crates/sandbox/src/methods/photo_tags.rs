//! The methods that read and write tags.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::Call;
use crate::account::{NSID, USERNAME};
use crate::photo::Photo;
use crate::reply::{Reply, fail};
use crate::tags::{self, Tag};

/// `flickr.photos.addTags`: adds all tags of the call, or none.
pub(super) fn add(call: &mut Call<'_>) -> Reply {
    let bare = call.state.quirks.bare_tag_replies;
    let reply = write(call, false)?;
    Ok(if bare { json!({}) } else { reply })
}

/// `flickr.photos.setTags`: replaces all tags.
pub(super) fn set(call: &mut Call<'_>) -> Reply {
    write(call, true)?;
    Ok(json!({}))
}

/// Adds the tags of the call to the photo's or replaces them, and returns the
/// reply of addTags.
fn write(call: &mut Call<'_>, replace: bool) -> Reply {
    let quirks = &call.state.quirks;
    let new = tags::split(call.params.or_empty("tags"), quirks.comma_tags);
    let (limit, rule) = (quirks.max_tags, quirks.clean);
    let photo = call.own_photo(1)?;
    let mut tags = if replace {
        Vec::new()
    } else {
        photo.tags.clone()
    };
    let Some(added) = tags::add(&mut tags, &new, limit, rule) else {
        return fail(2, "Maximum number of tags reached");
    };
    if photo.tags != tags {
        photo.tags = tags;
        photo.touch();
    }
    // As recorded, this reply has the short id, knows no machine tags and
    // cleans their whole text.
    let row = |tag: &Tag| {
        json!({
            "author": tag.author(),
            "raw": tag.raw,
            "machine_tag": 0,
            "_content": rule.clean_text(&tag.raw),
            "authorname": USERNAME,
            "full_tag_id": tag.full_id(photo.id),
            "id": tag.short_id().to_string(),
        })
    };
    let rows: Vec<_> = added.iter().map(row).collect();
    Ok(json!({"tags": {"tag": rows}}))
}

/// `flickr.photos.removeTag`: removes one tag from one photo, by its full id.
pub(super) fn remove(call: &mut Call<'_>) -> Reply {
    let id = call.params.or_empty("tag_id");
    let index = |photo: &Photo| {
        let mut tags = photo.tags.iter().filter(|_| !photo.foreign);
        tags.position(|tag| tag.full_id(photo.id) == id)
    };
    let Some((photo, index)) = call.state.library.find_mut(index) else {
        return fail(1, "Tag not found");
    };
    photo.tags.remove(index);
    photo.touch();
    Ok(json!({}))
}

/// `flickr.tags.getListPhoto`: the tags of a photo.
pub(super) fn list(call: &mut Call<'_>) -> Reply {
    let photo = call.photo()?;
    Ok(json!({"photo": {"id": photo.id.to_string(), "tags": rows(&photo)}}))
}

/// `flickr.tags.getListUserRaw`: the owner's tags as they were typed, all or those of one clean form.
pub(super) fn list_raw(call: &mut Call<'_>) -> Reply {
    let wanted = call.params.filled("tag");
    let mut tags: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let photos = call.library().photos.values();
    for tag in photos
        .filter(|photo| !photo.foreign)
        .flat_map(|photo| &photo.tags)
    {
        if tag.by_other || wanted.is_some_and(|wanted| wanted != tag.clean) {
            continue;
        }
        let raw = tags.entry(&tag.clean).or_default();
        if !raw.contains(&tag.raw.as_str()) {
            raw.push(&tag.raw);
        }
    }
    let row = |(clean, raw): (&str, Vec<&str>)| {
        let raw: Vec<_> = raw
            .into_iter()
            .map(|raw| json!({"_content": raw}))
            .collect();
        json!({"clean": clean, "raw": raw})
    };
    let rows: Vec<_> = tags.into_iter().map(row).collect();
    Ok(json!({"who": {"id": NSID, "tags": {"tag": rows}}}))
}

/// The tags of a photo as getInfo and getListPhoto return them.
pub(super) fn rows(photo: &Photo) -> Value {
    let row = |tag: &Tag| {
        json!({
            "id": tag.full_id(photo.id),
            "author": if photo.foreign { photo.owner() } else { tag.author() },
            "authorname": USERNAME,
            "raw": tag.raw,
            "_content": tag.clean,
            "machine_tag": tag.machine,
        })
    };
    json!({"tag": photo.tags.iter().map(row).collect::<Vec<_>>()})
}
