//! What a review knows of groups without a name: which faces were taken out. The store has no place for it, since groups are
//! made anew from the faces each time: it holds as long as the review.

use std::collections::HashSet;

use crate::store::FaceId;

/// Faces that an answer left without a decision, and those that were taken out of them.
#[derive(Debug, Clone)]
pub(super) struct Apart {
    pub kept: HashSet<FaceId>,
    pub out: HashSet<FaceId>,
}
