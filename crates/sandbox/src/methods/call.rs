//! A call of a method, and the photo it is about.

use std::borrow::Cow;

use crate::account::Perms;
use crate::annotations::NoteRect;
use crate::faults::FaultKind;
use crate::library::Library;
use crate::photo::Photo;
use crate::reply::Failure;
use crate::request::Params;
use crate::state::State;

/// A call whose signature, key and permissions are checked.
pub(crate) struct Call<'a> {
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: &'a str,
    pub(crate) state: &'a mut State,
    pub(crate) params: &'a Params,
    /// What the token allows; `None` without one.
    pub(crate) granted: Option<Perms>,
    /// What goes wrong with this call.
    pub(crate) fault: Option<&'a FaultKind>,
}

impl<'a> Call<'a> {
    /// Whether the caller sees what is private. There is one account, so any
    /// token is the owner's.
    pub(super) fn is_owner(&self) -> bool {
        self.granted.is_some()
    }

    pub(super) fn library(&self) -> &Library {
        &self.state.library
    }

    /// Flickr takes an id with the end of its line.
    fn photo_id(&self) -> &'a str {
        self.params.or_empty("photo_id").trim_end()
    }

    /// The photo that `photo_id` names, if the caller may see it, as this
    /// server knows it.
    pub(super) fn photo(&self) -> Result<Cow<'_, Photo>, Failure> {
        let photo = self.library().get(self.photo_id());
        photo
            .map(|photo| photo.as_of(self.state.quirks.lag_ms))
            .filter(|photo| (self.is_owner() && !photo.foreign) || !photo.is_private())
            .ok_or_else(|| Failure::new(1, "Photo not found"))
    }

    /// The photo to write to; `code` is the method's code for a photo that is
    /// not the caller's.
    pub(super) fn own_photo(&mut self, code: i64) -> Result<&mut Photo, Failure> {
        let id = self.photo_id();
        let (owner, photo) = (self.is_owner(), self.state.library.get_mut(id));
        photo
            .filter(|photo| !photo.foreign && (owner || !photo.is_private()))
            .ok_or_else(|| Failure::new(code, "Photo not found"))
    }

    /// The rectangle in the arguments `{prefix}_x`, `_y`, `_w` and `_h`, each
    /// `None` if it is missing or not a number.
    pub(super) fn rect(&self, prefix: &str) -> [Option<u32>; 4] {
        ["x", "y", "w", "h"].map(|side| {
            let value = self.params.get(&format!("{prefix}_{side}"))?;
            value.parse().ok()
        })
    }
}

/// A rectangle of which every number is known.
pub(super) fn whole(sides: [Option<u32>; 4]) -> Option<NoteRect> {
    let [x, y, w, h] = sides;
    Some(NoteRect {
        x: x?,
        y: y?,
        w: w?,
        h: h?,
    })
}
