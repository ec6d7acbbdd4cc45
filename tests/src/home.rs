//! A person's folder: config.ini, the programs run there, and what they say.

use std::{
    env, fs,
    num::NonZeroU32,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use flickr_faces::flickr::{
    AccessToken, ApiKey, Client, ClientConfig, Endpoints, Flickr, token_file,
};
use flickr_faces_terminal::args::cache_folder;
use flickr_sandbox::{FULLNAME, NSID, Options, Perms, Sandbox, USERNAME};
use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;

use crate::programs::{folder, program};

/// Settings for tests of what is done with clusters: small photos, and the original's way to group faces, whose clusters of
/// the sample photos are known.
pub const KNOWN_CLUSTERS: [(&str, &str); 6] = [
    ("MAX_SIZE", "320"),
    ("upsample", "1"),
    ("min_cluster", "2"),
    ("THRESHOLD", "0.6"),
    ("distance", "plain"),
    ("cluster_method", "chinese_whispers"),
];

/// A program that takes longer hangs.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(300);

/// Starts a sandbox.
///
/// # Panics
/// Where it does not start.
pub fn sandbox(options: Options) -> Arc<Sandbox> {
    Arc::new(Sandbox::start(options).expect("the sandbox starts"))
}

/// The client of a sandbox, signed in, without the programs.
///
/// # Panics
/// Where the client cannot be made.
pub fn flickr(sandbox: &Sandbox) -> Flickr {
    flickr_with(
        sandbox,
        ClientConfig {
            calls_per_hour: NonZeroU32::MAX,
            ..ClientConfig::default()
        },
    )
}

/// The same that paces and repeats as `settings` say.
///
/// # Panics
/// Where the client cannot be made.
pub fn flickr_with(sandbox: &Sandbox, settings: ClientConfig) -> Flickr {
    let url = Url::parse(sandbox.base_url()).expect("the sandbox has a URL");
    let endpoints = Endpoints::local(&url).expect("the sandbox is local");
    let client = Client::new(endpoints, api_key(sandbox), settings).expect("a client");
    Flickr::new(Arc::new(client), token(sandbox))
}

fn api_key(sandbox: &Sandbox) -> ApiKey {
    ApiKey::new(sandbox.key(), sandbox.secret())
}

fn token(sandbox: &Sandbox) -> AccessToken {
    let (token, secret) = sandbox.issue_token(Perms::Write);
    AccessToken {
        token: token.into(),
        secret: secret.into(),
        nsid: NSID.to_owned(),
        username: USERNAME.to_owned(),
        fullname: FULLNAME.to_owned(),
    }
}

/// Every file in a folder and below.
///
/// # Panics
/// Where it cannot be looked into.
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(files_below(&path)),
            false => found.push(path),
        }
    }
    found
}

/// A folder with a config.ini for a sandbox; removed when dropped.
#[derive(Debug)]
pub struct Home {
    folder: TempDir,
    /// The Flickr of this home.
    pub sandbox: Arc<Sandbox>,
}

/// What a program that ended has said.
#[derive(Debug, Clone)]
pub struct Run {
    /// Exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Home {
    /// A home whose config.ini has comments and an order of its own; not signed in. `settings` are
    /// further lines of config.ini.
    ///
    /// # Panics
    /// Where a file cannot be written.
    pub fn signed_out(sandbox: &Arc<Sandbox>, settings: &[(&str, &str)]) -> Self {
        let home = Self {
            folder: TempDir::new().expect("a folder for the test"),
            sandbox: Arc::clone(sandbox),
        };
        let mut text = format!(
            "; of a test\n[flickr]\nsecret={}\n  key = {}  \n\nflickr_url = {}\n\
             calls_per_hour = 1000000000\nflickr_lag = 0\nstart_image = 0\n\n# as small as will do\n[faces]\n",
            sandbox.secret(),
            sandbox.key(),
            sandbox.base_url()
        );
        for (key, value) in settings {
            text += &format!("{key} = {value}\n");
        }
        home.write("config.ini", text);
        home
    }

