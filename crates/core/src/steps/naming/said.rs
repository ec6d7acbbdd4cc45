//! Groups as they were said to be: two that are one person are one, and two people are two, whatever their distances say.
//!
//! What was said is known of all faces of the two groups, see [`Said`](super::group_pairs::Said).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{
    group_pairs::{counted, stand_for},
    library::{Known, Library},
    settings::Settings,
};
use crate::cluster::distance;

/// What was said, by the places of those of its faces that are grouped now.
struct Grouped {
    sides: [Vec<usize>; 2],
    is_same: bool,
}

/// The groups of `faces`, by `labels`, as they were said to be: first those apart that are two people, each face with whom
/// it is nearer to, then those together that are one. Two groups stay two where a photo shows both, or where faces of both
/// are two people's, unless it was said later that these are one's.
pub(super) fn as_said(
    mut labels: Vec<u32>,
    faces: &[u32],
    library: &Library,
    known: &Known,
    settings: &Settings,
) -> Vec<u32> {
    let said: Vec<Grouped> = known
        .said
        .values()
        .map(|said| Grouped {
            sides: said.sides.each_ref().map(|side| {
                // Faces are ascending.
                let places = side.iter().map(|face| faces.binary_search(face).ok());
                places.flatten().collect()
            }),
            is_same: said.is_same,
        })
        .collect();
    if said.iter().all(|said| said.sides.iter().all(Vec::is_empty)) {
        return labels;
    }
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (place, &label) in labels.iter().enumerate() {
        members.entry(label).or_default().push(place);
    }
    take_apart(&mut labels, &mut members, &said, faces, library);
    let mut photos: HashMap<u32, HashSet<u32>> = HashMap::new();
    for (&label, group) in &members {
        let photo = |&place: &usize| library.photo[faces[place] as usize];
        photos.insert(label, group.iter().map(photo).collect());
    }
    for one in said.iter().filter(|said| said.is_same) {
        let mut standing = BTreeSet::new();
        for side in &one.sides {
            let counts = counted(side.iter().map(|&place| labels[place]));
            standing.extend(stand_for(&counts, |label| members[&label].len()));
        }
        let mut standing = standing.into_iter();
        let Some(first) = standing.next() else {
            continue;
        };
        for label in standing {
            let are_two = said.iter().enumerate().any(|(other, two)| {
                let between = between(two, &labels, first, label);
                let separates = !two.is_same && between.iter().all(|side| !side.is_empty());
                separates && !is_taken_back(&said[other..], &between)
            });
            let share_a_photo =
                !settings.same_photo && !photos[&first].is_disjoint(&photos[&label]);
            if are_two || share_a_photo {
                continue;
            }
            let group = members.remove(&label).unwrap_or_default();
            group.iter().for_each(|&place| labels[place] = first);
            members.entry(first).or_default().extend(group);
            let theirs = photos.remove(&label).unwrap_or_default();
            photos.entry(first).or_default().extend(theirs);
        }
    }
    labels
}

/// Takes groups apart that hold faces of two people.
fn take_apart(
    labels: &mut [u32],
    members: &mut BTreeMap<u32, Vec<usize>>,
    said: &[Grouped],
    faces: &[u32],
    library: &Library,
) {
    let mut next = labels.iter().max().map_or(0, |label| label + 1);
    for (number, two) in said.iter().enumerate().filter(|(_, said)| !said.is_same) {
        let [left, right] = two.sides.each_ref().map(|side| {
            side.iter()
                .map(|&place| labels[place])
                .collect::<BTreeSet<_>>()
        });
        for &label in left.intersection(&right) {
            let both = two
                .sides
                .each_ref()
                .map(|side| in_group(side, labels, label));
            if is_taken_back(&said[number..], &both) {
                continue;
            }
            let [left, right] = both;
            let (is_left, is_right): (HashSet<_>, HashSet<_>) = (
                left.iter().copied().collect(),
                right.iter().copied().collect(),
            );
            let nearest = |place: usize, side: &[usize]| {
                let point = |place: usize| library.compared.point(faces[place]);
                let apart = side
                    .iter()
                    .map(|&other| distance(&point(place), &point(other)));
                apart.fold(f32::INFINITY, f32::min)
            };
            let is_with_right = |&place: &usize| {
                is_right.contains(&place)
                    || !is_left.contains(&place) && nearest(place, &right) < nearest(place, &left)
            };
            let group = members.remove(&label).unwrap_or_default();
            let (with_right, with_left): (Vec<_>, Vec<_>) =
                group.into_iter().partition(is_with_right);
            with_right.iter().for_each(|&place| labels[place] = next);
            members.insert(label, with_left);
            members.insert(next, with_right);
            next += 1;
        }
    }
}

