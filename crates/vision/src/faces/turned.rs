//! Photos that lie on their side or stand on their head without saying so, as old scans do: they are looked at in
//! the other three orientations, too.
//!
//! What is found in the turned picture is brought back into the photo's own orientation, so that nobody else needs to
//! know.

use std::borrow::Cow;

use image::{RgbImage, imageops};

use super::hog::HogDetectors;
use super::{
    AlignedFace, Analyser, BoxDetector, Detection, Detector, FaceBox, FacesError, Models, Rect,
    Settings,
};

/// By how much a picture is turned clockwise for its faces to be upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Turn {
    /// Not at all.
    #[default]
    None,
    /// 90 degrees.
    Quarter,
    /// 180 degrees.
    Half,
    /// 270 degrees.
    ThreeQuarters,
}

impl Turn {
    /// All but [`Turn::None`], the commonest first.
    pub const OTHERS: [Self; 3] = [Self::Quarter, Self::ThreeQuarters, Self::Half];

    /// 0, 90, 180 or 270.
    pub fn degrees(self) -> u16 {
        match self {
            Self::None => 0,
            Self::Quarter => 90,
            Self::Half => 180,
            Self::ThreeQuarters => 270,
        }
    }

    /// The turn by so many degrees; `None` for others than 0, 90, 180 and 270.
    pub fn from_degrees(degrees: i64) -> Option<Self> {
        [Self::None, Self::Quarter, Self::Half, Self::ThreeQuarters]
            .into_iter()
            .find(|turn| i64::from(turn.degrees()) == degrees)
    }

    /// The picture, turned.
    pub fn image(self, image: &RgbImage) -> Cow<'_, RgbImage> {
        match self {
            Self::None => Cow::Borrowed(image),
            Self::Quarter => Cow::Owned(imageops::rotate90(image)),
            Self::Half => Cow::Owned(imageops::rotate180(image)),
            Self::ThreeQuarters => Cow::Owned(imageops::rotate270(image)),
        }
    }

    /// The size, width and height, of a picture of this size once it is turned.
    pub fn size(self, (width, height): (u32, u32)) -> (u32, u32) {
        match self {
            Self::None | Self::Half => (width, height),
            Self::Quarter | Self::ThreeQuarters => (height, width),
        }
    }

    /// The opposite turn.
    pub fn back(self) -> Self {
        match self {
            Self::Quarter => Self::ThreeQuarters,
            Self::ThreeQuarters => Self::Quarter,
            same => same,
        }
    }

    /// Where a pixel of a picture of `size` (width, height) is once that is turned.
    pub fn point(self, [x, y]: [i32; 2], (width, height): (u32, u32)) -> [i32; 2] {
        let from_end = |at: i32, side: u32| {
            let last = i32::try_from(side).unwrap_or(i32::MAX).saturating_sub(1);
            last.saturating_sub(at)
        };
        match self {
            Self::None => [x, y],
            Self::Quarter => [from_end(y, height), x],
            Self::Half => [from_end(x, width), from_end(y, height)],
            Self::ThreeQuarters => [y, from_end(x, width)],
        }
    }

    /// Where a box in a picture of `size` is once that is turned.
    pub fn rect(self, rect: Rect, size: (u32, u32)) -> Rect {
        let [x, y] = self.point([rect.left, rect.top], size);
        let [to_x, to_y] = self.point([rect.right, rect.bottom], size);
        Rect {
            left: x.min(to_x),
            top: y.min(to_y),
            right: x.max(to_x),
            bottom: y.max(to_y),
        }
    }

    /// A face's box in its image once that is turned.
    pub fn face_box(self, face: FaceBox) -> FaceBox {
        FaceBox {
            rect: self.rect(face.rect, face.image),
            image: self.size(face.image),
        }
    }
}

/// HOG's score from which a photo lies as its faces do. Of 80 photos with faces 78 have one of 0.8 or more as they are
/// meant to be seen; nothing that HOG takes for a face in them turned, or in dogs, has more than 0.66
/// (docs/detection.md).
const SURE: f32 = 0.8;

/// Looks how photos lie, with HOG whichever detector finds the faces: it is cheap, and knows upright faces alone. The CNN
/// finds faces on their side as well, whose landmarks and descriptors are then wrong. Clones share what is read.
#[derive(Debug, Clone)]
pub struct TurnedSearch {
    hog: HogDetectors,
    detector: Detector,
}

impl TurnedSearch {
    /// For photos that are searched with `settings`. HOG's model is checked and read here.
    ///
    /// # Errors
    /// The model file is missing, unreadable or another than expected.
    pub fn new(models: &Models, settings: Settings) -> Result<Self, FacesError> {
        Ok(Self {
            hog: HogDetectors::new(models, settings)?,
            detector: settings.detector,
        })
    }

