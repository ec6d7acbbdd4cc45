//! Photos: listed once, finished in one transaction with their faces.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use sqlx::{Any, AssertSqlSafe, Transaction};

use super::{FoundFace, PhotoId, Result, Store, replace};
use crate::boxed;
use crate::faces::Detector;

/// A photo as the listing gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPhoto {
    /// Flickr's id.
    pub id: PhotoId,
    /// Upload date, seconds since 1970.
    pub uploaded: i64,
    /// Title, may be empty.
    pub title: String,
    /// Its tags on Flickr in their clean form.
    pub tags: Vec<String>,
    /// When it was taken, `2005-07-12 12:34:56`, where Flickr knows it to the second.
    pub taken: Option<String>,
    /// By how many degrees Flickr shows it turned clockwise against the original's pixels.
    pub rotation: Option<u32>,
    /// What the addresses of its image hold: another where the photo was replaced or turned.
    pub secret: Option<String>,
    /// The image to fetch; `None` where Flickr must be asked for the sizes.
    pub image: Option<ListedImage>,
}

/// An image to fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedImage {
    /// Where it is.
    pub url: String,
    /// Width in pixels as Flickr gives it: for an original perhaps before rotation.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// What photos are processed with. A photo processed with other settings is outdated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processing {
    /// Longest side asked for, in pixels.
    pub max_size: u32,
    /// The detector.
    pub detector: Detector,
    /// How often the photo is doubled.
    pub upsample: u8,
    /// The smallest face that is looked for, in pixels of the photo.
    pub min_face: u32,
    /// Whether photos without a sure face are looked at turned.
    pub turned: bool,
    /// The descriptor network: the SHA-256 of its file, in hexadecimal.
    pub encoder: String,
    /// The engine's name, for the record: every engine gives the same numbers.
    pub engine: &'static str,
}

/// How a photo ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Its faces, perhaps none, in an image of that width and height.
    Done {
        /// The processed image's width in pixels.
        width: u32,
        /// The processed image's height in pixels.
        height: u32,
        /// What was found.
        faces: Vec<FoundFace>,
    },
    /// Flickr has no image at or below MAX_SIZE, or none that may be fetched.
    NoImage(String),
    /// It failed; the next run tries again.
    Failed(String),
    /// It is no longer on Flickr; see [`Store::settle_deleted`].
    Deleted,
}

/// Photos by state, faces by decision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Known photos.
    pub photos: u64,
    /// Photos whose faces are stored.
    pub done: u64,
    /// Photos without a usable image.
    pub no_image: u64,
    /// Photos that failed and will be tried again.
    pub failed: u64,
    /// Photos that are no longer on Flickr.
    pub deleted: u64,
    /// Faces found in all photos that are on Flickr.
    pub faces: u64,
    /// Those of them without a decision.
    pub undecided: u64,
}

impl Counts {
    /// Photos that are still to be processed.
    pub fn to_do(&self) -> u64 {
        self.photos - self.done - self.no_image - self.failed - self.deleted
    }
}

/// Why photos ended without their faces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The reason, as it was recorded.
    #[serde(rename = "reason")]
    pub text: String,
    /// How many photos.
    pub photos: u64,
    /// Some of them, oldest first.
    pub examples: Vec<PhotoId>,
}

/// Where the first photo lies that is still to be processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StartImage {
    /// Its upload date and id, by which photos are in order.
    photo: (i64, String),
    /// How many photos lie before it.
    pub(crate) index: u64,
}

const NEXT_TO_DO: &str =
    "SELECT uploaded, id FROM photos WHERE state = 'listed' ORDER BY uploaded, id LIMIT 1";
const PASSED: &str =
    "SELECT COUNT(*) FROM photos WHERE (uploaded, id) >= ($1, $2) AND (uploaded, id) < ($3, $4)";

/// Ends the photo $1, where the worker $2 has it or none is asked for. The row is then this transaction's
/// until it ends: its faces are written by one alone.
macro_rules! ended {
    ($set:literal) => {
        concat!(
            "UPDATE photos SET attempts = attempts + 1, claimed_by = NULL, claimed_until = NULL, ",
            $set,
            " WHERE id = $1 AND (CAST($2 AS TEXT) IS NULL OR claimed_by = $2)"
        )
    };
}

/// What is done where a photo's end is recorded, for errors.
const FINISH: &str = "store a photo's faces";

/// Photos done with other settings than these, as [`bind_settings`] binds them.
macro_rules! where_outdated {
    ($statement:literal) => {
        concat!(
            $statement,
            " WHERE state = 'done'
              AND (done_max_size <> $1 OR done_detector <> $2 OR done_upsample <> $3
                OR done_min_face <> $4 OR done_encoder <> $5 OR done_turned <> $6)"
        )
    };
}

