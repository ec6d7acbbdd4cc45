//! How far groups are from each other.

use crate::cluster::{
    DIMENSIONS,
    point::Point,
    sums::{Descriptor, Sums, square},
};

/// What is added to the squared distance of two single faces. Measured: docs/decisions/clusters.md.
pub(super) const SINGLES: f64 = 0.04;

/// How much the rounding of [`Heights::mean`] may be, as a part of the squares that it is made of, and far more.
const ROUNDING: f64 = 1e-12;

/// The faces of a component's groups. A group is named by one of its faces.
pub(super) struct Heights<'a, P> {
    faces: &'a [P],
    component: &'a [u32],
    groups: Vec<Group>,
    counts: Vec<u32>,
    /// The sums of |a|² + s(a).
    squares: Vec<f64>,
}

/// The faces of a group.
enum Group {
    One,
    /// That and another one.
    Two(u32),
    /// The sum of their descriptors.
    Several(Box<[f64; DIMENSIONS]>),
    /// They have become a part of another.
    Gone,
}

impl<'a, P: Point> Heights<'a, P> {
    /// Each of the component's faces by itself.
    pub(super) fn new(component: &'a [u32], faces: &'a [P]) -> Self {
        let square = |&face: &u32| square(&faces[face as usize]);
        Self {
            squares: component.iter().map(square).collect(),
            counts: vec![1; component.len()],
            groups: component.iter().map(|_| Group::One).collect(),
            faces,
            component,
        }
    }

    /// How many pairs of faces two groups have.
    pub(super) fn pairs(&self, a: u32, b: u32) -> f64 {
        f64::from(self.counts[a as usize]) * f64::from(self.counts[b as usize])
    }

    /// The mean of the squared distances of all pairs.
    pub(super) fn mean(&self, a: u32, b: u32) -> f64 {
        self.sums(a).distance(&self.sums(b))
    }

    /// What makes a height of the mean: [`SINGLES`] between two single faces.
    pub(super) fn added(&self, pairs: f64) -> f64 {
        if pairs == 1.0 { SINGLES } else { 0.0 }
    }

    /// More than the rounding of any mean.
    pub(super) fn rounding(&self) -> f64 {
        let largest = self.squares.iter().fold(1.0, |most, x| x.abs().max(most));
        largest * ROUNDING
    }

    /// Makes `gone` a part of `kept`.
    pub(super) fn join(&mut self, kept: u32, gone: u32) {
        let (at, from) = (kept as usize, gone as usize);
        let joined = match (&self.groups[at], &self.groups[from]) {
            (Group::One, Group::One) => Group::Two(gone),
            _ => {
                let sum = self.sums(kept).descriptor.plus(self.sums(gone).descriptor);
                Group::Several(Box::new(sum))
            }
        };
        self.groups[at] = joined;
        self.groups[from] = Group::Gone;
        self.counts[at] += self.counts[from];
        self.squares[at] += self.squares[from];
    }

    fn sums(&self, group: u32) -> Sums<'_> {
        let at = group as usize;
        let face = |group: u32| self.faces[self.component[group as usize] as usize].descriptor();
        Sums {
            count: f64::from(self.counts[at]),
            squares: self.squares[at],
            descriptor: match &self.groups[at] {
                Group::One | Group::Gone => Descriptor::One(face(group)),
                Group::Two(other) => Descriptor::Two([face(group), face(*other)]),
                Group::Several(sum) => Descriptor::Several(sum),
            },
        }
    }
}
