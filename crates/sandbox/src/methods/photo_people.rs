//! The methods that say who is on a photo.

use super::Call;
use crate::account::{MEMBERS, Member, NSID};
use crate::marks::{Place, Tagged};
use crate::rest::Failure;
use crate::value::Element;

/// `flickr.photos.people.add`: a person is on a photo once.
pub(super) fn add(call: &mut Call<'_>) -> Result<Element, Failure> {
    let member = member(call)?;
    let (id, medium, private) = {
        let photo = call.own_photo(2)?;
        (photo.id, photo.medium(), photo.private)
    };
    if member.refuses {
        return Err(Failure::new(5, "Person can't be tagged in any photo"));
    }
    if member.public_only && private {
        let message = "Can't add that person to a non-public photo";
        return Err(Failure::new(7, message));
    }
    let place = place(call)?;
    if place.is_some_and(|place| !place.fits(medium)) {
        return Err(Failure::new(6, "Some co-ordinate parameters were invalid"));
    }
    let most = call.state.quirks.max_people;
    let Some(photo) = call.state.library.get_mut(id) else {
        return Err(Failure::new(2, "Photo not found"));
    };
    if photo.people.iter().any(|person| person.nsid == member.nsid) {
        return Ok(Element::new());
    }
    if photo.people.len() >= most {
        return Err(Failure::new(8, "Too many people in that photo"));
    }
    photo.people.push(Tagged {
        nsid: member.nsid.to_owned(),
        place,
    });
    photo.touch();
    Ok(Element::new())
}

/// `flickr.photos.people.delete`.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, Failure> {
    let member = member(call)?;
    let id = call.own_photo(2)?.id;
    let photo = call.state.library.get_mut(id);
    let photo = photo.filter(|photo| photo.people.iter().any(|other| other.nsid == member.nsid));
    let Some(photo) = photo else {
        return Err(Failure::new(1, "Person not found"));
    };
    photo.people.retain(|other| other.nsid != member.nsid);
    photo.touch();
    Ok(Element::new())
}

/// `flickr.photos.people.getList`.
pub(super) fn list(call: &mut Call<'_>) -> Result<Element, Failure> {
    let photo = call.photo()?;
    let (width, height) = photo.medium();
    let rows = photo.people.iter().map(|person| {
        let known = MEMBERS.iter().find(|member| member.nsid == person.nsid);
        let row = Element::new()
            .attr("nsid", person.nsid.as_str())
            .attr("username", known.map_or("", |member| member.username))
            .attr("iconserver", "0")
            .attr("iconfarm", 0_u32)
            .attr("path_alias", "")
            .attr("added_by", NSID)
            .attr("is_deleted", 0_u32)
            .attr("realname", known.map_or("", |member| member.realname));
        match person.place {
            None => row,
            Some(place) => row
                .attr("x", place.x)
                .attr("y", place.y)
                .attr("w", place.w)
                .attr("h", place.h),
        }
    });
    let people = Element::new()
        .attr("total", photo.people.len())
        .attr("photo_width", width.to_string())
        .attr("photo_height", height.to_string())
        .list("person", rows.collect());
    Ok(Element::new().child("people", people))
}

fn member(call: &Call<'_>) -> Result<&'static Member, Failure> {
    let nsid = call.params.get("user_id").unwrap_or_default();
    let found = MEMBERS.iter().find(|member| member.nsid == nsid);
    found.ok_or_else(|| Failure::new(1, "Person not found"))
}

/// All four numbers, or none.
fn place(call: &Call<'_>) -> Result<Option<Place>, Failure> {
    let sides = ["person_x", "person_y", "person_w", "person_h"].map(|name| {
        call.params
            .filled(name)
            .and_then(|value| value.parse().ok())
    });
    match sides {
        [None, None, None, None] => Ok(None),
        [Some(x), Some(y), Some(w), Some(h)] => Ok(Some(Place { x, y, w, h })),
        _ => Err(Failure::new(6, "Some co-ordinate parameters were blank")),
    }
}
