//! The picture of a photo: an image file, or a pattern that `images` draws.

use std::path::{Path, PathBuf};

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, ImageResult};

/// Why a library cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// A file is not a JPEG or PNG image, or is damaged.
    #[error("{path} is not a JPEG or PNG image that can be read: {source}")]
    Image {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        source: ImageError,
    },
    /// `library.json` is not valid.
    #[error("{path}: {source}")]
    Sidecar {
        /// The file.
        path: PathBuf,
        /// Line, column and what was expected.
        source: serde_json::Error,
    },
    /// `library.json` names a file that does not exist.
    #[error("{path} names \"{file}\", which is not a photo in this folder")]
    UnknownFile {
        /// The `library.json`.
        path: PathBuf,
        /// The key that names no photo.
        file: String,
    },
    /// A folder contains no photo.
    #[error("no photos in {path} (looked for .jpg, .jpeg and .png files)")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// The picture of a photo.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    /// The image file; `None` for a pattern.
    pub(crate) file: Option<PathBuf>,
    /// Width and height of the original as stored.
    pub(crate) stored: (u32, u32),
    /// Width and height as shown.
    pub(crate) shown: (u32, u32),
    /// Extension of the original: `jpg` or `png`.
    pub(crate) format: &'static str,
    /// How its owner has turned it beside.
    pub(crate) turned: Orientation,
    /// By how many degrees clockwise it is shown turned, by EXIF and by its owner.
    pub(crate) rotation: u32,
}

impl Picture {
    pub(crate) fn pattern(width: u32, height: u32) -> Self {
        let size = (width.clamp(1, 10_000), height.clamp(1, 10_000));
        Self {
            file: None,
            stored: size,
            shown: size,
            format: "jpg",
            turned: Orientation::NoTransforms,
            rotation: 0,
        }
    }

    /// Turned by its owner by so many degrees clockwise, once more.
    pub(crate) fn turned_by(mut self, degrees: u32) -> Self {
        let before = match self.turned {
            Orientation::Rotate90 => 90,
            Orientation::Rotate180 => 180,
            Orientation::Rotate270 => 270,
            _ => 0,
        };
        let degrees = degrees % 360;
        self.turned = match (before + degrees) % 360 {
            90 => Orientation::Rotate90,
            180 => Orientation::Rotate180,
            270 => Orientation::Rotate270,
            _ => Orientation::NoTransforms,
        };
        if degrees % 180 == 90 {
            self.shown = (self.shown.1, self.shown.0);
        }
        self.rotation = (self.rotation + degrees) % 360;
        self
    }

    /// Reads the header of an image file.
    pub(crate) fn of_file(path: &Path) -> Result<Self, LibraryError> {
        let (decoder, orientation, format) = open(path).map_err(|error| {
            let path = path.to_owned();
            match error {
                ImageError::IoError(source) => LibraryError::Io { path, source },
                source => LibraryError::Image { path, source },
            }
        })?;
        let (width, height) = decoder.dimensions();
        let on_its_side = matches!(
            orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        );
        Ok(Self {
            file: Some(path.to_owned()),
            stored: (width, height),
            shown: if on_its_side {
                (height, width)
            } else {
                (width, height)
            },
            format: match format {
                Some(ImageFormat::Png) => "png",
                _ => "jpg",
            },
            turned: Orientation::NoTransforms,
            rotation: match orientation {
                Orientation::Rotate90 => 90,
                Orientation::Rotate180 => 180,
                Orientation::Rotate270 => 270,
                _ => 0,
            },
        })
    }
}

fn open(path: &Path) -> ImageResult<(impl ImageDecoder, Orientation, Option<ImageFormat>)> {
    let reader = ImageReader::open(path)?.with_guessed_format()?;
    let format = reader.format();
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    Ok((decoder, orientation, format))
}

/// Decodes an image file and turns it as its EXIF orientation says, and then as its owner does.
pub(crate) fn upright(path: &Path, turned: Orientation) -> ImageResult<DynamicImage> {
    let (decoder, orientation, _) = open(path)?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    image.apply_orientation(turned);
    Ok(image)
}
