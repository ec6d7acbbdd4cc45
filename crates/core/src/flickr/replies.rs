//! Flickr's replies as types, read leniently (`lenient.rs`). A row of a list that cannot be
//! read is set aside with its reason; the others are used.
//!
//! Not derived with serde: what a field is read from lies a level deeper (`owner.nsid`), under one of
//! two names (a tag's id) or under a name made of others (`url_l`, `width_l`), so that each type
//! would need a second one that looks like the reply; and serde-aux fails on `""` and `_content`.

use serde_json::Value;
use url::Url;

use super::lenient::{flag, list, number, photo_id, pixels, text};
use super::sizes::{LABELS, Listed, PhotoSize};
use crate::ids::PhotoId;

/// What a photo's row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// A picture.
    Photo,
    /// A video: skipped everywhere.
    Video,
}

/// One photo of a listing (flickr.photos.search or flickr.people.getPhotos).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPhoto {
    /// Flickr's id.
    pub id: PhotoId,
    /// As Flickr gives it; may hold HTML entities.
    pub title: String,
    /// Seconds since 1970, UTC. Several photos may share one second. Where Flickr gives none, or one that cannot be
    /// true, a listing puts in the one of the photo before it.
    pub upload_date: Option<u64>,
    /// Photo or video.
    pub media: Media,
    /// What the addresses of its smaller sizes hold: another where the photo was replaced or turned. Whoever knows it
    /// can see the photo.
    pub secret: Option<String>,
    /// Width and height of the original in pixels, perhaps unrotated; if Flickr says.
    pub original_size: Option<(u32, u32)>,
    /// Flickr's `originalformat`: `jpg`, `png`, `gif`, ...
    pub original_format: Option<String>,
    /// The sizes the listing held, smallest label first; may be none.
    pub sizes: Vec<PhotoSize>,
    /// Tags in their clean form.
    pub tags: Vec<String>,
    /// When it was taken, `2005-07-12 12:34:56` by the camera's clock; `None` where Flickr does not know it to
    /// the second.
    pub taken: Option<String>,
    /// By how many degrees the smaller sizes are turned clockwise against the original; if Flickr says.
    pub rotation: Option<u32>,
    /// Whether everyone may see it; where Flickr does not say, it counts as public.
    pub public: bool,
}

/// A row that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadableRow {
    /// The photo's id, if that much could be read.
    pub id: Option<PhotoId>,
    /// What is missing.
    pub problem: String,
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PhotosPage {
    /// Pages there are, as Flickr says: not to be trusted alone.
    pub pages: Option<u64>,
    /// Photos there are, as Flickr says: not to be trusted alone.
    pub total: Option<u64>,
    /// The rows that could be read, in Flickr's order.
    pub photos: Vec<ListedPhoto>,
    /// The others.
    pub unreadable: Vec<UnreadableRow>,
}

/// Somebody whom the account's owner knows on Flickr.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    /// Their NSID.
    pub nsid: String,
    /// What they are called on Flickr.
    pub username: String,
    /// The name that they give; may be empty.
    pub realname: String,
}

/// One page of the contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactsPage {
    /// Pages there are, as Flickr says.
    pub pages: u64,
    /// Those that could be read.
    pub contacts: Vec<Contact>,
}

/// A tag that the account's owner has used, in its clean form and as it was typed, perhaps in several ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OwnTag {
    /// Lower case, letters and digits alone.
    pub clean: String,
    /// As it was typed.
    pub raw: Vec<String>,
}

/// A tag on a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The full id (`{user}-{photo}-{tag}`), which flickr.photos.removeTag wants.
    pub full_id: String,
    /// As it was typed.
    pub raw: String,
    /// Lower case, letters and digits alone: what Flickr compares.
    pub clean: String,
    /// NSID of who added it; may be empty.
    pub author: String,
    /// Whether it is a machine tag. Unreliable in the reply of flickr.photos.addTags.
    pub machine: bool,
}

/// The part of flickr.photos.getInfo's reply that is of use here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoInfo {
    /// Flickr's id.
    pub id: PhotoId,
    /// As Flickr gives it.
    pub title: String,
    /// NSID of the account it is in; empty where Flickr does not say.
    pub owner: String,
    /// Whether everyone may see it; where Flickr does not say, it counts as public.
    pub public: bool,
    /// Photo or video.
    pub media: Media,
    /// Tags with their full ids.
    pub tags: Vec<Tag>,
    /// Notes on the picture.
    pub notes: Vec<Note>,
}

/// A place on a photo's medium image, whose longest side has 500 pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NoteRect {
    /// Left edge in pixels, from 0.
    pub x: u32,
    /// Upper edge in pixels, from 0.
    pub y: u32,
    /// Width in pixels.
    pub w: u32,
    /// Height in pixels.
    pub h: u32,
}

/// A note on a photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its id, which flickr.photos.notes.delete wants.
    pub id: String,
    /// NSID of who wrote it; may be empty.
    pub author: String,
    /// Where it is; `None` where the numbers cannot be read.
    pub place: Option<NoteRect>,
    /// What it says.
    pub text: String,
}

