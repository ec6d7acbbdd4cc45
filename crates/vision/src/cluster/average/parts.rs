//! Disjoint sets.

/// Disjoint sets of faces (R. Tarjan, Efficiency of a Good But Not Linear Set Union Algorithm, 1975).
pub(super) struct Parts(Vec<u32>);

impl Parts {
    pub(super) fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    pub(super) fn root(&mut self, mut face: u32) -> u32 {
        while self.0[face as usize] != face {
            let next = self.0[self.0[face as usize] as usize];
            self.0[face as usize] = next;
            face = next;
        }
        face
    }

    /// The lower root stays.
    pub(super) fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}
