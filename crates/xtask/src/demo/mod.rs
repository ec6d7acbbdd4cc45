//! `cargo xtask demo`: the three programs on a small Flickr, and whether its tags are then right.
//!
//! This file is the order of things; the parts are the small Flickr's process ([`sandbox`]), the page
//! in the browser ([`page`]), and the comparison with the truth ([`truth`]).

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cache::Cache;
use crate::shell::{self, Failed};
use crate::workspace::{self, PROGRAMS, Profile};
use crate::{assets, packages};

mod page;
mod sandbox;
mod truth;

use sandbox::Sandbox;
use truth::Truth;

/// Until the small Flickr must have answered.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The program of the small Flickr.
const SANDBOX: &str = "flickr-sandbox";

/// Who gives the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// The truth is typed, and must come out.
    Truth,
    /// The person types; the comparison only reports.
    Typed,
    /// The person names in the browser; the comparison only reports.
    Web,
}

/// Runs the demo.
///
/// # Errors
///
/// A step fails, or Flickr's tags are not the truth where they should be.
pub fn main(naming: Naming, keep: bool) -> Result<()> {
    packages::ensure(packages::For::Programs)?;
    let (cache, built) = fetched_and_built()?;
    let own = built.clone();
    let programs = Programs::built(built, &cache)?;
    let folder = new_folder()?;
    let played = Played::begin(&programs, &cache, &folder)?;
    drop(cache);
    programs.run("download", &folder, &[], Input::Terminal)?;
    let names = played.truth.names_most_photos_first()?;
    if naming != Naming::Truth {
        println!("\nNow name the people: {}", names.join(", "));
    }
    match naming {
        Naming::Truth => programs.run("cluster-faces", &folder, &[], played.answers()?)?,
        Naming::Typed => programs.run("cluster-faces", &folder, &[], Input::Terminal)?,
        Naming::Web => programs.serve(&folder)?,
    }
    if naming != Naming::Truth && !folder.join("tags.json").exists() {
        println!("\nNobody was named, so there is nothing to write to Flickr.");
        return epilogue(&folder, &own);
    }
    programs.run("tag-photos", &folder, &["plan"], Input::Terminal)?;
    programs.run("tag-photos", &folder, &[], Input::Terminal)?;
    programs.run("tag-photos", &folder, &["verify"], Input::Terminal)?;

    let comparison = played.compare()?;
    println!("\n{comparison}");
    let agree = comparison.agree();
    epilogue(&folder, &own)?;
    if keep {
        wait_for_enter(&played.sandbox)?;
    }
    if !agree && naming == Naming::Truth {
        bail!("the tags on the demo's Flickr are not the truth");
    }
    Ok(())
}

/// What the demo needs, fetched while it is built: the one waits for the network, the other for the processor.
fn fetched_and_built() -> Result<(Cache, workspace::Programs)> {
    let cache = Cache::open()?.quietly();
    let wanted = [&PROGRAMS[..], &[SANDBOX]].concat();
    thread::scope(|scope| {
        let fetched = scope.spawn(|| {
            assets::ensure_for_demo(&cache).inspect_err(|_| {
                println!("Not all could be fetched: why is told when the build has ended.");
            })
        });
        let built = workspace::build_some(Profile::Release, &wanted);
        let fetched = fetched.join();
        fetched.unwrap_or_else(|panic| resume_unwind(panic))?;
        built
    })
    .map(|built| (cache, built))
}

/// The small Flickr with its library, at which the programs are played.
pub struct Played {
    truth: Truth,
    sandbox: Sandbox,
}

impl Played {
    /// Draws the library, starts the small Flickr, and writes a config.ini for it into `folder`.
    ///
    /// # Errors
    ///
    /// A file cannot be written, or the small Flickr does not start.
    pub fn begin(programs: &Programs, cache: &Cache, folder: &Path) -> Result<Self> {
        let library = folder.join("library");
        let truth = make_library(cache, &library, folder)?;
        println!(
            "The demo's library: {} photos and films of {}",
            truth.photos(),
            truth.names_most_photos_first()?.join(" and ")
        );
        let sandbox = Sandbox::start(&programs.sandbox, &library, folder)?;
        println!("A small Flickr runs at {}", sandbox.url());
        write_config(folder, &sandbox)?;
        Ok(Self { truth, sandbox })
    }