impl Store {
    /// Adds a page of the listing. Photos known already keep their state, but for those without an
    /// image, or with another picture than they had, which are to be looked at again, and those that were
    /// deleted, which are as before then; all take over the image chosen now. Of a photo that is there twice
    /// the last counts.
    ///
    /// Returns how many were new.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing of the page is kept.
    #[boxed]
    pub async fn add_listed(&self, photos: &[ListedPhoto]) -> Result<u64> {
        let what = "store the list of photos";
        let photos: HashMap<&PhotoId, &ListedPhoto> =
            photos.iter().map(|photo| (&photo.id, photo)).collect();
        // Everybody writes rows in one order: two never wait for each other.
        let mut photos: Vec<&ListedPhoto> = photos.into_values().collect();
        photos.sort_by(|a, b| a.id.cmp(&b.id));
        let mut write = self.begin(what).await?;
        let mut new = 0;
        for photos in photos.chunks(ROWS_A_STATEMENT) {
            // Places alone, no text from outside.
            let known = AssertSqlSafe(format!(
                "SELECT COUNT(*) FROM photos WHERE id IN ({})",
                places(1, photos.len())
            ));
            let mut known = sqlx::query_scalar(known);
            for photo in photos {
                known = known.bind(&photo.id);
            }
            let known: i64 = known
                .fetch_one(&mut *write)
                .await
                .map_err(self.failed(what))?;
            new += photos.len() as u64 - known.unsigned_abs();
            let mut insert = sqlx::query(AssertSqlSafe(insert_listed(photos.len())));
            for photo in photos {
                insert = bind_listed(insert, photo);
            }
            self.run(&mut write, what, insert).await?;
        }
        write.commit().await.map_err(self.failed(what))?;
        Ok(new)
    }

