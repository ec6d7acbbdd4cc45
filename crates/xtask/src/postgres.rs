//! A PostgreSQL server for the store's tests: its own data folder, its own port, gone at the end.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};

use crate::shell;

/// A running server; stopped and its folder removed when dropped.
pub struct Server {
    bin: PathBuf,
    folder: PathBuf,
    /// Whom PostgreSQL runs as where xtask is root, which it refuses to be.
    user: Option<&'static str>,
    port: u16,
}

impl Server {
    /// Makes a new, empty database cluster and starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// Debian's package `postgresql` is not installed, or a program of it fails.
    pub fn start() -> Result<Self> {
        let id = shell::quiet(Command::new("id").arg("-u")).context("cannot start id")?;
        let user = (id.stdout.trim_ascii() == b"0").then_some("postgres");
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("flickr-faces-postgres-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
        // Free now, and Linux does not hand the same one out again at once.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = Self {
            bin: programs()?,
            folder,
            user,
            port,
        };
        if let Some(user) = user {
            let mut own = Command::new("chown");
            shell::run("chown", own.arg(user).arg(&server.folder))?;
        }
        let data = server.folder.join("data");
        let mut initdb = server.program("initdb");
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--no-sync",
            "--pgdata",
        ]);
        server.silently("initdb", initdb.arg(&data))?;
        server.certify(&data)?;
        server.ask_for_passwords(&data)?;
        let options = format!(
            "-c port={port} -c listen_addresses=127.0.0.1 -c fsync=off -c ssl=on \
             -c unix_socket_directories={}",
            server.folder.display()
        );
        let mut start = server.control(&data);
        start
            .arg("--log")
            .arg(server.folder.join("log"))
            .args(["--options", &options, "start"]);
        server.silently("pg_ctl start", &mut start)?;
        Ok(server)
    }

    /// What a store is opened with.
    pub fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// A certificate for 127.0.0.1 that no authority has signed, where PostgreSQL looks for it.
    fn certify(&self, data: &Path) -> Result<()> {
        let mut openssl = self.command(Path::new("openssl"));
        openssl
            .args([
                "req",
                "-new",
                "-x509",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=a test",
            ])
            .args(["-addext", "subjectAltName=IP:127.0.0.1"])
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-out")
            .arg(data.join("server.crt"))
            .arg("-keyout")
            .arg(data.join("server.key"));
        self.silently("openssl", &mut openssl)
    }

    /// Of the user `secretive` alone; a test of passwords makes it.
    fn ask_for_passwords(&self, data: &Path) -> Result<()> {
        let file = data.join("pg_hba.conf");
        let rules = std::fs::read_to_string(&file)?;
        let first = "host all secretive 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(&file, format!("{first}{rules}"))
            .with_context(|| format!("cannot write {}", file.display()))
    }

    fn program(&self, name: &str) -> Command {
        self.command(&self.bin.join(name))
    }

    fn command(&self, path: &Path) -> Command {
        let mut command = match self.user {
            Some(user) => {
                let mut command = Command::new("runuser");
                command.args(["-u", user, "--"]).arg(path);
                command
            }
            None => Command::new(path),
        };
        // The checkout may be in a folder that the other user cannot enter.
        command.current_dir(&self.folder);
        command
    }

    fn control(&self, data: &Path) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("--wait").arg("--pgdata").arg(data);
        command
    }

    /// Runs a program whose output matters only if it fails. To a file: a server that is started
    /// keeps the pipe open for as long as it runs.
    fn silently(&self, what: &str, command: &mut Command) -> Result<()> {
        let log = self.folder.join("xtask.log");
        let file = std::fs::File::create(&log)?;
        command.stdout(file.try_clone()?).stderr(file);
        let status = command
            .status()
            .with_context(|| format!("cannot start {what}"))?;
        if !status.success() {
            print!("{}", std::fs::read_to_string(&log).unwrap_or_default());
            return Err(shell::Failed::new(what, status).into());
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.control(&self.folder.join("data"));
        let _ = shell::quiet(stop.args(["--mode=immediate", "stop"]));
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Debian keeps PostgreSQL's own programs out of the PATH, by version; the newest is taken.
fn programs() -> Result<PathBuf> {
    let versions = Path::new("/usr/lib/postgresql");
    let newest = std::fs::read_dir(versions)
        .ok()
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file())
        .max();
    newest.with_context(|| {
        format!(
            "no PostgreSQL in {}: install the package postgresql",
            versions.display()
        )
    })
}