    /// One thread's.
    pub fn finder(&self) -> TurnedFinder {
        TurnedFinder {
            hog: self.hog.detector(),
            detector: self.detector,
        }
    }
}

/// One thread's look at how photos lie.
pub struct TurnedFinder {
    hog: Box<dyn BoxDetector>,
    detector: Detector,
}

/// What was found in a photo.
#[derive(Debug)]
pub struct Upright<'a> {
    /// The picture with its faces upright.
    pub image: Cow<'a, RgbImage>,
    /// How it was turned for that.
    pub turn: Turn,
    /// Its faces, in pixels of this picture.
    pub faces: Vec<AlignedFace>,
}

impl TurnedFinder {
    /// The faces of `image`, best first: as it is, unless HOG is sure of a face only where it is turned.
    ///
    /// # Errors
    /// Those of [`Analyser::find`].
    pub fn find<'a>(
        &mut self,
        analyser: &mut dyn Analyser,
        image: &'a RgbImage,
    ) -> Result<Upright<'a>, FacesError> {
        let mut detections = analyser.detect(image)?;
        let mut upright = (Turn::None, Cow::Borrowed(image));
        let turn = self.turn(image, &detections)?;
        if turn != Turn::None {
            let turned = turn.image(image);
            let found = analyser.detect(&turned)?;
            // Its own detector need not see what HOG saw.
            if !found.is_empty() {
                upright = (turn, turned);
                detections = found;
            }
        }
        let (turn, image) = upright;
        let faces = analyser.align(&image, &detections)?;
        Ok(Upright { image, turn, faces })
    }

    /// How `image` is to be turned, in which its own detector made `detections`.
    fn turn(&mut self, image: &RgbImage, detections: &[Detection]) -> Result<Turn, FacesError> {
        let is_scored = detections.iter().all(|found| found.score.is_some());
        let upright = if self.detector == Detector::Hog && is_scored {
            Look::at(detections)
        } else {
            Look::at(&self.hog.detect(image)?)
        };
        let mut best = (Turn::None, upright);
        if upright.is_sure {
            return Ok(Turn::None);
        }
        for turn in Turn::OTHERS {
            let look = Look::at(&self.hog.detect(&turn.image(image))?);
            if look.is_sure && look.sum > best.1.sum {
                best = (turn, look);
            }
        }
        Ok(best.0)
    }
}

/// What HOG sees in one orientation.
#[derive(Debug, Clone, Copy)]
struct Look {
    /// Of all scores.
    sum: f32,
    is_sure: bool,
}

impl Look {
    fn at(found: &[Detection]) -> Self {
        let scores = || found.iter().filter_map(|found| found.score);
        Self {
            sum: scores().sum(),
            is_sure: scores().any(|score| score >= SURE),
        }
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    const ALL: [Turn; 4] = [Turn::None, Turn::Quarter, Turn::Half, Turn::ThreeQuarters];

    #[test]
    fn places_turn_as_the_pixels_do() {
        let size = (7, 4);
        let image = RgbImage::from_fn(size.0, size.1, |x, y| Rgb([x as u8, y as u8, 0]));
        for turn in ALL {
            let turned = turn.image(&image);
            assert_eq!(turned.dimensions(), turn.size(size), "{turn:?}");
            for (x, y, pixel) in image.enumerate_pixels() {
                let place = [x as i32, y as i32];
                let [to_x, to_y] = turn.point(place, size);
                let found = turned.get_pixel(to_x as u32, to_y as u32);
                assert_eq!(found, pixel, "{turn:?} {place:?}");
                let back = turn.back().point([to_x, to_y], turn.size(size));
                assert_eq!(back, place, "{turn:?}");
            }
            assert_eq!(Turn::from_degrees(turn.degrees().into()), Some(turn));
        }
        assert_eq!(Turn::from_degrees(45), None);
    }

    /// Boxes may reach outside, and stay boxes.
    #[test]
    fn boxes_turn_and_come_back() {
        let size = (100, 60);
        let rect = |[left, top, right, bottom]: [i32; 4]| Rect {
            left,
            top,
            right,
            bottom,
        };
        // The picture's top left corner goes to its top right, a face that reaches out of it on the left out of its top.
        let reaching = rect([-10, 5, 29, 44]);
        assert_eq!(Turn::Quarter.rect(reaching, size), rect([15, -10, 54, 29]));
        for turn in ALL {
            for from in [reaching, rect([90, 50, 129, 89]), rect([0, 0, 99, 59])] {
                let turned = turn.rect(from, size);
                assert!(turned.left <= turned.right && turned.top <= turned.bottom);
                assert_eq!(turn.back().rect(turned, turn.size(size)), from, "{turn:?}");
            }
        }
    }
}
