//! What is asked of an engine.

use std::fmt;
use std::str::FromStr;

/// Which of dlib's two face detectors finds the faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detector {
    /// The convolutional network `mmod_human_face_detector.dat`: slow, finds turned, small and
    /// partly hidden faces.
    Cnn,
    /// Histograms of oriented gradients with a linear classifier: fast, finds frontal faces.
    Hog,
}

impl Detector {
    /// The name in config.ini and in the store: `cnn` or `hog`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cnn => "cnn",
            Self::Hog => "hog",
        }
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that names no detector.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a face detector: expected `cnn` or `hog`")]
pub struct UnknownDetector(String);

impl FromStr for Detector {
    type Err = UnknownDetector;

    /// Reads `cnn` or `hog`, in any case, as Python's original does not but people write.
    fn from_str(text: &str) -> Result<Self, UnknownDetector> {
        [Self::Cnn, Self::Hog]
            .into_iter()
            .find(|detector| detector.as_str().eq_ignore_ascii_case(text))
            .ok_or_else(|| UnknownDetector(text.to_owned()))
    }
}

/// What to do to each photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Which detector finds the faces.
    pub detector: Detector,
    /// How often the image is doubled before detection; 1 is `face_recognition`'s default. Each
    /// doubling finds faces half as large and takes four times as long.
    pub upsample: u8,
    /// The smallest face that is looked for, in pixels of the image: the longer side of the
    /// detector's window. That has 80 pixels after doubling at least, so 40 leaves nothing out where
    /// the image is doubled once. The CNN's box is the window; HOG's is a little smaller.
    pub min_face: u32,
    /// The most pixels that the detector is given, after doubling. `None` is 20 million for the CNN,
    /// of which dlib's takes 1 GB for each million, and 160 million for HOG: a 2048x2048 photo can be
    /// doubled once.
    ///
    /// A photo that would pass it is doubled less often, which is said with `tracing::warn`; one that
    /// passes it at its own size is refused ([`FacesError::TooLarge`](super::FacesError::TooLarge)).
    /// What a photo's faces are depends on this limit, and on nothing of the machine.
    pub max_pixels: Option<u64>,
    /// The most bytes that the detectors of all analysers of an engine take at a time. `None` is four
    /// fifths of what the machine has free when the engine is made. An analyser whose photo would pass
    /// it waits for the others; a photo that passes it alone is refused
    /// ([`FacesError::OutOfMemory`](super::FacesError::OutOfMemory)).
    pub max_memory: Option<u64>,
}

impl Default for Settings {
    /// The CNN on an image doubled once, with every face it finds there.
    fn default() -> Self {
        Self {
            detector: Detector::Cnn,
            upsample: 1,
            min_face: 40,
            max_pixels: None,
            max_memory: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detector_names_are_read_and_written() {
        for (text, detector) in [
            ("cnn", Detector::Cnn),
            ("hog", Detector::Hog),
            ("CNN", Detector::Cnn),
        ] {
            assert_eq!(text.parse::<Detector>().unwrap(), detector);
            assert_eq!(detector.to_string(), text.to_lowercase());
        }
        assert_eq!(
            "ncc".parse::<Detector>().unwrap_err().to_string(),
            "`ncc` is not a face detector: expected `cnn` or `hog`"
        );
    }
}
