//! Which people the photos of a group's faces show. Groups and faces are numbered within their component.

use super::parts::Parts;
use crate::cluster::Graph;

/// Two faces of one photo that are nearer than this are one person's, as in collages and mirrors: of 128 pairs of
/// people in one photo the nearest two are at 0.63.
pub const SAME_PERSON: f32 = 0.40;

/// The photos of each group that have several people in the component, and which of them it has: ascending. Other
/// photos keep nothing apart.
pub(super) struct Photos(Vec<Vec<Shown>>);

/// A person in a photo, by one of the faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Shown {
    photo: u32,
    person: u32,
}

impl Photos {
    pub(super) fn new(graph: &Graph, component: &[u32], places: &[u32], photos: &[u32]) -> Self {
        let mut people = Parts::new(component.len());
        for (place, &face) in (0..).zip(component) {
            for (other, distance) in graph.edges_of(face as usize) {
                if other < face
                    && distance < SAME_PERSON
                    && photos[other as usize] == photos[face as usize]
                {
                    // At a lower threshold than this it may be in another component: they are apart by that.
                    let at = places[other as usize];
                    if component.get(at as usize) == Some(&other) {
                        people.join(place, at);
                    }
                }
            }
        }
        let shown: Vec<Shown> = (0..)
            .zip(component)
            .map(|(place, &face)| Shown {
                photo: photos[face as usize],
                person: people.root(place),
            })
            .collect();
        let mut all = shown.clone();
        all.sort_unstable();
        all.dedup();
        let several: Vec<u32> = all
            .chunk_by(|a, b| a.photo == b.photo)
            .filter(|people| people.len() > 1)
            .map(|people| people[0].photo)
            .collect();
        let own = |shown: Shown| match several.binary_search(&shown.photo) {
            Ok(_) => vec![shown],
            Err(_) => Vec::new(),
        };
        Self(shown.into_iter().map(own).collect())
    }

    /// Whether two groups show two people of one photo.
    pub(super) fn are_apart(&self, a: u32, b: u32) -> bool {
        let (a, b) = (&self.0[a as usize], &self.0[b as usize]);
        let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
        few.iter().any(|shown| {
            many.binary_search_by_key(&shown.photo, |shown| shown.photo)
                .is_ok_and(|place| many[place].person != shown.person)
        })
    }

    /// Makes `gone` a part of `group`; they are not apart.
    pub(super) fn join(&mut self, group: u32, gone: u32) {
        let gone = std::mem::take(&mut self.0[gone as usize]);
        let own = &mut self.0[group as usize];
        own.extend(gone);
        own.sort_unstable();
        own.dedup();
    }
}
