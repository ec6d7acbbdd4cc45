//! The photos of the account: what is known of each, by id.
//!
//! Where they come from is in `folder` and `generate`; drawing them is done in
//! `images`.

pub(crate) mod folder;
pub(crate) mod generate;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::metadata::Orientation;
use image::{ImageDecoder, ImageFormat, ImageReader};
use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::account::NSID;
use crate::clock;
use crate::marks::{Note, Tagged};
use crate::quirks::Quirks;
use crate::sizes::{self, Size};
use crate::tags::Tag;

/// Upload date of the first photo, in unix seconds.
pub(crate) const FIRST_UPLOAD: u64 = 1_600_000_000;
/// The account of photos that are not the sandbox's own.
pub(crate) const FOREIGN_NSID: &str = "88888888@N00";
/// Id of the first photo.
const FIRST_ID: u64 = 53_000_000_001;
/// Distance between ids: other people upload as well.
const ID_STEP: u64 = 7;

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
    /// A file is no JPEG or PNG image, or a broken one.
    #[error("{path} is not a JPEG or PNG image that can be read: {source}")]
    Image {
        /// The file.
        path: PathBuf,
        /// What the decoder says.
        source: image::ImageError,
    },
    /// `library.json` is not what it should be.
    #[error("{path}: {source}")]
    Sidecar {
        /// The file.
        path: PathBuf,
        /// Line, column and what was expected.
        source: serde_json::Error,
    },
    /// `library.json` names a file that is not there.
    #[error("{path} names \"{file}\", which is no photo of this folder")]
    UnknownFile {
        /// The `library.json`.
        path: PathBuf,
        /// The key that names no photo.
        file: String,
    },
    /// A folder holds no photo.
    #[error("{path} holds no photo (looked for .jpg, .jpeg and .png files)")]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// What a row of the library is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// A photo.
    #[default]
    Photo,
    /// A video: listed like a photo, with a still as its picture.
    Video,
}

impl Media {
    /// The word that Flickr uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
        }
    }
}

/// A photo to add to the library.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewPhoto {
    /// Title; by default the file's stem, or the id.
    pub title: Option<String>,
    /// Description.
    pub description: String,
    /// Photo or video.
    pub media: Media,
    /// Only the owner sees it.
    pub private: bool,
    /// It belongs to another account: it is in no list, can be seen unless it
    /// is private, and cannot be written to.
    pub foreign: bool,
    /// Others may not have the original.
    pub no_download: bool,
    /// Tags, each as its raw text.
    pub tags: Vec<String>,
    /// Upload date in unix seconds; by default a minute after the latest.
    pub uploaded: Option<u64>,
    /// A JPEG or PNG file with its picture; by default a pattern of
    /// `width` x `height` pixels.
    pub file: Option<PathBuf>,
    /// Width of a pattern in pixels; by default 1,024.
    pub width: Option<u32>,
    /// Height of a pattern in pixels; by default 768.
    pub height: Option<u32>,
}

/// What is known of a photo of the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhotoInfo {
    /// The id, as it stands in replies.
    pub id: String,
    /// Title.
    pub title: String,
    /// Photo or video.
    pub media: Media,
    /// Only the owner sees it.
    pub private: bool,
    /// Upload date in unix seconds.
    pub uploaded: u64,
    /// Width in pixels as it is shown (EXIF orientation applied).
    pub width: u32,
    /// Height in pixels as it is shown.
    pub height: u32,
    /// Raw texts of the tags.
    pub tags: Vec<String>,
}

/// Where a photo's pixels come from.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    File(PathBuf),
    Pattern,
}

/// A picture that a photo can have.
#[derive(Debug, Clone)]
pub(crate) struct Picture {
    pub(crate) content: Content,
    /// Width and height of the original as it is stored.
    pub(crate) stored: (u32, u32),
    /// Width and height as it is shown.
    pub(crate) shown: (u32, u32),
    /// Extension of the original: `jpg` or `png`.
    pub(crate) format: &'static str,
}

impl Picture {
    pub(crate) fn pattern(width: u32, height: u32) -> Self {
        let size = (width.clamp(1, 10_000), height.clamp(1, 10_000));
        Self {
            content: Content::Pattern,
            stored: size,
            shown: size,
            format: "jpg",
        }
    }

    /// Reads a file's header.
    pub(crate) fn of_file(path: &Path) -> Result<Self, LibraryError> {
        let io = |source| LibraryError::Io {
            path: path.to_owned(),
            source,
        };
        let bad = |source| LibraryError::Image {
            path: path.to_owned(),
            source,
        };
        let reader = ImageReader::open(path)
            .map_err(io)?
            .with_guessed_format()
            .map_err(io)?;
        let format = match reader.format() {
            Some(ImageFormat::Png) => "png",
            _ => "jpg",
        };
        let mut decoder = reader.into_decoder().map_err(bad)?;
        let stored = decoder.dimensions();
        let turned = matches!(
            decoder.orientation().map_err(bad)?,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        );
        Ok(Self {
            content: Content::File(path.to_owned()),
            stored,
            shown: if turned { (stored.1, stored.0) } else { stored },
            format,
        })
    }
}

