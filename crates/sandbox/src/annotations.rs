//! What people add to photos: tags, notes and people. Collected, it shows
//! whether an account is the same before and after.

use serde::{Deserialize, Serialize};

/// A rectangle on a photo's medium-size image (longest edge 500 pixels), in
/// pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoteRect {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

/// A note on a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub rect: NoteRect,
    /// What it says.
    pub text: String,
}

/// A person tagged on a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonTag {
    /// The person's NSID.
    pub nsid: String,
    /// Where they are, if the call said so.
    pub rect: Option<NoteRect>,
}

/// Everything that was added to a photo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Annotations {
    /// Full id and raw text of each tag, oldest first.
    pub tags: Vec<(String, String)>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// People, first added first.
    pub people: Vec<PersonTag>,
}

impl NoteRect {
    /// Whether it lies within an image of this size.
    pub(crate) fn fits(self, (width, height): (u32, u32)) -> bool {
        let within = |start: u32, length: u32, side: u32| {
            length > 0 && start.checked_add(length).is_some_and(|end| end <= side)
        };
        within(self.x, self.w, width) && within(self.y, self.h, height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rectangles_lie_in_the_image_or_not() {
        let fits = |x, y, w, h| NoteRect { x, y, w, h }.fits((500, 340));
        assert!(fits(0, 0, 500, 340) && fits(499, 339, 1, 1));
        assert!(!fits(0, 0, 501, 340) && !fits(1, 0, 500, 340));
        assert!(!fits(0, 0, 10, 0) && !fits(u32::MAX, 0, 2, 2));
    }
}
