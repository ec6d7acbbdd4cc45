//! How fast the engines and the clustering are, one beside the other, in one run and in turn, and how
//! right the clusters.
//!
//! `cargo xtask bench` builds this and tells it where models, library and photos are.

mod account;
mod cluster;
mod cohort;
mod compare;
mod detect;
mod dlib;
mod encode;
mod engines;
mod made_up;
mod photos;
mod pipeline;
mod profiles;
mod quality;
mod scale;
mod truth;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use flickr_faces::faces::{
    Models,
    onnx::{Runtime, TelemetryOff},
};

use crate::{compare::Runs, engines::Engines};

/// Compare the engines, or the clustering with dlib's, in turn and in one run
#[derive(Debug, clap::Parser)]
#[command(version)]
struct Arguments {
    /// What to measure
    what: What,

    /// Photos: files, and folders with all below them; for quality one folder with johns, portraits and
    /// perhaps groups
    #[arg(value_name = "PATH")]
    photos: Vec<PathBuf>,

    /// Folder of dlib's model files; cluster needs none
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,

    /// ONNX Runtime's library; cluster needs none
    #[arg(long, value_name = "FILE")]
    library: Option<PathBuf>,

    /// For quality: a folder of descriptors of known people, in place of photos
    #[arg(long, value_name = "DIR")]
    people: Option<PathBuf>,

    /// For detect: how many faces are found of those that are in the photos of a folder with groups, johns and portraits;
    /// measures no time but that of looking at photos turned
    #[arg(long)]
    truth: bool,

    /// For detect: what becomes of the faces of photos in other colours than sRGB's, their ICC profiles used and not
    #[arg(long, conflicts_with = "truth")]
    profiles: bool,

    /// For cohort: the descriptor network it is for, a file as encoder_model names it
    #[arg(long, value_name = "FILE")]
    encoder: Option<PathBuf>,

    /// Runs of each side that are counted, after one that is not
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(5..))]
    runs: u16,

    /// Threads of each side [default: one per core]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,

    /// Photos are shrunk to this longest side, in pixels
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(100..))]
    max_size: u32,

    /// How many generated faces cluster goes through
    #[arg(long, value_delimiter = ',', default_value = "20000,100000,1000000")]
    sizes: Vec<usize>,

    /// How many made-up photos scale's accounts have
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000")]
    accounts: Vec<usize>,

    /// Measure cluster or scale with this many faces and print the numbers only
    #[arg(long, hide = true, value_name = "FACES")]
    alone: Option<usize>,

    /// Measure scale's page and print the numbers only
    #[arg(long, hide = true, value_name = "FACES")]
    page: Option<usize>,

    /// Measure scale's download and print the numbers only
    #[arg(long, hide = true, value_name = "PHOTOS")]
    download: Option<usize>,

    /// Fill the store that scale measures
    #[arg(long, hide = true, value_name = "FACES")]
    make: Option<usize>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// The CNN detector alone
    Detect,
    /// From a face's box to its descriptor
    Encode,
    /// All of `download` but the network: JPEG files in, descriptors stored
    Pipeline,
    /// Linking and clustering of generated faces
    Cluster,
    /// How right the clusters of photos of known people are
    Quality,
    /// How start-up, memory, downloads and answers grow with the library
    Scale,
    /// Makes the made-up faces that calibrate another encoder's distances; measures nothing
    Cohort,
}

fn main() -> ExitCode {
    // SAFETY: no thread of this program runs yet; OpenBLAS's, which are there before `main`, wait for work.
    let telemetry = unsafe { TelemetryOff::set() };
    match run(&<Arguments as clap::Parser>::parse(), telemetry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments, telemetry: TelemetryOff) -> anyhow::Result<()> {
    if matches!(arguments.what, What::Cluster) {
        return match arguments.alone {
            Some(size) => cluster::alone(size),
            None => cluster::cluster(&arguments.sizes),
        };
    }
    if matches!(arguments.what, What::Scale) {
        let [folder] = &arguments.photos[..] else {
            return scale::scale(&arguments.accounts, &arguments.sizes);
        };
        if let Some(photos) = arguments.download {
            return scale::download::alone(photos, folder);
        }
        return match (arguments.make, arguments.alone, arguments.page) {
            (Some(size), ..) => scale::make(size, folder.clone()),
            (None, Some(_), _) => scale::alone(folder.clone()),
            (None, None, Some(_)) => scale::page(folder),
            (None, None, None) => bail!("scale takes no photos"),
        };
    }
    if let (What::Quality, Some(folder)) = (arguments.what, &arguments.people) {
        return quality::people(folder);
    }
    let models = arguments.models.as_ref().context("--models is needed")?;
    let library = arguments.library.as_ref().context("--library is needed")?;
    let models = Models::new(models);
    let runtime = Runtime::load(library, telemetry)?;
    if matches!(arguments.what, What::Cohort) {
        let encoder = arguments.encoder.as_ref().context("--encoder is needed")?;
        return cohort::cohort(&models, encoder, &runtime, &arguments.photos);
    }
    let engines = Engines {
        models,
        runtime,
        threads: arguments.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, usize::from),
            usize::from,
        ),
    };
    if matches!(arguments.what, What::Quality) {
        let [folder] = &arguments.photos[..] else {
            bail!("quality takes one folder of photos");
        };
        return quality::quality(&engines, folder);
    }
    if arguments.truth {
        let (What::Detect, [folder]) = (arguments.what, &arguments.photos[..]) else {
            bail!("--truth is for detect and takes one folder of photos");
        };
        return truth::truth(&engines, folder);
    }
    if arguments.photos.is_empty() {
        bail!("no photos are given");
    }
    let runs = Runs(usize::from(arguments.runs));
    let photos = photos::load(&arguments.photos, arguments.max_size)?;
    println!(
        "{} photos, {:.2} million pixels on average, at most {} on a side; {} runs of each side",
        photos.len(),
        photos::megapixels(&photos),
        arguments.max_size,
        arguments.runs,
    );
    match arguments.what {
        What::Detect if arguments.profiles => profiles::profiles(&engines, &photos),
        What::Detect => detect::detect(&engines, &photos, runs),
        What::Encode => encode::encode(&engines, &photos, runs),
        What::Pipeline => pipeline::pipeline(&engines, &photos, runs),
        What::Cluster | What::Quality | What::Cohort | What::Scale => {
            unreachable!("measured above")
        }
    }
}
