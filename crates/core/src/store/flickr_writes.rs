//! The journal of what is written to Flickr: an entry before each call, its end after it.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    Result, Store,
    write::{FlickrWrite, WriteKind, WriteState, place_text, read_place, value, word},
};

const ENTER: &str = "keep the journal of what is written to Flickr";

impl Store {
    /// Whether the journal has any entry.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn has_flickr_writes(&self) -> Result<bool> {
        let one = sqlx::query_scalar::<_, i64>("SELECT 1 FROM flickr_writes LIMIT 1");
        let one = one.fetch_optional(&self.pool).await;
        Ok(one
            .map_err(self.failed("read what was written to Flickr"))?
            .is_some())
    }

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
    /// Where the store cannot be written to; then nothing is entered. [`StoreError::LockLost`](super::StoreError::LockLost)
    /// where a call is to be made, and another `tag-photos` is at work by now.
    pub(crate) async fn record_writes(&self, writes: &[FlickrWrite], now: i64) -> Result<()> {
        if writes.is_empty() {
            return Ok(());
        }
        let is_logged = AtomicBool::new(false);
        self.while_away(|| async {
            // Each time: while a server is away, another may take the lock.
            self.hold_tagging_lock(writes).await?;
            if !is_logged.swap(true, Ordering::Relaxed) {
                self.log_writes(writes, now).await?;
            }
            self.enter(writes, now).await
        })
        .await
    }

    async fn enter(&self, writes: &[FlickrWrite], now: i64) -> Result<()> {
        let mut transaction = self.begin(ENTER).await?;
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
            self.run(&mut transaction, ENTER, record).await?;
        }
        self.commit(transaction, ENTER).await
    }
}
