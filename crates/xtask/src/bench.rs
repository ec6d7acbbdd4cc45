//! `cargo xtask bench`: builds the program that measures and tells it where everything lies.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::cache::Cache;
use crate::postgres::Server;
use crate::workspace::{self, Profile};
use crate::{assets, openblas, packages, shell};

const PROGRAM: &str = "flickr-faces-bench";

/// What can be measured.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum What {
    /// The CNN detector alone
    Detect,
    /// From a face's box to its descriptor
    Encode,
    /// All of `download` but the network, with cnn on both engines, and with hog on one thread and
    /// on all
    Pipeline,
    /// Linking and clustering of generated faces: 20,000 beside dlib, then 100,000 and 1,000,000 alone,
    /// which take minutes
    Cluster,
    /// How right the clusters of known people are, as B-cubed precision, recall and F1
    Quality,
    /// How a download's CPU, start-up, memory and the time from an answer to the next question grow with the library:
    /// accounts of 1,000, 10,000 and 100,000 made-up photos, stores of 10,000, 100,000 and 500,000 made-up faces, which
    /// take half an hour
    Scale,
    /// Three `download`s on one PostgreSQL beside one, with photos that come late; takes minutes
    Machines,
}

/// How the clustering is measured.
#[derive(Debug, clap::Args)]
pub struct Clustering {
    /// For cluster and scale: how many faces [default: 20000,100000,1000000; for scale 10000,100000,500000]
    #[arg(long, value_name = "FACES", value_delimiter = ',')]
    sizes: Vec<usize>,
    /// For scale: how many photos the accounts have [default: 1000,10000,100000]
    #[arg(long, value_name = "PHOTOS", value_delimiter = ',')]
    accounts: Vec<usize>,
    /// For quality: folder with johns and portraits, and perhaps groups [default: ../shared/photos, if
    /// there]
    #[arg(long = "photos", value_name = "DIR")]
    known: Option<PathBuf>,
    /// For quality: folder with descriptors of known people, faces.f32 and faces.json, in place of photos
    #[arg(long, value_name = "DIR", conflicts_with = "known")]
    people: Option<PathBuf>,
    /// For detect: how many faces are found, and how many that are none, in the photos whose faces are known: the same
    /// folder as for quality
    #[arg(long)]
    truth: bool,
    /// For detect: what becomes of the faces of photos in other colours than sRGB's, their ICC profiles used and not
    #[arg(long, conflicts_with = "truth")]
    profiles: bool,
}

/// Measures `what` on `photos`, or on the sample photos where none are given.
///
/// # Errors
///
/// Something cannot be installed, fetched or built, or the measurement fails.
pub fn main(
    what: What,
    photos: &[PathBuf],
    clustering: &Clustering,
    runs: u16,
    threads: Option<u16>,
) -> Result<()> {
    let known = match what {
        What::Detect if clustering.truth => Some(known_people(
            &workspace::root(),
            clustering.known.as_deref(),
        )?),
        What::Quality if clustering.people.is_none() => Some(known_people(
            &workspace::root(),
            clustering.known.as_deref(),
        )?),
        _ => None,
    };
    if matches!(what, What::Machines) {
        return machines();
    }
    packages::ensure(packages::For::Dlib)?;
    let cache = Cache::open()?;
    // Generated faces need neither models nor photos.
    let people = clustering
        .people
        .as_deref()
        .filter(|_| matches!(what, What::Quality));
    let generated = matches!(what, What::Cluster | What::Scale);
    if !generated && people.is_none() {
        assets::ensure(&cache)?;
    }
    let programs = workspace::build(Profile::Bench)?;
    let name = what.to_possible_value().context("nothing to measure")?;
    let mut command = Command::new(programs.path(PROGRAM)?);
    command.arg(name.get_name()).arg(format!("--runs={runs}"));
    if clustering.truth {
        command.arg("--truth");
    }
    if clustering.profiles {
        command.arg("--profiles");
    }
    if let Some(threads) = threads {
        command.arg(format!("--threads={threads}"));
    }
    if generated {
        let sizes = match (&clustering.sizes[..], what) {
            ([], What::Scale) => &[10_000, 100_000, 500_000],
            (sizes, _) => sizes,
        };
        if !sizes.is_empty() {
            let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
            command.arg(format!("--sizes={}", sizes.join(",")));
        }
        if !clustering.accounts.is_empty() {
            let accounts: Vec<String> = clustering.accounts.iter().map(usize::to_string).collect();
            command.arg(format!("--accounts={}", accounts.join(",")));
        }
    } else if let Some(people) = people {
        command.arg("--people").arg(std::path::absolute(people)?);
    } else {
        command
            .arg("--models")
            .arg(assets::models(&cache))
            .arg("--library")
            .arg(assets::onnx_runtime(&cache)?);
    }
    match (what, known) {
        (What::Cluster | What::Scale, _) => {}
        _ if people.is_some() => {}
        (_, Some(known)) => {
            command.arg(known);
        }
        _ if photos.is_empty() => {
            command.args(assets::samples(&cache));
        }
        _ => {
            command.args(photos);
        }
    }
    // A measurement takes minutes, and others may want to fill the cache.
    drop(cache);
    openblas::choose_kernels(&mut command);
    shell::run("the measurement", &mut command)
}

/// Makes the cohort of made-up faces that calibrates the distances of `encoder`, and writes it beside it.
///
/// # Errors
///
/// Something cannot be installed, fetched or built, or there are too few faces in `photos`.
pub fn cohort(encoder: &Path, photos: &[PathBuf]) -> Result<()> {
    packages::ensure(packages::For::Dlib)?;
    let cache = Cache::open()?;
    assets::ensure(&cache)?;
    let programs = workspace::build(Profile::Bench)?;
    let mut command = Command::new(programs.path(PROGRAM)?);
    command
        .arg("cohort")
        .arg("--encoder")
        .arg(std::path::absolute(encoder)?)
        .arg("--models")
        .arg(assets::models(&cache))
        .arg("--library")
        .arg(assets::onnx_runtime(&cache)?)
        .args(photos);
    drop(cache);
    shell::run("the cohort", &mut command)
}

/// The programs against the sandbox and a PostgreSQL server, as their tests run them.
fn machines() -> Result<()> {
    packages::ensure(packages::For::Tests)?;
    let cache = Cache::open()?;
    assets::ensure(&cache)?;
    let server = Server::start()?;
    let mut command = workspace::cargo();
    command
        .args(["test", "--workspace", "--test", "programs", "--"])
        .args(["--ignored", "--nocapture", "machines::bench_machines"])
        .env("FLICKR_FACES_CACHE", cache.root())
        .env("FLICKR_FACES_TEST_POSTGRES", server.address());
    shell::run("the measurement", &mut command)
}

/// The folder given, or `shared/photos` beside the checkout.
fn known_people(root: &Path, given: Option<&Path>) -> Result<PathBuf> {
    let holds_people =
        |folder: &Path| folder.join("johns").is_dir() && folder.join("portraits").is_dir();
    if let Some(given) = given {
        let given = std::path::absolute(given)?;
        if !holds_people(&given) {
            bail!("--photos {}: holds no johns and portraits", given.display());
        }
        return Ok(given);
    }
    let beside = root.parent().map(|parent| parent.join("shared/photos"));
    beside
        .filter(|folder| holds_people(folder))
        .context("no photos of known people: give --photos DIR, with folders johns and portraits")
}
