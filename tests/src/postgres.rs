//! A database of a test's own on a PostgreSQL server that `cargo xtask test` has started, and that server's restart.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

use crate::wait_for;

/// Names the server that tests share.
const SHARED: &str = "FLICKR_FACES_TEST_POSTGRES";

/// Names those that one test at a time has to itself, with blanks between them.
const TO_STOP: &str = "FLICKR_FACES_TEST_POSTGRES_TO_STOP";

/// A database, removed with the server.
#[derive(Debug, Clone)]
pub struct Database {
    url: Url,
    /// Where it is on a server of its own.
    turn: Option<Arc<Turn>>,
}

impl Database {
    /// A new, empty one, on a server that other tests use, too.
    ///
    /// # Panics
    /// Where there is no server.
    pub fn new() -> Self {
        Self::on(&setting(SHARED), None)
    }

    /// A new, empty one on a server that no other test uses until this is dropped, so that it can be stopped.
    ///
    /// # Panics
    /// Where there is no such server.
    pub fn to_be_stopped() -> Self {
        let turn = Turn::take();
        let server = turn.server.clone();
        Self::on(&server, Some(Arc::new(turn)))
    }

    fn on(server: &str, turn: Option<Arc<Turn>>) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let url = Url::parse(server).expect("the server's address");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("t{}_{number}", std::process::id());
        let mut database = Self { url, turn };
        database.run(&format!("CREATE DATABASE {name}"));
        database.url.set_path(&name);
        database
    }

    /// What a store is opened with.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// Runs a statement.
    ///
    /// # Panics
    /// Where it fails.
    pub fn run(&self, statement: &str) {
        wait_for(async {
            let mut connection = self.connect().await;
            sqlx::raw_sql(AssertSqlSafe(statement.to_owned()))
                .execute(&mut connection)
                .await
                .unwrap_or_else(|error| panic!("{statement}: {error}"));
        });
    }

    /// The rows of a query, an object each.
    ///
    /// # Panics
    /// Where it fails.
    pub fn rows(&self, query: &str) -> Vec<Value> {
        wait_for(async {
            let mut connection = self.connect().await;
            let query = format!("SELECT to_json(found)::text FROM ({query}) AS found");
            let rows: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
                .fetch_all(&mut connection)
                .await
                .expect("the query");
            let rows = rows.iter().map(|row| serde_json::from_str(row));
            rows.collect::<Result<_, _>>().expect("JSON")
        })
    }

    /// The one number that a query finds; 0 where its table is not there yet.
    pub fn number(&self, query: &str) -> i64 {
        wait_for(async {
            let mut connection = self.connect().await;
            sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
                .fetch_one(&mut connection)
                .await
                .unwrap_or(0)
        })
    }

    fn text(&self, query: &str) -> String {
        wait_for(async {
            let mut connection = self.connect().await;
            sqlx::query_scalar(AssertSqlSafe(query.to_owned()))
                .fetch_one(&mut connection)
                .await
                .expect("the setting")
        })
    }

    async fn connect(&self) -> PgConnection {
        PgConnection::connect(self.url.as_str())
            .await
            .unwrap_or_else(|error| panic!("{}: {error}", self.url))
    }

    /// Restarts the whole server: all connections are lost.
    ///
    /// # Panics
    /// Where it is not on this machine, or does not come back.
    pub fn restart_server(&self) {
        self.stop_server().start();
    }

    /// Stops the whole server, until it is started again: all connections are lost.
    ///
    /// # Panics
    /// Where other tests use it, too, or it is not on this machine.
    pub fn stop_server(&self) -> StoppedServer {
        assert!(self.turn.is_some(), "others use this server");
        let bin = self.text("SELECT setting FROM pg_config WHERE name = 'BINDIR'");
        let server = StoppedServer {
            control: Path::new(&bin).join("pg_ctl"),
            data: self.data_folder(),
        };
        server.control(&["--mode=fast", "stop"]);
        server
    }

    /// Where the server keeps its files, its certificate among them.
    pub fn data_folder(&self) -> PathBuf {
        self.text("SELECT setting FROM pg_settings WHERE name = 'data_directory'")
            .into()
    }
}

/// A server that is one test's until this is dropped.
#[derive(Debug)]
struct Turn {
    server: String,
}

/// The servers that no test has at the moment; `None` before the first was asked for.
static FREE: Mutex<Option<Vec<String>>> = Mutex::new(None);
static RETURNED: Condvar = Condvar::new();

fn free() -> MutexGuard<'static, Option<Vec<String>>> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Turn {
    /// Waits for a server where all are in use.
    fn take() -> Self {
        let mut free = free();
        loop {
            let servers = free.get_or_insert_with(|| {
                let all = setting(TO_STOP);
                all.split_whitespace().map(str::to_owned).collect()
            });
            if let Some(server) = servers.pop() {
                return Self { server };
            }
            free = RETURNED.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let server = std::mem::take(&mut self.server);
        free().get_or_insert_default().push(server);
        RETURNED.notify_one();
    }
}

fn setting(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run cargo xtask test, which starts PostgreSQL")
    })
}

/// A server that is away.
#[derive(Debug)]
pub struct StoppedServer {
    control: PathBuf,
    data: PathBuf,
}

impl StoppedServer {
    /// Starts it as it was started before.
    ///
    /// # Panics
    /// Where it does not come back.
    pub fn start(self) {
        let file = self.data.join("postmaster.opts");
        let line = fs::read_to_string(&file).expect("what the server was started with");
        // Behind the program: options, each in quotation marks.
        let (_, options) = line.trim().split_once(' ').unwrap_or_default();
        let log = self.data.with_file_name("log");
        let log = log.to_str().expect("a path as text");
        self.control(&["--options", options, "--log", log, "start"]);
    }

    fn control(&self, arguments: &[&str]) {
        // PostgreSQL refuses to be root.
        let root = Command::new("id").arg("-u").output().expect("id runs");
        let mut command = if root.stdout.trim_ascii() == b"0" {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(&self.control);
            command
        } else {
            Command::new(&self.control)
        };
        let status = command
            .args(["--wait", "--pgdata"])
            .arg(&self.data)
            .args(arguments)
            .current_dir("/")
            // The server keeps them for as long as it runs.
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("pg_ctl runs");
        assert!(status.success(), "pg_ctl {arguments:?}: {status}");
    }
}

impl Default for Database {
    fn default() -> Self {
        Self::new()
    }
}
