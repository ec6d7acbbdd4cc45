//! Which method groups, and whether one photo may show a person twice.

use std::fmt;
use std::str::FromStr;

use super::{Graph, Point, average_linkage, cannot_link, chinese_whispers, dbscan};

/// How linked faces become clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Method {
    /// Groups join by the mean distance of all their pairs: [`average_linkage`].
    #[default]
    Average,
    /// Each face takes the label that most of its neighbours have: [`chinese_whispers`].
    ChineseWhispers,
    /// Clusters grow through faces with many neighbours: [`dbscan`].
    Dbscan {
        /// A face with this many faces within the threshold, itself included, is a core.
        min_samples: usize,
    },
}

impl Method {
    /// `min_samples` where none is given: a person with as many faces as the smallest cluster that is
    /// asked about, three, is found. (Ester et al., §4.2, take 4, for points of a plane; with it people
    /// of three faces are noise.)
    pub const MIN_SAMPLES: usize = 3;
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Average => "average",
            Self::ChineseWhispers => "chinese_whispers",
            Self::Dbscan { .. } => "dbscan",
        })
    }
}

impl FromStr for Method {
    type Err = ();

    /// From the word that config.ini has, with the default of `min_samples`.
    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "average" => Ok(Self::Average),
            "chinese_whispers" => Ok(Self::ChineseWhispers),
            "dbscan" => Ok(Self::Dbscan {
                min_samples: Self::MIN_SAMPLES,
            }),
            _ => Err(()),
        }
    }
}

/// How the faces of a graph are grouped.
#[derive(Debug, Clone, Copy, Default)]
pub struct Grouping<'a> {
    /// The method.
    pub method: Method,
    /// Seed of the order of visits of [`Method::ChineseWhispers`]; the others have no need of it.
    pub seed: u64,
    /// The photo of each face, by any number: two faces of one photo are then never in one group.
    /// `None` where one person may be twice in a photo (collages, mirrors).
    pub photos: Option<&'a [u32]>,
}

/// Groups the `faces` of `graph`, which was searched at `threshold` or above: a label for each, 0, 1,
/// ... in order of appearance. Faces with equal labels are a cluster; the same faces, graph and grouping
/// give the same labels, on every machine.
///
/// # Panics
/// Where `faces` or [`Grouping::photos`] are not as many as the faces of `graph`.
#[must_use]
pub fn group<P: Point>(
    graph: &Graph,
    faces: &[P],
    threshold: f32,
    grouping: &Grouping<'_>,
) -> Vec<u32> {
    match grouping.method {
        Method::Average => average_linkage(graph, faces, grouping.photos, threshold),
        Method::ChineseWhispers | Method::Dbscan { .. } => {
            let near = graph.filter_below(threshold);
            grouping.keep_apart(&near, grouping.linked(&near))
        }
    }
}

impl Grouping<'_> {
    /// The clusters of the method alone, where it links faces by single edges: all of `near`.
    pub(super) fn linked(&self, near: &Graph) -> Vec<u32> {
        match self.method {
            Method::Average => unreachable!("average linkage goes by means, not by edges"),
            Method::ChineseWhispers => chinese_whispers(near, self.seed),
            Method::Dbscan { min_samples } => dbscan(near, min_samples),
        }
    }

    /// The same with the faces of one photo kept apart, where that is asked for.
    pub(super) fn keep_apart(&self, near: &Graph, labels: Vec<u32>) -> Vec<u32> {
        match self.photos {
            Some(photos) => cannot_link::split(near, &labels, photos),
            None => labels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::graph::tests::descriptors;
    use super::super::neighbours;
    use super::*;
    use proptest::prelude::*;

    fn method() -> impl Strategy<Value = Method> {
        prop_oneof![
            Just(Method::Average),
            Just(Method::ChineseWhispers),
            (1_usize..6).prop_map(|min_samples| Method::Dbscan { min_samples }),
        ]
    }

    proptest! {
        #[test]
        fn no_two_faces_of_a_photo_are_in_one_group(
            (points, photos) in (0_usize..120).prop_flat_map(|count| (
                prop::collection::vec((-1.0_f32..1.0, -1.0_f32..1.0), count),
                prop::collection::vec(0_u32..40, count),
            )),
            threshold in 0.05_f32..1.0,
            method in method(),
            seed in any::<u64>(),
        ) {
            let faces = descriptors(&points);
            let graph = neighbours(&faces, 2.0 * threshold);
            let plain = Grouping { method, seed, photos: None };
            let vetoed = Grouping { photos: Some(&photos), ..plain };
            let group = |grouping: &Grouping<'_>| super::group(&graph, &faces, threshold, grouping);
            let (together, labels) = (group(&plain), group(&vetoed));
            prop_assert_eq!(&labels, &group(&vetoed));
            let graph = graph.filter_below(threshold);
            let plainly = match method {
                Method::Average => average_linkage(&graph, &faces, None, threshold),
                Method::ChineseWhispers => chinese_whispers(&graph, seed),
                Method::Dbscan { min_samples } => dbscan(&graph, min_samples),
            };
            prop_assert_eq!(&together, &plainly);
            for a in 0..labels.len() {
                for b in 0..a {
                    if labels[a] == labels[b] {
                        // A collage: some face of the photo is very near.
                        let twice = method == Method::Average
                            && (0..labels.len()).any(|c| {
                                let apart = f64::from(points[a].0 - points[c].0).hypot(f64::from(points[a].1 - points[c].1));
                                c != a && photos[c] == photos[a] && apart < 0.401
                            });
                        prop_assert!(photos[a] != photos[b] || twice, "{} and {}", a, b);
                        // Kept apart while joining, faces may find others.
                        prop_assert!(
                            method == Method::Average || together[a] == together[b],
                            "{} and {}", a, b
                        );
                    }
                }
            }
            // Clusters without a conflict stay whole, and labels are 0, 1, ... as they appear.
            let torn = cannot_link::conflicted(&together, &photos);
            for a in (0..labels.len()).filter(|_| method != Method::Average) {
                for b in 0..a {
                    if together[a] == together[b] && !torn.contains(&together[a]) {
                        prop_assert_eq!(labels[a], labels[b]);
                    }
                }
            }
            let mut seen = 0;
            for &label in &labels {
                prop_assert!(label <= seen);
                seen = seen.max(label + 1);
            }
        }
    }

    #[test]
    fn words_of_methods_are_those_of_config_ini() {
        for method in [
            Method::Average,
            Method::ChineseWhispers,
            Method::Dbscan {
                min_samples: Method::MIN_SAMPLES,
            },
        ] {
            assert_eq!(method.to_string().parse(), Ok(method));
        }
        assert_eq!("whispers".parse::<Method>(), Err(()));
    }
}
