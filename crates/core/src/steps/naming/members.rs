//! Faces among others: which are typical, and which may not belong.

use super::library::Library;
use crate::{
    cluster,
    store::{FaceId, PhotoId},
};

/// A face among others.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The face.
    pub id: FaceId,
    /// Flickr's id of the photo it is in.
    pub photo: PhotoId,
    /// The distance of its descriptor to the mean of all.
    pub distance: f32,
    /// Whether that is far beyond what is usual among them: perhaps another person.
    pub outlier: bool,
}

/// Orders faces, the most typical first, and marks those that may not belong.
pub(super) fn typical_first(library: &Library, members: &mut [u32]) -> Vec<Member> {
    // Equally typical ones in ascending order.
    members.sort_unstable();
    let points = library.compared.points(members);
    let mut order: Vec<u32> = (0..members.len() as u32).collect();
    let distances = cluster::most_typical_first(&mut order, &points);
    let sorted: Vec<u32> = order.iter().map(|&place| members[place as usize]).collect();
    members.copy_from_slice(&sorted);
    let limit = outliers_above(&distances);
    members
        .iter()
        .zip(&distances)
        .map(|(&face, &distance)| Member {
            id: library.ids[face as usize].clone(),
            photo: library.photo_of(face).clone(),
            distance,
            outlier: distance > limit,
        })
        .collect()
}

/// Fewer faces than this have no outliers: any of them could be the odd one.
const FEW: usize = 5;

/// Above which of the ascending `distances` a face is an outlier: three standard deviations above the
/// median, with the deviation computed from the median of the absolute deviations, which the outliers
/// themselves do not move (F. R. Hampel, "The influence curve and its role in robust estimation",
/// 1974). At least a tenth above the median: copies of one photo differ by nothing.
fn outliers_above(distances: &[f32]) -> f32 {
    if distances.len() < FEW {
        return f32::INFINITY;
    }
    let median = distances[distances.len() / 2];
    let mut deviations: Vec<f32> = distances.iter().map(|d| (d - median).abs()).collect();
    deviations.sort_by(f32::total_cmp);
    let sigma = 1.4826 * deviations[deviations.len() / 2];
    median + (3.0 * sigma).max(0.1 * median)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_is_far_beyond_what_is_usual() {
        let cases: [(&[f32], usize); 6] = [
            (&[], 0),
            (&[0.1, 0.2, 0.3, 0.9], 0),
            (&[0.2, 0.22, 0.24, 0.26, 0.28], 0),
            (&[0.2, 0.22, 0.24, 0.26, 0.28, 0.5], 1),
            (&[0.0, 0.0, 0.0, 0.0, 0.0], 0),
            (&[0.3, 0.3, 0.3, 0.3, 0.31, 0.32, 0.6, 0.61], 2),
        ];
        let wrong: Vec<_> = cases
            .iter()
            .map(|&(distances, expected)| {
                let limit = outliers_above(distances);
                (
                    distances,
                    distances.iter().filter(|&&d| d > limit).count(),
                    expected,
                )
            })
            .filter(|(_, found, expected)| found != expected)
            .collect();
        assert!(wrong.is_empty(), "(distances, found, expected): {wrong:?}");
    }
}
