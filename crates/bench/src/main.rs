//! How fast the engines are, one beside the other, in one run and in turn.
//!
//! `cargo xtask bench` builds this and tells it where models, library and photos are.

mod compare;
mod detect;
mod encode;
mod photos;
mod pipeline;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use flickr_faces::faces::{
    Detector, Engine, Models, Settings,
    dlib::DlibEngine,
    onnx::{OnnxEngine, Runtime},
};

use crate::compare::Runs;

/// Compare the engines, in turn and in one run
#[derive(Debug, clap::Parser)]
#[command(version)]
struct Arguments {
    /// What to measure
    what: What,

    /// Photos: files, and folders with all below them
    #[arg(required = true, value_name = "PATH")]
    photos: Vec<PathBuf>,

    /// Folder of dlib's model files
    #[arg(long, value_name = "DIR")]
    models: PathBuf,

    /// ONNX Runtime's library
    #[arg(long, value_name = "FILE")]
    library: PathBuf,

    /// Runs of each side that are counted, after one that is not
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(5..))]
    runs: u16,

    /// Threads of each side [default: one per core]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,

    /// Photos are shrunk to this longest side, in pixels
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u32).range(100..))]
    max_size: u32,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum What {
    /// The CNN detector alone
    Detect,
    /// From a face's box to its descriptor
    Encode,
    /// All of `download` but the network: JPEG files in, descriptors stored
    Pipeline,
}

fn main() -> ExitCode {
    match run(&<Arguments as clap::Parser>::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let engines = Engines {
        models: Models::new(&arguments.models),
        runtime: Runtime::load(&arguments.library)?,
        threads: arguments.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, usize::from),
            usize::from,
        ),
    };
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
        What::Detect => detect::detect(&engines, &photos, runs),
        What::Encode => encode::encode(&engines, &photos, runs),
        What::Pipeline => pipeline::pipeline(&engines, &photos, runs),
    }
}

/// The two engines.
struct Engines {
    models: Models,
    runtime: Runtime,
    threads: usize,
}

impl Engines {
    /// dlib, its matrix products on `threads` threads.
    fn dlib(&self, detector: Detector, threads: usize) -> anyhow::Result<Arc<dyn Engine>> {
        let engine = DlibEngine::new(&self.models, settings(detector))?;
        Ok(Arc::new(engine.with_threads(threads)))
    }

    /// ONNX Runtime, on `threads` threads of the CPU for each analyser.
    fn onnx(&self, detector: Detector, threads: usize) -> anyhow::Result<Arc<dyn Engine>> {
        let engine = OnnxEngine::new(&self.models, settings(detector), &self.runtime)?;
        Ok(Arc::new(engine.with_threads(threads)))
    }
}

fn settings(detector: Detector) -> Settings {
    Settings {
        detector,
        ..Settings::default()
    }
}
