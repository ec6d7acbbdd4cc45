//! How far groups are from each other: exactly, and at least, which is quicker.

use std::borrow::Cow;

use crate::cluster::{
    DIMENSIONS,
    point::Point,
    sums::{Sums, dot},
};

/// What is added to the squared distance of two single faces. Measured: docs/decisions/clusters.md.
pub(super) const SINGLES: f64 = 0.04;

/// The most that [`Heights::at_least`] takes away, as a part of the squares that it adds up in 32 bits, and of 1: the
/// products over eight sums are within 20 x 2⁻²⁴ = 1.2e-6 of them (Higham, Accuracy and Stability of Numerical
/// Algorithms, 2nd ed., §4.2), and a shift may be about as large as the square it is added to.
const SLACK: f64 = 1e-5;

/// What the height of two single faces at this distance is not below.
pub(super) fn of_faces_at_least(distance: f32) -> f64 {
    match distance > 0.0 {
        true => f64::from(distance) * f64::from(distance) + SINGLES - SLACK,
        // Calibrated squared distances below zero are 0 in a graph.
        false => f64::NEG_INFINITY,
    }
}

/// The faces of a component's groups. A group is named by one of its faces.
pub(super) struct Heights<'a, P> {
    faces: &'a [P],
    component: &'a [u32],
    /// `None` where a group is one face, or has become a part of another.
    several: Vec<Option<Box<Several>>>,
    /// The mean of |a|² + s(a) over each group's faces.
    squares: Vec<f32>,
}

/// A group of several faces.
struct Several {
    sums: Sums,
    mean: [f32; DIMENSIONS],
}

impl<'a, P: Point> Heights<'a, P> {
    /// Each of the component's faces by itself.
    pub(super) fn new(component: &'a [u32], faces: &'a [P]) -> Self {
        let square = |&face: &u32| {
            let face = &faces[face as usize];
            dot(face.descriptor(), face.descriptor()) + face.shift() as f32
        };
        Self {
            squares: component.iter().map(square).collect(),
            several: component.iter().map(|_| None).collect(),
            faces,
            component,
        }
    }

    /// By which two groups join, the lowest first: the mean of the squared distances of all pairs, with [`SINGLES`]
    /// added between two single faces.
    pub(super) fn between(&self, a: u32, b: u32) -> f64 {
        self.sums(a).distance(&self.sums(b)) + self.added(a, b)
    }

    /// What [`Heights::between`] is not below; where a face is broken, any number.
    pub(super) fn at_least(&self, a: u32, b: u32) -> f64 {
        let squares = self.squares[a as usize] + self.squares[b as usize];
        let mean = squares - 2.0 * dot(self.mean(a), self.mean(b));
        f64::from(mean) - SLACK * (1.0 + f64::from(squares.abs())) + self.added(a, b)
    }

    /// Makes `gone` a part of `kept`.
    pub(super) fn join(&mut self, kept: u32, gone: u32) {
        let mut sums = self.sums(kept).into_owned();
        sums.add(&self.sums(gone));
        let (square, mean) = sums.means();
        self.squares[kept as usize] = square;
        self.several[gone as usize] = None;
        self.several[kept as usize] = Some(Box::new(Several { sums, mean }));
    }

    fn added(&self, a: u32, b: u32) -> f64 {
        let is_single = |group: u32| self.several[group as usize].is_none();
        if is_single(a) && is_single(b) {
            SINGLES
        } else {
            0.0
        }
    }

    fn face(&self, group: u32) -> &P {
        &self.faces[self.component[group as usize] as usize]
    }

    fn sums(&self, group: u32) -> Cow<'_, Sums> {
        match &self.several[group as usize] {
            Some(several) => Cow::Borrowed(&several.sums),
            None => Cow::Owned(Sums::of(self.face(group))),
        }
    }

    fn mean(&self, group: u32) -> &[f32; DIMENSIONS] {
        match &self.several[group as usize] {
            Some(several) => &several.mean,
            None => self.face(group).descriptor(),
        }
    }
}
