//! Which groups have a pair of near faces, and how near that can make them. Groups and faces are numbered within
//! their component.
//!
//! Pairs of faces that a graph does not have are W apart or more: what it was searched at, or, where memory did not
//! hold all, what it is [whole below](Graph::whole_below). So the sum of the squared distances of two groups' m pairs is
//! below m W² by no more than the sum of W² - d² over the graph's pairs of the two: a sum to which joins only add. The mean is
//! not below
//!
//! W² - (sum of W² - d²) / m
//!
//! and no descriptor is looked at for that. Where the mean itself was computed it takes the sum's place. Of a whole
//! graph two groups whose mean is W² or more are forgotten, as those without near pairs: what they add to a later sum is not
//! above 0.

use super::parts::Parts;
use crate::cluster::Graph;

/// What is near a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Neighbour {
    /// A face of the group; its name, once the list was renewed.
    pub(super) group: u32,
    /// By how much the sum of the squared distances is at most below m W².
    pub(super) below: f32,
}

impl Neighbour {
    /// What is said of a neighbour that is to be forgotten.
    pub(super) const FORGOTTEN: f32 = f32::NEG_INFINITY;
}

/// Where each group's neighbours are.
pub(super) struct Near<'a> {
    graph: &'a Graph,
    component: &'a [u32],
    /// The place of each face of the graph in its component.
    places: &'a [u32],
    threshold: f32,
    /// W².
    whole: f64,
    /// Those of groups of several; of single faces the graph has them.
    lists: Vec<Vec<Neighbour>>,
    is_single: Vec<bool>,
    /// Which faces are one group.
    groups: Parts,
    /// For each group its place in the list that is renewed, plus 1; between renewals 0.
    slots: Vec<u32>,
}

/// Not below `x`.
pub(super) fn rounded_up(x: f64) -> f32 {
    (x as f32).next_up()
}

impl<'a> Near<'a> {
    /// Each face of `component`, which is ascending, a group by itself.
    pub(super) fn new(
        graph: &'a Graph,
        component: &'a [u32],
        places: &'a [u32],
        threshold: f32,
    ) -> Self {
        Self {
            lists: vec![Vec::new(); component.len()],
            is_single: vec![true; component.len()],
            groups: Parts::new(component.len()),
            slots: vec![0; component.len()],
            graph,
            component,
            places,
            threshold,
            whole: f64::from(graph.whole_below.min(threshold)).powi(2),
        }
    }

    /// W².
    pub(super) fn whole(&self) -> f64 {
        self.whole
    }

    /// The neighbours of a single face before any join.
    pub(super) fn of_face(&self, face: u32) -> impl Iterator<Item = Neighbour> {
        let edges = self.graph.edges_of(self.component[face as usize] as usize);
        let near = edges.filter(|&(_, distance)| distance < self.threshold);
        near.map(move |(other, distance)| Neighbour {
            group: self.places[other as usize],
            below: match distance > 0.0 {
                true => rounded_up(self.whole - f64::from(distance).powi(2)),
                // Calibrated squared distances below zero are 0 in a graph.
                false => f32::INFINITY,
            },
        })
    }

    /// Takes what is listed of `group`: a group may be there several times, by the names that it had.
    fn listed(&mut self, group: u32) -> Vec<Neighbour> {
        if self.is_single[group as usize] {
            return self.of_face(group).collect();
        }
        std::mem::take(&mut self.lists[group as usize])
    }

    /// Takes the neighbours of `group`, each group once.
    pub(super) fn take(&mut self, group: u32) -> Vec<Neighbour> {
        let mut list = self.listed(group);
        let mut kept = 0;
        for at in 0..list.len() {
            let Neighbour { group: face, below } = list[at];
            let other = self.groups.root(face);
            let slot = self.slots[other as usize] as usize;
            if other == group {
                continue;
            }
            if slot == 0 {
                list[kept] = Neighbour {
                    group: other,
                    below,
                };
                kept += 1;
                self.slots[other as usize] = kept as u32;
            } else {
                let sum = &mut list[slot - 1].below;
                *sum = rounded_up(f64::from(*sum) + f64::from(below));
            }
        }
        list.truncate(kept);
        for neighbour in &list {
            self.slots[neighbour.group as usize] = 0;
        }
        list
    }

    /// Gives back what was taken, without those that are to be forgotten.
    pub(super) fn give_back(&mut self, group: u32, mut list: Vec<Neighbour>) {
        // A single face's are quickly had again.
        if !self.is_single[group as usize] {
            list.retain(|neighbour| neighbour.below > Neighbour::FORGOTTEN);
            list.shrink_to_fit();
            self.lists[group as usize] = list;
        }
    }

    /// Makes `gone` a part of `group`, which is the lower one.
    pub(super) fn join(&mut self, group: u32, gone: u32) {
        let [mut long, mut short] = [group, gone].map(|group| self.listed(group));
        if long.len() < short.len() {
            std::mem::swap(&mut long, &mut short);
        }
        long.append(&mut short);
        self.lists[group as usize] = long;
        self.is_single[group as usize] = false;
        self.is_single[gone as usize] = false;
        self.groups.join(group, gone);
    }
}