    /// A home that is signed in.
    ///
    /// # Panics
    /// Where a file cannot be written.
    pub fn new(sandbox: &Arc<Sandbox>, settings: &[(&str, &str)]) -> Self {
        let home = Self::signed_out(sandbox, settings);
        home.sign_in();
        home
    }

    /// Puts a token beside config.ini, as a sign-in does.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn sign_in(&self) {
        token_file::save(
            &self.path("config.token.json"),
            &api_key(&self.sandbox),
            &token(&self.sandbox),
        )
        .expect("the token is written");
    }

    /// A file or folder of this home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The file of a photo.
    ///
    /// # Panics
    /// Where `id` is no photo's id.
    pub fn photo(&self, id: &str) -> PathBuf {
        flickr_faces::photo::place(&self.path("photos"), &id.parse().expect("an id"), "jpg")
    }

    /// The home's own folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::write(&path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }

    /// Reads a text file.
    ///
    /// # Panics
    /// Where it cannot be read.
    pub fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Changes the value of a key in config.ini.
    ///
    /// # Panics
    /// Where config.ini has no such line.
    pub fn set(&self, key: &str, value: &str) {
        let start = format!("{key} = ");
        let old = self.read("config.ini");
        assert!(
            old.lines().any(|line| line.starts_with(&start)),
            "no {key} in {old}"
        );
        let lines = old.lines().map(|line| {
            if line.starts_with(&start) {
                format!("{start}{value}\n")
            } else {
                format!("{line}\n")
            }
        });
        self.write("config.ini", lines.collect::<String>());
    }

    /// Writes a tags.json with these people and their photos.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn write_tags(&self, people: &[(&str, &[&str])]) {
        let people: Vec<Value> = people
            .iter()
            .map(|(name, photos)| json!({"name": name, "photos": photos}))
            .collect();
        let file = json!({"version": 1, "account": NSID, "people": people});
        self.write("tags.json", file.to_string());
    }

    /// What tags.json holds.
    ///
    /// # Panics
    /// Where it is no JSON.
    pub fn tags(&self) -> Value {
        serde_json::from_str(&self.read("tags.json")).expect("tags.json is JSON")
    }

    /// Everyone in tags.json, with the ids of their photos, in the order of the file.
    ///
    /// # Panics
    /// Where it is no tags.json.
    pub fn tagged(&self) -> Vec<(String, Vec<String>)> {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let tags = self.tags();
        let people = tags["people"].as_array().expect("a list of people");
        people
            .iter()
            .map(|person| {
                let photos = person["photos"].as_array().expect("a list of photos");
                (text(&person["name"]), photos.iter().map(text).collect())
            })
            .collect()
    }

    /// A built program with this home's config.ini, and little else of this machine around it. The
    /// sandbox's `approve` is its browser.
    ///
    /// # Panics
    /// Where the program is not built, or the PATH cannot hold its folder.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        let path = env::var_os("PATH").unwrap_or_default();
        let own = folder().to_owned();
        let path = env::join_paths([own].into_iter().chain(env::split_paths(&path)));
        command
            .args(["--config", "config.ini"])
            .current_dir(self.folder())
            .env_clear()
            .env("HOME", self.folder())
            .env("FLICKR_FACES_CACHE", cache())
            .env(
                "PATH",
                path.expect("the programs' folder can stand in PATH"),
            )
            .env("BROWSER", "flickr-sandbox approve %s");
        // The sign-in needs its browser.
        program("flickr-sandbox");
        command
    }

    /// The same, started as `link`, which a package installs beside it.
    ///
    /// # Panics
    /// Where the link cannot be made.
    pub fn command_as(&self, link: &str, name: &str) -> Command {
        let program = self.command(name);
        let path = self.path(link);
        if !path.exists() {
            std::os::unix::fs::symlink(program.get_program(), &path).expect("the link is made");
        }
        let mut command = Command::new(path);
        command.args(program.get_args());
        self.surround(&mut command, &program);
        command
    }

    /// Gives a command the folder and the environment of a program.
    fn surround(&self, command: &mut Command, program: &Command) {
        let variables = program.get_envs();
        let set = variables.filter_map(|(name, value)| Some((name, value?)));
        command.current_dir(self.folder()).env_clear().envs(set);
    }

    /// The same, started by a shell that has done something `before`, such as setting a limit.
    pub fn command_after(&self, before: &str, name: &str) -> Command {
        self.shell(&["sh"], before, name)
    }

    /// The same in a mount namespace of its own, where `before` may mount what it likes.
    ///
    /// # Panics
    /// Where this machine has no `unshare`, or does not allow it.
    pub fn command_mounted(&self, before: &str, name: &str) -> Command {
        // As root it takes no user namespace, which some machines forbid.
        let ways = [
            &["unshare", "--map-root-user", "--mount"][..],
            &["unshare", "--mount"],
        ];
        let works = |way: &&&[&str]| {
            let mut trial = Command::new(way[0]);
            let status = trial.args(&way[1..]).arg("true").status();
            status.is_ok_and(|status| status.success())
        };
        let unshare = ways.iter().find(works);
        let unshare = unshare.expect("unshare of util-linux, and to be root or user namespaces");
        self.shell(&[&unshare[..], &["sh"]].concat(), before, name)
    }

    fn shell(&self, shell: &[&str], before: &str, name: &str) -> Command {
        let program = self.command(name);
        let mut command = Command::new(shell[0]);
        command
            .args(&shell[1..])
            .args(["-ec", &format!("{before}\nexec \"$0\" \"$@\"")])
            .arg(program.get_program())
            .args(program.get_args());
        self.surround(&mut command, &program);
        command
    }

    /// Runs a program without input, to its end.
    pub fn run(&self, name: &str, arguments: &[&str]) -> Run {
        self.answer(name, arguments, "")
    }

    /// Runs a program that reads `input`, to its end.
    pub fn answer(&self, name: &str, arguments: &[&str], input: &str) -> Run {
        let mut command = self.command(name);
        command.args(arguments);
        Run::of(command, input)
    }
}