    /// The names as they are asked for: the largest cluster comes first, and the library gives each person
    /// another number of photos.
    ///
    /// # Errors
    ///
    /// Two people have the same number of photos.
    pub fn answers(&self) -> Result<Input> {
        Ok(Input::Typed(
            self.truth.names_most_photos_first()?.join("\n") + "\n",
        ))
    }

    /// The tags that the small Flickr has, beside those it should have.
    ///
    /// # Errors
    ///
    /// It does not answer.
    pub fn compare(&self) -> Result<truth::Comparison> {
        Ok(self.truth.compare(&self.found()?))
    }

    /// How many tags the small Flickr has on all photos together.
    ///
    /// # Errors
    ///
    /// It does not answer.
    pub fn tags(&self) -> Result<usize> {
        Ok(self.found()?.values().map(BTreeSet::len).sum())
    }

    fn found(&self) -> Result<truth::ByTitle> {
        truth::tags(&fetch(&format!("{}/sandbox/tags", self.sandbox.url()))?)
    }
}

/// The body of a reply with status 200.
fn fetch(url: &str) -> Result<Vec<u8>> {
    let request = ureq::get(url).config();
    // The small Flickr is on this machine, whatever proxy the environment names.
    let request = request.proxy(None).timeout_global(Some(TIMEOUT)).build();
    let reply = request
        .call()
        .and_then(|reply| reply.into_body().read_to_vec());
    reply.with_context(|| format!("GET {url}"))
}

/// `demo` in cargo's target folder, without what an earlier demo left there.
fn new_folder() -> Result<PathBuf> {
    let folder = workspace::target()?.join("demo");
    let context = || folder.display().to_string();
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(context)?;
    }
    fs::create_dir_all(&folder).with_context(context)?;
    Ok(folder)
}

/// Draws the library; gives the names that belong to each of its photos.
fn make_library(cache: &Cache, library: &Path, folder: &Path) -> Result<Truth> {
    let truth = folder.join("truth.json");
    shell::run(
        "making the demo's library",
        Command::new(cache.python())
            .args(["-c", include_str!("library.py")])
            .arg(cache.root().join("samples"))
            .args([library, &truth]),
    )?;
    Truth::read(&truth)
}

fn write_config(folder: &Path, sandbox: &Sandbox) -> Result<()> {
    let path = folder.join("config.ini");
    fs::write(
        &path,
        config(sandbox.url(), sandbox.key(), sandbox.secret()),
    )
    .with_context(|| path.display().to_string())
}

/// The demo's config.ini. hog: it finds all faces of this library in seconds on two cores, the cnn
/// detector of the dlib engine takes minutes for the same.
fn config(url: &str, key: &str, secret: &str) -> String {
    format!(
        "# Made by cargo xtask demo.\n\
         [faces]\n\
         MAX_SIZE = 640\n\
         DETECTION_METHOD = hog\n\
         \n\
         [flickr]\n\
         api_key = {key}\n\
         api_secret = {secret}\n\
         flickr_url = {url}\n\
         # This Flickr is on the same machine; the real one takes 3600 calls an hour.\n\
         calls_per_hour = 1000000\n\
         # The demo's photos are public. With your own account think first: see the README, Privacy.\n\
         write_to = all\n\
         \n\
         [paths]\n\
         photos = photos\n\
         results = results\n\
         store = faces.sqlite\n"
    )
}

/// Where a program's answers come from.
pub enum Input {
    /// The person who started xtask.
    Terminal,
    /// This text, then the end.
    Typed(String),
}

/// Starts a program of this name in this folder; its arguments follow.
type Start = dyn Fn(&str, &Path) -> Result<Command>;

