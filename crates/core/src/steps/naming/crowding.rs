//! How crowded the network's space is around each face: computed once and kept in the store.

use rayon::prelude::*;

use super::settings::Settings;
use crate::{
    cluster::{Cohort, Distances},
    progress::{Progress, Unit},
    steps::{StepError, blocking::blocking},
    store::{FaceId, Store, StoredFace},
};

/// The numbers of all faces, in their order.
#[derive(Debug, Default)]
pub(super) struct Crowding {
    /// Empty where distances are plain.
    pub numbers: Vec<f32>,
    /// Why they are, where that is not what was asked for.
    pub notice: Option<String>,
}

/// Faces whose numbers are computed and written at a time: a stop loses no more.
const BATCH: usize = 10_000;

/// Takes what the store has, and computes by `cohort` and writes what it lacks.
pub(super) async fn of(
    store: &Store,
    settings: &Settings,
    cohort: Option<Cohort>,
    faces: &[StoredFace],
    progress: &dyn Progress,
) -> Result<Crowding, StepError> {
    if settings.distances == Distances::Plain || faces.is_empty() {
        return Ok(Crowding::default());
    }
    let Some(cohort) = cohort else {
        return Ok(Crowding {
            notice: Some(
                "with this encoder_model people who look alike are mixed up more often".to_owned(),
            ),
            ..Crowding::default()
        });
    };
    let mut numbers: Vec<_> = faces.iter().map(|face| face.crowding).collect();
    let lacking: Vec<usize> = (0..faces.len())
        .filter(|&face| numbers[face].is_none())
        .collect();
    let bar = progress.bar("preparing the faces", Unit::Faces);
    bar.set_length(lacking.len() as u64);
    for (done, batch) in (0..).step_by(BATCH).zip(lacking.chunks(BATCH)) {
        bar.set_position(done);
        let descriptors: Vec<_> = batch.iter().map(|&face| faces[face].descriptor.0).collect();
        let cohort = cohort.clone();
        let computing = blocking("calibrating", move || -> Vec<f32> {
            descriptors
                .par_iter()
                .map(|face| cohort.crowding(face))
                .collect()
        });
        let computed = computing.await?;
        let ids = batch.iter().map(|&face| faces[face].id.clone());
        let rows: Vec<(FaceId, f32)> = ids.zip(computed.iter().copied()).collect();
        store.set_crowding(&rows).await?;
        for (&face, crowding) in batch.iter().zip(computed) {
            numbers[face] = Some(crowding);
        }
    }
    bar.finish();
    Ok(Crowding {
        numbers: numbers
            .into_iter()
            .map(|crowding| crowding.unwrap_or(f32::NAN))
            .collect(),
        notice: None,
    })
}
