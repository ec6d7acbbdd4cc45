//! A photo of the account, and the files that the image host has of it.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha1::{Digest, Sha1};

use crate::account::{FOREIGN_NSID, NSID};
use crate::annotations::{Annotations, Note, PersonTag};
use crate::clock;
use crate::picture::{LibraryError, Picture};
use crate::quirks::Quirks;
use crate::sizes::{self, FIRST_SERVER};
use crate::tags::Tag;

/// The kind of a photo: Flickr lists videos among photos.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Media {
    /// A photo.
    #[default]
    Photo,
    /// A video: listed like a photo, with a still as its picture.
    Video,
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
    /// Not everyone sees it.
    pub private: bool,
    /// Friends see it although it is private.
    pub friends: bool,
    /// Family see it although it is private.
    pub family: bool,
    /// It belongs to another account: it appears in no listing, is visible
    /// unless it is private, and cannot be changed.
    pub foreign: bool,
    /// Only the owner may have the original.
    pub no_download: bool,
    /// Title of the album that it is in.
    pub album: Option<String>,
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
    /// By how many degrees clockwise its owner has turned it on the site: 0, 90, 180 or 270.
    pub turned: u32,
}

impl NewPhoto {
    /// The picture it gets: its file's, or a pattern.
    pub(crate) fn picture(&self) -> Result<Picture, LibraryError> {
        let picture = match &self.file {
            Some(path) => Picture::of_file(path)?,
            None => Picture::pattern(self.width.unwrap_or(1_024), self.height.unwrap_or(768)),
        };
        Ok(picture.turned_by(self.turned))
    }

    pub(crate) fn visibility(&self) -> Visibility {
        Visibility {
            public: !self.private,
            friends: self.private && self.friends,
            family: self.private && self.family,
        }
    }
}

/// Who sees a photo beside its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Visibility {
    pub(crate) public: bool,
    pub(crate) friends: bool,
    pub(crate) family: bool,
}

impl Visibility {
    /// `ispublic`, `isfriend` and `isfamily`, as rows of replies have them.
    pub(crate) fn flags(self) -> [(&'static str, u8); 3] {
        let Self {
            public,
            friends,
            family,
        } = self;
        [
            ("ispublic", public.into()),
            ("isfriend", friends.into()),
            ("isfamily", family.into()),
        ]
    }
}

/// What the sandbox tells about a photo of its library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PhotoInfo {
    /// The id, as in replies.
    pub id: String,
    /// Title.
    pub title: String,
    /// Photo or video.
    pub media: Media,
    /// Not everyone sees it.
    pub private: bool,
    /// The secret in the names of most of its files.
    pub secret: String,
    /// By how many degrees clockwise it is shown turned.
    pub rotation: u32,
    /// Upload date in unix seconds.
    pub uploaded: u64,
    /// Last change in unix seconds.
    pub updated: u64,
    /// Width in pixels as shown (EXIF orientation applied).
    pub width: u32,
    /// Height in pixels as shown.
    pub height: u32,
    /// Raw texts of the tags.
    pub tags: Vec<String>,
    /// Title of its album.
    pub album: Option<String>,
}

/// A photo of the library.
#[derive(Debug, Clone)]
pub(crate) struct Photo {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) media: Media,
    pub(crate) visibility: Visibility,
    pub(crate) foreign: bool,
    pub(crate) can_download: bool,
    pub(crate) album: Option<String>,
    pub(crate) uploaded: u64,
    /// Since when the library has it.
    pub(crate) added: Instant,
    pub(crate) updated: u64,
    pub(crate) tags: Vec<Tag>,
    pub(crate) notes: Vec<Note>,
    pub(crate) people: Vec<PersonTag>,
    pub(crate) picture: Picture,
    /// How often its picture was replaced by another.
    pub(crate) replaced: u32,
    /// How often its files were made anew, and got another secret.
    pub(crate) remade: u32,
    /// What it was after each change of late, oldest first.
    pub(crate) past: Vec<Past>,
}

/// What of a photo can change, as it was from some moment on.
#[derive(Debug, Clone)]
pub(crate) struct Past {
    since: Instant,
    visibility: Visibility,
    tags: Vec<Tag>,
    notes: Vec<Note>,
    people: Vec<PersonTag>,
    picture: Picture,
    replaced: u32,
    remade: u32,
}

/// Older states than this are not kept.
const MEMORY: Duration = Duration::from_secs(60);

/// A file of a photo on the image host.
#[derive(Debug)]
pub(crate) struct PhotoFile {
    /// Letter of the `url_*` extra; `o` is the original.
    pub(crate) letter: &'static str,
    /// Label in `flickr.photos.getSizes`.
    pub(crate) label: &'static str,
    /// `{id}_{secret}{suffix}.{extension}`.
    pub(crate) name: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Whether it is a square crop.
    pub(crate) square: bool,
}

