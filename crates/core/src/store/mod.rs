//! The store: photos, faces, people, the journal of decisions and tag writes, in SQLite or PostgreSQL.
//!
//! Every statement runs on both. Writes are transactions: after any fault the store holds all of a
//! photo's faces or none, and a name that was given is there.
//!
//! Not its job: deciding anything. The steps do that.

mod away;
mod budget;
mod changes;
mod claims;
mod columns;
mod decisions;
mod error;
mod faces;
mod flickr_names;
mod flickr_writes;
mod group_pairs;
mod hand_edits;
mod held;
mod journal;
mod listed;
mod lock;
mod logged_writes;
mod lost;
mod migrate;
mod naming;
mod open;
mod people;
mod photos;
mod pool;
mod repair;
mod replace;
mod schema;
mod server;
mod tagging;
mod together;
mod trouble;
mod waiting;
mod write;
mod write_log;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, Weak, atomic::AtomicU64},
    time::Duration,
};

use sqlx::{Any, Connection, Row, Transaction, any::AnyPoolOptions};
use url::Url;

pub(crate) use self::journal::key_of;
pub use self::{
    away::{GaveUp, Saved},
    decisions::{Decided, Decision},
    error::StoreError,
    faces::{FaceState, FoundFace, StoredFace},
    group_pairs::GroupPair,
    journal::{Entry, Kind, Undone},
    lock::StoreLock,
    naming::FaceInPhoto,
    people::{PersonFace, PersonRow},
    photos::{Counts, ListedImage, ListedPhoto, Outcome, Processing, Reason},
    repair::Repaired,
    together::Together,
    trouble::Trouble,
    write::{FlickrWrite, WriteKind, WriteState},
};
pub(crate) use self::{
    claims::{AFTER_MACHINE, Claim, LEASE},
    flickr_names::FlickrNames,
    group_pairs::{SaidOfFace, Side},
    hand_edits::{HandEdit, PhotoFace, Whose},
    listed::Picture,
    open::beside,
    people::PersonPhotos,
    server::Server,
    tagging::{NamedCrop, PhotoTitle},
};
use self::{error::Result, pool::Pool, server::Health};
use crate::boxed;
pub use crate::ids::{FaceId, JournalId, PersonId, PhotoId};

/// Sets metadata of the whole store.
const SET_METADATA: &str = "INSERT INTO facts (name, value) VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";

/// An open store. Clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Pool,
    /// The SQLite file; `None` for PostgreSQL.
    file: Option<PathBuf>,
    /// For messages: the file, or the database's address without its password.
    name: String,
    /// The journal file, once it is kept.
    log: Arc<OnceLock<Arc<write_log::WriteLog>>>,
    /// That nobody else writes to Flickr, once that is made sure of.
    tagging: Arc<Mutex<Weak<held::Held>>>,
    /// How many entries of the journal of decisions this program has made.
    entries: Arc<AtomicU64>,
}

impl Store {
    /// Opens the store at `location`, a file or a `postgres://` URL, and makes it where it is not
    /// there. A new file has mode 0600.
    ///
    /// # Errors
    /// Where it cannot be opened, is not a store, or was written by a newer program.
    #[boxed]
    pub async fn open(location: &str) -> Result<Self> {
        if let Some(name) = server_of(location) {
            let store = Self::connect(location, None, name).await?;
            return store.of_today().await;
        }
        let path = Path::new(location);
        let address = open::sqlite_address(path)?;
        open::look_first(path, &address).await?;
        let store = Self::connect(&address, Some(path.to_owned()), location.to_owned()).await?;
        store.of_today().await
    }

    /// The same, brought to today's format; where that fails, nothing of it stays open.
    async fn of_today(self) -> Result<Self> {
        if let Err(error) = self.migrate(schema::MIGRATIONS).await {
            self.close().await;
            return Err(error);
        }
        Ok(self)
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
        let (connections, patience) = if sqlite {
            (4, Duration::from_secs(60))
        } else {
            (SERVER_CONNECTIONS, SERVER_PATIENCE)
        };
        let health = Arc::new(Health::default());
        let known = Arc::clone(&health);
        let connections = AnyPoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(patience)
            // To ask before each statement whether the connection lives would take as long again on a server
            // that is far away. One that breaks is told by the statement, which is made again.
            .test_before_acquire(false)
            .before_acquire(move |connection, since| {
                let may_live = known.may_live(since.age, since.idle_for);
                Box::pin(async move {
                    if may_live {
                        return Ok(true);
                    }
                    Ok(connection.ping().await.is_ok())
                })
            })
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    if sqlite {
                        for pragma in open::EACH_CONNECTION {
                            sqlx::query(pragma).execute(&mut *connection).await?;
                        }
                    } else {
                        sqlx::query(PLAN_EACH_TIME)
                            .execute(&mut *connection)
                            .await?;
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
            pool: Pool::new(connections, health),
            file,
            name,
            log: Arc::default(),
            tagging: Arc::default(),
            entries: Arc::default(),
        })
    }

    /// The database and its version, such as `SQLite 3.50.2`.
    ///
    /// # Errors
    /// Where the store cannot be read.
    #[boxed]
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

    /// Whether it is an SQLite file, on this machine alone.
    pub(crate) fn is_file(&self) -> bool {
        self.file.is_some()
    }

    /// The file, or the database's address without its password.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Binds the store to an account at its first use.
    ///
    /// # Errors
    /// [`StoreError::OtherAccount`] where it holds another account's photos.
    #[boxed]
    pub async fn bind_account(&self, nsid: &str) -> Result<()> {
        // Of two first uses at once one is the first.
        sqlx::query(
            "INSERT INTO facts (name, value) VALUES ('account', $1) ON CONFLICT DO NOTHING",
        )
        .bind(nsid)
        .execute(&self.pool)
        .await
        .map_err(self.failed("write to the store"))?;
        match self.account().await? {
            Some(found) if found != nsid => Err(StoreError::OtherAccount {
                store: self.name.clone(),
                found,
                expected: nsid.to_owned(),
            }),
            _ => Ok(()),
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
    #[boxed]
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
    #[boxed]
    pub async fn close(self) {
        self.pool.at_once().close().await;
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
        move |source| StoreError::of(source, &store, what)
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

/// Connections to a server: one for each thing that `download` does there at once.
const SERVER_CONNECTIONS: u32 = 10;
/// A server would keep the plan of a statement's first runs. Made when a library has few photos, it reads all photos
/// for each claim when it has many, until the server happens to look at the table again.
const PLAN_EACH_TIME: &str = "SET plan_cache_mode = force_custom_plan";
/// How long a connection to a server is waited for at once; who can wait on does so, and says it.
const SERVER_PATIENCE: Duration = Duration::from_secs(20);

/// The name of the server at a store's location, where that is no file. From here on there are drivers for both.
fn server_of(location: &str) -> Option<String> {
    sqlx::any::install_default_drivers();
    location
        .starts_with("postgres://")
        .then(|| server_name(location))
}

/// A server's address without the passwords that may be in it.
fn server_name(address: &str) -> String {
    let Ok(mut url) = Url::parse(address) else {
        return "postgres://".to_owned();
    };
    url.set_password(None).ok();
    if url.query().is_some() {
        let shown: Vec<_> = (url.query_pairs())
            .filter(|(key, _)| !key.contains("password"))
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.query_pairs_mut().clear().extend_pairs(shown);
    }
    url.to_string()
}

#[cfg(test)]
mod tests;
