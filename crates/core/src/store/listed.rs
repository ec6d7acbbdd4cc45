//! How many photos the list has, by the date of their upload: for comparing it with Flickr's own counts. Photos that
//! are known to be deleted do not count.

use std::collections::HashMap;

use sqlx::AssertSqlSafe;

use super::{PhotoId, Result, Store};

const READ: &str = "read the list of photos";

impl Store {
    /// How many photos were uploaded between two seconds since 1970, which are part of it.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn count_uploaded(&self, from: u64, to: u64) -> Result<u64> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM photos WHERE state <> 'deleted' AND uploaded BETWEEN $1 AND $2",
        )
        .bind(seconds(from))
        .bind(seconds(to))
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed(READ))?;
        Ok(count.unsigned_abs())
    }

    /// When the photo was uploaded that has `before` others before it among those uploaded between two seconds.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn uploaded_after(
        &self,
        from: u64,
        to: u64,
        before: u64,
    ) -> Result<Option<u64>> {
        let uploaded: Option<i64> = sqlx::query_scalar(
            "SELECT uploaded FROM photos WHERE state <> 'deleted' AND uploaded BETWEEN $1 AND $2
             ORDER BY uploaded, id LIMIT 1 OFFSET $3",
        )
        .bind(seconds(from))
        .bind(seconds(to))
        .bind(seconds(before))
        .fetch_optional(&self.pool)
        .await
        .map_err(self.failed(READ))?;
        Ok(uploaded.map(|uploaded| u64::try_from(uploaded).unwrap_or(0)))
    }

    /// The photos that were uploaded between two seconds, oldest first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn photos_uploaded(&self, from: u64, to: u64) -> Result<Vec<PhotoId>> {
        sqlx::query_scalar(
            "SELECT id FROM photos WHERE state <> 'deleted' AND uploaded BETWEEN $1 AND $2
             ORDER BY uploaded, id",
        )
        .bind(seconds(from))
        .bind(seconds(to))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed(READ))
    }

    /// When a photo of the list was uploaded, as far as is known.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn upload_date(&self, photo: &PhotoId) -> Result<Option<u64>> {
        let uploaded: Option<i64> = sqlx::query_scalar("SELECT uploaded FROM photos WHERE id = $1")
            .bind(photo)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed(READ))?;
        Ok(uploaded.map(|uploaded| u64::try_from(uploaded).unwrap_or(0)))
    }
}

impl Store {
    /// Forgets which images were chosen: Flickr is asked for the sizes of each photo that no listing
    /// brings again.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn forget_images(&self) -> Result<()> {
        sqlx::query("UPDATE photos SET url = NULL, url_width = NULL, url_height = NULL")
            .execute(&self.pool)
            .await
            .map_err(self.failed("forget the images that were chosen"))?;
        Ok(())
    }
}

/// What tells a photo's picture from another that it had before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// What the addresses of its image hold.
    pub secret: Option<String>,
    /// By how many degrees it is shown turned.
    pub rotation: Option<i64>,
}

impl Store {
    /// The pictures of those of these photos that are in the list.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn pictures(&self, photos: &[PhotoId]) -> Result<HashMap<PhotoId, Picture>> {
        if photos.is_empty() {
            return Ok(HashMap::new());
        }
        let places: Vec<String> = (1..=photos.len())
            .map(|place| format!("${place}"))
            .collect();
        let places = places.join(", ");
        // Places alone, no text from outside.
        let select = format!("SELECT id, secret, rotation FROM photos WHERE id IN ({places})");
        let mut select = sqlx::query(AssertSqlSafe(select));
        for photo in photos {
            select = select.bind(photo);
        }
        let rows = self.rows(READ, select).await?;
        let picture = |row| {
            let picture = Picture {
                secret: self.column(row, "secret")?,
                rotation: self.column(row, "rotation")?,
            };
            Ok((self.column(row, "id")?, picture))
        };
        rows.iter().map(picture).collect()
    }
}

/// As the database keeps it.
fn seconds(since_1970: u64) -> i64 {
    i64::try_from(since_1970).unwrap_or(i64::MAX)
}