/// A photo of the account.
#[derive(Debug, Clone)]
pub(crate) struct Photo {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) media: Media,
    pub(crate) private: bool,
    pub(crate) foreign: bool,
    pub(crate) can_download: bool,
    pub(crate) uploaded: u64,
    pub(crate) updated: u64,
    pub(crate) tags: Vec<Tag>,
    pub(crate) notes: Vec<Note>,
    pub(crate) people: Vec<Tagged>,
    pub(crate) picture: Picture,
}

impl Photo {
    /// The account that it belongs to.
    pub(crate) fn owner(&self) -> &'static str {
        if self.foreign { FOREIGN_NSID } else { NSID }
    }

    /// Width and height of the image that notes and people are placed on.
    pub(crate) fn medium(&self) -> (u32, u32) {
        let (width, height) = self.picture.shown;
        sizes::resized(width, height, false)
            .iter()
            .find(|size| size.kind.letter == "m")
            .map_or((width, height), |size| (size.width, size.height))
    }

    /// The secret in the names of most files: 10 hexadecimal digits.
    pub(crate) fn secret(&self) -> String {
        secret(self.id, "")
    }

    /// The secret of a size that has its own.
    pub(crate) fn secret_of(&self, letter: &str) -> String {
        secret(self.id, letter)
    }

    /// The date it was taken, an hour before it was uploaded.
    pub(crate) fn taken(&self) -> String {
        clock::to_mysql(self.uploaded.saturating_sub(3_600))
    }

    /// The resized sizes it has.
    pub(crate) fn sizes(&self, quirks: &Quirks) -> Vec<Size> {
        let (width, height) = self.picture.shown;
        let mut sizes = sizes::resized(width, height, quirks.near_labels);
        sizes.retain(|size| !quirks.withholds(self.id, size.kind.letter));
        sizes
    }

    pub(crate) fn info(&self) -> PhotoInfo {
        PhotoInfo {
            id: self.id.to_string(),
            title: self.title.clone(),
            media: self.media,
            private: self.private,
            uploaded: self.uploaded,
            width: self.picture.shown.0,
            height: self.picture.shown.1,
            tags: self.tags.iter().map(|tag| tag.raw.clone()).collect(),
        }
    }

    /// Notes a change: `lastupdate` always moves on.
    pub(crate) fn touch(&mut self) {
        self.updated = clock::now().max(self.updated.saturating_add(1));
    }
}

fn secret(id: u64, letter: &str) -> String {
    let digest = Sha1::digest(format!("secret {id} {letter}"));
    digest
        .iter()
        .take(5)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// All photos, by id.
#[derive(Debug, Default)]
pub(crate) struct Library {
    photos: BTreeMap<u64, Photo>,
    added: u64,
}

impl Library {
    /// Adds a photo with a picture that is known already; returns its id.
    pub(crate) fn add(&mut self, new: NewPhoto, picture: Picture) -> u64 {
        let id = FIRST_ID + self.added * ID_STEP;
        self.added += 1;
        let uploaded = new.uploaded.unwrap_or_else(|| {
            let latest = self.photos.values().map(|photo| photo.uploaded).max();
            latest.map_or(FIRST_UPLOAD, |at| at.saturating_add(60))
        });
        let mut tags = Vec::new();
        crate::tags::add(&mut tags, &new.tags, usize::MAX);
        let photo = Photo {
            id,
            title: new.title.unwrap_or_else(|| id.to_string()),
            description: new.description,
            media: new.media,
            private: new.private,
            foreign: new.foreign,
            can_download: !new.no_download,
            uploaded,
            updated: uploaded,
            tags,
            notes: Vec::new(),
            people: Vec::new(),
            picture,
        };
        self.photos.insert(id, photo);
        id
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        self.photos.remove(&id).is_some()
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Photo> {
        self.photos.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Photo> {
        self.photos.get_mut(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Photo> {
        self.photos.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Photo> {
        self.photos.values_mut()
    }
}

/// The picture of a new photo: its file's, or a pattern.
pub(crate) fn picture_of(new: &NewPhoto) -> Result<Picture, LibraryError> {
    match &new.file {
        Some(path) => Picture::of_file(path),
        None => Ok(Picture::pattern(
            new.width.unwrap_or(1_024),
            new.height.unwrap_or(768),
        )),
    }
}
