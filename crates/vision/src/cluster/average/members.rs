//! What a group's faces have in common: neighbours, photos. Groups and faces are numbered within their
//! component.

use super::parts::Parts;
use crate::cluster::Graph;

/// Which groups have a pair of near faces.
pub(super) struct Near {
    /// Of each group, faces of its neighbours: perhaps several of one, and of itself.
    faces: Vec<Vec<u32>>,
    /// Which faces are one group.
    groups: Parts,
    /// For each group, the last one that looked at it: each is looked at once.
    seen: Vec<u32>,
}

impl Near {
    /// Each face of `component`, which is ascending, a group by itself.
    pub(super) fn new(graph: &Graph, component: &[u32], threshold: f32) -> Self {
        let of = |&face: &u32| {
            let near = graph
                .edges_of(face as usize)
                .filter(|&(_, d)| d < threshold);
            // All of them are in the component.
            near.map(|(other, _)| component.partition_point(|&face| face < other) as u32)
                .collect()
        };
        Self {
            faces: component.iter().map(of).collect(),
            groups: Parts::new(component.len()),
            seen: vec![u32::MAX; component.len()],
        }
    }

    /// The groups near `group`, each once, since it was renewed; at first in the order of the graph's edges.
    pub(super) fn of(&self, group: u32) -> &[u32] {
        &self.faces[group as usize]
    }

    /// After joins: finds the groups that the faces near `group` have become.
    pub(super) fn renew(&mut self, group: u32) {
        let mut faces = std::mem::take(&mut self.faces[group as usize]);
        // Each list is looked through in one go: that the mark of an earlier look is the same does not matter,
        // since it is taken away first.
        for &face in &faces {
            let other = self.groups.root(face);
            self.seen[other as usize] = u32::MAX;
        }
        faces.retain_mut(|face| {
            *face = self.groups.root(*face);
            let is_new = *face != group && self.seen[*face as usize] != group;
            self.seen[*face as usize] = group;
            is_new
        });
        self.faces[group as usize] = faces;
    }

    /// Makes `gone` a part of `group`, which is the lower one.
    pub(super) fn join(&mut self, group: u32, gone: u32) {
        let gone_faces = std::mem::take(&mut self.faces[gone as usize]);
        let faces = &mut self.faces[group as usize];
        if faces.len() < gone_faces.len() {
            let fewer = std::mem::replace(faces, gone_faces);
            faces.extend(fewer);
        } else {
            faces.extend(gone_faces);
        }
        self.groups.join(group, gone);
    }
}

/// Two faces of one photo that are nearer than this are one person's, as in collages and mirrors: of 128 pairs of
/// people in one photo the nearest two are at 0.63.
pub(super) const SAME_PERSON: f32 = 0.40;

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
    pub(super) fn new(graph: &Graph, component: &[u32], photos: &[u32]) -> Self {
        let mut people = Parts::new(component.len());
        for (place, &face) in (0..).zip(component) {
            for (other, distance) in graph.edges_of(face as usize) {
                if other < face
                    && distance < SAME_PERSON
                    && photos[other as usize] == photos[face as usize]
                {
                    // At a lower threshold than this it may be in another component: they are apart by that.
                    if let Ok(other) = component.binary_search(&other) {
                        people.join(place, other as u32);
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
