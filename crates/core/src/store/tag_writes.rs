//! The journal of tags written to Flickr: an entry before each call, its end after it.

use super::{Result, Store};

/// How far a tag has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TagState {
    /// The call was about to be made: after a stop it must be looked up whether it was.
    Begun,
    /// Flickr has it from us.
    Added,
    /// It was on the photo before.
    Present,
    /// Flickr refused it.
    Failed,
}

impl TagState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Added => "added",
            Self::Present => "present",
            Self::Failed => "failed",
        }
    }

    fn read(text: &str) -> Self {
        [Self::Begun, Self::Added, Self::Present]
            .into_iter()
            .find(|state| state.as_str() == text)
            // The column's check leaves `failed` alone.
            .unwrap_or(Self::Failed)
    }
}

/// One tag of one photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagWrite {
    /// Flickr's photo id.
    pub photo: String,
    /// The tag as it is written.
    pub tag: String,
    /// The tag's clean form, by which Flickr tells tags apart.
    pub key: String,
    /// How far it has come.
    pub state: TagState,
    /// Flickr's full id of the tag, where it is known: what removing it would need.
    pub flickr_id: Option<String>,
    /// Why it failed.
    pub error: Option<String>,
}

impl Store {
    /// The journal's entries.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn tag_writes(&self) -> Result<Vec<TagWrite>> {
        let rows = sqlx::query(
            "SELECT photo, tag, tag_key, state, flickr_id, error FROM tag_writes
             ORDER BY photo, tag_key",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read what was written to Flickr"))?;
        rows.iter()
            .map(|row| {
                Ok(TagWrite {
                    photo: self.column(row, "photo")?,
                    tag: self.column(row, "tag")?,
                    key: self.column(row, "tag_key")?,
                    state: TagState::read(&self.column::<String>(row, "state")?),
                    flickr_id: self.column(row, "flickr_id")?,
                    error: self.column(row, "error")?,
                })
            })
            .collect()
    }

    /// Enters tags into the journal or changes their entries, in one transaction. `now` is in
    /// seconds since 1970.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing is entered.
    pub async fn record_tags(&self, tags: &[TagWrite], now: i64) -> Result<()> {
        let what = "keep the journal of tags";
        let mut write = self.begin(what).await?;
        for tag in tags {
            let record = sqlx::query(
                "INSERT INTO tag_writes (photo, tag, tag_key, state, flickr_id, written, error)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)
                 ON CONFLICT (photo, tag_key) DO UPDATE SET tag = excluded.tag,
                    state = excluded.state, flickr_id = excluded.flickr_id,
                    written = excluded.written, error = excluded.error",
            )
            .bind(tag.photo.as_str())
            .bind(tag.tag.as_str())
            .bind(tag.key.as_str())
            .bind(tag.state.as_str())
            .bind(tag.flickr_id.as_deref())
            .bind(now)
            .bind(tag.error.as_deref());
            self.run(&mut write, what, record).await?;
        }
        write.commit().await.map_err(self.failed(what))
    }
}
