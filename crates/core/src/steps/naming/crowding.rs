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
    let compute = |batch: &[usize]| {
        let descriptors: Vec<_> = batch.iter().map(|&face| faces[face].descriptor.0).collect();
        let cohort = cohort.clone();
        blocking("calibrating", move || -> Vec<f32> {
            descriptors
                .par_iter()
                .map(|face| cohort.crowding(face))
                .collect()
        })
    };
    let mut done = 0;
    let mut batches = lacking.chunks(BATCH).peekable();
    let mut computed = match batches.peek() {
        Some(first) => compute(first).await?,
        None => Vec::new(),
    };
    while let Some(batch) = batches.next() {
        let ids = batch.iter().map(|&face| faces[face].id.clone());
        let rows: Vec<(FaceId, f32)> = ids.zip(computed.iter().copied()).collect();
        // The next are computed while these are written.
        let next = async {
            match batches.peek() {
                Some(next) => compute(next).await,
                None => Ok(Vec::new()),
            }
        };
        let (kept, next) = tokio::join!(store.set_crowding(&rows), next);
        kept?;
        for (&face, crowding) in batch.iter().zip(std::mem::replace(&mut computed, next?)) {
            numbers[face] = Some(crowding);
        }
        done += batch.len() as u64;
        bar.set_position(done);
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
