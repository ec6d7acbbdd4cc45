//! Photos that a run has taken on. A claim lasts as long as its run says that it is alive: it is a lease
//! of [`LEASE`], renewed while the run works, so that the photos of a machine that died are free soon.

use super::{ListedImage, PhotoId, Result, Store};

/// How long a claim lasts without being renewed, in seconds: by the database's clock, which all machines
/// share.
pub(crate) const LEASE: i64 = 90;

/// A photo that this run has taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Flickr's id.
    pub id: PhotoId,
    /// The image to fetch; `None` where Flickr must be asked for the sizes first.
    pub image: Option<ListedImage>,
}

/// An image's address and sides as the database gives them.
type ImageRow = (PhotoId, Option<String>, Option<i64>, Option<i64>);

/// A statement about claims for a database whose time is `$now`. Photos that failed most often come last,
/// so that they hold up no other; an index has this order. `$lock` is for rows that another machine is
/// about to claim.
macro_rules! statements {
    ($now:literal, $lock:literal) => {
        Statements {
            claim: concat!(
                "UPDATE photos SET claimed_by = $1, claimed_until = ",
                $now,
                " + $2
                 WHERE id = (
                    SELECT id FROM photos
                    WHERE state = 'listed'
                        AND (claimed_until IS NULL OR claimed_until < ",
                $now,
                " AND claimed_by <> $1)
                    ORDER BY attempts, uploaded, id LIMIT 1 ",
                $lock,
                ")
                 RETURNING id, url, url_width, url_height"
            ),
            renew: concat!(
                "UPDATE photos SET claimed_until = ",
                $now,
                " + $2 WHERE claimed_by = $1"
            ),
        }
    };
}

pub(super) struct Statements {
    pub(super) claim: &'static str,
    pub(super) renew: &'static str,
}

const SQLITE: Statements = statements!("unixepoch()", "");
const POSTGRES: Statements = statements!(
    "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
    "FOR UPDATE SKIP LOCKED"
);
pub(super) const UNCLAIM: &str = "UPDATE photos SET claimed_by = NULL, claimed_until = NULL
    WHERE id = $1 AND claimed_by = $2";

impl Store {
    pub(super) fn claim_statements(&self) -> Statements {
        match self.file {
            Some(_) => SQLITE,
            None => POSTGRES,
        }
    }

    /// What a run begins with: the photos that failed are to be tried again, and what others had claimed is
    /// free where this is surely the only run, as it is on an SQLite file (see
    /// [`Store::lock_for_download`]). Returns how many had failed.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn begin_run(&self) -> Result<u64> {
        let what = "begin the run";
        let mut write = self.begin(what).await?;
        if self.file.is_some() {
            let free = sqlx::query(
                "UPDATE photos SET claimed_by = NULL, claimed_until = NULL
                 WHERE claimed_by IS NOT NULL",
            );
            self.run(&mut write, what, free).await?;
        }
        let again = sqlx::query("UPDATE photos SET state = 'listed' WHERE state = 'failed'");
        let retried = self.run(&mut write, what, again).await?;
        write.commit().await.map_err(self.failed(what))?;
        Ok(retried)
    }

    /// Claims the next photo for `worker`, for `lease` seconds: of those that failed least often the oldest.
    /// `None` where none is free.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn claim(&self, worker: &str, lease: i64) -> Result<Option<Claim>> {
        let row: Option<ImageRow> = sqlx::query_as(self.claim_statements().claim)
            .bind(worker)
            .bind(lease)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("claim a photo"))?;
        Ok(row.map(claim))
    }

    /// Says that a worker is alive: its claims last for `lease` seconds from now.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn renew_claims(&self, worker: &str, lease: i64) -> Result<()> {
        sqlx::query(self.claim_statements().renew)
            .bind(worker)
            .bind(lease)
            .execute(&self.pool)
            .await
            .map_err(self.failed("renew the claims"))?;
        Ok(())
    }

    /// Gives a photo back unprocessed that `worker` has claimed.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn unclaim(&self, worker: &str, photo: &PhotoId) -> Result<()> {
        sqlx::query(UNCLAIM)
            .bind(photo)
            .bind(worker)
            .execute(&self.pool)
            .await
            .map_err(self.failed("give a photo back"))?;
        Ok(())
    }

    /// Frees what `worker` has claimed and not done: its run ends.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn unclaim_all(&self, worker: &str) -> Result<()> {
        let free = sqlx::query(
            "UPDATE photos SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by = $1",
        );
        free.bind(worker)
            .execute(&self.pool)
            .await
            .map_err(self.failed("free the photos under way"))?;
        Ok(())
    }

    /// How many photos that are still to do are claimed by others than `worker`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn claimed_by_others(&self, worker: &str) -> Result<u64> {
        let claimed: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM photos
             WHERE claimed_by IS NOT NULL AND claimed_by <> $1 AND state = 'listed'",
        )
        .bind(worker)
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed("count the claims"))?;
        Ok(claimed.unsigned_abs())
    }

    /// Up to `most` of the newest photos in a state whose image has an address.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn newest(&self, state: &str, most: u32) -> Result<Vec<Claim>> {
        let rows: Vec<ImageRow> = sqlx::query_as(
            "SELECT id, url, url_width, url_height FROM photos
             WHERE state = $1 AND url IS NOT NULL ORDER BY uploaded DESC, id DESC LIMIT $2",
        )
        .bind(state)
        .bind(i64::from(most))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read the newest photos"))?;
        Ok(rows.into_iter().map(claim).collect())
    }

    /// Keeps another image of a photo than the listing chose.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn keep_image(&self, photo: &PhotoId, image: &ListedImage) -> Result<()> {
        sqlx::query("UPDATE photos SET url = $2, url_width = $3, url_height = $4 WHERE id = $1")
            .bind(photo)
            .bind(image.url.as_str())
            .bind(i64::from(image.width))
            .bind(i64::from(image.height))
            .execute(&self.pool)
            .await
            .map_err(self.failed("store a photo's image"))?;
        Ok(())
    }
}

fn claim((id, url, width, height): ImageRow) -> Claim {
    let side = |side: Option<i64>| u32::try_from(side.unwrap_or(0)).unwrap_or(0);
    Claim {
        id,
        image: url.map(|url| ListedImage {
            url,
            width: side(width),
            height: side(height),
        }),
    }
}
