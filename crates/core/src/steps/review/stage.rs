//! How far a review is.

/// What is asked when the queue is empty; the number is that of the threshold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stage {
    /// A threshold, and its suggestions.
    Begin(usize),
    /// Whether its clusters are the same people.
    Groups(usize),
    /// Its clusters; where a person answers, those that are larger than the smallest.
    Clusters(usize),
    /// The suggestions that came of the answers, where they are worth a screen.
    Between(usize),
    /// The smallest clusters.
    Smallest(usize),
    /// The suggestions that came of the answers since this many faces had names.
    Again(usize, u64),
    /// Whether people are the same.
    People(usize),
    /// Faces of groups that are too small.
    Singles(usize),
}

impl Stage {
    pub(super) fn threshold(self) -> usize {
        match self {
            Self::Begin(place)
            | Self::Groups(place)
            | Self::Clusters(place)
            | Self::Between(place)
            | Self::Smallest(place)
            | Self::Again(place, _)
            | Self::People(place)
            | Self::Singles(place) => place,
        }
    }
}
