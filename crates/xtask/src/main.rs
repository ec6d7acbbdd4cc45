//! `cargo xtask`: everything about this checkout that is more than one cargo command.
//!
//! Parses, calls, maps the outcome to an exit code. It runs other programs (apt-get, pip, cargo,
//! the project's own) and never does their work. Its dependencies stay few, because it is compiled
//! before anything is installed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod assets;
mod bench;
mod cache;
mod demo;
mod docs;
mod install;
mod openblas;
mod package;
mod packages;
mod postgres;
mod shell;
mod test;
mod workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about)]
struct Args {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Fetch dlib's models, the sample photos and the tests' Python packages
    ///
    /// They go to a cache folder, once: $FLICKR_FACES_CACHE, or else flickr-faces in
    /// $XDG_CACHE_HOME or ~/.cache. Every file is checked by its SHA-256; a damaged one is fetched
    /// again.
    Assets {
        /// ONNX Runtime for NVIDIA's GPUs too, with CUDA's libraries: 1.6 GB
        #[arg(long)]
        cuda: bool,
    },
    /// Install what is missing, then check format, lints and docs and run every test
    Test {
        /// Compare with this folder of reference numbers too [default: ../shared/reference, if there]
        #[arg(long, value_name = "DIR")]
        reference: Option<PathBuf>,
        /// Instead, try the package on bare systems: install it, play the demo's account, remove it
        ///
        /// Needs root, and each system's own mirror.
        #[arg(long, conflicts_with = "reference")]
        package: bool,
        /// The bare systems to try it on
        #[arg(
            long,
            value_name = "NAME",
            value_delimiter = ',',
            requires = "package",
            default_value = "bookworm,trixie,noble"
        )]
        systems: Vec<String>,
    },
    /// Measure the engines, one beside the other, on photos of at most 1024 pixels, or the clustering
    ///
    /// Each comparison ends with a line such as `detect-cnn: ratio 13.4 (onnxruntime 0.119 s, dlib
    /// 1.60 s, 2 threads each)`: medians of runs made in turn, and how many times longer the second
    /// side takes.
    Bench {
        /// What to measure
        what: bench::What,
        /// Photos: files, and folders with all below them [default: the sample photos]
        #[arg(value_name = "PATH")]
        photos: Vec<PathBuf>,
        #[command(flatten)]
        clustering: bench::Clustering,
        /// Runs of each side that are counted, 5 or more
        #[arg(long, default_value_t = 5)]
        runs: u16,
        /// Threads of each side [default: one per core]
        #[arg(long)]
        threads: Option<u16>,
    },
    /// Make the cohort that calibrates the distances of another encoder_model
    ///
    /// Finds and encodes all faces of the photos, best of a thousand people or more, and writes made-up faces, nobody's own,
    /// beside the encoder: `cluster-faces` finds them there.
    Cohort {
        /// The descriptor network, as encoder_model in config.ini names it
        #[arg(long, value_name = "FILE")]
        encoder: PathBuf,
        /// Photos: files, and folders with all below them
        #[arg(value_name = "PATH", required = true)]
        photos: Vec<PathBuf>,
    },
    /// Show the three programs at work on a small Flickr of sample photos
    ///
    /// Installs and fetches what is missing, starts a Flickr of its own on 127.0.0.1, runs
    /// download, cluster-faces and tag-photos, and compares the tags with the truth.
    Demo {
        /// Type the names yourself; the comparison then only reports
        #[arg(long)]
        interactive: bool,
        /// Name in the browser instead; Enter in the terminal goes on
        #[arg(long, conflicts_with = "interactive")]
        web: bool,
        /// Keep the small Flickr running afterwards, until Enter is pressed
        #[arg(long)]
        keep: bool,
    },
    /// Make what people install: a .deb and a .tar.zst, in target/package
    ///
    /// Of a clean checkout; with the programs, dlib's models, ONNX Runtime's library, man pages, completions and all
    /// licences.
    Package {
        /// Build the commit once more in another folder and compare the bytes
        #[arg(long)]
        twice: bool,
    },
    /// Install the three programs to ~/.cargo/bin, with the models and libraries that they need
    Install,
    /// Write docs/cli.md from the programs' own definitions of their arguments
    Docs,
    /// Write man pages of the programs and their subcommands to target/man
    Man,
}

fn main() -> ExitCode {
    let done = match Args::parse().task {
        Task::Assets { cuda } => assets::main(cuda),
        Task::Test {
            package: true,
            systems,
            ..
        } => package::on_bare_systems(&systems),
        Task::Test { reference, .. } => test::main(reference.as_deref()),
        Task::Bench {
            what,
            photos,
            clustering,
            runs,
            threads,
        } => bench::main(what, &photos, &clustering, runs, threads),
        Task::Cohort { encoder, photos } => bench::cohort(&encoder, &photos),
        Task::Demo {
            interactive,
            web,
            keep,
        } => {
            let naming = match (interactive, web) {
                (_, true) => demo::Naming::Web,
                (true, false) => demo::Naming::Typed,
                (false, false) => demo::Naming::Truth,
            };
            demo::main(naming, keep)
        }
        Task::Package { twice } => package::main(twice),
        Task::Install => install::main(),
        Task::Docs => docs::main(),
        Task::Man => docs::man(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            shell::exit_code(&error)
        }
    }
}
