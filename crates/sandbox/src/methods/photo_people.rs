//! The methods that say who is on a photo.

use serde_json::{Value, json};

use super::call::{Call, whole};
use crate::account::{MEMBERS, Member, NSID};
use crate::annotations::{NoteRect, PersonTag};
use crate::photo::Photo;
use crate::reply::{Failure, Reply, fail};

/// `flickr.photos.people.add`: a person is on a photo once.
pub(super) fn add(call: &mut Call<'_>) -> Reply {
    let member = member(call)?;
    let rect = rect(call);
    let limit = call.state.quirks.max_people;
    let photo = call.own_photo(2)?;
    if member.refuses {
        return fail(5, "Person can't be tagged in any photo");
    }
    if member.public_only && photo.is_private() {
        return fail(7, "Can't add that person to a non-public photo");
    }
    let rect = rect?;
    if rect.is_some_and(|rect| !rect.fits(photo.medium())) {
        return fail(6, "Some co-ordinate parameters were invalid");
    }
    if position(photo, member).is_some() {
        return Ok(json!({}));
    }
    if photo.people.len() >= limit {
        return fail(8, "Too many people in that photo");
    }
    let nsid = member.nsid.to_owned();
    photo.people.push(PersonTag { nsid, rect });
    photo.touch();
    Ok(json!({}))
}

/// `flickr.photos.people.delete`.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    let member = member(call)?;
    let photo = call.own_photo(2)?;
    let Some(index) = position(photo, member) else {
        return fail(1, "Person not found");
    };
    photo.people.remove(index);
    photo.touch();
    Ok(json!({}))
}

/// `flickr.photos.people.getList`.
pub(super) fn list(call: &mut Call<'_>) -> Reply {
    let photo = call.photo()?;
    let (width, height) = photo.medium();
    Ok(json!({"people": {
        "total": photo.people.len(),
        "photo_width": width.to_string(),
        "photo_height": height.to_string(),
        "person": photo.people.iter().map(row).collect::<Vec<_>>(),
    }}))
}

fn row(person: &PersonTag) -> Value {
    let known = MEMBERS.iter().find(|member| member.nsid == person.nsid);
    let mut row = json!({
        "nsid": person.nsid,
        "username": known.map_or("", |member| member.username),
        "iconserver": "0",
        "iconfarm": 0,
        "path_alias": "",
        "added_by": NSID,
        "is_deleted": 0,
        "realname": known.map_or("", |member| member.realname),
    });
    if let Some(NoteRect { x, y, w, h }) = person.rect {
        for (name, value) in [("x", x), ("y", y), ("w", w), ("h", h)] {
            row[name] = value.into();
        }
    }
    row
}

fn member(call: &Call<'_>) -> Result<&'static Member, Failure> {
    let nsid = call.params.or_empty("user_id");
    let found = MEMBERS.iter().find(|member| member.nsid == nsid);
    found.ok_or_else(|| Failure::new(1, "Person not found"))
}

fn position(photo: &Photo, member: &Member) -> Option<usize> {
    let mut people = photo.people.iter();
    people.position(|person| person.nsid == member.nsid)
}

/// All four numbers, or none.
fn rect(call: &Call<'_>) -> Result<Option<NoteRect>, Failure> {
    let sides = call.rect("person");
    match whole(sides) {
        None if sides != [None; 4] => fail(6, "Some co-ordinate parameters were blank"),
        rect => Ok(rect),
    }
}