/// What a token may do; each level holds those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Perms {
    /// Nothing, or an unknown word.
    None,
    /// See private photos.
    Read,
    /// Add and change: tags.
    Write,
    /// Delete photos.
    Delete,
}

/// What flickr.auth.oauth.checkToken says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenInfo {
    /// The level that was granted.
    pub perms: Perms,
    /// The account's id.
    pub nsid: String,
    /// Screen name.
    pub username: String,
    /// May be empty.
    pub fullname: String,
}

impl PhotosPage {
    /// Rows on the page, readable or not.
    pub(crate) fn rows(&self) -> usize {
        self.photos.len() + self.unreadable.len()
    }

    /// Reads `{"photos":{"page":..,"photo":[..]}}`; `None` without `photos`.
    pub(crate) fn read(reply: &Value) -> Option<Self> {
        let photos = reply.get("photos").filter(|photos| photos.is_object())?;
        let mut page = Self {
            pages: number(photos.get("pages")),
            total: number(photos.get("total")),
            photos: Vec::new(),
            unreadable: Vec::new(),
        };
        for row in list(photos.get("photo")) {
            match ListedPhoto::read(row) {
                Ok(photo) => page.photos.push(photo),
                Err(problem) => page.unreadable.push(UnreadableRow {
                    id: photo_id(row.get("id")),
                    problem: problem.to_owned(),
                }),
            }
        }
        Some(page)
    }
}

impl ListedPhoto {
    /// Whether a call of flickr.photos.getSizes can bring a better file at or below `max_size` pixels.
    pub(crate) fn needs_get_sizes(&self, max_size: u32) -> bool {
        let listed = Listed {
            sizes: &self.sizes,
            original_size: self.original_size,
            original_format: self.original_format.as_deref(),
        };
        self.media == Media::Photo && listed.needs_get_sizes(max_size)
    }

    fn read(row: &Value) -> Result<Self, &'static str> {
        let sizes = LABELS.iter().filter_map(|(suffix, label, _)| {
            let field = |name| row.get(format!("{name}_{suffix}"));
            size(label, field("width"), field("height"), field("url"))
        });
        let tags = text(row.get("tags")).unwrap_or_default();
        Ok(Self {
            id: photo_id(row.get("id")).ok_or("no photo id of digits")?,
            title: text(row.get("title")).unwrap_or_default(),
            upload_date: number(row.get("dateupload")),
            media: media(row.get("media")),
            secret: text(row.get("secret")).filter(|secret| !secret.is_empty()),
            original_size: pixels(row.get("o_width")).zip(pixels(row.get("o_height"))),
            original_format: text(row.get("originalformat")).filter(|format| !format.is_empty()),
            sizes: sizes.collect(),
            tags: tags.split_whitespace().map(str::to_owned).collect(),
            taken: taken(row),
            rotation: number(row.get("rotation")).and_then(|degrees| u32::try_from(degrees).ok()),
            public: public(row.get("ispublic")),
        })
    }
}

/// Flickr makes up the date of a photo without one (`datetakenunknown`), and people may know no more than a
/// month (`datetakengranularity` 4), a year or less.
fn taken(row: &Value) -> Option<String> {
    let is_exact = number(row.get("datetakengranularity")).unwrap_or(0) == 0;
    let is_known = !flag(row.get("datetakenunknown"));
    text(row.get("datetaken")).filter(|date| is_exact && is_known && date.len() == 19)
}

/// Private photos are kept apart: what is not known to be private is public.
fn public(value: Option<&Value>) -> bool {
    number(value).is_none_or(|flag| flag != 0)
}

fn media(value: Option<&Value>) -> Media {
    match text(value).as_deref() {
        Some("video") => Media::Video,
        _ => Media::Photo,
    }
}

/// A size with numbers and a URL; rows without (videos) are none.
fn size(
    label: &str,
    width: Option<&Value>,
    height: Option<&Value>,
    url: Option<&Value>,
) -> Option<PhotoSize> {
    Some(PhotoSize {
        label: label.to_owned(),
        width: pixels(width)?,
        height: pixels(height)?,
        url: Url::parse(&text(url)?).ok()?,
    })
}

/// Reads `{"sizes":{"size":[..]}}` without the video rows; `None` without `sizes`.
pub(crate) fn sizes(reply: &Value) -> Option<Vec<PhotoSize>> {
    let sizes = reply.get("sizes").filter(|sizes| sizes.is_object())?;
    let rows = list(sizes.get("size")).iter();
    let photos = rows.filter(|row| media(row.get("media")) == Media::Photo);
    let size = |row: &Value| {
        let label = text(row.get("label"))?;
        let field = |name| row.get(name);
        size(&label, field("width"), field("height"), field("source"))
    };
    Some(photos.filter_map(size).collect())
}

