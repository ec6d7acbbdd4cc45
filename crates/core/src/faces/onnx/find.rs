//! From an image to its faces' boxes: doubled, searched, brought back to its own pixels.

use std::sync::Arc;

use image::RgbImage;

#[cfg(feature = "dlib")]
use super::super::dlib;
use super::super::memory::Memory;
use super::super::scale::{self, Size};
use super::super::{Detection, FacesError, Settings};
use super::detect::CnnDetector;
use super::resize;
use super::{Nets, OnnxEngine};
use crate::nets::DetectorNet;

/// Bytes that the CNN takes at its peak for each pixel it is given: the packed pyramid has
/// about 3.8 pixels for each, of three numbers, and a 64th of that many places of the map.
const BYTES_PER_PIXEL: u64 = 100;

/// One thread's detector.
pub(super) enum Finder {
    Cnn(Box<Cnn>),
    /// HOG, which only dlib has.
    #[cfg(feature = "dlib")]
    Hog(Box<dlib::Finder>),
}

pub(super) struct Cnn {
    detector: CnnDetector,
    settings: Settings,
    max_pixels: u64,
    memory: Arc<Memory>,
}

impl Finder {
    pub(super) fn new(engine: &OnnxEngine) -> Result<Self, FacesError> {
        if let Some(net) = &engine.nets.detector {
            return Ok(Self::Cnn(Box::new(Cnn {
                detector: CnnDetector::new(&engine.target, net, engine.threads)?,
                settings: engine.settings,
                max_pixels: engine.max_pixels,
                memory: Arc::clone(&engine.memory),
            })));
        }
        #[cfg(feature = "dlib")]
        let finder = dlib::Finder::new(
            &engine.models,
            engine.settings,
            engine.max_pixels,
            Arc::clone(&engine.memory),
        )
        .map(|finder| Self::Hog(Box::new(finder)));
        #[cfg(not(feature = "dlib"))]
        let finder = Err(FacesError::NoDetector {
            engine: super::NAME,
            detector: engine.settings.detector,
        });
        finder
    }

    /// Boxes in pixels of `image`, best first.
    pub(super) fn find(
        &mut self,
        nets: &Nets,
        image: &RgbImage,
    ) -> Result<Vec<Detection>, FacesError> {
        match self {
            Self::Cnn(cnn) => match &nets.detector {
                Some(net) => cnn.find(net, image),
                None => Ok(Vec::new()),
            },
            #[cfg(feature = "dlib")]
            Self::Hog(hog) => Ok(hog
                .find(image)?
                .into_iter()
                .map(|rect| Detection { rect, score: None })
                .collect()),
        }
    }
}

impl Cnn {
    fn find(&mut self, net: &DetectorNet, image: &RgbImage) -> Result<Vec<Detection>, FacesError> {
        let size: Size = image.dimensions();
        let search = scale::search(size, self.settings.upsample, self.max_pixels)?;
        let Some(sizes) = search else {
            return Ok(Vec::new());
        };
        let doublings = sizes.len() - 1;
        let &searched = sizes.last().unwrap_or(&size);
        let _taken = self.memory.take(searched, BYTES_PER_PIXEL)?;
        let larger = sizes[1..]
            .iter()
            .fold(None, |from: Option<RgbImage>, &(width, height)| {
                let from = from.as_ref().unwrap_or(image);
                Some(resize::resize_rgb(from, width, height))
            });
        let window = net.window[0].max(net.window[1]);
        let min_face = self.settings.min_face;
        let found = self.detector.detect(
            net,
            larger.as_ref().unwrap_or(image),
            scale::levels_too_fine(window, doublings, min_face),
        )?;
        Ok(found
            .into_iter()
            .map(|found| Detection {
                rect: scale::halved(&found.rect, doublings),
                score: Some(found.score),
            })
            .filter(|found| scale::is_large_enough(&found.rect, min_face))
            .collect())
    }
}
