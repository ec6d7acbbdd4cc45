//! The journal of what is written to Flickr: an entry before each call, its end after it.

use serde::Serialize;

use super::{PhotoId, Result, Store};
use crate::flickr::NoteRect;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WriteKind {
    /// A tag of a photo.
    Tag,
    /// A note on a photo.
    Note,
    /// A member of Flickr who is on a photo.
    #[serde(rename = "person")]
    Member,
}

/// How far an entry has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteState {
    /// Nothing was done: it has no entry yet.
    Planned,
    /// The call was about to be made: after a stop it must be looked up whether it was.
    Begun,
    /// Flickr has it from us.
    Added,
    /// It was on the photo before.
    Preexisting,
    /// Flickr refused it.
    Failed,
    /// The call to remove it was about to be made.
    Removing,
    /// We removed it again.
    Removed,
    /// It was removed on Flickr.
    RemovedElsewhere,
}

/// One thing written to one photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlickrWrite {
    /// What it is.
    pub kind: WriteKind,
    /// Flickr's photo id.
    pub photo: PhotoId,
    /// Tells it from others of its kind on the photo: a tag's text; a note's face and text; a member's
    /// NSID.
    pub item: String,
    /// The text as it is written.
    pub text: String,
    /// The clean form that Flickr gave the tag, once a reply has shown it.
    pub clean: Option<String>,
    /// Names of the people it stands for; none where it is older than this column.
    pub people: Vec<String>,
    /// Where it is on the photo, if it has a place.
    pub place: Option<NoteRect>,
    /// How far it has come.
    pub state: WriteState,
    /// Flickr's id, where it is known: of a tag the full id, which removing it needs.
    pub flickr_id: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
    /// Flickr's error code where it refused for good: it is not asked again.
    pub code: Option<i64>,
    /// When its entry was last changed, in seconds since 1970; 0 before it has one.
    pub written: i64,
}

impl FlickrWrite {
    /// Whether Flickr refused it for good.
    pub fn is_refused(&self) -> bool {
        self.state == WriteState::Failed && self.code.is_some()
    }
}

impl WriteKind {
    pub(super) const ALL: [(Self, &str); 3] = [
        (Self::Tag, "tag"),
        (Self::Note, "note"),
        (Self::Member, "member"),
    ];
}

impl WriteState {
    pub(super) const ALL: [(Self, &str); 7] = [
        (Self::Begun, "begun"),
        (Self::Added, "added"),
        (Self::Preexisting, "present"),
        (Self::Failed, "failed"),
        (Self::Removing, "removing"),
        (Self::Removed, "removed"),
        (Self::RemovedElsewhere, "gone"),
    ];

    /// Whether Flickr has, or may have, something from us.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Begun | Self::Added | Self::Removing)
    }
}

/// The word of a value in one of the two lists above; the columns' checks leave no others.
pub(super) fn word<T: Copy + PartialEq>(all: &[(T, &'static str)], value: T) -> &'static str {
    let found = all.iter().find(|(known, _)| *known == value);
    found.map_or("", |(_, word)| word)
}

pub(super) fn value<T: Copy>(all: &[(T, &str)], word: &str, otherwise: T) -> T {
    let found = all.iter().find(|(_, known)| *known == word);
    found.map_or(otherwise, |(value, _)| *value)
}

fn place_text(place: NoteRect) -> String {
    format!("{},{},{},{}", place.x, place.y, place.w, place.h)
}

fn read_place(text: &str) -> Option<NoteRect> {
    let mut sides = text.split(',').map(|side| side.parse().ok());
    let mut next = || sides.next().flatten();
    Some(NoteRect {
        x: next()?,
        y: next()?,
        w: next()?,
        h: next()?,
    })
}

impl Store {
    /// The journal's entries, photo by photo.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn flickr_writes(&self) -> Result<Vec<FlickrWrite>> {
        let select = sqlx::query(
            "SELECT kind, photo, item, text, clean, people, place, state, flickr_id, error, code, written
             FROM flickr_writes ORDER BY photo, kind, item",
        );
        let rows = self.rows("read what was written to Flickr", select).await?;
        rows.iter()
            .map(|row| {
                let text = |name| self.column::<String>(row, name);
                let place: Option<String> = self.column(row, "place")?;
                Ok(FlickrWrite {
                    kind: value(&WriteKind::ALL, &text("kind")?, WriteKind::Tag),
                    photo: self.column(row, "photo")?,
                    item: text("item")?,
                    text: text("text")?,
                    clean: self.column(row, "clean")?,
                    people: text("people")?.lines().map(str::to_owned).collect(),
                    place: place.as_deref().and_then(read_place),
                    state: value(&WriteState::ALL, &text("state")?, WriteState::Failed),
                    flickr_id: self.column(row, "flickr_id")?,
                    error: self.column(row, "error")?,
                    code: self.column(row, "code")?,
                    written: self.column(row, "written")?,
                })
            })
            .collect()
    }

    /// Enters writes into the journal or changes their entries, in one transaction. `now` is in
    /// seconds since 1970.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing is entered.
    pub(crate) async fn record_writes(&self, writes: &[FlickrWrite], now: i64) -> Result<()> {
        let what = "keep the journal of what is written to Flickr";
        self.log_writes(writes, now).await?;
        let mut transaction = self.begin(what).await?;
        for write in writes {
            let record = sqlx::query(
                "INSERT INTO flickr_writes
                    (kind, photo, item, text, people, place, state, flickr_id, written, error, code,
                     clean)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                 ON CONFLICT (kind, photo, item) DO UPDATE SET text = excluded.text,
                    people = excluded.people, place = excluded.place, state = excluded.state,
                    flickr_id = excluded.flickr_id, written = excluded.written,
                    error = excluded.error, code = excluded.code, clean = excluded.clean",
            )
            .bind(word(&WriteKind::ALL, write.kind))
            .bind(&write.photo)
            .bind(write.item.as_str())
            .bind(write.text.as_str())
            .bind(write.people.join("\n"))
            .bind(write.place.map(place_text))
            .bind(word(&WriteState::ALL, write.state))
            .bind(write.flickr_id.as_deref())
            .bind(now)
            .bind(write.error.as_deref())
            .bind(write.code)
            .bind(write.clean.as_deref());
            self.run(&mut transaction, what, record).await?;
        }
        transaction.commit().await.map_err(self.failed(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_kept_as_text() {
        let place = NoteRect {
            x: 0,
            y: 7,
            w: 120,
            h: 99,
        };
        assert_eq!(read_place(&place_text(place)), Some(place));
        assert_eq!(read_place("1,2,3"), None);
        assert_eq!(read_place("1,2,3,x"), None);
    }
}
