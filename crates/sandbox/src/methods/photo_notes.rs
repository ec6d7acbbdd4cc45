//! The methods that write notes on photos.

use super::Call;
use crate::library::Photo;
use crate::marks::{Note, Place};
use crate::rest::Failure;
use crate::value::Element;

/// `flickr.photos.notes.add`: each call makes a note, the same twice two.
pub(super) fn add(call: &mut Call<'_>) -> Result<Element, Failure> {
    let (id, medium, count) = {
        let photo = call.own_photo(1)?;
        (photo.id, photo.medium(), photo.notes.len())
    };
    let (place, text) = said(call)?;
    if count >= call.state.quirks.max_notes {
        return Err(Failure::new(4, "Maximum number of notes reached"));
    }
    check(place, medium)?;
    let note = Note {
        id: call.state.new_note_id(),
        place,
        text,
    };
    let reply = Element::new().attr("id", note.id.clone());
    if let Some(photo) = call.state.library.get_mut(id) {
        photo.notes.push(note);
        photo.touch();
    }
    Ok(Element::new().child("note", reply))
}

/// `flickr.photos.notes.edit`.
pub(super) fn edit(call: &mut Call<'_>) -> Result<Element, Failure> {
    let id = call.params.get("note_id").unwrap_or_default().to_owned();
    let medium = find(call, &id)?.medium();
    let (place, text) = said(call)?;
    check(place, medium)?;
    let photo = find(call, &id)?;
    if let Some(note) = photo.notes.iter_mut().find(|note| note.id == id) {
        (note.place, note.text) = (place, text);
        photo.touch();
    }
    Ok(Element::new())
}

/// `flickr.photos.notes.delete`.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, Failure> {
    let id = call.params.get("note_id").unwrap_or_default().to_owned();
    let photo = find(call, &id)?;
    photo.notes.retain(|note| note.id != id);
    photo.touch();
    Ok(Element::new())
}

/// The notes of a photo as getInfo gives them: `x` a string, as recorded.
pub(super) fn rows(photo: &Photo) -> Element {
    let rows = photo.notes.iter().map(|note| {
        Element::new()
            .attr("id", note.id.as_str())
            .attr("photo_id", photo.id.to_string())
            .attr("author", photo.owner())
            .attr("authorname", crate::account::USERNAME)
            .attr("authorrealname", crate::account::FULLNAME)
            .attr("authorispro", 0_u32)
            .attr("authorisdeleted", 0_u32)
            .attr("x", note.place.x.to_string())
            .attr("y", note.place.y)
            .attr("w", note.place.w)
            .attr("h", note.place.h)
            .content(note.text.as_str())
    });
    Element::new().list("note", rows.collect())
}

/// The photo that has the note.
fn find<'a>(call: &'a mut Call<'_>, id: &str) -> Result<&'a mut Photo, Failure> {
    let mut photos = call.state.library.iter_mut();
    photos
        .find(|photo| photo.notes.iter().any(|note| note.id == id))
        .ok_or_else(|| Failure::new(1, "Note not found"))
}

/// Place and text of the call.
fn said(call: &Call<'_>) -> Result<(Place, String), Failure> {
    let missing = || Failure::new(3, "Missing required arguments");
    let side = |name| -> Result<u32, Failure> {
        let value = call.params.filled(name).ok_or_else(missing)?;
        value.parse().map_err(|_| missing())
    };
    let place = Place {
        x: side("note_x")?,
        y: side("note_y")?,
        w: side("note_w")?,
        h: side("note_h")?,
    };
    let text = call.params.filled("note_text").ok_or_else(missing)?;
    Ok((place, text.to_owned()))
}

fn check(place: Place, medium: (u32, u32)) -> Result<(), Failure> {
    if place.fits(medium) {
        return Ok(());
    }
    let message = "A note must not exceed the dimensions of the photo";
    Err(Failure::new(5, message))
}
