//! What is compared: a face's descriptor, corrected by how crowded the network's space is around it.
//!
//! Where many people look alike to the network, their faces lie close together, and a distance that
//! tells two Europeans apart does not tell two Asians apart. So each squared distance is corrected by
//! the crowding m of both faces, the mean of the squared distances to the nearest faces of a
//! [cohort](super::cohort):
//!
//! c²(a, b) = max(0, |a - b|² - (m(a) + m(b)) / 2 + [`USUAL_CROWDING`])
//!
//! which speaker recognition knows as adaptive s-norm (Z. Karam, W. Campbell and N. Dehak, Towards
//! Reduced False-Alarms Using Cohorts, ICASSP 2011; S. Cumani et al., Comparison of Speaker Recognition
//! Approaches for Real Applications, Interspeech 2011), here of the mean alone. A face adds its share,
//! the [shift](Point::shift), to each of its squared distances, so that a search by products only has
//! other norms.

use super::DIMENSIONS;

/// The crowding of a usual face: calibrated distances have the scale of plain ones.
pub const USUAL_CROWDING: f64 = 0.36;

/// A face as it is compared with others.
pub trait Point: Sync {
    /// Its 128 numbers.
    fn descriptor(&self) -> &[f32; DIMENSIONS];

    /// What it adds to each of its squared distances; 0 where distances are plain.
    fn shift(&self) -> f64 {
        0.0
    }
}

impl Point for [f32; DIMENSIONS] {
    fn descriptor(&self) -> &[f32; DIMENSIONS] {
        self
    }
}

impl<P: Point> Point for &P {
    fn descriptor(&self) -> &[f32; DIMENSIONS] {
        (*self).descriptor()
    }

    fn shift(&self) -> f64 {
        (*self).shift()
    }
}

/// A descriptor with its crowding; without it distances are plain. A library's faces have it all or
/// none: one with and one without are compared by half a correction.
#[derive(Debug, Clone, Copy)]
pub struct Calibrated<'a> {
    /// The 128 numbers.
    pub descriptor: &'a [f32; DIMENSIONS],
    /// As [`Cohort::crowding`](super::Cohort::crowding) gives it.
    pub crowding: Option<f32>,
}

impl Point for Calibrated<'_> {
    fn descriptor(&self) -> &[f32; DIMENSIONS] {
        self.descriptor
    }

    fn shift(&self) -> f64 {
        self.crowding
            .map_or(0.0, |crowding| (USUAL_CROWDING - f64::from(crowding)) / 2.0)
    }
}
