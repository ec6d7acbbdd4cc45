//! Nobody is twice in a photo: what a name would do that says so.

use std::collections::HashSet;

use super::{Session, library::Known};
use crate::{
    naming::Name,
    store::{FaceId, FaceState, PersonId, PersonRow},
    text::grouped,
};

impl Session {
    /// Those of `faces` that would make someone twice in a photo: the person has another face there already, or an
    /// earlier one of these faces is in the same photo. None where that is allowed (`same_photo`).
    ///
    /// To be asked before [`Session::decide`]: a page says [`twice_words`], and gives a yes as
    /// [`Answer::rejected`](super::Answer::rejected).
    #[must_use]
    pub fn already_shown(&self, faces: &[FaceId], name: &Name) -> Vec<FaceId> {
        if self.0.settings.same_photo {
            return Vec::new();
        }
        let (library, known) = (&self.0.library, self.known());
        let person = person_called(&known, name);
        let mut photos: HashSet<u32> = HashSet::new();
        let mut twice = Vec::new();
        for face in faces {
            let Some(number) = library.number(face) else {
                continue;
            };
            let is_theirs = |person| known.states[number as usize] == FaceState::Named(person);
            let is_shown = person.is_some_and(|person| {
                !is_theirs(person) && library.is_shown(&known, number, person)
            });
            if is_shown || !photos.insert(library.photo[number as usize]) {
                twice.push(face.clone());
            }
        }
        twice
    }

    /// Those of `faces` that were said not to be this person before.
    pub(crate) fn rejected_as(&self, faces: &[FaceId], name: &Name) -> Vec<FaceId> {
        let known = self.known();
        let Some(person) = person_called(&known, name) else {
            return Vec::new();
        };
        let is_rejected = |face: &&FaceId| {
            let number = self.0.library.number(face);
            number.is_some_and(|number| known.rejected.contains(&(number, person)))
        };
        faces.iter().filter(is_rejected).cloned().collect()
    }
}

fn person_called(known: &Known, name: &Name) -> Option<PersonId> {
    let key = name.key();
    let is_named = |row: &&PersonRow| Name::new(&row.name).is_ok_and(|name| name.key() == key);
    known.people.iter().find(is_named).map(|row| row.id)
}

/// `Twin is on 2 of these photos already: take those faces out?`
#[must_use]
pub fn twice_words(name: &Name, twice: usize, faces: usize) -> String {
    match (twice, faces) {
        (_, 1) => format!("{name} is on this photo already: take the face out?"),
        (twice, faces) if twice == faces => {
            format!("{name} is on each of these photos already: take the faces out?")
        }
        (1, _) => format!("{name} is on 1 of these photos already: take that face out?"),
        _ => format!(
            "{name} is on {} of these photos already: take those faces out?",
            grouped(twice)
        ),
    }
}
