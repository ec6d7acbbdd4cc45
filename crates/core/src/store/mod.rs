//! The store: photos, faces, people, the journal of decisions and tag writes, in SQLite or PostgreSQL.
//!
//! Every statement runs on both. Writes are transactions: after any fault the store holds all of a
//! photo's faces or none, and a name that was given is there.
//!
//! Not its job: deciding anything. The steps do that.

mod budget;
mod changes;
mod claims;
mod columns;
mod decisions;
mod error;
mod faces;
mod flickr_writes;
mod hand_edits;
mod journal;
mod listed;
mod lock;
mod logged_writes;
mod naming;
mod open;
mod people;
mod photos;
mod repair;
mod replace;
mod schema;
mod tagging;
mod trouble;
mod write;
mod write_log;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    time::Duration,
};

use sqlx::{Any, AnyPool, AssertSqlSafe, Row, Transaction, any::AnyPoolOptions};
use url::Url;

use self::error::Result;
pub(crate) use self::journal::key_of;
pub(crate) use self::{
    claims::{Claim, LEASE},
    hand_edits::{HandEdit, PhotoFace, Whose},
    listed::Picture,
    people::PersonPhotos,
    tagging::PhotoTitle,
};
pub use self::{
    decisions::{Decided, Decision},
    error::StoreError,
    faces::{FaceState, FoundFace, StoredFace},
    journal::{Entry, Kind, Undone},
    lock::StoreLock,
    naming::FaceInPhoto,
    people::{PersonFace, PersonRow},
    photos::{Counts, ListedImage, ListedPhoto, Outcome, Processing, Reason},
    repair::Repaired,
    trouble::Trouble,
    write::{FlickrWrite, WriteKind, WriteState},
};
pub use crate::ids::{FaceId, JournalId, PersonId, PhotoId};

/// Sets metadata of the whole store.
const SET_METADATA: &str = "INSERT INTO facts (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// An open store. Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    /// The SQLite file; `None` for PostgreSQL.
    file: Option<PathBuf>,
    /// For messages: the file, or the database's address without its password.
    name: String,
    /// The journal file, once it is kept.
    log: Arc<OnceLock<Arc<write_log::WriteLog>>>,
}

impl Store {
    /// Opens the store at `location`, a file or a `postgres://` URL, and makes it where it is not
    /// there. A new file has mode 0600.
    ///
    /// # Errors
    /// Where it cannot be opened, is not a store, or was written by a newer program.
    pub async fn open(location: &str) -> Result<Self> {
        sqlx::any::install_default_drivers();
        if location.starts_with("postgres://") {
            let mut shown = Url::parse(location).ok();
            if let Some(url) = &mut shown {
                url.set_password(None).ok();
            }
            let name = shown.map_or_else(|| "postgres".to_owned(), |url| url.to_string());
            let store = Self::connect(location, None, name).await?;
            store.migrate(schema::MIGRATIONS).await?;
            return Ok(store);
        }
        let path = Path::new(location);
        let address = open::sqlite_address(path)?;
        open::look_first(path, &address).await?;
        let store = Self::connect(&address, Some(path.to_owned()), location.to_owned()).await?;
        store.migrate(schema::MIGRATIONS).await?;
        Ok(store)
    }

