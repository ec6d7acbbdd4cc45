//! How large the photos are that are still to come. They are fetched oldest first, and old photos are small: what those
//! took that are done says too little of the others.

/// Photos, and all their pixels.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub photos: u64,
    pub pixels: u64,
}

impl Sum {
    pub(super) fn add(&mut self, other: Self) {
        self.photos += other.photos;
        self.pixels += other.pixels;
    }
}

/// What this run has listed, and what it has brought of that.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ahead {
    listed: Sum,
    brought: Sum,
}

impl Ahead {
    /// A page of the list, of which so many photos are `new`. One that tells of others, too, is left out: they may be
    /// done.
    pub(super) fn listed(&mut self, new: u64, page: Sum) {
        if page.photos <= new {
            self.listed.add(page);
        }
    }

    /// A photo's file is there; its pixels, or zero where the list does not say.
    pub(super) fn brought(&mut self, pixels: u64) {
        let photos = u64::from(pixels > 0);
        self.brought.add(Sum { photos, pixels });
    }

    /// Pixels of a photo that is to come, as a mean; `None` where the list of this run has not told of most that are
    /// `left`.
    pub(super) fn mean(&self, left: u64) -> Option<f64> {
        let photos = self.listed.photos.checked_sub(self.brought.photos)?;
        let pixels = self.listed.pixels.checked_sub(self.brought.pixels)?;
        (photos > 0 && photos >= left / 2).then(|| pixels as f64 / photos as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_what_was_listed_and_not_brought() {
        let mut ahead = Ahead::default();
        assert_eq!(ahead.mean(10), None);
        for (new, photos, pixels) in [(100, 100, 5_000), (100, 100, 45_000), (3, 100, 90_000)] {
            ahead.listed(new, Sum { photos, pixels });
        }
        assert_eq!(ahead.mean(203), Some(250.0));
        (0..100).for_each(|_| ahead.brought(50));
        ahead.brought(0);
        assert_eq!(ahead.mean(103), Some(450.0));
        // Listed by an earlier run, most of them.
        assert_eq!(ahead.mean(1000), None);
        (0..100).for_each(|_| ahead.brought(450));
        assert_eq!(ahead.mean(3), None);
    }
}