    /// How many photos were done with other settings than these.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn outdated(&self, with: &Processing) -> Result<u64> {
        let count = sqlx::query(where_outdated!("SELECT COUNT(*) AS photos FROM photos"));
        let row = bind_settings(count, with)
            .fetch_one(&self.pool)
            .await
            .map_err(self.failed("count the photos"))?;
        Ok(self.column::<i64>(&row, "photos")?.unsigned_abs())
    }

    /// Marks the photos done with other settings to be processed again. Their faces and names stay
    /// until then. Returns how many.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub(crate) async fn redo(&self, with: &Processing) -> Result<u64> {
        let redo = sqlx::query(where_outdated!("UPDATE photos SET state = 'listed'"));
        let done = bind_settings(redo, with)
            .execute(&self.pool)
            .await
            .map_err(self.failed("mark the photos to be processed again"))?;
        Ok(done.rows_affected())
    }

    /// Records how a photo ended, with its faces, in one transaction.
    ///
    /// Where the photo had faces before (`--redo`), a new face that lies where an old one was takes
    /// over its name, decision and rejections; an old face that was decided and is not found again
    /// stays, so that no name is lost.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing of the photo is kept.
    #[boxed]
    pub async fn finish(
        &self,
        photo: &PhotoId,
        with: &Processing,
        outcome: &Outcome,
    ) -> Result<()> {
        let mut write = self.begin(FINISH).await?;
        self.finish_in(&mut write, None, photo, with, outcome)
            .await?;
        write.commit().await.map_err(self.failed(FINISH))
    }

    /// The same for photos that `worker` has claimed, in one transaction: a file is synced to its disk once for all of
    /// them. Of one that another has by now, because this machine slept, nothing is recorded: returns of which photos
    /// something was.
    ///
    /// # Errors
    /// Where the store cannot be written to; then nothing of any of these photos is kept.
    pub(crate) async fn finish_claimed(
        &self,
        worker: &str,
        with: &Processing,
        photos: &[(&PhotoId, &Outcome)],
    ) -> Result<Vec<bool>> {
        let mut write = self.begin(FINISH).await?;
        let mut recorded = Vec::new();
        for (photo, outcome) in photos {
            let done = self.finish_in(&mut write, Some(worker), photo, with, outcome);
            recorded.push(done.await?);
        }
        write.commit().await.map_err(self.failed(FINISH))?;
        Ok(recorded)
    }

    async fn finish_in(
        &self,
        write: &mut Transaction<'static, Any>,
        worker: Option<&str>,
        photo: &PhotoId,
        with: &Processing,
        outcome: &Outcome,
    ) -> Result<bool> {
        let ended = match outcome {
            Outcome::Done { width, height, .. } => sqlx::query(ended!(
                "error = NULL, width = $3, height = $4, done_max_size = $5, done_detector = $6,
                 done_upsample = $7, done_engine = $8, done_min_face = $9, done_encoder = $10,
                 done_turned = $11, state = 'done'"
            ))
            .bind(photo)
            .bind(worker)
            .bind(i64::from(*width))
            .bind(i64::from(*height))
            .bind(i64::from(with.max_size))
            .bind(with.detector.as_str())
            .bind(i64::from(with.upsample))
            .bind(with.engine)
            .bind(i64::from(with.min_face))
            .bind(with.encoder.as_str())
            .bind(i64::from(with.turned)),
            Outcome::NoImage(reason) => without_faces(photo, worker, "no_image", Some(reason)),
            Outcome::Failed(reason) => without_faces(photo, worker, "failed", Some(reason)),
            Outcome::Deleted => without_faces(photo, worker, "deleted", None),
        };
        if self.run(write, FINISH, ended).await? == 0 {
            // Another's claim, or no such photo.
            return Ok(false);
        }
        if let Outcome::Done {
            width,
            height,
            faces,
        } = outcome
        {
            let image = replace::Image {
                photo,
                size: (*width, *height),
                encoder: &with.encoder,
            };
            replace::replace(self, write, image, faces).await?;
        }
        Ok(true)
    }

    /// Settles that a photo is no longer on Flickr. Its faces and their names stay, but nobody is asked
    /// about them, and tags.json and `tag-photos` leave the photo out, until it is listed again. Returns
    /// whether it is in the list and this was not known.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    #[boxed]
    pub async fn settle_deleted(&self, photo: &PhotoId) -> Result<bool> {
        let settled = sqlx::query(
            "UPDATE photos SET state = 'deleted', error = NULL, claimed_by = NULL,
                claimed_until = NULL WHERE id = $1 AND state <> 'deleted'",
        )
        .bind(photo)
        .execute(&self.pool)
        .await
        .map_err(self.failed("store that a photo is deleted"))?;
        Ok(settled.rows_affected() > 0)
    }

    /// The photos that are no longer on Flickr.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn deleted_photos(&self) -> Result<HashSet<PhotoId>> {
        let ids: Vec<PhotoId> = sqlx::query_scalar("SELECT id FROM photos WHERE state = 'deleted'")
            .fetch_all(&self.pool)
            .await
            .map_err(self.failed("read which photos are deleted"))?;
        Ok(ids.into_iter().collect())
    }

    /// The index, oldest first and counted from 0, of the first photo that is still to be
    /// processed; the number of photos where none is.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn start_image(&self) -> Result<u64> {
        Ok(self.start_image_after(None).await?.index)
    }

    /// The same, counted on from an `earlier` one: the photos before that are not counted again. Those that
    /// were listed since and lie before it are not counted at all.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn start_image_after(
        &self,
        earlier: Option<StartImage>,
    ) -> Result<StartImage> {
        let what = "count the photos";
        let next: Option<(i64, String)> = sqlx::query_as(NEXT_TO_DO)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed(what))?;
        let photo = match next {
            Some(photo) => photo,
            // After all others.
            None => (i64::MAX, String::new()),
        };
        // What failed before is to do again: the first one then lies before the earlier.
        let earlier = earlier.filter(|earlier| earlier.photo <= photo);
        let (from, before) = match earlier {
            Some(StartImage { photo, index }) => (photo, index),
            None => ((i64::MIN, String::new()), 0),
        };
        let passed: i64 = sqlx::query_scalar(PASSED)
            .bind(from.0)
            .bind(from.1.as_str())
            .bind(photo.0)
            .bind(photo.1.as_str())
            .fetch_one(&self.pool)
            .await
            .map_err(self.failed(what))?;
        Ok(StartImage {
            photo,
            index: before + passed.unsigned_abs(),
        })
    }

    /// Why photos are in a state, `failed` or `no_image`: each reason with the ids of `examples` photos
    /// at most, those of the most photos first.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn reasons(&self, state: &str, examples: u32) -> Result<Vec<Reason>> {
        let rows = sqlx::query(
            "SELECT reason, photos, id FROM (
                SELECT COALESCE(error, '') AS reason, id,
                    COUNT(*) OVER (PARTITION BY error) AS photos,
                    ROW_NUMBER() OVER (PARTITION BY error ORDER BY uploaded, id) AS place
                FROM photos WHERE state = $1) AS ended
             WHERE place <= $2 ORDER BY photos DESC, reason, place",
        )
        .bind(state)
        .bind(i64::from(examples))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read why photos failed"))?;
        let mut reasons: Vec<Reason> = Vec::new();
        for row in &rows {
            let text: String = self.column(row, "reason")?;
            let id: PhotoId = self.column(row, "id")?;
            match reasons.last_mut().filter(|reason| reason.text == text) {
                Some(reason) => reason.examples.push(id),
                None => reasons.push(Reason {
                    text,
                    photos: self.column::<i64>(row, "photos")?.unsigned_abs(),
                    examples: vec![id],
                }),
            }
        }
        Ok(reasons)
    }

    /// Photos by state, faces by decision.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
    pub async fn counts(&self) -> Result<Counts> {
        let counts: (i64, i64, i64, i64, i64, i64, i64, i64, i64) = sqlx::query_as(
            "SELECT
                (SELECT COUNT(*) FROM photos),
                (SELECT COUNT(*) FROM photos WHERE state = 'done'),
                (SELECT COUNT(*) FROM photos WHERE state = 'no_image'),
                (SELECT COUNT(*) FROM photos WHERE state = 'failed'),
                (SELECT COUNT(*) FROM photos WHERE state = 'deleted'),
                (SELECT COUNT(*) FROM faces),
                (SELECT COUNT(*) FROM faces WHERE decision IS NULL),
                (SELECT COUNT(*) FROM photos JOIN faces ON photo = photos.id
                    WHERE state = 'deleted'),
                (SELECT COUNT(*) FROM photos JOIN faces ON photo = photos.id
                    WHERE state = 'deleted' AND decision IS NULL)",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(self.failed("count the photos"))?;
        let (photos, done, no_image, failed, deleted, faces, undecided, gone, gone_undecided) =
            counts;
        Ok(Counts {
            photos: photos.unsigned_abs(),
            done: done.unsigned_abs(),
            no_image: no_image.unsigned_abs(),
            failed: failed.unsigned_abs(),
            deleted: deleted.unsigned_abs(),
            faces: (faces - gone).unsigned_abs(),
            undecided: (undecided - gone_undecided).unsigned_abs(),
        })
    }
}