    /// A new file with the tables of an older format, or one that is of that format already.
    async fn open_with(path: &Path, migrations: &[&[&'static str]]) -> Result<Self> {
        let address = open::sqlite_address(path)?;
        let name = path.display().to_string();
        let store = Self::connect(&address, Some(path.to_owned()), name).await?;
        store.migrate(migrations).await?;
        Ok(store)
    }

    async fn connect(address: &str, file: Option<PathBuf>, name: String) -> Result<Self> {
        let sqlite = file.is_some();
        let pool = AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(60))
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        for pragma in open::EACH_CONNECTION {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                    }
                    Ok(())
                })
            })
            .connect(address)
            .await
            .map_err(|source| StoreError::Open {
                store: name.clone(),
                source,
            })?;
        Ok(Self {
            pool,
            file,
            name,
            log: Arc::default(),
        })
    }

    async fn migrate(&self, migrations: &[&[&'static str]]) -> Result<()> {
        let what = "set up the store's tables";
        let known = i64::try_from(migrations.len()).unwrap_or(i64::MAX);
        let mut write = self.begin(what).await?;
        self.run(
            &mut write,
            what,
            sqlx::query("CREATE TABLE IF NOT EXISTS store_format (format BIGINT NOT NULL)"),
        )
        .await?;
        let found: Option<i64> = sqlx::query_scalar("SELECT format FROM store_format")
            .fetch_optional(&mut *write)
            .await
            .map_err(self.failed(what))?;
        let format = found.unwrap_or(0);
        if format > known {
            return Err(StoreError::Newer {
                store: self.name.clone(),
                found: format,
                known,
            });
        }
        let blob = if self.file.is_some() { "BLOB" } else { "BYTEA" };
        let done = usize::try_from(format).unwrap_or(0);
        for statement in migrations.iter().skip(done).copied().flatten() {
            // Our own constants, no text from outside.
            let statement = AssertSqlSafe(statement.replace("BLOB", blob));
            self.run(&mut write, what, sqlx::query(statement)).await?;
        }
        let set_format = match found {
            Some(_) => "UPDATE store_format SET format = $1",
            None => "INSERT INTO store_format (format) VALUES ($1)",
        };
        self.run(&mut write, what, sqlx::query(set_format).bind(known))
            .await?;
        write.commit().await.map_err(self.failed(what))
    }

    /// The database and its version, such as `SQLite 3.50.2`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub async fn database(&self) -> Result<String> {
        let select = match self.file {
            Some(_) => "SELECT 'SQLite ' || sqlite_version()",
            None => "SELECT 'PostgreSQL ' || current_setting('server_version')",
        };
        sqlx::query_scalar(select)
            .fetch_one(&self.pool)
            .await
            .map_err(self.failed("read the store"))
    }

    /// The file, or the database's address without its password.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Binds the store to an account at its first use.
    ///
    /// # Errors
    /// [`StoreError::OtherAccount`] where it holds another account's photos.
    pub async fn bind_account(&self, nsid: &str) -> Result<()> {
        match self.account().await? {
            Some(found) if found != nsid => Err(StoreError::OtherAccount {
                store: self.name.clone(),
                found,
                expected: nsid.to_owned(),
            }),
            Some(_) => Ok(()),
            None => self.set_metadata("account", nsid).await,
        }
    }

    /// The account (NSID) whose photos these are; `None` in a new store.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn account(&self) -> Result<Option<String>> {
        self.metadata("account").await
    }

    /// Metadata of the whole store, such as how far the listing has come.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub(crate) async fn metadata(&self, name: &str) -> Result<Option<String>> {
        sqlx::query_scalar("SELECT value FROM facts WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.pool)
            .await
            .map_err(self.failed("read the store"))
    }

    /// Sets metadata of the whole store.
    ///
    /// # Errors
    /// Where the store cannot be written to.
    pub async fn set_metadata(&self, name: &str, value: &str) -> Result<()> {
        sqlx::query(SET_METADATA)
            .bind(name)
            .bind(value)
            .execute(&self.pool)
            .await
            .map_err(self.failed("write to the store"))?;
        Ok(())
    }

    /// Closes the connections, so that SQLite folds its log into the file.
    pub async fn close(self) {
        self.pool.close().await;
    }

    /// Begins a transaction that will write. SQLite takes the write lock at once: a transaction
    /// that first reads and then writes could not be waited for.
    async fn begin(&self, what: &'static str) -> Result<Transaction<'static, Any>> {
        let begin = match self.file {
            Some(_) => "BEGIN IMMEDIATE",
            None => "BEGIN",
        };
        self.pool.begin_with(begin).await.map_err(self.failed(what))
    }

    /// Runs one statement of a transaction; returns the number of rows it changed.
    async fn run(
        &self,
        write: &mut Transaction<'static, Any>,
        what: &'static str,
        statement: sqlx::query::Query<'_, Any, sqlx::any::AnyArguments>,
    ) -> Result<u64> {
        let done = statement
            .execute(&mut **write)
            .await
            .map_err(self.failed(what))?;
        Ok(done.rows_affected())
    }

    fn failed(&self, what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
        let store = self.name.clone();
        move |source| StoreError::Query {
            store,
            what,
            source,
        }
    }

    /// The rows of a query outside of a transaction.
    async fn rows(
        &self,
        what: &'static str,
        query: sqlx::query::Query<'_, Any, sqlx::any::AnyArguments>,
    ) -> Result<Vec<sqlx::any::AnyRow>> {
        let rows = query.fetch_all(&self.pool).await;
        rows.map_err(self.failed(what))
    }

    /// A column of a row.
    fn column<'r, T>(&self, row: &'r sqlx::any::AnyRow, name: &str) -> Result<T>
    where
        T: sqlx::Decode<'r, Any> + sqlx::Type<Any>,
    {
        row.try_get(name).map_err(self.failed("read a row"))
    }
}

#[cfg(test)]
mod tests;
