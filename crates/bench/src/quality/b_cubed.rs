//! B-cubed precision and recall (A. Bagga, B. Baldwin, "Entity-based cross-document coreferencing using the
//! vector space model", COLING-ACL 1998), of which E. Amigó et al., "A comparison of extrinsic clustering
//! evaluation metrics based on formal constraints", Information Retrieval 12 (2009), found that no other
//! measure meets as many of the demands one would make: for each face, how much of its cluster is its
//! person, and how much of its person is in its cluster, both averaged over the faces; F1 is their
//! harmonic mean.

use std::collections::HashMap;

/// B-cubed precision and recall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BCubed {
    pub(super) precision: f64,
    pub(super) recall: f64,
}

impl BCubed {
    /// Of clusters by their labels, people by theirs.
    pub(super) fn of(labels: &[u32], people: &[u32]) -> Self {
        Self::among(labels, people, |_| true)
    }

    /// The same, averaged over the faces that are chosen; all are there to be mixed up.
    pub(super) fn among(labels: &[u32], people: &[u32], chosen: impl Fn(usize) -> bool) -> Self {
        let (mut clusters, mut persons, mut both) =
            (HashMap::new(), HashMap::new(), HashMap::new());
        for (&label, &person) in labels.iter().zip(people) {
            *clusters.entry(label).or_insert(0.0) += 1.0;
            *persons.entry(person).or_insert(0.0) += 1.0;
            *both.entry((label, person)).or_insert(0.0) += 1.0;
        }
        let (mut precision, mut recall, mut faces) = (0.0, 0.0, 0.0);
        for (face, pair) in labels
            .iter()
            .copied()
            .zip(people.iter().copied())
            .enumerate()
        {
            if chosen(face) {
                precision += both[&pair] / clusters[&pair.0];
                recall += both[&pair] / persons[&pair.1];
                faces += 1.0;
            }
        }
        Self {
            precision: precision / f64::max(faces, 1.0),
            recall: recall / f64::max(faces, 1.0),
        }
    }

    pub(super) fn f1(&self) -> f64 {
        2.0 * self.precision * self.recall / (self.precision + self.recall).max(f64::MIN_POSITIVE)
    }
}

impl std::fmt::Display for BCubed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:.4} {:.4} {:.4}",
            self.precision,
            self.recall,
            self.f1()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sum's rounding.
    const ROUNDING: f64 = 1e-9;

    #[test]
    fn b_cubed_is_that_of_the_paper() {
        // Bagga and Baldwin's example: truth 12345, 67, 89ABC.
        let people = [0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2, 2];
        let first = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1];
        let second = [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0];
        let of = |labels: &[u32]| {
            let found = BCubed::of(labels, &people);
            (
                (found.precision * 100.0).round(),
                (found.recall * 100.0).round(),
            )
        };
        assert_eq!(of(&first), (76.0, 100.0));
        assert_eq!(of(&second), (58.0, 100.0));
        let alone: Vec<u32> = (0..12).collect();
        let alone = BCubed::of(&alone, &people);
        assert_eq!(alone.precision, 1.0);
        assert!((alone.recall - 0.25).abs() < ROUNDING);
        assert!((BCubed::of(&people, &people).f1() - 1.0).abs() < ROUNDING);
    }
}