/// The programs, and how they are started.
pub struct Programs {
    start: Box<Start>,
    sandbox: PathBuf,
}

impl Programs {
    /// Those that `start` starts, with the small Flickr at `sandbox`.
    pub fn new(sandbox: PathBuf, start: impl Fn(&str, &Path) -> Result<Command> + 'static) -> Self {
        Self {
            start: Box::new(start),
            sandbox,
        }
    }

    /// Those of this checkout.
    fn built(built: workspace::Programs, cache: &Cache) -> Result<Self> {
        let sandbox = built.path(SANDBOX)?.to_owned();
        let path = search_path(&sandbox)?;
        let cache = cache.root().to_owned();
        let start = move |name: &str, folder: &Path| {
            let mut command = Command::new(built.path(name)?);
            command
                .current_dir(folder)
                .env("FLICKR_FACES_CACHE", &cache)
                .env("PATH", &path);
            Ok(command)
        };
        Ok(Self::new(sandbox, start))
    }

    /// Runs one of the three with the demo's config.ini, its output as it comes.
    ///
    /// # Errors
    ///
    /// It cannot be started, or it fails.
    pub fn run(&self, name: &str, folder: &Path, arguments: &[&str], input: Input) -> Result<()> {
        let more = arguments.iter().map(|argument| format!(" {argument}"));
        println!(
            "\n== {name}{} --config config.ini",
            more.collect::<String>()
        );
        let mut command = (self.start)(name, folder)?;
        command
            .args(arguments)
            .args(["--config", "config.ini"])
            // Plays the person who approves in a browser. By its name in PATH: a BROWSER with a
            // path that holds a space or a colon would be taken apart.
            .env("BROWSER", "flickr-sandbox approve %s");
        let Input::Typed(text) = input else {
            return shell::run(name, &mut command);
        };
        let mut child = command
            .stdin(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Whether it read all answers shows in what it did: a program that ends early closes
            // the pipe, and its exit code says why.
            let _ = stdin.write_all(text.as_bytes());
        }
        let status = child
            .wait()
            .with_context(|| format!("cannot wait for {name}"))?;
        if !status.success() {
            bail!(Failed::new(name, status));
        }
        Ok(())
    }

    /// Runs cluster-faces web until Enter is pressed, in the person's own browser.
    fn serve(&self, folder: &Path) -> Result<()> {
        println!("\n== cluster-faces web --config config.ini");
        let mut command = (self.start)("cluster-faces", folder)?;
        command.args(["web", "--config", "config.ini"]);
        page::until_enter(command)
    }
}

/// PATH with the folder of flickr-sandbox before all others.
fn search_path(sandbox: &Path) -> Result<OsString> {
    let own = sandbox.parent().map(Path::to_path_buf);
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(own.into_iter().chain(env::split_paths(&path)))
        .context("the folder of the built programs cannot stand in PATH")
}

/// Where the results lie, and how to go on with a real account.
fn epilogue(folder: &Path, programs: &workspace::Programs) -> Result<()> {
    println!("\nThe demo's files are in {}:", folder.display());
    for (name, what) in [
        ("library", "the photos on the small Flickr"),
        ("photos", "the photos as downloaded"),
        ("results", "a picture of each cluster"),
        ("tags.json", "the names with their photos"),
        ("config.ini", "the settings"),
    ] {
        if folder.join(name).exists() {
            println!("  {name:10}  {what}");
        }
    }
    println!("\nThe same with your own account:");
    println!("  mkdir -m 700 ~/faces; cd ~/faces");
    for name in PROGRAMS {
        println!("  {}", programs.path(name)?.display());
        if name == "download" {
            println!("      the first time it asks for your API key, and says where to get one");
        }
    }
    Ok(())
}

fn wait_for_enter(sandbox: &Sandbox) -> Result<()> {
    print!(
        "\nThe small Flickr still runs at {}; Enter ends it. ",
        sandbox.url()
    );
    io::stdout().flush()?;
    io::stdin().read_line(&mut String::new())?;
    Ok(())
}

#[cfg(test)]
mod tests;
