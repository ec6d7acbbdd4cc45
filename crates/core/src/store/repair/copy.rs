//! Copies the rows that can be read, and finds out what is lost.

use std::{collections::HashSet, path::Path};

use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::super::trouble::Trouble;
use crate::files::FileError;

/// What could not be copied.
pub(super) struct Lost {
    /// Whether any row is lost.
    pub rows: bool,
    /// The photos of lost faces; `None` where that cannot be told either.
    pub photos: Option<HashSet<String>>,
}

/// Has SQLite read a file that is shorter than it says: its setting for repairs.
pub(super) async fn read_what_is_there(connection: &mut AnyConnection) -> sqlx::Result<()> {
    sqlx::query("PRAGMA writable_schema = ON")
        .execute(&mut *connection)
        .await?;
    // The first thing that is read is the schema: without it there are no tables.
    sqlx::query("SELECT COUNT(*) FROM sqlite_master")
        .execute(connection)
        .await?;
    Ok(())
}

/// Copies every table of this connection's file from the file at `old`.
pub(super) async fn copy(
    connection: &mut AnyConnection,
    old: &Path,
) -> sqlx::Result<(Vec<(String, u64, u64)>, Lost)> {
    let whole = old.canonicalize().map_err(|error| {
        sqlx::Error::Io(std::io::Error::other(FileError::at(old, "cannot find")(
            error,
        )))
    })?;
    for setting in ["PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF"] {
        sqlx::query(setting).execute(&mut *connection).await?;
    }
    // Before the other file is looked at for the first time.
    read_what_is_there(connection).await?;
    sqlx::query("ATTACH $1 AS old")
        .bind(whole.to_string_lossy().into_owned())
        .execute(&mut *connection)
        .await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
         AND name <> 'store_format' ORDER BY name",
    )
    .fetch_all(&mut *connection)
    .await?;
    let (mut rows, mut lost) = (Vec::new(), false);
    for table in tables {
        // What the tables begin with: the old file has it, too.
        sqlx::query(sql(format!("DELETE FROM main.{table}")))
            .execute(&mut *connection)
            .await?;
        let (copied, unreadable) = copy_table(connection, &table).await?;
        lost |= unreadable > 0;
        rows.push((table, copied, unreadable));
    }
    let faces_lost = rows
        .iter()
        .any(|(table, _, lost)| table == "faces" && *lost > 0);
    let photos = match faces_lost {
        true => photos_of_lost_faces(connection).await,
        false => Some(HashSet::new()),
    };
    sqlx::query("DETACH old").execute(connection).await.ok();
    Ok((rows, Lost { rows: lost, photos }))
}

/// Rows copied at once, at most.
const MOST: i64 = 1 << 12;

/// Row ids tried one by one behind a page that cannot be read; behind those steps are doubled.
const ONE_BY_ONE: i64 = 20_000;

/// Returns how many rows were copied, and of how many row ids nothing could be read.
async fn copy_table(connection: &mut AnyConnection, table: &str) -> sqlx::Result<(u64, u64)> {
    let columns: Vec<String> = sqlx::query(sql(format!(
        "SELECT name FROM pragma_table_info('{table}', 'main')"
    )))
    .fetch_all(&mut *connection)
    .await?
    .iter()
    .map(|row| row.try_get(0))
    .collect::<sqlx::Result<_>>()?;
    let columns = columns.join(", ");
    let copying = format!(
        "INSERT OR IGNORE INTO main.{table} ({columns})
         SELECT {columns} FROM old.{table} WHERE rowid BETWEEN $1 AND $2"
    );
    let (mut copied, mut lost) = (0, 0);
    let (mut next, mut size) = (0, MOST);
    loop {
        match next_row(connection, table, next).await {
            Ok(None) => return Ok((copied, lost)),
            Ok(Some(row)) => {
                let last = row.saturating_add(size - 1);
                let done = sqlx::query(sql(copying.clone()))
                    .bind(row)
                    .bind(last)
                    .execute(&mut *connection)
                    .await;
                match done {
                    Ok(done) => {
                        copied += done.rows_affected();
                        next = last.saturating_add(1);
                        size = (size * 2).min(MOST);
                    }
                    Err(error) if !is_damage(&error) => return Err(error),
                    Err(_) if size > 1 => size /= 2,
                    Err(_) => {
                        lost += 1;
                        next = row.saturating_add(1);
                    }
                }
            }
            Err(error) if !is_damage(&error) => return Err(error),
            Err(_) => match behind_damage(connection, table, next).await? {
                Some(readable) => {
                    lost += readable.abs_diff(next);
                    next = readable;
                }
                // Up to the end, wherever that was.
                None => return Ok((copied, lost + 1)),
            },
        }
    }
}

/// The first row id from `from` on.
async fn next_row(
    connection: &mut AnyConnection,
    table: &str,
    from: i64,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar(sql(format!(
        "SELECT rowid FROM old.{table} NOT INDEXED WHERE rowid >= $1 ORDER BY rowid LIMIT 1"
    )))
    .bind(from)
    .fetch_optional(connection)
    .await
}

/// The first row id behind `from` from which a row can be looked for again.
async fn behind_damage(
    connection: &mut AnyConnection,
    table: &str,
    from: i64,
) -> sqlx::Result<Option<i64>> {
    let (mut unreadable, mut step) = (from, 1);
    loop {
        let Some(at) = unreadable.checked_add(step) else {
            return Ok(None);
        };
        match next_row(connection, table, at).await {
            Ok(_) if step == 1 => return Ok(Some(at)),
            // Between the two it begins.
            Ok(_) => step /= 2,
            Err(error) if !is_damage(&error) => return Err(error),
            Err(_) => {
                unreadable = at;
                if at - from > ONE_BY_ONE {
                    step = step.saturating_mul(2);
                }
            }
        }
    }
}

/// Whether the old file is at fault, and not the new one or its disk.
fn is_damage(error: &sqlx::Error) -> bool {
    matches!(
        Trouble::of(error),
        Some(Trouble::Damaged | Trouble::Disk | Trouble::NotADatabase)
    ) || matches!(
        error,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)
    )
}

/// The photos that had a face by the index of faces, and lack it now. `None` where the index is damaged, too.
async fn photos_of_lost_faces(connection: &mut AnyConnection) -> Option<HashSet<String>> {
    // The index of UNIQUE (photo, number): its entries are read without a look at the table.
    let indexed = sqlx::query_scalar::<_, String>(
        "SELECT DISTINCT was.photo FROM
            (SELECT photo, number FROM old.faces INDEXED BY sqlite_autoindex_faces_2) AS was
         LEFT JOIN main.faces AS found ON found.photo = was.photo AND found.number = was.number
         WHERE found.id IS NULL",
    );
    indexed
        .fetch_all(connection)
        .await
        .ok()
        .map(HashSet::from_iter)
}

/// A statement with names of tables and columns in it. They come from our own schema.
fn sql(text: String) -> AssertSqlSafe<String> {
    AssertSqlSafe(text)
}