/// The cache folder that `cargo xtask assets` fills, absolute: programs run elsewhere.
pub(crate) fn cache() -> PathBuf {
    std::path::absolute(cache_folder()).expect("this folder has a path")
}

impl Run {
    /// Runs any command.
    ///
    /// # Panics
    /// Where it cannot be run, or hangs.
    pub fn of(command: Command, input: &str) -> Self {
        let output = assert_cmd::Command::from_std(command)
            .write_stdin(input)
            .timeout(TIMEOUT)
            .output()
            .expect("the program runs");
        let text = |bytes| String::from_utf8(bytes).expect("programs write UTF-8");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Checks the exit code.
    ///
    /// # Panics
    /// Where it is another; shows what the program said.
    #[track_caller]
    #[must_use]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Checks that standard error holds all of these texts.
    ///
    /// # Panics
    /// Where one is missing.
    #[track_caller]
    #[must_use]
    pub fn complains(self, texts: &[&str]) -> Self {
        let missing: Vec<_> = texts
            .iter()
            .filter(|text| !self.stderr.contains(**text))
            .collect();
        assert!(missing.is_empty(), "missing {missing:?} in {self}");
        self
    }

    /// Checks that standard output holds all of these texts.
    ///
    /// # Panics
    /// Where one is missing.
    #[track_caller]
    #[must_use]
    pub fn says(self, texts: &[&str]) -> Self {
        let missing: Vec<_> = texts
            .iter()
            .filter(|text| !self.stdout.contains(**text))
            .collect();
        assert!(missing.is_empty(), "missing {missing:?} in {self}");
        self
    }

    /// Standard output as the one JSON object that it must be.
    ///
    /// # Panics
    /// Where it is anything else.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str::<Value>(&self.stdout) {
            Ok(value) if value.is_object() => value,
            other => panic!("no JSON object ({other:?}): {self}"),
        }
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "exit code {:?}\n-- stdout\n{}\n-- stderr\n{}",
            self.code, self.stdout, self.stderr
        )
    }
}
