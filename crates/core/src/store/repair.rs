//! What can still be read of a damaged SQLite file, in a new one that takes its place.
//!
//! Rows are copied table by table in the order of their row ids; where a page cannot be read, those on it are
//! skipped. What they said is made good as far as another place knows it: Flickr lists the photos again, photos
//! whose faces are lost are processed again, and names and writes come back from tags.json and the journal file.
//!
//! Not its job: PostgreSQL, which repairs itself.

mod copy;

use std::{
    fs,
    path::{Path, PathBuf},
};

use sqlx::{AnyConnection, Connection};

use super::{
    Store, StoreError,
    error::Result,
    open::{address, beside, check, is_in_use},
    schema,
};
use crate::boxed;
use crate::files::FileError;

/// What became of a damaged store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// What SQLite had found wrong, or why it could not look.
    pub found: String,
    /// Rows by table: copied, and those that could not be read.
    pub tables: Vec<(String, u64, u64)>,
    /// Photos that are to be processed again.
    pub again: u64,
    /// Where the damaged file is kept.
    pub kept: PathBuf,
}

const WHAT: &str = "repair the store";

impl Store {
    /// What SQLite finds wrong with the structure of its file, three things at most. Reads all of it.
    ///
    /// # Errors
    /// Where it cannot be opened or read.
    #[boxed]
    pub async fn damage(path: &Path) -> Result<Vec<String>> {
        sqlx::any::install_default_drivers();
        look(path).await
    }

    /// Checks the SQLite file and, where it is damaged or `anyway`, puts a new one into its place that has
    /// everything that can be read. The damaged one is kept beside it. `None` where nothing is wrong.
    ///
    /// # Errors
    /// Where nothing can be read of it, another program uses it, or the new file cannot be written; it is then
    /// as it was.
    #[boxed]
    pub async fn repair(path: &Path, anyway: bool) -> Result<Option<Repaired>> {
        sqlx::any::install_default_drivers();
        unused(path)?;
        let found = match look(path).await {
            Ok(problems) if problems.is_empty() && !anyway => return Ok(None),
            Ok(problems) => problems.join("; "),
            Err(error) => error.to_string(),
        };
        let new = beside(path, ".repaired");
        for file in ["", "-wal", "-shm"] {
            remove(&beside(&new, file))?;
        }
        let (tables, again) = rebuild(path, &new).await?;
        // What a program has opened meanwhile must not be taken away from under it.
        unused(path)?;
        let kept = set_aside(path)?;
        fs::rename(&new, path).map_err(FileError::at(path, "cannot replace"))?;
        Ok(Some(Repaired {
            found,
            tables,
            again,
            kept,
        }))
    }
}

/// That no other program uses the file.
fn unused(path: &Path) -> Result<()> {
    match is_in_use(path) {
        false => Ok(()),
        true => Err(StoreError::InUse {
            store: path.display().to_string(),
            by: "program",
        }),
    }
}

async fn look(path: &Path) -> Result<Vec<String>> {
    let failed = |source| StoreError::Open {
        store: path.display().to_string(),
        source,
    };
    let mut connection = AnyConnection::connect(&address(path)?)
        .await
        .map_err(failed)?;
    let problems = check(&mut connection).await;
    connection.close().await.ok();
    problems.map_err(failed)
}

/// Makes the new file. Returns the rows of each table, and how many photos are to be processed again.
async fn rebuild(path: &Path, new: &Path) -> Result<(Vec<(String, u64, u64)>, u64)> {
    let failed = |source| StoreError::Query {
        store: path.display().to_string(),
        what: WHAT,
        source,
    };
    let format = {
        let mut old = AnyConnection::connect(&address(path)?)
            .await
            .map_err(failed)?;
        copy::read_what_is_there(&mut old).await.map_err(failed)?;
        let format = sqlx::query_scalar::<_, i64>("SELECT format FROM store_format");
        let format = format.fetch_optional(&mut old).await;
        old.close().await.ok();
        // Where it cannot be read, as this program would make it.
        format.ok().flatten()
    };
    let format = format.and_then(|format| usize::try_from(format).ok());
    let format = format.unwrap_or(schema::MIGRATIONS.len());
    let Some(migrations) = schema::MIGRATIONS.get(..format) else {
        return Err(StoreError::Newer {
            store: path.display().to_string(),
            found: i64::try_from(format).unwrap_or(i64::MAX),
            known: i64::try_from(schema::MIGRATIONS.len()).unwrap_or(i64::MAX),
        });
    };
    // With the tables of the old file's format: what is newer is made of the rows.
    Store::open_with(new, migrations).await?.close().await;
    let (tables, lost) = {
        let mut both = AnyConnection::connect(&address(new)?)
            .await
            .map_err(failed)?;
        let copied = copy::copy(&mut both, path).await.map_err(failed)?;
        both.close().await.map_err(failed)?;
        copied
    };
    let store = Store::open_with(new, schema::MIGRATIONS).await?;
    let again = store.make_good(&lost).await?;
    store.close().await;
    Ok((tables, again))
}