impl Photo {
    /// The NSID of its owner.
    pub(crate) fn owner(&self) -> &'static str {
        if self.foreign { FOREIGN_NSID } else { NSID }
    }

    /// Whether only its owner and those they chose see it.
    pub(crate) fn is_private(&self) -> bool {
        !self.visibility.public
    }

    /// The server in the addresses of its files.
    pub(crate) fn server(&self) -> String {
        FIRST_SERVER.saturating_sub(self.replaced).to_string()
    }

    /// Another picture takes the place of its own: other addresses, the same id.
    pub(crate) fn replace(&mut self, picture: Picture) {
        self.picture = picture;
        self.replaced += 1;
        self.remade += 1;
    }

    /// Turns it clockwise: its files are made anew under other addresses.
    pub(crate) fn turn(&mut self, degrees: u32) {
        self.picture = self.picture.clone().turned_by(degrees);
        self.remade += 1;
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
        self.secret_of("")
    }

    /// The secret of a size that has its own.
    pub(crate) fn secret_of(&self, letter: &str) -> String {
        let digest = match self.remade {
            0 => Sha1::digest(format!("secret {} {letter}", self.id)),
            times => Sha1::digest(format!("secret {} {letter} {times}", self.id)),
        };
        let bytes = digest.iter().take(5);
        bytes.map(|byte| format!("{byte:02x}")).collect()
    }

    /// The second it was taken: an hour before it was uploaded.
    pub(crate) fn taken(&self) -> u64 {
        self.uploaded.saturating_sub(3_600)
    }

    /// Its files, smallest first, the original of a photo last.
    pub(crate) fn files(&self, quirks: &Quirks) -> Vec<PhotoFile> {
        let (width, height) = self.picture.shown;
        let mut files: Vec<PhotoFile> = sizes::resized(width, height, quirks.near_labels)
            .into_iter()
            .map(|size| {
                let kind = size.kind;
                let secret = self.secret_of(if kind.own_secret { kind.letter } else { "" });
                PhotoFile {
                    letter: kind.letter,
                    label: kind.label,
                    name: format!("{}_{secret}{}.jpg", self.id, kind.suffix),
                    width: size.width,
                    height: size.height,
                    square: kind.square,
                }
            })
            .collect();
        if self.media == Media::Photo {
            let (width, height) = self.picture.stored;
            let (secret, format) = (self.secret_of("o"), self.picture.format);
            files.push(PhotoFile {
                letter: "o",
                label: "Original",
                name: format!("{}_{secret}_o.{format}", self.id),
                width,
                height,
                square: false,
            });
        }
        files.retain(|file| !quirks.withholds(self.id, file.letter));
        files
    }

    pub(crate) fn info(&self) -> PhotoInfo {
        PhotoInfo {
            id: self.id.to_string(),
            title: self.title.clone(),
            media: self.media,
            private: self.is_private(),
            secret: self.secret(),
            rotation: self.picture.rotation,
            uploaded: self.uploaded,
            updated: self.updated,
            width: self.picture.shown.0,
            height: self.picture.shown.1,
            tags: self.tags.iter().map(|tag| tag.raw.clone()).collect(),
            album: self.album.clone(),
        }
    }

    pub(crate) fn annotations(&self) -> Annotations {
        let tags = self.tags.iter();
        Annotations {
            tags: tags
                .map(|tag| (tag.full_id(self.id), tag.raw.clone()))
                .collect(),
            notes: self.notes.clone(),
            people: self.people.clone(),
        }
    }

    /// Records a change: `lastupdate` always moves forward.
    pub(crate) fn touch(&mut self) {
        self.updated = clock::now().max(self.updated.saturating_add(1));
        self.remember();
    }

    /// Keeps what it is now for servers that lag behind.
    pub(crate) fn remember(&mut self) {
        let old = self
            .past
            .partition_point(|past| past.since.elapsed() > MEMORY);
        // One state is older than all that is asked for.
        self.past.drain(..old.saturating_sub(1));
        self.past.push(Past {
            since: Instant::now(),
            visibility: self.visibility,
            tags: self.tags.clone(),
            notes: self.notes.clone(),
            people: self.people.clone(),
            picture: self.picture.clone(),
            replaced: self.replaced,
            remade: self.remade,
        });
    }

    /// The photo as it was so many milliseconds ago.
    pub(crate) fn as_of(&self, lag_ms: u64) -> Cow<'_, Self> {
        if lag_ms == 0 {
            return Cow::Borrowed(self);
        }
        let lag = Duration::from_millis(lag_ms);
        let mut newest_first = self.past.iter().rev();
        let past = newest_first.find(|past| past.since.elapsed() >= lag);
        let mut photo = self.clone();
        if let Some(past) = past.or(self.past.first()).cloned() {
            photo.visibility = past.visibility;
            (photo.tags, photo.notes, photo.people) = (past.tags, past.notes, past.people);
            (photo.replaced, photo.remade) = (past.replaced, past.remade);
            photo.picture = past.picture;
        }
        Cow::Owned(photo)
    }
}
