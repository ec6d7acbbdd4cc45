//! Faces that were taken out stay out.

use std::collections::BTreeSet;

use super::{About, Review, Shown, groups::Apart};
use crate::store::FaceId;

impl Review {
    /// Remembers which faces were taken out where the others get no name now.
    pub(super) fn keep_apart(&mut self, shown: &Shown) {
        if !shown.out.is_empty() {
            self.apart.push(Apart {
                kept: shown.ids(false).into_iter().collect(),
                out: shown.ids(true).into_iter().collect(),
            });
        }
    }

    /// The numbers of the faces that were taken out of these before.
    pub(super) fn taken_out(&self, about: &About, faces: &[FaceId]) -> BTreeSet<usize> {
        let mut out = BTreeSet::new();
        if !matches!(about, About::Cluster(_)) {
            return out;
        }
        for apart in &self.apart {
            let kept = faces
                .iter()
                .filter(|face| apart.kept.contains(face))
                .count();
            if kept * 2 < faces.len() {
                continue;
            }
            let numbers = (1..).zip(faces);
            out.extend(
                numbers
                    .filter(|(_, face)| apart.out.contains(face))
                    .map(|(n, _)| n),
            );
        }
        if out.len() >= faces.len() {
            out.clear();
        }
        out
    }
}
