//! The small pictures of faces, for the screen.

use super::{StepError, blocking::blocking};
use crate::{
    faces::{FaceBox, without_bars},
    store::{FaceId, Store},
};

/// The JPEGs of faces, in their order, without what lies beyond the photos' edges; empty where a face is no longer
/// there.
///
/// # Errors
/// Where the store cannot be read.
pub(super) async fn crops(store: &Store, faces: &[FaceId]) -> Result<Vec<Vec<u8>>, StepError> {
    let crops = store.crops_with_boxes(faces).await?;
    let cutting = blocking("cutting pictures of faces", move || {
        let cut = |(crop, face): (Vec<u8>, Option<FaceBox>)| match face {
            Some(face) => without_bars(&crop, face).unwrap_or(crop),
            None => crop,
        };
        crops.into_iter().map(cut).collect()
    });
    cutting.await
}