/// Photos that one statement stores: a page of Flickr's. SQLite allows 32,766 values, PostgreSQL 65,535.
const ROWS_A_STATEMENT: usize = 500;
/// Of a photo, in the order of [`bind_listed`].
const LISTED_COLUMNS: usize = 10;

/// `$first, ...`, so many places for values.
pub(super) fn places(first: usize, number: usize) -> String {
    let places: Vec<String> = (first..first + number).map(|n| format!("${n}")).collect();
    places.join(", ")
}

/// Stores so many photos.
fn insert_listed(photos: usize) -> String {
    let row = |photo| {
        format!(
            "({}, 'listed')",
            places(photo * LISTED_COLUMNS + 1, LISTED_COLUMNS)
        )
    };
    let rows: Vec<String> = (0..photos).map(row).collect();
    format!(
        "INSERT INTO photos (id, uploaded, title, url, url_width, url_height, tags, taken, rotation,
            secret, state)
         VALUES {}
         ON CONFLICT (id) DO UPDATE SET uploaded = excluded.uploaded, title = excluded.title,
            url = excluded.url, url_width = excluded.url_width, url_height = excluded.url_height,
            tags = excluded.tags, taken = excluded.taken, rotation = excluded.rotation,
            secret = COALESCE(excluded.secret, photos.secret),
            error = CASE WHEN photos.state = 'deleted' THEN NULL ELSE photos.error END,
            state = CASE WHEN photos.state = 'no_image' THEN 'listed'
                WHEN photos.secret <> excluded.secret OR photos.rotation <> excluded.rotation
                    THEN 'listed'
                WHEN photos.state = 'deleted' AND photos.done_engine IS NULL THEN 'listed'
                WHEN photos.state = 'deleted' THEN 'done' ELSE photos.state END",
        rows.join(", ")
    )
}

type Statement<'q> = sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments>;

fn without_faces<'q>(
    photo: &'q PhotoId,
    worker: Option<&'q str>,
    state: &'static str,
    error: Option<&'q String>,
) -> Statement<'q> {
    sqlx::query(ended!("state = $3, error = $4"))
        .bind(photo)
        .bind(worker)
        .bind(state)
        .bind(error.map(String::as_str))
}

/// The settings that faces depend on, in the order of `where_outdated`.
fn bind_settings<'q>(statement: Statement<'q>, with: &'q Processing) -> Statement<'q> {
    statement
        .bind(i64::from(with.max_size))
        .bind(with.detector.as_str())
        .bind(i64::from(with.upsample))
        .bind(i64::from(with.min_face))
        .bind(with.encoder.as_str())
        .bind(i64::from(with.turned))
}

fn bind_listed<'q>(statement: Statement<'q>, photo: &'q ListedPhoto) -> Statement<'q> {
    let image = photo.image.as_ref();
    statement
        .bind(&photo.id)
        .bind(photo.uploaded)
        .bind(photo.title.as_str())
        .bind(image.map(|image| image.url.as_str()))
        .bind(image.map(|image| i64::from(image.width)))
        .bind(image.map(|image| i64::from(image.height)))
        .bind(photo.tags.join(" "))
        .bind(photo.taken.as_deref())
        .bind(photo.rotation.map(i64::from))
        .bind(photo.secret.as_deref())
}