/// Reads the tags `[..]`. The full id is `full_tag_id` in the reply of addTags, whose `id` is another,
/// and `id` elsewhere.
fn tags(rows: Option<&Value>) -> Vec<Tag> {
    let tag = |row: &Value| {
        Some(Tag {
            full_id: text(row.get("full_tag_id")).or_else(|| text(row.get("id")))?,
            raw: text(row.get("raw")).unwrap_or_default(),
            clean: text(row.get("_content")).unwrap_or_default(),
            author: text(row.get("author")).unwrap_or_default(),
            machine: flag(row.get("machine_tag")),
        })
    };
    list(rows).iter().filter_map(tag).collect()
}

/// The tags in the reply of addTags, which is documented as empty: `None` where it is.
pub(crate) fn added_tags(reply: &Value) -> Option<Vec<Tag>> {
    let rows = reply.pointer("/tags/tag");
    let tags = tags(rows);
    let all_full = list(rows)
        .iter()
        .all(|row| row.get("full_tag_id").is_some());
    (all_full && !tags.is_empty()).then_some(tags)
}

/// Reads `{"photo":{"id":..,"tags":{"tag":[..]}}}`; `None` without `photo`.
pub(crate) fn photo_tags(reply: &Value) -> Option<Vec<Tag>> {
    Some(tags(reply.get("photo")?.pointer("/tags/tag")))
}

impl PhotoInfo {
    pub(crate) fn read(reply: &Value) -> Option<Self> {
        let photo = reply.get("photo")?;
        let notes = list(photo.pointer("/notes/note")).iter();
        Some(Self {
            id: photo_id(photo.get("id"))?,
            title: text(photo.get("title")).unwrap_or_default(),
            owner: text(photo.pointer("/owner/nsid")).unwrap_or_default(),
            public: public(photo.pointer("/visibility/ispublic")),
            media: media(photo.get("media")),
            tags: tags(photo.pointer("/tags/tag")),
            notes: notes.filter_map(Note::read).collect(),
        })
    }
}

impl NoteRect {
    /// Reads `x`, `y`, `w` and `h`; the first two may be 0.
    fn read(row: &Value) -> Option<Self> {
        let side = |name| u32::try_from(number(row.get(name))?).ok();
        Some(Self {
            x: side("x")?,
            y: side("y")?,
            w: side("w")?,
            h: side("h")?,
        })
    }
}

impl Note {
    fn read(row: &Value) -> Option<Self> {
        Some(Self {
            id: text(row.get("id"))?,
            author: text(row.get("author")).unwrap_or_default(),
            place: NoteRect::read(row),
            text: text(row.get("_content")).unwrap_or_default(),
        })
    }
}

/// Reads `{"note":{"id":..}}`, the reply of notes.add.
pub(crate) fn added_note(reply: &Value) -> Option<String> {
    text(reply.pointer("/note/id")).filter(|id| !id.is_empty())
}

/// Reads `{"people":{"person":[{"nsid":..}]}}`, the reply of people.getList: the NSIDs.
pub(crate) fn people(reply: &Value) -> Option<Vec<String>> {
    let people = reply.get("people").filter(|people| people.is_object())?;
    let nsids = list(people.get("person")).iter().map(|row| row.get("nsid"));
    Some(nsids.filter_map(text).collect())
}

impl ContactsPage {
    /// Reads `{"contacts":{"pages":..,"contact":[..]}}`; `None` without `contacts`.
    pub(crate) fn read(reply: &Value) -> Option<Self> {
        let contacts = reply.get("contacts").filter(|found| found.is_object())?;
        let contact = |row: &Value| {
            Some(Contact {
                nsid: text(row.get("nsid"))?,
                username: text(row.get("username")).unwrap_or_default(),
                realname: text(row.get("realname")).unwrap_or_default(),
            })
        };
        Some(Self {
            pages: number(contacts.get("pages")).unwrap_or(1),
            contacts: list(contacts.get("contact"))
                .iter()
                .filter_map(contact)
                .collect(),
        })
    }
}

/// Reads `{"who":{"tags":{"tag":[{"clean":..,"raw":[..]}]}}}`; `None` without `who`.
pub(crate) fn own_tags(reply: &Value) -> Option<Vec<OwnTag>> {
    let who = reply.get("who").filter(|who| who.is_object())?;
    let tag = |row: &Value| {
        let raw = list(row.get("raw")).iter();
        Some(OwnTag {
            clean: text(row.get("clean"))?,
            raw: raw.filter_map(|raw| text(Some(raw))).collect(),
        })
    };
    let tags = list(who.pointer("/tags/tag")).iter();
    Some(tags.filter_map(tag).collect())
}

impl TokenInfo {
    pub(crate) fn read(reply: &Value) -> Option<Self> {
        let oauth = reply.get("oauth")?;
        Some(Self {
            perms: match text(oauth.get("perms")).as_deref() {
                Some("read") => Perms::Read,
                Some("write") => Perms::Write,
                Some("delete") => Perms::Delete,
                _ => Perms::None,
            },
            nsid: text(oauth.pointer("/user/nsid"))?,
            username: text(oauth.pointer("/user/username")).unwrap_or_default(),
            fullname: text(oauth.pointer("/user/fullname")).unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests;
