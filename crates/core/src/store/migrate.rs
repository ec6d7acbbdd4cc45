//! A store of an older format becomes one of today's, in place.
//!
//! All is one transaction but for what takes long: in stores of before, pictures and descriptors stand in the faces' rows.
//! They are copied a batch at a time, each kept, so that who breaks it off goes on there; until the transaction drops the
//! old columns, the store is one of its old format, and whole.

use std::{
    ops::RangeInclusive,
    time::{Duration, Instant},
};

use sqlx::{Any, AssertSqlSafe, Transaction};

use super::{Result, Store, StoreError, schema};
use crate::text::{count, grouped};

const WHAT: &str = "set up the store's tables";

/// Faces that are copied in one transaction: some 40 MB.
const BATCH: i64 = 5_000;

/// How often it is said how far the copying is.
const EACH: Duration = Duration::from_secs(5);

impl Store {
    /// Brings the tables to the format of `migrations`. Where that does not end, the store is as it was.
    ///
    /// # Errors
    /// Where it is of a newer format; those of the store.
    pub(super) async fn migrate(&self, migrations: &[&[&'static str]]) -> Result<()> {
        let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
        // Where there are no tables, it is an error.
        let found = sqlx::query_scalar("SELECT format FROM store_format");
        let found: Option<i64> = found.fetch_optional(&self.pool).await.ok().flatten();
        if self.file.is_none() && found == Some(known) {
            // One answer, which may be long on its way, instead of six. A file is written to, to find out whether it can be.
            return Ok(());
        }
        let in_rows = 1..=i64::try_from(schema::BEFORE_FACE_TABLES).unwrap_or(i64::MAX);
        if known > *in_rows.end() && found.is_some_and(|format| in_rows.contains(&format)) {
            self.copy_faces(in_rows, BATCH, EACH).await?;
        }
        let (mut write, found) = self.begin_alone().await?;
        let format = found.unwrap_or(0);
        if format > known {
            return Err(StoreError::Newer {
                store: self.name.clone(),
                found: format,
                known,
            });
        }
        let done = usize::try_from(format).unwrap_or(0);
        for migration in migrations.iter().skip(done) {
            for statement in *migration {
                // Our own constants, no text from outside.
                let statement = AssertSqlSafe(statement.replace("BLOB", self.blob()));
                self.run(&mut write, WHAT, sqlx::query(statement)).await?;
            }
        }
        let set_format = match found {
            Some(_) => "UPDATE store_format SET format = $1",
            None => "INSERT INTO store_format (format) VALUES ($1)",
        };
        self.run(&mut write, WHAT, sqlx::query(set_format).bind(known))
            .await?;
        write.commit().await.map_err(self.failed(WHAT))
    }

    /// A transaction in which nobody else sets up tables, and the store's format, where it has one.
    async fn begin_alone(&self) -> Result<(Transaction<'static, Any>, Option<i64>)> {
        let mut write = self.begin(WHAT).await?;
        if self.file.is_none() {
            // Two first starts on one empty database: one makes the tables, the other finds them.
            let alone = "SELECT pg_advisory_xact_lock(hashtext('flickr-faces tables ' || current_schema()))";
            self.run(&mut write, WHAT, sqlx::query(alone)).await?;
        }
        let make = "CREATE TABLE IF NOT EXISTS store_format (format BIGINT NOT NULL)";
        self.run(&mut write, WHAT, sqlx::query(make)).await?;
        let format = sqlx::query_scalar("SELECT format FROM store_format")
            .fetch_optional(&mut *write)
            .await
            .map_err(self.failed(WHAT))?;
        Ok((write, format))
    }

    /// Copies the faces' pictures and descriptors into tables of their own, `batch` at a time, where the store is of one of
    /// these `formats`. What a run before has copied stays; whether it is still right is for the migration.
    pub(super) async fn copy_faces(
        &self,
        formats: RangeInclusive<i64>,
        batch: i64,
        each: Duration,
    ) -> Result<()> {
        let Some(faces) = self.tables_of_faces(&formats).await? else {
            return Ok(());
        };
        if faces > batch {
            let faces = count(faces, "face", "faces");
            tracing::warn!(
                "{}: is from an older version, its {faces} are written anew. Where that is stopped, it goes on at the next start",
                self.name
            );
        }
        let (mut last, mut copied, mut told) = (String::new(), 0, Instant::now());
        loop {
            let Some(mut write) = self.begin_in(&formats).await? else {
                return Ok(());
            };
            let next = sqlx::query_as(
                "SELECT MAX(id), COUNT(*) FROM (SELECT id FROM faces WHERE id > $1 ORDER BY id LIMIT $2) AS next",
            );
            let next = next.bind(last.as_str()).bind(batch);
            let next = next.fetch_one(&mut *write).await;
            let (Some(until), some): (Option<String>, i64) = next.map_err(self.failed(WHAT))?
            else {
                if faces > batch {
                    tracing::warn!(
                        "{}: all faces are written anew. Their old form is taken out now, in one go, which says nothing until it is done; \
                         where that is stopped, the next start does it again",
                        self.name
                    );
                }
                return Ok(());
            };
            for (table, column) in [("face_crops", "crop"), ("face_descriptors", "descriptor")] {
                let copy = format!(
                    "INSERT INTO {table} (face, {column}) SELECT id, {column} FROM faces WHERE id > $1 AND id <= $2
                     ON CONFLICT (face) DO NOTHING"
                );
                let copy = sqlx::query(AssertSqlSafe(copy));
                let copy = copy.bind(last.as_str()).bind(until.as_str());
                self.run(&mut write, WHAT, copy).await?;
            }
            write.commit().await.map_err(self.failed(WHAT))?;
            (last, copied) = (until, copied + some);
            if told.elapsed() >= each {
                let (copied, faces) = (grouped(copied), grouped(faces));
                tracing::warn!("{}: {copied} of {faces} faces written anew", self.name);
                told = Instant::now();
            }
        }
    }

    /// Makes the tables that faces are copied to, where the store is of one of these formats; how many faces there are.
    async fn tables_of_faces(&self, formats: &RangeInclusive<i64>) -> Result<Option<i64>> {
        let Some(mut write) = self.begin_in(formats).await? else {
            return Ok(None);
        };
        for table in schema::TABLES_OF_FACES {
            let table = AssertSqlSafe(table.replace("BLOB", self.blob()));
            self.run(&mut write, WHAT, sqlx::query(table)).await?;
        }
        let faces = sqlx::query_scalar("SELECT COUNT(*) FROM faces");
        let faces = faces.fetch_one(&mut *write).await;
        let faces = faces.map_err(self.failed(WHAT))?;
        write.commit().await.map_err(self.failed(WHAT))?;
        Ok(Some(faces))
    }

    /// As [`Store::begin_alone`]; `None` where the store is of another format: new, or another program has done it.
    async fn begin_in(
        &self,
        formats: &RangeInclusive<i64>,
    ) -> Result<Option<Transaction<'static, Any>>> {
        let (write, format) = self.begin_alone().await?;
        let is_one = format.is_some_and(|format| formats.contains(&format));
        Ok(is_one.then_some(write))
    }

    /// What bytes are called.
    fn blob(&self) -> &'static str {
        match self.file {
            Some(_) => "BLOB",
            None => "BYTEA",
        }
    }
}
