//! The search of an image by any detector: enlarged, within limits of pixels and memory, boxes brought
//! back to the image's own pixels.

use std::sync::Arc;

use image::RgbImage;

use super::memory::Memory;
use super::scale::{self, Size};
use super::{Detection, Detector, FacesError, Settings};

/// How images are searched. Clones share one limit of memory.
#[derive(Debug, Clone)]
pub struct ImageSearch {
    settings: Settings,
    memory: Arc<Memory>,
}

impl ImageSearch {
    /// A search as `settings` ask for, limits included.
    pub fn new(settings: Settings) -> Self {
        let memory = settings
            .max_memory
            .map_or_else(Memory::of_this_machine, Memory::new);
        Self {
            settings,
            memory: Arc::new(memory),
        }
    }

    /// What was asked for.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Searches `image` with `detect`, which is given the sizes, width and height in pixels, that the
    /// image is to be resized to one after the other, perhaps none, and finds faces in the pixels of
    /// the last.
    ///
    /// Waits until `detect` may have `bytes_per_pixel` for each of those. Boxes whose longer side is
    /// below `min_box` pixels of `image` are left out.
    ///
    /// # Errors
    /// The image has more pixels than the limit, or needs more memory; `detect` failed. An image too
    /// small for any face is no error.
    pub fn run(
        &self,
        image: &RgbImage,
        bytes_per_pixel: u64,
        min_box: u32,
        detect: impl FnOnce(&[Size]) -> Result<Vec<Detection>, FacesError>,
    ) -> Result<Vec<Detection>, FacesError> {
        let max_pixels = self
            .settings
            .max_pixels
            .unwrap_or(match self.settings.detector {
                Detector::Cnn => 20_000_000,
                Detector::Hog => 160_000_000,
            });
        let own = image.dimensions();
        let Some(larger) = scale::enlargements(own, self.settings.upsample, max_pixels)? else {
            return Ok(Vec::new());
        };
        let searched = larger.last().copied().unwrap_or(own);
        let _reserved = self.memory.reserve(searched, bytes_per_pixel)?;
        let mut found = detect(&larger)?;
        for detection in &mut found {
            detection.rect = scale::halved(&detection.rect, larger.len());
        }
        found.retain(|detection| scale::is_large_enough(&detection.rect, min_box));
        Ok(found)
    }
}
