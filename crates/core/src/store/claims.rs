//! Photos that a run has taken on. A claim lasts as long as its run says that it is alive: it is a lease
//! of [`LEASE`], renewed while the run works, so that the photos of a machine that died are free soon.
//!
//! Runs are known by a token of their own; only who holds a claim may end its photo.

use sqlx::AssertSqlSafe;

use super::{ListedImage, PhotoId, Result, Store, photos::places};

/// How long a claim lasts without being renewed, in seconds: by the database's clock, which all machines
/// share.
pub(crate) const LEASE: i64 = 45;

/// Tells the machine from the rest in a run's token.
pub(crate) const AFTER_MACHINE: char = ' ';

/// A photo that this run has taken on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Flickr's id.
    pub id: PhotoId,
    /// The image to fetch; `None` where Flickr must be asked for the sizes first.
    pub image: Option<ListedImage>,
    /// By how many degrees Flickr shows it turned clockwise against the original's pixels, where that is known.
    pub rotation: Option<i64>,
}

/// An image's address, sides and rotation as the database gives them.
type ImageRow = (
    PhotoId,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

/// The same, with what claims are ordered by first.
type ClaimRow = (
    i64,
    i64,
    PhotoId,
    Option<String>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

/// A statement about claims for a database whose time is `$now`. Photos that failed most often come last,
/// so that they hold up no other; an index has this order. `$ids` makes a set of the rows that are to be
/// claimed, and makes it once; `$lock` is for rows that another machine is about to claim.
macro_rules! statements {
    ($now:literal, $ids:literal, $lock:literal) => {
        Statements {
            claim: concat!(
                "UPDATE photos SET claimed_by = $1, claimed_until = ",
                $now,
                " + $2
                 WHERE id ",
                $ids,
                "(SELECT id FROM photos
                    WHERE state = 'listed'
                        AND (claimed_until IS NULL OR claimed_until < ",
                $now,
                " AND claimed_by <> $1)
                    ORDER BY attempts, uploaded, id LIMIT $3 ",
                $lock,
                "))
                 RETURNING attempts, uploaded, id, url, url_width, url_height, rotation"
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

const SQLITE: Statements = statements!("unixepoch()", "IN (SELECT id FROM ", "");
const POSTGRES: Statements = statements!(
    "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
    // A plain subquery may be run again for each row, and lock others each time.
    "= ANY (ARRAY",
    "FOR UPDATE SKIP LOCKED"
);

impl Store {
    pub(super) fn claim_statements(&self) -> Statements {
        match self.file {
            Some(_) => SQLITE,
            None => POSTGRES,
        }
    }

    /// What a run begins with: the photos that failed are to be tried again, and what dead runs had claimed is
    /// free, as far as they are known. On an SQLite file this is surely the only run (see
    /// [`Store::lock_for_download`]); elsewhere those are known that had the folder's id, `own`, which no living
    /// run has. Returns how many had failed.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn begin_run(&self, own: Option<&str>) -> Result<u64> {
        let what = "begin the run";
        let mut write = self.begin(what).await?;
        let dead = if self.file.is_some() {
            Some("%".to_owned())
        } else {
            own.map(|own| format!("%{AFTER_MACHINE}{own}-%"))
        };
        if let Some(dead) = dead {
            let free = sqlx::query(
                "UPDATE photos SET claimed_by = NULL, claimed_until = NULL
                 WHERE claimed_by IS NOT NULL AND claimed_by LIKE $1",
            );
            self.run(&mut write, what, free.bind(dead)).await?;
        }
        let again = sqlx::query("UPDATE photos SET state = 'listed' WHERE state = 'failed'");
        let retried = self.run(&mut write, what, again).await?;
        write.commit().await.map_err(self.failed(what))?;
        Ok(retried)
    }

    /// Claims up to `most` photos for `worker`, for `lease` seconds: of those that failed least often the
    /// oldest, in this order. None where none is free.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn claim(&self, worker: &str, lease: i64, most: u32) -> Result<Vec<Claim>> {
        let mut rows: Vec<ClaimRow> = sqlx::query_as(self.claim_statements().claim)
            .bind(worker)
            .bind(lease)
            .bind(i64::from(most))
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("claim photos"))?;
        rows.sort_by(|a, b| (a.0, a.1, &a.2).cmp(&(b.0, b.1, &b.2)));
        let rows = rows.into_iter();
        Ok(rows
            .map(|(_, _, id, url, width, height, rotation)| {
                claim((id, url, width, height, rotation))
            })
            .collect())
    }

    /// What `worker` has claimed and not ended.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn claimed(&self, worker: &str) -> Result<Vec<Claim>> {
        let rows: Vec<ImageRow> = sqlx::query_as(
            "SELECT id, url, url_width, url_height, rotation FROM photos WHERE claimed_by = $1",
        )
        .bind(worker)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read the claims"))?;
        Ok(rows.into_iter().map(claim).collect())
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

    /// Gives photos back unprocessed that `worker` has claimed.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn unclaim(&self, worker: &str, photos: &[PhotoId]) -> Result<()> {
        if photos.is_empty() {
            return Ok(());
        }
        // Places alone, no text from outside.
        let unclaim = AssertSqlSafe(format!(
            "UPDATE photos SET claimed_by = NULL, claimed_until = NULL
             WHERE claimed_by = $1 AND id IN ({})",
            places(2, photos.len())
        ));
        let mut unclaim = sqlx::query(unclaim).bind(worker);
        for photo in photos {
            unclaim = unclaim.bind(photo);
        }
        unclaim
            .execute(&self.pool)
            .await
            .map_err(self.failed("give photos back"))?;
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

    /// Which other machines than `worker` have claimed photos that are still to do, and how many each, by name.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn claimed_by_others(&self, worker: &str) -> Result<Vec<(String, u64)>> {
        let rows: Vec<(String, i64)> = sqlx::query_as(
            "SELECT claimed_by, COUNT(*) FROM photos
             WHERE claimed_by IS NOT NULL AND claimed_by <> $1 AND state = 'listed'
             GROUP BY claimed_by ORDER BY claimed_by",
        )
        .bind(worker)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("count the claims"))?;
        let machine = |token: String| match token.split_once(AFTER_MACHINE) {
            Some((machine, _)) => machine.to_owned(),
            None => token,
        };
        let rows = rows.into_iter();
        Ok(rows
            .map(|(token, photos)| (machine(token), photos.unsigned_abs()))
            .collect())
    }

    /// Up to `most` of the newest photos in a state whose image has an address.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn newest(&self, state: &str, most: u32) -> Result<Vec<Claim>> {
        let rows: Vec<ImageRow> = sqlx::query_as(
            "SELECT id, url, url_width, url_height, rotation FROM photos
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

fn claim((id, url, width, height, rotation): ImageRow) -> Claim {
    let side = |side: Option<i64>| u32::try_from(side.unwrap_or(0)).unwrap_or(0);
    Claim {
        id,
        image: url.map(|url| ListedImage {
            url,
            width: side(width),
            height: side(height),
        }),
        rotation,
    }
}
