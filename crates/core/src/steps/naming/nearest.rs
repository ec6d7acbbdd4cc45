//! Who of the known people is near some faces: for a person to choose from, and not a suggestion.

use std::collections::HashMap;

use super::{Session, library::Library};
use crate::store::{FaceId, FaceState, PersonId};

/// So many of a person's faces are looked at for each face.
const SAMPLES: usize = 3;

impl Session {
    /// The people nearest to these faces, the nearest first, at most `most`: by the mean of the squared distances to the
    /// nearest three of their faces that are near at all. Of each, the face that is nearest.
    ///
    /// Whom a face was said not to be is left out. Where a person is far from everybody, there is none.
    #[must_use]
    pub fn nearest_people(&self, faces: &[FaceId], most: usize) -> Vec<(PersonId, FaceId)> {
        let (library, known) = (&*self.0.library, self.known());
        let faces: Vec<u32> = faces
            .iter()
            .filter_map(|face| library.number(face))
            .collect();
        let mut distances: HashMap<PersonId, Vec<(f32, u32)>> = HashMap::new();
        for &face in &faces {
            for (other, distance) in library.graph.edges_of(face as usize) {
                if let FaceState::Named(person) = known.states[other as usize]
                    && library.refused[other as usize].is_none()
                    && !known.rejected.contains(&(face, person))
                {
                    distances.entry(person).or_default().push((distance, other));
                }
            }
        }
        let wanted = SAMPLES * faces.len();
        let mut people: Vec<(f32, PersonId, u32)> = distances
            .into_iter()
            .map(|(person, mut near)| {
                near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                near.truncate(wanted);
                // One near face among many says less than many.
                let missing = wanted.saturating_sub(near.len()) as f32 * FAR * FAR;
                let sum: f32 = near.iter().map(|(distance, _)| distance * distance).sum();
                (sum + missing, person, near[0].1)
            })
            .collect();
        people.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        people.truncate(most);
        let shown = |(_, person, face): (f32, PersonId, u32)| (person, id(library, face));
        people.into_iter().map(shown).collect()
    }
}

/// What is not in the graph is farther than this.
const FAR: f32 = crate::cluster::MAX_THRESHOLD;

fn id(library: &Library, face: u32) -> FaceId {
    library.ids[face as usize].clone()
}
