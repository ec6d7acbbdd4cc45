//! What a whole account will take, by its first photos.
//!
//! Files and searching grow with a photo's pixels, which the listing says of every size. So the account is reckoned from
//! what the first photos took, by the pixels of the photos that are listed at that time; other sizes the same way.
//! Waiting for calls, and the faces in the store, do not grow with the pixels.

use serde::Serialize;

use super::{ahead::Sum, disk::Seen, pace::Pace};
use crate::flickr::{Media, replies, sizes};

/// Photos that have to be done first.
pub(super) const FIRST: u64 = 20;

/// So many are enough where the listing is still going on.
pub(super) const ENOUGH: u64 = 60;

/// Values of MAX_SIZE to compare with, in pixels: sizes of Flickr's that make a difference.
const SIZES: [u32; 5] = [240, 500, 1024, 2048, 4096];

/// Below so many times the pixels a larger MAX_SIZE brings nothing.
const LARGER: f64 = 1.05;

/// What an account will take, and what it would take otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outlook {
    /// Photos that this is measured on.
    pub measured: u64,
    /// Photos that there are to do in all, these included.
    pub photos: u64,
    /// With the MAX_SIZE of this run.
    pub now: Cost,
    /// With others: a smaller one, and a larger one where that brings larger pictures.
    pub others: Vec<Cost>,
}

/// What all photos take with one MAX_SIZE.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Cost {
    /// In pixels.
    pub max_size: u32,
    /// On this machine, from the run's beginning.
    pub seconds: f64,
    /// Of photos, where they are kept, and of the store where it is a file.
    pub bytes: u64,
}

/// Pixels of the listed photos, for each MAX_SIZE that is looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Pixels {
    /// The run's own MAX_SIZE, then the others.
    sizes: Vec<(u32, u64)>,
    photos: u64,
}

impl Pixels {
    pub(super) fn new(max_size: u32) -> Self {
        let smaller = SIZES.iter().rfind(|&&size| size < max_size);
        let larger = SIZES.iter().find(|&&size| size > max_size);
        let all = [Some(&max_size), smaller, larger];
        Self {
            sizes: all.into_iter().flatten().map(|&size| (size, 0)).collect(),
            photos: 0,
        }
    }

    /// Photos of a page; gives their number and pixels with the run's own MAX_SIZE. What has no size that can be used in
    /// the list is left out.
    pub(super) fn add(&mut self, photos: &[replies::ListedPhoto]) -> Sum {
        let mut page = Sum::default();
        for photo in photos.iter().filter(|photo| photo.media == Media::Photo) {
            let format = photo.original_format.as_deref();
            let pixels = |max_size| {
                let size = sizes::choose(&photo.sizes, format, max_size)?;
                Some(u64::from(size.width) * u64::from(size.height))
            };
            let own = self.sizes.first().and_then(|(own, _)| pixels(*own));
            let Some(own) = own else {
                continue;
            };
            self.photos += 1;
            page.add(Sum {
                photos: 1,
                pixels: own,
            });
            for (size, sum) in &mut self.sizes {
                *sum += pixels(*size).unwrap_or(0);
            }
        }
        page
    }
}

impl Outlook {
    /// Of `photos`, of which some are done; `None` where too few are.
    pub(super) fn new(
        photos: u64,
        measured: u64,
        pixels: &Pixels,
        pace: &Pace,
        seen: &Seen,
    ) -> Option<Self> {
        let (known, brought) = pace.pixels();
        let &(now, own) = pixels.sizes.first()?;
        // How much larger photos are than those that came so far; as far as the list says how large they are.
        let times = |sum: u64| match (own, known) {
            (0, _) => 1.0,
            (_, 0) => sum as f64 / own as f64,
            _ => (sum as f64 / pixels.photos as f64) / (brought as f64 / known as f64),
        };
        let cost = |&(max_size, sum): &(u32, u64)| {
            Some(Cost {
                max_size,
                seconds: pace.time_of_all(photos, times(sum))?.as_secs_f64(),
                bytes: seen.of(photos, times(sum)),
            })
        };
        let is_other = |&&(size, sum): &&(u32, u64)| {
            let is_larger = size > now && sum as f64 > own as f64 * LARGER;
            own > 0 && (size < now || is_larger)
        };
        let others = pixels.sizes.iter().filter(is_other).filter_map(cost);
        Some(Self {
            measured,
            photos,
            now: cost(&(now, own))?,
            others: others.collect(),
        })
    }
}
