//! What people put on photos: tags, notes and people; and all of it, to compare
//! an account before and after.

use serde::Serialize;

use crate::library::Photo;

/// A place on a photo's medium image, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
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
    pub place: Place,
    /// What it says.
    pub text: String,
}

/// A person on a photo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tagged {
    /// The person's NSID.
    pub nsid: String,
    /// Where they are, if that was said.
    pub place: Option<Place>,
}

/// Everything that was put on a photo.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Marks {
    /// Full id and raw text of each tag, oldest first.
    pub tags: Vec<(String, String)>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// People, first added first.
    pub people: Vec<Tagged>,
}

impl Marks {
    pub(crate) fn of(photo: &Photo) -> Self {
        let tags = photo.tags.iter();
        Self {
            tags: tags
                .map(|tag| (tag.full_id(photo.id), tag.raw.clone()))
                .collect(),
            notes: photo.notes.clone(),
            people: photo.people.clone(),
        }
    }
}

impl Place {
    /// Whether it lies in an image of this size.
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
    fn places_lie_in_the_image_or_not() {
        let fits = |x, y, w, h| Place { x, y, w, h }.fits((500, 340));
        assert!(fits(0, 0, 500, 340) && fits(499, 339, 1, 1));
        assert!(!fits(0, 0, 501, 340) && !fits(1, 0, 500, 340));
        assert!(!fits(0, 0, 10, 0) && !fits(u32::MAX, 0, 2, 2));
    }
}
