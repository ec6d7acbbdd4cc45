//! Groups as they were said to be: two that are one person are one, and two people are two, whatever their distances say.
//!
//! What was said is known of a face of each group, see [`FacePair`](crate::store::FacePair).

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    library::{Known, Library},
    settings::Settings,
};
use crate::cluster::distance;

/// The groups of `faces`, by `labels`, as they were said to be: first those apart that are two people, each face with whom
/// it is nearer to, then those together that are one. Two groups stay two where a photo shows both, or where faces of both
/// are two people's.
pub(super) fn as_said(
    mut labels: Vec<u32>,
    faces: &[u32],
    library: &Library,
    known: &Known,
    settings: &Settings,
) -> Vec<u32> {
    // Faces are ascending.
    let place = |face: u32| faces.binary_search(&face).ok();
    let mut pairs = Vec::new();
    for (&(one, two), &is_same) in known.pairs.iter() {
        if let (Some(a), Some(b)) = (place(one), place(two)) {
            pairs.push((a, b, is_same));
        }
    }
    if pairs.is_empty() {
        return labels;
    }
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, &label) in labels.iter().enumerate() {
        members.entry(label).or_default().push(place);
    }
    let mut next = labels.iter().max().map_or(0, |label| label + 1);
    for &(a, b, _) in pairs.iter().filter(|(_, _, is_same)| !is_same) {
        if labels[a] != labels[b] {
            continue;
        }
        let apart = |one: usize, two: usize| {
            let point = |place: usize| library.compared.point(faces[place]);
            distance(&point(one), &point(two))
        };
        let group = members.remove(&labels[a]).unwrap_or_default();
        let is_with_b =
            |&place: &usize| place == b || place != a && apart(place, b) < apart(place, a);
        let (with_b, with_a): (Vec<_>, Vec<_>) = group.into_iter().partition(is_with_b);
        with_b.iter().for_each(|&place| labels[place] = next);
        members.insert(labels[a], with_a);
        members.insert(next, with_b);
        next += 1;
    }
    let mut photos: HashMap<u32, HashSet<u32>> = HashMap::new();
    for (&label, group) in &members {
        let photo = |&place: &usize| library.photo[faces[place] as usize];
        photos.insert(label, group.iter().map(photo).collect());
    }
    for &(a, b, _) in pairs.iter().filter(|(_, _, is_same)| *is_same) {
        let (into, from) = (labels[a].min(labels[b]), labels[a].max(labels[b]));
        let are_two = pairs.iter().any(|&(one, two, is_same)| {
            let both = [labels[one], labels[two]];
            !is_same && both.contains(&into) && both.contains(&from)
        });
        if into == from
            || are_two
            || !settings.same_photo && !photos[&into].is_disjoint(&photos[&from])
        {
            continue;
        }
        let group = members.remove(&from).unwrap_or_default();
        group.iter().for_each(|&place| labels[place] = into);
        members.entry(into).or_default().extend(group);
        let theirs = photos.remove(&from).unwrap_or_default();
        photos.entry(into).or_default().extend(theirs);
    }
    labels
}

#[cfg(test)]
mod tests {
    use crate::{
        steps::naming::{
            Subset,
            tests::{Home, face, photo},
        },
        store::{FacePair, Together},
    };

    #[tokio::test]
    async fn groups_are_as_they_were_said_to_be_but_for_photos_that_show_both() {
        // Two groups of one person, which a strict threshold tells apart; the fifth photo shows both.
        let mut photos: Vec<_> = (0..4).map(|n| photo(vec![face(0, 0.2, n / 2)])).collect();
        photos.push(photo(vec![face(0, 0.2, 0), face(0, 0.2, 1)]));
        photos.extend((0..2).map(|_| photo(vec![face(0, 0.2, 2)])));
        let home = Home::new(photos).await;
        let sizes = async || -> Vec<usize> {
            let session = home.session().await;
            let view = session.view(0.1, Subset::Usable).await.unwrap();
            view.clusters
                .iter()
                .map(|cluster| cluster.faces.len())
                .collect()
        };
        let say = async |face: &str, other: &str, is_same| {
            let together = Together {
                pairs: vec![FacePair {
                    face: face.parse().unwrap(),
                    other: other.parse().unwrap(),
                    is_same,
                }],
                ..Together::default()
            };
            home.store.decide_together(&together, 1).await.unwrap();
        };
        assert_eq!(sizes().await, [3, 3, 2]);
        say("1:0", "3:0", true).await;
        assert_eq!(sizes().await, [3, 3, 2]);
        say("1:0", "6:0", true).await;
        assert_eq!(sizes().await, [5, 3]);
        // The very same picture of two people: a later word takes the group apart.
        say("3:0", "4:0", false).await;
        assert_eq!(sizes().await, [5, 2, 1]);
        // That one of them is one person with the others does not join what was taken apart.
        say("6:0", "7:0", false).await;
        assert_eq!(sizes().await, [4, 2, 1, 1]);
    }
}