/// Those of `places` that are in a group.
fn in_group(places: &[usize], labels: &[u32], label: u32) -> Vec<usize> {
    let inside = places.iter().filter(|&&place| labels[place] == label);
    inside.copied().collect()
}

/// The faces of one side that are in one of two groups while those of the other side are in the other one.
fn between(two: &Grouped, labels: &[u32], a: u32, b: u32) -> [Vec<usize>; 2] {
    let [left, right] = &two.sides;
    let mut found = [Vec::new(), Vec::new()];
    for (one, other) in [(a, b), (b, a)] {
        let (lefts, rights) = (in_group(left, labels, one), in_group(right, labels, other));
        if !lefts.is_empty() && !rights.is_empty() {
            found[0].extend(lefts);
            found[1].extend(rights);
        }
    }
    found
}

/// Whether it was said in one of the `later` words that all these faces are one person's.
fn is_taken_back(later: &[Grouped], faces: &[Vec<usize>; 2]) -> bool {
    later.iter().filter(|said| said.is_same).any(|same| {
        // They are ascending.
        let has = |place: &usize| {
            let mut sides = same.sides.iter();
            sides.any(|side| side.binary_search(place).is_ok())
        };
        faces.iter().flatten().all(has)
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        steps::naming::{
            Subset,
            tests::{Home, face, photo},
        },
        store::{Decision, FaceId, GroupPair, Together},
    };

    async fn say(home: &Home, left: &[&str], right: &[&str], is_same: bool) {
        let ids = |faces: &[&str]| -> Vec<FaceId> {
            faces.iter().map(|face| face.parse().unwrap()).collect()
        };
        let together = Together {
            groups: vec![GroupPair {
                left: ids(left),
                right: ids(right),
                is_same,
            }],
            ..Together::default()
        };
        home.store.decide_together(&together, 1).await.unwrap();
    }

    /// The photos of the faces of each group, in the order of their first.
    async fn groups(home: &Home, threshold: f32) -> Vec<String> {
        let session = home.session().await;
        let view = session.view(threshold, Subset::Usable).await.unwrap();
        let mut groups: Vec<Vec<u32>> = Vec::new();
        for cluster in &view.clusters {
            let photos = cluster.faces.iter().map(|face| {
                let id = face.id.to_string();
                id.split(':').next().unwrap().parse().unwrap()
            });
            let mut photos: Vec<u32> = photos.collect();
            photos.sort_unstable();
            groups.push(photos);
        }
        groups.sort();
        let words = groups.iter().map(|group| {
            let photos: Vec<_> = group.iter().map(u32::to_string).collect();
            photos.join(" ")
        });
        words.collect()
    }

    #[tokio::test]
    async fn groups_are_as_they_were_said_to_be_but_for_photos_that_show_both() {
        // Two groups of one person, which a strict threshold tells apart; the fifth photo shows both.
        let mut photos: Vec<_> = (0..4).map(|n| photo(vec![face(0, 0.2, n / 2)])).collect();
        photos.push(photo(vec![face(0, 0.2, 0), face(0, 0.2, 1)]));
        photos.extend((0..2).map(|_| photo(vec![face(0, 0.2, 2)])));
        let home = Home::new(photos).await;
        let groups = async || groups(&home, 0.1).await;
        assert_eq!(groups().await, ["1 2 5", "3 4 5", "6 7"]);
        say(&home, &["1:0", "2:0"], &["3:0", "4:0"], true).await;
        assert_eq!(groups().await, ["1 2 5", "3 4 5", "6 7"]);
        say(&home, &["1:0", "2:0", "5:0"], &["6:0", "7:0"], true).await;
        assert_eq!(groups().await, ["1 2 5 6 7", "3 4 5"]);
        // The very same picture of two people: a later word takes the group apart.
        say(&home, &["3:0"], &["4:0"], false).await;
        // One of the two, which no photo forbids, is whom they were said to be at first.
        assert_eq!(groups().await, ["1 2 4 5 6 7", "3 5"]);
        // That one of them is one person with the others does not join what was taken apart.
        say(&home, &["6:0"], &["7:0"], false).await;
        assert_eq!(groups().await, ["1 2 4 5 6", "3 5", "7"]);
    }

    #[tokio::test]
    async fn what_was_said_of_groups_holds_for_all_their_faces_in_other_groups() {
        // Two people, of four pictures each: the very same ones two and two.
        let photos = (0..8).map(|n| photo(vec![face(n / 4, 0.2, n / 2)]));
        let home = Home::new(photos.collect()).await;
        assert_eq!(groups(&home, 0.1).await, ["1 2", "3 4", "5 6", "7 8"]);
        assert_eq!(groups(&home, 0.7).await, ["1 2 3 4", "5 6 7 8"]);
        // Said at a loose threshold; at a strict one each part is one with each, and none is asked about.
        let (left, right) = (["1:0", "2:0", "3:0", "4:0"], ["5:0", "6:0", "7:0", "8:0"]);
        say(&home, &left, &right, true).await;
        assert_eq!(groups(&home, 0.1).await, ["1 2 3 4 5 6 7 8"]);
        // Two people: so they are at a threshold so loose that all would be one, and the parts are not asked about.
        let home = Home::new((0..8).map(|n| photo(vec![face(0, 0.2, n / 2)])).collect()).await;
        assert_eq!(groups(&home, 0.1).await, ["1 2", "3 4", "5 6", "7 8"]);
        assert_eq!(groups(&home, 0.7).await, ["1 2 3 4 5 6 7 8"]);
        say(&home, &left, &right, false).await;
        assert_eq!(groups(&home, 0.7).await, ["1 2 3 4", "5 6 7 8"]);
        // Faces that came later are with whom they are nearest to.
        home.add(
            9,
            vec![photo(vec![face(0, 0.2, 0)]), photo(vec![face(0, 0.2, 3)])],
        )
        .await;
        assert_eq!(groups(&home, 0.7).await, ["1 2 3 4 9", "5 6 7 8 10"]);
        // The later word counts.
        say(&home, &left, &right, true).await;
        assert_eq!(groups(&home, 0.7).await, ["1 2 3 4 5 6 7 8 9 10"]);
    }

    #[tokio::test]
    async fn parts_of_groups_of_which_something_was_said_are_not_asked_about() {
        for is_same in [true, false] {
            let home = Home::new((0..8).map(|n| photo(vec![face(0, 0.2, n / 2)])).collect()).await;
            // Half of each is decided about.
            let gone = ["1:0", "2:0", "7:0", "8:0"].map(|face| face.parse().unwrap());
            let strangers = Decision::Ignored;
            home.store.decide(&gone, &strangers, &[], 1).await.unwrap();
            let asked = async || {
                let session = home.session().await;
                let view = session.view(0.1, Subset::Usable).await.unwrap();
                session.pairs(&view).await.unwrap().len()
            };
            assert_eq!(
                (groups(&home, 0.1).await, asked().await),
                (vec!["3 4".to_owned(), "5 6".to_owned()], 1)
            );
            let (left, right) = (["1:0", "2:0", "3:0", "4:0"], ["5:0", "6:0", "7:0", "8:0"]);
            say(&home, &left, &right, is_same).await;
            assert_eq!(asked().await, 0, "{is_same}");
        }
    }

    #[tokio::test]
    async fn a_face_that_was_wrong_in_a_group_pulls_nobody_along() {
        // 5 was in the first group then, and is with its own people now.
        let home = Home::new(
            (0..8)
                .map(|n| photo(vec![face(0, 0.2, (n / 2).min(2))]))
                .collect(),
        )
        .await;
        assert_eq!(groups(&home, 0.1).await, ["1 2", "3 4", "5 6 7 8"]);
        say(&home, &["1:0", "2:0", "5:0"], &["3:0", "4:0"], true).await;
        assert_eq!(groups(&home, 0.1).await, ["1 2 3 4", "5 6 7 8"]);
    }
}
