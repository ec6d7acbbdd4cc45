//! Faces that may be those of a person who has a name, and what speaks for it.

use super::members::Member;
use crate::store::{FaceId, PersonId};

/// Faces and the person they may be.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The person's id.
    pub person: PersonId,
    /// The person's name.
    pub name: String,
    /// The faces, most typical first.
    pub faces: Vec<Member>,
    /// Faces of the person to look at beside them: the nearest, at most [`SHOWN`].
    pub samples: Vec<FaceId>,
    /// How far the faces are from the person's nearest ones; `None` where they are not near and only
    /// the tags speak for it.
    pub distance: Option<f32>,
    /// From 0, certain, to 1.
    pub doubt: f32,
    /// What speaks for it.
    pub why: Why,
}

/// What speaks for a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// They look like the person.
    Looks,
    /// Their photos have the person's tag on Flickr, and no other face without a decision.
    TaggedOnFlickr,
    /// Both.
    Both,
}

impl Suggestion {
    /// Why the faces may be the person's: a sentence.
    #[must_use]
    pub fn reason(&self) -> String {
        let name = &self.name;
        let one = self.faces.len() == 1;
        let they_look = if one { "It looks" } else { "They look" };
        let looks = match self.distance {
            Some(_) => format!("{they_look} like {name}"),
            None => format!("It may be {name}"),
        };
        let photo = if one {
            "its photo is"
        } else {
            "some of their photos are"
        };
        match self.why {
            Why::Looks => format!("{looks}."),
            Why::TaggedOnFlickr if one => format!("Its photo is tagged {name} on Flickr."),
            Why::TaggedOnFlickr => format!("Some of their photos are tagged {name} on Flickr."),
            Why::Both => format!("{looks}, and {photo} tagged {name} on Flickr."),
        }
    }
}

/// Up to this many faces of a person are shown beside those that are asked about.
pub const SHOWN: usize = 6;
