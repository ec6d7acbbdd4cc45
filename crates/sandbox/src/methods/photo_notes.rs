//! The methods that write notes on photos.

use serde_json::{Value, json};

use super::call::{Call, whole};
use crate::account::{FULLNAME, USERNAME};
use crate::annotations::{Note, NoteRect};
use crate::photo::Photo;
use crate::reply::{Failure, Reply, fail};

/// `flickr.photos.notes.add`: each call makes a note, even with the same text.
pub(super) fn add(call: &mut Call<'_>) -> Reply {
    let arguments = arguments(call);
    let limit = call.state.quirks.max_notes;
    let id = call.state.new_note_id();
    let photo = call.own_photo(1)?;
    let (rect, text) = arguments?;
    if photo.notes.len() >= limit {
        return fail(4, "Maximum number of notes reached");
    }
    check(rect, photo)?;
    let reply = json!({"note": {"id": id}});
    photo.notes.push(Note { id, rect, text });
    photo.touch();
    Ok(reply)
}

/// `flickr.photos.notes.edit`.
pub(super) fn edit(call: &mut Call<'_>) -> Reply {
    let arguments = arguments(call);
    let (photo, index) = find(call)?;
    let (rect, text) = arguments?;
    check(rect, photo)?;
    let note = &mut photo.notes[index];
    (note.rect, note.text) = (rect, text);
    photo.touch();
    Ok(json!({}))
}

/// `flickr.photos.notes.delete`.
pub(super) fn delete(call: &mut Call<'_>) -> Reply {
    let (photo, index) = find(call)?;
    photo.notes.remove(index);
    photo.touch();
    Ok(json!({}))
}

/// The notes of a photo as getInfo returns them: `x` is a string, as recorded.
pub(super) fn rows(photo: &Photo) -> Value {
    let row = |note: &Note| {
        json!({
            "id": note.id,
            "photo_id": photo.id.to_string(),
            "author": photo.owner(),
            "authorname": USERNAME,
            "authorrealname": FULLNAME,
            "authorispro": 0,
            "authorisdeleted": 0,
            "x": note.rect.x.to_string(),
            "y": note.rect.y,
            "w": note.rect.w,
            "h": note.rect.h,
            "_content": note.text,
        })
    };
    json!({"note": photo.notes.iter().map(row).collect::<Vec<_>>()})
}

/// The photo that has the note, and the note's index.
fn find<'a>(call: &'a mut Call<'_>) -> Result<(&'a mut Photo, usize), Failure> {
    let id = call.params.or_empty("note_id");
    let index = |photo: &Photo| photo.notes.iter().position(|note| note.id == id);
    let found = call.state.library.find_mut(index);
    found.ok_or_else(|| Failure::new(1, "Note not found"))
}

/// Rectangle and text of the call.
fn arguments(call: &Call<'_>) -> Result<(NoteRect, String), Failure> {
    let (rect, text) = (whole(call.rect("note")), call.params.filled("note_text"));
    match (rect, text) {
        (Some(rect), Some(text)) => Ok((rect, text.to_owned())),
        _ => fail(3, "Missing required arguments"),
    }
}

fn check(rect: NoteRect, photo: &Photo) -> Result<(), Failure> {
    if rect.fits(photo.medium()) {
        return Ok(());
    }
    fail(5, "A note must not exceed the dimensions of the photo")
}