impl Store {
    /// Makes good what the lost rows leave behind. Returns how many photos are to be processed again.
    async fn make_good(&self, lost: &copy::Lost) -> Result<u64> {
        let mut write = self.begin(WHAT).await?;
        for statement in [
            // Of a photo whose row is lost the next listing says the rest.
            "INSERT INTO photos (id, uploaded, title, state)
                SELECT DISTINCT photo, 0, '', 'listed' FROM faces
                WHERE photo NOT IN (SELECT id FROM photos)",
            // Who it is tags.json may know.
            "UPDATE faces SET decision = NULL, person = NULL, decided = NULL
                WHERE person IS NOT NULL AND person NOT IN (SELECT id FROM people)",
            "DELETE FROM rejections WHERE person NOT IN (SELECT id FROM people)
                OR face NOT IN (SELECT id FROM faces)",
            "DELETE FROM group_pairs WHERE face NOT IN (SELECT id FROM faces)",
            "DELETE FROM person_photos WHERE person NOT IN (SELECT id FROM people)",
            "DELETE FROM face_crops WHERE face NOT IN (SELECT id FROM faces)",
            "DELETE FROM face_descriptors WHERE face NOT IN (SELECT id FROM faces)",
            "DELETE FROM face_heirs WHERE face NOT IN (SELECT id FROM faces)",
            "INSERT INTO journal_last (entry) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM journal_last)",
            "UPDATE journal_last SET entry = MAX(entry,
                (SELECT COALESCE(MAX(id), 0) FROM journal),
                (SELECT COALESCE(MAX(entry), 0) FROM journal_changes))",
            "UPDATE photos SET claimed_by = NULL, claimed_until = NULL",
        ] {
            self.run(&mut write, WHAT, sqlx::query(statement)).await?;
        }
        if lost.rows {
            // The whole account is listed again: see `steps/download/list.rs`.
            let relist = sqlx::query(
                "DELETE FROM facts WHERE name IN ('listed_from', 'listed_max_size', 'changed_from',
                    'listing_complete', 'listing_gaps')",
            );
            self.run(&mut write, WHAT, relist).await?;
        }
        // Names stay with faces that have lost their numbers or picture; their photos bring new ones.
        let without = sqlx::query(
            "UPDATE photos SET state = 'listed' WHERE state = 'done' AND id IN (SELECT photo FROM faces
                WHERE id NOT IN (SELECT face FROM face_descriptors)
                OR id NOT IN (SELECT face FROM face_crops))",
        );
        let without = self.run(&mut write, WHAT, without).await?;
        let again = match &lost.photos {
            Some(photos) => {
                let mut again = 0;
                for photo in photos {
                    let statement = sqlx::query(
                        "UPDATE photos SET state = 'listed' WHERE id = $1 AND state = 'done'",
                    );
                    again += self
                        .run(&mut write, WHAT, statement.bind(photo.as_str()))
                        .await?;
                }
                again + without
            }
            None => {
                let all = sqlx::query("UPDATE photos SET state = 'listed' WHERE state = 'done'");
                self.run(&mut write, WHAT, all).await? + without
            }
        };
        write.commit().await.map_err(self.failed(WHAT))?;
        Ok(again)
    }
}

/// Keeps the damaged file and its log under another name, too, and takes the log from the place where SQLite
/// would apply it to the new file.
fn set_aside(path: &Path) -> Result<PathBuf> {
    let kept = (1..)
        .map(|number| beside(path, &format!(".damaged-{number}")))
        .find(|kept| !kept.exists())
        .unwrap_or_else(|| beside(path, ".damaged"));
    let log = beside(path, "-wal");
    fs::hard_link(path, &kept).map_err(FileError::at(&kept, "cannot make"))?;
    if log.exists() {
        let kept_log = beside(&kept, "-wal");
        fs::hard_link(&log, &kept_log).map_err(FileError::at(&kept_log, "cannot make"))?;
    }
    remove(&log)?;
    remove(&beside(path, "-shm"))?;
    Ok(kept)
}

fn remove(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(FileError::at(path, "cannot remove")(error).into())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
