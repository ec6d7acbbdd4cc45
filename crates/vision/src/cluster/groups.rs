//! From labels to lists of faces, in the order in which people are asked about them.

use super::{DIMENSIONS, Point};

/// The clusters that `labels` make: for each label the faces that have it.
///
/// Largest cluster first, of equal ones the one with the lowest face first; faces ascending.
/// Labels may be any numbers.
#[must_use]
pub fn clusters(labels: &[u32]) -> Vec<Vec<u32>> {
    let mut faces: Vec<u32> = (0..labels.len() as u32).collect();
    // Stable: the faces of a label stay ascending.
    faces.sort_by_key(|&face| labels[face as usize]);
    let mut clusters: Vec<Vec<u32>> = faces
        .chunk_by(|&a, &b| labels[a as usize] == labels[b as usize])
        .map(<[u32]>::to_vec)
        .collect();
    clusters.sort_by_key(|members| (std::cmp::Reverse(members.len()), members.first().copied()));
    clusters
}

/// Orders `members` by their distance to the cluster's mean: the most typical face first, equally
/// typical ones ascending. Returns these distances, in that order. The mean has the mean descriptor and
/// the mean [shift](Point::shift) of all.
///
/// Members that are missing from `faces` or whose descriptor holds NaN or an infinity come last, at
/// an infinite distance, and do not count towards the mean.
pub fn most_typical_first<P: Point>(members: &mut [u32], faces: &[P]) -> Vec<f32> {
    let whole = |face: u32| {
        let face = faces.get(face as usize)?;
        let whole = face.descriptor().iter().all(|x| x.is_finite());
        whole.then(|| (face.descriptor(), face.shift()))
    };
    let mut mean = [0.0_f64; DIMENSIONS];
    let mut mean_shift = 0.0;
    let mut counted = 0_u32;
    // In ascending order, so that the sums, and with them the result, do not depend on the order
    // the members came in.
    members.sort_unstable();
    for (descriptor, shift) in members.iter().filter_map(|&face| whole(face)) {
        counted += 1;
        mean_shift += shift;
        for (sum, &x) in mean.iter_mut().zip(descriptor) {
            *sum += f64::from(x);
        }
    }
    for sum in &mut mean {
        *sum /= f64::from(counted.max(1));
    }
    mean_shift /= f64::from(counted.max(1));
    let squared = |face: u32| {
        whole(face).map_or(f64::INFINITY, |(descriptor, shift)| {
            let terms = descriptor
                .iter()
                .zip(&mean)
                .map(|(&x, m)| (f64::from(x) - m).powi(2));
            (terms.sum::<f64>() + shift + mean_shift).max(0.0)
        })
    };
    let mut by_distance: Vec<(f64, u32)> =
        members.iter().map(|&face| (squared(face), face)).collect();
    by_distance.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    for (member, (_, face)) in members.iter_mut().zip(&by_distance) {
        *member = *face;
    }
    by_distance
        .iter()
        .map(|(squared, _)| squared.sqrt() as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn largest_first_then_by_first_face() {
        struct Case {
            labels: &'static [u32],
            clusters: &'static [&'static [u32]],
        }
        let cases = [
            Case {
                labels: &[],
                clusters: &[],
            },
            Case {
                labels: &[7],
                clusters: &[&[0]],
            },
            Case {
                labels: &[0, 1, 1],
                clusters: &[&[1, 2], &[0]],
            },
            Case {
                labels: &[5, 3, 5, 3, 9],
                clusters: &[&[0, 2], &[1, 3], &[4]],
            },
            Case {
                labels: &[2, 1, 0],
                clusters: &[&[0], &[1], &[2]],
            },
            Case {
                labels: &[u32::MAX, 0, u32::MAX],
                clusters: &[&[0, 2], &[1]],
            },
        ];
        let wrong: Vec<_> = cases
            .iter()
            .filter(|case| clusters(case.labels) != case.clusters)
            .map(|c| c.labels)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn typical_faces_come_first_and_broken_ones_last() {
        let at = |x: f32| [x; DIMENSIONS];
        let mut broken = at(0.0);
        broken[5] = f32::NAN;
        // The mean of those with numbers is 2.2: distances 2.2, 0.2, 1.2, 4.8, 1.2.
        let descriptors = [at(0.0), at(2.0), broken, at(1.0), at(7.0), at(1.0)];
        let mut members = [5, 4, 3, 2, 1, 0, 99];
        let distances = most_typical_first(&mut members, &descriptors);
        assert_eq!(members, [1, 3, 5, 0, 4, 2, 99]);
        let along = (DIMENSIONS as f32).sqrt();
        let expected = [0.2, 1.2, 1.2, 2.2, 4.8].map(|each| each * along);
        for (found, expected) in distances.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
        assert_eq!(distances[5..], [f32::INFINITY; 2]);
    }
}
